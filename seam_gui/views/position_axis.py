"""The positions along the sequence, shared by logos and MSM: what one shows, all show."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import QEvent, QObject, QPointF, QRectF, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen, QWheelEvent
from PyQt5.QtWidgets import QWidget

from seam_core.records import Site
from seam_gui.look.theme import theme
from seam_gui.views.view_history import ViewHistory

LEFT, RIGHT = 66, 12  # pixels beside the positions, at least
_GAP = 8  # between a label of the left side and the positions
_CLICK_SLACK = 4


class PositionAxis(QObject):
    """Which positions are shown, under the mouse, and brushed.

    Position p covers p - 0.5 to p + 0.5 of the axis.
    """

    range_changed = pyqtSignal()
    hover_changed = pyqtSignal(int)  # position, or -1
    brush_changed = pyqtSignal(object)  # (start, stop) or None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.start, self.stop = 0, 1
        self.left, self.right = LEFT, RIGHT  # pixels, the same in every view so that they line up
        self.low, self.high = -0.5, 0.5
        self.hover = -1
        self.brush: tuple[int, int] | None = None
        self.sites: tuple[Site, ...] = ()
        self.verdicts: dict[str, str] = {}
        self.history = ViewHistory(lambda: (self.low, self.high), self)
        self.history.asked.connect(lambda shown: self.show_range(*shown))

    def set_extent(self, start: int, stop: int) -> None:
        """The positions that there are; shows them all."""
        self.start, self.stop = start, stop
        self.show_range(start - 0.5, stop - 0.5)
        self.history.restart()

    def show_range(self, low: float, high: float) -> None:
        """Show the positions from `low` to `high`, kept within those that there are."""
        least, most = self.start - 0.5, self.stop - 0.5
        span = min(max(high - low, min(4.0, most - least)), most - least)
        low = min(max((low + high) / 2 - span / 2, least), most - span)
        self.low, self.high = low, low + span
        self.history.moved()
        self.range_changed.emit()

    def make_room(self, label: int) -> None:
        """Widen the left side for a label so many pixels wide; it never narrows again, lest the
        positions move whenever another selection is shown."""
        if label + _GAP > self.left:
            self.left = label + _GAP
            self.range_changed.emit()

    def keep_right(self, strip: int) -> None:
        """Leave a strip so many pixels wide right of the positions, in every view."""
        if self.right != RIGHT + strip:
            self.right = RIGHT + strip
            self.range_changed.emit()

    def window(self) -> tuple[int, int]:
        """First and last + 1 of the positions that are wholly in sight."""
        low = max(self.start, int(np.ceil(self.low)))
        return low, min(self.stop, int(np.floor(self.high)) + 1)

    def zoom(self, factor: float, at: float) -> None:
        """Magnify about position `at`."""
        self.show_range(at - (at - self.low) / factor, at + (self.high - at) / factor)

    def pan(self, by: float) -> None:
        """Move by positions."""
        self.show_range(self.low + by, self.high + by)

    def reset(self) -> None:
        """Show all positions."""
        self.show_range(self.start - 0.5, self.stop - 0.5)

    def set_hover(self, position: int) -> None:
        """The position under the mouse, -1 for none."""
        if position != self.hover:
            self.hover = position
            self.hover_changed.emit(position)

    def set_brush(self, brush: tuple[int, int] | None) -> None:
        """Positions highlighted in every view; (start, stop), stop exclusive."""
        if brush != self.brush:
            self.brush = brush
            self.brush_changed.emit(brush)

    def set_sites(self, sites: tuple[Site, ...], verdicts: dict[str, str] | None = None) -> None:
        """Sites drawn as boxes; what experiments say of each shows in its line."""
        self.sites, self.verdicts = sites, verdicts or {}
        self.range_changed.emit()

    def site_pen(self, site: Site, width: float) -> QPen:
        """A full line; dashed where the site is weak, dotted and grey where it is not confirmed."""
        verdict = self.verdicts.get(site.name, "")
        refuted = verdict == "not_confirmed"
        pen = QPen(theme().color("muted" if refuted else "reference"), width)
        pen.setStyle(Qt.DotLine if refuted else Qt.DashLine if verdict == "weak" else Qt.SolidLine)
        return pen


class PositionView(QWidget):
    """A picture over the positions: pan, zoom, hover and brush that all such views share."""

    brushed = pyqtSignal(object)  # (start, stop), or None after a click

    def __init__(self, axis: PositionAxis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.axis = axis
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.ClickFocus)
        self._panning: QPointF | None = None
        self._pressed: QPointF | None = None
        self._drag: tuple[QPointF, QPointF] | None = None
        axis.range_changed.connect(self.update)
        # bound methods, unlike lambdas, are disconnected when the view is deleted
        axis.hover_changed.connect(self._redraw)
        axis.brush_changed.connect(self._redraw)
        theme().changed.connect(self.update)

    def _redraw(self, _changed: object) -> None:
        self.update()

    # geometry

    def top_margin(self) -> int:
        """Pixels above the picture."""
        return 6

    def bottom_margin(self) -> int:
        """Pixels below it."""
        return 6

    def plot_rect(self) -> QRectF:
        """Where the picture is."""
        height = max(1, self.height() - self.top_margin() - self.bottom_margin())
        left, right = self.axis.left, self.axis.right
        return QRectF(left, self.top_margin(), max(1, self.width() - left - right), height)

    def pixels_per_position(self) -> float:
        """Width of a position."""
        return self.plot_rect().width() / (self.axis.high - self.axis.low)

    def x_of(self, position: float) -> float:
        """Pixel of a place on the axis."""
        return self.axis.left + (position - self.axis.low) * self.pixels_per_position()

    def axis_value(self, x: float) -> float:
        """Place on the axis at a pixel."""
        return self.axis.low + (x - self.axis.left) / self.pixels_per_position()

    def position_at(self, x: float) -> int:
        """Position at a pixel, -1 beside the picture."""
        position = int(np.floor(self.axis_value(x) + 0.5))
        inside = self.axis.left <= x <= self.width() - self.axis.right
        return position if inside and self.axis.start <= position < self.axis.stop else -1

    def visible_positions(self) -> tuple[int, int]:
        """First and last + 1 of the positions shown, wholly or in part."""
        first = max(self.axis.start, int(np.floor(self.axis.low + 0.5)))
        return first, min(self.axis.stop, int(np.ceil(self.axis.high + 0.5)))

    # drawing shared by the views

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

    def paint_positions(self, painter: QPainter) -> None:
        """Numbers of the positions below the picture."""
        area, metrics = self.plot_rect(), QFontMetrics(painter.font())
        widest = metrics.horizontalAdvance(str(self.axis.stop)) + 24
        step = tick_step((self.axis.high - self.axis.low), area.width() / max(widest, 1))
        first = int(np.ceil(self.axis.low / step)) * step
        painter.setPen(theme().color("muted"))
        for position in range(first, int(self.axis.high) + 1, step):
            x = self.x_of(position)
            if area.left() <= x <= area.right():
                painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 4))
                box = QRectF(x - 40, area.bottom() + 4, 80, metrics.height())
                painter.drawText(box, int(Qt.AlignHCenter | Qt.AlignTop), str(position))

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

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.LeftButton:
            self._pressed = QPointF(event.pos())
        else:
            self._panning = QPointF(event.pos())
            self.setCursor(Qt.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = QPointF(event.pos())
        if self._panning is not None:
            self.axis.pan((self._panning.x() - position.x()) / self.pixels_per_position())
            self._panning = position
        elif self._pressed is not None:
            if (position - self._pressed).manhattanLength() > _CLICK_SLACK:
                self._drag = (self._pressed, position)
                self.update()
        else:
            self.axis.set_hover(self.position_at(position.x()))
            self.hover_at(position)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._panning is not None:
            self._panning = None
            self.unsetCursor()
            return
        drag, pressed, self._drag, self._pressed = self._drag, self._pressed, None, None
        if drag is not None:
            self.drag_done(drag[0], QPointF(event.pos()), event.modifiers())
        elif pressed is not None:
            self.click_at(pressed, event.modifiers())
        self.update()

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

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        if delta.x() and not delta.y():
            self.axis.pan(-delta.x() / 120.0 * (self.axis.high - self.axis.low) * 0.1)
        else:
            self.axis.zoom(1.25 ** (delta.y() / 120.0), self.axis_value(event.pos().x()))
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.axis.reset()

    def keyPressEvent(self, event: QKeyEvent) -> None:
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
        elif event.key() == Qt.Key_0:
            self.axis.reset()
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.axis.set_hover(-1)


def tick_step(span: float, most: float) -> int:
    """The least of 1, 2, 5, 10, 20 ... that gives at most `most` ticks over `span`."""
    step = 1
    while span / step > max(most, 1):
        step = step * 2 if str(step)[0] in "15" else step // 2 * 5
    return step
