"""Where on the path of integrated gradients to take a gradient, and with what weight."""

from __future__ import annotations

import numpy as np

from seam_core.attributer.batches import Tick, rows_in_memory
from seam_core.oracles import DifferentiableOracle

# Sequences of the library that the nodes are found on, and steps of their paths.
CALIBRATION_ROWS = 8
CALIBRATION_STEPS = 32
LARGEST_BATCH = 64


def trapezoid(steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights (steps + 1,) of the trapezoid rule on [0, 1]."""
    nodes = np.linspace(0.0, 1.0, steps + 1)
    weights = np.full(steps + 1, 1.0 / steps)
    weights[[0, -1]] /= 2
    return nodes, weights


def calibrated(
    oracle: DifferentiableOracle,
    one_hot: np.ndarray,
    baseline: np.ndarray,
    n_nodes: int,
    tick: Tick,
) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights (n_nodes,) where these sequences' gradients change along the path.

    Parameters
    ----------
    one_hot : (n, L, A) float32, a sample of the library
    baseline : (n, L, A) or (1, L, A) float32

    A network of ReLUs is piecewise linear: along the path its gradient jumps at places that
    differ from sequence to sequence, but are dense at the same part of the path. With jumps of
    variance v(a) per unit of path, a cell of width h taken at its middle adds v h^3 / 12 to the
    squared error, which is least in sum where cells hold equal shares of the integral of v^(1/3).
    """
    steps = np.linspace(0.0, 1.0, CALIBRATION_STEPS + 1)
    share = steps.astype(np.float32)[:, None, None, None]
    points = (baseline + share * (one_hot - baseline)).reshape(-1, *one_hot.shape[1:])
    gradients = np.empty_like(points)
    size = rows_in_memory(oracle, one_hot.shape[1], LARGEST_BATCH)
    for first in range(0, len(points), size):
        tick(first / len(points))
        gradients[first : first + size] = oracle.gradient(points[first : first + size])[1]
    moved = np.diff(gradients.reshape(len(steps), -1), axis=0)
    jumps = np.square(moved, out=moved).sum(axis=1, dtype=np.float64)
    density = np.cbrt(jumps)
    if not density.any():  # the gradient is the same everywhere: any nodes do
        density[:] = 1.0
    passed = np.concatenate([[0.0], np.cumsum(density + 1e-3 * density.mean())])
    edges = np.interp(np.linspace(0.0, passed[-1], n_nodes + 1), passed, steps)
    return (edges[1:] + edges[:-1]) / 2, np.diff(edges)
