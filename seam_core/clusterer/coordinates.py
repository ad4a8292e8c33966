"""Coordinates in which float32 products err least, and few of which tell most pairs apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seam_core.clusterer.inputs import ROWS_PER_BLOCK

# leading coordinates hold this share of the variance, where they are worth a rotation
HEAD_SHARE = 0.95
WORTH_ROTATING = (128, 3000)

# tails are looked at in steps of so many coordinates
TAIL_STEP = 128

SAMPLE = 4000


@dataclass(frozen=True, eq=False)
class Coordinates:
    """Rows to float32 coordinates: centred, of norm about 1, rotated to principal axes or not.

    centre : (F,) float64, a median: one far outlier does not move it
    scale : factor
    slack : share of ||a||^2 + ||b||^2 that a float32 product may err by
    axes : (F, F) float32 orthonormal columns; None where nothing is rotated
    n_leading : coordinates in the heads
    """

    centre: np.ndarray
    scale: float
    slack: float
    axes: np.ndarray | None
    n_leading: int

    @property
    def unit(self) -> float:
        """Squared distances of the rows over those of the coordinates."""
        return self.scale**-2

    @property
    def widths(self) -> tuple[int, int, int]:
        """Columns of heads, tails and rests."""
        n_tail = len(self.centre) - self.n_leading
        return self.n_leading + (n_tail > 0), n_tail, 1 + -(-n_tail // TAIL_STEP)

    def place(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Coordinates of (n, F) points, all float32.

        Returns
        -------
        heads : (n, H) leading coordinates, then the norm of the rest: by Cauchy and Schwarz, the
            product of two heads is at least that of the points
        tails : (n, F - n_leading) the rest
        rests : (n, S + 1) norm of what is left of the tail after 0, 1, ... S steps; the last is 0
        norms : (n,) squared norms of the points, shrunk by the slack
        """
        moved = (points - self.centre) * self.scale
        norms = np.einsum("ij,ij->i", moved, moved) * (1.0 - self.slack)
        if self.axes is not None:
            moved = moved.astype(np.float32) @ self.axes
        heads: np.ndarray = moved[:, : self.n_leading]
        tails = moved[:, self.n_leading :]
        rests = np.zeros((len(points), self.widths[2]))
        if tails.shape[1]:
            steps = np.arange(0, tails.shape[1], TAIL_STEP)
            squares = np.add.reduceat(tails.astype(np.float64) ** 2, steps, axis=1)
            rests[:, :-1] = np.sqrt(np.cumsum(squares[:, ::-1], axis=1)[:, ::-1])
            heads = np.column_stack([heads, rests[:, 0]])
        return (
            heads.astype(np.float32),
            tails.astype(np.float32),
            rests.astype(np.float32),
            norms.astype(np.float32),
        )


def choose_coordinates(rows: np.ndarray, *, rotate: bool = False) -> Coordinates:
    """Coordinates for (N, F) rows.

    Rounding errors of a sum of F terms add up like a random walk, with sqrt(F) half-units in the
    last place as the standard deviation at worst; `slack` is seven of these. A rotation errs by
    about one unit of a point's norm; it is given eight.

    rotate : to the principal axes of a sample, where that leaves a short head
    """
    n_features = rows.shape[1]
    sample = rows[:: max(1, len(rows) // 1000)].astype(np.float64)
    centre = np.median(sample, axis=0)
    typical = float(np.median(np.linalg.norm(sample - centre, axis=1)))
    furthest = 0.0
    for start in range(0, len(rows), ROWS_PER_BLOCK):
        block = rows[start : start + ROWS_PER_BLOCK] - centre
        furthest = max(furthest, float(np.abs(block).max()))
    # squares of the furthest must stay within float32; a smallest norm keeps constant maps finite
    scale = 1.0 / max(typical, furthest * 1e-15, 1e-150)
    slack = float(np.finfo(np.float32).eps * (16.0 + np.sqrt(n_features)))
    if rotate and WORTH_ROTATING[0] <= n_features <= WORTH_ROTATING[1]:
        axes, n_leading = _leading_axes(rows[:: max(1, len(rows) // SAMPLE)], centre, scale)
        if n_leading <= 0.75 * n_features:
            return Coordinates(centre, scale, slack, axes, n_leading)
    return Coordinates(centre, scale, slack, None, n_features)


def _leading_axes(sample: np.ndarray, centre: np.ndarray, scale: float) -> tuple[np.ndarray, int]:
    """Principal axes of some rows, and how many hold most of the variance."""
    moved = (sample - centre) * scale
    # a few far ones must not choose the axes
    moved /= np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1.0)
    moved -= moved.mean(axis=0)
    variances, axes = np.linalg.eigh(moved.T @ moved)
    reached = np.cumsum(variances[::-1]) >= HEAD_SHARE * variances.sum()
    n_leading = -(-int(reached.argmax() + 1) // 32) * 32
    return np.ascontiguousarray(axes[:, ::-1], np.float32), n_leading
