"""Coordinates in which float32 products err least."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seam_core.clusterer.inputs import ROWS_PER_BLOCK


@dataclass(frozen=True, eq=False)
class Coordinates:
    """Rows to float32 coordinates: centred, of norm about 1.

    centre : (F,) float64, a median: one far outlier does not move it
    scale : factor
    slack : share of ||a||^2 + ||b||^2 that a float32 product may err by
    """

    centre: np.ndarray
    scale: float
    slack: float

    @property
    def unit(self) -> float:
        """Squared distances of the rows over those of the coordinates."""
        return self.scale**-2

    def place(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(n, F) points to (n, F) float32 coordinates and (n,) float32 squared norms, shrunk."""
        moved = (points - self.centre) * self.scale
        norms = np.einsum("ij,ij->i", moved, moved) * (1.0 - self.slack)
        return moved.astype(np.float32), norms.astype(np.float32)


def choose_coordinates(rows: np.ndarray) -> Coordinates:
    """Coordinates for (N, F) rows.

    Rounding errors of a sum of F terms add up like a random walk, with sqrt(F) half-units in the
    last place as the standard deviation at worst; `slack` is seven of these.
    """
    sample = rows[:: max(1, len(rows) // 1000)].astype(np.float64)
    centre = np.median(sample, axis=0)
    typical = float(np.median(np.linalg.norm(sample - centre, axis=1)))
    furthest = 0.0
    for start in range(0, len(rows), ROWS_PER_BLOCK):
        block = rows[start : start + ROWS_PER_BLOCK] - centre
        furthest = max(furthest, float(np.abs(block).max()))
    # squares of the furthest must stay within float32; a smallest norm keeps constant maps finite
    scale = 1.0 / max(typical, furthest * 1e-15, 1e-150)
    slack = float(np.finfo(np.float32).eps * (8.0 + np.sqrt(rows.shape[1])))
    return Coordinates(centre, scale, slack)
