"""Arrays as .npy and .npz, written block by block: none is held in memory whole, none is mapped
(a full disk ends in a message, where a mapped file would end the process)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import numpy as np

from seam_core.exports.files import open_replacing

BLOCK_ROWS = 4096


def write_npy(
    path: Path | str, blocks: Iterable[np.ndarray], shape: tuple[int, ...], dtype: np.dtype | type
) -> Path:
    """Write an array of `shape`, given as blocks of its rows in order.

    Raises `InputError` where the file cannot be written.
    """
    with open_replacing(path, what="array") as stream:
        _write(stream, blocks, shape, np.dtype(dtype))
    return Path(path)


def write_npz(
    path: Path | str, blocks: Iterable[np.ndarray], shape: tuple[int, ...], dtype: np.dtype | type
) -> Path:
    """The same as the one array `arr_0` of a compressed .npz, as `numpy.savez(path, array)`."""
    with (
        open_replacing(path, what="array") as stream,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("arr_0.npy", "w", force_zip64=True) as member,
    ):
        _write(member, blocks, shape, np.dtype(dtype))
    return Path(path)


def blocks_of(array: np.ndarray, rows: np.ndarray | None = None) -> Iterator[np.ndarray]:
    """`array` (or these rows of it), some thousand rows at a time."""
    for part in row_blocks(len(array) if rows is None else len(rows)):
        yield array[part] if rows is None else array[rows[part]]


def row_blocks(n: int) -> Iterator[slice]:
    """Slices that cover 0 to `n`."""
    for start in range(0, n, BLOCK_ROWS):
        yield slice(start, min(n, start + BLOCK_ROWS))


def _write(
    stream: IO[bytes], blocks: Iterable[np.ndarray], shape: tuple[int, ...], dtype: np.dtype
) -> None:
    header = {
        "descr": np.lib.format.dtype_to_descr(dtype),
        "fortran_order": False,
        "shape": shape,
    }
    np.lib.format.write_array_header_1_0(stream, header)
    for block in blocks:
        stream.write(np.ascontiguousarray(block, dtype=dtype).tobytes())
