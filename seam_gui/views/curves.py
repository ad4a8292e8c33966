"""Quick pictures of one variable: histogram with marks, and a curve by rank."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg

from seam_gui.look.theme import theme
from seam_gui.views.plot import Mark, Plot


class Histogram(Plot):
    """Counts of a variable, with marks such as the reference's value."""

    def __init__(self, name: str, title: str, x_label: str, y_label: str = "sequences") -> None:
        self.counts = np.zeros(0)
        self.edges = np.zeros(1)
        self.marks: tuple[Mark, ...] = ()
        super().__init__(name, title, x_label, y_label)

    @property
    def has_data(self) -> bool:
        return len(self.counts) > 0

    def set_values(
        self, values: np.ndarray, marks: tuple[Mark, ...] = (), *, whole: bool = False
    ) -> None:
        """Count (N,) values, one bin a whole number with `whole`; non-finite ones are left out."""
        values = np.asarray(values)
        values = values[np.isfinite(values)]
        if len(values) == 0:
            self.set_counts(np.zeros(0), np.zeros(1))
            return
        low, high = float(values.min()), float(values.max())
        if whole and high - low <= 200:
            edges = np.arange(np.floor(low) - 0.5, np.ceil(high) + 1)
        else:
            edges = np.linspace(low, high if high > low else low + 1, 61)
        counts, edges = np.histogram(values, edges)
        self.set_counts(counts, edges, marks)

    def set_counts(
        self, counts: np.ndarray, edges: np.ndarray, marks: tuple[Mark, ...] = ()
    ) -> None:
        """(B,) counts between (B + 1,) edges."""
        self.counts, self.edges, self.marks = counts, edges, marks
        self.show_data()

    def add_items(self) -> None:
        self.add_bars(self.edges, self.counts, "accent", 150)
        for mark in self.marks:
            self.add_mark(mark)
        values = [mark.value for mark in self.marks]
        low, high = min([self.edges[0], *values]), max([self.edges[-1], *values])
        margin = (high - low) * 0.02
        top = float(np.max(self.counts)) * 1.08 or 1.0
        self.set_range((low - margin, high + margin), (0.0, top))


class StepCurve(Plot):
    """Values by rank: an eigenvalue spectrum, a cumulated share, merge heights."""

    def __init__(self, name: str, title: str, x_label: str, y_label: str) -> None:
        self.x_values = np.zeros(0)
        self.y_values = np.zeros(0)
        self.marks: tuple[Mark, ...] = ()
        super().__init__(name, title, x_label, y_label)

    @property
    def has_data(self) -> bool:
        return len(self.y_values) > 0

    def set_curve(self, x: np.ndarray, y: np.ndarray, marks: tuple[Mark, ...] = ()) -> None:
        """Points (n,) of the curve, x rising."""
        self.x_values, self.y_values, self.marks = np.asarray(x), np.asarray(y), marks
        self.show_data()

    def add_items(self) -> None:
        accent = theme().color("accent")
        dots = len(self.x_values) <= 100
        self.plot.addItem(
            pg.PlotDataItem(
                self.x_values,
                self.y_values,
                pen=pg.mkPen(accent, width=2),
                symbol="o" if dots else None,
                symbolSize=5,
                symbolBrush=accent,
                symbolPen=None,
            )
        )
        for number, mark in enumerate(self.marks):
            self.add_mark(mark, colour="muted", place=0.92 - 0.14 * number)
        low, high = float(self.x_values[0]), float(self.x_values[-1])
        top = float(np.nanmax(self.y_values)) * 1.05 or 1.0
        bottom = min(0.0, float(np.nanmin(self.y_values)))
        self.set_range((low, high if high > low else low + 1), (bottom, top))
