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
    first: int,
    last: int,
    counts: np.ndarray,
    sums: np.ndarray,
    squares: np.ndarray,
    contributions: np.ndarray,
) -> None:
    """Add (sign 1) or take (sign -1) positions first..last of `rows` to or from their clusters.

    maps : (N, W * A), letters : (N, W); counts, contributions : (K, W * (A + 1)), where the first
    of the A + 1 slots takes unknown letters; sums, squares : (K, W * A)
    """
    # unsigned indices: numba then leaves out the handling of negative ones, twice as fast here
    n_letters = np.uint64(maps.shape[1] // letters.shape[1])
    start, stop = np.uint64(first), np.uint64(last)
    weight = np.float64(sign)
    i = 0
    while i < rows.shape[0]:
        cluster = clusters[i]
        one_sum, one_square = sums[cluster], squares[cluster]
        n = 1
        a = maps[rows[i]]
        # four maps of one cluster at a time: its sums are then read and written once for the four
        if i + 3 < rows.shape[0] and clusters[i + 3] == cluster:
            n = 4
            b, c, d = maps[rows[i + 1]], maps[rows[i + 2]], maps[rows[i + 3]]
            for j in range(start * n_letters, stop * n_letters):
                p, q = np.float64(a[j]), np.float64(b[j])
                r, s = np.float64(c[j]), np.float64(d[j])
                one_sum[j] += weight * ((p + q) + (r + s))
                one_square[j] += weight * ((p * p + q * q) + (r * r + s * s))
        else:
            for j in range(start * n_letters, stop * n_letters):
                p = np.float64(a[j])
                one_sum[j] += weight * p
                one_square[j] += weight * p * p
        count, contribution = counts[cluster], contributions[cluster]
        for row in rows[i : i + n]:
            sequence, one_map = letters[row], maps[row]
            for position in range(start, stop):
                letter = np.int64(sequence[position])
                slot = position * (n_letters + np.uint64(1)) + np.uint64(letter + 1)
                count[slot] += sign
                if letter >= 0:
                    value = np.float64(one_map[position * n_letters + np.uint64(letter)])
                    contribution[slot] += weight * value
        i += n


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
