"""Maps on disk as they come, so that a run that was killed goes on where it stopped.

Beside `maps.npy` lies `maps.npy.journal`: a line that says which run it is and where the maps
begin, then a prediction and a completeness error for each finished sequence. It stays when all are
done: until the maps are saved elsewhere, the same run has them by it.
A batch's maps are in place before its record is; what is in the journal is good.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from seam_core import disk, mapping
from seam_core.validate import InputError

RECORD = np.dtype([("prediction", "<f4"), ("error", "<f4")])


class MapsOnDisk:
    """A .npy file of maps being filled from the first row to the last, once `begin` is called.

    Parameters
    ----------
    out : the .npy file
    shape : (N, W, A)
    fingerprint : hex; a run with another fingerprint starts afresh
    start : position of the sequences that the maps begin at

    Attributes
    ----------
    finished : rows that are done
    scratch : a file that a method may keep what it shares between batches in
    """

    def __init__(
        self, out: Path, shape: tuple[int, int, int], fingerprint: str, start: int = 0
    ) -> None:
        self.out = Path(out)
        self._header = f"{fingerprint} {start}\n".encode("ascii")
        self.records = np.full(shape[0], np.nan, dtype=RECORD)
        self.finished = 0
        self._shape = shape
        self._file: IO[bytes] | None = None
        self._resumed = self._resume()
        self.scratch = beside(self.out, "shared")
        if not self._resumed:
            self.scratch.unlink(missing_ok=True)  # of another run, perhaps of another model

    def begin(self) -> None:
        """Take the room on the disk; raises `InputError` where there is none."""
        try:
            if self._resumed:
                self._go_on()
            else:
                self._maps = disk.new_mapped(self.out, self._shape)
                self.journal.write_bytes(self._header)
            self._file = open(self.journal, "ab")  # noqa: SIM115 - open as long as the run is
        except OSError as error:
            size = 4 * int(np.prod(self._shape, dtype=np.int64)) / 1e6
            got = "no space left on the disk" if disk.is_full(error) else str(error)
            expected = f"{size:.0f} MB that can be written for the maps"
            if not self.finished:
                self.scratch.unlink(missing_ok=True)
            raise InputError("maps", got, expected, str(self.out)) from error

    @property
    def journal(self) -> Path:
        """The file beside the maps."""
        return beside(self.out, "journal")

    def _resume(self) -> bool:
        """What an earlier run of the same has done; False where there is none."""
        try:
            data = self.journal.read_bytes()
            maps = mapping.mapped(self.out)
        except (ValueError, OSError, EOFError):
            return False
        if not data.startswith(self._header):
            return False
        if maps.shape != self._shape or maps.dtype != np.float32:
            return False
        body = data[len(self._header) :]
        self.finished = min(len(body) // RECORD.itemsize, len(maps))
        self.records[: self.finished] = np.frombuffer(body, RECORD, count=self.finished)
        return True

    def _go_on(self) -> None:
        with open(self.out, "rb+") as file:
            disk.reserve(file.fileno(), 0, os.fstat(file.fileno()).st_size)
        self._maps = mapping.mapped(self.out, "r+")
        # A record that was cut short would shift all that follow.
        os.truncate(self.journal, len(self._header) + self.finished * RECORD.itemsize)

    def write(self, maps: np.ndarray, predictions: np.ndarray, errors: np.ndarray | None) -> None:
        """Add the next rows."""
        rows = slice(self.finished, self.finished + len(maps))
        self._maps[rows] = maps
        mapping.check(self._maps, "maps")
        self.records["prediction"][rows] = predictions
        if errors is not None:
            self.records["error"][rows] = errors
        assert self._file is not None
        self._file.write(self.records[rows].tobytes())
        self._file.flush()
        self.finished = rows.stop

    def close(self) -> None:
        """Stop writing; an unfinished run can go on later."""
        if self._file is not None:
            self._file.close()
            self._maps.flush()  # type: ignore[attr-defined]

    def complete(self) -> np.ndarray:
        """The finished maps, memory-mapped read-only; another run that asks for them has them."""
        self.close()
        del self._maps
        self.scratch.unlink(missing_ok=True)
        try:
            return mapping.mapped(self.out)
        except (OSError, ValueError, EOFError) as error:
            raise mapping.ChangedFile("maps", self.out) from error


@dataclass(frozen=True)
class Finished:
    """What an unfinished run has so far.

    maps : (n, W, A), mapped read-only; records : (n,) of `RECORD`
    start : first position of the maps
    total : rows that there will be
    """

    maps: np.ndarray
    records: np.ndarray
    start: int
    total: int


def finished_maps(out: Path) -> Finished | None:
    """Look at the maps that another process is writing; None where there is nothing yet."""
    try:
        header, _, body = beside(Path(out), "journal").read_bytes().partition(b"\n")
        maps = mapping.mapped(out)
        start = int(header.split()[1])
    except (OSError, ValueError, EOFError, IndexError):
        return None  # not begun, or over and cleared away
    n = min(len(body) // RECORD.itemsize, len(maps))
    return Finished(maps[:n], np.frombuffer(body, RECORD, count=n), start, len(maps))


class MapsInMemory:
    """The same for maps that are kept in memory."""

    finished = 0
    scratch = None

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self._maps = np.empty(shape, dtype=np.float32)
        self.records = np.full(shape[0], np.nan, dtype=RECORD)

    def begin(self) -> None:
        """Nothing to do."""

    def write(self, maps: np.ndarray, predictions: np.ndarray, errors: np.ndarray | None) -> None:
        """Add the next rows."""
        rows = slice(self.finished, self.finished + len(maps))
        self._maps[rows] = maps
        self.records["prediction"][rows] = predictions
        if errors is not None:
            self.records["error"][rows] = errors
        self.finished = rows.stop

    def close(self) -> None:
        """Nothing to do."""

    def complete(self) -> np.ndarray:
        """The maps."""
        return self._maps


def beside(out: Path, what: str) -> Path:
    """A file that belongs to the unfinished maps `out`."""
    return out.with_name(f"{out.name}.{what}")
