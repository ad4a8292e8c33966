"""A picture over the positions: pan, zoom, hover and brush that all such views share."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PyQt5.QtWidgets import QApplication, QWidget

from seam_core.records import Site
from seam_core.site_boxes import written
from seam_gui.look.theme import theme
from seam_gui.views.axes import Axes, Ticks
from seam_gui.views.canvas import Canvas
from seam_gui.views.painting import apart
from seam_gui.views.position_axis import PositionAxis, PositionNumbers

_CLICK_SLACK = 4
_GRIP = 4  # pixels beside the edge of a site from which on it can be dragged


class Values(Ticks):
    """Round values beside a low picture: as many as there are lines of text for."""

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        most = max(size / (1.3 * QFontMetrics(QApplication.font()).height()), 1.0)
        least = max(high - low, 1e-300) / most
        power = 10.0 ** np.floor(np.log10(least))
        return [(next(float(m * power) for m in (1, 2, 5, 10) if m * power >= least), 0)]


BELOW = 6  # pixels below a picture without numbers


class PixelItem(pg.GraphicsObject):
    """Part of a plot that is painted in pixels of the widget: letters, cells, thin lines."""

    def __init__(self, painted: Callable[[QPainter], None]) -> None:
        super().__init__()
        self._painted = painted

    def boundingRect(self) -> QRectF:
        return self.viewRect()

    def viewTransformChanged(self) -> None:
        super().viewTransformChanged()
        self.prepareGeometryChange()
        self.update()

    def paint(self, painter: QPainter, _option: object, _widget: QWidget | None = None) -> None:
        painter.save()
        painter.resetTransform()
        self._painted(painter)
        painter.restore()


class PositionView(Canvas):
    """A picture over the positions: pan, zoom, hover and brush that all such views share."""

    brushed = pyqtSignal(object)  # (start, stop), or None after a click
    least = 14  # pixels of the picture, between its title and its numbers

    def __init__(
        self,
        axis: PositionAxis,
        parent: QWidget | None = None,
        *,
        numbered: bool = True,
        left: pg.AxisItem | None = None,
    ) -> None:
        """`numbered`: positions have their numbers below."""
        axes = Axes(left=left or Values("left"), bottom=PositionNumbers(axis))
        super().__init__(axes, parent)
        self.axis, self.history = axis, axis.history
        self._numbered = numbered
        self._empty = ""  # what stands here while there is no picture
        self.plot.addItem(PixelItem(self.paint_data))
        self.box.disableAutoRange()
        self.taken = 0  # pixels right of the view that a scroll bar has: positions line up
        self._panning: QPointF | None = None
        self._pressed: QPointF | None = None
        self._drag: tuple[QPointF, QPointF] | None = None
        self._edge: tuple[Site, str] | None = None  # of a site, being dragged
        axis.range_changed.connect(self._follow_axis)
        # bound methods, unlike lambdas, are disconnected when the view is deleted
        axis.hover_changed.connect(self._redraw)
        axis.brush_changed.connect(self._redraw)
        theme().changed.connect(self.dress)
        self.dress()
        self._follow_axis()

    def _redraw(self, _changed: object) -> None:
        self.redraw()

    def dress(self) -> None:
        super().dress()
        self.redraw()

    def _follow_axis(self) -> None:
        """Range and margins of the shared axis."""
        self._arrange()
        self.box.setXRange(self.axis.low, self.axis.high, padding=0)
        self.redraw()

    def _arrange(self) -> None:
        """Margins: the same left and right in all views, room for the numbers below."""
        beside = max(self.axis.right - self.taken, 0)
        self.plot.layout.setContentsMargins(0, self.top_margin(), beside, 0)
        self.plot.getAxis("left").setWidth(self.axis.left)
        numbers = self.plot.getAxis("bottom")
        numbers.setStyle(showValues=self.numbered, tickLength=4 if self.numbered else 0)
        numbers.setHeight(self.bottom_margin())

    def set_empty_text(self, text: str) -> None:
        """What stands here while there is no picture."""
        self._empty = text
        self.redraw()

    def take_right(self, pixels: int) -> None:
        """A scroll bar right of the view has so many."""
        if pixels != self.taken:
            self.taken = pixels
            self._arrange()

    def set_values(self, low: float, high: float) -> None:
        """Values at the lower and upper edge of the picture."""
        self.box.setYRange(low, high, padding=0)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if event is not None and self.alive:
            self._arrange()

    # geometry

    def top_margin(self) -> int:
        """Pixels above the picture."""
        return 6

    def bottom_margin(self) -> int:
        """Pixels below it."""
        return QFontMetrics(self.font()).height() + 5 if self.numbered else BELOW

    @property
    def numbered(self) -> bool:
        """Positions have their numbers below."""
        return self._numbered

    def minimumSizeHint(self) -> QSize:
        height = self.top_margin() + self.least + self.bottom_margin()
        return QSize(super().minimumSizeHint().width(), height)

    def plot_rect(self) -> QRectF:
        """Where the picture is."""
        return self.box_rect()

    def pixels_per_position(self) -> float:
        """Width of a position; of a view too small for a picture that of one a pixel wide."""
        return max(self.plot_rect().width(), 1) / (self.axis.high - self.axis.low)

    def x_of(self, position: float) -> float:
        """Pixel of a place on the axis."""
        area = self.plot_rect()
        unit = max(area.width(), 1) / (self.axis.high - self.axis.low)
        return area.left() + (position - self.axis.low) * unit

    def axis_value(self, x: float) -> float:
        """Place on the axis at a pixel."""
        return self.axis.low + (x - self.plot_rect().left()) / self.pixels_per_position()

    def position_at(self, x: float) -> int:
        """Position at a pixel, -1 beside the picture."""
        area = self.plot_rect()
        position = int(np.floor(self.axis_value(x) + 0.5))
        inside = area.left() <= x <= area.right()
        return position if inside and self.axis.start <= position < self.axis.stop else -1

    def visible_positions(self) -> tuple[int, int]:
        """First and last + 1 of the positions shown, wholly or in part."""
        first = max(self.axis.start, int(np.floor(self.axis.low + 0.5)))
        return first, min(self.axis.stop, int(np.ceil(self.axis.high + 0.5)))

    def named_sites(self, metrics: QFontMetrics) -> list[tuple[Site, str, float, float]]:
        """Sites whose middle is shown; their names, with left end and width, none over another."""
        area = self.plot_rect()
        middles = [(self.x_of((site.start + site.stop - 1) / 2), site) for site in self.axis.sites]
        shown = sorted(
            (m for m in middles if area.left() <= m[0] <= area.right()), key=itemgetter(0)
        )
        names = [written(site.name) for _, site in shown]
        widths = [float(metrics.horizontalAdvance(name)) + 1 for name in names]
        room = max(area.right() + 20, 0.0)
        lefts = apart(np.array([x for x, _ in shown]), np.array(widths), room).tolist()
        return [
            (site, *place) for (_, site), *place in zip(shown, names, lefts, widths, strict=True)
        ]

    # drawing shared by the views

    def paint_data(self, painter: QPainter) -> None:
        """Paint the data, in pixels of the widget, clipped to the picture; for subclasses."""

    def paint_brush(self, painter: QPainter) -> None:
        """Shade the brushed positions and the one under the mouse."""
        area = self.plot_rect()
        if self.axis.brush is not None:
            start, stop = self.axis.brush
            colour = theme().color("accent")
            colour.setAlpha(34)
            left, right = self.x_of(start - 0.5), self.x_of(stop - 0.5)
            painter.fillRect(QRectF(left, area.top(), right - left, area.height()), colour)
        if self.axis.hover >= 0:
            colour = QColor(theme().color("muted"))
            colour.setAlpha(48)
            width = max(1.0, self.pixels_per_position())
            left = self.x_of(self.axis.hover - 0.5)
            painter.fillRect(QRectF(left, area.top(), width, area.height()), colour)

    def paint_drag(self, painter: QPainter) -> None:
        """The brush while it is being drawn."""
        if self._drag is not None:
            area = self.plot_rect()
            left, right = sorted((self._drag[0].x(), self._drag[1].x()))
            colour = theme().color("accent")
            painter.setPen(QPen(colour, 1))
            colour = QColor(colour)
            colour.setAlpha(30)
            painter.setBrush(colour)
            painter.drawRect(QRectF(left, area.top(), right - left, area.height()))

    # mouse and keys

    def _is_ours(self, event: QMouseEvent | QWheelEvent) -> bool:
        return True  # names of rows and numbers beside the data can be clicked, too

    # edges of sites

    def holds_site(self, site: Site, position: QPointF) -> bool:
        """True where a site is drawn at this height, so that its edge can be taken."""
        return False

    def edge_at(self, position: QPointF) -> tuple[Site, str] | None:
        """A site and which of its ends, "start" or "stop", is at a point of the widget."""
        if not self.axis.editable:
            return None
        for site in self.axis.sites:
            for side in ("start", "stop"):
                away = abs(self.x_of(getattr(site, side) - 0.5) - position.x())
                if away <= _GRIP and self.holds_site(site, position):
                    return site, side
        return None

    def _drag_edge(self, x: float) -> None:
        assert self._edge is not None, "an edge is dragged"
        site, side = self._edge
        at = int(np.floor(self.axis_value(x) + 1))
        if side == "start":
            self.axis.drag_bounds(
                (site.name, max(min(at, site.stop - 1), self.axis.start), site.stop)
            )
        else:
            self.axis.drag_bounds(
                (site.name, site.start, min(max(at, site.start + 1), self.axis.stop))
            )

    def _let_edge_go(self) -> None:
        assert self._edge is not None, "an edge was dragged"
        site, dragged, self._edge = self._edge[0], self.axis.dragged, None
        self.axis.drag_bounds(None)
        if dragged is not None and dragged[1:] != (site.start, site.stop):
            self.axis.bounds_dragged.emit(*dragged)

    def paint_dragged(self, painter: QPainter) -> None:
        """The bounds that a site would have."""
        if self.axis.dragged is not None:
            area = self.plot_rect()
            painter.setPen(QPen(theme().color("accent"), 1.5, Qt.DashLine))
            for place in self.axis.dragged[1:]:
                x = self.x_of(place - 0.5)
                painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    # presses, moves, keys

    def press(self, event: QMouseEvent) -> None:
        edge = self.edge_at(QPointF(event.pos()))
        if event.button() == Qt.LeftButton and edge is not None:
            self._edge = edge
        elif event.button() == Qt.LeftButton:
            self._pressed = QPointF(event.pos())
        else:
            self._panning = QPointF(event.pos())
            self.viewport().setCursor(Qt.ClosedHandCursor)

    def move(self, event: QMouseEvent) -> None:
        position = QPointF(event.pos())
        if self._edge is not None:
            self._drag_edge(position.x())
        elif self._panning is not None:
            self.axis.pan((self._panning.x() - position.x()) / self.pixels_per_position())
            self._panning = position
        elif self._pressed is not None:
            if (position - self._pressed).manhattanLength() > _CLICK_SLACK:
                self._drag = (self._pressed, position)
                self.redraw()
        else:
            on_edge = self.edge_at(position) is not None
            self.viewport().setCursor(Qt.SizeHorCursor if on_edge else Qt.ArrowCursor)
            self.axis.set_hover(self.position_at(position.x()))
            self.hover_at(position)

    def release(self, event: QMouseEvent) -> None:
        if self._edge is not None:
            self._let_edge_go()
            return
        if self._panning is not None:
            self._panning = None
            self.viewport().unsetCursor()
            return
        drag, pressed, self._drag, self._pressed = self._drag, self._pressed, None, None
        if drag is not None:
            self.drag_done(drag[0], QPointF(event.pos()), event.modifiers())
        elif pressed is not None:
            self.click_at(pressed, event.modifiers())
        self.redraw()

    def hover_at(self, position: QPointF) -> None:
        """The mouse is here, no button down."""

    def click_at(self, position: QPointF, modifiers: Qt.KeyboardModifiers) -> None:
        """A click; takes the brush away."""
        self.brushed.emit(None)

    def drag_done(self, start: QPointF, stop: QPointF, modifiers: Qt.KeyboardModifiers) -> None:
        """A drag across positions brushes them."""
        self.brushed.emit(self.span_between(start.x(), stop.x()))

    def span_between(self, x0: float, x1: float) -> tuple[int, int] | None:
        """(start, stop) of the positions between two pixels."""
        low, high = sorted((self.axis_value(x0), self.axis_value(x1)))
        start = max(self.axis.start, int(np.floor(low + 0.5)))
        stop = min(self.axis.stop, int(np.floor(high + 0.5)) + 1)
        return (start, stop) if start < stop else None

    def wheel(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        if delta.x() and not delta.y():
            self.axis.pan(-delta.x() / 120.0 * (self.axis.high - self.axis.low) * 0.1)
        else:
            self.axis.zoom(1.25 ** (delta.y() / 120.0), self.axis_value(event.pos().x()))
        event.accept()

    def double_click(self, event: QMouseEvent) -> None:
        self.axis.reset()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.history_key(event):
            return
        span = self.axis.high - self.axis.low
        middle = (self.axis.low + self.axis.high) / 2
        if event.key() == Qt.Key_Left:
            self.axis.pan(-span * 0.1)
        elif event.key() == Qt.Key_Right:
            self.axis.pan(span * 0.1)
        elif event.key() in (Qt.Key_Plus, Qt.Key_Equal):
            self.axis.zoom(1.25, middle)
        elif event.key() == Qt.Key_Minus:
            self.axis.zoom(0.8, middle)
        elif event.key() in (Qt.Key_0, Qt.Key_Home):
            self.axis.reset()
        else:
            event.ignore()

    def left_data(self) -> None:
        self.axis.set_hover(-1)
        self.axis.read.emit("")
