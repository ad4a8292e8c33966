"""A colour scale with the values at its ends."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import QRectF, QSize, Qt
from PyQt5.QtGui import QImage, QPainter
from PyQt5.QtWidgets import QWidget

from seam_gui.look.theme import theme
from seam_gui.views.painting import painted
from seam_gui.views.scatter_parts import number

_LENGTH, _GAP = 64, 6


class ScaleBar(QWidget):
    """Low value, colours, high value with its unit; empty until it is given a scale."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._colours: np.ndarray | None = None
        self._texts = ("", "")
        theme().changed.connect(self.update)

    def set_scale(self, colours: np.ndarray | None, low: float, high: float, unit: str) -> None:
        """(C, 3) uint8 colours and the values at their ends."""
        self._colours = colours
        self._texts = (number(low), f"{number(high)} {unit}") if colours is not None else ("", "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        words = sum(metrics.horizontalAdvance(text) for text in self._texts)
        return QSize(words + _LENGTH + 2 * _GAP, metrics.height() + 4)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @painted
    def paintEvent(self, painter: QPainter) -> None:
        if self._colours is None:
            return
        painter.setPen(theme().color("muted"))
        box = QRectF(self.rect())
        painter.drawText(box, int(Qt.AlignRight | Qt.AlignVCenter), self._texts[1])
        right = box.right() - self.fontMetrics().horizontalAdvance(self._texts[1]) - _GAP
        colours = np.ascontiguousarray(self._colours, dtype=np.uint8)
        strip = QImage(colours.tobytes(), len(colours), 1, 3 * len(colours), QImage.Format_RGB888)
        painter.drawImage(QRectF(right - _LENGTH, box.center().y() - 3, _LENGTH, 7), strip)
        box.setRight(right - _LENGTH - _GAP)
        painter.drawText(box, int(Qt.AlignRight | Qt.AlignVCenter), self._texts[0])
