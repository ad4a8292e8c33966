"""What every clustering function takes: maps as rows of numbers, checked once."""

from __future__ import annotations

import numpy as np

from seam_core.records import AttributionMaps
from seam_core.validate import InputError, check_finite

ROWS_PER_BLOCK = 2048


def as_rows(maps: AttributionMaps | np.ndarray, field: str = "maps") -> np.ndarray:
    """Maps as one row of numbers each.

    Parameters
    ----------
    maps : AttributionMaps, or (N, W, A) or (N, F) numbers; float16 and integers are read as
        float32, float32 and float64 stay as they are. C-ordered arrays, memory-mapped ones
        included, are not copied.

    Returns
    -------
    (N, F) float32 or float64

    Raises
    ------
    InputError
        Another number of axes, no maps, empty maps, not numbers, NaN or infinity.
    """
    array = maps.maps if isinstance(maps, AttributionMaps) else np.asanyarray(maps)
    if array.ndim not in (2, 3):
        raise InputError(field, f"shape {array.shape}", "shape (N, L, A) or (N, features)")
    if array.size == 0:
        raise InputError(field, f"shape {array.shape}", "at least one map of one number")
    if array.dtype.kind not in "fiub":
        raise InputError(field, f"{array.dtype} values", "real numbers")
    check_finite(array, field)
    rows = array.reshape(len(array), -1)
    if rows.dtype not in (np.float32, np.float64):
        rows = rows.astype(np.float64 if rows.dtype.itemsize > 4 else np.float32)
        check_finite(rows, field)
    return np.ascontiguousarray(rows)
