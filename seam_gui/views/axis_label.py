"""Names of axes, which are read whole: in as many lines as they need beside a short axis."""

from __future__ import annotations

import html
from collections.abc import Sequence

import pyqtgraph as pg
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QFontMetrics
from PyQt5.QtWidgets import QApplication

MOST = 3  # lines; more would leave no room for the data


def in_lines(text: str, room: float, most: int = MOST) -> list[str]:
    """A name in `most` lines of `room` pixels at most; what is longer ends in "…"."""
    metrics = QFontMetrics(QApplication.font())
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and (len(lines) == most or metrics.horizontalAdvance(longer) <= room):
            lines[-1] = longer
        else:
            lines.append(word)
    return [metrics.elidedText(line, Qt.ElideRight, int(room)) for line in lines]


def as_html(lines: Sequence[str]) -> str:
    """Lines as pyqtgraph takes a name: what looks like a tag in the name of a column is text."""
    return "<br>".join(html.escape(line, quote=False) for line in lines)


class NamedAxis(pg.AxisItem):
    """pyqtgraph's axis, whose name is never longer than itself."""

    def __init__(self, orientation: str) -> None:
        self._lines: list[str] = []
        super().__init__(orientation)

    def labelString(self) -> str:
        """The name as it fits now."""
        self._lines = self._fitting()
        colour = self.labelStyle.get("color", "")
        return f"<div align='center' style='color: {colour}'>{as_html(self._lines)}</div>"

    def resizeEvent(self, event: object = None) -> None:
        if self.label is not None and self._lines != self._fitting():
            self._updateLabel()
        super().resizeEvent(event)

    def _updateLabel(self) -> None:
        self.label.setTextWidth(-1)
        super()._updateLabel()
        self.label.setTextWidth(self.label.document().idealWidth())  # what `center` is within
        self._adjustSize()

    def _fitting(self) -> list[str]:
        size = self.size()
        room = size.height() if self.orientation in ("left", "right") else size.width()
        if room < 1:  # not laid out yet
            return [self.labelText] if self.labelText else []
        alone = self.orientation in ("top", "bottom") or self.fixedWidth is not None
        return in_lines(self.labelText, room, 1 if alone else MOST)
