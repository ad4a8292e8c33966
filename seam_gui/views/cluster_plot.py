"""Clusters beside each other: activity as boxes, compact or bars, occupancy, marginal counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QLineF, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen, QWheelEvent
from PyQt5.QtWidgets import QWidget

from seam_core.pictures import ClusterStatistics, Outliers
from seam_gui.look.text import counted, show_tip
from seam_gui.look.theme import theme
from seam_gui.views.axes import Axes
from seam_gui.views.canvas import Canvas
from seam_gui.views.gestures import mode_of
from seam_gui.views.names_axis import NamesAxis
from seam_gui.views.position_view import PixelItem, Values
from seam_gui.views.scatter_parts import number, star_path
from seam_gui.views.view_history import ViewHistory

_LEFT, _RIGHT = 70, 12
_NAMES = 0.4  # of the height, at most, for names that stand below their columns
_FEWEST = 3.0  # clusters that can be looked at at once


class ClusterPlot(Canvas):
    """A box, a bar or a dot with whiskers a cluster; a click selects it, the wheel zooms.

    cluster_clicked : id, mode
    """

    cluster_clicked = pyqtSignal(int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        self._names = NamesAxis("bottom")
        super().__init__(Axes(left=Values("left"), bottom=self._names), parent)
        self.setObjectName("cluster_plot")
        self.setMinimumHeight(90)
        self._data: ClusterStatistics | None = None
        self._kind = "box"
        self._empty = "No clusters yet"
        self._chosen: frozenset[int] = frozenset()
        self._panning: QPointF | None = None
        self.box.disableAutoRange()
        self.plot.addItem(PixelItem(self._paint_clusters))
        self._line = pg.InfiniteLine(angle=0)
        self.plot.addItem(self._line)
        self.history = ViewHistory(self._shown, self)
        self.history.asked.connect(lambda shown: self._show(*shown))
        theme().changed.connect(self.dress)
        self.dress()
        self.set_data(None, "box")

    def set_data(self, data: ClusterStatistics | None, kind: str) -> None:
        """`kind`: "box", "compact" or "bar" (bars where the data has values)."""
        before = 0 if self._data is None else len(self._data.ids)
        self._data, self._kind = data, kind
        self._names.set_names(() if data is None else data.names)
        metrics = QFontMetrics(self.font())
        self.plot.layout.setContentsMargins(0, metrics.height() + 8, _RIGHT, 0)
        some = data is not None and len(data.ids) > 0
        for side in ("left", "bottom"):
            self.plot.showAxis(side, some)
        self.plot.getAxis("left").setWidth(_LEFT)
        self.plot.getAxis("left").setGrid(64 if some else False)
        level = None if data is None or data.values is not None else data.reference_value
        self._line.setVisible(level is not None)
        if level is not None:
            self._line.setValue(level)
        if data is not None and some:
            self.box.setYRange(*self._limits(data), padding=0)
        if self._count != before:
            self._show(-0.5, self._count - 0.5)
            self.history.restart()
        self._arrange()
        self.redraw()

    def _arrange(self) -> None:
        """Room for the names below the columns."""
        low, high = self._shown()
        across = max(self.width() - _LEFT - _RIGHT, 1)
        self._names.arrange(across / max(high - low, 1e-9), self.height() * _NAMES)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)
        if event is not None and self.alive:  # pyqtgraph calls it while the view is made
            self._arrange()

    def set_empty_text(self, text: str) -> None:
        """What stands here while there are no clusters."""
        self._empty = text
        self.redraw()

    @property
    def data(self) -> ClusterStatistics | None:
        """What is drawn."""
        return self._data

    @property
    def _count(self) -> int:
        return 0 if self._data is None else len(self._data.ids)

    def set_chosen(self, ids: frozenset[int]) -> None:
        """Clusters drawn in full colour, the others faint."""
        self._chosen = ids
        self.redraw()

    def dress(self) -> None:
        super().dress()
        self._line.setPen(pg.mkPen(theme().color("reference"), style=Qt.DashLine))
        self.redraw()

    def text_of(self, column: int) -> str:
        """The tooltip of a cluster."""
        data = self._data
        if data is None or not 0 <= column < len(data.ids):
            return ""
        star = "   ★ reference" if data.ids[column] == data.reference else ""
        if data.values is not None:
            return f"{data.titles[column]}   {data.values[column]:,g} {data.y_label}{star}"
        low, q1, median, q3, high = (number(v) for v in data.quartiles[column])
        beyond = ""
        if data.outliers is not None:
            beyond = f"   {np.count_nonzero(data.outliers.rows == column):,} outliers"
        return (
            f"{data.titles[column]}{star}\nmedian {median}   middle half {q1} to {q3}\n"
            f"range {low} to {high}{beyond}"
        )

    # geometry

    def _area(self) -> QRectF:
        return self.box_rect()

    def _shown(self) -> tuple[float, float]:
        low, high = self.box.viewRange()[0]
        return low, high

    def _show(self, low: float, high: float) -> None:
        """These columns, kept among those there are."""
        most = float(max(self._count, 1))
        span = min(max(high - low, min(_FEWEST, most)), most)
        low = min(max(low, -0.5), most - 0.5 - span)
        self.box.setXRange(low, low + span, padding=0)
        self._arrange()
        self.history.moved()
        self.redraw()

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
        if not area.left() <= x < area.right():
            return -1
        column = int(np.floor(self.to_data(QPointF(x, area.center().y())).x() + 0.5))
        return column if 0 <= column < self._count else -1

    # drawing

    def paint_over(self, painter: QPainter) -> None:
        painter.setPen(theme().color("muted"))
        data, metrics = self._data, QFontMetrics(painter.font())
        if data is None or len(data.ids) == 0:
            painter.drawText(self.rect(), Qt.AlignCenter | Qt.TextWordWrap, self._empty)
            return
        order = " in the order of the MSM" if len(data.ids) > 1 else ""
        note = counted(len(data.ids), "cluster") + order
        if data.values is None and np.isfinite(data.average_iqr):
            note += f"   average IQR {number(data.average_iqr)}"
        box = QRectF(8, 2, self.width() - _RIGHT - 8, metrics.height())
        painter.drawText(box, Qt.AlignRight, note)
        painter.setPen(theme().color("text"))
        painter.drawText(box, Qt.AlignLeft, data.y_label)
        (column,) = np.nonzero(data.ids == data.reference)
        area = self._area()
        for x in (self.to_widget(float(c), 0).x() for c in column):
            if area.left() <= x <= area.right():
                painter.setRenderHint(QPainter.Antialiasing)
                painter.setPen(Qt.NoPen)
                painter.setBrush(theme().color("reference"))
                painter.drawPath(star_path(QPointF(x, area.top() + 2), 6))

    def _paint_clusters(self, painter: QPainter) -> None:
        data = self._data
        if data is None or not len(data.ids):
            return
        painter.setRenderHint(QPainter.Antialiasing)
        low, high = self._shown()
        columns = np.arange(max(0, int(low)), min(len(data.ids), int(np.ceil(high)) + 1))
        middles = data.quartiles[:, 2] if data.values is None else data.values
        columns = columns[np.isfinite(middles[columns])]
        places = self._pixels(columns, 0).tolist()
        width = max(self._area().width() / (high - low) * 0.7, 1.0)
        colours = self._colours(data, columns)
        if data.values is not None or self._kind == "bar":
            zero = self._pixels(max(self._limits(data)[0], 0.0), 1)
            for x, y, colour in zip(
                places, self._pixels(middles[columns], 1).tolist(), colours, strict=True
            ):
                painter.fillRect(QRectF(x - width / 2, min(y, zero), width, abs(zero - y)), colour)
        elif self._kind == "box":
            self._paint_boxes(painter, data, columns, (places, width), colours)
        else:
            self._paint_compact(painter, data, columns, (places, width), colours)

    def _colours(self, data: ClusterStatistics, columns: np.ndarray) -> list[QColor]:
        """Of these clusters; faint where others are chosen."""
        colours = [QColor(*rgb) for rgb in data.colours[columns].tolist()]
        if self._chosen:
            for cluster, colour in zip(data.ids[columns].tolist(), colours, strict=True):
                if cluster not in self._chosen:
                    colour.setAlpha(60)
        return colours

    def _pixels(self, values: Any, axis: int) -> Any:
        """Pixels of values across (0) or up (1): asked of the view box once, not for each."""
        spans = self.box.viewRange()
        ends = [self.to_widget(spans[0][end], spans[1][end]) for end in (0, 1)]
        first, last = ((end.x(), end.y())[axis] for end in ends)
        low, high = spans[axis]
        return first + (values - low) * ((last - first) / (high - low))

    def _paint_compact(
        self,
        painter: QPainter,
        data: ClusterStatistics,
        columns: np.ndarray,
        place: tuple[list[float], float],
        colours: list[QColor],
    ) -> None:
        """The middle half as a line, its median as a dot; `place`: the middles and the width."""
        places, width = place
        thick, radius = max(1.0, min(width / 3, 3.0)), max(1.5, min(width / 2, 4.0))
        parts = self._pixels(data.quartiles[columns, 1:4], 1).tolist()
        for x, (q1, median, q3), colour in zip(places, parts, colours, strict=True):
            painter.setPen(QPen(colour, thick))
            painter.drawLine(QPointF(x, q1), QPointF(x, q3))
            painter.setPen(Qt.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(x, median), radius, radius)

    def _paint_boxes(
        self,
        painter: QPainter,
        data: ClusterStatistics,
        columns: np.ndarray,
        place: tuple[list[float], float],
        colours: list[QColor],
    ) -> None:
        """The middle half, its median, whiskers, and what lies beyond them where that is asked."""
        places, width = place
        reach = data.quartiles[:, [0, 4]] if data.outliers is None else data.outliers.whiskers
        whiskers = self._pixels(reach[columns], 1).tolist()
        parts = self._pixels(data.quartiles[columns, 1:4], 1).tolist()
        medians = []
        for x, (low, high), (q1, median, q3), colour in zip(
            places, whiskers, parts, colours, strict=True
        ):
            painter.setPen(QPen(colour, 1))
            painter.drawLine(QPointF(x, low), QPointF(x, high))
            painter.fillRect(QRectF(x - width / 2, q3, width, q1 - q3), colour)
            medians.append(QLineF(x - width / 2, median, x + width / 2, median))
        if data.outliers is not None:
            self._paint_outliers(painter, data.outliers, columns, colours)
        painter.setPen(QPen(theme().color("text"), 1.5))
        painter.drawLines(medians)

    def _paint_outliers(
        self, painter: QPainter, outliers: Outliers, columns: np.ndarray, colours: list[QColor]
    ) -> None:
        """Those of the clusters in sight, in the colours of these."""
        own = dict(zip(columns.tolist(), colours, strict=True))
        inside = np.isin(outliers.rows, columns)
        rows = outliers.rows[inside]
        painter.setBrush(Qt.NoBrush)
        for row, x, y in zip(
            rows.tolist(),
            self._pixels(rows, 0).tolist(),
            self._pixels(outliers.values[inside], 1).tolist(),
            strict=True,
        ):
            painter.setPen(QPen(own[row], 1))
            painter.drawEllipse(QPointF(x, y), 1.6, 1.6)

    # mouse and keys

    def press(self, event: QMouseEvent) -> None:
        if event.button() != Qt.LeftButton:
            self._panning = QPointF(event.pos())

    def move(self, event: QMouseEvent) -> None:
        if self._panning is not None:
            low, high = self._shown()
            by = (self._panning.x() - event.pos().x()) / self._area().width() * (high - low)
            self._panning = QPointF(event.pos())
            self._show(low + by, high + by)
            return
        text = self.text_of(self._column_at(event.pos().x()))
        show_tip(self, event.globalPos(), text)

    def release(self, event: QMouseEvent) -> None:
        self._panning = None
        column = self._column_at(event.pos().x())
        if event.button() == Qt.LeftButton and self._data is not None and column >= 0:
            cluster_id = int(self._data.ids[column])
            self.cluster_clicked.emit(cluster_id, mode_of(event.modifiers()))

    def double_click(self, event: QMouseEvent) -> None:
        self._show(-0.5, self._count - 0.5)

    def wheel(self, event: QWheelEvent) -> None:
        low, high = self._shown()
        at = self.to_data(event.position()).x()
        factor = 1.25 ** (event.angleDelta().y() / 120.0)
        self._show(at - (at - low) / factor, at + (high - at) / factor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key_Home:
            self._show(-0.5, self._count - 0.5)
        elif not self.history_key(event):
            event.ignore()

    def sizeHint(self) -> QSize:
        return QSize(640, 180)
