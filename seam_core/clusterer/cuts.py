"""Cutting a tree into clusters, by number or by height."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seam_core.records import Linkage
from seam_core.validate import InputError, check_range, check_shape


@dataclass(frozen=True, eq=False)
class Cut:
    """Clusters of a tree.

    labels : (N,) int32; cluster 0 holds map 0, cluster 1 the first map that is not in cluster 0,
        and so on: numbers depend on the clusters alone, not on how the tree is drawn
    height : where the tree was cut: half-way between the last merge done and the first not done
    n_clusters : K, clusters that there are
    """

    labels: np.ndarray
    height: float
    n_clusters: int


def check_linkage(matrix: np.ndarray, source: str = "") -> np.ndarray:
    """`matrix` as (N - 1, 4) float64, or `InputError`.

    Every row must merge two different clusters that exist and were not merged before, at a finite
    height that is not negative, into one whose size is the sum of theirs.
    """
    matrix = np.asarray(matrix, dtype=np.float64)
    check_shape(matrix, (None, 4), "linkage", source)
    n = len(matrix) + 1
    if not np.isfinite(matrix).all() or (matrix[:, 2] < 0).any():
        raise InputError("linkage", "NaN, infinite or negative", "heights of 0 or more", source)
    children = matrix[:, :2]
    made_before = children < (n + np.arange(n - 1))[:, None]
    whole = (children >= 0) & (children == np.floor(children))
    bad = ~(made_before & whole).all(axis=1)
    if bad.any():
        row = int(bad.argmax())
        raise InputError(
            "linkage",
            f"a merge of {children[row, 0]:g} and {children[row, 1]:g} in row {row}",
            f"clusters made before: whole numbers from 0 to {n + row - 1}",
            source,
        )
    counts = np.bincount(children.astype(np.int64).ravel(), minlength=2 * n - 1)
    if (counts > 1).any():
        raise InputError(
            "linkage",
            f"cluster {int(counts.argmax())} merged twice",
            "every cluster merged once",
            source,
        )
    sizes = np.concatenate([np.ones(n), matrix[:, 3]])
    wrong = sizes[children.astype(np.int64)].sum(axis=1) != matrix[:, 3]
    if wrong.any():
        row = int(wrong.argmax())
        raise InputError(
            "linkage",
            f"size {matrix[row, 3]:g} in row {row}",
            "the sum of the sizes of the two clusters merged",
            source,
        )
    return matrix


def cut_linkage(
    linkage: Linkage | np.ndarray,
    n_clusters: int | None = None,
    *,
    height: float | None = None,
) -> Cut:
    """Clusters of a tree, by number or by height.

    The same groups as `scipy.cluster.hierarchy.fcluster` with "maxclust" or "distance". Merges at
    one height are done all or none: where heights are tied (identical maps, say) the cut by number
    gives the largest number of clusters up to `n_clusters` that a height can give.

    Parameters
    ----------
    linkage : (N - 1, 4) in SciPy's format, or the record
    n_clusters : 1 to N
    height : merges up to and including this height are done

    Raises
    ------
    InputError
        Neither or both given; more clusters than maps; a negative height; not a linkage.

    Examples
    --------
    >>> tree = np.array([[0, 1, 1.0, 2], [2, 3, 1.5, 2], [4, 5, 9.0, 4]])  # {0, 1} and {2, 3}
    >>> cut = cut_linkage(tree, 2)
    >>> int(cut.labels[0]) == int(cut.labels[1]), int(cut.labels[0]) == int(cut.labels[2])
    (True, False)
    """
    matrix = check_linkage(linkage.matrix if isinstance(linkage, Linkage) else linkage)
    n = len(matrix) + 1
    if (n_clusters is None) == (height is None):
        raise InputError("cut", "neither or both", "either n_clusters or height")
    reached = _heights_reached(matrix)
    in_order = np.sort(reached)
    if height is None:
        assert n_clusters is not None
        if not 1 <= n_clusters <= n:
            raise InputError("n_clusters", n_clusters, f"1 to {n}, the number of maps")
        height = _height_between(in_order, n - n_clusters)
    else:
        check_range(height, "cut_height", 0.0)
    labels = _flat_clusters(matrix, reached <= height)
    return Cut(labels, float(height), int(labels.max()) + 1)


def _heights_reached(matrix: np.ndarray) -> np.ndarray:
    """Height of each merge, or of the highest below it where the tree is not monotonic."""
    heights = matrix[:, 2].copy()
    if (np.diff(heights) >= 0).all():
        return heights
    n = len(matrix) + 1
    for row, (left, right) in enumerate(matrix[:, :2].astype(np.int64)):
        for child in (left, right):
            if child >= n:
                heights[row] = max(heights[row], heights[child - n])
    return heights


def _height_between(in_order: np.ndarray, n_merges: int) -> float:
    """A height at which the first `n_merges` merges are done, and all tied with the last."""
    if n_merges == 0:
        if len(in_order) == 0 or in_order[0] > 0:
            return float(in_order[0] / 2) if len(in_order) else 0.0
        n_merges = 1
    last = in_order[n_merges - 1]
    done = int(np.searchsorted(in_order, last, side="right"))
    if done == len(in_order):
        return float(last)
    middle = last + (in_order[done] - last) / 2
    return float(middle if middle < in_order[done] else last)


def _flat_clusters(matrix: np.ndarray, merged: np.ndarray) -> np.ndarray:
    """(N,) int32: labels by first member, after the merges marked True."""
    n = len(matrix) + 1
    owner = np.arange(2 * n - 1)
    rows = np.flatnonzero(merged)
    owner[matrix[rows, :2].astype(np.int64)] = (n + rows)[:, None]
    # from parent to topmost done merge: paths halve in length each time
    while True:
        above = owner[owner]
        if np.array_equal(above, owner):
            return first_come(owner[:n])
        owner = above


def first_come(labels: np.ndarray) -> np.ndarray:
    """(N,) labels renumbered 0, 1, 2 ... in order of first appearance; int32."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int32)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]
