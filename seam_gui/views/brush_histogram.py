"""A histogram whose range can be brushed: what is inside the brush is asked for."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import pyqtSignal
from PyQt5.QtGui import QColor, QMouseEvent

from seam_gui.look.theme import theme
from seam_gui.views.plot import Plot

_BINS = 40


class BrushHistogram(Plot):
    """All values pale, those inside every brush in full; a drag of the region brushes.

    brushed : (low, high) while the region is dragged, None once it is taken away
    released : the mouse let go of the region, or it was taken away
    """

    brushed = pyqtSignal(object)
    released = pyqtSignal()

    def __init__(self, name: str, column: str) -> None:
        self.column = column
        self._edges, self._all = np.zeros(1), np.zeros(0)
        self._inside: np.ndarray | None = None
        self._bars: pg.BarGraphItem | None = None
        self._brush: tuple[float, float] | None = None
        self.region: pg.LinearRegionItem | None = None
        super().__init__(name, column, "", "", hint="No numbers")
        self.plot.showAxis("left", False)
        self.plot.getViewBox().setMouseEnabled(x=False, y=False)
        self.setMinimumSize(150, 96)
        self.setToolTip(
            f"Drag the edges to keep only sequences whose {column} lies between them; "
            "double click takes the brush away"
        )

    def hasHeightForWidth(self) -> bool:
        """No: a row of them is as high as there is room (the hint, which wraps, would say yes)."""
        return False

    @property
    def has_data(self) -> bool:
        return len(self._all) > 0

    @property
    def brush(self) -> tuple[float, float] | None:
        """The range that is kept; None: all."""
        return self._brush

    @property
    def counts(self) -> np.ndarray:
        """(B,) sequences inside every brush, by bin."""
        return self._all if self._inside is None else self._inside

    def set_values(self, values: np.ndarray) -> None:
        """(N,) values of the column; what is not finite is in no bin."""
        known = values[np.isfinite(values)]
        self._brush, self._inside = None, None
        self._all = np.zeros(0)
        if len(known):
            low, high = float(known.min()), float(known.max())
            self._edges = np.linspace(low, high if high > low else low + 1, _BINS + 1)
            self._all = np.histogram(known, self._edges)[0]
        self.show_data()

    def show_inside(self, values: np.ndarray | None) -> None:
        """(n,) values of the sequences inside every brush; None: there is no brush."""
        self._inside = None if values is None else np.histogram(values, self._edges)[0]
        if self._bars is not None:
            self._bars.setOpts(height=self.counts)

    def set_brush(self, brush: tuple[float, float] | None) -> None:
        """Move the brush without a word."""
        self._brush = brush
        if self.region is not None:
            self.region.blockSignals(True)
            self.region.setRegion(brush or (self._edges[0], self._edges[-1]))
            self.region.blockSignals(False)

    def add_items(self) -> None:
        self.add_bars(self._edges, self._all, "muted", 70)
        fill = QColor(theme().color("accent"))
        fill.setAlpha(170)
        self._bars = pg.BarGraphItem(
            x0=self._edges[:-1],
            x1=self._edges[1:],
            y0=0,
            height=self.counts,
            brush=fill,
            pen=pg.mkPen(None),
        )
        self.plot.addItem(self._bars)
        low, high = float(self._edges[0]), float(self._edges[-1])
        accent = QColor(theme().color("accent"))
        tint = QColor(accent)
        tint.setAlpha(24)
        self.region = pg.LinearRegionItem(
            self._brush or (low, high),
            bounds=(low, high),
            brush=tint,
            pen=pg.mkPen(accent, width=1.5),
        )
        self.region.sigRegionChanged.connect(self._moved)
        self.region.sigRegionChangeFinished.connect(lambda _: self.released.emit())
        self.plot.addItem(self.region)
        margin = 0.02 * (high - low)
        top = float(self._all.max()) * 1.08 or 1.0
        self.set_range((low - margin, high + margin), (0.0, top))

    def _moved(self) -> None:
        assert self.region is not None
        low, high = self.region.getRegion()
        whole = low <= self._edges[0] and high >= self._edges[-1]
        self._brush = None if whole else (float(low), float(high))
        self.brushed.emit(self._brush)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.clear_brush()

    def clear_brush(self) -> None:
        """Keep all again."""
        if self._brush is not None:
            self.set_brush(None)
            self.brushed.emit(None)
            self.released.emit()
