"""The pass over sequences and maps, compiled. Releases the GIL, so that threads share the rows.

Threads instead of numba's own parallel loops: those abort the process where two threads start one
on a platform without a thread-safe threading layer, and the application does.
"""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(nogil=True, cache=True)
def accumulate(
    maps: np.ndarray,
    letters: np.ndarray,
    rows: np.ndarray,
    plus: np.ndarray,
    minus: np.ndarray,
    counts: np.ndarray,
    sums: np.ndarray,
    squares: np.ndarray,
    contributions: np.ndarray,
) -> None:
    """Add the sequences `rows` to clusters `plus`, and take them from clusters `minus`; -1: none.

    maps : (N, W * A), letters : (N, W); counts, contributions : (K, W, A + 1), where slot 0 takes
    unknown letters; sums, squares : (K, W * A)
    """
    width = letters.shape[1]
    n_values = maps.shape[1]
    n_letters = n_values // width
    for i in range(rows.shape[0]):
        row = rows[i]
        for step in range(2):
            cluster = plus[i] if step == 0 else minus[i]
            if cluster < 0:
                continue
            sign = 1 - 2 * step
            one_map, one_sum, one_square = maps[row], sums[cluster], squares[cluster]
            for j in range(n_values):
                value = np.float64(one_map[j])
                one_sum[j] += sign * value
                one_square[j] += sign * value * value
            for j in range(width):
                letter = letters[row, j]
                counts[cluster, j, letter + 1] += sign
                if letter >= 0:
                    value = np.float64(one_map[j * n_letters + letter])
                    contributions[cluster, j, letter + 1] += sign * value


@numba.njit(nogil=True, cache=True)
def squared_distances(
    maps: np.ndarray, rows: np.ndarray, means: np.ndarray, start: int, stop: int, out: np.ndarray
) -> None:
    """out[i] = squared distance of map i (W * A) to row rows[i] of means, for start <= i < stop."""
    for i in range(start, stop):
        total = 0.0
        mean = means[rows[i]]
        one_map = maps[i]
        for j in range(maps.shape[1]):
            difference = np.float64(one_map[j]) - mean[j]
            total += difference * difference
        out[i] = total
