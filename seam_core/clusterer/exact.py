"""Ward's distance between two clusters, in float64, from rows or centroids: what decides."""

from __future__ import annotations

import numpy as np
from numba import njit

# sums may be reordered into vector lanes, the same way each time; nothing else is relaxed
LANES = {"reassoc", "contract"}


@njit(nogil=True, cache=True, fastmath=LANES, inline="never")
def squared_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Squared Euclidean distance of two rows, in float64; symmetric to the last bit."""
    total = 0.0
    for k in range(a.shape[0]):
        difference = np.float64(a[k]) - np.float64(b[k])
        total += difference * difference
    return total


@njit(nogil=True, cache=True)
def ward_squared(
    rows: np.ndarray,
    centroids: np.ndarray,
    where: np.ndarray,
    sizes: np.ndarray,
    a: int,
    b: int,
) -> float:
    """Square of Ward's distance between clusters `a` and `b`; symmetric to the last bit.

    rows : (N, F) maps
    centroids : (any, F) float64
    where : (M,) row of `rows` where 0 or more, else ~row of `centroids`
    sizes : (M,) float64
    """
    if where[a] < where[b]:
        a, b = b, a
    if where[b] >= 0:
        squared = squared_distance(rows[where[a]], rows[where[b]])
    elif where[a] >= 0:
        squared = squared_distance(rows[where[a]], centroids[~where[b]])
    else:
        squared = squared_distance(centroids[~where[a]], centroids[~where[b]])
    return 2.0 * (sizes[a] * sizes[b] / (sizes[a] + sizes[b])) * squared
