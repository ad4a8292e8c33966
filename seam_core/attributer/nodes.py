"""Where on the path of integrated gradients to take a gradient, and with what weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seam_core.oracles import Oracle
from seam_core.oracles.capabilities import Gradient, PathSecants, rows_in_memory
from seam_core.progress import Tick
from seam_core.validate import SeamError

# Sequences of the library that the nodes are found on, and steps of their paths.
CALIBRATION_ROWS = 8
CALIBRATION_STEPS = 80
LARGEST_BATCH = 128
# Even steps of the method's authors, whose accuracy a number of nodes is chosen for; a share of
# their error, as what holds for a few sequences holds for others only roughly; and most nodes.
AUTHORS_STEPS = 20
SHARE_OF_ERROR = 0.95
MOST_NODES = 40

# Sequences below which the authors' even steps are taken: finding better ones asks for about as
# many gradients as the maps of 30 sequences do; and the same of cells that need no tracing.
FEW, FEW_FOR_CELLS = 150, 16
# Bytes that a sequence's gradient holds from which cells pay for few: a smaller network's calls
# take less time by themselves than the rules around them.
HELD_FOR_CELLS = 4 << 20
# The same for secants: sequences, half of which must do where few follow (and each must agree), and
# the cells whose sum is taken as exact; twice of both cost little where many follow. What so few
# cells and sequences say of an error is too good by a quarter (DeepSTARR). And numbers of cells
# that are tried, the most of which still take less time than even steps do.
SECANT_ROWS, EXACT_CELLS = 4, 20
MANY = 1000
SHARE_OF_UNSURE_ERROR = 0.75
TRIED_CELLS, TRIED_FOR_FEW = (4, 6, 8, 10, 12), (7,)


@dataclass(frozen=True, eq=False)
class PathRule:
    """How the mean gradient along a path is taken.

    nodes, weights : (m,) where a gradient is taken, and its weight
    edges : (k + 1,) ends of the cells whose secants are taken instead, or None
    """

    nodes: np.ndarray
    weights: np.ndarray
    edges: np.ndarray | None = None


def cell_rule(
    oracle: Oracle,
    gradient: Gradient,
    secants: PathSecants,
    one_hot: np.ndarray,
    baseline: np.ndarray,
    n: int,
    tick: Tick,
) -> PathRule | None:
    """The cells whose secants are as exact as 20 even steps on some of these sequences; None where
    an operation has no rule or none of the tried numbers of cells suffices.

    Parameters as of `calibrated`; n : sequences that it is for.
    """
    n_rows = 2 * SECANT_ROWS if n >= MANY else SECANT_ROWS if n >= FEW else SECANT_ROWS // 2
    rows = np.unique(np.linspace(0, len(one_hot) - 1, n_rows).astype(int))
    starts = baseline if len(baseline) == 1 else baseline[rows]
    try:
        edges = _cells(oracle, gradient, secants, one_hot[rows], starts, n, tick)
    except SeamError:
        return None
    return None if edges is None else PathRule(edges[1:], np.diff(edges), edges)


def _cells(
    oracle: Oracle,
    gradient: Gradient,
    secants: PathSecants,
    one_hot: np.ndarray,
    baseline: np.ndarray,
    n: int,
    tick: Tick,
) -> np.ndarray | None:
    """Edges of the fewest cells that are as exact as even steps are; None: more than tried."""
    steps, shares = trapezoid(AUTHORS_STEPS)
    even = np.einsum(
        "s,snx->nx", shares, _gradients(oracle, gradient, one_hot, baseline, steps, tick)
    )
    n_exact = EXACT_CELLS * (2 if n >= MANY else 1)
    edges = np.linspace(0.0, 1.0, n_exact + 1)
    means = np.stack([mean for _, mean in secants(one_hot, baseline, edges)])
    means = means.reshape(n_exact, len(one_hot), -1)
    wanted = means.mean(axis=0)
    sizes = np.linalg.norm(wanted, axis=1)
    sizes[sizes == 0] = 1.0

    def errors(found: np.ndarray) -> np.ndarray:
        each = np.linalg.norm(found - wanted, axis=1) / sizes
        return each if n < FEW else each.mean(keepdims=True)

    between = np.square(np.linalg.norm(np.diff(means, axis=0), axis=2) / sizes).sum(axis=1)
    jumps = np.concatenate([between[:1], (between[1:] + between[:-1]) / 2, between[-1:]])
    allowed = (SHARE_OF_ERROR if n >= MANY else SHARE_OF_UNSURE_ERROR) * errors(even)

    def exact_enough(n_cells: int) -> np.ndarray | None:
        middles, widths = _placed(jumps, edges, n_cells)
        tried = np.append(middles - widths / 2, 1.0)
        found, _ = secants.sums(one_hot, baseline, tried, tick)
        return tried if (errors(found.reshape(len(one_hot), -1)) <= allowed).all() else None

    for n_cells in TRIED_CELLS if n >= FEW else TRIED_FOR_FEW:
        found = exact_enough(n_cells)
        if found is not None:
            fewer = exact_enough(n_cells - 1)
            return found if fewer is None else fewer
    return None


def trapezoid(steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights (steps + 1,) of the trapezoid rule on [0, 1]."""
    nodes = np.linspace(0.0, 1.0, steps + 1)
    weights = np.full(steps + 1, 1.0 / steps)
    weights[[0, -1]] /= 2
    return nodes, weights


