"""What lies inside a polygon, and below a node of a tree."""

from __future__ import annotations

import numpy as np

from seam_core.validate import InputError


def inside_polygon(x: np.ndarray, y: np.ndarray, vertices: np.ndarray) -> np.ndarray:
    """(N,) bool: which points lie in a polygon (odd-even rule).

    Parameters
    ----------
    x, y : (N,)
    vertices : (V, 2); the last is joined to the first

    Every edge touches only the points of its own height, found in the points sorted by y, so that
    a lasso of hundreds of vertices costs a sort of the points near it.
    """
    vertices = np.asarray(vertices, dtype=np.float64)
    result = np.zeros(len(x), dtype=bool)
    if len(vertices) < 3:
        return result
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    (near,) = np.nonzero((x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1]))
    near = near[np.argsort(y[near], kind="stable")]
    px, py = x[near].astype(np.float64), y[near].astype(np.float64)
    crossings = np.zeros(len(near), dtype=bool)
    for (x0, y0), (x1, y1) in zip(vertices, np.roll(vertices, -1, axis=0), strict=True):
        if y0 == y1:
            continue
        first, last = np.searchsorted(py, (min(y0, y1), max(y0, y1)))
        rows = slice(first, last)
        edge = x0 + (py[rows] - y0) * ((x1 - x0) / (y1 - y0))
        crossings[rows] ^= px[rows] < edge
    result[near] = crossings
    return result


def leaves_below(linkage: np.ndarray, node: int) -> np.ndarray:
    """(n,) int64: the leaves under a node of a SciPy linkage, in the tree's order."""
    n = len(linkage) + 1
    if not 0 <= node < 2 * n - 1:
        raise InputError("branch", node, f"a node from 0 to {2 * n - 2}")
    leaves: list[int] = []
    todo = [int(node)]
    while todo:
        here = todo.pop()
        if here < n:
            leaves.append(here)
        else:
            left, right = linkage[here - n, :2]
            todo += [int(right), int(left)]
    return np.asarray(leaves, dtype=np.int64)
