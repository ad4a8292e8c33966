"""Letters of an interval of a large FASTA file, without keeping all of it."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from seam_core.intervals import COMPLEMENT, Interval
from seam_core.validate import InputError


@dataclass(frozen=True)
class _Record:
    length: int
    offset: int
    line_letters: int
    line_bytes: int


class Genome:
    """A FASTA file, plain or packed (.gz), and its index: the `.fai` beside it, or one made by
    reading the file once.

    Raises `InputError` for a missing, empty or unreadable file, and for records whose lines differ
    in width.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        if not self.path.is_file():
            raise InputError("genome", "no such file", "a FASTA file", str(path))
        index = self.path.with_name(self.path.name + ".fai")
        fresh = index.is_file() and index.stat().st_mtime >= self.path.stat().st_mtime
        try:
            self._records = self._read_index(index) if fresh else self._scan()
        except (OSError, EOFError, zlib.error, ValueError) as error:
            raise InputError("genome", f"unreadable ({error})", "FASTA text", self._name) from error
        if not self._records:
            raise InputError("genome", "no records", "a FASTA file", str(path))

    def __contains__(self, chromosome: str) -> bool:
        return chromosome in self._records

    def fetch(self, interval: Interval) -> str:
        """Letters of an interval, on its strand, in upper case.

        Raises `InputError` for an unknown chromosome and an interval off its ends.
        """
        record = self._records.get(interval.chromosome)
        if record is None:
            known = ", ".join(list(self._records)[:5])
            expected = f"one of the file's: {known} ..."
            raise InputError("chromosome", interval.chromosome, expected, self._name)
        if not 0 <= interval.start < interval.stop <= record.length:
            raise InputError(
                "interval",
                str(interval),
                f"positions 1 to {record.length}, the length of {interval.chromosome}",
                self._name,
            )
        ends = (interval.start, interval.stop - 1)
        first, last = (self._offset(record, position) for position in ends)
        with self._opened() as stream:
            stream.seek(first)
            data = stream.read(last - first + 1)
        letters = b"".join(data.split()).decode("ascii").upper()
        return letters.translate(COMPLEMENT)[::-1] if interval.strand == "-" else letters

    def _opened(self) -> BinaryIO | gzip.GzipFile:
        if self.path.suffix == ".gz":
            return gzip.open(self.path, "rb")
        return open(self.path, "rb")

    @property
    def _name(self) -> str:
        return str(self.path)

    @staticmethod
    def _offset(record: _Record, position: int) -> int:
        lines, letters = divmod(position, record.line_letters)
        return record.offset + lines * record.line_bytes + letters

    def _read_index(self, index: Path) -> dict[str, _Record]:
        records = {}
        for line in index.read_text(encoding="ascii").splitlines():
            name, *numbers = line.split("\t")
            records[name] = _Record(*(int(number) for number in numbers[:4]))
        return records

    def _scan(self) -> dict[str, _Record]:
        records: dict[str, _Record] = {}
        name, offset, length, letters, width, ragged = "", 0, 0, 0, 0, False
        position = 0
        with self._opened() as stream:
            for line in stream:
                position += len(line)
                if line.startswith(b">"):
                    if name:
                        records[name] = _Record(length, offset, letters or 1, width or 1)
                    name = line[1:].split()[0].decode("ascii") if line[1:].split() else "?"
                    offset, length, letters, width, ragged = position, 0, 0, 0, False
                    continue
                here = len(line.strip())
                if letters and (ragged or here > letters) and here:
                    raise InputError(
                        f"record {name}", "lines of several widths", "one width", self._name
                    )
                letters, width = (letters or here), (width or len(line))
                ragged = here < letters
                length += here
        if name:
            records[name] = _Record(length, offset, letters or 1, width or 1)
        return records
