"""Covariance of positions over clusters, as a square or a triangle, with the sites' boxes."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QFontMetrics, QPainter, QPolygonF, QTransform
from PyQt5.QtWidgets import QWidget

from seam_core.pictures import covariance_limit
from seam_core.records import Site
from seam_core.site_boxes import (
    LEAST_GAP,
    diamond,
    joined_runs,
    pairs_of_runs,
    rectangle,
    runs_of,
)
from seam_gui.look.text import show_tip
from seam_gui.look.theme import theme
from seam_gui.views.cells_item import CellsItem
from seam_gui.views.position_axis import PositionAxis, PositionNumbers
from seam_gui.views.position_view import PositionView
from seam_gui.views.scatter_parts import number

SHAPES = ("square", "triangle")


class CovarianceView(PositionView):
    """Position by position; the horizontal axis is shared with the MSM.

    pair_clicked : two positions
    """

    pair_clicked = pyqtSignal(int, int)

    def __init__(self, axis: PositionAxis, parent: QWidget | None = None) -> None:
        self._matrix: np.ndarray | None = None
        self._shape, self._start = "square", 0
        self._levels: tuple[float, float] | None = None
        self._limit = 1.0  # as it follows from the matrix
        self.cells = CellsItem()
        super().__init__(axis, parent, left=PositionNumbers(axis, "left"))
        self.setObjectName("covariance_view")
        self.setMinimumHeight(160)
        self.plot.addItem(self.cells)
        self._empty = "The covariance of positions appears here once sites are found"
        theme().changed.connect(self._recolour)

    def set_matrix(self, matrix: np.ndarray | None, start: int = 0) -> None:
        """(W, W) covariance whose first row belongs to position `start`."""
        if matrix is not self._matrix:
            self._levels = None
            self._limit = 1.0 if matrix is None else covariance_limit(matrix)
        self._matrix, self._start = matrix, start
        self._recolour()

    def set_shape(self, shape: str) -> None:
        """ "square" or "triangle"."""
        self._shape = shape
        self._recolour()

    @property
    def shape(self) -> str:
        """One of `SHAPES`."""
        return self._shape

    @property
    def levels(self) -> tuple[float, float]:
        """Values at the ends of the colours: the user's, else as the exported figure has them."""
        if self._levels is not None:
            return self._levels
        return -self._limit, self._limit

    def set_levels(self, levels: tuple[float, float] | None) -> None:
        """Values at the ends of the colours; None: as they follow from the matrix."""
        self._levels = levels
        self._recolour()

    @property
    def chosen_levels(self) -> tuple[float, float] | None:
        """Those that the user chose, or None."""
        return self._levels

    @property
    def images(self) -> tuple[pg.ImageItem, ...]:
        """What a colour bar may adjust."""
        return (self.cells,)

    def _recolour(self) -> None:
        matrix, first = self._matrix, self._start - 0.5
        if matrix is None:
            self.cells.set_cells(None)
        else:
            self.cells.set_cells(matrix, self.levels, theme().diverging())
            turned = QTransform(0.5, 0.5, 0.5, -0.5, first, 0)  # the diagonal along the bottom
            square = QTransform.fromTranslate(first, first)
            self.cells.setTransform(square if self._shape == "square" else turned)
        self._follow_axis()

    # geometry: both axes show the axis' range; the square keeps its cells square

    def top_margin(self) -> int:
        return QFontMetrics(self.font()).height() + 4

    def _arrange(self) -> None:
        super()._arrange()
        left, beyond = self.axis.left, self.axis.right
        width = max(1, self.width() - left - beyond)
        height = max(1, self.height() - self.top_margin() - self.bottom_margin())
        square = self._shape == "square"
        side = min(width, height if square else 2 * height)
        below = height - (side if square else side / 2)
        margins = (0, self.top_margin(), beyond + width - side, below)
        self.set_margins(*margins)
        numbered = square and self._matrix is not None
        self.plot.getAxis("left").setStyle(showValues=numbered, tickLength=4 if numbered else 0)

    def _follow_axis(self) -> None:
        super()._follow_axis()
        square = self._shape == "square"
        self.box.invertY(square)
        span = self.axis.high - self.axis.low
        self.set_values(*(self.axis.low, self.axis.high) if square else (0.0, span / 2))

    def pair_at(self, point: QPointF) -> tuple[int, int] | None:
        """The two positions of the cell at a point of the widget."""
        area = self.plot_rect()
        if not area.contains(point) or self._matrix is None:
            return None
        unit = self.pixels_per_position()
        across = self.axis.low + (point.x() - area.left()) / unit
        if self._shape == "square":
            down = self.axis.low + (point.y() - area.top()) / unit
            pair = (int(np.floor(down + 0.5)), int(np.floor(across + 0.5)))
        else:
            apart = 2 * (area.bottom() - point.y()) / unit
            ends = (across - apart / 2, across + apart / 2)
            pair = (int(np.floor(ends[0] + 0.5)), int(np.floor(ends[1] + 0.5)))
        last = self._start + len(self._matrix)
        return pair if all(self._start <= p < last for p in pair) else None

    def pair_text(self, pair: tuple[int, int]) -> str:
        """What a cell holds."""
        assert self._matrix is not None, "a pair is of a matrix"
        value = self._matrix[pair[0] - self._start, pair[1] - self._start]
        return f"positions {pair[0]} and {pair[1]}   covariance {number(float(value))} bits²"

    # drawing

    def paint_data(self, painter: QPainter) -> None:
        if self._matrix is not None:
            self._paint_boxes(painter, self.plot_rect())

    def paint_over(self, painter: QPainter) -> None:
        if self._matrix is None:
            painter.setPen(theme().color("muted"))
            painter.drawText(self.rect(), Qt.AlignCenter | Qt.TextWordWrap, self._empty)
        else:
            self._paint_names(painter, self.plot_rect())
            self.paint_dragged(painter)

    def _paint_boxes(self, painter: QPainter, area: QRectF) -> None:
        painter.save()
        painter.setBrush(Qt.NoBrush)
        painter.setRenderHint(QPainter.Antialiasing, self._shape == "triangle")
        for site in self.axis.sites:
            pen = self.axis.site_pen(site, 1.4)
            pen.setCosmetic(True)
            painter.setPen(pen)
            for outline in self.outlines(site, area):
                painter.drawPolygon(outline)
        painter.restore()

    def outlines(self, site: Site, area: QRectF) -> list[QPolygonF]:
        """What is drawn around the cells of a site: each of its stretches with each."""
        square, unit = self._shape == "square", self.pixels_per_position()
        outlines = []
        runs = joined_runs(runs_of(site.positions), LEAST_GAP / unit)
        for one, other in pairs_of_runs(runs):
            if square:
                x, y = rectangle(one, other)
                top = [area.top() + (value - self.axis.low) * unit for value in y]
            elif one <= other:
                x, y = diamond(one, other)
                top = [area.bottom() - value * unit for value in y]
            else:
                continue
            left = [area.left() + (value - self.axis.low) * unit for value in x]
            outlines.append(QPolygonF(list(map(QPointF, left, top))))
        return outlines

    def _paint_names(self, painter: QPainter, area: QRectF) -> None:
        metrics, unit = QFontMetrics(painter.font()), self.pixels_per_position()
        painter.setPen(theme().color("text"))
        for site, name, left, width in self.named_sites(metrics):
            top = area.top() - metrics.height() - 1
            if self._shape == "triangle":
                half = (site.stop - site.start) * unit / 2
                top = area.bottom() - half - metrics.height() - 2
            painter.drawText(QRectF(left, top, width, metrics.height()), Qt.AlignTop, name)

    # mouse

    def holds_site(self, site: Site, position: QPointF) -> bool:
        area, unit = self.plot_rect(), self.pixels_per_position()
        if self._shape == "triangle":
            return position.y() >= area.bottom() - unit
        top = area.top() + (site.start - 0.5 - self.axis.low) * unit
        return top <= position.y() <= top + (site.stop - site.start) * unit

    def hover_at(self, position: QPointF) -> None:
        pair = self.pair_at(position)
        text = "" if pair is None else self.pair_text(pair)
        show_tip(self, self.mapToGlobal(position.toPoint()), text)

    def click_at(self, position: QPointF, modifiers: Qt.KeyboardModifiers) -> None:
        pair = self.pair_at(position)
        if pair is not None:
            self.pair_clicked.emit(min(pair), max(pair))
        super().click_at(position, modifiers)

    def sizeHint(self) -> QSize:
        return QSize(420, 420)
