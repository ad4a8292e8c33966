"""Pieces of the scatter: its legend, the star, the picture of the density."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import QPointF, QRectF, Qt
from PyQt5.QtGui import QColor, QFontMetrics, QImage, QPainter, QPainterPath, QPen, QPolygonF

from seam_core.pictures import Legend, Names
from seam_gui.look.theme import theme
from seam_gui.views import rasteriser
from seam_gui.views.gestures import GesturePath

_BAR = 110  # length of the colour bar, pixels


def number(value: float) -> str:
    """A value for people: three significant digits."""
    if value == 0 or not np.isfinite(value):
        return f"{value:g}"
    if 0.01 <= abs(value) < 10_000:
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    return f"{value:.2g}"


def draw_legend(painter: QPainter, legend: Legend | Names, width: int) -> None:
    """What the colours mean, in the upper right corner."""
    if isinstance(legend, Names):
        _draw_names(painter, legend, width)
    else:
        _draw_bar(painter, legend, width)


def _draw_bar(painter: QPainter, legend: Legend, width: int) -> None:
    metrics = QFontMetrics(painter.font())
    height = metrics.height()
    left = width - _BAR - 14
    colours = np.ascontiguousarray(legend.colours, dtype=np.uint8)
    strip = QImage(colours.tobytes(), len(colours), 1, 3 * len(colours), QImage.Format_RGB888)
    painter.setPen(theme().color("muted"))
    painter.drawText(QRectF(left, 8, _BAR, height), Qt.AlignLeft, legend.title)
    painter.drawImage(QRectF(left, 12 + height, _BAR, 7), strip)
    ends = QRectF(left, 22 + height, _BAR, height)
    painter.drawText(ends, Qt.AlignLeft, number(legend.low))
    painter.drawText(ends, Qt.AlignRight, number(legend.high))


def _draw_names(painter: QPainter, legend: Names, width: int) -> None:
    metrics = QFontMetrics(painter.font())
    height = metrics.height() + 2
    texts = [metrics.elidedText(name, Qt.ElideRight, 2 * _BAR) for name in legend.names]
    side = metrics.ascent()
    widest = max(metrics.horizontalAdvance(text) for text in (legend.title, *texts))
    left = width - widest - side - 20
    painter.setPen(theme().color("muted"))
    painter.drawText(QPointF(left, 8 + metrics.ascent()), legend.title)
    for place, (text, colour) in enumerate(zip(texts, legend.colours, strict=True), 1):
        top = 8 + place * height
        painter.fillRect(QRectF(left, top, side, side), QColor(*(int(c) for c in colour)))
        painter.drawText(QPointF(left + side + 6, top + metrics.ascent()), text)


def draw_axis_names(painter: QPainter, names: tuple[str, str], width: int, height: int) -> None:
    """What the axes are: across at the lower right, up at the upper left."""
    painter.setPen(theme().color("muted"))
    metrics = QFontMetrics(painter.font())
    across, up = names
    if across:
        left = width - metrics.horizontalAdvance(across) - 10
        painter.drawText(QPointF(left, height - 8), across)
    if up:
        painter.save()
        painter.translate(metrics.height() + 2, 10 + metrics.horizontalAdvance(up))
        painter.rotate(-90)
        painter.drawText(QPointF(0, 0), up)
        painter.restore()


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
    if gesture.tool == "rectangle":
        painter.drawRect(QRectF(line[0], line[-1]).normalized())
    else:
        painter.drawPolygon(QPolygonF(line))


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


def density_image(
    points: rasteriser.Points,
    shape: tuple[int, int],
    scale: tuple[float, float],
    offset: tuple[float, float],
    background: QColor,
    ratio: float,
) -> np.ndarray:
    """(H, W) uint32: how many points fall into squares of 4 pixels, on a logarithmic scale."""
    side = max(1, round(4 * ratio))
    coarse = (-(-shape[0] // side), -(-shape[1] // side))
    counts = rasteriser.density(
        points,
        coarse,
        (scale[0] / side, scale[1] / side),
        (offset[0] / side, offset[1] / side),
    )
    most = max(int(counts.max()), 1)
    level = (np.log1p(counts) / np.log1p(most) * 255).astype(np.uint8)
    colours = rasteriser.packed(theme().sequential())[level]
    colours[counts == 0] = background.rgb()
    full = np.repeat(np.repeat(colours, side, axis=0), side, axis=1)
    return np.ascontiguousarray(full[: shape[0], : shape[1]], dtype=np.uint32)
