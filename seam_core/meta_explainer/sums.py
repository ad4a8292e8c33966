"""Per-cluster sums: one pass over the N sequences, after which everything is computed from K rows.

Merging, splitting and selecting move sequences between rows instead of summing anew.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import partial
from itertools import repeat

import numpy as np

from seam_core.progress import SILENT, Progress
from seam_core.records import AttributionMaps, Library
from seam_core.sequences import is_diploid
from seam_core.validate import InputError, check_shape

CHUNK_ROWS = 16_384
"""Sequences between two reports of progress."""

BLOCKS = 4
"""The positions (or the rows) are shared out in this many blocks, each the work of one thread."""


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums over the sequences of each of K clusters.

    sizes : (K,) int64
    letter_counts : (K, W, A) int64; unknown letters are not counted
    map_sums, map_squares : (K, W, A) float64, of the maps and of their squares
    contribution_sums : (K, W, A) float64, of map x one-hot
    """

    sizes: np.ndarray
    letter_counts: np.ndarray
    map_sums: np.ndarray
    map_squares: np.ndarray
    contribution_sums: np.ndarray

    def __len__(self) -> int:
        return len(self.sizes)

    @classmethod
    def zeros(cls, n_clusters: int, width: int, n_letters: int) -> Sums:
        """Sums of nothing."""
        shape = (n_clusters, width, n_letters)
        return cls(
            np.zeros(n_clusters, np.int64),
            np.zeros(shape, np.int64),
            np.zeros(shape),
            np.zeros(shape),
            np.zeros(shape),
        )

    def rows(self, rows: np.ndarray) -> Sums:
        """Some of the clusters, in the order given."""
        return Sums(*(getattr(self, item.name)[rows] for item in fields(self)))

    def merged(self, groups: np.ndarray, n_groups: int | None = None) -> Sums:
        """Cluster k joins group `groups[k]`; -1 drops it. `n_groups` rows come back."""
        groups = np.asarray(groups)
        n_groups = int(groups.max(initial=-1)) + 1 if n_groups is None else n_groups
        kept = groups >= 0
        merged = []
        for item in fields(self):
            values = getattr(self, item.name)
            total = np.zeros((n_groups, *values.shape[1:]), values.dtype)
            np.add.at(total, groups[kept], values[kept])
            merged.append(total)
        return Sums(*merged)

    def total(self) -> Sums:
        """All clusters as one row."""
        values = (getattr(self, item.name) for item in fields(self))
        return Sums(*(value.sum(axis=0, keepdims=True) for value in values))


def cluster_sums(
    library: Library,
    maps: AttributionMaps,
    rows: np.ndarray,
    n_clusters: int,
    *,
    progress: Progress = SILENT,
) -> Sums:
    """The one pass over all sequences and maps.

    Parameters
    ----------
    rows : (N,) int, row of the result that each sequence belongs to; -1: none

    Raises
    ------
    InputError
        Sizes of library, maps and rows that disagree.
    """
    rows = _checked_rows(library, maps, rows)
    empty = Sums.zeros(n_clusters, *maps.maps.shape[1:])
    everything = np.arange(len(rows))
    return _moved(library, maps, empty, everything, rows, np.full_like(rows, -1), progress)


def updated_sums(
    library: Library,
    maps: AttributionMaps,
    old: Sums,
    old_rows: np.ndarray,
    new_rows: np.ndarray,
    n_clusters: int,
    *,
    progress: Progress = SILENT,
) -> Sums:
    """Sums of a changed clustering: the maps read are only those that must be.

    The largest part that an old cluster gives to a new one takes over its sums; the sequences of
    its other parts are added where they went and subtracted there. A merge reads no map, a split
    the smaller part, a lasso at most half of each cluster that it cuts.

    Parameters
    ----------
    old : sums of the clustering `old_rows`
    old_rows, new_rows : (N,) int, each sequence's row before and now; -1: none
    """
    old_rows = _checked_rows(library, maps, old_rows)
    new_rows = _checked_rows(library, maps, new_rows)
    parts = np.zeros((len(old) + 1, n_clusters + 1), np.int64)
    flat = (old_rows + 1).astype(np.int64) * (n_clusters + 1) + (new_rows + 1)
    parts += np.bincount(flat, minlength=parts.size).reshape(parts.shape)
    heir = parts.argmax(axis=1).astype(np.int32) - 1
    heir[0] = -1
    start = old.merged(heir[1:], n_clusters)
    inherited = heir[old_rows + 1]
    moving = np.flatnonzero(new_rows != inherited)
    return _moved(library, maps, start, moving, new_rows[moving], inherited[moving], progress)


def subset_sums(
    library: Library,
    maps: AttributionMaps,
    selected: np.ndarray,
    *,
    clusters: Sums | None = None,
    rows: np.ndarray | None = None,
    progress: Progress = SILENT,
) -> Sums:
    """Sums of a selection, as one row.

    Parameters
    ----------
    selected : (N,) bool, or indices of sequences
    clusters, rows : sums of all clusters and each sequence's row in them, where they are known:
        whole clusters in the selection are then not read again, and of a cluster that is cut only
        its smaller side
    """
    mask = np.zeros(len(library), bool)
    mask[np.asarray(selected)] = True
    if mask.shape != (len(library),):
        raise InputError("selected", f"shape {mask.shape}", f"{len(library)} sequences")
    if clusters is not None and rows is not None:
        new_rows = np.where(mask, 0, -1).astype(np.int32)
        return updated_sums(library, maps, clusters, rows, new_rows, 1, progress=progress)
    members = np.flatnonzero(mask)
    into = np.zeros(len(members), np.int32)
    empty = Sums.zeros(1, *maps.maps.shape[1:])
    return _moved(library, maps, empty, members, into, np.full_like(into, -1), progress)


