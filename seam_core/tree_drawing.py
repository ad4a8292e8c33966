"""How a tree is drawn: where its cut is, the scale of heights, the colours of legs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

import numpy as np

from seam_core.records import Clustering, Linkage

MOST_LEAVES = 2_000  # of a tree of maps; what is below is folded

Group = TypeVar("Group")  # of a tree: an id, or a colour


def cut_of(linkage: Linkage, clustering: Clustering | None) -> float | None:
    """Height at which a tree was cut into its clusters, edited since or not; None where they are
    not of the tree."""
    if clustering is None:
        return None
    if clustering.cut_height is not None:
        return float(clustering.cut_height)
    if clustering.source != "linkage":
        return None
    heights = np.sort(linkage.matrix[:, 2])
    k = len(clustering.ids)
    return float(heights[-k:][:2].mean()) if 1 < k <= len(heights) else None


def rise(height: np.ndarray | float, top: float) -> np.ndarray | float:
    """Share 0..1 of a tree's picture at which a height is drawn.

    On a square-root scale: Ward's heights grow with the size of clusters, and the merges that a cut
    decides about would lie flat at the bottom.
    """
    return np.sqrt(np.maximum(height, 0.0) / top)


def height_ticks(highest: float) -> list[float]:
    """Heights that the axis of a tree names, evenly apart in its picture."""
    return (np.linspace(0, 1, 4) ** 2 * highest).tolist()


def leg_of(
    low: float, high: float, own: Group | None, above: Group | None, cut: float | None
) -> tuple[tuple[float, float, Group | None], ...]:
    """The pieces of a leg between a node and the merge over it: (from, to, group) each.

    A cluster's colour ends at the cut that made it.

    own, above : groups of the node and of the merge over it; None for none
    """
    if own is None or above is not None or cut is None or cut >= high:
        return ((low, high, above if own is None else own),)
    if low >= cut:
        return ((low, high, None),)
    return ((low, cut, own), (cut, high, None))


def first_leaves(matrix: np.ndarray, nodes: np.ndarray) -> np.ndarray:
    """A leaf below each node of a linkage (leaves 0..N-1, merge i is N + i)."""
    n, leaves = len(matrix) + 1, np.array(nodes, dtype=np.int64)
    while (inner := leaves >= n).any():
        leaves[inner] = matrix[leaves[inner] - n, 0].astype(np.int64)
    return leaves


def tree_groups(
    merges: Iterable[tuple[int, int, int, float]],
    leaves: Mapping[int, int],
    below: float | None = None,
) -> dict[int, int]:
    """Group of every node of a tree that lies in one group alone, up to the cut.

    Parameters
    ----------
    merges : node, its two children and its height, children before parents
    leaves : leaf -> group
    below : height of the cut; nodes above it are in no group
    """
    group_of = dict(leaves)
    for node, left, right, height in merges:
        group = group_of.get(left)
        whole = group is not None and group == group_of.get(right)
        if group is not None and whole and (below is None or height <= below):
            group_of[node] = group
    return group_of
