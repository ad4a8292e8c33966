"""Painting a widget so that the painter has ended whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
from PyQt5 import sip
from PyQt5.QtCore import QRectF
from PyQt5.QtGui import QPainter


def painted(paint: Callable[[Any, QPainter], None]) -> Callable[[Any, Any], None]:
    """A `paintEvent` from a function of the widget and its painter.

    Qt wants the painter gone when the event is over. Python drops it later where something still
    holds the frame: an exception's traceback, a profiler.
    """

    @wraps(paint)
    def paint_event(widget: Any, _event: Any) -> None:
        painter = QPainter(widget)
        try:
            paint(widget, painter)
        finally:
            painter.end()

    return paint_event


def rectangles(
    left: np.ndarray, top: np.ndarray, width: np.ndarray | float, height: np.ndarray | float
) -> Any:
    """(n,) rectangles for `QPainter.drawRects`, filled at once: single objects take far longer."""
    array: Any = sip.array  # the stubs do not say how one is made
    voidptr: Any = sip.voidptr
    boxes = array(QRectF, len(left))
    numbers = voidptr(boxes, len(left) * 4 * 8)
    places = np.frombuffer(numbers, dtype=np.float64).reshape(-1, 4)
    for column, values in enumerate((left, top, width, height)):
        places[:, column] = values
    return boxes


def distinct(*columns: np.ndarray) -> np.ndarray:
    """(C, m): each row of C columns of (n,) once, in ascending order."""
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return np.array(sorted(set(rows)), dtype=np.float64).reshape(-1, len(columns)).T


def apart(middles: np.ndarray, widths: np.ndarray, right: float, gap: float = 4.0) -> np.ndarray:
    """(n,) left ends of names of these widths, over their middles as far as none covers another.

    middles : in ascending order; right : where the room for them ends
    """
    lefts = np.asarray(middles - widths / 2, dtype=np.float64)
    for i in range(1, len(lefts)):
        lefts[i] = max(lefts[i], lefts[i - 1] + widths[i - 1] + gap)
    for i in range(len(lefts) - 1, -1, -1):
        lefts[i] = min(lefts[i], right - widths[i])
        right = lefts[i] - gap
    return lefts
