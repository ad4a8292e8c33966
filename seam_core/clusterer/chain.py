"""The nearest-neighbour chain on a dense matrix: the end of a Ward tree, or a small one whole."""

from __future__ import annotations

import numpy as np
from numba import njit

from seam_core.clusterer.exact import ward_squared

# squared distances below this share of the norms come from differences: products would lose digits
NEAR = 0.02


@njit(nogil=True, cache=True)
def fill_distances(
    products: np.ndarray,
    first_row: int,
    first_column: int,
    norms: np.ndarray,
    matrix: np.ndarray,
    maps: np.ndarray,
    centroids: np.ndarray,
    where: np.ndarray,
    sizes: np.ndarray,
) -> None:
    """A tile of the (M, M) matrix of squared Ward distances, and its mirror image.

    products : (r, c) float64, of centred clusters first_row ... with first_column ...
    norms : (M,) their squared norms
    """
    for i in range(products.shape[0]):
        a = first_row + i
        for j in range(products.shape[1]):
            b = first_column + j
            both = norms[a] + norms[b]
            squared = both - 2.0 * products[i, j]
            if a == b:
                squared = np.inf
            elif squared < NEAR * both:
                squared = ward_squared(maps, centroids, where, sizes, a, b)
            else:
                squared *= 2.0 * (sizes[a] * sizes[b] / (sizes[a] + sizes[b]))
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
