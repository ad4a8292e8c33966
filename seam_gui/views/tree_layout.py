"""The top of a tree of any size as lines: which links there are, and where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class TreeTop:
    """The last merges of a linkage, laid out over equally spaced leaves.

    nodes : (M,) node ids of the merges drawn, children before parents
    left, right : (M,) x of the two children
    left_height, right_height, heights : (M,) heights of the children and of the merge
    x : (M,) where the merge itself stands
    leaves : (m,) node ids at the bottom, from left to right
    child_left, child_right : (M,) node ids of the two children
    """

    nodes: np.ndarray
    left: np.ndarray
    right: np.ndarray
    left_height: np.ndarray
    right_height: np.ndarray
    heights: np.ndarray
    x: np.ndarray
    leaves: np.ndarray
    child_left: np.ndarray
    child_right: np.ndarray


def tree_top(linkage: np.ndarray, most_leaves: int = 2_000) -> TreeTop:
    """Lay out the last merges of an (N - 1, 4) SciPy linkage, at most `most_leaves` - 1 of them.

    A merge stands after its parts in the rows of a linkage, so the last rows are its top.
    """
    n = len(linkage) + 1
    n_merges = min(n - 1, most_leaves - 1)
    first = n - 1 - n_merges  # rows from here on are drawn
    children = linkage[:, :2].astype(np.int64)
    leaves = _leaves_in_order(children, n, first)
    place = {int(leaf): i for i, leaf in enumerate(leaves)}
    x = np.empty(n_merges)
    left, right = np.empty(n_merges), np.empty(n_merges)
    below = np.empty((n_merges, 2))
    for k in range(n_merges):
        ends = []
        for side, child in enumerate(children[first + k].tolist()):
            drawn = child >= n + first
            ends.append(x[child - n - first] if drawn else float(place[child]))
            below[k, side] = linkage[child - n, 2] if child >= n else 0.0
        left[k], right[k] = ends
        x[k] = (ends[0] + ends[1]) / 2
    rows = slice(first, n - 1)
    return TreeTop(
        np.arange(n + first, 2 * n - 1),
        left,
        right,
        below[:, 0],
        below[:, 1],
        linkage[rows, 2].astype(np.float64),
        x,
        leaves,
        children[rows, 0],
        children[rows, 1],
    )


def _leaves_in_order(children: np.ndarray, n: int, first: int) -> np.ndarray:
    """Nodes below the rows drawn, as a walk from the root meets them."""
    leaves, todo = [], [2 * n - 2]
    while todo:
        node = todo.pop()
        if node < n + first:
            leaves.append(node)
        else:
            left, right = children[node - n].tolist()
            todo += [right, left]
    return np.asarray(leaves, dtype=np.int64)
