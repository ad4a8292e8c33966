"""What is said of the thing under the mouse, in the lower left corner of a picture."""

from __future__ import annotations

from PyQt5.QtCore import QRectF, Qt
from PyQt5.QtWidgets import QWidget

from seam_gui.look.text import PlainLabel


class HoverCard(PlainLabel):
    """A text that lets the mouse through."""

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent=parent)
        self.setObjectName(name)
        self.setAttribute(Qt.WA_TransparentForMouseEvents)
        self.hide()

    def say(self, text: str, area: QRectF) -> None:
        """Another text, over an area of the picture."""
        self.setText(text)
        self.adjustSize()
        self.place(area)

    def place(self, area: QRectF) -> None:
        """Go to the corner of an area of the picture."""
        top = area.bottom() - self.height() - 12
        self.move(int(area.left()) + 12, int(top))
