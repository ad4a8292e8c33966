"""How an evolutionary search went: activities by generation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QColor

from seam_gui.look.theme import theme
from seam_gui.views.plot import Plot

_DOTS = 4_000  # more of them only hide each other
_WIDTH = 0.7  # of a generation, over which its dots are spread
_GOLDEN = 0.618033988749895  # fractions of its multiples are spread evenly


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Activities of a search.

    generation, lowest, median, highest : (G,) of all sequences that the model was asked about
    kept_generation, kept_activity : (N,) of those in the library, the start first
    """

    generation: np.ndarray
    lowest: np.ndarray
    median: np.ndarray
    highest: np.ndarray
    kept_generation: np.ndarray
    kept_activity: np.ndarray


class TrajectoryView(Plot):
    """The range asked about as a band, its median as a line, what was kept as dots."""

    def __init__(self, name: str) -> None:
        self.trajectory: Trajectory | None = None
        hint = "The library was not found by a search"
        super().__init__(name, "Search", "generation", "activity", hint=hint)
        self.setToolTip("Activities that the search of an optimized library came upon, and kept")

    @property
    def has_data(self) -> bool:
        return self.trajectory is not None and len(self.trajectory.generation) > 0

    def set_trajectory(self, trajectory: Trajectory | None) -> None:
        """Show another search, or none."""
        self.trajectory = trajectory
        words = "band: all asked about   ·   line: their median   ·   dots: in the library"
        self.note = words if self.has_data else ""
        self.show_data()

    def add_items(self) -> None:
        trajectory = self.trajectory
        assert trajectory is not None
        band = QColor(theme().color("muted"))
        band.setAlpha(60)
        edges = [
            pg.PlotCurveItem(trajectory.generation, values, pen=None)
            for values in (trajectory.lowest, trajectory.highest)
        ]
        for item in edges:
            self.plot.addItem(item)
        self.plot.addItem(pg.FillBetweenItem(*edges, brush=band))
        self._add_kept(trajectory)
        pen = pg.mkPen(theme().color("text"), width=1.5)
        self.plot.addItem(pg.PlotDataItem(trajectory.generation, trajectory.median, pen=pen))
        start = float(trajectory.kept_activity[0])
        pen = pg.mkPen(theme().color("reference"), width=1.5, style=Qt.DashLine)
        options = {"position": 0.95, "color": theme().color("text"), "anchors": _ABOVE}
        self.plot.addItem(
            pg.InfiniteLine(start, angle=0, pen=pen, label=f"start {start:.3g}", labelOpts=options)
        )
        low, high = float(trajectory.lowest.min()), float(trajectory.highest.max())
        margin = (high - low) * 0.04 or 1.0
        last = float(trajectory.generation.max())
        self.set_range((-0.5, last + 0.5), (low - margin, high + margin))

    def _add_kept(self, trajectory: Trajectory) -> None:
        rows = np.unique(np.linspace(0, len(trajectory.kept_activity) - 1, _DOTS).astype(np.int64))
        aside = ((rows * _GOLDEN) % 1.0 - 0.5) * _WIDTH
        dot = QColor(theme().color("accent"))
        dot.setAlpha(110)
        x, y = trajectory.kept_generation[rows] + aside, trajectory.kept_activity[rows]
        self.plot.addItem(pg.ScatterPlotItem(x, y, size=3, brush=dot, pen=pg.mkPen(None)))


# above its line where there is room, else below
_ABOVE = [(1, 1), (1, 0)]
