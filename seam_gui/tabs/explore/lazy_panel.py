"""Panels that work only while they can be seen."""

from __future__ import annotations

from PyQt5.QtWidgets import QWidget


class LazyPanel(QWidget):
    """A panel in a dock: what it should show is remembered, and drawn once it comes to the front.

    Qt calls docks behind other docks visible, so the dock has to say which one is in front.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._in_front = False
        self._behind = True  # what was asked for is not drawn yet

    def set_in_front(self, in_front: bool) -> None:
        """The dock came to the front, or went behind another."""
        self._in_front = in_front
        if in_front and self._behind:
            self.draw_again()

    def draw_again(self) -> None:
        """Draw now, or when the panel comes to the front."""
        self._behind = not self._in_front
        if self._in_front:
            self.refresh()

    def draw_now(self) -> None:
        """Draw, whatever is in front."""
        self._behind = False
        self.refresh()

    def refresh(self) -> None:
        """Draw."""
        raise NotImplementedError
