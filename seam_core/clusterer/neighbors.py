"""Exact nearest neighbours of maps, from blocks of products, and the graph that they make."""

from __future__ import annotations

import numpy as np
from numba import njit

from seam_core.clusterer.coordinates import choose_coordinates
from seam_core.clusterer.exact import squared_distance
from seam_core.clusterer.products import Products, on_processor
from seam_core.clusterer.workers import Workers
from seam_core.progress import SILENT, Progress
from seam_core.validate import InputError

BLOCK = 2048
CHUNK = 32

# more candidates than neighbours, so that the errors of float32 products lose none
SPARE = 8


def nearest_neighbors(
    rows: np.ndarray,
    n_neighbors: int,
    *,
    among: np.ndarray | None = None,
    workers: Workers | None = None,
    products: Products = on_processor,
    progress: Progress = SILENT,
) -> tuple[np.ndarray, np.ndarray]:
    """The nearest of `among` to each row: every pair is looked at, nothing is approximate.

    Candidates come from float32 products; distances, and the order by them, are float64. Ties go
    to the lower index.

    Parameters
    ----------
    rows : (N, F)
    among : (M, F), by default the rows themselves, none of which is its own neighbour

    Returns
    -------
    (N, n_neighbors) int32 indices and float64 Euclidean distances, nearest first

    Raises
    ------
    InputError
        More neighbours than there are others.
    """
    others = rows if among is None else among
    n_others = len(others) - (among is None)
    if not 1 <= n_neighbors <= n_others:
        raise InputError("neighbors", n_neighbors, f"1 to {n_others}, the other maps there are")
    workers = workers or Workers(1)
    coordinates = choose_coordinates(others)
    left, left_norms = _placed(rows, coordinates)
    right, right_norms = (left, left_norms) if among is None else _placed(others, coordinates)
    n_kept = min(n_neighbors + SPARE, n_others)
    found = np.full((len(rows), n_kept), -1, np.int32)
    squares = np.full((len(rows), n_kept), np.inf, np.float32)
    for i in range(0, len(rows), BLOCK):
        part = left[i : i + BLOCK]
        for j in range(0, len(right), BLOCK):
            progress.update(i + BLOCK * j / len(right), len(rows), "neighbours")
            block = products(part, right[j : j + BLOCK])
            workers.share(
                len(part),
                lambda a, b, block=block, i=i, j=j: _offer(
                    block, a, b, i, j, among is None, left_norms, right_norms, found, squares
                ),
            )
    distances = np.empty(found.shape)
    workers.share(len(rows), lambda a, b: _measure(rows, others, a, b, found, distances))
    return (
        np.ascontiguousarray(found[:, :n_neighbors]),
        np.ascontiguousarray(distances[:, :n_neighbors]),
    )


def _placed(rows: np.ndarray, coordinates) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[no-untyped-def]
    placed = np.empty(rows.shape, np.float32)
    norms = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), BLOCK):
        part = slice(start, start + BLOCK)
        placed[part], norms[part] = coordinates.place(rows[part])
    return placed, norms


@njit(nogil=True, cache=True)
def _any_nearer(products: np.ndarray, norm: float, norms: np.ndarray, limit: float) -> bool:
    n_hits = np.int32(0)
    two = np.float32(2.0)
    for c in range(products.shape[0]):
        n_hits += np.int32(norm + norms[c] - two * products[c] < limit)
    return n_hits > 0


@njit(nogil=True, cache=True)
def _offer(
    products: np.ndarray,
    start: int,
    stop: int,
    first_row: int,
    first_column: int,
    not_itself: bool,
    row_norms: np.ndarray,
    column_norms: np.ndarray,
    found: np.ndarray,
    squares: np.ndarray,
) -> None:
    """Keep the nearest of a block's columns for its rows `start` to `stop`, in order."""
    n_kept = found.shape[1]
    two = np.float32(2.0)
    for at in range(start, stop):
        row = first_row + at
        norm = row_norms[row]
        for first in range(0, products.shape[1], CHUNK):
            last = min(first + CHUNK, products.shape[1])
            norms = column_norms[first_column + first : first_column + last]
            if not _any_nearer(products[at, first:last], norm, norms, squares[row, n_kept - 1]):
                continue
            for c in range(first, last):
                square = norm + column_norms[first_column + c] - two * products[at, c]
                if square >= squares[row, n_kept - 1] or (not_itself and first_column + c == row):
                    continue
                place = n_kept - 1
                while place > 0 and squares[row, place - 1] > square:
                    squares[row, place] = squares[row, place - 1]
                    found[row, place] = found[row, place - 1]
                    place -= 1
                squares[row, place] = square
                found[row, place] = first_column + c


@njit(nogil=True, cache=True)
def _measure(
    rows: np.ndarray,
    others: np.ndarray,
    start: int,
    stop: int,
    found: np.ndarray,
    distances: np.ndarray,
) -> None:
    """Distances in float64, and the neighbours in their order."""
    for row in range(start, stop):
        found[row] = np.sort(found[row])
        for at in range(found.shape[1]):
            distances[row, at] = np.sqrt(squared_distance(rows[row], others[found[row, at]]))
        order = np.argsort(distances[row], kind="mergesort")
        found[row] = found[row][order]
        distances[row] = distances[row][order]
