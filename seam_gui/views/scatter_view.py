"""The scatter: mechanism space in pyqtgraph's axes, drawn by the rasteriser, with gestures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PyQt5.QtCore import QPointF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QWheelEvent
from PyQt5.QtWidgets import QApplication, QWidget

from seam_core.pictures import Arrow, Legend, Names
from seam_core.point_marks import STARS, usual_size
from seam_gui.look.theme import theme
from seam_gui.views import rasteriser
from seam_gui.views.axes import Axes
from seam_gui.views.colour_bar import ColourBar
from seam_gui.views.density import SIDE, count_ticks
from seam_gui.views.gestures import GesturePath, mode_of
from seam_gui.views.hover_card import HoverCard
from seam_gui.views.plane import Plane, Range, widened
from seam_gui.views.points_item import PointsItem
from seam_gui.views.scatter_parts import (
    ALL_HIDDEN,
    draw_gesture,
    draw_names,
    draw_reference,
    draw_ring,
    draw_words,
)
from seam_gui.views.view_history import ViewHistory

TOOLS = ("lasso", "polygon", "rectangle", "pan", "zoom")
_PICK_RADIUS = 5


class ScatterView(Plane):
    """Points with pan (right or middle button, or the hand), zoom (wheel, box) and gestures.

    clicked : index of the point (-1: none), mode
    lassoed : vertices [(x, y), ...] in the points' coordinates, mode
    boxed : (x, y) low, (x, y) high, mode
    hovered : index of the point, -1 for none
    levels_chosen : (low, high) at the ends of the colours
    """

    clicked = pyqtSignal(int, str)
    lassoed = pyqtSignal(object, str)
    boxed = pyqtSignal(object, object, str)
    hovered = pyqtSignal(int)
    levels_chosen = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Axes(), parent)
        self.setObjectName("scatter_view")
        self.setAccessibleName("Scatter of the sequences")
        self.setMinimumSize(240, 200)
        self.box.disableAutoRange()
        self._item = PointsItem()
        self.plot.addItem(self._item)
        self._bar = ColourBar(self.plot, self.levels_chosen.emit)
        self._names = ("", "")
        self.marker: float | None = None  # as chosen, see `set_marker_size`
        self.reference: int | None = None
        self.star = STARS[0]
        self.arrows: Sequence[Arrow] = ()
        self._legend: Legend | Names | None = None
        self._hover = -1
        self._describe: Callable[[int], str] = lambda index: f"#{index}"
        self._gesture = GesturePath()
        self._mode = "replace"
        self._panning: QPointF | None = None
        self._pressed = QPointF()
        self._empty_text = "Open a demo, drop files here, or start a new analysis"
        self.card = HoverCard(self, "scatter_hover_label")
        self.setContextMenuPolicy(Qt.PreventContextMenu)  # dragging with the right button pans
        self._item.waiting.connect(self.redraw)
        later: dict[str, Any] = {
            "type": Qt.QueuedConnection
        }  # no layout changes while it is painted
        self._item.counted.connect(self._show_bar, **later)
        self.history = ViewHistory(self.shown_range, self)
        self.history.asked.connect(self.show_range)
        self.box.sigRangeChanged.connect(lambda *_: self.history.moved())
        theme().changed.connect(self.dress)
        self.dress()
        self.name_axes(self._names, shown=len(self.points) > 0)
        rasteriser.warm_up()

    # what is drawn

    @property
    def points(self) -> rasteriser.Points:
        """The points, their colours as codes, their states and their order."""
        return self._item.points

    @property
    def colours(self) -> np.ndarray:
        """(C, 3) uint8 that the codes of the points stand for."""
        return self._item.colours

    @property
    def legend(self) -> Legend | Names | None:
        """What the colours mean."""
        return self._legend

    def set_points(self, x: np.ndarray, y: np.ndarray, names: tuple[str, str] = ("", "")) -> None:
        """Other points: (N,) coordinates, and what the axes are called. Fits the view."""
        n, old = len(x), self.points
        same = n == len(old)
        self._item.points = rasteriser.Points(
            np.ascontiguousarray(x, dtype=np.float32),
            np.ascontiguousarray(y, dtype=np.float32),
            old.codes if same else np.zeros(n, dtype=np.uint16),
            old.state if same else np.full(n, rasteriser.NORMAL, dtype=np.uint8),
            old.order if same else np.zeros(0, dtype=np.int32),
        )
        self._names = names
        self._hover = -1
        self.card.hide()
        self.name_axes(self._names, shown=len(self.points) > 0)
        self._show_bar()
        self.fit()
        self.history.restart()

    def set_colours(
        self, codes: np.ndarray, colours: np.ndarray, legend: Legend | Names | None = None
    ) -> None:
        """(N,) uint16 entries of a (C, 3) uint8 palette."""
        self.points.codes = np.ascontiguousarray(codes, dtype=np.uint16)
        self._item.colours = np.asarray(colours, dtype=np.uint8)
        self._legend = legend
        self._show_bar()
        self.invalidate()

    def set_states(self, state: np.ndarray) -> None:
        """(N,) uint8 of `rasteriser.HIDDEN`, `DIM`, `NORMAL` or `CHOSEN`."""
        self.points.state = np.ascontiguousarray(state, dtype=np.uint8)
        self.invalidate()

    def set_order(self, order: np.ndarray | None) -> None:
        """(N,) indices in the order of drawing; None is the points' own."""
        empty = np.zeros(0, dtype=np.int32)
        self.points.order = empty if order is None else np.ascontiguousarray(order, dtype=np.int32)
        self.invalidate()

    def set_marker_size(self, size: float | None) -> None:
        """Diameter in pixels; None: by the number of points."""
        self.marker = size
        self.invalidate()

    def set_density(self, on: bool) -> None:
        """Draw how many points fall on each spot instead of the points."""
        self._item.density = on
        self._show_bar()
        self.invalidate()

    def set_reference(self, index: int | None) -> None:
        """The point that is drawn as a star."""
        self.reference = index
        self.redraw()

    @property
    def reference_place(self) -> tuple[float, float] | None:
        """Where the reference's star is, in data."""
        if self.reference is None or self.reference >= len(self.points):
            return None
        return float(self.points.x[self.reference]), float(self.points.y[self.reference])

    def set_star(self, star: str) -> None:
        """How the reference is marked: one of `seam_core.point_marks.STARS`."""
        self.star = star
        self.redraw()

    def set_arrows(self, arrows: Sequence[Arrow]) -> None:
        """Arrows from the reference's star."""
        self.arrows = arrows
        self.redraw()

    @property
    def is_density(self) -> bool:
        """True where spots say how many points fall on them."""
        return self._item.density

    def ring(self, index: int) -> None:
        """Mark a point that is under the mouse in another view, -1: none."""
        if index != self._hover:
            self._hover = index
            self.card.hide()
            self.redraw()

    def set_describer(self, describe: Callable[[int], str]) -> None:
        """What the card says about the point under the mouse."""
        self._describe = describe

    def set_tool(self, tool: str) -> None:
        """What dragging with the left button does: one of `TOOLS`."""
        self._gesture.tool = tool
        self._gesture.clear()
        self._show_cursor()
        self.redraw()

    def set_mode(self, mode: str) -> None:
        """How a gesture without a key is combined with the selection."""
        self._mode = mode

    def _show_cursor(self) -> None:
        pan = self._gesture.tool == "pan"
        self.viewport().setCursor(Qt.OpenHandCursor if pan else Qt.CrossCursor)

    def set_empty_text(self, text: str) -> None:
        """What stands here while there are no points."""
        self._empty_text = text
        self.redraw()

    def invalidate(self) -> None:
        """Draw the points again at the next paint."""
        if self.alive:
            self._item.diameter = self.marker_size
            self._item.invalidate()
            self.redraw()

    def dress(self) -> None:
        super().dress()
        self.name_axes(self._names, shown=len(self.points) > 0)
        self._show_bar()
        self.invalidate()

    def _show_bar(self, _most: int = 0) -> None:
        """The scale of numbers or of the density, where the colours are one."""
        legend = self._legend
        if len(self.points) and self._item.density:
            most = max(self._item.most, 1)
            title, limits = f"points in {SIDE} x {SIDE} pixels", (0.0, float(np.log1p(most)))
            self._bar.show(title, limits, theme().sequential(), count_ticks(most))
        elif len(self.points) and isinstance(legend, Legend):
            self._bar.show(legend.title, (legend.low, legend.high), legend.colours)
        else:
            self._bar.hide()

    # where it is drawn

    def whole(self) -> tuple[Range, Range]:
        x, y = (widened(low, high) for low, high in self.points.extent)
        return x, y

    def centre_on(self, index: int) -> None:
        """Bring a point to the middle, magnified at least fourfold against all."""
        self.show_around(float(self.points.x[index]), float(self.points.y[index]))

    def position_of(self, index: int) -> QPointF:
        """Where a point is in the widget."""
        return self.to_widget(float(self.points.x[index]), float(self.points.y[index]))

    def point_at(self, position: QPointF) -> int:
        """The point drawn at a position of the widget, -1 for none."""
        return self._item.nearest(position, _PICK_RADIUS)

    @property
    def marker_size(self) -> float:
        """Diameter of a point, in pixels of the widget."""
        if self.marker is not None:
            return self.marker
        return usual_size(len(self.points), self.width() * self.height())

    # drawing

    def render_frame(self) -> None:
        """Rasterise the points now; painting does so when something changed."""
        self.box_rect()  # brings the layout up to date
        self.scene().prepareForPaint()
        self._item.diameter = self.marker_size
        self._item.rasterise()

    def paint_over(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.Antialiasing)
        if self._item.stale or not self._item.some_shown:
            there = "Preparing the points" if self._item.stale else ALL_HIDDEN
            area = self.box_rect().toRect()
            draw_words(painter, area, there if len(self.points) else self._empty_text)
            return
        painter.setClipRect(self.box_rect())
        if isinstance(self._legend, Names) and not self._item.density:
            draw_names(painter, self._legend, self.box_rect())
        if self._item.in_one_place:
            painter.setPen(theme().color("muted"))
            place = self.box_rect().adjusted(12, 8, -12, -8)
            painter.drawText(place, int(Qt.AlignLeft | Qt.AlignTop), "All points are in one place")
        self._paint_marks(painter)
        draw_gesture(painter, self._gesture)

    def _paint_marks(self, painter: QPainter) -> None:
        if (there := self.reference_place) is not None:
            ends = [(self.to_widget(*end), QColor(colour)) for end, colour in self.arrows]
            draw_reference(painter, self.to_widget(*there), self.star, ends)
        if 0 <= self._hover < len(self.points):
            draw_ring(painter, self.position_of(self._hover), self.marker_size / 2 + 3)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)
        if event is not None and self.alive:  # pyqtgraph calls it while the view is made
            self.invalidate()
            self.card.place(self.box_rect())

    def sizeHint(self) -> QSize:
        return QSize(560, 480)

    # mouse and keys

    def press(self, event: QMouseEvent) -> None:
        position = self._pressed = QPointF(event.pos())
        left = event.button() == Qt.LeftButton
        if not left or self._gesture.tool == "pan":
            self._panning = position
            self.viewport().setCursor(Qt.ClosedHandCursor)
        if left:
            self._gesture.press(position)

    def move(self, event: QMouseEvent) -> None:
        position = QPointF(event.pos())
        if self._panning is not None:
            moved = position - self._panning
            self._panning = position
            self.pan(moved.x(), moved.y())
        elif self._gesture.move(position, bool(event.buttons() & Qt.LeftButton)):
            self.redraw()
        else:
            self._set_hover(self.point_at(position))

    def release(self, event: QMouseEvent) -> None:
        position, mode = QPointF(event.pos()), mode_of(event.modifiers(), self._mode)
        self._panning = None
        self._show_cursor()
        if event.button() != Qt.LeftButton:
            moved = (position - self._pressed).manhattanLength()
            if event.button() == Qt.RightButton and moved < QApplication.startDragDistance():
                self.customContextMenuRequested.emit(event.pos())
            return
        done, line = self._gesture.release(position), self._gesture.points
        if done == "click":
            self.clicked.emit(self.point_at(position), mode)
        elif done == "lasso":
            self.lassoed.emit(self._vertices(line), mode)
        elif done in ("rectangle", "zoom"):
            self._boxed(self._vertices([line[0], position]), done, mode)
        if self._gesture.tool != "polygon":
            self._gesture.clear()
        self.redraw()

    def _boxed(self, corners: list[tuple[float, float]], tool: str, mode: str) -> None:
        low, high = np.min(corners, axis=0).tolist(), np.max(corners, axis=0).tolist()
        if tool == "zoom":
            self.show_range(((low[0], high[0]), (low[1], high[1])))
            self.invalidate()
        else:
            self.boxed.emit(tuple(low), tuple(high), mode)

    def double_click(self, event: QMouseEvent) -> None:
        if self._gesture.tool == "polygon":
            self._close_polygon(mode_of(event.modifiers(), self._mode))
        elif self.point_at(QPointF(event.pos())) < 0:
            self.fit()

    def _close_polygon(self, mode: str) -> None:
        corners = self._gesture.closed_polygon()
        if corners:
            self._gesture.clear()
            self.lassoed.emit(self._vertices(corners), mode)
            self.redraw()

    def wheel(self, event: QWheelEvent) -> None:
        self.zoom(1.2 ** (event.angleDelta().y() / 120.0), event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.history_key(event) or self.zoom_key(event):
            return
        if event.key() == Qt.Key_Escape and self._gesture.points:
            self._gesture.clear()
            self.redraw()
        elif event.key() in (Qt.Key_Return, Qt.Key_Enter):
            self._close_polygon(mode_of(event.modifiers(), self._mode))
        else:
            event.ignore()

    def left_data(self) -> None:
        self._set_hover(-1)

    def _vertices(self, path: list[QPointF]) -> list[tuple[float, float]]:
        return [(place.x(), place.y()) for place in map(self.to_data, path)]

    def _set_hover(self, index: int) -> None:
        if index == self._hover:
            return
        self._hover = index
        if index >= 0:
            self.card.say(self._describe(index), self.box_rect(), self.position_of(index))
        self.card.setVisible(index >= 0)
        self.hovered.emit(index)
        self.redraw()
