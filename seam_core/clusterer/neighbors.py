"""Exact nearest neighbours of maps, from blocks of products, and the graph that they make."""

from __future__ import annotations

import numpy as np
from numba import njit

from seam_core.clusterer.coordinates import Coordinates, choose_coordinates
from seam_core.clusterer.exact import squared_distance
from seam_core.clusterer.inputs import ROWS_PER_BLOCK
from seam_core.clusterer.products import Products, on_processor
from seam_core.clusterer.tiles import offer_all_pairs, offer_to_some
from seam_core.clusterer.workers import Workers
from seam_core.progress import SILENT, Progress
from seam_core.validate import InputError

CHUNK = 32

TWO = np.float32(2.0)

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
    coordinates = choose_coordinates(others)
    workers = workers or Workers(1)
    left, left_norms = _placed(rows, coordinates)
    n_kept = min(n_neighbors + SPARE, n_others)
    nearest = np.full((len(rows), n_kept), -1, np.int32)
    squares = np.full((len(rows), n_kept), np.inf, np.float32)

    def report(share: float) -> None:
        progress.update(share, 1.0, "neighbours")

    if among is None:
        offer_all_pairs(
            left,
            products,
            workers,
            lambda block, i, j: _offer(
                block, i.start, j.start, i != j, True, left_norms, left_norms, nearest, squares
            ),
            report,
        )
    else:
        right, right_norms = _placed(others, coordinates)
        offer_to_some(
            left,
            right,
            products,
            workers,
            lambda block, i, j: _offer(
                block, i.start, j.start, False, False, left_norms, right_norms, nearest, squares
            ),
            report,
        )
    distances = np.empty(nearest.shape)
    workers.share(len(rows), lambda a, b: _measure(rows, others, a, b, nearest, distances))
    return (
        np.ascontiguousarray(nearest[:, :n_neighbors]),
        np.ascontiguousarray(distances[:, :n_neighbors]),
    )


def _placed(rows: np.ndarray, coordinates: Coordinates) -> tuple[np.ndarray, np.ndarray]:
    placed = np.empty(rows.shape, np.float32)
    norms = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), ROWS_PER_BLOCK):
        part = slice(start, start + ROWS_PER_BLOCK)
        placed[part], _, _, norms[part] = coordinates.place(rows[part])
    return placed, norms


@njit(nogil=True, cache=True)
def _any_nearer(
    products: np.ndarray, norm: float, norms: np.ndarray, limit: float, limits: np.ndarray
) -> bool:
    n_hits = np.int32(0)
    for c in range(products.shape[0]):
        square = norm + norms[c] - TWO * products[c]
        n_hits += np.int32((square < limit) | (square < limits[c]))
    return n_hits > 0


@njit(nogil=True, cache=True)
def _insert(
    nearest: np.ndarray, squares: np.ndarray, row: int, candidate: int, square: float
) -> None:
    """Into a row's neighbours, which are in order; the last falls out."""
    place = nearest.shape[1] - 1
    while place > 0 and squares[row, place - 1] > square:
        squares[row, place] = squares[row, place - 1]
        nearest[row, place] = nearest[row, place - 1]
        place -= 1
    squares[row, place] = square
    nearest[row, place] = candidate


@njit(nogil=True, cache=True)
def _offer(
    products: np.ndarray,
    first_row: int,
    first_column: int,
    mutual: bool,
    not_itself: bool,
    row_norms: np.ndarray,
    column_norms: np.ndarray,
    nearest: np.ndarray,
    squares: np.ndarray,
) -> None:
    """Keep the nearest of a tile's columns for its rows; where `mutual`, also the other way."""
    n_columns = products.shape[1]
    furthest = nearest.shape[1] - 1
    limits = np.full(n_columns, -np.inf, np.float32)
    if mutual:
        limits[:] = squares[first_column : first_column + n_columns, furthest]
    for at in range(products.shape[0]):
        row = first_row + at
        norm = row_norms[row]
        for first in range(0, n_columns, CHUNK):
            last = min(first + CHUNK, n_columns)
            norms = column_norms[first_column + first : first_column + last]
            if not _any_nearer(
                products[at, first:last],
                norm,
                norms,
                squares[row, furthest],
                limits[first:last],
            ):
                continue
            for c in range(first, last):
                column = first_column + c
                square = norm + column_norms[column] - TWO * products[at, c]
                if square < squares[row, furthest] and not (not_itself and column == row):
                    _insert(nearest, squares, row, column, square)
                if square < limits[c]:
                    _insert(nearest, squares, column, row, square)
                    limits[c] = squares[column, furthest]


@njit(nogil=True, cache=True)
def _measure(
    rows: np.ndarray,
    others: np.ndarray,
    start: int,
    stop: int,
    nearest: np.ndarray,
    distances: np.ndarray,
) -> None:
    """Distances in float64, and the neighbours in their order."""
    for row in range(start, stop):
        nearest[row] = np.sort(nearest[row])
        for at in range(nearest.shape[1]):
            distances[row, at] = np.sqrt(squared_distance(rows[row], others[nearest[row, at]]))
        order = np.argsort(distances[row], kind="mergesort")
        nearest[row] = nearest[row][order]
        distances[row] = distances[row][order]
