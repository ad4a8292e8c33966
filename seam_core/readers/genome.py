"""Letters of an interval of a large FASTA file, without keeping all of it."""

from __future__ import annotations

import bisect
import gzip
import shutil
import struct
import weakref
from functools import lru_cache
from pathlib import Path
from threading import RLock
from typing import IO, Any

import numpy as np

from seam_core.intervals import COMPLEMENT, Interval, same_chromosome
from seam_core.readers.door import Say, check_claim, existing, reading, refused, silent
from seam_core.readers.fasta import no_letter
from seam_core.readers.kinds import TEXT, kind_of
from seam_core.scratch import Scratch
from seam_core.validate import InputError

EXPECTED = "a FASTA file, plain or packed"
_LONGEST_HEADER = 1 << 16
_MOST_BLANKS = 64
_LARGEST_BLOCK = 1 << 16  # of bgzip, packed or not
_LOOKED_AT = 64  # blocks of a file, whose index is beside it


def genome_at(path: Path | str) -> Genome:
    """The genome of a file, the same one as long as the file is: its index is looked at once.

    Raises `InputError` as `Genome` does.
    """
    path = existing(path, "genome", EXPECTED).absolute()
    state = path.stat()
    return _kept(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=4)
def _kept(path: Path, mtime_ns: int, size: int) -> Genome:
    return Genome(path)


