"""A colour scale with the values at its ends, which can be dragged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import pyqtSignal
from PyQt5.QtGui import QMouseEvent
from PyQt5.QtWidgets import QHBoxLayout, QWidget

from seam_gui.look.text import PlainLabel
from seam_gui.look.theme import theme
from seam_gui.views.colour_bar import bar_item
from seam_gui.views.key_pointer import KeyPointer
from seam_gui.views.scatter_parts import number

_LENGTH, _HEIGHT, _GAP = 72, 18, 6  # pixels
_STOPS = 33  # colours; what lies between is pyqtgraph's, which takes 20 microseconds for each
_STEPS = 200  # from one end to the other


class ScaleBar(QWidget):
    """Low value, colours, high value with its unit; empty until it is given a scale.

    levels_chosen : (low, high) that the ends were dragged to; None after a double click: as the
        values give
    """

    levels_chosen = pyqtSignal(object)

    def __init__(self, name: str, images: Sequence[pg.ImageItem] = ()) -> None:
        """`images` follow the ends while they are dragged."""
        super().__init__()
        self.setObjectName(name)
        self._images, self._unit, self._symmetric = tuple(images), "", False
        self._low, self._high = PlainLabel(), PlainLabel()
        for text in (self._low, self._high):
            text.setProperty("role", "muted")
        self.bar = bar_item(width=_HEIGHT, orientation="h")
        for side in ("left", "right", "top", "bottom"):
            self.bar.hideAxis(side)
        self.bar.sigLevelsChanged.connect(lambda _: self._dragged())
        self.bar.sigLevelsChangeFinished.connect(lambda _: self._let_go())
        self._view = _BarView(self.bar)
        self._view.asked_back.connect(lambda: self.levels_chosen.emit(None))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(_GAP)
        layout.addStretch(1)
        for part in (self._low, self._view, self._high):
            layout.addWidget(part)
        self.set_scale(None, 0, 1, "")

    def set_scale(self, colours: np.ndarray | None, low: float, high: float, unit: str) -> None:
        """(C, 3) uint8 colours and the values at their ends."""
        self._unit = unit
        for part in (self._low, self._view, self._high):
            part.setVisible(colours is not None)
        if colours is None:
            return
        self._symmetric = low == -high  # white stays at zero
        self.bar.rounding = max(high - low, 1e-12) / _STEPS
        self.bar.setLevels((low, max(high, low + self.bar.rounding)))
        some = colours[np.linspace(0, len(colours) - 1, _STOPS).round().astype(int)]
        self.bar.setColorMap(pg.ColorMap(np.linspace(0, 1, _STOPS), some))
        self._view.dress()
        self._say()

    @property
    def texts(self) -> tuple[str, str]:
        """The values at the ends, as they are read."""
        return self._low.text(), self._high.text()

    def _say(self) -> None:
        low, high = self.bar.levels()
        self._low.setText(number(low))
        self._high.setText(f"{number(high)} {self._unit}".rstrip())

    def _dragged(self) -> None:
        low, high = self.bar.levels()
        if self._symmetric and low != -high:
            before = self.bar.hi_prv
            reach = abs(high if abs(high - before) > abs(low + before) else low)
            self.bar.values = (-max(reach, self.bar.rounding), max(reach, self.bar.rounding))
        for image in self._images:
            image.setLevels(self.bar.values)
        self._say()

    def _let_go(self) -> None:
        low, high = self.bar.levels()
        self.levels_chosen.emit((float(low), float(high)))


class _BarView(pg.GraphicsView):
    """The colours alone, as high as a line of text."""

    asked_back = pyqtSignal()

    def __init__(self, bar: pg.ColorBarItem) -> None:
        super().__init__()
        self._bar = bar
        self.setFixedSize(_LENGTH, _HEIGHT)
        KeyPointer(self)
        self.setAccessibleName("Colour scale")
        self.setToolTip("Drag an end to change its value (double click: as the values give)")
        self.setCentralItem(bar)

    def dress(self) -> None:
        """The colours of the theme."""
        palette = theme().palette
        self.setBackground(palette.surface)
        for line in self._bar.region.lines:
            line.setPen(palette.text)
            line.setHoverPen(palette.accent)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.asked_back.emit()
        event.accept()
