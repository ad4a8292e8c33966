"""Lists of the nearest candidates of each cluster, from blocks of float32 products: the kernels.

A list holds every other cluster whose lower bound of the squared distance is below the list's
limit. Lower bounds come from ||a||^2 + ||b||^2 - 2ab with the norms shrunk by more than float32
products can err, so that a list never misses a neighbour; who is nearest is decided in float64
elsewhere. Products are of the leading coordinates at first, which rule out most pairs.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from seam_core.clusterer.coordinates import TAIL_STEP
from seam_core.clusterer.exact import LANES, ward_squared

CHUNK = 64

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
def _has_hits(
    products: np.ndarray,
    norm: float,
    size: float,
    norms: np.ndarray,
    sizes: np.ndarray,
    limit: float,
    limits: np.ndarray,
) -> bool:
    """Whether a bound of this stretch may be below the row's limit or its column's.

    No branch and no division, so that it runs in vector lanes over what is nearly always out of
    reach. Limits are those of the lists x ROUND_UP / (2 size).
    """
    n_hits = np.int32(0)
    for c in range(products.shape[0]):
        gap = norm + norms[c] - TWO * products[c]
        whole = size + sizes[c]
        n_hits += np.int32((gap * sizes[c] <= limit * whole) | (gap * size <= limits[c] * whole))
    return n_hits > 0


@njit(nogil=True, cache=True, fastmath=LANES, inline="never")
def _product(a: np.ndarray, b: np.ndarray) -> float:
    total = np.float32(0.0)
    for k in range(a.shape[0]):
        total += a[k] * b[k]
    return total


@njit(nogil=True, cache=True)
def _refined(
    product: float,
    bound: float,
    row: int,
    other: int,
    norms: np.ndarray,
    sizes: np.ndarray,
    tails: np.ndarray,
    rests: np.ndarray,
    reach: float,
) -> float:
    """The bound from all coordinates, or one from fewer that is out of reach already.

    What is left of two tails multiplies to no more than the product of their norms.
    """
    for step in range(rests.shape[1] - 1):
        begin = step * TAIL_STEP
        end = min(begin + TAIL_STEP, tails.shape[1])
        product += _product(tails[row, begin:end], tails[other, begin:end])
        product += rests[row, step + 1] * rests[other, step + 1]
        product -= rests[row, step] * rests[other, step]
        bound = lower_bound(product, norms[row], norms[other], sizes[row], sizes[other])
        if bound >= reach:
            break
    return bound


@njit(nogil=True, cache=True)
def _scaled(limits: np.ndarray, sizes: np.ndarray, slot: int) -> float:
    return np.float32(ROUND_UP * limits[slot] / (2.0 * sizes[slot]))


@njit(nogil=True, cache=True)
def offer_tile(
    products: np.ndarray,
    rows: np.ndarray,
    first_column: int,
    mutual: bool,
    norms: np.ndarray,
    sizes: np.ndarray,
    names: np.ndarray,
    tails: np.ndarray,
    rests: np.ndarray,
    ids: np.ndarray,
    bounds: np.ndarray,
    filled: np.ndarray,
    limits: np.ndarray,
) -> None:
    """Offer the columns of a tile to the lists of its rows; where `mutual`, also the other way.

    products : (r, c) float32, of the heads of clusters `rows` and first_column ...
    norms, sizes : (M,) float32: squared norm, shrunk; members
    names : (M,) what is entered in a list
    tails, rests : (M, T) and (M, S + 1) float32, see `Coordinates.place`
    """
    n_columns = products.shape[1]
    column_limits = np.full(n_columns, -np.inf, np.float32)
    hits = np.empty(CHUNK, np.int64)
    if mutual:
        for c in range(n_columns):
            column_limits[c] = _scaled(limits, sizes, first_column + c)
    for at in range(rows.shape[0]):
        row = rows[at]
        for first in range(0, n_columns, CHUNK):
            last = min(first + CHUNK, n_columns)
            begin, end = first_column + first, first_column + last
            limit = _scaled(limits, sizes, row)
            if not _has_hits(
                products[at, first:last],
                norms[row],
                sizes[row],
                norms[begin:end],
                sizes[begin:end],
                limit,
                column_limits[first:last],
            ):
                continue
            n_hits = 0
            for c in range(first, last):
                gap = norms[row] + norms[first_column + c] - TWO * products[at, c]
                whole = sizes[row] + sizes[first_column + c]
                hits[n_hits] = c
                n_hits += (gap * sizes[first_column + c] <= limit * whole) | (
                    gap * sizes[row] <= column_limits[c] * whole
                )
            for c in hits[:n_hits]:
                other = first_column + c
                reach = max(limits[row], limits[other]) if mutual else limits[row]
                product = products[at, c]
                bound = lower_bound(product, norms[row], norms[other], sizes[row], sizes[other])
                if bound >= reach or other == row:
                    continue
                bound = _refined(product, bound, row, other, norms, sizes, tails, rests, reach)
                if bound < limits[row]:
                    push(ids, bounds, filled, limits, row, names[other], max(bound, 0.0))
                if mutual and bound < limits[other]:
                    push(ids, bounds, filled, limits, other, names[row], max(bound, 0.0))
                    column_limits[c] = _scaled(limits, sizes, other)


@njit(nogil=True, cache=True)
def offer_exactly(
    products: np.ndarray,
    rows: np.ndarray,
    first_column: int,
    norms: np.ndarray,
    sizes: np.ndarray,
    names: np.ndarray,
    tails: np.ndarray,
    rests: np.ndarray,
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
    """As `offer_tile`, but what is entered is the float64 distance itself.

    unit : what a bound is multiplied by to compare it with a distance
    nearest, distances : (M,) kept up to date with the nearest so far; ties go to the lower name
    """
    for at in range(rows.shape[0]):
        row = rows[at]
        for c in range(products.shape[1]):
            other = first_column + c
            product, reach = products[at, c], limits[row] / unit
            bound = lower_bound(product, norms[row], norms[other], sizes[row], sizes[other])
            if bound >= reach or other == row:
                continue
            bound = _refined(product, bound, row, other, norms, sizes, tails, rests, reach)
            if bound >= reach:
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
    for at in range(rows.shape[0]):
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
