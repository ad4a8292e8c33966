"""Where other maps lie in the picture of a session's maps."""

from __future__ import annotations

import numpy as np

from seam_core.clusterer import Placer, as_rows, can_place
from seam_core.records import AttributionMaps, Embedding

TRANSFORM, NEIGHBOURS, NONE = "transform", "neighbours", "none"
N_NEIGHBOURS = 15
_BLOCK = 4096


class Places:
    """Places of maps in an embedding.

    By the embedding's own method where it can place other maps: PCA exactly, UMAP by its
    transform. Else as the mean of the places of the 15 nearest maps, weighted by the inverse of
    their distance.

    Attributes
    ----------
    source : "transform: PCA", "transform: UMAP", "neighbours" or "none"
    """

    def __init__(self, maps: AttributionMaps, embedding: Embedding | None) -> None:
        self._maps, self._embedding = maps, embedding
        self._placer: Placer | None = None
        self.source = NONE
        if embedding is None:
            return
        if can_place(embedding):
            self._placer = Placer(maps, embedding)
            self.source = f"{TRANSFORM}: {embedding.axis_name(0).split()[0]}"
        else:
            self.source = NEIGHBOURS

    def of(self, maps: np.ndarray, members: np.ndarray | None = None) -> np.ndarray | None:
        """(M, Z) float32 places of (M, W, A) maps; None without an embedding.

        members : (M,) the row of the library that each is, -1 for none: these are where they are
        """
        embedding = self._embedding
        if embedding is None:
            return None
        known = np.full(len(maps), -1) if members is None else members
        places = np.empty((len(maps), embedding.coordinates.shape[1]), np.float32)
        places[known >= 0] = embedding.coordinates[known[known >= 0]]
        new = known < 0
        if new.any():
            rows = np.ascontiguousarray(maps[new])
            placed = self._placer.place(rows) if self._placer else self._among_neighbours(rows)
            places[new] = placed
        return places

    def _among_neighbours(self, maps: np.ndarray) -> np.ndarray:
        assert self._embedding is not None
        old, new = as_rows(self._maps), as_rows(maps).astype(np.float32)
        wanted = min(N_NEIGHBOURS, len(old))
        nearest = np.full((len(new), wanted), np.inf, np.float32)
        which = np.zeros((len(new), wanted), np.int64)
        norms = np.einsum("ij,ij->i", new, new)[:, None]
        for first in range(0, len(old), _BLOCK):
            block = old[first : first + _BLOCK]
            squares = norms + np.einsum("ij,ij->i", block, block) - 2.0 * new @ block.T
            numbers = np.broadcast_to(np.arange(first, first + len(block)), squares.shape)
            squares = np.concatenate([nearest, np.maximum(squares, 0.0)], axis=1)
            numbers = np.concatenate([which, numbers], axis=1)
            kept = np.argpartition(squares, wanted - 1, axis=1)[:, :wanted]
            nearest = np.take_along_axis(squares, kept, axis=1)
            which = np.take_along_axis(numbers, kept, axis=1)
        weights = 1.0 / np.maximum(np.sqrt(nearest), 1e-12)
        weights /= weights.sum(axis=1, keepdims=True)
        places = self._embedding.coordinates[which]
        return np.einsum("mk,mkz->mz", weights, places).astype(np.float32)
