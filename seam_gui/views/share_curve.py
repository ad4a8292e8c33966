"""Shares by number of mutations, each with its interval as a band."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PyQt5.QtGui import QColor

from seam_gui.look.theme import theme
from seam_gui.views.plot import Plot


@dataclass(frozen=True, eq=False)
class Share:
    """One curve: (n,) values between `low` and `high` in a colour of the palette."""

    name: str
    values: np.ndarray
    low: np.ndarray
    high: np.ndarray
    colour: str = "accent"


class ShareCurve(Plot):
    """Shares from 0 to 1 over whole numbers."""

    def __init__(self, name: str, title: str, x_label: str, y_label: str, hint: str) -> None:
        self.x_values = np.zeros(0)
        self.shares: tuple[Share, ...] = ()
        self._legend: pg.LegendItem | None = None
        super().__init__(name, title, x_label, y_label, hint=hint)

    @property
    def has_data(self) -> bool:
        return len(self.x_values) > 1 and bool(self.shares)

    def set_shares(self, x: np.ndarray, shares: tuple[Share, ...]) -> None:
        """Curves over (n,) `x`."""
        self.x_values, self.shares = np.asarray(x, dtype=np.float64), shares
        self.show_data()

    def add_items(self) -> None:
        legend = self._legend or pg.LegendItem(offset=(-8, 8))
        if self._legend is None:
            self._legend = legend
            legend.setParentItem(self.plot.getViewBox())
        legend.clear()
        legend.setLabelTextColor(theme().color("text"))
        for share in self.shares:
            legend.addItem(self._add(share), share.name)
        first, last = float(self.x_values[0]), float(self.x_values[-1])
        margin = (last - first) * 0.02
        self.set_range((first - margin, last + margin), (-0.03, 1.05))

    def _add(self, share: Share) -> pg.PlotDataItem:
        colour = theme().color(share.colour)
        fill = QColor(colour)
        fill.setAlpha(50)
        ends = [pg.PlotCurveItem(self.x_values, y, pen=None) for y in (share.low, share.high)]
        for end in ends:
            self.plot.addItem(end)
        self.plot.addItem(pg.FillBetweenItem(*ends, brush=fill))
        line = pg.PlotDataItem(self.x_values, share.values, pen=pg.mkPen(colour, width=2))
        self.plot.addItem(line)
        return line
