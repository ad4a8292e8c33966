"""Small line drawings for the scatter's tools, in the text colour of the theme."""

from __future__ import annotations

from PyQt5.QtCore import QPointF, QRectF, Qt
from PyQt5.QtGui import QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from seam_gui.look.theme import theme
from seam_gui.views.scatter_parts import star_path

_SIDE = 18


def tool_icon(name: str) -> QIcon:
    """A drawing by its name, e.g. "lasso"."""
    ratio = 3
    picture = QPixmap(_SIDE * ratio, _SIDE * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.Antialiasing)
    pen = QPen(theme().color("text"), 1.4)
    pen.setJoinStyle(Qt.RoundJoin)
    pen.setCapStyle(Qt.RoundCap)
    painter.setPen(pen)
    _DRAWINGS[name](painter, pen)
    painter.end()
    return QIcon(picture)


def _lasso(painter: QPainter, pen: QPen) -> None:
    path = QPainterPath(QPointF(6, 12.5))
    path.cubicTo(-1, 9, 2, 2.5, 9.5, 2.5)
    path.cubicTo(17.5, 2.5, 18, 10, 11, 12)
    path.cubicTo(9, 12.6, 7, 12.8, 6, 12.5)
    path.cubicTo(4, 13, 5, 16, 7.5, 16)
    painter.drawPath(path)


def _polygon(painter: QPainter, pen: QPen) -> None:
    corners = [QPointF(3, 13), QPointF(6, 3.5), QPointF(15, 6), QPointF(13, 15)]
    painter.drawPolygon(QPolygonF(corners))
    painter.setBrush(theme().color("text"))
    for corner in corners:
        painter.drawEllipse(corner, 1.1, 1.1)


def _rectangle(painter: QPainter, pen: QPen) -> None:
    pen.setStyle(Qt.DashLine)
    painter.setPen(pen)
    painter.drawRect(QRectF(3, 4, 12, 10))


def _pan(painter: QPainter, pen: QPen) -> None:
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        tip = QPointF(9 + 6.5 * dx, 9 + 6.5 * dy)
        painter.drawLine(QPointF(9, 9), tip)
        for side in (-1, 1):
            back = QPointF(-2 * dx - 2 * side * dy, -2 * dy + 2 * side * dx)
            painter.drawLine(tip, tip + back)


def _reference(painter: QPainter, pen: QPen) -> None:
    painter.setBrush(theme().color("text"))
    painter.drawPath(star_path(QPointF(9, 9.5), 7))


def _fit(painter: QPainter, pen: QPen) -> None:
    for x, y, dx, dy in ((3, 3, 1, 1), (15, 3, -1, 1), (3, 15, 1, -1), (15, 15, -1, -1)):
        painter.drawLine(QPointF(x, y), QPointF(x + 4 * dx, y))
        painter.drawLine(QPointF(x, y), QPointF(x, y + 4 * dy))
    painter.setBrush(theme().color("text"))
    painter.drawEllipse(QPointF(9, 9), 1.6, 1.6)


def _zoom(painter: QPainter, pen: QPen) -> None:
    painter.drawEllipse(QPointF(7.5, 7.5), 5, 5)
    painter.drawLine(QPointF(11.3, 11.3), QPointF(15.5, 15.5))
    painter.drawLine(QPointF(5, 7.5), QPointF(10, 7.5))
    painter.drawLine(QPointF(7.5, 5), QPointF(7.5, 10))


def _back(painter: QPainter, pen: QPen) -> None:
    painter.drawPolyline(QPolygonF([QPointF(11, 4), QPointF(6, 9), QPointF(11, 14)]))


def _forward(painter: QPainter, pen: QPen) -> None:
    painter.drawPolyline(QPolygonF([QPointF(7, 4), QPointF(12, 9), QPointF(7, 14)]))


_DRAWINGS = {
    "lasso": _lasso,
    "polygon": _polygon,
    "rectangle": _rectangle,
    "pan": _pan,
    "zoom": _zoom,
    "back": _back,
    "forward": _forward,
    "reference": _reference,
    "fit": _fit,
}
