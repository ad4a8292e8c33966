"""The Mechanism Summary Matrix: clusters x positions, on the logos' axis."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QFontMetrics, QImage, QMouseEvent, QPainter, QPen, QWheelEvent
from PyQt5.QtWidgets import QWidget

from seam_core.colours import ON_SEQUENTIAL
from seam_core.records import Site
from seam_core.site_boxes import LEAST_GAP, places_of
from seam_gui.look.text import show_tip
from seam_gui.look.theme import theme
from seam_gui.views.cells_item import CellsItem
from seam_gui.views.gestures import mode_of
from seam_gui.views.msm_matrix import Matrix, scale_of
from seam_gui.views.names_axis import spread, widest
from seam_gui.views.painting import distinct, rectangles
from seam_gui.views.position_axis import PositionAxis
from seam_gui.views.position_view import PixelItem, PositionView
from seam_gui.views.scatter_parts import number

STRIP = 72  # width of the counts right of the rows
_THIN = 7.0  # pixels of a row
_SWATCH = 8  # width of the colour beside a row
_MOST_NAMED = 8  # selected clusters whose names stand before those of others
_WIDEST = 90  # pixels of a name
_GAP = 3  # below the row of the selection
_LEAST = 60  # pixels of all rows
SUMMARY = "The summary of all clusters appears here once they are explained"


class MsmView(PositionView):
    """Cells with hover, click and brush.

    cell_clicked : cluster id, position, mode
    rows_brushed : cluster ids, mode
    cell_hovered : cluster id, position (-1, -1 beside the cells)
    """

    cell_clicked = pyqtSignal(int, int, str)
    rows_brushed = pyqtSignal(object, str)
    cell_hovered = pyqtSignal(int, int)

    def __init__(self, axis: PositionAxis, parent: QWidget | None = None) -> None:
        self._matrix: Matrix | None = None
        self._rows = (0.0, 1.0)  # shown
        self.cells, self.selected = CellsItem(), CellsItem()  # of the clusters, of the selection
        super().__init__(axis, parent)
        self.setObjectName("msm_view")
        self.box.invertY(True)
        between = PixelItem(self._paint_between)
        between.setZValue(-1.5)
        self.selected.setZValue(-1)
        for item in (self.cells, between, self.selected):
            self.plot.addItem(item)
        self._chosen: frozenset[int] = frozenset()
        self._cell: tuple[int, int] | None = None
        self._counts: np.ndarray | None = None
        self._counted = ""
        self._empty = SUMMARY
        self.plot.getAxis("left").setStyle(showValues=False, tickLength=0)
        theme().changed.connect(self._recolour)

    # what is drawn

    @property
    def matrix(self) -> Matrix | None:
        """What is shown."""
        return self._matrix

    def set_matrix(self, matrix: Matrix | None) -> None:
        """Show another matrix; rows stay where they are while their number does."""
        before, self._matrix = self._matrix, matrix
        if matrix is not None and (before is None or len(matrix.ids) != len(before.ids)):
            self._rows = (0.0, float(len(matrix.ids)))
        if matrix is not None and before is not None and matrix.has_cells_of(before):
            self._arrange()
            self.redraw()
        else:
            self._make_room()
            self._recolour()

    def _make_room(self) -> None:
        """Left of the positions, for the names of rows."""
        matrix = self._matrix
        names = () if matrix is None else tuple(map(matrix.name_of, range(len(matrix.ids))))
        self.axis.make_room(min(widest(names, self.font().toString()), _WIDEST) + _SWATCH)

    def set_counts(self, counts: np.ndarray | None, what: str = "") -> None:
        """Bars right of the rows, (K,); `what` is counted, e.g. "positions ≤ 0.5 bits"."""
        self._counts, self._counted = counts, what
        self.axis.keep_right(0 if counts is None else STRIP)
        self.redraw()

    def count_text(self, row: int) -> str:
        """What the bar of a row says."""
        matrix = self._matrix
        if matrix is None or self._counts is None or not 0 <= row < len(self._counts):
            return ""
        total = matrix.values.shape[1]
        return f"{matrix.labels[row]}   {self._counts[row]} of {total} {self._counted}"

    def set_chosen(self, ids: frozenset[int]) -> None:
        """Clusters whose rows are marked."""
        self._chosen = ids
        self.redraw()

    def cell_text(self, row: int, position: int) -> str:
        """What a cell holds: "cluster 7 "both sites"  position 88  entropy 0.04 bits"."""
        matrix = self._matrix
        if matrix is None or not 0 <= row < len(matrix.ids):
            return ""
        column = position - matrix.start
        if not 0 <= column < matrix.values.shape[1]:
            return ""
        value = matrix.values[row, column]
        said = "not defined" if np.isnan(value) else f"{number(value)} {matrix.unit}"
        return f"{matrix.labels[row]}   position {position}   {matrix.name.lower()} {said}"

    def row_at(self, y: float) -> int:
        """Row at a pixel, -1 above and below."""
        area = self.cell_rect()
        if self._matrix is None or not area.top() <= y < area.bottom():
            return -1
        low, high = self._rows
        return int(low + (y - area.top()) / area.height() * (high - low))

    def cell_rect(self) -> QRectF:
        """Where the clusters' rows are, below the row of the selection."""
        area = self.plot_rect()
        if self._matrix is not None and self._matrix.extra is not None:
            area.setTop(area.top() + self._extra_height() + _GAP)
        return area

    def _extra_height(self) -> float:
        return float(QFontMetrics(self.font()).height() - 2)

    @property
    def least(self) -> int:  # type: ignore[override]
        """Pixels of rows that can still be told apart, and of the row of the selection."""
        return _LEAST + int(self._extra_height()) + _GAP

    def top_margin(self) -> int:
        return QFontMetrics(self.font()).height() + 8

    def _recolour(self) -> None:
        matrix = self._matrix
        if matrix is None:
            self.cells.set_cells(None)
        else:
            place = QRectF(matrix.start - 0.5, 0, matrix.values.shape[1], len(matrix.ids))
            self.cells.set_cells(matrix.values, matrix.limits, scale_of(matrix), place)
        self._arrange()
        self.redraw()

    def _arrange(self) -> None:
        super()._arrange()
        matrix, (low, high) = self._matrix, self._rows
        each = (high - low) / max(self.cell_rect().height(), 1.0)  # rows a pixel
        if matrix is None or matrix.extra is None:
            self.selected.set_cells(None)
            self.set_values(low, high)
            return
        top = low - (self._extra_height() + _GAP) * each
        place = QRectF(matrix.start - 0.5, top, len(matrix.extra), self._extra_height() * each)
        self.selected.set_cells(matrix.extra[None, :], self.levels, scale_of(matrix), place)
        self.set_values(top, high)

    @property
    def levels(self) -> tuple[float, float]:
        """Values at the ends of the colours."""
        low, high = self.cells.levels
        return float(low), float(high)

    @property
    def images(self) -> tuple[pg.ImageItem, ...]:
        """What a colour bar may adjust."""
        return self.cells, self.selected

    # drawing

    def paint_data(self, painter: QPainter) -> None:
        if self._matrix is None:
            return
        self._paint_boxes(painter, self._matrix)
        self.paint_brush(painter)
        self.paint_drag(painter)

    def paint_over(self, painter: QPainter) -> None:
        if self._matrix is None:
            painter.setPen(theme().color("muted"))
            painter.drawText(self.plot_rect(), Qt.AlignCenter | Qt.TextWordWrap, self._empty)
            return
        if self.cell_rect().height() < 1:
            return
        self._paint_rows(painter, self._matrix)
        self._paint_counts(painter, self._matrix)
        self._paint_names(painter)
        self.paint_dragged(painter)

    def _paint_between(self, painter: QPainter) -> None:
        """Paper behind the row of the selection, where other rows would be seen."""
        if self._matrix is not None and self._matrix.extra is not None:
            above = self.plot_rect()
            above.setBottom(self.cell_rect().top())
            painter.fillRect(above, theme().color("background"))

    def _paint_rows(self, painter: QPainter, matrix: Matrix) -> None:
        """Colours, names and marks of the rows, names only where there is room for them."""
        area, (low, high) = self.cell_rect(), self._rows
        metrics = QFontMetrics(painter.font())
        each = area.height() / (high - low)
        accent, text = theme().color("accent"), theme().color("muted")
        if matrix.extra is not None:
            box = QRectF(0, self.plot_rect().top(), self.axis.left - 6, self._extra_height())
            painter.setPen(theme().color("text"))
            painter.drawText(box, int(Qt.AlignRight | Qt.AlignVCenter), "chosen")
        stride = max(1, int(np.ceil(metrics.height() / each)))
        first, last = int(low), min(int(np.ceil(high)), len(matrix.ids))
        self._paint_swatches(painter, matrix.colours[first:last], first)
        chosen = np.isin(matrix.ids[first:last], list(self._chosen))
        named = spread(chosen & (len(self._chosen) < _MOST_NAMED), stride)
        marked = chosen | named
        for row in (first + np.flatnonzero(marked)).tolist():
            top = area.top() + (row - low) * each
            emphasised = int(matrix.ids[row]) in self._chosen
            if emphasised and each < _THIN:  # an outline would hide the cells
                for left in (area.left() - 4, area.right() + 1):
                    painter.fillRect(QRectF(left, top, 4, max(each, 2.0)), accent)
            elif emphasised:
                outline = QRectF(area.left(), top, area.width(), each)
                painter.setPen(QPen(accent, 1.5))
                painter.setBrush(Qt.NoBrush)
                painter.drawRect(outline.intersected(area))
            if named[row - first]:
                tall = max(each, metrics.height())
                box = QRectF(0, top + (each - tall) / 2, self.axis.left - _SWATCH - 7, tall)
                painter.setPen(accent if emphasised else text)
                name = metrics.elidedText(matrix.name_of(row), Qt.ElideRight, int(box.width()))
                painter.drawText(box, int(Qt.AlignRight | Qt.AlignVCenter), name)

    def _paint_swatches(self, painter: QPainter, colours: np.ndarray, first: int) -> None:
        """The colours of the rows from `first` on, as one picture."""
        area, (low, high) = self.cell_rect(), self._rows
        wide = np.full((len(colours), 4), 255, dtype=np.uint8)
        wide[:, :3] = colours[:, ::-1]  # Format_RGB32 keeps blue first
        pixels = wide.tobytes()
        picture = QImage(pixels, 1, len(colours), 4, QImage.Format_RGB32)
        place = QRectF(self.axis.left - _SWATCH - 3, area.top(), _SWATCH, area.height())
        painter.setRenderHint(QPainter.SmoothPixmapTransform, False)
        painter.drawImage(place, picture, QRectF(0, low - first, 1, high - low))

    def _paint_counts(self, painter: QPainter, matrix: Matrix) -> None:
        """One bar a row; the longest ends at the number above it."""
        if self._counts is None or len(self._counts) != len(matrix.ids):
            return
        area, (low, high) = self.cell_rect(), self._rows
        each, left = area.height() / (high - low), area.right() + 8
        most = max(int(self._counts.max(initial=0)), 1)
        colour = theme().color("accent")
        colour.setAlpha(170)
        strip = QRectF(left, area.top(), STRIP, area.height())
        for row in range(int(low), min(int(np.ceil(high)), len(self._counts))):
            width = (STRIP - 8) * self._counts[row] / most
            bar = QRectF(left, area.top() + (row - low) * each, width, max(each * 0.9, 1.0))
            painter.fillRect(bar.intersected(strip), colour)
        painter.setPen(theme().color("muted"))
        metrics = QFontMetrics(painter.font())
        below = QRectF(left, area.bottom() + 4, STRIP - 8, metrics.height())
        painter.drawText(below, int(Qt.AlignRight | Qt.AlignTop), f"{most}")
        painter.drawText(below, int(Qt.AlignLeft | Qt.AlignTop), "0")

    def _paint_boxes(self, painter: QPainter, matrix: Matrix) -> None:
        area, (low, high) = self.cell_rect(), self._rows
        painter.save()
        painter.setBrush(Qt.NoBrush)
        painter.setClipRect(area.adjusted(0, -1, 0, 1), Qt.IntersectClip)
        each, unit = area.height() / (high - low), self.pixels_per_position()
        for site in self.axis.sites:
            start, stop, first, last = places_of(matrix.boxes, site.name, LEAST_GAP / unit)
            top, bottom = (first - low) * each, (last - low) * each
            if each < 1:  # many boxes fall on the same pixels: each of these is drawn once
                start, stop, top, bottom = distinct(start, stop, np.floor(top), np.ceil(bottom))
            left, height = area.left() + (start - 0.5 - self.axis.low) * unit, bottom - top
            pen = self.axis.site_pen(site, 1.2)
            if not matrix.diverging:
                pen.setColor(QColor(ON_SEQUENTIAL))
            painter.setPen(pen)
            painter.drawRects(rectangles(left, area.top() + top, (stop - start) * unit, height))
        painter.restore()

    def _paint_names(self, painter: QPainter) -> None:
        """Names of the sites above the cells."""
        metrics = QFontMetrics(painter.font())
        top = self.plot_rect().top() - metrics.height() - 1
        for site, name, left, width in self.named_sites(metrics):
            painter.setPen(self.axis.site_pen(site, 1.2))
            painter.drawText(QRectF(left, top, width, metrics.height()), Qt.AlignTop, name)

    # mouse

    def holds_site(self, site: Site, position: QPointF) -> bool:
        if self._matrix is None:
            return False
        above, row = position.y() < self.plot_rect().top(), self.row_at(position.y())
        boxes = (box for box in self._matrix.boxes if box.site == site.name)
        return above or any(box.first <= row < box.last for box in boxes)

    def hover_at(self, position: QPointF) -> None:
        row, where = self.row_at(position.y()), self.position_at(position.x())
        cell = (row, where) if row >= 0 and where >= 0 else None
        beside = row >= 0 and position.x() > self.plot_rect().right()
        if cell == self._cell and not beside:
            return
        self._cell = cell
        text = self.count_text(row) if beside else "" if cell is None else self.cell_text(*cell)
        show_tip(self, self.mapToGlobal(position.toPoint()), text)
        if cell is None or self._matrix is None:
            self.cell_hovered.emit(-1, -1)
        else:
            self.cell_hovered.emit(int(self._matrix.ids[row]), where)

    def left_data(self) -> None:
        super().left_data()
        self._cell = None
        self.cell_hovered.emit(-1, -1)

    def click_at(self, position: QPointF, modifiers: Qt.KeyboardModifiers) -> None:
        row, where = self.row_at(position.y()), self.position_at(position.x())
        if self._matrix is None or row < 0:
            return
        if where < 0:  # beside the cells: the row's name
            self.rows_brushed.emit((int(self._matrix.ids[row]),), mode_of(modifiers))
        else:
            self.cell_clicked.emit(int(self._matrix.ids[row]), where, mode_of(modifiers))

    def drag_done(self, start: QPointF, stop: QPointF, modifiers: Qt.KeyboardModifiers) -> None:
        """Across: brushes positions. Down, or beside the cells: selects clusters."""
        across, down = abs(stop.x() - start.x()), abs(stop.y() - start.y())
        if self._matrix is None:
            return
        if self._beside(start) or down > across:
            area = self.cell_rect()
            ends = sorted(min(max(p.y(), area.top()), area.bottom() - 1) for p in (start, stop))
            first, last = (self.row_at(y) for y in ends)
            ids = tuple(int(i) for i in self._matrix.ids[first : last + 1])
            self.rows_brushed.emit(ids, mode_of(modifiers))
        else:
            super().drag_done(start, stop, modifiers)

    def _beside(self, position: QPointF) -> bool:
        """True left and right of the cells."""
        area = self.plot_rect()
        return not area.left() <= position.x() <= area.right()

    def paint_drag(self, painter: QPainter) -> None:
        if self._drag is None:
            return
        start, stop = self._drag
        if not self._beside(start) and abs(stop.y() - start.y()) <= abs(stop.x() - start.x()):
            super().paint_drag(painter)
            return
        area = self.cell_rect()
        top, bottom = sorted((start.y(), stop.y()))
        colour = theme().color("accent")
        painter.setPen(QPen(colour, 1))
        colour = QColor(colour)
        colour.setAlpha(30)
        painter.setBrush(colour)
        band = QRectF(area.left(), top, area.width(), bottom - top)
        painter.drawRect(band.intersected(area))

    def wheel(self, event: QWheelEvent) -> None:
        """The wheel magnifies along the sequence; with Ctrl, along the clusters."""
        if not event.modifiers() & Qt.ControlModifier or self._matrix is None:
            super().wheel(event)
            return
        area, (low, high) = self.cell_rect(), self._rows
        at = low + (event.pos().y() - area.top()) / area.height() * (high - low)
        factor = 1.25 ** (event.angleDelta().y() / 120.0)
        k = float(len(self._matrix.ids))
        span = min(max((high - low) / factor, min(3.0, k)), k)
        low = min(max(at - (at - low) / (high - low) * span, 0.0), k - span)
        self._rows = (low, low + span)
        self._arrange()
        self.redraw()
        event.accept()

    def double_click(self, event: QMouseEvent) -> None:
        if self._matrix is not None:
            self._rows = (0.0, float(len(self._matrix.ids)))
            self._arrange()
        super().double_click(event)

    def sizeHint(self) -> QSize:
        return QSize(640, 260)
