"""Answers as an annotated VCF, sorted, packed and indexed: for bcftools, pysam and browsers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from seam_core.disk import discard
from seam_core.intervals import COMPLEMENT, Interval
from seam_core.product import NAME
from seam_core.scratch import Scratch
from seam_core.validate import InputError, first_line
from seam_core.variants.alleles import SINGLE
from seam_core.variants.interpreter import Answer, Interpreter
from seam_core.variants.reading import pysam_module
from seam_core.variants.sites import FATES
from seam_core.variants.spool import Spool

PREFIX = "SEAM_"
_SORT_MEMORY = "8M"
# chromosome, position from 1, REF, ALT, INFO, ID
_Row = tuple[str, int, str, str, dict[str, Any], str]
_FLOATS = {
    "EFFECT": "Change of the model's activity, alternative less reference",
    "REF_ACTIVITY": "Activity of the reference sequence",
    "ALT_ACTIVITY": "Activity of the alternative sequence",
    "LIBRARY_EFFECT": "Mean difference of the library's sequences with and without the letters",
    "LIBRARY_LOW": "Lower end of the 95 % interval of SEAM_LIBRARY_EFFECT",
    "LIBRARY_HIGH": "Upper end of the 95 % interval of SEAM_LIBRARY_EFFECT",
    "CONFIDENCE": "How sure the alternative's mechanism is, 0 to 1",
    "CONFIDENCE_LOW": "Lower end of the 95 % interval of SEAM_CONFIDENCE",
    "CONFIDENCE_HIGH": "Upper end of the 95 % interval of SEAM_CONFIDENCE",
    "MOVED": "Share of the way to the nearest other mechanism",
    "MOVED_LOW": "Lower end of the 95 % interval of SEAM_MOVED",
    "MOVED_HIGH": "Upper end of the 95 % interval of SEAM_MOVED",
}
_TEXTS = {
    "VERDICT": "preserves, disrupts, creates; and silent, tunes, reprograms; joined by |",
    **{f"SITES_{fate.upper()}": f"Sites {fate}, joined by |" for fate in FATES if fate != "kept"},
    "MOTIF_REF": "Known motif at the changed letters, before",
    "MOTIF_ALT": "Known motif at the changed letters, after",
    "OUTCOME": "Why the allele was not answered",
    "LOCUS": "Session that answered",
}
_INTEGERS = {
    "POSITION": "0-based position in the session's sequence",
    "REF_MECHANISM": "Mechanism of the reference",
    "ALT_MECHANISM": "Mechanism of the alternative",
}


class VcfRows:
    """Gathers the single alleles of one session or several, in a file while they are many.

    Each alternative allele is a row of its own, as after `bcftools norm -m-`. Haplotypes and pairs
    have no place in a VCF. Variants that count positions of the sequence get their place from the
    session's locus; without one the sequence itself, under the session's name, is the chromosome.
    """

    def __init__(self) -> None:
        self._rows = Spool()
        self._lengths: dict[str, int] = {}

    def add(
        self, name: str, locus: Interval | None, interpreter: Interpreter, answers: Iterable[Answer]
    ) -> None:
        """Answers of the session of that name, and its place."""
        for answer in answers:
            row = _row(name, locus, interpreter, answer)
            if row is not None:
                end = row[1] + len(row[2])
                self._long(row[0], max(end, 0 if locus is None else locus.stop))
                self._rows.add(row)

    def add_file(self, path: Path) -> None:
        """The rows of a file that was written here."""
        with pysam_module().VariantFile(str(path)) as file:
            for name, contig in file.header.contigs.items():
                self._long(name, contig.length or 0)
            for record in file:
                info = {
                    key.removeprefix(PREFIX): value[0] if isinstance(value, tuple) else value
                    for key, value in record.info.items()
                }
                letters = (record.ref, record.alts[0])
                self._rows.add((record.chrom, record.pos, *letters, info, record.id or ""))

    def _long(self, chromosome: str, length: int) -> None:
        self._lengths[chromosome] = max(self._lengths.get(chromosome, 0), length)

    def write(self, path: Path) -> Path:
        """Write them, sorted, as `path` (.vcf.gz) with `path`.tbi.

        Raises `InputError` where the file cannot be written.
        """
        pysam = pysam_module()
        partial = path.with_name(f".{path.name}.part.vcf.gz")
        try:
            with Scratch("seam-variants-") as folder:
                with pysam.VariantFile(
                    str(folder / "rows.bcf"), "wb", header=_header(pysam, self._lengths)
                ) as file:
                    for row in self._rows:
                        file.write(_record(file, row))
                _sort(folder / "rows.bcf", partial, folder)
            pysam.tabix_index(str(partial), preset="vcf", force=True)
            partial.replace(path)
            partial.with_name(partial.name + ".tbi").replace(path.with_name(path.name + ".tbi"))
        except (OSError, ValueError) as error:
            expected = "a file that can be written"
            raise InputError("variants", first_line(error), expected, str(path)) from error
        finally:
            discard(partial)
            discard(partial.with_name(partial.name + ".tbi"))
        return path


def _sort(rows: Path, target: Path, folder: Path) -> None:
    """By bcftools, which takes little memory however many there are."""
    import pysam.bcftools

    options = ["-m", _SORT_MEMORY, "-T", str(folder / "sort"), "-O", "z", "-o", str(target)]
    try:
        pysam.bcftools.sort(*options, str(rows), catch_stdout=False)
    except pysam.SamtoolsError as error:
        raise OSError(f"bcftools sort: {first_line(error)}") from error


def _header(pysam: Any, lengths: dict[str, int]) -> Any:
    header = pysam.VariantHeader()
    header.add_line(f"##source={NAME}")
    for name, length in lengths.items():
        header.contigs.add(name, length=length)
    header.info.add("END", 1, "Integer", "Last position of REF, for symbolic alleles")
    for kinds, kind in ((_FLOATS, "Float"), (_INTEGERS, "Integer"), (_TEXTS, "String")):
        for key, text in kinds.items():
            number = "A" if kind != "String" else "1"
            header.info.add(PREFIX + key, number, kind, text)
    return header


def _record(file: Any, row: _Row) -> Any:
    chrom, pos, ref, alt, info, name = row
    start, stop = pos - 1, pos - 1 + len(ref)
    record = file.new_record(
        contig=chrom, start=start, stop=stop, alleles=(ref, alt), id=name or None
    )
    for key, value in info.items():
        if value is None or value == "" or value != value:
            continue
        record.info[PREFIX + key] = value if isinstance(value, str) else (value,)
    return record


def _row(
    name: str, locus: Interval | None, interpreter: Interpreter, answer: Answer
) -> _Row | None:
    allele = answer.allele
    if allele.kind != SINGLE:
        return None
    if allele.chrom:
        chrom, pos, ref, alt = allele.chrom, allele.pos, allele.ref, allele.alt
    else:
        placed = _placed(name, locus, interpreter, answer)
        if placed is None:
            return None
        chrom, pos, ref, alt = placed
    if not re.fullmatch(r"[ACGTN]+", ref) or not re.fullmatch(r"[ACGTN]+|\*|<[^<>\s]+>", alt):
        return None  # VCF has no letters but these
    return chrom, pos, ref, alt, _info(name, interpreter, answer), _identifier(allele.name)


def _placed(
    name: str, locus: Interval | None, interpreter: Interpreter, answer: Answer
) -> tuple[str, int, str, str] | None:
    """Place and letters of a variant that counts positions of the sequence."""
    if not answer.allele.edits:
        return None
    (edit,) = answer.allele.edits
    letters = interpreter.ground.letters.replace("U", "T")
    start, ref, alt = edit.start, edit.ref.replace("U", "T"), edit.alt.replace("U", "T")
    turned = locus is not None and locus.strand == "-"
    if not ref or not alt:
        # one letter before it, on the chromosome's strand
        if (edit.stop >= len(letters)) if turned else (start == 0):
            return None
        if turned:
            ref, alt = ref + letters[edit.stop], alt + letters[edit.stop]
        else:
            start -= 1
            ref, alt = letters[start] + ref, letters[start] + alt
    if locus is None:
        return _contig(name), start + 1, ref, alt
    if not turned:
        return locus.chromosome, locus.start + start + 1, ref, alt
    ref, alt = (text.translate(COMPLEMENT)[::-1] for text in (ref, alt))
    return locus.chromosome, locus.stop - start - len(ref) + 1, ref, alt


def _info(name: str, interpreter: Interpreter, answer: Answer) -> dict[str, Any]:
    info: dict[str, Any] = {"LOCUS": _text(name)}
    if not answer.answered:
        return {**info, "OUTCOME": _text(answer.allele.why)}
    info |= {
        "POSITION": answer.allele.position,
        "EFFECT": answer.effect,
        "REF_ACTIVITY": float(interpreter.reference.activity[0]),
        "ALT_ACTIVITY": answer.activity,
        "LIBRARY_EFFECT": answer.library.effect,
        "LIBRARY_LOW": answer.library.low,
        "LIBRARY_HIGH": answer.library.high,
        "CONFIDENCE": answer.confidence,
        "CONFIDENCE_LOW": answer.confidence_interval[0],
        "CONFIDENCE_HIGH": answer.confidence_interval[1],
        "MOVED": answer.moved,
        "MOVED_LOW": answer.moved_interval[0],
        "MOVED_HIGH": answer.moved_interval[1],
        "REF_MECHANISM": interpreter.mechanism,
        "ALT_MECHANISM": answer.mechanism,
        "VERDICT": _text(answer.verdict.replace(" and ", "|").replace(", ", "|")),
        "MOTIF_REF": _text(answer.motifs[0]),
        "MOTIF_ALT": _text(answer.motifs[1]),
    }
    for fate in FATES:
        names = [each.site for each in answer.fates if each.fate == fate and each.counts]
        if names and fate != "kept":
            info[f"SITES_{fate.upper()}"] = "|".join(map(_text, names))
    return info


def _text(text: str) -> str:
    """As a value of INFO may be: no blanks, semicolons, commas or equal signs."""
    return re.sub(r"[\s;=,]+", "_", text.strip())


def _contig(name: str) -> str:
    """As a chromosome of VCF may be called: no blanks, commas, quotes, brackets, colons."""
    return re.sub(r"[^0-9A-Za-z!#$%&+./?@^_|~-]+", "_", name.strip()) or "sequence"


def _identifier(text: str) -> str:
    return "" if ":" in text else re.sub(r"[\s;<>]+", "_", text.strip())
