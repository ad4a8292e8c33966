"""Trees: the dendrogram of maps and that of positions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from seam_core.colours import REFERENCE
from seam_core.figures.style import MUTED, cluster_colors, new_figure, styled
from seam_core.records import Clustering, Linkage
from seam_core.tree_drawing import MOST_LEAVES, cut_of, height_ticks, leg_of, rise, tree_groups
from seam_core.validate import check_range

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@styled
def dendrogram(
    linkage: Linkage,
    *,
    clustering: Clustering | None = None,
    cut_height: float | None = None,
    leaves: int = MOST_LEAVES,
    colours: Mapping[int, str] | None = None,
    title: str = "",
    size: tuple[float, float] = (7.0, 3.0),
    colour_blind: bool = False,
) -> Figure:
    """The top of the tree of maps, down to `leaves` branches, with the cut.

    Heights are on a square-root scale: Ward's grow with the size of clusters.

    Parameters
    ----------
    clustering : branches below the cut take the colours of their clusters
    cut_height : None: the clustering's, where it is of the tree
    leaves : branches drawn; what is below is folded into them
    colours : cluster id -> "#rrggbb" in place of its own
    """
    check_range(leaves, "leaves", 2)
    figure = new_figure(size)
    axes = figure.add_subplot()
    top, branch = top_of_tree(linkage.matrix, leaves)
    height = cut_of(linkage, clustering) if cut_height is None else cut_height
    groups, colors = np.full(len(top) + 1, -1), np.zeros((0, 4))
    if clustering is not None and height is not None:
        ids, groups = _clusters_of(branch, clustering.labels)
        colors = cluster_colors(ids, colours, colour_blind=colour_blind)
    draw_tree(axes, top, groups, colors, background=MUTED, below=height)
    if height is not None:
        axes.axhline(height, color=REFERENCE, lw=0.8, ls=(0, (4, 2)))
        count = int((linkage.matrix[:, 2] > height).sum()) + 1
        axes.text(
            0.995, height, f"{count:,} clusters", transform=axes.get_yaxis_transform(),
            color=REFERENCE, ha="right", va="bottom", fontsize=7,
        )  # fmt: skip
    highest = float(top[:, 2].max(initial=0.0)) or 1.0
    axes.set_yscale("function", functions=(_rise, np.square))
    axes.set_yticks(height_ticks(highest), [f"{tick:.3g}" for tick in height_ticks(highest)])
    axes.set_ylim(0.0, 1.05 * highest)
    axes.set_xticks([])
    axes.set_xlabel(f"{linkage.n_leaves:,} maps in {len(groups):,} branches")
    axes.set_ylabel(f"Height ({linkage.method})")
    axes.set_title(title, loc="left")
    return figure


def _rise(heights: np.ndarray) -> np.ndarray:
    return np.asarray(rise(heights, 1.0))


def _clusters_of(branch: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ids of clusters, and (p,) which of them each branch of the top is in, by its first leaf."""
    members = np.unique(branch, return_index=True)[1]
    ids, group = np.unique(labels[members], return_inverse=True)
    return ids, group.ravel()


def top_of_tree(matrix: np.ndarray, leaves: int) -> tuple[np.ndarray, np.ndarray]:
    """The last `leaves` - 1 merges as a tree of its own.

    Parameters
    ----------
    matrix : (N - 1, 4) SciPy linkage

    Returns
    -------
    (p - 1, 4) linkage of p = min(leaves, N) branches, numbered in order of their first member
    (N,) branch that each row of the original tree belongs to
    """
    n = len(matrix) + 1
    p = min(leaves, n)
    folded = n - p  # merges below the branches
    branch_of = np.arange(n + folded)
    children = matrix[:folded, :2].astype(np.int64)
    for merge in range(folded - 1, -1, -1):
        branch_of[children[merge]] = branch_of[n + merge]
    nodes, first, branch = np.unique(branch_of[:n], return_index=True, return_inverse=True)
    rank = np.empty(p, dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(p)

    number = np.full(2 * n - 1, -1)
    number[nodes] = rank
    number[n + folded :] = np.arange(p, p + p - 1)
    kept = matrix[folded:].copy()
    pairs = number[kept[:, :2].astype(np.int64)]
    below = np.ones(2 * p - 1)
    for merge, pair in enumerate(pairs):
        below[p + merge] = below[pair].sum()
    kept[:, :2] = pairs
    kept[:, 3] = below[p:]
    return kept, rank[branch.ravel()]


def draw_tree(
    axes: Axes,
    matrix: np.ndarray,
    groups: np.ndarray,
    colors: np.ndarray,
    *,
    background: str,
    below: float | None = None,
) -> np.ndarray:
    """Draw a linkage from its leaves at y = 0 upward; returns the leaves from left to right.

    Iterative, so that a tree as deep as it has leaves is no harder than another.

    Parameters
    ----------
    groups : (p,) group of each leaf, -1 none; links inside one group take its colour
    colors : (G, 4)
    background : colour of the other links
    below : links merged above this height keep the background's colour
    """
    from matplotlib.collections import LineCollection
    from matplotlib.colors import to_rgba
    from scipy.cluster.hierarchy import leaves_list

    p = len(matrix) + 1
    order = leaves_list(matrix)
    x, y = np.zeros(2 * p - 1), np.zeros(2 * p - 1)
    x[order] = np.arange(p)
    nodes = range(p, 2 * p - 1)
    columns = (matrix[:, 0].astype(int), matrix[:, 1].astype(int), matrix[:, 2])
    merges = list(zip(nodes, *(column.tolist() for column in columns), strict=True))
    leaf_groups = {leaf: int(group) for leaf, group in enumerate(groups) if group >= 0}
    for node, left, right, height in merges:
        x[node], y[node] = (x[left] + x[right]) / 2, height
    lines, inner = _lines(merges, x, y, tree_groups(merges, leaf_groups, below), below)
    shades = np.tile(to_rgba(background), (len(lines), 1))
    shades[inner >= 0] = colors[inner[inner >= 0]]
    axes.add_collection(LineCollection(lines, colors=shades, linewidths=0.8, capstyle="projecting"))
    axes.set_xlim(-1.0, p)
    axes.set_ylim(0.0, 1.05 * float(matrix[:, 2].max(initial=0.0)) or 1.0)
    return order


def _lines(
    merges: list[tuple[int, int, int, float]],
    x: np.ndarray,
    y: np.ndarray,
    groups: Mapping[int, int],
    cut: float | None,
) -> tuple[list[list[tuple[float, float]]], np.ndarray]:
    """The two ends of every line of a tree, and (n,) its group, -1 for none."""
    lines, group_of_line = [], []
    for node, left, right, height in merges:
        above = groups.get(node)
        lines.append([(x[left], height), (x[right], height)])
        group_of_line.append(above)
        for child in (left, right):
            for low, high, own in leg_of(float(y[child]), height, groups.get(child), above, cut):
                lines.append([(x[child], low), (x[child], high)])
                group_of_line.append(own)
    return lines, np.array(
        [-1 if group is None else group for group in group_of_line], dtype=np.int64
    )
