"""Work that a page does only while somebody can see it."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QEvent, QObject
from PyQt5.QtWidgets import QWidget


class Deferred(QObject):
    """Calls `draw` now where the widget is visible, else once when it is shown next."""

    def __init__(self, widget: QWidget, draw: Callable[[], None]) -> None:
        super().__init__(widget)
        self._widget, self._draw = widget, draw
        self._due = False
        widget.installEventFilter(self)

    def __call__(self, *_: object) -> None:
        """What is shown is out of date."""
        if self._widget.isVisible():
            self._due = False
            self._draw()
        else:
            self._due = True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Show and self._due:
            self._due = False
            self._draw()
        return False
