"""Trees: the dendrogram of maps and that of positions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seam_core.figures.style import MUTED, REFERENCE, cluster_colors, new_figure, styled
from seam_core.records import Clustering, Linkage
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
    leaves: int = 200,
    title: str = "",
    size: tuple[float, float] = (7.0, 3.0),
    colour_blind: bool = False,
) -> Figure:
    """The top of the tree of maps, down to `leaves` branches, with the cut.

    Parameters
    ----------
    clustering : branches inside one cluster take its colour
    cut_height : None: the clustering's, where it has one
    leaves : branches drawn; what is below is folded into them
    """
    check_range(leaves, "leaves", 2)
    figure = new_figure(size)
    axes = figure.add_subplot()
    top, branch = top_of_tree(linkage.matrix, leaves)
    groups, colors = np.full(len(top) + 1, -1), np.zeros((0, 4))
    if clustering is not None:
        ids, labels = np.unique(clustering.labels, return_inverse=True)
        lowest: np.ndarray = np.full(len(groups), len(ids))
        highest: np.ndarray = np.full(len(groups), -1)
        np.minimum.at(lowest, branch, labels)
        np.maximum.at(highest, branch, labels)
        groups = np.where(lowest == highest, lowest, -1)
        colors = cluster_colors(ids, colour_blind=colour_blind)
    draw_tree(axes, top, groups, colors, background=MUTED)
    height = cut_height
    if height is None and clustering is not None:
        height = clustering.cut_height
    if height is not None:
        axes.axhline(height, color=REFERENCE, lw=0.8, ls=(0, (4, 2)))
        count = int((linkage.matrix[:, 2] > height).sum()) + 1
        axes.text(
            0.995, height, f"{count:,} clusters", transform=axes.get_yaxis_transform(),
            color=REFERENCE, ha="right", va="bottom", fontsize=7,
        )  # fmt: skip
    axes.set_xticks([])
    axes.set_xlabel(f"{linkage.n_leaves:,} maps in {len(groups):,} branches")
    axes.set_ylabel(f"Height ({linkage.method})")
    axes.set_title(title, loc="left")
    return figure


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
    axes: Axes, matrix: np.ndarray, groups: np.ndarray, colors: np.ndarray, *, background: str
) -> np.ndarray:
    """Draw a linkage from its leaves at y = 0 upward; returns the leaves from left to right.

    Iterative, so that a tree as deep as it has leaves is no harder than another.

    Parameters
    ----------
    groups : (p,) group of each leaf, -1 none; links inside one group take its colour
    colors : (G, 4)
    background : colour of the other links
    """
    from matplotlib.collections import LineCollection
    from matplotlib.colors import to_rgba
    from scipy.cluster.hierarchy import leaves_list

    p = len(matrix) + 1
    order = leaves_list(matrix)
    x, y = np.zeros(2 * p - 1), np.zeros(2 * p - 1)
    x[order] = np.arange(p)
    group = np.full(2 * p - 1, -1)
    group[:p] = groups
    links = []
    for merge, (left, right) in enumerate(matrix[:, :2].astype(np.int64)):
        node, height = p + merge, matrix[merge, 2]
        x[node], y[node] = (x[left] + x[right]) / 2, height
        group[node] = group[left] if group[left] == group[right] else -1
        links.append(
            [(x[left], y[left]), (x[left], height), (x[right], height), (x[right], y[right])]
        )
    inner = group[p:]
    shades = np.tile(to_rgba(background), (p - 1, 1))
    shades[inner >= 0] = colors[inner[inner >= 0]]
    axes.add_collection(LineCollection(links, colors=shades, linewidths=0.8))
    axes.set_xlim(-1.0, p)
    axes.set_ylim(0.0, 1.05 * float(matrix[:, 2].max(initial=0.0)) or 1.0)
    return order
