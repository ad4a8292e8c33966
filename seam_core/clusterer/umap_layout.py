"""UMAP, on exact neighbours, deterministic on any number of threads.

The graph is that of McInnes, Healy and Melville 2018 (arXiv:1802.03426) as umap-learn builds it.
The layout starts from the principal components (Kobak and Linderman 2021,
doi:10.1038/s41587-020-00809-z) and descends the same loss; but within an epoch every map moves
against where the others were at its start, with random numbers of its own, so that all cores work
at once and a seed gives the same picture twice. umap-learn needs half a minute of compilation in
every process before it starts, and a single thread for a seed; these kernels are compiled once.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from scipy.optimize import curve_fit
from scipy.sparse import coo_matrix, csr_matrix

from seam_core.clusterer.workers import Workers
from seam_core.progress import Progress

NEGATIVE_SAMPLES = 5
CLIP = np.float32(4.0)

# bits of a float32 within a line of the tables of forces: 23 of its fraction, less 5
WITHIN = 18
BITS_WITHIN = (1 << WITHIN) - 1


@njit(nogil=True, cache=True)
def _smooth(distances: np.ndarray, start: int, stop: int, mean: float, weights: np.ndarray) -> None:
    """Strength of each neighbour: 1 for the nearest, log2(k + 1) in all for k neighbours."""
    n_neighbors = distances.shape[1]
    target = np.log2(n_neighbors + 1.0)
    for row in range(start, stop):
        nearest = 0.0
        for distance in distances[row]:
            if distance > 0:
                nearest = distance
                break
        low, high, width = 0.0, np.inf, 1.0
        for _ in range(64):
            total = 0.0
            for distance in distances[row]:
                beyond = distance - nearest
                total += np.exp(-beyond / width) if beyond > 0 else 1.0
            if abs(total - target) < 1e-5:
                break
            if total > target:
                high = width
                width = (low + high) / 2
            else:
                low = width
                width = width * 2 if high == np.inf else (low + high) / 2
        # the row's mean counts the map itself, at distance 0
        own_mean = distances[row].sum() / (n_neighbors + 1)
        width = max(width, 1e-3 * (own_mean if nearest > 0 else mean))
        for at in range(n_neighbors):
            beyond = distances[row, at] - nearest
            weights[row, at] = np.exp(-beyond / width) if beyond > 0 and width > 0 else 1.0


def neighbor_strengths(distances: np.ndarray, workers: Workers) -> np.ndarray:
    """(N, k) float64 distances of the k nearest others to (N, k) float64 strengths in 0..1."""
    n, n_neighbors = distances.shape
    weights = np.empty(distances.shape)
    mean = float(distances.sum() / (n * (n_neighbors + 1)))
    workers.share(n, lambda a, b: _smooth(distances, a, b, mean, weights))
    return weights


def fuzzy_graph(neighbors: np.ndarray, distances: np.ndarray, workers: Workers) -> csr_matrix:
    """(N, N) symmetric graph: a + b - ab of the strengths in both directions.

    neighbors, distances : (N, k) nearest others, nearest first
    """
    n, n_neighbors = neighbors.shape
    weights = neighbor_strengths(distances, workers)
    rows = np.repeat(np.arange(n), n_neighbors)
    directed = coo_matrix((weights.ravel(), (rows, neighbors.ravel())), shape=(n, n)).tocsr()
    reverse = directed.T.tocsr()
    graph = directed + reverse - directed.multiply(reverse)
    graph.sort_indices()
    return graph.tocsr()


def curve(min_dist: float, spread: float = 1.0) -> tuple[float, float]:
    """a and b of 1 / (1 + a d^(2b)), the closest to 1 up to `min_dist` and exponential beyond."""
    x = np.linspace(0, 3 * spread, 300)
    wanted = np.where(x < min_dist, 1.0, np.exp(-(x - min_dist) / spread))
    (a, b), _ = curve_fit(lambda d, a, b: 1 / (1 + a * d ** (2 * b)), x, wanted)
    return float(a), float(b)


@njit(nogil=True, cache=True)
def _next_random(state: np.uint64) -> np.uint64:
    state ^= state << np.uint64(13)
    state ^= state >> np.uint64(7)
    state ^= state << np.uint64(17)
    return state


@njit(nogil=True, cache=True)
def _scramble(value: np.uint64) -> np.uint64:
    """splitmix64: a well-mixed state that is never 0."""
    value += np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (value ^ (value >> np.uint64(31))) | np.uint64(1)


def force_tables(min_dist: float) -> tuple[np.ndarray, np.ndarray]:
    """Pull and push per unit of distance at each squared distance, as tables for `_force`.

    A power and a division for each of some hundred million steps would be most of the work; 32
    straight lines for each doubling of the square err by less than 0.1 %.
    """
    a, b = curve(min_dist)
    knots = np.arange((0x7F800000 >> WITHIN) + 1, dtype=np.int32) << WITHIN
    square = np.maximum(knots.view(np.float32)[:-1].astype(np.float64), 1e-38)
    power = square**b
    pull = -2 * a * b * power / (square * (a * power + 1))
    push = 2 * b / ((0.001 + square) * (a * power + 1))
    return _as_table(pull), _as_table(push)


def _as_table(values: np.ndarray) -> np.ndarray:
    slopes = np.diff(values, append=values[-1]) / (1 << WITHIN)
    return np.column_stack([values, slopes]).astype(np.float32)


@njit(nogil=True, cache=True)
def _force(table: np.ndarray, square: float) -> float:
    """Value at a float32 square: its leading bits are the line, the others the place on it."""
    bits = np.float32(square).view(np.int32)
    line = bits >> WITHIN
    return table[line, 0] + table[line, 1] * np.float32(bits & BITS_WITHIN)


@njit(nogil=True, cache=True, fastmath={"contract", "reassoc"})
def _move(
    axes: tuple[int, ...],
    before: np.ndarray,
    anchors: np.ndarray,
    after: np.ndarray,
    start: int,
    stop: int,
    starts: np.ndarray,
    ends: np.ndarray,
    periods: np.ndarray,
    due: np.ndarray,
    numbers: np.ndarray,
    epoch: int,
    seed: int,
    rate: float,
    pulls: np.ndarray,
    pushes: np.ndarray,
) -> None:
    """One epoch for points start..stop: `after` from `before`.

    axes : one item an axis; a tuple, so that their number is known when this is compiled
    anchors : positions that the points are pulled to and pushed from; `before` itself, or those of
        a picture that stays as it is
    starts, ends : edges of point i are ends[starts[i] : starts[i + 1]]
    periods, due : an edge acts every so many epochs, and next when it is due
    numbers : whose random numbers each point has
    pulls, pushes : tables of `force_table`
    """
    n_axes = len(axes)
    here = np.empty(n_axes, np.float32)
    pushed = np.empty(n_axes, np.float32)
    n_anchors = np.uint64(anchors.shape[0])
    for point in range(start, stop):
        here[:] = before[point]
        mixed = np.uint64(seed) * np.uint64(1000003) + np.uint64(epoch)
        state = _scramble(_scramble(mixed) + np.uint64(numbers[point]))
        for edge in range(starts[point], starts[point + 1]):
            if epoch < due[edge]:
                continue
            due[edge] += periods[edge]
            other = ends[edge]
            # each end of an edge is pulled by both its directions
            for _ in range(2):
                square = np.float32(0.0)
                for axis in range(n_axes):
                    gap = here[axis] - anchors[other, axis]
                    square += gap * gap
                pull = _force(pulls, square)
                for axis in range(n_axes):
                    step = pull * (here[axis] - anchors[other, axis])
                    here[axis] += rate * min(max(step, -CLIP), CLIP)
            # all push from where it is now, so that none waits for another
            for axis in range(n_axes):
                pushed[axis] = 0
            for _ in range(NEGATIVE_SAMPLES):
                state = _next_random(state)
                stranger = np.int64(((state >> np.uint64(32)) * n_anchors) >> np.uint64(32))
                square = np.float32(0.0)
                for axis in range(n_axes):
                    gap = here[axis] - anchors[stranger, axis]
                    square += gap * gap
                push = _force(pushes, square)
                for axis in range(n_axes):
                    step = push * (here[axis] - anchors[stranger, axis])
                    pushed[axis] += min(max(step, -CLIP), CLIP)
            for axis in range(n_axes):
                here[axis] += rate * pushed[axis]
        after[point] = here


def descend(
    start: np.ndarray,
    graph: csr_matrix,
    *,
    n_epochs: int,
    min_dist: float,
    seed: int,
    rate: float = 1.0,
    anchors: np.ndarray | None = None,
    alike: bool = False,
    workers: Workers,
    progress: Progress,
) -> np.ndarray:
    """(N, Z) float32 positions after `n_epochs`, from `start`.

    graph : (N, M) strengths of the edges from each point to the anchors (by default the points)
    alike : all points have the same random numbers, so that where one goes does not depend on
        which others go with it
    """
    pulls, pushes = force_tables(min_dist)
    graph = graph.copy()
    graph.data[graph.data < graph.data.max() / n_epochs] = 0
    graph.eliminate_zeros()
    periods = (graph.data.max() / graph.data).astype(np.float32)
    due = periods.copy()
    numbers = np.zeros(len(start), np.int64) if alike else np.arange(len(start))
    before = np.ascontiguousarray(start, np.float32)
    after = np.empty_like(before)
    axes = tuple(range(before.shape[1]))
    for epoch in range(n_epochs):
        progress.update(epoch, n_epochs, "UMAP")
        present = np.float32(rate * (1 - epoch / n_epochs))
        fixed = before if anchors is None else anchors
        workers.share(
            len(before),
            lambda i, j, fixed=fixed, present=present, epoch=epoch, before=before, after=after: (
                _move(
                    axes,
                    before,
                    fixed,
                    after,
                    i,
                    j,
                    graph.indptr,
                    graph.indices,
                    periods,
                    due,
                    numbers,
                    epoch,
                    seed,
                    present,
                    pulls,
                    pushes,
                )
            ),
        )
        before, after = after, before
    return before


def starting_layout(scores: np.ndarray, n_components: int, seed: int) -> np.ndarray:
    """(N, Z) float32: the leading scores within +-10, and a little noise to part identical maps."""
    start = np.zeros((len(scores), n_components))
    kept = min(n_components, scores.shape[1])
    start[:, :kept] = scores[:, :kept]
    start *= 10.0 / max(float(np.abs(start).max()), 1e-30)
    noise = np.random.default_rng(seed).normal(scale=1e-4, size=start.shape)
    return (start + noise).astype(np.float32)
