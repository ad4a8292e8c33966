"""Variants from files: VCF and BCF, packed or not, indexed or not; tables; typed ones."""

from __future__ import annotations

import contextlib
import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from seam_core.intervals import Interval, same_chromosome
from seam_core.product import install_command
from seam_core.readers.door import check_claim, existing, reading
from seam_core.readers.tables import read_in_parts
from seam_core.scratch import Scratch
from seam_core.validate import InputError, MissingPackageError, first_line
from seam_core.variants.alleles import Genotype, Row
from seam_core.variants.notation import typed, whole

EXPECTED = "VCF, BCF, or a table with chrom, pos, ref, alt or with position and letter"
_CALLED_VCF = re.compile(r"\.(vcf|bcf)(\.b?gz)?$", re.IGNORECASE)
_NAMES = {
    "chrom": ("chrom", "#chrom", "chromosome", "chr", "contig"),
    "pos": ("pos", "pos_1", "start1"),
    "position": ("position", "index"),
    "ref": ("ref", "reference", "reference_allele"),
    "alt": ("alt", "alternative", "alternate", "alternate_allele"),
    "letter": ("letter", "to", "mutant"),
    "variant": ("variant", "mutation", "id"),
}


@dataclass
class Counts:
    """What was read.

    rows : of the file that were looked at
    other_chromosomes, outside : of them, those of other chromosomes, and of the sequence's beyond
        the window
    indexed : only the rows of the window were read, by the file's index
    """

    rows: int = 0
    other_chromosomes: int = 0
    outside: int = 0
    indexed: bool = False
    names: set[str] = field(default_factory=set)

    def passes(self, chrom: str, pos: int, length: int, window: Interval | None) -> bool:
        """Does a row (its first position counted from 1) touch the window? Counts it."""
        self.names.add(chrom)
        same = window is not None and same_chromosome(chrom, window.chromosome)
        inside = (
            window is not None and pos - 1 < window.stop and pos - 1 + max(1, length) > window.start
        )
        self.other_chromosomes += not same
        self.outside += same and not inside
        return same and inside


def read_variants(
    path: Path | str, window: Interval | None, counts: Counts | None = None
) -> Iterator[Row]:
    """The rows of a file that touch the window, one after another.

    Parameters
    ----------
    window : where the sequence lies; None: rows that count positions of the sequence only
    counts : filled in as rows are read

    Raises
    ------
    InputError
        No such file, another kind of file, a damaged one; VCF without a place of the sequence.
    MissingPackageError
        VCF without pysam.
    """
    path = check_file(path)
    counts = counts if counts is not None else Counts()
    if _is_vcf(path):
        if window is None:
            raise InputError(
                "variants",
                "VCF, and a session that does not know where its sequence lies",
                "the option --locus, as chr2R:5876534-5876782; or a table with position and letter",
                str(path),
            )
        yield from _of_vcf(path, window, counts)
    else:
        yield from _of_table(path, window, counts)


def check_file(path: Path | str) -> Path:
    """The file, of which there may be variants in; to be told before anything long is done.

    Raises `InputError` for none, an empty one, and one that is called VCF and is none.
    """
    path = existing(path, "variants", EXPECTED)
    if _CALLED_VCF.search(path.name) and not _is_vcf(path):
        expected = "##fileformat=VCF or packed BCF, as the file's name says"
        raise InputError("variants", "another first line", expected, str(path))
    return path


def _is_vcf(path: Path) -> bool:
    with reading(path, "variants", EXPECTED), open(path, "rb") as stream:
        head = stream.read(2)
        stream.seek(0)
        if head == b"\x1f\x8b":
            with gzip.open(stream) as unpacked:
                head = unpacked.read(64)
        else:
            head = stream.read(64)
    return head[:3] == b"BCF" or head.lstrip(b"\xef\xbb\xbf").startswith(b"##fileformat=VCF")


def pysam_module() -> Any:
    """pysam, quiet; `MissingPackageError` where it is not installed."""
    try:
        import pysam
    except ImportError as error:
        raise MissingPackageError(f"VCF needs pysam: {install_command('variants')}") from error
    pysam.set_verbosity(0)
    return pysam


