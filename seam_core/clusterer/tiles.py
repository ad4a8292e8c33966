"""Products of all with all, tile by tile: small enough for the cache, two cores on two tiles."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from seam_core.clusterer.products import Products
from seam_core.clusterer.workers import Workers

# a tile of products is 1 MB, which a core's own cache holds
TILE = 512

# tiles that a worker does between two reports
TILES_AT_ONCE = 16

Offer = Callable[[np.ndarray, slice, slice], object]


def rounds(n: int) -> Iterator[list[tuple[int, int]]]:
    """All pairs i <= j of n, in rounds in which each number comes once: a round-robin tournament.

    What is done for the pairs of a round may be done at once and in any order.
    """
    yield [(i, i) for i in range(n)]
    players = n + n % 2
    for turn in range(players - 1):
        seats = [0] + [1 + (seat + turn) % (players - 1) for seat in range(players - 1)]
        pairs = [(seats[i], seats[-1 - i]) for i in range(players // 2)]
        yield [(min(pair), max(pair)) for pair in pairs if max(pair) < n]


def offer_all_pairs(
    points: np.ndarray,
    products: Products,
    workers: Workers,
    offer: Offer,
    report: Callable[[float], object],
) -> None:
    """`offer(block, rows, columns)` for every pair of tiles once, rows at or before columns.

    No two that are offered at once have rows or columns in common, so that both sides of each may
    be written to; and each hears of the others in the same order on any number of threads.
    """
    n_tiles = -(-len(points) // TILE)
    tiles = [slice(start, start + TILE) for start in range(0, len(points), TILE)]
    with workers.one_blas_thread():
        for turn, pairs in enumerate(rounds(n_tiles)):
            report(turn / (n_tiles + 1))

            def work(start: int, stop: int, pairs: list[tuple[int, int]] = pairs) -> None:
                buffer = np.empty(TILE * TILE, np.float32)
                for i, j in pairs[start:stop]:
                    block = products(points[tiles[i]], points[tiles[j]], buffer)
                    offer(block, tiles[i], tiles[j])

            workers.share(len(pairs), work)


def offer_to_some(
    left: np.ndarray,
    right: np.ndarray,
    products: Products,
    workers: Workers,
    offer: Offer,
    report: Callable[[float], object],
) -> None:
    """`offer(block, rows, columns)` for all tiles of `left` x `right`; workers share the rows."""
    stride = TILE * TILES_AT_ONCE
    with workers.one_blas_thread():
        for first in range(0, len(right), stride):
            report(first / len(right))

            def work(start: int, stop: int, first: int = first) -> None:
                buffer = np.empty(TILE * TILE, np.float32)
                for i in range(start, stop, TILE):
                    rows = slice(i, min(i + TILE, stop))
                    for j in range(first, min(first + stride, len(right)), TILE):
                        columns = slice(j, j + TILE)
                        offer(products(left[rows], right[columns], buffer), rows, columns)

            workers.share(len(left), work, least=16)
