"""Lists of loci: BED or narrowPeak with a genome, FASTA, or a table of sequences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from seam_core.intervals import Interval, place_of_record
from seam_core.readers.door import Say, existing, lines_of, refused, silent, text_of
from seam_core.readers.fasta import fasta_records, no_letter
from seam_core.readers.genome import Genome
from seam_core.readers.kinds import kind_of
from seam_core.readers.tables import read_frame
from seam_core.validate import InputError

BED_SUFFIXES = (".bed", ".narrowpeak")
FASTA_SUFFIXES = (".fa", ".fasta", ".fna")
TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".pq")
_PACKED = (".gz", ".bgz")
_LONGEST_NAME = 200
_MOST_LETTERS = 10_000_000
# Where more than this share of the places are not in the genome, it may be of another assembly.
_ANOTHER_ASSEMBLY = 0.1
_EXPECTED = "BED, narrowPeak, FASTA or a table"


@dataclass(frozen=True)
class Locus:
    """One place to explain.

    name : as the file has it; unique in a batch
    sequence : letters, upper case, on the strand of `interval`
    interval : where it is; None where unknown
    error : why it cannot be run; empty where it can
    """

    name: str
    sequence: str = ""
    interval: Interval | None = None
    error: str = ""

    @property
    def folder(self) -> str:
        """The name as a folder: letters, digits, dot, dash and underscore."""
        return re.sub(r"[^\w.-]", "_", self.name).lstrip(".") or "_"


def read_loci(
    path: Path | str,
    genome: Path | str | None = None,
    *,
    width: int | None = None,
    say: Say = silent,
) -> list[Locus]:
    """All loci of a file; one that is wrong carries its error, the others are as they should be.

    Raises `InputError` for a file that cannot be read at all.

    Parameters
    ----------
    path : BED or narrowPeak (need `genome`), FASTA, or a table with columns Name and Sequence; all
        also packed (.gz)
    genome : FASTA file
    width : letters of each locus, around the summit of a narrowPeak and else around the middle;
        None: as in the file. For BED and narrowPeak only.
    say : told how names of FASTA records were read as places, and what was renamed
    """
    path = existing(path, "loci", _EXPECTED)
    suffix = suffix_of(path)
    if width is not None and suffix not in BED_SUFFIXES:
        raise InputError("--width", width, "BED or narrowPeak, whose loci have a place", str(path))
    if width is not None and not 1 <= width <= _MOST_LETTERS:
        raise InputError("--width", width, f"1 to {_MOST_LETTERS:,} letters")
    if suffix in BED_SUFFIXES:
        if genome is None:
            raise InputError("--genome", "nothing", "a FASTA file, as the loci are BED", str(path))
        places = _told_apart(list(_from_bed(path, width)), say)
        loci = list(_with_letters(places, Genome(genome, say=say)))
        _say_of_assembly(places, loci, Path(genome).name, say)
    elif suffix in FASTA_SUFFIXES:
        loci = _from_fasta(path, say)
    elif suffix in TABLE_SUFFIXES:
        loci = list(_from_table(path))
    else:
        known = ", ".join(BED_SUFFIXES + FASTA_SUFFIXES + TABLE_SUFFIXES)
        raise refused(kind_of(path), "loci", f"one of {known}", path)
    if not loci:
        raise InputError("loci", "no loci", "one or more", str(path))
    return list(_checked(loci, str(path)))


def suffix_of(path: Path) -> str:
    """The suffix of a file, that of what is packed where it is packed."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if len(suffixes) > 1 and suffixes[-1] in _PACKED:
        return suffixes[-2]
    return suffixes[-1] if suffixes else ""


def _from_fasta(path: Path, say: Say) -> list[Locus]:
    loci, forms = [], Counter[str]()
    for name, letters in fasta_records(path):
        place = place_of_record(name, len(letters))
        loci.append(Locus(name, letters, place.interval if place else None))
        forms.update([place.form] if place else [])
    for form, count in forms.items():
        say(f"{path.name}: places of {count:,} loci are taken from their names, {form}")
    return loci


def _from_bed(path: Path, width: int | None) -> Iterator[Locus]:
    peaks = suffix_of(path) == ".narrowpeak"
    for number, line in enumerate(lines_of(text_of(path, "loci", "BED")), 1):
        line = line.lstrip("\ufeff")
        fields = line.split("\t") if "\t" in line else line.split()
        if not any(fields) or fields[0].startswith(("#", "track", "browser")):
            continue
        try:
            chromosome, start, stop = fields[0].strip(), int(fields[1]), int(fields[2])
            summit = int(fields[9]) if peaks and len(fields) > 9 else -1
            if not 0 <= start < stop < 1 << 40:
                raise ValueError
        except (IndexError, ValueError):
            expected = "BED: chromosome, start, stop; start at least 0 and less than stop"
            error = InputError(f"line {number}", repr(line[:80]), expected, str(path))
            yield Locus(f"line {number}", error=str(error))
            continue
        name = fields[3].strip() if len(fields) > 3 and fields[3].strip() not in ("", ".") else ""
        strand = fields[5] if len(fields) > 5 and fields[5] in ("+", "-") else "+"
        interval = Interval(chromosome, start, stop, strand)
        if width is not None:
            interval = _resized(interval, start + summit if summit >= 0 else None, width)
        yield Locus(name or _place(interval), interval=interval)


