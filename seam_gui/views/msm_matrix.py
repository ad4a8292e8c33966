"""What the Mechanism Summary Matrix shows: values of clusters at positions, and their image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt5.QtGui import QImage

from seam_core.site_boxes import SiteBox
from seam_gui.look.theme import theme

_NAN = np.array([128, 128, 128], dtype=np.uint8)


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


def scale_of(matrix: Matrix) -> np.ndarray:
    """(256, 3) uint8 colours of the matrix; low entropy, what is conserved, is dark."""
    return theme().diverging() if matrix.diverging else theme().sequential()


def matrix_image(matrix: Matrix, values: np.ndarray | None = None) -> QImage:
    """One pixel a cell; `values` (k, W) instead of the matrix's own where given."""
    values = matrix.values if values is None else values
    low, high = matrix.limits
    with np.errstate(invalid="ignore"):
        level = np.clip((values - low) * (255.0 / max(high - low, 1e-12)), 0, 255)
    missing = np.isnan(level)
    colours = scale_of(matrix)[np.where(missing, 0, level).astype(np.uint8)]
    colours[missing] = _NAN
    wide = np.full((*values.shape, 4), 255, dtype=np.uint8)
    wide[..., :3] = colours[..., ::-1]  # Format_RGB32 keeps blue first
    rows, columns = values.shape
    return QImage(wide.tobytes(), columns, rows, 4 * columns, QImage.Format_RGB32).copy()