def calibrated(
    oracle: Oracle,
    gradient: Gradient,
    one_hot: np.ndarray,
    baseline: np.ndarray,
    n_nodes: int,
    tick: Tick,
) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights (n_nodes,) where these sequences' gradients change along the path.

    A network of ReLUs is piecewise linear: along the path its gradient jumps at places that
    differ from sequence to sequence, but are dense at the same part of the path. With jumps of
    variance v(a) per unit of path, a cell of width h taken at its middle adds v h^3 / 12 to the
    squared error, which is least in sum where cells hold equal shares of the integral of v^(1/3).
    Jumps are measured in parts of each sequence's mean gradient.

    Parameters
    ----------
    oracle : says how many sequences it takes at once
    gradient : the oracle's
    one_hot : (n, L, A) float32, a sample of the library
    baseline : (n, L, A) or (1, L, A) float32
    n_nodes : 0: as many as make the mean relative error of these sequences' maps no larger than
        that of 20 even steps
    """
    steps, shares = trapezoid(CALIBRATION_STEPS)
    gradients = _gradients(oracle, gradient, one_hot, baseline, steps, tick)
    wanted = np.einsum("s,snx->nx", shares, gradients)
    sizes = np.linalg.norm(wanted, axis=1)
    sizes[sizes == 0] = 1.0
    jumps = np.square(np.linalg.norm(np.diff(gradients, axis=0), axis=2) / sizes).sum(axis=1)
    if not n_nodes:

        def error(nodes: np.ndarray, weights: np.ndarray) -> float:
            nearest = np.rint(nodes * CALIBRATION_STEPS).astype(int)
            gaps = np.einsum("s,snx->nx", weights, gradients[nearest]) - wanted
            return float((np.linalg.norm(gaps, axis=1) / sizes).mean())

        allowed = SHARE_OF_ERROR * error(*trapezoid(AUTHORS_STEPS))
        n_nodes = 2
        while n_nodes < MOST_NODES and error(*_placed(jumps, steps, n_nodes)) > allowed:
            n_nodes += 1
    return _placed(jumps, steps, n_nodes)


def _gradients(
    oracle: Oracle,
    gradient: Gradient,
    one_hot: np.ndarray,
    baseline: np.ndarray,
    steps: np.ndarray,
    tick: Tick,
) -> np.ndarray:
    """(steps, n, L A) float32 along the paths from the baselines."""
    share = steps.astype(np.float32)[:, None, None, None]
    points = (baseline + share * (one_hot - baseline)).reshape(-1, *one_hot.shape[1:])
    gradients = np.empty_like(points)
    size = rows_in_memory(oracle, one_hot.shape[1], LARGEST_BATCH)
    for first in range(0, len(points), size):
        tick(first / len(points))
        gradients[first : first + size] = gradient(points[first : first + size])[1]
    return gradients.reshape(len(steps), len(one_hot), -1)


def _placed(jumps: np.ndarray, steps: np.ndarray, n_nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Middles and widths of cells that hold equal shares of the cube root of the jumps."""
    density = np.cbrt(jumps)
    if not density.any():  # the gradient is the same everywhere: any nodes do
        density = np.ones_like(density)
    passed = np.concatenate([[0.0], np.cumsum(density + 1e-3 * density.mean())])
    edges = np.interp(np.linspace(0.0, passed[-1], n_nodes + 1), passed, steps)
    return (edges[1:] + edges[:-1]) / 2, np.diff(edges)
