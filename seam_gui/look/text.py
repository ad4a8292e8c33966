"""Text that came from elsewhere (file names, labels, messages) is never read as HTML."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtWidgets import QLabel, QToolTip, QWidget


class PlainLabel(QLabel):
    """A label that shows its text as it is."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)


def plain(text: str) -> str:
    """A text for tooltips and message boxes, which would take some of them for HTML."""
    if "<" not in text and "&" not in text:
        return text
    return f'<span style="white-space: pre-wrap">{html.escape(text)}</span>'


def show_tip(widget: QWidget, where: QPoint, text: str) -> None:
    """The tooltip of what is under the mouse, at once; `where` is a place on the screen."""
    tip = plain(text)
    widget.setToolTip(tip)
    QToolTip.showText(where, tip, widget)


def listed(lines: Sequence[str], most: int = 20) -> str:
    """One below the other, those beyond `most` counted."""
    more = [f"and {len(lines) - most} more"] if len(lines) > most else []
    return "\n".join([*lines[:most], *more])


def counted(number: int, thing: str) -> str:
    """ "1 cluster", "2,000 clusters"."""
    return f"{number:,} {thing}" + ("" if number == 1 else "s")
