"""Identical maps, found once so that they are clustered once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from seam_core.progress import Progress


@dataclass(frozen=True, eq=False)
class Distinct:
    """Which maps are the same, number for number.

    groups : (N,) int64, 0 .. U-1 in order of first appearance
    firsts : (U,) int64 first row of each group
    counts : (U,) int64 rows of each group
    """

    groups: np.ndarray
    firsts: np.ndarray
    counts: np.ndarray


@njit(nogil=True, cache=True)
def _assign(
    rows: np.ndarray,
    bits: np.ndarray,
    table: np.ndarray,
    groups: np.ndarray,
    firsts: np.ndarray,
    start: int,
    stop: int,
    n_groups: int,
) -> int:
    """Groups of rows start..stop; `bits` are the rows' numbers as integers (-0.0 read as 0.0)."""
    mask = np.uint64(len(table) - 1)
    for row in range(start, stop):
        key = np.uint64(1469598103934665603)
        for k in range(rows.shape[1]):
            value = np.uint64(bits[row, k]) if rows[row, k] != 0 else np.uint64(0)
            key = (key ^ value) * np.uint64(1099511628211)
            key ^= key >> np.uint64(29)
        entry = key & mask
        while table[entry] >= 0:
            first = firsts[table[entry]]
            same = True
            for k in range(rows.shape[1]):
                if rows[first, k] != rows[row, k]:
                    same = False
                    break
            if same:
                break
            entry = (entry + np.uint64(1)) & mask
        if table[entry] < 0:
            table[entry] = n_groups
            firsts[n_groups] = row
            n_groups += 1
        groups[row] = table[entry]
    return n_groups


def distinct_rows(rows: np.ndarray, progress: Progress) -> Distinct:
    """Groups of identical rows of (N, F) float32 or float64; -0.0 is 0.0."""
    n = len(rows)
    size = 1 << int(np.ceil(np.log2(2 * n + 1)))
    table = np.full(size, -1, np.int64)
    groups = np.empty(n, np.int64)
    firsts = np.empty(n, np.int64)
    bits = rows.view(np.uint32 if rows.dtype == np.float32 else np.uint64)
    n_groups = 0
    for start in range(0, n, 20_000):
        progress.update(0, 1, "looking for identical maps")
        stop = min(start + 20_000, n)
        n_groups = _assign(rows, bits, table, groups, firsts, start, stop, n_groups)
    counts = np.bincount(groups, minlength=n_groups)
    return Distinct(groups, firsts[:n_groups].copy(), counts)
