"""Ward's tree without the distance matrix: exact, in the memory of the maps.

Reciprocal nearest neighbours merge at once, wherever they are in the tree (Ward is reducible, so
all such merges belong to it). Neighbours come from short lists with lower bounds that survive
merges (`merging.py`); lists that run out are made again from blocked float32 products
(`candidates.py`); every decision is taken in float64 (`exact.py`). The last few thousand clusters
go to a dense matrix and the nearest-neighbour chain (`chain.py`).
"""

from __future__ import annotations

import numpy as np

from seam_core.clusterer import candidates, merging
from seam_core.clusterer.chain import fill_distances, follow_chain
from seam_core.clusterer.coordinates import choose_coordinates
from seam_core.clusterer.forest import Forest
from seam_core.clusterer.products import Products
from seam_core.clusterer.tiles import TILE, offer_all_pairs, offer_to_some, rounds
from seam_core.clusterer.workers import Workers
from seam_core.progress import PartOfProgress, Progress

CAPACITY = 256
LISTED = 32
TAIL = 4000
DENSE_TILE = 256

# limits are guessed from one in so many clusters, and from no fewer or more than so many
SAMPLED = 32
FEWEST_SAMPLED, MOST_SAMPLED = 512, 2048

# lists are renewed a quarter of those that ran out at a time, but no fewer than so many; when
# this share of all ran out, all are
FEWEST_RENEWED = 256
MANY = 0.4

# share of the work that is done when the first lists are made; for the progress bar only
FIRST_LISTS = 0.4


def ward_merges(
    rows: np.ndarray,
    leaves: np.ndarray,
    weights: np.ndarray,
    *,
    products: Products,
    workers: Workers,
    progress: Progress,
    tail: int = TAIL,
) -> tuple[np.ndarray, np.ndarray]:
    """All merges of U weighted maps.

    Returns
    -------
    (U - 1, 2) int64 nodes merged (0 .. U-1 maps, U + m the m-th merge), and (U - 1,) float64
    squared heights. Merges are in no order but that parts come before wholes.
    """
    if len(leaves) > max(tail, 2):
        forest = Forest(rows, leaves, weights, choose_coordinates(rows, rotate=True), CAPACITY)
        _Rounds(forest, products, workers, progress).run(tail)
        progress = PartOfProgress(progress, FIRST_LISTS, 1.0)
    else:
        forest = Forest(rows, leaves, weights, choose_coordinates(rows[:1]), 0)
    _finish_densely(forest, workers, progress)
    n = len(leaves)
    return forest.children[n:], forest.heights[n:]


