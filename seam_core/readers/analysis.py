"""Attribution maps, embeddings and linkages that other programs made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from seam_core.readers.arrays import keys_of, read_array, split_key
from seam_core.readers.door import Say, silent
from seam_core.readers.keys import chosen_key
from seam_core.readers.kinds import kind_of
from seam_core.validate import InputError, check_choice, check_finite, check_shape

# the order of the maps' axes; auto: as in the file, but HDF5 contributions are (N, A, W)
LAYOUTS = ("auto", "channels_last", "channels_first")
_BLOCK = 1 << 26


class TransposedError(InputError):
    """Maps whose axes seem to be in the other order; the user may say so.

    shape : of the file's array
    """

    def __init__(self, shape: tuple[int, ...], letters: int, source: str) -> None:
        self.shape = shape
        expected = f"(N, L, {letters}); these look like (N, {letters}, L), which are read as "
        expected += "maps whose layout is channels_first"
        super().__init__("maps", f"shape {shape}", expected, source)


def read_maps(
    path: Path | str,
    *,
    key: str = "",
    layout: str = "auto",
    letters: int = 4,
    say: Say = silent,
) -> np.ndarray:
    """(N, W, A) float32 attribution maps, all finite; those of a `.npy` of float32 stay on disk.

    Parameters
    ----------
    path : `.npy`, `.npz` or HDF5 (ChromBPNet's and tfmodisco's `shap/seq`), or `file:key`
    key : which array of a file with several
    layout : one of `LAYOUTS`
    letters : A, of the alphabet of the table
    say : told which array was taken, and in which order

    Raises
    ------
    InputError
        See `read_array`; numbers that are not finite as float32; another shape.
    TransposedError
        An array (N, A, W), with layout "auto", of a file that says nothing of its order.
    """
    check_choice(layout, "maps_layout", LAYOUTS)
    path, named = split_key(path)
    key = key or named
    names = keys_of(path, "maps")
    if len(names) > 1 and not key:
        key = chosen_key(names, key, "maps", path)
        say(f"{key} is taken of the arrays of {path.name}: {', '.join(names[:20])}")
    maps = read_array(path, field="maps", key=key)
    if maps.dtype.kind not in "iuf":
        raise InputError("maps", f"type {maps.dtype}", "numbers", str(path))
    check_shape(maps, (None, None, None), "maps", str(path))
    if layout == "channels_first" or (layout == "auto" and _is_first(maps, letters, path)):
        say(f"maps of {path.name}: {maps.shape} read as (sequence, letter, position)")
        maps = np.swapaxes(maps, 1, 2)
    elif layout == "auto" and maps.shape[1] == letters != maps.shape[2]:
        raise TransposedError(maps.shape, letters, str(path))
    return as_float32(maps, "maps", path)


def _is_first(maps: np.ndarray, letters: int, path: Path) -> bool:
    """Contributions in HDF5 are (N, A, W), as ChromBPNet and tfmodisco write them."""
    return kind_of(path) == "hdf5" and maps.shape[1] == letters != maps.shape[2]


def as_float32(array: np.ndarray, field: str, path: Path) -> np.ndarray:
    """The array as float32, all of it finite after the cast; block by block."""
    if array.dtype == np.float32 and array.flags.c_contiguous:
        check_finite(array, field, str(path))
        return array
    floats = np.empty(array.shape, dtype=np.float32)
    step = max(1, _BLOCK // max(1, array.nbytes // max(1, len(array))))
    for start in range(0, len(array), step):
        part = array[start : start + step]
        with np.errstate(over="ignore"):
            floats[start : start + step] = part
    try:
        check_finite(floats, field, str(path))
    except InputError as error:
        first = tuple(int(i) for i in np.argwhere(~np.isfinite(floats))[0])
        raise InputError(
            field, f"{array[first]} at index {first}", "finite numbers of float32", str(path)
        ) from error
    return floats


def read_embedding(path: Path | str, n: int | None = None, *, key: str = "") -> np.ndarray:
    """(N, Z) float32 coordinates of at least two columns, all finite; `n`: rows expected.

    Of an AnnData file (.h5ad): those of `obsm`, `X_umap` where there are several.
    """
    path, named = split_key(path)
    coordinates = read_array(path, field="embedding", key=key or named)
    check_shape(coordinates, (n, None), "embedding", str(path))
    if coordinates.shape[1] < 2:
        raise InputError("embedding", "one column", "two columns or more", str(path))
    if coordinates.dtype.kind not in "iuf":
        raise InputError("embedding", f"type {coordinates.dtype}", "numbers", str(path))
    return as_float32(coordinates, "embedding", path)


def read_linkage(path: Path | str, n: int | None = None, *, key: str = "") -> np.ndarray:
    """(N - 1, 4) float64 tree in SciPy's format, every merge possible; `n`: leaves expected."""
    path, named = split_key(path)
    matrix = read_array(path, field="linkage", key=key or named)
    check_shape(matrix, (None if n is None else n - 1, 4), "linkage", str(path))
    if matrix.dtype.kind not in "iuf":
        raise InputError("linkage", f"type {matrix.dtype}", "numbers", str(path))
    with np.errstate(over="ignore"):
        matrix = np.asarray(matrix, dtype=np.float64)
    check_finite(matrix, "linkage", str(path))
    check_linkage(matrix, str(path))
    return matrix


def check_linkage(matrix: np.ndarray, source: str = "") -> None:
    """Raise `InputError` naming the first merge that no tree can have."""
    n = len(matrix) + 1
    if n < 2:
        raise InputError("linkage", "no merges", "one merge or more", source)
    children = matrix[:, :2]
    formed = n + np.arange(n - 1)[:, None]
    sizes = np.concatenate([np.ones(n), matrix[:, 3]])
    inside = (children >= 0) & (children < formed) & (children == np.rint(children))
    _first_bad(~inside.all(axis=1), matrix, "clusters that exist by then", source)
    ids = children.astype(np.int64)
    used = np.bincount(ids.ravel(), minlength=2 * n - 1)[ids]
    _first_bad((used > 1).any(axis=1), matrix, "each cluster merged once", source)
    _first_bad(matrix[:, 2] < 0, matrix, "a height of 0 or more", source)
    wrong_size = sizes[ids].sum(axis=1) != matrix[:, 3]
    _first_bad(wrong_size, matrix, "the sum of the merged sizes in column 3", source)


def _first_bad(bad: Any, matrix: np.ndarray, expected: str, source: str) -> None:
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        values = ", ".join(f"{value:g}" for value in matrix[row])
        raise InputError("linkage", f"({values}) in row {row}", expected, source)
