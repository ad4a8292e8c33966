"""What lies inside a polygon, and below a node of a tree."""

from __future__ import annotations

import numpy as np

from seam_core.validate import InputError

_STEPS = 1 << 16
_FLAT = 1e-300  # lower polygons have no inside


def inside_polygon(x: np.ndarray, y: np.ndarray, vertices: np.ndarray) -> np.ndarray:
    """(N,) bool: which points lie in a polygon (odd-even rule).

    Every edge touches only the points of its own height, found in the points ordered by 65,536
    steps of y (sorted by counting them), so that a lasso of hundreds of vertices costs little more
    than reading the points near it.

    Parameters
    ----------
    x, y : (N,)
    vertices : (V, 2); the last is joined to the first
    """
    vertices = np.asarray(vertices, dtype=np.float64)
    result = np.zeros(len(x), dtype=bool)
    if len(vertices) < 3 or np.ptp(vertices[:, 1]) < _FLAT:
        return result
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    (near,) = np.nonzero((x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1]))
    per_step = (_STEPS - 1) / (high[1] - low[1])

    def step_of(height: np.ndarray) -> np.ndarray:
        return ((height - low[1]) * per_step).astype(np.uint16)

    steps = step_of(y[near].astype(np.float64))
    order = np.argsort(steps, kind="stable")
    near, steps = near[order], steps[order]
    px, py = x[near].astype(np.float64), y[near].astype(np.float64)
    crossings = np.zeros(len(near), dtype=bool)
    firsts = np.searchsorted(steps, step_of(vertices[:, 1]), "left")
    lasts = np.searchsorted(steps, step_of(vertices[:, 1]), "right")
    for a, b in zip(range(len(vertices)), np.roll(range(len(vertices)), -1).tolist(), strict=True):
        (x0, y0), (x1, y1) = vertices[a], vertices[b]
        if y0 == y1:
            continue
        below, above = (a, b) if y0 < y1 else (b, a)
        rows = slice(firsts[below], lasts[above])
        heights = py[rows]
        edge = x0 + (heights - y0) * ((x1 - x0) / (y1 - y0))
        there = (heights >= min(y0, y1)) & (heights < max(y0, y1))
        crossings[rows] ^= (px[rows] < edge) & there
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
