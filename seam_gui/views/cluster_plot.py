"""Clusters beside each other: activity as boxes, compact or bars, occupancy, marginal counts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PyQt5.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPen
from PyQt5.QtWidgets import QToolTip, QWidget

from seam_core.pictures import ClusterStatistics
from seam_gui.look.text import plain
from seam_gui.look.theme import theme
from seam_gui.views.gestures import mode_of
from seam_gui.views.painting import painted
from seam_gui.views.scatter_parts import number, star_path
from seam_gui.views.ticks import ticks

_LEFT, _RIGHT = 70, 12


class ClusterPlot(QWidget):
    """A box, a bar or a dot with whiskers a cluster; a click selects it.

    cluster_clicked : id, mode
    """

    cluster_clicked = pyqtSignal(int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cluster_plot")
        self.setMinimumHeight(120)
        self.setMouseTracking(True)
        self._data: ClusterStatistics | None = None
        self._kind = "box"
        self._chosen: frozenset[int] = frozenset()
        theme().changed.connect(self.update)

    def set_data(self, data: ClusterStatistics | None, kind: str) -> None:
        """`kind`: "box", "compact" or "bar" (bars where the data has values)."""
        self._data, self._kind = data, kind
        self.update()

    @property
    def data(self) -> ClusterStatistics | None:
        """What is drawn."""
        return self._data

    def set_chosen(self, ids: frozenset[int]) -> None:
        """Clusters drawn in full colour, the others faint."""
        self._chosen = ids
        self.update()

    def text_of(self, column: int) -> str:
        """The tooltip of a cluster."""
        data = self._data
        if data is None or not 0 <= column < len(data.ids):
            return ""
        star = "   ★ reference" if data.ids[column] == data.reference else ""
        if data.values is not None:
            return f"{data.titles[column]}   {data.values[column]:,g} {data.y_label}{star}"
        low, q1, median, q3, high = (number(v) for v in data.quartiles[column])
        return (
            f"{data.titles[column]}{star}\nmedian {median}   middle half {q1} to {q3}\n"
            f"range {low} to {high}"
        )

    def _area(self) -> QRectF:
        metrics = QFontMetrics(self.font())
        top, bottom = metrics.height() + 6, metrics.height() + 8
        return QRectF(
            _LEFT,
            top,
            max(1, self.width() - _LEFT - _RIGHT),
            max(1, self.height() - top - bottom),
        )

    def _limits(self, data: ClusterStatistics) -> tuple[float, float]:
        if data.values is not None:
            return 0.0, float(np.nanmax(data.values, initial=1.0)) * 1.05
        known = data.quartiles[np.isfinite(data.quartiles).all(axis=1)]
        if self._kind == "compact" and len(known):
            known = known[:, 1:4]
        values = [*known.ravel(), *([] if data.reference_value is None else [data.reference_value])]
        if not values:
            return 0.0, 1.0
        low, high = min(values), max(values)
        if self._kind == "bar":
            low, high = min(low, 0.0), max(high, 0.0)
        margin = max(high - low, 1e-9) * 0.05
        return low - margin, high + margin

    def _column_at(self, x: float) -> int:
        area = self._area()
        if self._data is None or not area.left() <= x < area.right():
            return -1
        return int((x - area.left()) / area.width() * len(self._data.ids))

    @painted
    def paintEvent(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), theme().color("background"))
        painter.setRenderHint(QPainter.Antialiasing)
        data = self._data
        if data is None or len(data.ids) == 0:
            painter.setPen(theme().color("muted"))
            painter.drawText(self.rect(), Qt.AlignCenter, "No clusters yet")
            return
        low, high = self._limits(data)
        area = self._area()

        def y(value: float) -> float:
            return area.bottom() - (value - low) / (high - low) * area.height()

        self._paint_axis(painter, data, (low, high), y)
        each = area.width() / len(data.ids)
        for column in range(len(data.ids)):
            x = area.left() + (column + 0.5) * each
            colour = QColor(*data.colours[column].tolist())
            if self._chosen and int(data.ids[column]) not in self._chosen:
                colour.setAlpha(60)
            place = (x, max(each * 0.7, 1.0))
            self._paint_cluster(painter, data, column, place, colour, y)
            if data.ids[column] == data.reference:
                painter.setPen(Qt.NoPen)
                painter.setBrush(theme().color("reference"))
                painter.drawPath(star_path(QPointF(x, area.top() + 2), 6))

    def _paint_axis(
        self,
        painter: QPainter,
        data: ClusterStatistics,
        limits: tuple[float, float],
        y: Callable[[float], float],
    ) -> None:
        area, metrics = self._area(), QFontMetrics(painter.font())
        painter.setPen(theme().color("text"))
        painter.drawText(QPointF(8, metrics.ascent() + 2), data.y_label)
        painter.setPen(theme().color("muted"))
        note = f"{len(data.ids)} clusters"
        if data.values is None and np.isfinite(data.average_iqr):
            note += f"   average IQR {number(data.average_iqr)}"
        box = QRectF(0, 2, self.width() - _RIGHT, metrics.height())
        painter.drawText(box, Qt.AlignRight, note)
        painter.drawText(
            QRectF(area.left(), area.bottom() + 4, area.width(), metrics.height()),
            Qt.AlignLeft,
            "clusters in the order of the MSM",
        )
        for value in ticks(*limits, max(2, int(area.height() // (metrics.height() * 1.6)))):
            place = QRectF(0, y(value) - metrics.height() / 2, _LEFT - 8, metrics.height())
            painter.setPen(theme().color("muted"))
            painter.drawText(place, int(Qt.AlignRight | Qt.AlignVCenter), f"{value:,g}")
            painter.setPen(QPen(theme().color("separator"), 1))
            painter.drawLine(QPointF(area.left(), y(value)), QPointF(area.right(), y(value)))
        if data.values is None and data.reference_value is not None:
            painter.setPen(QPen(theme().color("reference"), 1, Qt.DashLine))
            level = y(data.reference_value)
            painter.drawLine(QPointF(area.left(), level), QPointF(area.right(), level))

    def _paint_cluster(
        self,
        painter: QPainter,
        data: ClusterStatistics,
        column: int,
        place: tuple[float, float],
        colour: QColor,
        y: Callable[[float], float],
    ) -> None:
        """`place`: the middle and the width, in pixels."""
        x, width = place
        low, q1, median, q3, high = data.quartiles[column]
        value = median if data.values is None else float(data.values[column])
        if np.isnan(value):
            return
        if data.values is not None or self._kind == "bar":
            zero = y(max(self._limits(data)[0], 0.0))
            top = min(y(value), zero)
            painter.fillRect(QRectF(x - width / 2, top, width, abs(zero - y(value))), colour)
            return
        if self._kind == "box":
            painter.setPen(QPen(colour, 1))
            painter.drawLine(QPointF(x, y(low)), QPointF(x, y(high)))
            painter.fillRect(QRectF(x - width / 2, y(q3), width, y(q1) - y(q3)), colour)
            painter.setPen(QPen(theme().color("background"), 1.5))
            painter.drawLine(QPointF(x - width / 2, y(median)), QPointF(x + width / 2, y(median)))
            return
        painter.setPen(QPen(colour, max(1.0, min(width / 3, 3.0))))
        painter.drawLine(QPointF(x, y(q1)), QPointF(x, y(q3)))
        painter.setPen(Qt.NoPen)
        painter.setBrush(colour)
        radius = max(1.5, min(width / 2, 4.0))
        painter.drawEllipse(QPointF(x, y(median)), radius, radius)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        text = self.text_of(self._column_at(event.pos().x()))
        self.setToolTip(plain(text))
        QToolTip.showText(event.globalPos(), text, self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        column = self._column_at(event.pos().x())
        if event.button() == Qt.LeftButton and self._data is not None and column >= 0:
            cluster_id = int(self._data.ids[column])
            self.cluster_clicked.emit(cluster_id, mode_of(event.modifiers()))

    def sizeHint(self) -> QSize:
        return QSize(640, 180)
