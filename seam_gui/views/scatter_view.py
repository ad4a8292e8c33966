"""The scatter: mechanism space, drawn by the rasteriser, with pan, zoom, hover and gestures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PyQt5 import sip
from PyQt5.QtCore import QEvent, QPointF, QSize, Qt, QTimer, pyqtSignal
from PyQt5.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent, QWheelEvent
from PyQt5.QtWidgets import QApplication, QWidget

from seam_core.pictures import faded
from seam_gui.look.text import PlainLabel
from seam_gui.look.theme import theme
from seam_gui.views import rasteriser
from seam_gui.views.gestures import GesturePath, mode_of
from seam_gui.views.painting import painted
from seam_gui.views.plane import Plane
from seam_gui.views.scatter_parts import (
    Legend,
    Names,
    density_image,
    draw_axis_names,
    draw_gesture,
    draw_legend,
    star_path,
)

TOOLS = ("lasso", "polygon", "rectangle", "pan")
_PICK_RADIUS = 5
_WAIT_MS = 30  # between looks whether the compiled loops are there


class ScatterView(QWidget):
    """Points with pan (right or middle button, or the hand), zoom (wheel) and selection gestures.

    clicked : index of the point (-1: none), mode
    lassoed : vertices [(x, y), ...] in the points' coordinates, mode
    boxed : (x, y) low, (x, y) high, mode
    hovered : index of the point, -1 for none
    """

    clicked = pyqtSignal(int, str)
    lassoed = pyqtSignal(object, str)
    boxed = pyqtSignal(object, object, str)
    hovered = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scatter_view")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.StrongFocus)
        self.setMinimumSize(240, 200)
        self.setAttribute(Qt.WA_OpaquePaintEvent)
        empty = np.zeros(0, dtype=np.float32)
        self._points = rasteriser.Points(
            empty, empty, np.zeros(0, np.uint16), np.zeros(0, np.uint8)
        )
        self._colours = np.full((1, 3), 128, dtype=np.uint8)
        self._names = ("", "")
        self._plane = Plane()
        self._frame: rasteriser.Frame | None = None
        self._image: QImage | None = None
        self._stale = True
        self._size: float | None = None
        self._density = False
        self._reference: int | None = None
        self._legend: Legend | Names | None = None
        self._hover = -1
        self._describe: Callable[[int], str] = lambda index: f"#{index}"
        self._gesture = GesturePath()
        self._mode = "replace"
        self._panning: QPointF | None = None
        self._pressed = QPointF()
        self._empty_text = "Open a demo, drop files here, or start a new analysis"
        self._card = PlainLabel(parent=self)
        self._card.setObjectName("scatter_hover_label")
        self._card.setAttribute(Qt.WA_TransparentForMouseEvents)
        self._card.hide()
        self.setContextMenuPolicy(Qt.PreventContextMenu)  # dragging with the right button pans
        self._again = QTimer(self)
        self._again.setInterval(_WAIT_MS)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self.update)
        theme().changed.connect(self.invalidate)
        rasteriser.warm_up()

    # what is drawn

    def set_points(self, x: np.ndarray, y: np.ndarray, names: tuple[str, str] = ("", "")) -> None:
        """Other points: (N,) coordinates, and what the axes are called. Fits the view."""
        n = len(x)
        same = n == len(self._points)
        self._points = rasteriser.Points(
            np.ascontiguousarray(x, dtype=np.float32),
            np.ascontiguousarray(y, dtype=np.float32),
            self._points.codes if same else np.zeros(n, dtype=np.uint16),
            self._points.state if same else np.full(n, rasteriser.NORMAL, dtype=np.uint8),
            self._points.order if same else np.zeros(0, dtype=np.int32),
        )
        self._names = names
        self._hover = -1
        self._card.hide()
        self.fit()

    def set_colours(
        self, codes: np.ndarray, colours: np.ndarray, legend: Legend | Names | None = None
    ) -> None:
        """(N,) uint16 entries of a (C, 3) uint8 palette."""
        self._points.codes = np.ascontiguousarray(codes, dtype=np.uint16)
        self._colours = np.asarray(colours, dtype=np.uint8)
        self._legend = legend
        self.invalidate()

    def set_states(self, state: np.ndarray) -> None:
        """(N,) uint8 of `rasteriser.HIDDEN`, `DIM`, `NORMAL` or `CHOSEN`."""
        self._points.state = np.ascontiguousarray(state, dtype=np.uint8)
        self.invalidate()

    def set_order(self, order: np.ndarray | None) -> None:
        """(N,) indices in the order of drawing; None is the points' own."""
        empty = np.zeros(0, dtype=np.int32)
        self._points.order = empty if order is None else np.ascontiguousarray(order, dtype=np.int32)
        self.invalidate()

    def set_marker_size(self, size: float | None) -> None:
        """Diameter in pixels; None: by the number of points."""
        self._size = size
        self.invalidate()

    def set_density(self, on: bool) -> None:
        """Draw how many points fall on each spot instead of the points."""
        self._density = on
        self.invalidate()

    def set_reference(self, index: int | None) -> None:
        """The point that is drawn as a star."""
        self._reference = index
        self.update()

    def set_describer(self, describe: Callable[[int], str]) -> None:
        """What the card says about the point under the mouse."""
        self._describe = describe

    def set_tool(self, tool: str) -> None:
        """What dragging with the left button does: one of `TOOLS`."""
        self._gesture.tool = tool
        self._gesture.clear()
        self._show_cursor()
        self.update()

    def set_mode(self, mode: str) -> None:
        """How a gesture without a key is combined with the selection."""
        self._mode = mode

    def _show_cursor(self) -> None:
        self.setCursor(Qt.OpenHandCursor if self._gesture.tool == "pan" else Qt.CrossCursor)

    def set_empty_text(self, text: str) -> None:
        """What stands here while there are no points."""
        self._empty_text = text
        self.update()

    def invalidate(self) -> None:
        """Draw the points again at the next paint."""
        self._stale = True
        self.update()

    # where it is drawn

    def fit(self) -> None:
        """Show all points."""
        self._plane.resize(self.width(), self.height())  # no event has told a hidden widget's yet
        self._plane.fit(self._points.x, self._points.y)
        self.invalidate()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Magnify about a point of the widget (its middle where none is given)."""
        self._plane.zoom(factor, at)
        self.invalidate()

    def pan(self, dx: float, dy: float) -> None:
        """Move the points by pixels."""
        self._plane.pan(dx, dy)
        self.invalidate()

    def centre_on(self, index: int) -> None:
        """Bring a point to the middle, magnified at least fourfold."""
        self._plane.centre_on(float(self._points.x[index]), float(self._points.y[index]))
        self.invalidate()

    def position_of(self, index: int) -> QPointF:
        """Where a point is in the widget."""
        return self._plane.to_widget(float(self._points.x[index]), float(self._points.y[index]))

    def point_at(self, position: QPointF) -> int:
        """The point drawn at a position of the widget, -1 for none."""
        if self._frame is None:
            return -1
        ratio = self.devicePixelRatioF()
        x, y = int(position.x() * ratio), int(position.y() * ratio)
        return self._frame.nearest(x, y, round(_PICK_RADIUS * ratio))

    @property
    def marker_size(self) -> float:
        """Diameter of a point, in pixels of the widget."""
        if self._size is not None:
            return self._size
        n = len(self._points)
        if n > 25_000:
            return 3.0 if n <= 250_000 else 2.0
        large = np.sqrt(self.width() * self.height()) / 600  # few points may fill a large picture
        return round((5.0 if n <= 5_000 else 4.0) * float(np.clip(large, 1.0, 1.6)))

    # drawing

    def render_frame(self) -> None:
        """Rasterise the points now; painting does so when something changed."""
        loading = rasteriser.is_loading()
        ratio = self.devicePixelRatioF()
        shape = (max(1, round(self.height() * ratio)), max(1, round(self.width() * ratio)))
        scale, offset = self._plane.placement(ratio)
        background = theme().color("background")
        paper = np.array(background.getRgb()[:3])
        self._frame = rasteriser.render(
            self._points,
            shape,
            scale,
            offset,
            rasteriser.packed(self._colours),
            rasteriser.packed(faded(self._colours, paper)),
            background.rgb(),
            self.marker_size * ratio,
            reuse=self._frame,
        )
        image = self._frame.image
        if self._density:
            image = density_image(self._points, shape, scale, offset, background, ratio)
        self._drawn = image  # QImage does not own the memory
        pixels = sip.voidptr(image.ctypes.data)
        self._image = QImage(pixels, shape[1], shape[0], 4 * shape[1], QImage.Format_RGB32)
        self._image.setDevicePixelRatio(ratio)
        self._stale = loading and len(self._points) > 0
        if self._stale:
            self._again.start()

    @painted
    def paintEvent(self, painter: QPainter) -> None:
        if self._stale:
            self.render_frame()
        if self._image is not None:
            painter.drawImage(0, 0, self._image)
        painter.setRenderHint(QPainter.Antialiasing)
        if len(self._points) == 0 or self._stale:
            painter.setPen(theme().color("muted"))
            painter.drawText(
                self.rect().adjusted(24, 0, -24, 0),
                Qt.AlignCenter | Qt.TextWordWrap,
                "Preparing the points" if self._stale else self._empty_text,
            )
            return
        draw_axis_names(painter, self._names, self.width(), self.height())
        if self._legend is not None and not self._density:
            draw_legend(painter, self._legend, self.width())
        self._paint_marks(painter)
        draw_gesture(painter, self._gesture)

    def _paint_marks(self, painter: QPainter) -> None:
        reference = self._reference
        if reference is not None and reference < len(self._points):
            painter.setPen(QPen(theme().color("background"), 1.5))
            painter.setBrush(theme().color("reference"))
            painter.drawPath(star_path(self.position_of(reference), 9.0))
        if 0 <= self._hover < len(self._points):
            painter.setBrush(Qt.NoBrush)
            painter.setPen(QPen(theme().color("text"), 1.6))
            radius = self.marker_size / 2 + 3
            painter.drawEllipse(self.position_of(self._hover), radius, radius)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._plane.resize(self.width(), self.height())
        if self._plane.fitted:
            self.fit()
        self.invalidate()
        self._place_card()

    def sizeHint(self) -> QSize:
        return QSize(560, 480)

    # mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        position = self._pressed = QPointF(event.pos())
        left = event.button() == Qt.LeftButton
        if not left or self._gesture.tool == "pan":
            self._panning = position
            self.setCursor(Qt.ClosedHandCursor)
        if left:
            self._gesture.press(position)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = QPointF(event.pos())
        if self._panning is not None:
            moved = position - self._panning
            self._panning = position
            self.pan(moved.x(), moved.y())
        elif self._gesture.move(position, bool(event.buttons() & Qt.LeftButton)):
            self.update()
        else:
            self._set_hover(self.point_at(position))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
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
        elif done == "rectangle":
            corners = np.array(self._vertices([line[0], position]))
            low, high = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
            self.boxed.emit(tuple(low), tuple(high), mode)
        if self._gesture.tool != "polygon":
            self._gesture.clear()
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._gesture.tool == "polygon":
            self._close_polygon(mode_of(event.modifiers(), self._mode))
        elif self.point_at(QPointF(event.pos())) < 0:
            self.fit()

    def _close_polygon(self, mode: str) -> None:
        corners = self._gesture.closed_polygon()
        if corners:
            self._gesture.clear()
            self.lassoed.emit(self._vertices(corners), mode)
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / 120.0
        self.zoom(1.2**steps, QPointF(event.pos()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key_Escape and self._gesture.points:
            self._gesture.clear()
            self.update()
        elif event.key() in (Qt.Key_Return, Qt.Key_Enter):
            self._close_polygon(mode_of(event.modifiers(), self._mode))
        elif event.key() in (Qt.Key_Plus, Qt.Key_Equal):
            self.zoom(1.25)
        elif event.key() == Qt.Key_Minus:
            self.zoom(0.8)
        elif event.key() == Qt.Key_0:
            self.fit()
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hover(-1)

    def _vertices(self, path: list[QPointF]) -> list[tuple[float, float]]:
        return [(float(x), float(y)) for x, y in map(self._plane.to_data, path)]

    def _set_hover(self, index: int) -> None:
        if index == self._hover:
            return
        self._hover = index
        if index >= 0:
            self._card.setText(self._describe(index))
            self._card.adjustSize()
            self._place_card()
        self._card.setVisible(index >= 0)
        self.hovered.emit(index)
        self.update()

    def _place_card(self) -> None:
        self._card.move(12, self.height() - self._card.height() - 12)
