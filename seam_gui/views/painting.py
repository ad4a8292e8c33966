"""Painting a widget so that the painter has ended whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

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
