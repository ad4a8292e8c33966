"""Where one looked before: back and forward through the ranges of a picture, as in a browser."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QObject, QTimer, pyqtSignal

_SETTLED_MS = 400  # a range that stayed so long was looked at
_MOST = 100


class ViewHistory(QObject):
    """Ranges that were looked at, and which of them is shown.

    asked : a range to show again
    changed : whether there is a way back or forward
    """

    asked = pyqtSignal(object)
    changed = pyqtSignal()

    def __init__(self, shown: Callable[[], object], parent: QObject | None = None) -> None:
        """`shown` gives the range now, comparable by ==."""
        super().__init__(parent)
        self._shown = shown
        self._seen: list[object] = []
        self._at = -1
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(_SETTLED_MS)
        self._settled.timeout.connect(self.keep)

    def restart(self) -> None:
        """Other data: what was seen of the former ones is forgotten."""
        self._settled.stop()
        self._seen, self._at = [self._shown()], 0
        self.changed.emit()

    def moved(self) -> None:
        """The range changed, perhaps not for the last time."""
        self._settled.start()

    def keep(self) -> None:
        """The range now is one to come back to."""
        self._settled.stop()
        now = self._shown()
        if 0 <= self._at < len(self._seen) and self._seen[self._at] == now:
            return
        self._seen = [*self._seen[: self._at + 1], now][-_MOST:]
        self._at = len(self._seen) - 1
        self.changed.emit()

    @property
    def can_go(self) -> tuple[bool, bool]:
        """Whether there is something back, and forward."""
        return self._at > 0, self._at < len(self._seen) - 1

    def back(self) -> str:
        """The range before; why not, where there is none."""
        return "" if self._go(-1) else "Nothing was shown before"

    def forward(self) -> str:
        """The range that one came back from; why not, where there is none."""
        return "" if self._go(1) else "Nothing was shown after: Back comes first"

    def show(self, whole: Callable[[], None]) -> str:
        """Do what shows all; why nothing is seen of it, where all is shown."""
        before = self._shown()
        whole()
        return "All is shown already" if self._shown() == before else ""

    def _go(self, by: int) -> bool:
        if self._settled.isActive():
            self.keep()
        can = 0 <= self._at + by < len(self._seen)
        if can:
            self._at += by
            self.asked.emit(self._seen[self._at])
            self._settled.stop()
            self.changed.emit()
        return can
