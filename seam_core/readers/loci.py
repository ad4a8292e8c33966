"""The loci of a batch: from BED with a genome, FASTA, or a table of sequences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from seam_core.readers.genome import Genome
from seam_core.intervals import Interval, interval_of_record
from seam_core.readers.tables import fasta_records
from seam_core.validate import InputError

BED_SUFFIXES = (".bed",)
FASTA_SUFFIXES = (".fa", ".fasta", ".fna")
TABLE_SUFFIXES = (".csv", ".tsv", ".txt")


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


def read_loci(path: Path | str, genome: Path | str | None = None) -> list[Locus]:
    """All loci of a file; one that is wrong carries its error, the others are as they should be.

    Parameters
    ----------
    path : BED (needs `genome`), FASTA, or a table with columns Name and Sequence
    genome : FASTA file

    Raises `InputError` for a file that cannot be read at all.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError("loci", "no such file", "BED, FASTA or a table", str(path))
    suffix = path.suffix.lower()
    if suffix in BED_SUFFIXES:
        if genome is None:
            raise InputError("--genome", "nothing", "a FASTA file, as the loci are BED", str(path))
        loci = list(_from_bed(path, Genome(genome)))
    elif suffix in FASTA_SUFFIXES:
        loci = [
            Locus(name, letters, interval_of_record(name, len(letters)))
            for name, letters in fasta_records(path)
        ]
    elif suffix in TABLE_SUFFIXES:
        loci = list(_from_table(path))
    else:
        known = ", ".join(BED_SUFFIXES + FASTA_SUFFIXES + TABLE_SUFFIXES)
        raise InputError("loci", f"a {suffix or 'nameless'} file", f"one of {known}", str(path))
    if not loci:
        raise InputError("loci", "no loci", "one or more", str(path))
    return list(_checked(loci, str(path)))


def _from_bed(path: Path, genome: Genome) -> Iterator[Locus]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        fields = line.split("\t") if "\t" in line else line.split()
        if not fields or fields[0].startswith(("#", "track", "browser")):
            continue
        try:
            chromosome, start, stop = fields[0], int(fields[1]), int(fields[2])
        except (IndexError, ValueError):
            expected = "BED: chromosome, start, stop"
            error = InputError(f"line {number}", repr(line), expected, str(path))
            yield Locus(f"line {number}", error=str(error))
            continue
        name = fields[3] if len(fields) > 3 and fields[3] not in ("", ".") else ""
        strand = fields[5] if len(fields) > 5 and fields[5] in ("+", "-") else "+"
        interval = Interval(chromosome, start, stop, strand)
        locus = Locus(name or f"{chromosome}_{start}_{stop}", interval=interval)
        try:
            yield replace(locus, sequence=genome.fetch(interval))
        except InputError as error:
            yield replace(locus, error=str(error))


def _from_table(path: Path) -> Iterator[Locus]:
    import pandas as pd

    separator = "," if path.suffix.lower() == ".csv" else "\t"
    try:
        frame = pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError("loci", f"unreadable text ({error})", "a table", str(path)) from error
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
        times = seen[locus.folder] = seen.get(locus.folder, 0) + 1
        if times > 1:
            error = InputError("name", f"{locus.name} a second time", "one of a name", source)
            yield replace(locus, name=f"{locus.name} ({times})", error=str(error))
        elif locus.error:
            yield locus
        else:
            yield replace(locus, error=_wrong(locus, source))


def _wrong(locus: Locus, source: str) -> str:
    """Why the letters of a locus cannot be run; "" where nothing is seen to be wrong."""
    field = f"sequence of {locus.name}"
    if not locus.sequence:
        return str(InputError(field, "nothing", "letters", source))
    if "N" in locus.sequence:
        position = locus.sequence.index("N")
        return str(InputError(field, f"N at position {position}", "known letters only", source))
    return ""
