"""Quick pictures of one variable: histogram with marks, and a curve of steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt5.QtCore import QPointF, QRectF, QSize, Qt
from PyQt5.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF
from PyQt5.QtWidgets import QWidget

from seam_gui.look.theme import SPACING, theme
from seam_gui.views.painting import painted


@dataclass(frozen=True)
class Mark:
    """A vertical line at a value, with its name."""

    value: float
    text: str


class Plot(QWidget):
    """Axes with round ticks; subclasses draw inside. Data change by `set_...`, then it repaints."""

    def __init__(
        self, name: str, title: str, x_label: str, y_label: str, *, hint: str = "Nothing yet"
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self.title, self.x_label, self.y_label = title, x_label, y_label
        self.hint = hint  # in place of the picture while there are no data
        self.note = ""
        self._x = (0.0, 1.0)
        self._y = (0.0, 1.0)
        self.setMinimumHeight(140)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(400, 220)

    @property
    def has_data(self) -> bool:
        """True when there is something to draw."""
        raise NotImplementedError

    def draw(self, painter: QPainter, box: QRectF) -> None:
        """Draw the data inside the axes."""
        raise NotImplementedError

    @painted
    def paintEvent(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.Antialiasing)
        self._paint(painter)

    def _paint(self, painter: QPainter) -> None:
        colors = theme().palette
        metrics = self.fontMetrics()
        line = metrics.height()
        heading = self.font()
        heading.setBold(True)
        painter.setFont(heading)
        painter.setPen(QColor(colors.text))
        top = QRectF(0, 0, self.width(), line + SPACING)
        painter.drawText(top, Qt.AlignLeft | Qt.AlignVCenter, self.title)
        painter.setFont(self.font())
        painter.setPen(QColor(colors.muted))
        painter.drawText(top, Qt.AlignRight | Qt.AlignVCenter, self.note)
        left = metrics.horizontalAdvance("00,000") + line + SPACING * 2
        box = QRectF(
            left, top.bottom() + SPACING, self.width() - left - SPACING, self.height()
        ).adjusted(0, 0, 0, -(top.bottom() + SPACING + 2 * line + SPACING))
        if not self.has_data or box.width() < 20 or box.height() < 20:
            painter.drawText(self.rect(), Qt.AlignCenter, "" if self.has_data else self.hint)
            return
        self._draw_axes(painter, box, line)
        self.draw(painter, box)

    def _draw_axes(self, painter: QPainter, box: QRectF, line: int) -> None:
        colors = theme().palette
        grid, ink = QPen(QColor(colors.separator), 1), QPen(QColor(colors.muted))
        for value in ticks(*self._y, max(2, int(box.height() // (line * 2.5)))):
            y = self.y_at(value, box)
            painter.setPen(grid)
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            painter.setPen(ink)
            place = QRectF(0, y - line, box.left() - SPACING, 2 * line)
            painter.drawText(place, Qt.AlignRight | Qt.AlignVCenter, f"{value:,g}")
        painter.setPen(ink)
        for value in ticks(*self._x, max(2, int(box.width() // 80))):
            x = self.x_at(value, box)
            text = f"{value:,g}"
            half = painter.fontMetrics().horizontalAdvance(text) / 2
            x = min(x, self.width() - half)  # the last one may stand at the very edge
            painter.drawText(QPointF(x - half, box.bottom() + line - 1), text)
        below = QRectF(box.left(), box.bottom() + line + 2, box.width(), line)
        painter.drawText(below, Qt.AlignCenter, self.x_label)
        painter.save()
        painter.translate(0, box.center().y())
        painter.rotate(-90)
        long = box.height() + line
        text = painter.fontMetrics().elidedText(self.y_label, Qt.ElideRight, int(long))
        painter.drawText(QRectF(-long / 2, 0, long, line), Qt.AlignCenter, text)
        painter.restore()

    def x_at(self, value: float, box: QRectF) -> float:
        """Pixel column of a value."""
        low, high = self._x
        return box.left() + (value - low) / (high - low) * box.width()

    def y_at(self, value: float, box: QRectF) -> float:
        """Pixel row of a value."""
        low, high = self._y
        return box.bottom() - (value - low) / (high - low) * box.height()


class Histogram(Plot):
    """Counts of a variable, with marks such as the reference's value."""

    def __init__(self, name: str, title: str, x_label: str, y_label: str = "sequences") -> None:
        super().__init__(name, title, x_label, y_label)
        self.counts = np.zeros(0)
        self.edges = np.zeros(1)
        self.marks: tuple[Mark, ...] = ()

    @property
    def has_data(self) -> bool:
        return len(self.counts) > 0

    def set_values(
        self, values: np.ndarray, marks: tuple[Mark, ...] = (), *, whole: bool = False
    ) -> None:
        """Count (N,) values, one bin a whole number with `whole`; non-finite ones are left out."""
        values = np.asarray(values)
        values = values[np.isfinite(values)]
        if len(values) == 0:
            self.set_counts(np.zeros(0), np.zeros(1))
            return
        low, high = float(values.min()), float(values.max())
        if whole and high - low <= 200:
            edges = np.arange(np.floor(low) - 0.5, np.ceil(high) + 1)
        else:
            edges = np.linspace(low, high if high > low else low + 1, 61)
        counts, edges = np.histogram(values, edges)
        self.set_counts(counts, edges, marks)

    def set_counts(
        self, counts: np.ndarray, edges: np.ndarray, marks: tuple[Mark, ...] = ()
    ) -> None:
        """(B,) counts between (B + 1,) edges."""
        self.counts, self.edges, self.marks = counts, edges, marks
        if len(counts):
            values = [mark.value for mark in marks]
            low, high = min([edges[0], *values]), max([edges[-1], *values])
            margin = (high - low) * 0.02
            self._x = (low - margin, high + margin)
            self._y = (0.0, float(counts.max()) * 1.08 or 1.0)
        self.update()

    def draw(self, painter: QPainter, box: QRectF) -> None:
        colors = theme().palette
        fill = QColor(colors.accent)
        fill.setAlpha(150)
        path = QPainterPath()
        for count, left, right in zip(self.counts, self.edges[:-1], self.edges[1:], strict=True):
            x0, x1 = self.x_at(left, box), self.x_at(right, box)
            y = self.y_at(count, box)
            gap = min(1.0, (x1 - x0) * 0.1)
            path.addRect(QRectF(x0 + gap / 2, y, x1 - x0 - gap, box.bottom() - y))
        painter.fillPath(path, fill)
        metrics = painter.fontMetrics()
        for mark in self.marks:
            x = self.x_at(mark.value, box)
            painter.setPen(QPen(QColor(colors.reference), 1.5, Qt.DashLine))
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
            painter.setPen(QColor(colors.text))
            wide = metrics.horizontalAdvance(mark.text)
            at = x + 6 if x + 6 + wide < box.right() else x - 6 - wide
            painter.drawText(QPointF(at, box.top() + metrics.ascent()), mark.text)


