"""Drawing much at once without holding up the window."""

from __future__ import annotations

from PyQt5.QtCore import QObject, QTimer
from PyQt5.QtWidgets import QWidget


class InTurns(QObject):
    """Widgets that changed together and are painted one after another, the window answering."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: list[QWidget] = []
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._next)

    def hold(self, *widgets: QWidget) -> None:
        """Paint these in the next turns of the event loop, in this order."""
        for widget in widgets:
            widget.setUpdatesEnabled(False)
        self._waiting += [widget for widget in widgets if widget not in self._waiting]
        self._timer.start()

    def _next(self) -> None:
        self._waiting.pop(0).setUpdatesEnabled(True)
        if not self._waiting:
            self._timer.stop()
