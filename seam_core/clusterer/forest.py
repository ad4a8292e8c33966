"""The live clusters of a tree in the making, one a slot, and the merges so far."""

from __future__ import annotations

import numpy as np

from seam_core.clusterer import merging
from seam_core.clusterer.coordinates import Coordinates
from seam_core.clusterer.inputs import ROWS_PER_BLOCK

PLACED_AT_ONCE = 512

Four = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
Five = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]

BY_SLOT = (
    "nodes",
    "sizes",
    "where",
    "status",
    "nearest",
    "distances",
    "ids",
    "bounds",
    "filled",
    "limits",
    "heads",
    "tails",
    "rests",
    "norms",
    "placed",
)


class Forest:
    """State of a Ward tree of U weighted maps; node i < U is map i, node U + m is merge m.

    Parameters
    ----------
    rows : (N, F) maps, not copied
    leaves : (U,) rows that are clustered
    weights : (U,) how many maps each stands for
    coordinates : where candidates are looked for
    capacity : longest list of candidates
    """

    def __init__(
        self,
        rows: np.ndarray,
        leaves: np.ndarray,
        weights: np.ndarray,
        coordinates: Coordinates,
        capacity: int,
    ) -> None:
        n, n_features = len(leaves), rows.shape[1]
        self.rows = rows
        self.coordinates = coordinates
        self.n_leaves = self.n_nodes = n
        # by node
        self.children = np.full((2 * n - 1, 2), -1)
        self.heights = np.zeros(2 * n - 1)
        self.node_sizes = np.zeros(2 * n - 1)
        self.node_sizes[:n] = weights
        self.parents = np.arange(2 * n - 1)
        self.slot_of = np.arange(2 * n - 1)
        # centroids of more than one map: at most one for two leaves; untouched rows cost nothing
        self.centroids = np.empty((n // 2 + 1, n_features))
        self.free = np.arange(n // 2 + 1)
        self.n_free = len(self.free)
        # by slot
        self.nodes = np.arange(n)
        self.sizes = weights.astype(np.float64)
        self.where = leaves.astype(np.int64)
        self.status = np.full(n, merging.EXHAUSTED, np.int8)
        self.nearest = np.full(n, -1)
        self.distances = np.zeros(n)
        self.ids = np.empty((n, capacity), np.int32)
        self.bounds = np.empty((n, capacity))
        self.filled = np.zeros(n, np.int32)
        self.limits = np.zeros(n)
        head, tail, rest = coordinates.widths
        self.heads = np.empty((n, head), np.float32)
        self.tails = np.empty((n, tail), np.float32)
        self.rests = np.empty((n, rest), np.float32)
        self.norms = np.empty(n, np.float32)
        self.placed = np.zeros(n, bool)

    @property
    def n_live(self) -> int:
        """Clusters left: every merge makes one of two."""
        return 2 * self.n_leaves - self.n_nodes

    @property
    def n_slots(self) -> int:
        """Slots, those of the dead included."""
        return len(self.nodes)

    @property
    def n_merges(self) -> int:
        """Merges done."""
        return self.n_nodes - self.n_leaves

    @property
    def live_slots(self) -> np.ndarray:
        """Slots of the clusters left."""
        return np.flatnonzero(self.status != merging.DEAD)

    @property
    def exhausted_slots(self) -> np.ndarray:
        """Slots whose list does not settle who is nearest."""
        return np.flatnonzero(self.status == merging.EXHAUSTED)

    def lists(self) -> Four:
        """What holds the candidates: ids, bounds, filled, limits."""
        return self.ids, self.bounds, self.filled, self.limits

    def for_products(self) -> Five:
        """norms, sizes, names, tails and rests for the product kernels; the dead out of reach."""
        dead = self.status == merging.DEAD
        norms = np.where(dead, np.float32(np.inf), self.norms)
        sizes = np.where(dead, 1.0, self.sizes).astype(np.float32)
        return norms, sizes, self.nodes, self.tails, self.rests

    def place(self, slots: np.ndarray) -> None:
        """Coordinates of some clusters."""
        for start in range(0, len(slots), PLACED_AT_ONCE):
            part = slots[start : start + PLACED_AT_ONCE]
            placed = self.coordinates.place(self.points(part))
            self.heads[part], self.tails[part], self.rests[part], self.norms[part] = placed
        self.placed[slots] = True

    @property
    def moved_slots(self) -> np.ndarray:
        """Slots of the clusters that were made since they were last placed."""
        return np.flatnonzero(~self.placed & (self.status != merging.DEAD))

    def points(self, slots: np.ndarray) -> np.ndarray:
        """(n, F) float64 centroids."""
        where = self.where[slots]
        points = np.empty((len(slots), self.rows.shape[1]))
        single = where >= 0
        points[single] = self.rows[where[single]]
        points[~single] = self.centroids[~where[~single]]
        return points

    def close_gaps(self) -> None:
        """Move the living together, in place, once a tenth of the slots are dead."""
        keep = self.live_slots
        if len(keep) > 0.9 * self.n_slots:
            return
        for name in BY_SLOT:
            array = getattr(self, name)
            for start in range(0, len(keep), ROWS_PER_BLOCK):
                part = keep[start : start + ROWS_PER_BLOCK]
                array[start : start + len(part)] = array[part]
            setattr(self, name, array[: len(keep)])
        self.slot_of[self.nodes] = np.arange(len(keep))

    def add_merges(self, pairs: np.ndarray) -> None:
        """Nodes for pairs of slots that were merged."""
        merging.record_merges(
            pairs,
            self.n_nodes,
            self.nodes,
            self.parents,
            self.slot_of,
            self.node_sizes,
            self.sizes,
            self.distances,
            self.status,
            self.children,
            self.heights,
        )
        self.placed[pairs[:, 0]] = False
        self.n_nodes += len(pairs)
        merging.mark_stale(self.nearest, self.parents, self.status)
