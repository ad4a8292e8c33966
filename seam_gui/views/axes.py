"""A view box between two axes: what a pyqtgraph plot needs, without its hundred hidden controls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PyQt5.QtWidgets import QGraphicsGridLayout

from seam_gui.views.axis_label import NamedAxis, as_html


class Ticks(NamedAxis):
    """pyqtgraph's axis; one level of ticks takes a third of the time that several do."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        low, high = sorted((low, high))
        levels = self.tickSpacing(low, high, size)
        if len(levels) > 1:
            return super().tickValues(low, high, size)
        spacing, offset = levels[0]
        first = int(np.ceil((low - offset) / spacing))
        last = int(np.floor((high - offset) / spacing))
        return [(spacing, [k * spacing + offset for k in range(first, last + 1)])]


def name_axis(axis: pg.AxisItem, name: str, colour: str, lines: Sequence[str] = ()) -> None:
    """What an axis shows, as it is: pyqtgraph would take it for HTML, and divide its numbers.

    lines : the name as it fits beside an axis that does not see to that itself
    """
    axis.autoSIPrefix = False  # `enableAutoSIPrefix(False)` itself divides, by the range of now
    axis.autoSIPrefixScale = 1.0
    axis.setLabel(name if isinstance(axis, NamedAxis) else as_html(lines or [name]), color=colour)


class Axes(pg.GraphicsWidget):
    """One view box, an axis left of it and one below.

    `pg.PlotItem` is the same with menus: each plot makes about a hundred widgets for them, which
    every change of the theme has to dress, though our views have menus of their own.
    """

    def __init__(
        self,
        *,
        left: pg.AxisItem | None = None,
        bottom: pg.AxisItem | None = None,
        box: pg.ViewBox | None = None,
    ) -> None:
        super().__init__()
        self.items: list[pg.GraphicsObject] = []
        self.box = box or pg.ViewBox(enableMenu=False, defaultPadding=0)
        self.box.setMouseEnabled(x=True, y=True)
        self.axes = {"left": left or Ticks("left"), "bottom": bottom or Ticks("bottom")}
        self.layout = grid = QGraphicsGridLayout()
        self.setLayout(grid)
        grid.setSpacing(0)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addItem(self.axes["left"], 0, 0)
        grid.addItem(self.box, 0, 1)
        grid.addItem(self.axes["bottom"], 1, 1)
        grid.setColumnStretchFactor(1, 100)
        grid.setRowStretchFactor(0, 100)
        for axis in self.axes.values():
            axis.linkToView(self.box)
            axis.setZValue(0.5)
        # pyqtgraph moves the items while it paints them, which has them painted twice
        self.box.sigRangeChanged.connect(self._place_items)
        self.box.sigResized.connect(self._place_items)

    def _place_items(self, *_: object) -> None:
        self.box.updateMatrix()

    def getViewBox(self) -> pg.ViewBox:
        """The view box; pyqtgraph's items ask for it by this name."""
        return self.box

    def addItem(self, item: pg.GraphicsObject, **options: bool) -> None:
        """Draw an item among the data, as `pg.PlotItem`; it does not change the range."""
        self.box.addItem(item, **{"ignoreBounds": True, **options})
        self.items.append(item)

    def removeItem(self, item: pg.GraphicsObject) -> None:
        """Draw it no longer."""
        if item in self.items:
            self.box.removeItem(item)
            self.items.remove(item)

    def clear(self) -> None:
        """Draw none of the items any longer."""
        for item in tuple(self.items):
            self.removeItem(item)

    def showAxis(self, side: str, shown: bool = True) -> None:
        """Whether the axis "left" or "bottom" has room."""
        (self.axes[side].show if shown else self.axes[side].hide)()

    def getAxis(self, side: str) -> pg.AxisItem:
        """The axis "left" or "bottom"."""
        return self.axes[side]