class Genome:
    """A FASTA file, plain or packed, read through pyfaidx.

    The indices beside it (`.fai`, `.gzi`) are used where they are not older than the file and fit
    what is in it; else it is indexed in a temporary folder: nothing is written beside the file. A
    file packed by `bgzip` is read block by block; one packed by `gzip` is unpacked once.

    Raises `InputError` for a missing, empty or unreadable file, for records whose lines differ in
    width, and for two records of one name.

    Parameters
    ----------
    say : told when an index beside the file does not fit, and when a file has to be unpacked
    """

    def __init__(self, path: Path | str, *, say: Say = silent) -> None:
        self.path = existing(path, "genome", EXPECTED)
        self._say = say
        self._name = str(path)
        scratch = Scratch("seam-genome-")
        self._scratch = scratch.path
        weakref.finalize(self, scratch.close)
        self._checked: set[str] = set()
        self._lock = RLock()
        with reading(path, "genome", EXPECTED):
            kind = kind_of(self.path)
            if kind not in (TEXT, "gzip"):
                raise refused(kind, "genome", EXPECTED, path)
            self._blocks = kind == "gzip" and _is_bgzf(self.path)
            self._file = self._readable(kind)
            self._faidx = self._with_index_beside() or self._indexed()
        if not self._faidx.index:
            raise InputError("genome", "no records", "a FASTA file", str(path))

    def __contains__(self, chromosome: str) -> bool:
        return chromosome in self._faidx.index

    def name_of(self, chromosome: str) -> str:
        """As the file calls a chromosome; the name itself where it has none such."""
        if chromosome in self:
            return chromosome
        others = (name for name in self._faidx.index if same_chromosome(name, chromosome))
        return next(others, chromosome)

    def length(self, chromosome: str) -> int:
        """Letters of a chromosome; `KeyError` for one that is not there."""
        return int(self._faidx.index[chromosome].rlen)

    def fetch(self, interval: Interval) -> str:
        """Letters of an interval, on its strand, in upper case.

        Raises `InputError` for an unknown chromosome and an interval off its ends.
        """
        name = interval.chromosome
        with self._lock, reading(self._name, str(interval), "letters of the genome"):
            if name in self and name not in self._checked:
                if self._own_index and not self._record_fits(name):
                    self._index_anew()
                self._checked.add(name)
            self._check_inside(interval)
            record = self._faidx.fetch(name, interval.start + 1, interval.stop)
        letters = str(record).upper()
        wrong = no_letter(letters)
        if wrong is not None or len(letters) != len(interval):
            got = f"{len(letters)} letters" if wrong is None else f"{letters[wrong]!r}"
            raise InputError(str(interval), got, f"{len(interval)} letters", self._name)
        return letters.translate(COMPLEMENT)[::-1] if interval.strand == "-" else letters

    def _check_inside(self, interval: Interval) -> None:
        if interval.chromosome not in self:
            known = ", ".join(list(self._faidx.index)[:5])
            expected = f"one of the file's: {known} ..."
            raise InputError("chromosome", interval.chromosome, expected, self._name)
        length = self._faidx.index[interval.chromosome].rlen
        if not 0 <= interval.start < interval.stop <= length:
            expected = f"positions 1 to {length}, the length of {interval.chromosome}"
            raise InputError("interval", str(interval), expected, self._name)

    def _readable(self, kind: str) -> Path:
        """The file that pyfaidx reads: this one, or what was unpacked of it."""
        named = self.path.suffix.lower() in (".gz", ".bgz")
        if kind == TEXT and not named:
            return self.path
        if kind == TEXT:
            raise InputError("genome", "text that is not packed, unreadable as .gz",
                             "a packed file, or the name without .gz", self._name)  # fmt: skip
        if self._blocks and named:
            return self.path
        self._blocks = False
        self._say(f"{self.path.name} is unpacked once, as it was not packed by bgzip")
        target = self._scratch / "genome.fa"
        held = self.path.stat().st_size
        with gzip.open(self.path, "rb") as stream, open(target, "wb") as out:
            while part := stream.read(1 << 22):
                out.write(part)
                check_claim(out.tell(), held, "genome", self.path)
        return target

    def _with_index_beside(self) -> Any:
        """pyfaidx with the index beside the file; None where there is none that fits."""
        self._own_index = False
        beside = _beside(self.path, ".fai")
        if self._file != self.path or not beside.is_file():
            return None
        if beside.stat().st_mtime < self.path.stat().st_mtime:
            self._say(f"{beside.name} is older than {self.path.name}, which is indexed anew")
            return None
        try:
            self._faidx = self._opened(beside)
            self._own_index = True
            if self._ends_with_the_file():
                return self._faidx
        except Exception as error:
            if isinstance(error, InputError):
                raise
        self._own_index = False
        self._say(f"{beside.name} is not the index of {self.path.name}, which is indexed anew")
        return None

    def _index_anew(self) -> None:
        self._say(f"{self.path.name}.fai is not its index; it is indexed anew")
        with reading(self._name, "genome", EXPECTED):
            self._faidx = self._indexed()

    def _indexed(self) -> Any:
        """pyfaidx with an index made in the temporary folder."""
        self._own_index = False
        index = self._scratch / "genome.fai"
        index.unlink(missing_ok=True)
        try:
            return self._opened(index)
        except UnicodeDecodeError as error:
            got = f"byte 0x{error.object[error.start]:02x}, which is no letter"
            raise InputError("genome", got, "FASTA text", self._name) from error
        except Exception as error:
            if "consistent" in str(error):
                got = f"lines of several widths ({str(error).split('!')[-1].strip()})"
                raise InputError("genome", got, "one width in a record", self._name) from error
            if "Duplicate key" in str(error):
                got = f"two records {str(error).removeprefix('Duplicate key ')}"
                raise InputError("genome", got, "one of a name", self._name) from error
            if "does not contain a valid sequence" in str(error):
                raise InputError("genome", "no records", "a FASTA file", self._name) from error
            raise

    def _opened(self, index: Path) -> Any:
        from pyfaidx import Faidx

        if not self._blocks:
            return Faidx(str(self._file), indexname=str(index), rebuild=False)
        blocks = _beside(self.path, ".gzi")
        fresh = blocks.is_file() and blocks.stat().st_mtime >= self.path.stat().st_mtime
        if not (fresh and _fits_blocks(blocks, self.path)):
            blocks = self._scratch / "genome.gzi"
            _write_blocks(self.path, blocks)
        return Faidx(
            str(self._file), indexname=str(index), gzi_indexname=str(blocks), rebuild=False
        )

    def _bytes(self, offset: int, size: int) -> bytes:
        """Of the unpacked file."""
        file = self._faidx.file
        if not self._blocks:
            file.seek(offset)
            return bytes(file.read(size))
        from Bio.bgzf import make_virtual_offset

        starts = [block.ustart for block in self._faidx.gzi_index]
        block = self._faidx.gzi_index[max(0, bisect.bisect_right(starts, offset) - 1)]
        if offset - block.ustart > 65535:
            return b""
        file.seek(make_virtual_offset(block.cstart, offset - block.ustart))
        return bytes(file.read(size))

    def _ends_with_the_file(self) -> bool:
        """Does the last record of the index end where the file does?"""
        if not self._faidx.index:
            return False
        last = max(self._faidx.index.values(), key=lambda record: record.offset)
        rest = self._bytes(_end_of(last), _MOST_BLANKS + 1)
        known = self._blocks or _end_of(last) <= self.path.stat().st_size
        return known and len(rest) <= _MOST_BLANKS and not rest.strip()

    def _record_fits(self, name: str) -> bool:
        """Is the record where the index says, with lines of that width?"""
        record = self._faidx.index[name]
        start = max(0, record.offset - _LONGEST_HEADER)
        header = self._bytes(start, record.offset - start)
        line = header[header.rfind(b"\n", 0, len(header) - 1) + 1 :]
        if not line.startswith(b">") or line[1:].split()[:1] != [name.encode()]:
            return False
        if record.rlen > record.lenc:
            end_of_line = self._bytes(record.offset + record.lenc, record.lenb - record.lenc)
            if end_of_line not in (b"\n", b"\r\n"):
                return False
        last = self._bytes(_end_of(record) - 1, 1).strip()
        after = self._bytes(_end_of(record), _MOST_BLANKS)
        return bool(last) and (after[:1] in (b"", b"\n", b"\r")) and (
            not after.strip() or after.strip().startswith(b">")
        )  # fmt: skip


