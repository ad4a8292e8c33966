"""Genomic intervals: `chr2R:5,876,534-5,876,782` out of a FASTA file of any size."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from seam_core.validate import InputError

_PATTERN = re.compile(
    r"^\s*(?P<record>\S+?):(?P<start>[\d,_]+)-(?P<stop>[\d,_]+)\s*(?P<strand>[+-]?)"
)
_COMPLEMENT = str.maketrans("ACGTURYSWKMBDHVN", "TGCAAYRSWMKVHDBN")


@dataclass(frozen=True)
class Interval:
    """A stretch of a record; 1-based and inclusive, as genome browsers write it.

    strand : "+" or "-" (the reverse complement)
    """

    record: str
    start: int
    stop: int
    strand: str = "+"

    def __len__(self) -> int:
        return self.stop - self.start + 1

    def __str__(self) -> str:
        minus = "-" if self.strand == "-" else ""
        return f"{self.record}:{self.start}-{self.stop}{minus}"


def parse_interval(text: str) -> Interval:
    """`record:start-stop`, optionally with a strand behind it; commas in numbers are allowed.

    Raises `InputError` for another form, or a start beyond the stop.
    """
    found = _PATTERN.fullmatch(text.strip())
    expected = "record:start-stop, 1-based and inclusive, for example chr2R:5876534-5876782"
    if found is None:
        raise InputError("interval", repr(text), expected)
    start, stop = (int(re.sub(r"[,_]", "", found[key])) for key in ("start", "stop"))
    if not 1 <= start <= stop:
        raise InputError("interval", f"{start} to {stop}", expected)
    return Interval(found["record"], start, stop, found["strand"] or "+")


def read_interval(path: Path | str, interval: Interval) -> str:
    """The letters of an interval, in upper case; the file is read line by line.

    Parameters
    ----------
    path : FASTA, plain or packed (.gz)

    Raises
    ------
    InputError
        No such file or record, or a record that ends before the interval does.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError("FASTA file", "no such file", "a FASTA file", str(path))
    try:
        with _opened(path) as stream:
            letters = _letters(stream, interval, path)
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise InputError("FASTA file", f"unreadable ({error})", "FASTA text", str(path)) from error
    if interval.strand == "-":
        letters = letters.translate(_COMPLEMENT)[::-1]
    return letters


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="ascii")
    return open(path, encoding="ascii")


def _letters(stream: IO[str], interval: Interval, path: Path) -> str:
    inside, seen = False, 0
    parts: list[str] = []
    for line in stream:
        if line.startswith(">"):
            if inside:
                break
            words = line[1:].split()
            inside = bool(words) and words[0] == interval.record
            continue
        if not inside:
            continue
        text = line.strip()
        first, last = interval.start - 1 - seen, interval.stop - seen
        if first < len(text):
            parts.append(text[max(0, first) : last])
        seen += len(text)
        if seen >= interval.stop:
            return "".join(parts).upper()
    if not inside:
        raise InputError("record", interval.record, "a record of the file", str(path))
    raise InputError(
        "interval", f"{interval.start}-{interval.stop}", f"positions 1 to {seen}", str(path)
    )
