"""A canvas whose data are moved and magnified along both axes."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import QPointF, Qt
from PyQt5.QtGui import QFontMetrics, QKeyEvent

from seam_gui.look.theme import theme
from seam_gui.views.axes import name_axis
from seam_gui.views.canvas import Canvas

_MARGIN = 0.06  # of the picture, left empty around the data
_LEAST, _MOST = 1e-5, 20.0  # of all there is, that is in sight: float32 tells no less apart
_NEAR = 4  # times that a place brought to the middle is magnified

Range = tuple[float, float]


class Plane(Canvas):
    """Fit, pan and zoom; subclasses say how far the data reach and what is drawn again."""

    def whole(self) -> tuple[Range, Range]:
        """x and y that show all there is; for subclasses."""
        raise NotImplementedError

    def invalidate(self) -> None:
        """Draw the data again at the next paint; for subclasses."""
        raise NotImplementedError

    def shown_range(self) -> tuple[Range, Range]:
        """Lowest and highest x, and y, in sight."""
        x, y = self.box.viewRange()
        return (x[0], x[1]), (y[0], y[1])

    @property
    def sight(self) -> tuple[Range, Range] | None:
        """What is in sight; None: all there is."""
        shown, whole = np.array(self.shown_range()), np.array(self.whole())
        near = 1e-3 * np.abs(whole[:, 1] - whole[:, 0]).max()
        return None if np.allclose(shown, whole, rtol=0, atol=near) else self.shown_range()

    def show_range(self, shown: tuple[Range, Range]) -> None:
        """Show these x and y."""
        self.box.setRange(xRange=shown[0], yRange=shown[1], padding=0)

    def fit(self) -> None:
        """Show all that there is."""
        self.show_range(self.whole())
        self.invalidate()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Magnify about a point of the widget (the middle of the data where none is given), as far
        as there is something to see."""
        share = float((np.ptp(self.shown_range(), axis=1) / np.ptp(self.whole(), axis=1)).max())
        factor = min(max(factor, share / _MOST), share / _LEAST)
        centre = self.to_data(self.box_rect().center() if at is None else at)
        self.box.scaleBy((1 / factor, 1 / factor), centre)
        self.invalidate()

    def pan(self, dx: float, dy: float) -> None:
        """Move the data by pixels."""
        here = self.to_data(QPointF(0, 0)) - self.to_data(QPointF(dx, dy))
        self.box.translateBy(x=here.x(), y=here.y())
        self.invalidate()

    def show_around(self, x: float, y: float) -> None:
        """Bring a place to the middle, magnified at least fourfold against all."""
        halves = [
            min(now[1] - now[0], (all_[1] - all_[0]) / _NEAR) / 2
            for now, all_ in zip(self.shown_range(), self.whole(), strict=True)
        ]
        self.show_range(
            ((x - halves[0], x + halves[0]), (y - halves[1], y + halves[1])),
        )
        self.invalidate()

    def name_axes(self, names: tuple[str, str], *, shown: bool) -> None:
        """Numbers and names below the data and left of them, or nothing."""
        palette, metrics = theme().palette, QFontMetrics(self.font())
        for side, name in zip(("bottom", "left"), names, strict=True):
            axis = self.plot.getAxis(side)
            name_axis(axis, name, palette.muted)
            self.plot.showAxis(side, shown)
        if shown:
            named = metrics.height() if any(names) else 0
            self.plot.getAxis("left").setWidth(metrics.horizontalAdvance("-88.8") + 8 + named)
            self.plot.getAxis("bottom").setHeight(metrics.height() + 6 + named)

    def zoom_key(self, event: QKeyEvent) -> bool:
        """Plus and minus magnify, 0 and Home show all; True where the key was one of them."""
        if event.key() in (Qt.Key_Plus, Qt.Key_Equal):
            self.zoom(1.25)
        elif event.key() == Qt.Key_Minus:
            self.zoom(0.8)
        elif event.key() in (Qt.Key_0, Qt.Key_Home):
            self.fit()
        else:
            return False
        return True


def widened(low: float, high: float) -> Range:
    """A range with a margin; where all values are one, that value in its middle."""
    span = high - low
    if span <= 1e-6 * max(abs(low), abs(high)):
        span = max(abs(high), 1.0)
        low, high = (low + high - span) / 2, (low + high + span) / 2
    margin = span * _MARGIN / (1 - 2 * _MARGIN)
    return low - margin, high + margin
