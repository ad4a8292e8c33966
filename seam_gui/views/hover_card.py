"""What is said of the thing under the mouse, in a corner at the left of a picture."""

from __future__ import annotations

from PyQt5.QtCore import QPointF, QRectF, QSize, Qt
from PyQt5.QtGui import QPainter
from PyQt5.QtWidgets import QWidget

from seam_gui.look.text import PlainLabel
from seam_gui.look.theme import theme

ABOVE = QSize(300, 88)  # room for a small picture above a card


def paint_card(painter: QPainter, area: QRectF) -> None:
    """The paper of a card, through which a little is seen of what lies below."""
    painter.setRenderHint(QPainter.Antialiasing)
    paper = theme().color("raised")
    paper.setAlpha(235)
    painter.setPen(theme().color("separator"))
    painter.setBrush(paper)
    painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)


class HoverCard(PlainLabel):
    """A text that lets the mouse through."""

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent=parent)
        self.setObjectName(name)
        self.setAttribute(Qt.WA_TransparentForMouseEvents)
        self.setContentsMargins(8, 5, 8, 5)
        self.hide()

    def paintEvent(self, event: object) -> None:
        painter = QPainter(self)
        paint_card(painter, QRectF(self.rect()))
        painter.end()
        super().paintEvent(event)  # type: ignore[arg-type]

    def say(self, text: str, area: QRectF, about: QPointF) -> None:
        """Another text, over an area of the picture, about a place in it."""
        self.setText(text)
        self.adjustSize()
        self.place(area, about)

    def place(self, area: QRectF, about: QPointF | None = None) -> None:
        """Go to the lower left corner of an area of the picture, or to the upper one where the
        card, or what stands above it, would cover what it is about."""
        wide, top = max(self.width(), ABOVE.width()), area.bottom() - self.height() - 12
        left = area.left() + 12
        whole = QRectF(left, top - ABOVE.height(), wide, self.height() + ABOVE.height())
        if about is not None and whole.adjusted(-16, -16, 16, 16).contains(about):
            top = area.top() + ABOVE.height() + 4
        self.move(int(left), int(top))
