"""Arrays in files of any program: `.npy`, `.npz`, HDF5, packed or not, whatever the suffix.

Nothing is unpickled. What a header claims is held against the size of the file first.
"""

from __future__ import annotations

import math
import zipfile
from pathlib import Path
from typing import IO, Any

import numpy as np

from seam_core import mapping
from seam_core.readers.door import check_claim, existing, reading, refused
from seam_core.readers.hdf5 import keys_of_hdf5, read_hdf5, shape_of_hdf5
from seam_core.readers.keys import chosen_key
from seam_core.readers.kinds import kind_of
from seam_core.validate import InputError

EXPECTED = "an array of numbers: .npy, .npz or .h5"
_NUMBERS = "biuf"


def split_key(path: Path | str) -> tuple[Path, str]:
    """`file.h5:shap/seq` as the file and the key; a path that exists has no key."""
    text = str(path)
    before, colon, key = text.rpartition(":")
    if colon and not Path(text).exists() and Path(before).is_file():
        return Path(before), key
    return Path(text), ""


def read_array(path: Path | str, *, field: str, key: str = "") -> np.ndarray:
    """An array of numbers of a file; that of a large `.npy` is memory-mapped, read-only.

    Parameters
    ----------
    path : the file, or `file:key`
    field : what the array is, for messages
    key : which array of a file with several

    Raises
    ------
    InputError
        No such file, another kind of file (named), truncated or damaged, an array of Python
        objects, a size that the file cannot hold, no such key.
    """
    path, named = split_key(path)
    key = key or named
    path = existing(path, field, EXPECTED)
    with reading(path, field, EXPECTED):
        return _of_kind(path, kind_of(path), field, key)


def keys_of(path: Path | str, field: str = "arrays") -> list[str]:
    """Names of the arrays of a file with several; none for a file that is one array."""
    path = existing(split_key(path)[0], field, EXPECTED)
    with reading(path, field, EXPECTED):
        kind = kind_of(path)
        if kind == "hdf5":
            return keys_of_hdf5(path, field)
        if kind == "zip":
            with zipfile.ZipFile(path) as archive:
                return _arrays_of(archive)
    return []


def shape_of(path: Path | str, field: str = "array", key: str = "") -> tuple[int, ...]:
    """Shape of an array, without reading it."""
    path, named = split_key(path)
    key = key or named
    path = existing(path, field, EXPECTED)
    with reading(path, field, EXPECTED):
        kind = kind_of(path)
        if kind == "hdf5":
            return shape_of_hdf5(path, field, key)
        if kind == "zip":
            with zipfile.ZipFile(path) as archive:
                name = chosen_key(_arrays_of(archive), key, field, path)
                with archive.open(f"{name}.npy") as stream:
                    return _header(stream, field, path)[0]
        if kind == "npy":
            with open(path, "rb") as stream:
                return _header(stream, field, path)[0]
    raise refused(kind, field, EXPECTED, path)


def _of_kind(path: Path, kind: str, field: str, key: str) -> np.ndarray:
    if kind in ("npy", "gzip") and key:
        raise InputError(field, f"key {key!r} of one array", "no key", str(path))
    if kind == "npy":
        return _read_npy(path, field)
    if kind == "zip":
        return _read_zip(path, field, key)
    if kind == "hdf5":
        return read_hdf5(path, field, key)
    if kind == "gzip":
        return _read_packed(path, field)
    raise refused(kind, field, EXPECTED, path)


def _header(stream: IO[bytes], field: str, path: Path) -> tuple[tuple[int, ...], np.dtype, bool]:
    """Shape, type and order of an array in NumPy's format, all checked to be possible."""
    version = np.lib.format.read_magic(stream)
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(version)
    if read is None:
        raise InputError(field, f"NumPy's format {version}", "1.0 or 2.0", str(path))
    shape, fortran, dtype = read(stream)
    if dtype.hasobject:
        raise InputError(
            field, "Python objects (a pickle)", "numbers, as numpy.save writes them", str(path)
        )
    if dtype.kind not in _NUMBERS:
        raise InputError(field, f"type {dtype}", "numbers", str(path))
    if any(isinstance(size, bool) or size < 0 for size in shape):
        raise InputError(field, f"shape {shape}", "sizes of 0 or more", str(path))
    return shape, dtype, fortran


def _read_npy(path: Path, field: str) -> np.ndarray:
    with open(path, "rb") as stream:
        shape, dtype, fortran = _header(stream, field, path)
        offset = stream.tell()
    needed, held = math.prod(shape) * dtype.itemsize, path.stat().st_size - offset
    if needed > held:
        got = f"a truncated or damaged file: {held:,} bytes of an array of shape {shape}"
        raise InputError(field, got, f"{needed:,} bytes", str(path))
    if needed == 0:
        return np.zeros(shape, dtype)
    order = "F" if fortran else "C"
    if offset + held < mapping.WORTH_MAPPING:
        with open(path, "rb") as stream:
            array = _read_stream(stream, offset + held, field, path)
        array.setflags(write=False)
        return array
    mapped = np.memmap(path, dtype, "r", offset, shape, order)  # type: ignore[call-overload]
    return mapping.guarded(mapped)


def _arrays_of(archive: zipfile.ZipFile) -> list[str]:
    return [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]


def _read_zip(path: Path, field: str, key: str) -> np.ndarray:
    with zipfile.ZipFile(path) as archive:
        name = chosen_key(_arrays_of(archive), key, field, path)
        member = archive.getinfo(f"{name}.npy")
        if member.compress_size > path.stat().st_size:
            raise InputError(field, "a truncated or damaged file", "a whole archive", str(path))
        check_claim(member.file_size, member.compress_size, field, path)
        with archive.open(member) as stream:
            return _read_stream(stream, member.file_size, field, path)


def _read_packed(path: Path, field: str) -> np.ndarray:
    """A `.npy.gz`."""
    import gzip

    with gzip.open(path, "rb") as stream:
        if stream.read(6) != b"\x93NUMPY":
            raise refused("gzip", field, EXPECTED, path)
        stream.seek(0)
        return _read_stream(stream, None, field, path)  # type: ignore[arg-type]


def _read_stream(stream: IO[bytes], held: int | None, field: str, path: Path) -> np.ndarray:
    """The array of a stream of `held` bytes (None: not known, so the claim is held against what
    the packed file could hold)."""
    shape, dtype, fortran = _header(stream, field, path)
    needed = math.prod(shape) * dtype.itemsize
    if held is None:
        check_claim(needed, path.stat().st_size, field, path)
    elif needed > held:
        got = f"an array of shape {shape} in {held:,} bytes"
        raise InputError(field, got, f"{needed:,} bytes", str(path))
    data = bytearray()
    while len(data) < needed and (part := stream.read(min(1 << 22, needed - len(data)))):
        data += part
    if len(data) < needed:
        got = f"a truncated or damaged file: {len(data):,} bytes of an array of shape {shape}"
        raise InputError(field, got, f"{needed:,} bytes", str(path))
    stream.read(1)  # the archive's checksum is compared at the end
    flat: Any = np.frombuffer(data, dtype)
    return flat.reshape(shape, order="F" if fortran else "C")
