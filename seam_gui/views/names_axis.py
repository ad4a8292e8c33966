"""An axis with names in place of numbers: rows and columns of a matrix, bars."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from PyQt5.QtCore import QRectF, Qt
from PyQt5.QtGui import QFont, QFontMetrics, QPainter
from PyQt5.QtWidgets import QApplication

from seam_gui.views.axis_label import NamedAxis

_GAP = 8  # pixels between a name and the picture
_WIDEST = 110  # pixels of a name left of the picture
_LEAST = 7  # letters of a name that is cut


class NamesAxis(NamedAxis):
    """Names at whole places, as many as there is room for; marked ones before others.

    Names below a picture stand on end where they are longer than what they name is wide.
    """

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self._names: tuple[str, ...] = ()
        self._marked = np.zeros(0, dtype=bool)
        self._stands = False
        self.setStyle(tickLength=0, hideOverlappingLabels=False)

    def set_names(self, names: Sequence[str], marked: Sequence[bool] = ()) -> None:
        """What stands at 0, 1, 2, ...; `marked` ones first where there is no room for all."""
        self._names = tuple(names)
        self._marked = np.array(marked or [False] * len(self._names), dtype=bool)
        self.picture = None  # pyqtgraph's cache
        self.update()

    def arrange(self, each: float, room: float) -> None:
        """Take the width or height for the names: `each` pixels a name, `room` at most."""
        words = _metrics()
        titled = words.height() if self.labelText else 0
        longest = widest(self._names, QApplication.font().toString())
        if self.orientation == "left":
            self.setWidth(min(longest, _WIDEST) + 2 * _GAP + titled)
            return
        self._stands = longest > each - 4 and words.height() <= each * 1.6
        tall = min(longest + 2 * _GAP, room) if self._stands else words.height() + _GAP
        self.setHeight(tall + titled)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[int, list[int]]]:
        low, high = sorted((low, high))  # an inverted axis has them the other way
        first, last = max(int(np.ceil(low)), 0), min(int(np.floor(high)), len(self._names) - 1)
        each = size / max(high - low, 1e-9)
        words = _metrics()
        needed = float(words.height())
        if self.orientation == "bottom" and not self._stands:
            seen = self._names[first : last + 1]
            needed = 6.0 + max((words.horizontalAdvance(name) for name in seen), default=0)
        stride = max(1, int(np.ceil(needed / max(each, 1e-9))))
        if self._stands:
            stride = max(1, int(np.ceil(0.6 * words.height() / each)))
        named = spread(self._marked[first : last + 1], stride)
        return [(stride, (first + np.flatnonzero(named)).tolist())]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        if self._stands:
            return [""] * len(values)  # pyqtgraph would leave out those at the ends
        known = range(len(self._names))
        names = [self._names[at] if at in known else "" for at in map(round, values)]
        if self.orientation == "bottom":
            return names
        return [with_room(name, _WIDEST) for name in names]

    def drawPicture(
        self, painter: QPainter, axis: Any, ticks: Any, texts: list[tuple[QRectF, int, str]]
    ) -> None:
        super().drawPicture(painter, axis, ticks, texts)
        if self._stands:
            low, high = sorted(self.range)
            for _, places in self.tickValues(low, high, self.width()):
                for place in places:
                    self._draw_standing(painter, place, (place - low) / (high - low))

    def _draw_standing(self, painter: QPainter, place: int, share: float) -> None:
        words, room = _metrics(), int(self.height() - _GAP)
        painter.setPen(self.textPen())
        painter.save()
        painter.translate(share * self.width(), _GAP / 2)
        painter.rotate(90)
        box = QRectF(0, -words.height() / 2, room, words.height())
        name = with_room(self._names[place], room)
        painter.drawText(box, int(Qt.AlignLeft | Qt.AlignVCenter), name)
        painter.restore()


def with_room(name: str, room: int) -> str:
    """A name cut to fit; where too little would be left of it, its first word: a cluster's id."""
    words = _metrics()
    cut = words.elidedText(name, Qt.ElideRight, room)
    first = name.partition(" ")[0]
    short = cut != name and len(cut) < _LEAST and words.horizontalAdvance(first) <= room
    return first if short else cut


def spread(first: np.ndarray, stride: int) -> np.ndarray:
    """(R,) bool: rows `stride` apart or more that can be named; those of `first` before others."""
    named = np.zeros(len(first), dtype=bool)
    others = np.arange(0, len(first), stride)
    for row in (*np.flatnonzero(first).tolist(), *others.tolist()):
        if not named[max(row - stride + 1, 0) : row + stride].any():
            named[row] = True
    return named


@lru_cache(maxsize=32)  # thousands of names, asked for at every arranging
def widest(names: tuple[str, ...], font: str) -> int:
    """Pixels of the longest of names; `font` as its `toString` has it."""
    drawn = QFont()
    drawn.fromString(font)
    return max(map(QFontMetrics(drawn).horizontalAdvance, names), default=0)


def _metrics() -> QFontMetrics:
    return QFontMetrics(QApplication.font())
