"""Distances between maps one by one, in float64: for trees that must look at every pair."""

from __future__ import annotations

import numpy as np
from numba import njit

from seam_core.clusterer.exact import squared_distance
from seam_core.clusterer.workers import Workers
from seam_core.progress import Progress


def condensed_distances(rows: np.ndarray, workers: Workers, progress: Progress) -> np.ndarray:
    """(N (N - 1) / 2,) float64 Euclidean distances, in the order of SciPy's `pdist`."""
    n = len(rows)
    distances = np.empty(n * (n - 1) // 2)
    step = max(1, 2_000_000 // n)
    for start in range(0, n, step):
        progress.update(start, n, "distances")
        workers.share(
            min(step, n - start),
            lambda a, b, start=start: _fill_condensed(rows, start + a, start + b, distances),
        )
    return distances


@njit(nogil=True, cache=True)
def _fill_condensed(rows: np.ndarray, start: int, stop: int, distances: np.ndarray) -> None:
    n = rows.shape[0]
    for a in range(start, stop):
        first = a * n - a * (a + 1) // 2 - a - 1
        for b in range(a + 1, n):
            distances[first + b] = np.sqrt(squared_distance(rows[a], rows[b]))


def minimum_spanning_tree(
    rows: np.ndarray, workers: Workers, progress: Progress
) -> tuple[np.ndarray, np.ndarray]:
    """(N - 1, 2) edges and (N - 1,) lengths of the shortest tree through all maps.

    Prim's algorithm: each map that joins is compared with all that have not, so that nothing but
    the nearest so far is kept.
    """
    n = len(rows)
    outside = np.arange(1, n)
    nearest = np.zeros(n, np.int64)
    squares = np.full(n, np.inf)
    edges = np.empty((n - 1, 2), np.int64)
    lengths = np.empty(n - 1)
    newest = 0
    for step in range(n - 1):
        if step % 64 == 0:
            progress.update(step, n - 1, "single linkage")
        workers.share(
            len(outside),
            lambda a, b, newest=newest, outside=outside: _compare(
                rows, newest, outside[a:b], nearest, squares
            ),
            least=256,
        )
        place = int(np.argmin(squares[outside]))
        joining = int(outside[place])
        edges[step] = nearest[joining], joining
        lengths[step] = np.sqrt(squares[joining])
        outside = np.delete(outside, place)
        newest = joining
    return edges, lengths


@njit(nogil=True, cache=True)
def _compare(
    rows: np.ndarray,
    newest: int,
    outside: np.ndarray,
    nearest: np.ndarray,
    squares: np.ndarray,
) -> None:
    for other in outside:
        squared = squared_distance(rows[newest], rows[other])
        if squared < squares[other]:
            squares[other] = squared
            nearest[other] = newest