def squared_distances(maps: AttributionMaps, rows: np.ndarray, means: np.ndarray) -> np.ndarray:
    """(N,) float64 squared distance of each map to row `rows[i]` of means (K, W, A); NaN for -1."""
    from seam_core.meta_explainer import _kernels

    check_shape(rows, (len(maps),), "cluster labels")
    check_shape(means, (None, *maps.maps.shape[1:]), "mean maps")
    values = _read_only(maps.maps).reshape(len(maps), -1)
    flat = np.ascontiguousarray(means, dtype=np.float64).reshape(len(means), -1)
    distances = np.full(len(maps), np.nan)
    bounds = np.linspace(0, len(maps), BLOCKS + 1).astype(np.int64)

    def measure(start: int, stop: int) -> None:
        _kernels.squared_distances(values, rows.astype(np.int32), flat, start, stop, distances)

    with ThreadPoolExecutor(min(BLOCKS, os.cpu_count() or 1)) as pool:
        list(pool.map(measure, bounds[:-1], bounds[1:]))
    return distances


def warm_up(n_letters: int = 4) -> None:
    """Compile the pass (or load it from numba's cache), so that a first selection does not wait."""
    library = Library(np.zeros((2, 3), np.int8), "ACDEFGHIKLMNPQRSTVWY"[:n_letters])
    maps = AttributionMaps(np.zeros((2, 3, n_letters), np.float32))
    cluster_sums(library, maps, np.zeros(2, np.int32), 1)


def _checked_rows(library: Library, maps: AttributionMaps, rows: np.ndarray) -> np.ndarray:
    if is_diploid(library.alphabet):
        raise InputError(
            "library", "diploid genotypes (two-hot)", "sequences with one letter at a position"
        )
    check_shape(rows, (len(library),), "cluster labels")
    check_shape(maps.maps, (len(library), None, library.n_letters), "maps")
    if maps.start < 0 or maps.stop > library.length:
        raise InputError(
            "maps",
            f"positions {maps.start}-{maps.stop}",
            f"positions within 0 to {library.length}",
        )
    return rows.astype(np.int32, copy=False)


def _moved(
    library: Library,
    maps: AttributionMaps,
    start: Sums,
    moving: np.ndarray,
    plus: np.ndarray,
    minus: np.ndarray,
    progress: Progress,
) -> Sums:
    """`start` with the sequences `moving` added to rows `plus` and taken from rows `minus`."""
    from seam_core.meta_explainer import _kernels

    n_clusters, width, n_letters = start.map_sums.shape
    values = _read_only(maps.maps).reshape(len(maps), width * n_letters)
    letters = _read_only(library.sequences)[:, maps.start : maps.stop]
    slots, flat = (n_clusters, width * (n_letters + 1)), (n_clusters, width * n_letters)
    sums = np.zeros(slots, np.int64), np.zeros(flat), np.zeros(flat), np.zeros(slots)
    bounds = np.linspace(0, width, BLOCKS + 1).astype(np.int64)

    with ThreadPoolExecutor(min(BLOCKS, os.cpu_count() or 1)) as pool:
        for first in range(0, len(moving), CHUNK_ROWS):
            chunk = slice(first, first + CHUNK_ROWS)
            for clusters, sign in ((plus[chunk], 1), (minus[chunk], -1)):
                order = _by_cluster(moving[chunk], clusters)
                work = partial(_kernels.accumulate, values, letters, *order, sign)
                # a thread has its own positions: every sum is made in the order of the rows
                list(pool.map(work, bounds[:-1], bounds[1:], *(repeat(array) for array in sums)))
            progress.update(min(first + CHUNK_ROWS, len(moving)), len(moving), "Summing maps")
    counts, map_sums, squares, contributions = sums
    change = np.bincount(plus[plus >= 0], minlength=n_clusters)
    change = change - np.bincount(minus[minus >= 0], minlength=n_clusters)
    shape = (n_clusters, width, n_letters + 1)
    return Sums(
        start.sizes + change,
        start.letter_counts + counts.reshape(shape)[:, :, 1:],
        start.map_sums + map_sums.reshape(start.map_sums.shape),
        start.map_squares + squares.reshape(start.map_sums.shape),
        start.contribution_sums + contributions.reshape(shape)[:, :, 1:],
    )


def _by_cluster(sequences: np.ndarray, clusters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sequences that have a cluster, and their clusters, sorted by it.

    One cluster after the other keeps the sums that are added to in the processor's cache.
    """
    order = np.argsort(clusters, kind="stable")
    order = order[clusters[order] >= 0]
    return sequences[order], clusters[order]


def _read_only(array: np.ndarray) -> np.ndarray:
    """A read-only plain view, so that one compiled kernel serves arrays in memory and on disk."""
    view = np.ascontiguousarray(array).view(np.ndarray)
    view.flags.writeable = False
    return view