class StepCurve(Plot):
    """Values by rank: an eigenvalue spectrum, a cumulated share, merge heights."""

    def __init__(self, name: str, title: str, x_label: str, y_label: str) -> None:
        super().__init__(name, title, x_label, y_label)
        self.x_values = np.zeros(0)
        self.y_values = np.zeros(0)
        self.marks: tuple[Mark, ...] = ()

    @property
    def has_data(self) -> bool:
        return len(self.y_values) > 0

    def set_curve(self, x: np.ndarray, y: np.ndarray, marks: tuple[Mark, ...] = ()) -> None:
        """Points (n,) of the curve, x rising."""
        self.x_values, self.y_values, self.marks = np.asarray(x), np.asarray(y), marks
        if len(self.y_values):
            low, high = float(self.x_values[0]), float(self.x_values[-1])
            self._x = (low, high if high > low else low + 1)
            top = float(np.nanmax(self.y_values))
            self._y = (min(0.0, float(np.nanmin(self.y_values))), top * 1.05 or 1.0)
        self.update()

    def draw(self, painter: QPainter, box: QRectF) -> None:
        colors = theme().palette
        points = [
            QPointF(self.x_at(x, box), self.y_at(y, box))
            for x, y in zip(self.x_values, self.y_values, strict=True)
        ]
        painter.setPen(QPen(QColor(colors.accent), 2))
        painter.drawPolyline(QPolygonF(points))
        if len(points) <= 100:
            painter.setBrush(QColor(colors.accent))
            painter.setPen(Qt.NoPen)
            for point in points:
                painter.drawEllipse(point, 2.5, 2.5)
        for i, mark in enumerate(self.marks):
            x = self.x_at(mark.value, box)
            painter.setPen(QPen(QColor(colors.muted), 1, Qt.DashLine))
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
            painter.setPen(QColor(colors.text))
            line = painter.fontMetrics().height()
            painter.drawText(QPointF(x + 6, box.top() + line * (i + 1)), mark.text)


def ticks(low: float, high: float, about: int) -> list[float]:
    """Round values from `low` to `high`: about so many, and two at least."""
    span = high - low
    if not np.isfinite(span) or span <= 0:
        return [low]
    raw = span / max(1, about)
    power = 10.0 ** np.floor(np.log10(raw))
    steps = [float(power * m) for m in (10, 5, 2, 1, 0.5, 0.2)]
    chosen = next(i for i in reversed(range(4)) if steps[i] >= raw)
    while chosen < len(steps) - 1 and len(_multiples(low, high, steps[chosen])) < 2:
        chosen += 1
    return _multiples(low, high, steps[chosen])


def _multiples(low: float, high: float, step: float) -> list[float]:
    first = np.ceil(low / step)
    count = int(np.floor(high / step) - first) + 1
    return [float(round((first + i) * step, 12)) for i in range(count)]
