"""Small pictures drawn by the application itself: the icon, arrows of spin boxes."""

from __future__ import annotations

from functools import lru_cache

from PyQt5.QtCore import QPointF, QRectF, Qt
from PyQt5.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from seam_core.scratch import Scratch

_LINES = {
    "check": ((3, 8.5), (6.5, 12), (13, 4.5)),
    "chevron-up": ((2, 10.5), (8, 4.5), (14, 10.5)),
    "chevron-down": ((2, 5.5), (8, 11.5), (14, 5.5)),
}


@lru_cache(maxsize=1)
def _folder() -> Scratch:
    """A style sheet takes pictures only from files; they live as long as the process."""
    return Scratch("seam-gui-")


@lru_cache(maxsize=16)
def icon_path(name: str, color: str) -> str:
    """File of a small sign in a colour, for `image: url(...)` of a style sheet."""
    pixmap = QPixmap(16, 16)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.Antialiasing)
    painter.setPen(
        QPen(
            QColor(color),
            2.0,
            Qt.PenStyle.SolidLine,
            Qt.PenCapStyle.RoundCap,
            Qt.PenJoinStyle.RoundJoin,
        )
    )
    painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in _LINES[name]]))
    painter.end()
    path = _folder().path / f"{name}-{color.lstrip('#')}.png"
    pixmap.save(str(path))
    return path.as_posix()


def application_icon() -> QIcon:
    """Stacked letters of a logo, as bars: tall where a mechanism needs its letter."""
    icon = QIcon()
    heights = (0.35, 0.85, 1.0, 0.55)
    colors = ("#1a9641", "#2b5fd9", "#d7261e", "#f5a300")
    for size in (16, 32, 64, 128, 256):
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        step = size / 4
        for i, (height, color) in enumerate(zip(heights, colors, strict=True)):
            painter.setBrush(QColor(color))
            tall = height * size * 0.86
            bar = QRectF(i * step + step * 0.1, size * 0.93 - tall, step * 0.8, tall)
            painter.drawRoundedRect(bar, step * 0.2, step * 0.2)
        painter.end()
        icon.addPixmap(pixmap)
    return icon