class _Rounds:
    """Merges until `tail` clusters are left."""

    def __init__(
        self, forest: Forest, products: Products, workers: Workers, progress: Progress
    ) -> None:
        self.forest = forest
        self.products = products
        self.workers = workers
        self.progress = progress

    def run(self, tail: int) -> None:
        forest = self.forest
        while forest.n_live > tail:
            renewed = self._renew_lists(self._most_urgent())
            self._look_again()
            self._renew_exactly(renewed[forest.status[renewed] == merging.EXHAUSTED])
            while forest.n_live > tail and self._merge():
                self._look_again()
            forest.close_gaps()

    def _most_urgent(self) -> np.ndarray:
        """Clusters whose lists are to be renewed: those that may merge lowest.

        The others wait, for fewer clusters to be compared with. All, where these are many.
        """
        slots = self.forest.exhausted_slots
        if len(slots) > MANY * self.forest.n_live:
            return self.forest.live_slots
        n_renewed = max(FEWEST_RENEWED, len(slots) // 4)
        return slots[np.argsort(self.forest.limits[slots], kind="stable")[:n_renewed]]

    def _report(self, share: float = 1.0) -> None:
        """share : of the lists being renewed; only the first are much of the work."""
        n_merges = self.forest.n_merges
        done = FIRST_LISTS * (1.0 if n_merges else share)
        done += (1 - FIRST_LISTS) * n_merges / (self.forest.n_leaves - 1)
        self.progress.update(done, 1.0, "Ward")

    def _look_again(self) -> None:
        """Nearest neighbours of the clusters that lost theirs."""
        forest = self.forest
        slots = np.flatnonzero(forest.status == merging.STALE)
        for start in range(0, len(slots), 20_000):
            self._report()
            part = slots[start : start + 20_000]
            self.workers.share(
                len(part),
                lambda a, b, part=part: merging.find_nearest(
                    part[a:b],
                    forest.nodes,
                    forest.parents,
                    forest.slot_of,
                    forest.rows,
                    forest.centroids,
                    forest.where,
                    forest.sizes,
                    *forest.lists(),
                    forest.nearest,
                    forest.distances,
                    forest.status,
                ),
                least=8,
            )

    def _merge(self) -> int:
        """One round: all reciprocal pairs; returns how many."""
        forest = self.forest
        pairs = merging.match_reciprocal(
            forest.nearest, forest.distances, forest.status, forest.slot_of
        )
        targets = np.empty(len(pairs), np.int64)
        forest.n_free = merging.place_centroids(
            pairs, forest.where, targets, forest.free, forest.n_free
        )
        self.workers.share(
            len(pairs),
            lambda a, b: merging.merge_pairs(
                pairs[a:b],
                targets[a:b],
                forest.nodes,
                forest.parents,
                forest.node_sizes,
                forest.distances,
                forest.rows,
                forest.centroids,
                forest.where,
                forest.sizes,
                *forest.lists(),
            ),
            least=4,
        )
        forest.add_merges(pairs)
        return len(pairs)

    def _renew_lists(self, slots: np.ndarray) -> np.ndarray:
        """Lists of these clusters from products with all; all with all costs half."""
        forest = self.forest
        moved = forest.moved_slots
        with self.workers.one_blas_thread():
            self.workers.share(len(moved), lambda a, b: forest.place(moved[a:b]))
        inputs = (*forest.for_products(), *forest.lists())
        forest.filled[slots] = 0
        self._guess_limits(slots)
        if len(slots) == forest.n_live:
            offer_all_pairs(
                forest.heads,
                self.products,
                self.workers,
                lambda block, rows, columns: candidates.offer_tile(
                    block,
                    np.arange(rows.start, rows.start + len(block)),
                    columns.start,
                    rows != columns,
                    *inputs,
                ),
                self._report,
            )
        else:
            offer_to_some(
                forest.heads[slots],
                forest.heads,
                self.products,
                self.workers,
                lambda block, rows, columns: candidates.offer_tile(
                    block, slots[rows], columns.start, False, *inputs
                ),
                self._report,
            )
        candidates.scale_lists(slots, forest.coordinates.unit, *forest.lists()[1:])
        forest.status[slots] = merging.STALE
        return slots

    def _guess_limits(self, slots: np.ndarray) -> None:
        """Limits from a sample, so that lists come out about LISTED long at first."""
        forest = self.forest
        n_sampled = min(max(forest.n_live // SAMPLED, FEWEST_SAMPLED), MOST_SAMPLED)
        others = forest.live_slots[:: max(1, forest.n_live // n_sampled)]
        rank = int(np.ceil(LISTED * len(others) / forest.n_live))
        n_leading = forest.coordinates.n_leading
        heads, tails = forest.heads[others, :n_leading], forest.tails[others]
        norms, sizes = forest.for_products()[:2]

        def guess(start: int, stop: int) -> None:
            for first in range(start, stop, TILE):
                part = slots[first : min(first + TILE, stop)]
                block = forest.heads[part, :n_leading] @ heads.T
                block += forest.tails[part] @ tails.T
                candidates.guess_limits(block, part, others, rank, norms, sizes, forest.limits)

        with self.workers.one_blas_thread():
            self.workers.share(len(slots), guess, least=16)

    def _renew_exactly(self, slots: np.ndarray) -> None:
        """Lists of float64 distances, where float32 bounds are too blunt to settle anything.

        That is where a cluster has more than a list full of others within the errors of float32
        products: near-duplicates, and many at the same distance.
        """
        forest = self.forest
        if len(slots) == 0:
            return
        forest.filled[slots] = 0
        forest.limits[slots] = np.inf
        forest.nearest[slots] = -1
        forest.distances[slots] = np.inf
        inputs = (*forest.for_products(), *forest.lists())
        offer_to_some(
            forest.heads[slots],
            forest.heads,
            self.products,
            self.workers,
            lambda block, rows, columns: candidates.offer_exactly(
                block,
                slots[rows],
                columns.start,
                *inputs,
                forest.rows,
                forest.centroids,
                forest.where,
                forest.sizes,
                forest.coordinates.unit,
                forest.nearest,
                forest.distances,
            ),
            lambda _: self._report(),
        )
        forest.status[slots] = merging.CERTAIN


def _finish_densely(forest: Forest, workers: Workers, progress: Progress) -> None:
    """The merges that are left, by the nearest-neighbour chain."""
    slots = forest.live_slots
    m = len(slots)
    where, sizes = forest.where[slots], forest.sizes[slots]

    def report(done: int) -> None:
        progress.update(forest.n_merges + done, max(forest.n_leaves - 1, 1), "Ward")

    matrix = np.empty((m, m))
    points = np.empty((m, forest.rows.shape[1]))
    for start in range(0, m, DENSE_TILE):
        points[start : start + DENSE_TILE] = forest.points(slots[start : start + DENSE_TILE])
    points -= forest.coordinates.centre
    norms = np.einsum("ij,ij->i", points, points)

    tiles = [slice(start, start + DENSE_TILE) for start in range(0, m, DENSE_TILE)]
    with workers.one_blas_thread():
        for pairs in rounds(len(tiles)):
            report(0)

            def fill(start: int, stop: int, pairs: list[tuple[int, int]] = pairs) -> None:
                for i, j in pairs[start:stop]:
                    fill_distances(
                        points[tiles[i]] @ points[tiles[j]].T,
                        tiles[i].start,
                        tiles[j].start,
                        norms,
                        matrix,
                        forest.rows,
                        forest.centroids,
                        where,
                        sizes,
                    )

            workers.share(len(pairs), fill)
    alive = np.ones(m, bool)
    chain = np.empty(m + 1, np.int64)
    merges = np.empty((m - 1, 2), np.int64)
    heights = np.empty(m - 1)
    length = 0
    for start in range(0, m - 1, 256):
        report(start)
        stop = min(start + 256, m - 1)
        length = follow_chain(matrix, sizes, alive, chain, length, merges, heights, start, stop)
    node_at = forest.nodes[slots].copy()
    for (a, b), height in zip(merges.tolist(), heights, strict=True):
        forest.children[forest.n_nodes] = node_at[a], node_at[b]
        forest.heights[forest.n_nodes] = height
        node_at[a] = forest.n_nodes
        forest.n_nodes += 1
