"""Lists of the nearest candidates of each cluster, from blocks of float32 products: the kernels.

A list holds every other cluster whose lower bound of the squared distance is below the list's
limit. Lower bounds come from ||a||^2 + ||b||^2 - 2ab with the norms shrunk by more than float32
products can err, so that a list never misses a neighbour; who is nearest is decided in float64
elsewhere.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from seam_core.clusterer.exact import ward_squared

CHUNK = 32

# so that a bound just below its limit is not lost to rounding in the quick test
ROUND_UP = 1.0 + 1e-5

TWO = np.float32(2.0)


@njit(nogil=True, cache=True)
def push(
    ids: np.ndarray,
    bounds: np.ndarray,
    filled: np.ndarray,
    limits: np.ndarray,
    row: int,
    candidate: int,
    bound: float,
) -> None:
    """Add a candidate; a full list keeps its nearer half and lowers its limit."""
    capacity = ids.shape[1]
    at = filled[row]
    ids[row, at] = candidate
    bounds[row, at] = bound
    filled[row] = at + 1
    if at + 1 == capacity:
        keep_nearest(ids, bounds, filled, limits, row, capacity // 2)


@njit(nogil=True, cache=True)
def keep_nearest(
    ids: np.ndarray,
    bounds: np.ndarray,
    filled: np.ndarray,
    limits: np.ndarray,
    row: int,
    n_kept: int,
) -> None:
    """Keep the `n_kept` smallest bounds of a list (fewer with ties); the next is its new limit."""
    own_ids = ids[row, : filled[row]]
    own_bounds = bounds[row, : filled[row]]
    limit = np.partition(own_bounds, n_kept)[n_kept]
    kept = 0
    for at in range(own_ids.shape[0]):
        if own_bounds[at] < limit:
            own_ids[kept] = own_ids[at]
            own_bounds[kept] = own_bounds[at]
            kept += 1
    filled[row] = kept
    limits[row] = min(limits[row], limit)


@njit(nogil=True, cache=True)
def lower_bound(
    product: float, norm_a: float, norm_b: float, size_a: float, size_b: float
) -> float:
    """Lower bound of a squared Ward distance, in float32 throughout."""
    return TWO * (size_a * size_b / (size_a + size_b)) * (norm_a + norm_b - TWO * product)


@njit(nogil=True, cache=True)
def _row_has_hits(
    products: np.ndarray,
    norm: float,
    size: float,
    norms: np.ndarray,
    sizes: np.ndarray,
    limit: float,
) -> bool:
    """Whether a bound of this stretch may be below the row's limit.

    No branch and no division, so that it runs in vector lanes over what is nearly always out of
    reach. `limit` is the row's x ROUND_UP / (2 size).
    """
    n_hits = np.int32(0)
    for c in range(products.shape[0]):
        gap = norm + norms[c] - TWO * products[c]
        n_hits += np.int32(gap * sizes[c] <= limit * (size + sizes[c]))
    return n_hits > 0


@njit(nogil=True, cache=True)
def _columns_have_hits(
    products: np.ndarray,
    norm: float,
    size: float,
    norms: np.ndarray,
    sizes: np.ndarray,
    limits: np.ndarray,
) -> bool:
    """As `_row_has_hits`, where each column has a limit of its own and the row is offered."""
    n_hits = np.int32(0)
    for c in range(products.shape[0]):
        gap = norm + norms[c] - TWO * products[c]
        n_hits += np.int32(gap * size <= limits[c] * (size + sizes[c]))
    return n_hits > 0


@njit(nogil=True, cache=True)
def offer_to_rows(
    products: np.ndarray,
    start: int,
    stop: int,
    rows: np.ndarray,
    first_column: int,
    norms: np.ndarray,
    sizes: np.ndarray,
    names: np.ndarray,
    ids: np.ndarray,
    bounds: np.ndarray,
    filled: np.ndarray,
    limits: np.ndarray,
) -> None:
    """Offer the columns of a block of products to the lists of its rows `start` to `stop`.

    products : (r, c) float32, of clusters `rows` with clusters first_column ...
    norms, sizes : (M,) float32: squared norm, shrunk; members
    names : (M,) what is entered in a list
    """
    n_columns = products.shape[1]
    for at in range(start, stop):
        row = rows[at]
        norm, size = norms[row], sizes[row]
        for first in range(0, n_columns, CHUNK):
            last = min(first + CHUNK, n_columns)
            begin, end = first_column + first, first_column + last
            limit = np.float32(ROUND_UP * limits[row] / (2.0 * size))
            if not _row_has_hits(
                products[at, first:last],
                norm,
                size,
                norms[begin:end],
                sizes[begin:end],
                limit,
            ):
                continue
            for c in range(first, last):
                other = first_column + c
                bound = lower_bound(products[at, c], norm, norms[other], size, sizes[other])
                if bound < limits[row] and other != row:
                    push(ids, bounds, filled, limits, row, names[other], max(bound, 0.0))


@njit(nogil=True, cache=True)
def offer_to_columns(
    products: np.ndarray,
    start: int,
    stop: int,
    first_row: int,
    first_column: int,
    norms: np.ndarray,
    sizes: np.ndarray,
    names: np.ndarray,
    ids: np.ndarray,
    bounds: np.ndarray,
    filled: np.ndarray,
    limits: np.ndarray,
) -> None:
    """Offer the rows of a block to the lists of its columns `start` to `stop` (no self pairs)."""
    scaled = np.empty(stop - start, np.float32)
    for c in range(start, stop):
        other = first_column + c
        scaled[c - start] = ROUND_UP * limits[other] / (2.0 * sizes[other])
    for at in range(products.shape[0]):
        row = first_row + at
        norm, size = norms[row], sizes[row]
        for first in range(start, stop, CHUNK):
            last = min(first + CHUNK, stop)
            begin, end = first_column + first, first_column + last
            if not _columns_have_hits(
                products[at, first:last],
                norm,
                size,
                norms[begin:end],
                sizes[begin:end],
                scaled[first - start : last - start],
            ):
                continue
            for c in range(first, last):
                other = first_column + c
                bound = lower_bound(products[at, c], norm, norms[other], size, sizes[other])
                if bound < limits[other]:
                    push(ids, bounds, filled, limits, other, names[row], max(bound, 0.0))
                    scaled[c - start] = ROUND_UP * limits[other] / (2.0 * sizes[other])


@njit(nogil=True, cache=True)
def offer_exactly(
    products: np.ndarray,
    start: int,
    stop: int,
    rows: np.ndarray,
    first_column: int,
    norms: np.ndarray,
    sizes: np.ndarray,
    names: np.ndarray,
    ids: np.ndarray,
    bounds: np.ndarray,
    filled: np.ndarray,
    limits: np.ndarray,
    maps: np.ndarray,
    centroids: np.ndarray,
    where: np.ndarray,
    exact_sizes: np.ndarray,
    unit: float,
    nearest: np.ndarray,
    distances: np.ndarray,
) -> None:
    """As `offer_to_rows`, but what is entered is the float64 distance itself.

    unit : what a bound is multiplied by to compare it with a distance
    nearest, distances : (M,) kept up to date with the nearest so far; ties go to the lower name
    """
    for at in range(start, stop):
        row = rows[at]
        norm, size = norms[row], sizes[row]
        for c in range(products.shape[1]):
            other = first_column + c
            bound = unit * lower_bound(products[at, c], norm, norms[other], size, sizes[other])
            if bound >= limits[row] or other == row:
                continue
            exact = ward_squared(maps, centroids, where, exact_sizes, row, other)
            name = names[other]
            if exact < distances[row] or (exact == distances[row] and name < nearest[row]):
                nearest[row], distances[row] = name, exact
            if exact < limits[row]:
                push(ids, bounds, filled, limits, row, name, exact)


@njit(nogil=True, cache=True)
def guess_limits(
    products: np.ndarray,
    start: int,
    stop: int,
    rows: np.ndarray,
    others: np.ndarray,
    rank: int,
    norms: np.ndarray,
    sizes: np.ndarray,
    limits: np.ndarray,
) -> None:
    """Limit of each row: the bound that is `rank` places from the least of a sample.

    products : (r, s) float32, products of clusters `rows` with the sample `others`
    """
    least = np.empty(rank + 1, np.float32)
    for at in range(start, stop):
        row = rows[at]
        norm, size = norms[row], sizes[row]
        least[:] = np.inf
        for c in range(others.shape[0]):
            other = others[c]
            if other == row:
                continue
            bound = lower_bound(products[at, c], norm, norms[other], size, sizes[other])
            if bound >= least[rank]:
                continue
            place = rank
            while place > 0 and least[place - 1] > bound:
                least[place] = least[place - 1]
                place -= 1
            least[place] = bound
        limits[row] = max(least[rank], 0.0)


@njit(nogil=True, cache=True)
def scale_lists(
    slots: np.ndarray, unit: float, bounds: np.ndarray, filled: np.ndarray, limits: np.ndarray
) -> None:
    """Multiply the bounds and limits of some lists."""
    for slot in slots:
        limits[slot] *= unit
        for at in range(filled[slot]):
            bounds[slot, at] *= unit
