"""Activities of the selection over the library's."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import QPointF, QRectF
from PyQt5.QtGui import QColor, QPainter, QPainterPath, QPen
from PyQt5.QtWidgets import QToolTip

from seam_gui.look.theme import theme
from seam_gui.views.histogram import Plot

_BINS = 60


class ActivityView(Plot):
    """Two histograms on one axis, each as a share of its own sequences."""

    def __init__(self) -> None:
        super().__init__("activity_view", "Activity", "activity", "share (%)")
        self._edges = np.zeros(0)
        self._all, self._chosen = np.zeros(0), np.zeros(0)
        self._reference: float | None = None
        self.setMouseTracking(True)
        self.setMinimumSize(240, 120)

    @property
    def has_data(self) -> bool:
        return len(self._all) > 0

    def set_values(
        self, activity: np.ndarray, chosen: np.ndarray | None, reference: float | None
    ) -> None:
        """(N,) activities, (N,) bool of the selection, the reference's activity."""
        known = np.isfinite(activity)
        if not known.any():
            self._all = np.zeros(0)
            return
        low, high = float(activity[known].min()), float(activity[known].max())
        self._edges = np.linspace(low, high if high > low else low + 1, _BINS + 1)
        self._all = _shares(activity[known], self._edges)
        inside = activity[known] if chosen is None else activity[known & chosen]
        self._chosen = _shares(inside, self._edges)
        self._reference = reference
        self._x = (low, self._edges[-1])
        self._y = (0.0, max(self._all.max(), self._chosen.max()) * 1.08 or 1.0)
        self.note = "grey: the library" if chosen is not None else ""
        self.update()

    def draw(self, painter: QPainter, box: QRectF) -> None:
        for shares, colour, alpha in (
            (self._all, theme().color("muted"), 90),
            (self._chosen, theme().color("accent"), 150),
        ):
            fill = QColor(colour)
            fill.setAlpha(alpha)
            path = QPainterPath()
            for share, left, right in zip(shares, self._edges[:-1], self._edges[1:], strict=True):
                x0, x1, y = self.x_at(left, box), self.x_at(right, box), self.y_at(share, box)
                path.addRect(QRectF(x0, y, x1 - x0, box.bottom() - y))
            painter.fillPath(path, fill)
        if self._reference is not None:
            x = self.x_at(self._reference, box)
            painter.setPen(QPen(theme().color("reference"), 1.5))
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
            wide = painter.fontMetrics().horizontalAdvance("reference")
            at = x + 4 if x + 4 + wide < box.right() else x - 4 - wide
            painter.drawText(QPointF(at, box.top() + 12), "reference")

    def mouseMoveEvent(self, event) -> None:
        if self._reference is not None:
            text = f"reference {self._reference:.3g}; bars: share of the sequences in each bin"
            QToolTip.showText(event.globalPos(), text, self)


def _shares(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return 100.0 * np.histogram(values, edges)[0] / max(len(values), 1)
