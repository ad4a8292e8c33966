"""What the Mechanism Summary Matrix shows: values of clusters at positions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seam_core.pictures import short_name
from seam_core.site_boxes import SiteBox
from seam_gui.look.theme import theme


@dataclass(frozen=True, eq=False)
class Matrix:
    """What the MSM shows, its rows from top to bottom.

    values : (K, W); NaN is drawn grey
    ids : (K,) cluster ids
    labels : (K,) text beside each row
    colours : (K, 3) uint8 of the clusters
    start : position of column 0
    name, unit : of the values
    limits : values at the ends of the colour scale
    diverging : True: white in the middle of the limits
    reference_row : row of the reference's cluster, or None
    extra : (W,) values of the selection, drawn above the clusters, or None
    boxes : around the sites, in the rows that show them
    names : (K,) what stands beside each row in place of its id; () the ids
    """

    values: np.ndarray
    ids: np.ndarray
    labels: tuple[str, ...]
    colours: np.ndarray
    start: int
    name: str
    unit: str
    limits: tuple[float, float]
    diverging: bool = False
    reference_row: int | None = None
    extra: np.ndarray | None = None
    boxes: tuple[SiteBox, ...] = ()
    names: tuple[str, ...] = ()

    def has_cells_of(self, other: Matrix) -> bool:
        """True where the clusters' cells are the very same, whatever the selection's row."""
        return (
            self.values is other.values
            and (self.limits, self.diverging) == (other.limits, other.diverging)
            and self.start == other.start
        )

    def name_of(self, row: int) -> str:
        """What stands beside a row; a star where it is the reference's."""
        star = "★ " if row == self.reference_row else ""
        return f"{star}{self.names[row] if self.names else short_name(self.ids[row])}"


def scale_of(matrix: Matrix) -> np.ndarray:
    """(256, 3) uint8 colours of the matrix; low entropy, what is conserved, is dark."""
    return theme().diverging() if matrix.diverging else theme().sequential()