def _end_of(record: Any) -> int:
    """Offset behind the last letter of a record of the index."""
    if not record.rlen:
        return int(record.offset)
    lines = (record.rlen - 1) // max(1, record.lenc)
    return int(record.offset + record.rlen + lines * (record.lenb - record.lenc))


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _is_bgzf(path: Path) -> bool:
    with open(path, "rb") as stream:
        head = stream.read(18)
    return _is_block(head)


def _is_block(head: bytes) -> bool:
    """Are these the first 18 bytes of a block of bgzip?"""
    return len(head) == 18 and head[:4] == b"\x1f\x8b\x08\x04" and head[12:16] == b"BC\x02\x00"


def _fits_blocks(index: Path, path: Path) -> bool:
    """Is a `.gzi` that of the file? All steps are looked at, some blocks, and the end."""
    data = index.read_bytes()
    if len(data) < 8 or len(data) != 8 + 16 * struct.unpack("<Q", data[:8])[0]:
        return False
    starts = np.frombuffer(b"\0" * 16 + data[8:], dtype="<i8").reshape(-1, 2)
    steps = np.diff(starts, axis=0)
    if ((steps <= 0) | (steps > _LARGEST_BLOCK)).any():
        return False
    *some, last = np.unique(np.linspace(0, len(starts) - 1, _LOOKED_AT).astype(np.int64))
    with open(path, "rb") as stream:
        if any(_block_at(stream, starts[each, 0]) != tuple(steps[each]) for each in some):
            return False
        block = _block_at(stream, starts[last, 0])
        after = block and _block_at(stream, starts[last, 0] + block[0])
        return block is not None and (after is None or after[1] == 0)


def _block_at(stream: IO[bytes], start: int) -> tuple[int, int] | None:
    """Bytes of a block of bgzip, and of what is in it; None where no block begins."""
    stream.seek(start)
    head = stream.read(18)
    if not _is_block(head):
        return None
    size = struct.unpack("<H", head[16:])[0] + 1
    stream.seek(start + size - 4)
    end = stream.read(4)
    return (size, struct.unpack("<I", end)[0]) if len(end) == 4 else None


def _write_blocks(path: Path, target: Path) -> None:
    """The `.gzi` of a bgzip file, in htslib's format: all blocks but the first and the last."""
    from Bio.bgzf import BgzfBlocks

    with open(path, "rb") as stream:
        blocks = [(start, unpacked) for start, _, unpacked, size in BgzfBlocks(stream) if size]
    with open(target, "wb") as out:
        out.write(struct.pack("<Q", max(0, len(blocks) - 1)))
        for start, unpacked in blocks[1:]:
            out.write(struct.pack("<QQ", start, unpacked))
    shutil.copystat(path, target)
