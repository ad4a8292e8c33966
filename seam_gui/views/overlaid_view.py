"""Histograms of one column, one a set of sequences, over each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PyQt5.QtGui import QColor

from seam_gui.views.plot import Plot

_BINS = 50


@dataclass(frozen=True, eq=False)
class Overlaid:
    """(n,) values of one set, its name and its (3,) uint8 colour."""

    name: str
    values: np.ndarray
    colour: np.ndarray


class OverlaidView(Plot):
    """Outlines with faint fills, each a share of its own sequences; colours are named elsewhere."""

    def __init__(self, name: str) -> None:
        self._sets: tuple[Overlaid, ...] = ()
        self._edges = np.zeros(1)
        super().__init__(name, "Distribution", "", "share (%)", hint="Keep a selection to see it")
        self.setMinimumSize(220, 130)

    @property
    def has_data(self) -> bool:
        return any(len(each.values) for each in self._sets)

    @property
    def sets(self) -> tuple[Overlaid, ...]:
        """What is shown."""
        return self._sets

    def set_sets(self, column: str, sets: tuple[Overlaid, ...]) -> None:
        """Other sets; values that are not finite are left out."""
        known = (Overlaid(s.name, s.values[np.isfinite(s.values)], s.colour) for s in sets)
        self._sets = tuple(known)
        joined = np.concatenate([s.values for s in self._sets]) if self._sets else np.zeros(0)
        if len(joined):
            low, high = float(joined.min()), float(joined.max())
            self._edges = np.linspace(low, high if high > low else low + 1, _BINS + 1)
        self.note = "grey: all sequences" if len(self._sets) > 1 else ""
        self.title = column or "Distribution"
        self.set_labels(column, "share (%)")
        self.show_data()

    def add_items(self) -> None:
        top = 1.0
        for each in self._sets:
            shares = 100.0 * np.histogram(each.values, self._edges)[0] / max(len(each.values), 1)
            self.plot.addItem(outline(self._edges, shares, each.colour))
            top = max(top, float(shares.max()) * 1.08)
        self.set_range((float(self._edges[0]), float(self._edges[-1])), (0.0, top))


def outline(edges: np.ndarray, shares: np.ndarray, colour: np.ndarray) -> pg.PlotDataItem:
    """(B,) shares between (B + 1,) edges as an outline with a faint fill of a (3,) uint8 colour."""
    line = QColor(*(int(c) for c in colour))
    fill = QColor(line)
    fill.setAlpha(45)
    return pg.PlotDataItem(
        edges,
        shares,
        stepMode="center",
        pen=pg.mkPen(line, width=1.6),
        fillLevel=0.0,
        brush=fill,
    )