def _resized(interval: Interval, centre: int | None, width: int) -> Interval:
    """`width` letters around a position, or around the middle."""
    middle = (interval.start + interval.stop) // 2 if centre is None else centre
    start = middle - width // 2
    return replace(interval, start=start, stop=start + width)


def _place(interval: Interval) -> str:
    return f"{interval.chromosome}_{interval.start}_{interval.stop}"


def _told_apart(loci: list[Locus], say: Say) -> list[Locus]:
    """Loci of one name at several places get their place into the name: "dELS_chr2R_1000_1060"."""
    places: dict[str, set[Interval | None]] = {}
    for locus in loci:
        places.setdefault(locus.name, set()).add(locus.interval)
    shared = {name for name, intervals in places.items() if len(intervals) > 1}
    if shared:
        some = ", ".join(sorted(shared)[:3])
        say(f"{len(shared):,} names ({some}) stand for several places, and get the place behind")
    named = []
    for locus in loci:
        if locus.name in shared and locus.interval is not None:
            strand = "_minus" if locus.interval.strand == "-" else ""
            locus = replace(locus, name=f"{locus.name}_{_place(locus.interval)}{strand}")
        named.append(locus)
    return named


def _with_letters(loci: list[Locus], genome: Genome) -> Iterator[Locus]:
    for locus in loci:
        if locus.interval is None or locus.error:
            yield locus
            continue
        try:
            if len(locus.interval) > _MOST_LETTERS:
                raise InputError(
                    "interval", str(locus.interval), f"at most {_MOST_LETTERS:,} letters"
                )
            yield replace(locus, sequence=genome.fetch(locus.interval))
        except InputError as error:
            yield replace(locus, error=str(error))


def _say_of_assembly(places: list[Locus], loci: list[Locus], genome: str, say: Say) -> None:
    """A word where so many places are not in the genome that it may be of another assembly."""
    asked = sum(1 for locus in places if not locus.error)
    outside = sum(1 for locus in loci if locus.error) - (len(places) - asked)
    if outside > 1 and outside > _ANOTHER_ASSEMBLY * asked:
        say(
            f"{outside:,} of {asked:,} places are not in {genome}; were the loci made with another "
            "assembly?"
        )


def _from_table(path: Path) -> Iterator[Locus]:
    frame = read_frame(path, field="loci", text=True)
    if "Sequence" not in frame:
        have = ", ".join(str(name) for name in frame)
        raise InputError("column Sequence", f"columns {have}", "Sequence", str(path))
    names = frame["Name"] if "Name" in frame else [f"row_{row}" for row in range(len(frame))]
    for name, letters in zip(names, frame["Sequence"], strict=True):
        yield Locus(str(name), letters.strip().upper())


def _checked(loci: Iterable[Locus], source: str) -> Iterator[Locus]:
    """The loci, those that cannot be run with their error; `source` is their file."""
    seen: dict[str, int] = {}
    for locus in loci:
        folder = locus.folder
        times = seen[folder] = seen.get(folder, 0) + 1
        if times > 1:
            error = InputError("name", f"{locus.name} a second time", "one of a name", source)
            yield replace(locus, name=f"{locus.name} ({times})", error=str(error))
        elif locus.error:
            yield locus
        else:
            error_text = _wrong(locus, source)
            yield replace(locus, error=error_text) if error_text else locus


def _wrong(locus: Locus, source: str) -> str:
    """Why the letters of a locus cannot be run; "" where nothing is seen to be wrong."""
    field = f"sequence of {locus.name[:_LONGEST_NAME]}"
    if len(locus.name) > _LONGEST_NAME:
        got = f"a name of {len(locus.name)} letters"
        return str(InputError(field, got, f"at most {_LONGEST_NAME}", source))
    if not locus.sequence:
        return str(InputError(field, "nothing", "letters", source))
    wrong = no_letter(locus.sequence)
    if wrong is not None:
        got = f"{locus.sequence[wrong]!r} at position {wrong}"
        return str(InputError(field, got, "letters only", source))
    if "N" in locus.sequence:
        position = locus.sequence.index("N")
        return str(InputError(field, f"N at position {position}", "known letters only", source))
    return ""
