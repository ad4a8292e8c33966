"""Fields that the wheel does not change on its way over them."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QWheelEvent
from PyQt5.QtWidgets import QComboBox, QDoubleSpinBox, QScrollArea, QSpinBox, QWidget


class ComboBox(QComboBox):
    """A list to choose from."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        _turned(self, super().wheelEvent, event)


class SpinBox(QSpinBox):
    """A whole number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        _turned(self, super().wheelEvent, event)


class DoubleSpinBox(QDoubleSpinBox):
    """A number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        _turned(self, super().wheelEvent, event)


def _turned(field: QWidget, turn: Callable[[QWheelEvent], None], event: QWheelEvent) -> None:
    """In a panel the wheel scrolls the panel; elsewhere it turns the field that has the focus."""
    if field.hasFocus() and not _scrolls(field):
        turn(event)
    else:
        event.ignore()


def _scrolls(field: QWidget) -> bool:
    above = field.parent()
    while isinstance(above, QWidget) and not isinstance(above, QScrollArea):
        above = above.parent()
    return isinstance(above, QScrollArea)
