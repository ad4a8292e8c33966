"""Files mapped into memory that other programs may cut off meanwhile.

Reading a page that a mapped file no longer has ends the process (SIGBUS), whoever reads: NumPy, a
compiled loop, a thread of BLAS. Here the page becomes zeros instead and the fault is noted; who
made something of the numbers asks `check` before believing it. What a file is when it is mapped is
remembered too, so that `check` also finds one that was rewritten in place. `rest_on` puts a copy
of the file, which nobody else knows of, under arrays that are in use.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import mmap
import os
import sys
import threading
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from seam_core.validate import InputError, SeamError

_MAP_SHARED, _MAP_FIXED = 0x1, 0x10
_SA_SIGINFO = 0x40 if sys.platform == "darwin" else 4
# files of fewer bytes are not worth loading a compiler for
WORTH_MAPPING = 1 << 20
_AS_IT_WAS = "the file as it was when it was opened; nothing made from it since is kept"


class ChangedFile(InputError):
    """A file that another program cut off or wrote into while it was mapped."""

    def __init__(self, field: str, path: Path) -> None:
        got = "a file that changed on the disk while it was in use"
        super().__init__(field, got, _AS_IT_WAS, str(path))


@dataclass
class _Known:
    """A mapped file.

    slot : its place in the table, -1 for none
    stamp : what it was when it was mapped; None for one that is being written
    """

    path: Path
    slot: int
    stamp: tuple[int, ...] | None


_known: weakref.WeakKeyDictionary[mmap.mmap, _Known] = weakref.WeakKeyDictionary()
_lost: dict[Path, None] = {}
_guard = threading.RLock()


def mapped(path: Path | str, mode: str = "r") -> np.ndarray:
    """A `.npy` file, mapped; small ones are read where they are not to be written.

    Raises `OSError`, `ValueError` or `EOFError` where it is none.
    """
    path = Path(path)
    if mode == "r" and path.stat().st_size < WORTH_MAPPING:
        array = np.load(path, allow_pickle=False)
        array.setflags(write=False)
        return array
    return guarded(np.load(path, mmap_mode=mode, allow_pickle=False))  # type: ignore[arg-type]


def guarded(array: np.ndarray) -> np.ndarray:
    """The same memory map, whose faults are noted instead of ending the process."""
    whole = _map_of(array)
    if whole is None or whole in _known:
        return array
    path = Path(array.filename)  # type: ignore[attr-defined]
    writable = array.mode != "r"  # type: ignore[attr-defined]
    slot = _take_slot(whole, writable) if sys.platform != "win32" else -1
    known = _Known(path, slot, None if writable else _stamp(path))
    with _guard:
        _known[whole] = known
    weakref.finalize(whole, _forget, known).atexit = False
    return array


def check(array: np.ndarray, field: str) -> None:
    """Raise `ChangedFile` where `array` is mapped from a file that is not what it was."""
    whole = _map_of(array)
    known = None if whole is None else _known.get(whole)
    if known is not None and (_faults(known) or _rewritten(known)):
        raise ChangedFile(field, known.path)


@contextlib.contextmanager
def trusted(array: np.ndarray | None, field: str) -> Iterator[None]:
    """Whatever is made of `array` inside is believed only where the file stayed what it was."""
    try:
        yield
    except Exception:
        if array is not None:
            check(array, field)
        raise
    if array is not None:
        check(array, field)


def path_of(array: np.ndarray) -> Path | None:
    """The file that `array`, or what it is a part of, is mapped from now; None where unknown."""
    whole = _map_of(array)
    known = None if whole is None else _known.get(whole)
    return None if known is None else known.path


def can_rest(array: np.ndarray) -> bool:
    """True where `rest_on` can move `array`, mapped from a file read whole. Not on Windows."""
    whole = _map_of(array)
    known = None if whole is None else _known.get(whole)
    if whole is None or known is None or known.stamp is None or sys.platform == "win32":
        return False
    return len(whole) == known.stamp[2]


def rest_on(array: np.ndarray, copy: Path, field: str) -> None:
    """Put `copy`, a copy of the file of `array`, in that file's place in memory.

    Addresses stay: whoever has the array, or a part of it, reads the copy from now on.

    Raises `ChangedFile` where the file is not what it was when it was mapped, `OSError` where the
    copy cannot be mapped.
    """
    whole = _map_of(array)
    if whole is None or not can_rest(array):
        raise ValueError("rest_on: got an array that cannot be moved; expected one of `can_rest`")
    known = _known[whole]
    with open(copy, "rb") as file, _guard:
        same_size = os.fstat(file.fileno()).st_size == len(whole)
        if _faults(known) or _stamp(known.path) != known.stamp or not same_size:
            raise ChangedFile(field, known.path)
        start = np.frombuffer(whole, np.uint8).ctypes.data
        move = ctypes.CDLL(None, use_errno=True).mmap
        move.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_int64]
        move.restype = ctypes.c_void_p
        flags = _MAP_SHARED | _MAP_FIXED
        if move(start, len(whole), mmap.PROT_READ, flags, file.fileno(), 0) != start:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(copy))
        known.path, known.stamp = Path(copy), _stamp(copy)


def lost() -> list[Path]:
    """Files that were cut off while this process had them mapped."""
    with _guard:
        cut_off = [each for each in _known.values() if _faults(each)]
        return list(dict.fromkeys((*_lost, *(each.path for each in cut_off))))


@contextlib.contextmanager
def watched(field: str = "maps") -> Iterator[None]:
    """Whatever is done inside is believed only where no mapped file was cut off meanwhile.

    A fault explains whatever else was raised. Files that were lost before are of work before.
    """
    before = set(lost())
    try:
        yield
    except (SeamError, BrokenPipeError):
        raise
    except Exception:
        _raise_lost(field, before)
        raise
    _raise_lost(field, before)


def _raise_lost(field: str, before: set[Path]) -> None:
    for path in lost():
        if path not in before:
            raise ChangedFile(field, path)


def _map_of(array: Any) -> mmap.mmap | None:
    """The memory map under an array or a part of it."""
    while array is not None:
        mapped = getattr(array, "_mmap", None)
        if isinstance(mapped, mmap.mmap):
            return mapped
        array = getattr(array, "base", None)
    return None


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _rewritten(known: _Known) -> bool:
    """True where the very file that is mapped, and no other of its name, was written into."""
    now = _stamp(known.path)
    if known.stamp is None or now is None or now[:2] != known.stamp[:2]:
        return False
    return now != known.stamp


# --- the table of the signal handler --------------------------------------------------------------


def _take_slot(whole: mmap.mmap, writable: bool) -> int:
    from seam_core._mapping_fault import SLOTS

    with _guard:
        table = _installed()
        for slot in range(SLOTS):
            row = _row(table, slot)
            if row[1] == 0:
                start = np.frombuffer(whole, np.uint8).ctypes.data
                page = mmap.PAGESIZE
                row[0], row[2] = start, mmap.PROT_READ | (mmap.PROT_WRITE if writable else 0)
                row[3] = 0
                row[1] = start + -(-len(whole) // page) * page
                return slot
    return -1


def _faults(known: _Known) -> int:
    return int(_row(_installed(), known.slot)[3]) if known.slot >= 0 else 0


def _forget(known: _Known) -> None:
    """Called before the memory is given back."""
    with _guard:
        if known.slot >= 0:
            if _faults(known):
                _lost[known.path] = None
            _row(_installed(), known.slot)[:2] = 0


def _row(table: np.ndarray, slot: int) -> np.ndarray:
    from seam_core._mapping_fault import HEAD, SLOT

    return table[HEAD + SLOT * slot : HEAD + SLOT * (slot + 1)]


class _Action(ctypes.Structure):
    """`struct sigaction`."""

    _fields_ = (
        [("handler", ctypes.c_void_p), ("mask", ctypes.c_uint32), ("flags", ctypes.c_int)]
        if sys.platform == "darwin"
        else [
            ("handler", ctypes.c_void_p),
            ("mask", ctypes.c_ulong * 16),
            ("flags", ctypes.c_int),
            ("restorer", ctypes.c_void_p),
        ]
    )


@functools.cache
def _installed() -> np.ndarray:
    """The table, and the handler that reads it."""
    import signal

    import llvmlite.binding

    from seam_core._mapping_fault import HEAD, SLOT, SLOTS, TABLE, handler

    table = np.zeros(HEAD + SLOT * SLOTS, dtype=np.int64)
    before = _Action()
    table[:HEAD] = mmap.PAGESIZE, ctypes.addressof(before)
    llvmlite.binding.add_symbol(TABLE, table.ctypes.data)
    answer = handler()
    action = _Action(handler=answer.address, flags=_SA_SIGINFO)
    install = ctypes.CDLL(None).sigaction
    install(signal.SIGBUS, ctypes.byref(action), ctypes.byref(before))
    _for_good.extend((before, answer))
    return table


# what the system has the addresses of
_for_good: list[Any] = []
