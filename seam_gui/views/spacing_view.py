"""Two sites moved apart and turned: activity by the letters between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QColor

from seam_gui.look.theme import theme
from seam_gui.views.plot import Plot

if TYPE_CHECKING:
    import pandas as pd

HINT = "Not asked: tick Spacing under Test on the model, and test again"
LOOKS = {"as found": ("accent", Qt.SolidLine), "second turned": ("muted", Qt.DashLine)}


class SpacingCurves(Plot):
    """One pair: a line an orientation, with a band of two standard errors."""

    def __init__(self) -> None:
        self.frame: pd.DataFrame | None = None
        super().__init__(
            "spacing_curves",
            "Distance and order",
            "letters between the two sites",
            "activity",
            hint=HINT,
        )

    @property
    def has_data(self) -> bool:
        return self.frame is not None and len(self.frame) > 0

    def set_pair(self, frame: pd.DataFrame | None) -> None:
        """Rows of one pair, as `Experiments.spacing`."""
        self.frame = frame
        words = "line: as found   ·   dashes: second turned   ·   bands: two standard errors"
        self.note = words if self.has_data else ""
        self.show_data()

    def add_items(self) -> None:
        frame = self.frame
        assert frame is not None
        for orientation, own in frame.groupby("orientation", sort=False):
            colour, style = LOOKS[str(orientation)]
            x, y = own["distance"].to_numpy(float), own["activity"].to_numpy()
            self._add_band(x, y, 2 * np.nan_to_num(own["se"].to_numpy()), colour)
            pen = pg.mkPen(theme().color(colour), width=2, style=style)
            self.plot.addItem(pg.PlotDataItem(x, y, pen=pen))
        low = float(np.nanmin(frame["activity"] - 2 * frame["se"]))
        high = float(np.nanmax(frame["activity"] + 2 * frame["se"]))
        margin = (high - low) * 0.05 or 1.0
        last = float(frame["distance"].max())
        self.set_range((0.0, last or 1.0), (low - margin, high + margin))

    def _add_band(self, x: np.ndarray, y: np.ndarray, half: np.ndarray, colour: str) -> None:
        edges = [pg.PlotCurveItem(x, values, pen=None) for values in (y - half, y + half)]
        band = QColor(theme().color(colour))
        band.setAlpha(50)
        for item in edges:
            self.plot.addItem(item)
        self.plot.addItem(pg.FillBetweenItem(*edges, brush=band))
