"""The whole sequence above logos and MSM, with the part that they show, to be dragged."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PyQt5.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QWheelEvent
from PyQt5.QtWidgets import QSizePolicy, QWidget

from seam_gui.look.theme import theme
from seam_gui.views.axes import Axes
from seam_gui.views.canvas import Canvas
from seam_gui.views.position_axis import PositionAxis, PositionNumbers

_PICTURE = 20  # pixels of the curve
_GRIP = 6  # pixels beside the region that still are its edge


class OverviewStrip(Canvas):
    """A value a position and the sites; the region is what the other views show.

    Dragging the region or its edges moves and widens what is shown, a click beside it brings that
    place to the middle, a double click shows all.
    """

    def __init__(self, axis: PositionAxis, parent: QWidget | None = None) -> None:
        super().__init__(Axes(bottom=PositionNumbers(axis)), parent)
        self.axis, self.history = axis, axis.history
        self.setObjectName("overview_strip")
        self.setAccessibleName("Overview of the sequence")
        self.setToolTip("The whole sequence; drag the window to move along it (double click: all)")
        self.setSizePolicy(QSizePolicy.Preferred, QSizePolicy.Fixed)
        self.box.setMouseEnabled(x=False, y=False)
        self.box.disableAutoRange()
        self.box.setYRange(0, 1.05, padding=0)
        self.plot.getAxis("left").setStyle(showValues=False, tickLength=0)
        self._curve = pg.PlotCurveItem(fillLevel=0)
        self._sites = pg.BarGraphItem(x0=[], x1=[], y0=0, height=1)
        self._sites.setZValue(-1)
        self.region = pg.LinearRegionItem(swapMode="block")
        for item in (self._curve, self._sites, self.region):
            self.plot.addItem(item)
        self.region.sigRegionChanged.connect(self._moved)
        axis.range_changed.connect(self._follow)
        theme().changed.connect(self.dress)
        self.dress()
        self._follow()

    def set_values(self, values: np.ndarray | None, start: int) -> None:
        """(W,) values from position `start` on, none negative; None: no picture."""
        known = np.zeros(0) if values is None else np.nan_to_num(np.asarray(values, float))
        heights = known / (float(known.max(initial=0.0)) or 1.0)
        self._curve.setData(np.arange(len(known) + 1) + start - 0.5, heights, stepMode="center")

    def _follow(self) -> None:
        """Region, sites and margins as the axis has them."""
        axis = self.axis
        extent = (axis.start - 0.5, axis.stop - 0.5)
        self.plot.layout.setContentsMargins(0, 2, axis.right, 0)
        self.plot.getAxis("left").setWidth(axis.left)
        self.plot.getAxis("bottom").setHeight(QFontMetrics(self.font()).height() + 6)
        self.box.setXRange(*extent, padding=0)
        self.region.blockSignals(True)
        self.region.setBounds(extent)
        self.region.setRegion((axis.low, axis.high))
        self.region.blockSignals(False)
        left = np.array([site.start - 0.5 for site in axis.sites])
        right = np.array([site.stop - 0.5 for site in axis.sites])
        self._sites.setOpts(x0=left, x1=right, y0=0, height=self.box.viewRange()[1][1])
        self.redraw()

    def _moved(self) -> None:
        low, high = self.region.getRegion()
        if (low, high) != (self.axis.low, self.axis.high):
            self.axis.show_range(low, high)

    def dress(self) -> None:
        super().dress()
        self._curve.setPen(None)
        self._curve.setBrush(_faint("muted", 150))
        self._sites.setOpts(brush=_faint("reference", 40), pen=pg.mkPen(None))
        self.region.setBrush(_faint("accent", 40))
        self.region.setHoverBrush(_faint("accent", 70))
        for line in self.region.lines:
            line.setPen(theme().color("accent"), width=1.5)
            line.setHoverPen(theme().color("accent"), width=3)

    def paint_over(self, painter: QPainter) -> None:
        """The chromosome, left of the curve."""
        if self.axis.locus is not None:
            area = self.box_rect()
            painter.setPen(theme().color("muted"))
            box = QRectF(0, area.top(), area.left() - 8, area.height())
            painter.drawText(box, int(Qt.AlignRight | Qt.AlignVCenter), self.axis.locus.chromosome)

    def press(self, event: QMouseEvent) -> None:
        at = self.to_data(QPointF(event.pos())).x()
        if event.button() == Qt.LeftButton:
            self.axis.pan(at - (self.axis.low + self.axis.high) / 2)

    def double_click(self, event: QMouseEvent) -> None:
        self.axis.reset()

    def _is_ours(self, event: QMouseEvent | QWheelEvent) -> bool:
        """Presses beside the region, and double clicks; what is on it is pyqtgraph's."""
        place = QPointF(event.pos())
        if not self.box_rect().contains(place) or isinstance(event, QWheelEvent):
            return False
        edges = [self.to_widget(x, 0).x() for x in (self.axis.low, self.axis.high)]
        beside = not edges[0] - _GRIP <= place.x() <= edges[1] + _GRIP
        return beside or event.type() == QEvent.MouseButtonDblClick

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def sizeHint(self) -> QSize:
        return QSize(640, _PICTURE + QFontMetrics(self.font()).height() + 8)


def _faint(name: str, alpha: int) -> QColor:
    colour = QColor(theme().color(name))
    colour.setAlpha(alpha)
    return colour
