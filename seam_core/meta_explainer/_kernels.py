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
    clusters: np.ndarray,
    sign: int,
    counts: np.ndarray,
    sums: np.ndarray,
    squares: np.ndarray,
    contributions: np.ndarray,
) -> None:
    """Add (sign 1) or take (sign -1) the sequences `rows` to or from the sums of `clusters`.

    maps : (N, W * A), letters : (N, W); counts, contributions : (K, W * (A + 1)), where the first
    of the A + 1 slots takes unknown letters; sums, squares : (K, W * A)
    """
    width = np.uint64(letters.shape[1])
    n_letters = np.uint64(maps.shape[1] // letters.shape[1])
    weight = np.float64(sign)
    for i in range(rows.shape[0]):
        cluster = clusters[i]
        one_map, one_sum, one_square = maps[rows[i]], sums[cluster], squares[cluster]
        for j in range(maps.shape[1]):
            value = np.float64(one_map[j])
            one_sum[j] += weight * value
            one_square[j] += weight * value * value
        sequence, count, contribution = letters[rows[i]], counts[cluster], contributions[cluster]
        # unsigned indices: numba then leaves out the handling of negative ones, twice as fast here
        for position in range(width):
            letter = np.int64(sequence[position])
            slot = position * (n_letters + np.uint64(1)) + np.uint64(letter + 1)
            count[slot] += sign
            if letter >= 0:
                value = np.float64(one_map[position * n_letters + np.uint64(letter)])
                contribution[slot] += weight * value


@numba.njit(nogil=True, cache=True)
def squared_distances(
    maps: np.ndarray, rows: np.ndarray, means: np.ndarray, start: int, stop: int, out: np.ndarray
) -> None:
    """out[i] = squared distance of map i (W * A) to row rows[i] of means, for start <= i < stop.

    Rows of -1 are left as they are.
    """
    for i in range(start, stop):
        if rows[i] < 0:
            continue
        total = 0.0
        mean = means[rows[i]]
        one_map = maps[i]
        for j in range(maps.shape[1]):
            difference = np.float64(one_map[j]) - mean[j]
            total += difference * difference
        out[i] = total
