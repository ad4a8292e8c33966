"""How an evolutionary search went: activities by generation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt5.QtCore import QPointF, QRectF, Qt
from PyQt5.QtGui import QColor, QPainter, QPen, QPolygonF

from seam_gui.look.theme import theme
from seam_gui.views.histogram import Plot

_DOTS = 4_000  # more of them only hide each other
_WIDTH = 0.7  # of a generation, over which its dots are spread
_GOLDEN = 0.618033988749895  # fractions of its multiples are spread evenly


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Activities of a search.

    generation, lowest, median, highest : (G,) of all sequences that the model was asked about
    kept_generation, kept_activity : (N,) of those in the library, the start first
    """

    generation: np.ndarray
    lowest: np.ndarray
    median: np.ndarray
    highest: np.ndarray
    kept_generation: np.ndarray
    kept_activity: np.ndarray


class TrajectoryView(Plot):
    """The range asked about as a band, its median as a line, what was kept as dots."""

    def __init__(self, name: str) -> None:
        super().__init__(
            name, "Search", "generation", "activity", hint="The library was not found by a search"
        )
        self.setToolTip("Activities that the search of an optimized library came upon, and kept")
        self.trajectory: Trajectory | None = None

    @property
    def has_data(self) -> bool:
        return self.trajectory is not None and len(self.trajectory.generation) > 0

    def set_trajectory(self, trajectory: Trajectory | None) -> None:
        """Show another search, or none."""
        self.trajectory = trajectory
        if trajectory is not None and self.has_data:
            low, high = float(trajectory.lowest.min()), float(trajectory.highest.max())
            margin = (high - low) * 0.04 or 1.0
            self._y = (low - margin, high + margin)
            self._x = (-0.5, float(trajectory.generation.max()) + 0.5)
            self.note = "band: all asked about   ·   line: their median   ·   dots: in the library"
        self.update()

    def draw(self, painter: QPainter, box: QRectF) -> None:
        colors, found = theme().palette, self.trajectory
        assert found is not None
        band = QColor(colors.muted)
        band.setAlpha(60)
        painter.setPen(Qt.NoPen)
        painter.setBrush(band)
        around = [*self._points(found.generation, found.lowest, box)]
        painter.drawPolygon(
            QPolygonF(around + self._points(found.generation, found.highest, box)[::-1])
        )
        self._draw_kept(painter, box, found)
        painter.setPen(QPen(QColor(colors.text), 1.5))
        painter.drawPolyline(QPolygonF(self._points(found.generation, found.median, box)))
        start = float(found.kept_activity[0])
        y = self.y_at(start, box)
        painter.setPen(QPen(QColor(colors.reference), 1.5, Qt.DashLine))
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
        painter.setPen(QColor(colors.text))
        line = painter.fontMetrics().height()
        above = y - line - 2 if y - line > box.top() else y + 2
        words = QRectF(box.left(), above, box.width() - 4, line)
        painter.drawText(words, Qt.AlignRight, f"start {start:.3g}")

    def _draw_kept(self, painter: QPainter, box: QRectF, found: Trajectory) -> None:
        rows = np.unique(np.linspace(0, len(found.kept_activity) - 1, _DOTS).astype(np.int64))
        aside = ((rows * _GOLDEN) % 1.0 - 0.5) * _WIDTH
        dot = QColor(theme().palette.accent)
        dot.setAlpha(110)
        painter.setPen(QPen(dot, 3, Qt.SolidLine, Qt.RoundCap))
        at = self._points(found.kept_generation[rows] + aside, found.kept_activity[rows], box)
        painter.drawPoints(QPolygonF(at))

    def _points(self, x: np.ndarray, y: np.ndarray, box: QRectF) -> list[QPointF]:
        return [
            QPointF(self.x_at(float(a), box), self.y_at(float(b), box))
            for a, b in zip(x, y, strict=True)
        ]
