"""Which clusters show which sites: the binding-configuration matrix."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter
from PyQt5.QtWidgets import QToolTip, QWidget

from seam_gui.look.text import plain
from seam_gui.look.theme import theme
from seam_gui.views.gestures import mode_of
from seam_gui.views.painting import painted

_LEFT = 58


class ConfigurationView(QWidget):
    """Clusters down, sites across; a click selects the cluster.

    cluster_clicked : id, mode
    """

    cluster_clicked = pyqtSignal(int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("configuration_view")
        self.setMouseTracking(True)
        self.setMinimumSize(160, 120)
        self._names: tuple[str, ...] = ()
        self._ids = np.zeros(0, dtype=np.int64)
        self._values = np.zeros((0, 0))
        self._reference: int | None = None
        self._binary = True
        theme().changed.connect(self.update)

    def set_matrix(
        self,
        ids: np.ndarray,
        names: tuple[str, ...],
        values: np.ndarray,
        *,
        binary: bool,
        reference: int | None = None,
    ) -> None:
        """(K, S) activity in 0..1, or True and False, of clusters `ids` at sites `names`."""
        self._ids, self._names, self._values = ids, names, np.asarray(values, dtype=np.float64)
        self._binary, self._reference = binary, reference
        self.update()

    def cell_text(self, row: int, column: int) -> str:
        """What a cell says."""
        value = self._values[row, column]
        said = ("shown" if value else "not shown") if self._binary else f"activity {value:.2f}"
        star = "   ★ holds the reference" if self._ids[row] == self._reference else ""
        return f"cluster {self._ids[row]}   site {self._names[column]}   {said}{star}"

    def _area(self) -> QRectF:
        top = QFontMetrics(self.font()).height() + 8
        return QRectF(
            _LEFT, top, max(1, self.width() - _LEFT - 12), max(1, self.height() - top - 8)
        )

    def _cell_at(self, point: QPointF) -> tuple[int, int] | None:
        area = self._area()
        if not area.contains(point) or self._values.size == 0:
            return None
        rows, columns = self._values.shape
        return (
            min(int((point.y() - area.top()) / area.height() * rows), rows - 1),
            min(int((point.x() - area.left()) / area.width() * columns), columns - 1),
        )

    @painted
    def paintEvent(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), theme().color("background"))
        if self._values.size == 0:
            painter.setPen(theme().color("muted"))
            painter.drawText(self.rect(), Qt.AlignCenter, "No sites yet")
            return
        area, metrics = self._area(), QFontMetrics(painter.font())
        rows, columns = self._values.shape
        height, width = area.height() / rows, area.width() / columns
        ink, gap = theme().color("accent"), 1.0 if height > 4 else 0.0
        empty = theme().color("separator")
        for row in range(rows):
            top = area.top() + row * height
            for column in range(columns):
                colour = QColor(ink)
                colour.setAlphaF(float(np.clip(self._values[row, column], 0, 1)))
                cell = QRectF(area.left() + column * width, top, width - 2, height - gap)
                faint = QColor(empty)
                faint.setAlpha(90)
                painter.fillRect(cell, faint)
                painter.fillRect(cell, colour)
        painter.setPen(theme().color("text"))
        for column, name in enumerate(self._names):
            box = QRectF(area.left() + column * width, 2, width - 2, metrics.height())
            text = metrics.elidedText(name, Qt.ElideRight, int(width))
            painter.drawText(box, Qt.AlignCenter, text)
        stride = max(1, int(np.ceil(metrics.height() / height)))
        for row in range(rows):
            reference = self._ids[row] == self._reference
            if row % stride and not reference:
                continue
            painter.setPen(theme().color("text" if reference else "muted"))
            middle = area.top() + (row + 0.5) * height
            box = QRectF(0, middle - metrics.height() / 2, _LEFT - 6, metrics.height())
            if reference:
                painter.fillRect(box, theme().color("background"))
            star = "★ " if reference else ""
            painter.drawText(box, int(Qt.AlignRight | Qt.AlignVCenter), f"{star}{self._ids[row]}")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        cell = self._cell_at(QPointF(event.pos()))
        text = "" if cell is None else self.cell_text(*cell)
        self.setToolTip(plain(text))
        QToolTip.showText(event.globalPos(), text, self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        cell = self._cell_at(QPointF(event.pos()))
        if cell is not None and event.button() == Qt.LeftButton:
            self.cluster_clicked.emit(int(self._ids[cell[0]]), mode_of(event.modifiers()))

    def sizeHint(self) -> QSize:
        return QSize(300, 260)
