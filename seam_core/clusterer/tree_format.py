"""Merges in any order to SciPy's linkage format."""

from __future__ import annotations

import numpy as np
from numba import njit

from seam_core.clusterer.duplicates import Distinct


def to_linkage(children: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """Merges to (N - 1, 4) float64: by height, and in a merge the lower node first.

    Parameters
    ----------
    children : (N - 1, 2) int64 nodes, 0 .. N-1 leaves and N + m the m-th merge, parts before wholes
    heights : (N - 1,) float64; a whole that is a rounding below its parts is lifted to them
    """
    n = len(children) + 1
    heights = heights.copy()
    _lift_to_parts(children, heights)
    order = np.argsort(heights, kind="stable")
    renamed = np.arange(2 * n - 1)
    renamed[n + order] = n + np.arange(n - 1)
    ordered = np.sort(renamed[children[order]], axis=1)
    return np.column_stack([ordered, heights[order], _sizes(ordered)])


def from_edges(edges: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """A spanning tree's (N - 1, 2) edges and their lengths to a single-linkage tree."""
    order = np.argsort(heights, kind="stable")
    return to_linkage(_join(edges[order]), heights[order])


def with_identical(
    children: np.ndarray, heights: np.ndarray, distinct: Distinct
) -> tuple[np.ndarray, np.ndarray]:
    """Merges of distinct maps to merges of all: identical ones first, at height 0."""
    if len(distinct.groups) == len(distinct.firsts):
        return children, heights
    within, tops = _merge_identical(distinct.groups)
    n_nodes = len(distinct.groups) + len(within)
    node = np.concatenate([tops, n_nodes + np.arange(len(children))])
    return (
        np.concatenate([within, node[children]]),
        np.concatenate([np.zeros(len(within)), heights]),
    )


def _merge_identical(groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Merges within each group, two and two so that the tree stays shallow, and its last node."""
    nodes = np.argsort(groups, kind="stable")
    owner = groups[nodes]
    merges, n_nodes = [np.empty((0, 2), np.int64)], len(groups)
    while True:
        starts = np.flatnonzero(np.diff(owner, prepend=-1))
        place = np.arange(len(owner)) - np.repeat(starts, np.diff(starts, append=len(owner)))
        left = np.flatnonzero((place[:-1] % 2 == 0) & (owner[1:] == owner[:-1]))
        if len(left) == 0:
            return np.concatenate(merges), nodes
        merges.append(np.stack([nodes[left], nodes[left + 1]], axis=1))
        nodes[left] = n_nodes + np.arange(len(left))
        n_nodes += len(left)
        keep = np.ones(len(nodes), bool)
        keep[left + 1] = False
        nodes, owner = nodes[keep], owner[keep]


@njit(nogil=True, cache=True)
def _lift_to_parts(children: np.ndarray, heights: np.ndarray) -> None:
    n = len(heights) + 1
    for row in range(n - 1):
        for child in children[row]:
            if child >= n:
                heights[row] = max(heights[row], heights[child - n])


@njit(nogil=True, cache=True)
def _sizes(children: np.ndarray) -> np.ndarray:
    n = len(children) + 1
    sizes = np.ones(2 * n - 1)
    for row in range(n - 1):
        sizes[n + row] = sizes[children[row, 0]] + sizes[children[row, 1]]
    return sizes[n:]


@njit(nogil=True, cache=True)
def _join(edges: np.ndarray) -> np.ndarray:
    """Edges in the order of their lengths to the nodes that they merge."""
    n = len(edges) + 1
    above = np.arange(2 * n - 1)
    children = np.empty((n - 1, 2), np.int64)
    for row in range(n - 1):
        for side in range(2):
            top = edges[row, side]
            while above[top] != top:
                above[top] = above[above[top]]
                top = above[top]
            children[row, side] = top
        above[children[row, 0]] = above[children[row, 1]] = n + row
    return children
