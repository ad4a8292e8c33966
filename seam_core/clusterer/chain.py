"""The nearest-neighbour chain on a dense matrix: the end of a Ward tree, or a small one whole."""

from __future__ import annotations

import numpy as np
from numba import njit

from seam_core.clusterer.exact import ward_squared

# so many centroids stay in the cache while others pass by
TILE = 32


@njit(nogil=True, cache=True)
def fill_distances(
    matrix: np.ndarray,
    start: int,
    stop: int,
    maps: np.ndarray,
    centroids: np.ndarray,
    where: np.ndarray,
    sizes: np.ndarray,
) -> None:
    """Rows `start` to `stop` of the (M, M) matrix of squared Ward distances, both triangles."""
    for first in range(0, stop, TILE):
        for a in range(max(start, first), stop):
            matrix[a, a] = np.inf
            for b in range(first, min(first + TILE, a)):
                squared = ward_squared(maps, centroids, where, sizes, a, b)
                matrix[a, b] = squared
                matrix[b, a] = squared


@njit(nogil=True, cache=True)
def follow_chain(
    matrix: np.ndarray,
    sizes: np.ndarray,
    alive: np.ndarray,
    chain: np.ndarray,
    chain_length: int,
    merges: np.ndarray,
    heights: np.ndarray,
    n_done: int,
    n_stop: int,
) -> int:
    """Merge until `n_stop` merges are done; returns the length of the chain so far.

    Nearest-neighbour chain (Murtagh 1983, doi:10.1093/comjnl/26.4.354) with Lance and Williams's
    update; a merged pair lives on in the first of its two places. `merges` holds places.
    """
    n = matrix.shape[0]
    while n_done < n_stop:
        if chain_length == 0:
            for first in range(n):
                if alive[first]:
                    break
            chain[0] = first
            chain_length = 1
        while True:
            tip = chain[chain_length - 1]
            before = chain[chain_length - 2] if chain_length > 1 else -1
            nearest = before
            best = matrix[tip, before] if before >= 0 else np.inf
            for other in range(n):
                if alive[other] and other != tip and matrix[tip, other] < best:
                    best = matrix[tip, other]
                    nearest = other
            if nearest == before:
                break
            chain[chain_length] = nearest
            chain_length += 1
        chain_length -= 2
        a, b = min(tip, before), max(tip, before)
        merges[n_done, 0], merges[n_done, 1] = a, b
        heights[n_done] = best
        n_done += 1
        alive[b] = False
        for other in range(n):
            if alive[other] and other != a:
                size = sizes[other]
                far_a, far_b = matrix[a, other], matrix[b, other]
                joint = ((sizes[a] + size) * far_a + (sizes[b] + size) * far_b - size * best) / (
                    sizes[a] + sizes[b] + size
                )
                matrix[a, other] = joint
                matrix[other, a] = joint
        sizes[a] += sizes[b]
    return chain_length
