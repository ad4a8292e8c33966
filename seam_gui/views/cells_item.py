"""Cells of a matrix as an image of pyqtgraph's, in the places of its data."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QRectF
from PyQt5.QtGui import QColor, QImage, QPainter
from PyQt5.QtWidgets import QWidget

_NAN = QColor(128, 128, 128)
_MOST_CELLS = 4_000_000  # more are averaged to the pixels there are before they are coloured


class CellsItem(pg.ImageItem):
    """Values in the colours of a scale: NaN is grey, what is shrunk is smoothed."""

    qimage: QImage | None  # as it is drawn, pyqtgraph's

    def __init__(self) -> None:
        super().__init__(axisOrder="row-major")
        self.setZValue(-2)  # below what is drawn on the cells

    def set_cells(
        self,
        values: np.ndarray | None,
        limits: tuple[float, float] = (0.0, 1.0),
        colours: np.ndarray | None = None,
        place: QRectF | None = None,
    ) -> None:
        """(R, C) values, those at the ends of (256, 3) uint8 colours, where the cells are."""
        if values is None or values.size == 0:
            self.clear()
            return
        self.setAutoDownsample(values.size > _MOST_CELLS)
        self.setImage(values, autoLevels=False, levels=limits)
        if colours is not None:
            self.setLookupTable(colours)
        if place is not None:
            self.setRect(place)

    def render(self) -> None:
        """As pyqtgraph, but in the pixels of the screen: a table of colours is looked up anew
        whenever it is painted."""
        super().render()
        if self.qimage is not None:
            self.qimage = self.qimage.convertToFormat(QImage.Format_ARGB32_Premultiplied)

    def paint(self, painter: QPainter, option: object, widget: QWidget | None = None) -> None:
        if self.image is None:
            return
        drawn = painter.worldTransform()
        across, down = np.hypot(drawn.m11(), drawn.m12()), np.hypot(drawn.m21(), drawn.m22())
        turned = bool(drawn.m12() or drawn.m21())
        painter.setRenderHint(QPainter.SmoothPixmapTransform, turned or bool(min(across, down) < 1))
        painter.fillRect(self.boundingRect(), _NAN)
        super().paint(painter, option, widget)
