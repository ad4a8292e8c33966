"""Covariance of positions over clusters, as a square or a triangle, with the sites' boxes."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QFontMetrics, QImage, QPainter, QPolygonF, QTransform
from PyQt5.QtWidgets import QToolTip, QWidget

from seam_core.records import Site
from seam_core.site_boxes import diamond, pairs_of_runs, rectangle, runs_of
from seam_gui.look.text import plain
from seam_gui.look.theme import theme
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
        super().__init__(axis, parent, left=PositionNumbers(axis, "left"))
        self.setObjectName("covariance_view")
        self.setMinimumHeight(160)
        self.box.invertY(True)
        self._image: QImage | None = None
        self._empty = "The covariance of positions appears here once sites are found"
        theme().changed.connect(self._recolour)

    def set_matrix(self, matrix: np.ndarray | None, start: int = 0) -> None:
        """(W, W) covariance whose first row belongs to position `start`."""
        self._matrix, self._start = matrix, start
        self._recolour()

    def set_shape(self, shape: str) -> None:
        """ "square" or "triangle"."""
        self._shape = shape
        self._follow_axis()

    @property
    def shape(self) -> str:
        """One of `SHAPES`."""
        return self._shape

    @property
    def limit(self) -> float:
        """Both ends of the colour scale: as in the exported figure, the 99.5 % quantile of
        |covariance|, lest the sites' own blocks leave all else pale."""
        if self._matrix is None or len(self._matrix) < 2:
            return 1.0
        return float(np.nanquantile(np.abs(self._matrix), 0.995)) or 1.0

    def _recolour(self) -> None:
        self._image = None
        if self._matrix is not None:
            level = np.nan_to_num(self._matrix) / self.limit * 127.5 + 127.5
            colours = theme().diverging()[np.clip(level, 0, 255).astype(np.uint8)]
            n = len(self._matrix)
            wide = np.full((n, n, 4), 255, dtype=np.uint8)
            wide[..., :3] = colours[..., ::-1]
            self._image = QImage(wide.tobytes(), n, n, 4 * n, QImage.Format_RGB32).copy()
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
        self.plot.layout.setContentsMargins(*margins)
        self.plot.getAxis("left").setStyle(showValues=square and self._matrix is not None)

    def _follow_axis(self) -> None:
        super()._follow_axis()
        self.set_values(self.axis.low, self.axis.high)

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
        if self._image is None:
            return
        area = self.plot_rect()
        low = self.axis.low + 0.5 - self._start
        span = self.axis.high - self.axis.low
        source = QRectF(low, low, span, span)
        painter.save()
        painter.setRenderHint(QPainter.SmoothPixmapTransform, span > area.width())
        if self._shape == "triangle":
            painter.setTransform(self._turned(area), True)
            painter.setRenderHint(QPainter.SmoothPixmapTransform, True)
        target = QRectF(0, 0, span, span) if self._shape == "triangle" else area
        painter.drawImage(target, self._image, source)
        painter.restore()
        self._paint_boxes(painter, area)

    def paint_over(self, painter: QPainter) -> None:
        if self._image is None:
            painter.setPen(theme().color("muted"))
            painter.drawText(self.rect(), Qt.AlignCenter | Qt.TextWordWrap, self._empty)
        else:
            self._paint_names(painter, self.plot_rect())
            self.paint_dragged(painter)

    def _turned(self, area: QRectF) -> QTransform:
        """From cells (column, row) to the triangle: the diagonal along the bottom."""
        unit = area.width() / (self.axis.high - self.axis.low)
        return QTransform(unit / 2, -unit / 2, unit / 2, unit / 2, area.left(), area.bottom())

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
        for one, other in pairs_of_runs(runs_of(site.positions)):
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
        for site in self.axis.sites:
            x = self.x_of((site.start + site.stop - 1) / 2)
            if area.left() <= x <= area.right():
                top = area.top() - metrics.height() - 1
                if self._shape == "triangle":
                    half = (site.stop - site.start) * unit / 2
                    top = area.bottom() - half - metrics.height() - 2
                painter.drawText(QRectF(x - 40, top, 80, 20), Qt.AlignHCenter, site.name)

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
        self.setToolTip(plain(text))
        QToolTip.showText(self.mapToGlobal(position.toPoint()), text, self)

    def click_at(self, position: QPointF, modifiers: Qt.KeyboardModifiers) -> None:
        pair = self.pair_at(position)
        if pair is not None:
            self.pair_clicked.emit(min(pair), max(pair))
        super().click_at(position, modifiers)

    def sizeHint(self) -> QSize:
        return QSize(420, 420)
