"""A matrix in axes with names: which cell is under the mouse, and what it holds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QPointF, QRectF, Qt
from PyQt5.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen, QWheelEvent
from PyQt5.QtWidgets import QApplication, QToolTip

from seam_gui.look.text import show_tip
from seam_gui.look.theme import theme
from seam_gui.views.axes import Axes
from seam_gui.views.cells_item import CellsItem
from seam_gui.views.names_axis import NamesAxis
from seam_gui.views.plane import Plane, Range
from seam_gui.views.position_view import PixelItem
from seam_gui.views.view_history import ViewHistory

_APART = 5.0  # pixels of a cell from which on cells are set apart
_FEWEST = 2.0  # cells that can be looked at at once


class CellsPlot(Plane):
    """Rows down, columns across; the wheel magnifies, a double click shows all.

    Subclasses say what a cell holds and what a click on it does.
    """

    def __init__(self, name: str, title: str, hint: str, *, square: bool = False) -> None:
        self._rows, self._columns = NamesAxis("left"), NamesAxis("bottom")
        self._square, self._hint = square, hint
        self.cells = CellsItem()
        self._shape = (0, 0)
        self._pressed: QPointF | None = None
        self._panning: QPointF | None = None
        super().__init__(Axes(left=self._rows, bottom=self._columns))
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.box.disableAutoRange()
        self.box.invertY(True)
        self.plot.addItem(self.cells)
        self.plot.addItem(PixelItem(self.paint_cells))
        self.history = ViewHistory(self.shown_range, self)
        self.history.asked.connect(self.show_range)
        self.box.sigRangeChanged.connect(lambda *_: self.history.moved())
        theme().changed.connect(self.dress)
        self.dress()
        self._arrange()

    def show_cells(
        self,
        values: np.ndarray,
        limits: tuple[float, float],
        colours: np.ndarray,
        rows: Sequence[str],
        columns: Sequence[str],
        marked: Sequence[bool] = (),
    ) -> None:
        """(R, C) values between the ends of (256, 3) uint8 colours; `marked` rows keep a name."""
        shape = (len(rows), len(columns))
        self._rows.set_names(rows, marked)
        self._columns.set_names(columns)
        place = QRectF(-0.5, -0.5, shape[1], shape[0])
        self.cells.set_cells(np.asarray(values, dtype=np.float64), limits, colours, place)
        if shape != self._shape:
            self._shape = shape
            self._limit()
            self._arrange()
            self.fit()
            self.history.restart()
        self._arrange()
        self.redraw()

    @property
    def images(self) -> tuple[pg.ImageItem, ...]:
        """What a colour bar may adjust."""
        return (self.cells,)

    def cell_text(self, row: int, column: int) -> str:
        """What a cell says; for subclasses."""
        return ""

    def click_cell(self, row: int, column: int, modifiers: Qt.KeyboardModifiers) -> None:
        """A cell was clicked; for subclasses."""

    # geometry

    @property
    def is_empty(self) -> bool:
        """True while there is no cell."""
        return 0 in self._shape

    def whole(self) -> tuple[Range, Range]:
        rows, columns = max(self._shape[0], 1), max(self._shape[1], 1)
        return (-0.5, columns - 0.5), (-0.5, rows - 0.5)

    def invalidate(self) -> None:
        self.redraw()

    def _limit(self) -> None:
        """No place beside the cells is shown."""
        (left, right), (top, bottom) = self.whole()
        self.box.setLimits(
            xMin=left,
            xMax=right,
            yMin=top,
            yMax=bottom,
            minXRange=min(_FEWEST, right - left),
            minYRange=min(_FEWEST, bottom - top),
        )

    def _arrange(self) -> None:
        for side in ("left", "bottom"):
            self.plot.showAxis(side, not self.is_empty)
        if self.is_empty:
            return
        room = self.height() / 3
        self._rows.arrange(0.0, room)
        wide = self.width() - self._rows.width() - 12
        self._columns.arrange(wide / max(self._shape[1], 1), room)
        high = self.height() - self._columns.height() - 14
        beside, below = 12.0, 6.0
        if self._square:
            side = max(min(wide, high), 1)
            beside, below = beside + wide - side, below + high - side
        self.set_margins(0, 8, int(beside), int(max(below, 0)))

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)
        if event is not None and self.alive:
            self._arrange()

    def cell_at(self, point: QPointF) -> tuple[int, int] | None:
        """Row and column at a point of the widget."""
        if self.is_empty or not self.box_rect().contains(point):
            return None
        place = self.to_data(point)
        row, column = int(np.floor(place.y() + 0.5)), int(np.floor(place.x() + 0.5))
        inside = 0 <= row < self._shape[0] and 0 <= column < self._shape[1]
        return (row, column) if inside else None

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Where a cell is in the widget."""
        upper = self.to_widget(column - 0.5, row - 0.5)
        return QRectF(upper, self.to_widget(column + 0.5, row + 0.5)).normalized()

    def centre_of(self, row: int, column: int) -> QPointF:
        """The middle of a cell, in the widget."""
        self.box_rect()  # brings the layout up to date
        return self.to_widget(column, row)

    # drawing

    def paint_cells(self, painter: QPainter) -> None:
        """Set large cells apart; subclasses add what stands on them."""
        if self.is_empty:
            return
        first = self.cell_rect(0, 0)
        painter.setPen(QPen(theme().color("background"), 1))
        area = self.box_rect()
        if first.height() >= _APART:
            for row in range(self._shape[0] + 1):
                y = self.to_widget(0, row - 0.5).y()
                painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        if first.width() >= _APART:
            for column in range(self._shape[1] + 1):
                x = self.to_widget(column - 0.5, 0).x()
                painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def paint_over(self, painter: QPainter) -> None:
        if self.is_empty:
            painter.setPen(theme().color("muted"))
            painter.drawText(self.rect(), Qt.AlignCenter | Qt.TextWordWrap, self._hint)

    # mouse and keys

    def press(self, event: QMouseEvent) -> None:
        if event.button() == Qt.LeftButton:
            self._pressed = QPointF(event.pos())
        else:
            self._panning = QPointF(event.pos())

    def move(self, event: QMouseEvent) -> None:
        position = QPointF(event.pos())
        if self._panning is not None:
            moved, self._panning = position - self._panning, position
            self.pan(moved.x(), moved.y())
            return
        cell = self.cell_at(position)
        text = "" if cell is None else self.cell_text(*cell)
        show_tip(self, event.globalPos(), text)

    def release(self, event: QMouseEvent) -> None:
        pressed, self._pressed, self._panning = self._pressed, None, None
        position = QPointF(event.pos())
        if pressed is None or event.button() != Qt.LeftButton:
            return
        cell = self.cell_at(position)
        if cell is not None and (position - pressed).manhattanLength() < _slack():
            self.click_cell(*cell, event.modifiers())

    def double_click(self, event: QMouseEvent) -> None:
        self.fit()

    def wheel(self, event: QWheelEvent) -> None:
        self.zoom(1.2 ** (event.angleDelta().y() / 120.0), event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.history_key(event) and not self.zoom_key(event):
            event.ignore()

    def leaveEvent(self, event: object) -> None:
        super().leaveEvent(event)
        QToolTip.hideText()


def _slack() -> int:
    return QApplication.startDragDistance()


def shades() -> np.ndarray:
    """(256, 3) uint8: from a faint grey to the accent colour."""
    paper, line = theme().color("background"), theme().color("separator")
    ends = np.array([each.getRgb()[:3] for each in (paper, line, theme().color("accent"))])
    faint = ends[0] + (ends[1] - ends[0]) * 0.35
    share = np.linspace(0, 1, 256)[:, None]
    colours: np.ndarray = np.rint(faint * (1 - share) + ends[2] * share).astype(np.uint8)
    return colours