def _of_vcf(path: Path, window: Interval, counts: Counts) -> Iterator[Row]:
    pysam = pysam_module()
    number = 0
    try:
        with _seekable(path) as seekable, pysam.VariantFile(str(seekable)) as file:
            for record in _records(file, window, counts):
                number += 1
                counts.rows += 1
                if counts.passes(record.chrom, record.pos, len(record.ref or ""), window):
                    yield _row(record, number)
    except (InputError, GeneratorExit):
        raise
    except Exception as error:
        got = f"unreadable after row {number} ({first_line(error, 160)})"
        raise InputError("variants", got, EXPECTED, str(path)) from error


@contextlib.contextmanager
def _seekable(path: Path) -> Iterator[Path]:
    """The file, or what was unpacked of one that gzip packed and not bgzip: htslib goes back."""
    with open(path, "rb") as stream:
        head = stream.read(18)
    if head[:2] != b"\x1f\x8b" or (head[3] == 4 and head[12:16] == b"BC\x02\x00"):
        yield path
        return
    with Scratch("seam-variants-") as folder:
        target = folder / "variants.vcf"
        with gzip.open(path, "rb") as packed, open(target, "wb") as out:
            while part := packed.read(1 << 22):
                out.write(part)
                check_claim(out.tell(), path.stat().st_size, "variants", path)
        yield target


def _records(file: Any, window: Interval, counts: Counts) -> Iterator[Any]:
    """Those of the window by the index, where there is one; else all."""
    names = [name for name in file.header.contigs if same_chromosome(name, window.chromosome)]
    indexed = False
    with contextlib.suppress(ValueError, OSError):
        indexed = file.index is not None
    if not indexed:
        yield from file
        return
    counts.indexed = True
    for name in names:
        with contextlib.suppress(ValueError):  # a name of the header without rows
            yield from file.fetch(name, max(0, window.start - 1), window.stop + 1)


def _row(record: Any, number: int) -> Row:
    genotypes = []
    for name, sample in record.samples.items():
        alleles = sample.get("GT")
        if alleles is not None:
            genotypes.append(Genotype(str(name), tuple(alleles), bool(sample.phased)))
    alts = tuple(str(alt).upper() for alt in record.alts or ())
    ref = str(record.ref or "").upper()
    name = record.id or ""
    return Row(number, record.chrom, record.pos, ref, alts, name, tuple(genotypes))


def _of_table(path: Path, window: Interval | None, counts: Counts) -> Iterator[Row]:
    for frame in read_in_parts(path, field="variants"):
        columns = _columns([str(name) for name in frame.columns])
        placed = {"chrom", "pos", "alt"} <= set(columns)
        counted = "position" in columns and bool({"letter", "alt"} & set(columns))
        if not (placed or counted or "variant" in columns):
            got = "columns " + ", ".join(map(str, frame.columns[:8]))
            raise InputError("variants", got, EXPECTED, str(path))
        for values in zip(*(frame[name] for name in columns.values()), strict=True):
            counts.rows += 1
            cells = {key: str(cell).strip() for key, cell in zip(columns, values, strict=True)}
            row = _row_of_cells(cells, counts.rows, placed, counted)
            if not row.chrom or counts.passes(row.chrom, row.pos, len(row.ref), window):
                yield row


def _columns(names: list[str]) -> dict[str, str]:
    columns = {}
    for key, known in _NAMES.items():
        for name in names:
            if name.strip().lower() in known and key not in columns:
                columns[key] = name
    return columns


def _row_of_cells(cells: dict[str, str], number: int, placed: bool, counted: bool) -> Row:
    name = cells.get("variant", "")
    try:
        if placed:
            pos = whole(cells["pos"])
            alts = tuple(alt.strip().upper() for alt in cells["alt"].split(","))
            return Row(number, cells["chrom"], pos, cells.get("ref", "").upper(), alts, name)
        if counted:
            alt = (cells.get("letter") or cells.get("alt", "")).upper()
            pos = whole(cells["position"])
            return Row(number, "", pos, cells.get("ref", "").upper(), (alt,), name)
        return replace(typed(name), number=number)
    except ValueError as error:
        said = " ".join(cells.values())[:60]
        return Row(number, "", -1, "", (), name or said, error=f"{said!r}: {first_line(error, 80)}")
