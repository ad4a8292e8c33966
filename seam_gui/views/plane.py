"""Where points of a plane are in a widget: centre and scale, changed by fitting, zoom and pan."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import QPointF

_MARGIN = 0.06  # of the picture, left empty around the points
_NEAR = 4  # times that a point brought to the middle is magnified


class Plane:
    """Maps coordinates of points to pixels of a widget, y upwards.

    fitted : all points are shown, and shall be when the widget changes its size
    """

    def __init__(self) -> None:
        self.fitted = True
        self._centre, self._pixels_per_unit = np.zeros(2), np.ones(2)
        self._size = np.ones(2)

    def resize(self, width: int, height: int) -> None:
        """The widget has another size, in pixels."""
        self._size = np.array([width, height], dtype=np.float64)

    def fit(self, x: np.ndarray, y: np.ndarray) -> None:
        """Show all of these points, (n,) each; n may be 0."""
        self.fitted = True
        if len(x) == 0 or self._size[0] <= 1:
            return
        low = np.array([x.min(), y.min()], dtype=np.float64)
        high = np.array([x.max(), y.max()], dtype=np.float64)
        room = self._size * (1 - 2 * _MARGIN)
        self._pixels_per_unit = np.maximum(room, 10) / np.maximum(high - low, 1e-9)
        self._centre = (low + high) / 2

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Magnify about a point of the widget (its middle where none is given)."""
        at = at or QPointF(*self._size / 2)
        before = self.to_data(at)
        self._pixels_per_unit = self._pixels_per_unit * factor
        self._centre += before - self.to_data(at)
        self.fitted = False

    def pan(self, dx: float, dy: float) -> None:
        """Move the points by pixels."""
        self._centre -= np.array([dx, -dy]) / self._pixels_per_unit
        self.fitted = False

    def centre_on(self, x: float, y: float) -> None:
        """Bring a point to the middle, magnified at least fourfold."""
        self._centre = np.array([x, y], dtype=np.float64)
        if self.fitted:
            self._pixels_per_unit = self._pixels_per_unit * _NEAR
        self.fitted = False

    def to_widget(self, x: float, y: float) -> QPointF:
        """Where a point is in the widget."""
        across = (np.array([x, y]) - self._centre) * self._pixels_per_unit
        return QPointF(self._size[0] / 2 + across[0], self._size[1] / 2 - across[1])

    def to_data(self, position: QPointF) -> np.ndarray:
        """(2,) coordinates of a point of the widget."""
        across = np.array([position.x(), -position.y()]) - self._size / 2 * [1, -1]
        return self._centre + across / self._pixels_per_unit

    def placement(self, ratio: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """Scale and offset to device pixels, `ratio` of them to a pixel of the widget."""
        scale = self._pixels_per_unit * ratio * np.array([1.0, -1.0])
        offset = self._size * ratio / 2 - self._centre * scale
        return (float(scale[0]), float(scale[1])), (float(offset[0]), float(offset[1]))
