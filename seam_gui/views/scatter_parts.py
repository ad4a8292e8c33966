"""Pieces of the scatter: names of its colours, the star, the gesture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PyQt5.QtCore import QPointF, QRect, QRectF, Qt
from PyQt5.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPen, QPolygonF

from seam_core.pictures import Names
from seam_core.point_marks import REFERENCE_NAME
from seam_gui.look.theme import theme
from seam_gui.views.gestures import GesturePath

_WIDEST = 220  # pixels of a name

ALL_HIDDEN = "All are hidden: Show all, above the clusters or in the legend, draws them again"


def number(value: float) -> str:
    """A value for people: three significant digits."""
    if value == 0 or not np.isfinite(value):
        return f"{value:g}"
    if 0.01 <= abs(value) < 10_000:
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    return f"{value:.2g}"


def draw_words(painter: QPainter, area: QRect, text: str) -> None:
    """What stands where there are no points."""
    painter.setPen(theme().color("muted"))
    box = QRectF(area.adjusted(24, 0, -24, 0))
    painter.drawText(box, int(Qt.AlignCenter | Qt.TextWordWrap), text)


def draw_names(painter: QPainter, legend: Names, area: QRectF) -> None:
    """What the colours of categories mean, in the upper right corner of the data."""
    metrics = QFontMetrics(painter.font())
    height = metrics.height() + 2
    texts = [metrics.elidedText(name, Qt.ElideRight, _WIDEST) for name in legend.names]
    side = metrics.ascent()
    widest = max(metrics.horizontalAdvance(text) for text in (legend.title, *texts))
    left, upper = area.right() - widest - side - 20, area.top() + 8
    ground = theme().color("background")
    ground.setAlpha(200)  # points may lie below
    tall = (1 + len(texts)) * height
    painter.fillRect(QRectF(left - 4, upper - 2, area.right() - left, tall + 4), ground)
    painter.setPen(theme().color("muted"))
    painter.drawText(QPointF(left, upper + metrics.ascent()), legend.title)
    for place, (text, colour) in enumerate(zip(texts, legend.colours, strict=True), 1):
        top = upper + place * height
        painter.fillRect(QRectF(left, top, side, side), QColor(*(int(c) for c in colour)))
        painter.drawText(QPointF(left + side + 6, top + metrics.ascent()), text)


def draw_gesture(painter: QPainter, gesture: GesturePath) -> None:
    """The lasso, polygon or box while it is being drawn."""
    line = gesture.points
    if len(line) < 2:
        return
    accent = theme().color("accent")
    fill = QColor(accent)
    fill.setAlpha(36)
    painter.setPen(QPen(accent, 1.5))
    painter.setBrush(fill)
    if gesture.tool in ("rectangle", "zoom"):
        painter.drawRect(QRectF(line[0], line[-1]).normalized())
    else:
        painter.drawPolygon(QPolygonF(line))


def draw_arrow(painter: QPainter, start: QPointF, end: QPointF, colour: QColor) -> None:
    """A line from one place to another, with a head at its end."""
    way = end - start
    length = float(np.hypot(way.x(), way.y()))
    along = way * (7.0 / max(length, 1.0))
    across = QPointF(-along.y(), along.x()) * 0.45
    head = QPolygonF([end, end - along + across, end - along - across])
    for pen in (QPen(theme().color("background"), 4.0), QPen(colour, 1.4)):  # seen on any points
        painter.setPen(pen)
        painter.setBrush(pen.color())
        painter.drawLine(start, end)
        if length < 1:
            painter.drawEllipse(end, 3.0, 3.0)
        else:
            painter.drawPolygon(head)


def draw_reference(
    painter: QPainter, place: QPointF, star: str, arrows: Sequence[tuple[QPointF, QColor]]
) -> None:
    """The reference's star, with its name beside it where that is wanted, and arrows from it."""
    for end, colour in arrows:
        draw_arrow(painter, place, end, colour)
    if star == "hidden":
        return
    edge = QPen(theme().color("reference"), 1.6)
    around = QPen(theme().color("background"), 5.0)  # seen on any points, as the white inside is
    painter.setBrush(QColor("white"))
    for pen in (around, edge):
        painter.setPen(pen)
        painter.drawPath(star_path(place, 9.0))
    if star == "named":
        _draw_name(painter, place + QPointF(13, 0))


def _draw_name(painter: QPainter, place: QPointF) -> None:
    """The reference's, right of a place, on the same ground as the names of clusters."""
    metrics, ground = QFontMetrics(painter.font()), theme().color("background")
    ground.setAlpha(150)
    size = metrics.size(0, REFERENCE_NAME)
    box = QRectF(place.x(), place.y() - size.height() / 2, size.width() + 6, size.height())
    painter.fillRect(box, ground)
    painter.setPen(theme().color("text"))
    painter.drawText(box, int(Qt.AlignCenter), REFERENCE_NAME)


def draw_ring(painter: QPainter, place: QPointF, radius: float) -> None:
    """Around the point under the mouse."""
    painter.setBrush(Qt.NoBrush)
    painter.setPen(QPen(theme().color("text"), 1.6))
    painter.drawEllipse(place, radius, radius)


def star_path(centre: QPointF, radius: float) -> QPainterPath:
    """A five-pointed star."""
    path = QPainterPath()
    for i in range(10):
        angle = -np.pi / 2 + i * np.pi / 5
        reach = radius if i % 2 == 0 else radius * 0.45
        point = centre + QPointF(reach * np.cos(angle), reach * np.sin(angle))
        if i:
            path.lineTo(point)
        else:
            path.moveTo(point)
    path.closeSubpath()
    return path
