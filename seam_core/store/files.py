"""Arrays and texts in files."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from seam_core import disk, mapping
from seam_core.validate import InputError


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, or of the files of a folder in order of name, as hexadecimal digits."""
    digest = hashlib.sha256()
    paths = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for file in paths:
        if path.is_dir():
            digest.update(str(file.relative_to(path)).encode())
        with open(file, "rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def write_array(path: Path, array: np.ndarray) -> str:
    """Write a `.npy` file a part at a time; returns its SHA-256. `OSError` where it has no room."""
    digest = hashlib.sha256()
    head = io.BytesIO()
    disk.write_header(head, array.shape, array.dtype)
    with open(path, "xb") as file:
        for part in (head.getvalue(), *_parts(array)):
            digest.update(part)
            file.write(part)
    return digest.hexdigest()


def _parts(array: np.ndarray) -> Iterator[Any]:
    """The bytes of an array in C order, a part at a time."""
    rows = np.atleast_1d(array)
    for start in range(0, len(rows), step := _rows_of_a_part(rows)):
        part = np.ascontiguousarray(rows[start : start + step])
        if part.size:
            yield part.reshape(-1).view(np.uint8).data


def _rows_of_a_part(rows: np.ndarray) -> int:
    return max(1, (1 << 24) // max(1, rows.nbytes // max(1, len(rows))))


def holds(path: Path, array: np.ndarray) -> str | None:
    """SHA-256 of a `.npy` file that holds exactly `array`; None where it holds something else.

    The file is read, not mapped: another program may be cutting it off.
    """
    digest = hashlib.sha256()
    head = io.BytesIO()
    disk.write_header(head, array.shape, array.dtype)
    try:
        with open(path, "rb") as file:
            for wanted in (head.getvalue(), *_parts(array)):
                block = file.read(len(wanted))
                if block != bytes(wanted):  # views are compared a byte at a time
                    return None
                digest.update(block)
            return None if file.read(1) else digest.hexdigest()
    except OSError:
        return None


def file_of(array: np.ndarray) -> Path | None:
    """The file that `array` is a memory map of; it may hold other things by now."""
    name = getattr(array, "filename", None)
    if not isinstance(array, np.memmap) or name is None:
        return None
    return mapping.path_of(array) or Path(name)


def standing(folder: Path, names: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """What differs when files are replaced or written into; those that are gone are left out."""
    stamps: dict[str, tuple[int, ...]] = {}
    for name in names:
        with contextlib.suppress(OSError):
            of = os.stat(folder / name)
            stamps[name] = of.st_dev, of.st_ino, of.st_size, of.st_mtime_ns
    return stamps


def check_writable(folder: Path) -> None:
    """Raise `InputError` unless `folder` can be made, and files beside it."""
    there = next(each for each in Path(os.path.abspath(folder)).parents if each.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise not_writable(folder, error) from error


def place(source: Path | str, target: Path | str) -> None:
    """`target` becomes `source`'s contents: a hard link where the file system has them."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def not_writable(target: Path, error: OSError) -> InputError:
    """What to tell the user when `target` cannot be written."""
    return InputError("folder", disk.reason_of(error), "a folder that can be written", str(target))
