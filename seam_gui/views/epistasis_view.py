"""Interactions of sites: bars with their intervals, and pairs as a matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QPointF, QRectF, QSize, Qt
from PyQt5.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QWheelEvent,
    qGray,
)

from seam_gui.look.text import show_tip
from seam_gui.look.theme import theme
from seam_gui.views.axes import Axes
from seam_gui.views.cells_plot import CellsPlot
from seam_gui.views.names_axis import NamesAxis
from seam_gui.views.plane import Plane, Range
from seam_gui.views.position_view import PixelItem, Values
from seam_gui.views.scatter_parts import number
from seam_gui.views.view_history import ViewHistory

_LEFT = 64  # pixels of the values beside the bars
_READABLE = 34  # pixels of a cell that a number is written into


@dataclass(frozen=True)
class Term:
    """One interaction: its sites, estimate and interval; NaN where it is not represented."""

    name: str
    order: int
    estimate: float
    low: float
    high: float
    called: bool
    note: str = ""

    def words(self) -> str:
        """The term for a tooltip."""
        if np.isnan(self.estimate):
            return f"{self.name}: {self.note or 'not represented in the library'}"
        span = (
            "" if np.isnan(self.low) else f"   interval {number(self.low)} to {number(self.high)}"
        )
        sure = "   not tested" if np.isnan(self.low) else "   not significant"
        sure = "   significant" if self.called else sure
        note = f"\n{self.note}" if self.note else ""
        return f"{self.name}   {number(self.estimate)}{span}{sure}{note}"


class EpistasisView(Plane):
    """A bar a term, the highest orders last; faint where the interval holds zero."""

    def __init__(self) -> None:
        self._terms: tuple[Term, ...] = ()
        self._bottom = NamesAxis("bottom")
        super().__init__(Axes(left=Values("left"), bottom=self._bottom))
        self.setObjectName("epistasis_view")
        self.setAccessibleName("Interactions of sites")
        self.setMinimumSize(200, 120)
        self.box.disableAutoRange()
        self.plot.addItem(PixelItem(self._paint_terms))
        self._zero = pg.InfiniteLine(0, angle=0)
        self.plot.addItem(self._zero)
        self.history = ViewHistory(self.shown_range, self)
        self.history.asked.connect(self.show_range)
        self.box.sigRangeChanged.connect(lambda *_: self.history.moved())
        theme().changed.connect(self.dress)
        self.dress()
        self.set_terms(())

    def set_terms(self, terms: tuple[Term, ...]) -> None:
        """Other terms, from left to right."""
        self._terms = terms
        for side in ("left", "bottom"):
            self.plot.showAxis(side, bool(terms))
        self._zero.setVisible(bool(terms))
        self._bottom.set_names([term.name for term in terms], [term.called for term in terms])
        self._arrange()
        (left, right), (low, high) = self.whole()
        self.box.setLimits(xMin=left, xMax=right, minXRange=1.0, yMin=low, yMax=high)
        self.fit()
        self.history.restart()

    def dress(self) -> None:
        super().dress()
        self._zero.setPen(pg.mkPen(theme().color("muted")))
        self.plot.getAxis("left").setGrid(64)
        self.redraw()

    def whole(self) -> tuple[Range, Range]:
        values = [0.0]
        for term in self._terms:
            values += [v for v in (term.estimate, term.low, term.high) if np.isfinite(v)]
        margin = max(max(values) - min(values), 1e-9) * 0.08
        return (-0.5, max(len(self._terms), 1) - 0.5), (min(values) - margin, max(values) + margin)

    def invalidate(self) -> None:
        self.redraw()

    def _arrange(self) -> None:
        self.set_margins(0, 14, 12, 4)
        self.plot.getAxis("left").setWidth(_LEFT)
        each = (self.width() - _LEFT - 12) / max(len(self._terms), 1)
        self._bottom.arrange(each, self.height() / 2)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)
        if event is not None and self.alive:
            self._arrange()

    def _paint_terms(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.Antialiasing)
        each = self.to_widget(1, 0).x() - self.to_widget(0, 0).x()
        for place, term in enumerate(self._terms):
            self._paint_term(painter, term, place, min(each * 0.6, 40.0))

    def _paint_term(self, painter: QPainter, term: Term, place: int, width: float) -> None:
        scale = theme().diverging()  # the same signs have the same colours as in the matrix
        colour = QColor(*scale[228 if term.estimate >= 0 else 27].tolist())
        colour.setAlpha(230 if term.called else 80)
        zero = self.to_widget(place, 0.0)
        if not np.isfinite(term.estimate):
            painter.setPen(theme().color("muted"))
            if width >= painter.fontMetrics().horizontalAdvance("?"):
                box = QRectF(zero.x() - 20, zero.y() - 20, 40, 18)
                painter.drawText(box, Qt.AlignCenter, "?")
            else:  # many beside each other
                painter.drawLine(zero - QPointF(0, 6), zero + QPointF(0, 6))
            return
        top, bottom = sorted((self.to_widget(place, term.estimate).y(), zero.y()))
        bar = QRectF(zero.x() - width / 2, top, width, max(bottom - top, 1))
        painter.fillRect(bar, colour)
        if np.isfinite(term.low):
            painter.setPen(QPen(theme().color("text"), 1.2))
            ends = [self.to_widget(place, value) for value in (term.low, term.high)]
            painter.drawLine(*ends)
            for end in ends:
                painter.drawLine(end - QPointF(3, 0), end + QPointF(3, 0))

    def paint_over(self, painter: QPainter) -> None:
        if not self._terms:
            painter.setPen(theme().color("muted"))
            painter.drawText(self.rect(), Qt.AlignCenter, "Interactions need two sites or more")

    def move(self, event: QMouseEvent) -> None:
        place = int(np.floor(self.to_data(QPointF(event.pos())).x() + 0.5))
        text = self._terms[place].words() if 0 <= place < len(self._terms) else ""
        show_tip(self, event.globalPos(), text)

    def double_click(self, event: QMouseEvent) -> None:
        self.fit()

    def wheel(self, event: QWheelEvent) -> None:
        factor = 1.2 ** (-event.angleDelta().y() / 120.0)
        self.box.scaleBy((factor, 1.0), self.to_data(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.history_key(event) and not self.zoom_key(event):
            event.ignore()

    def sizeHint(self) -> QSize:
        return QSize(480, 220)


class PairView(CellsPlot):
    """Interactions of two sites as a matrix, white at zero."""

    def __init__(self) -> None:
        self._names: tuple[str, ...] = ()
        self._terms: dict[tuple[int, int], Term] = {}
        super().__init__("pair_view", "Interactions of pairs of sites", "", square=True)
        self.setMinimumSize(140, 120)

    def set_pairs(self, names: tuple[str, ...], terms: tuple[Term, ...]) -> None:
        """Sites, and the terms of order 2 named "A+B"."""
        self._names = names
        place = {name: i for i, name in enumerate(names)}
        self._terms = {}
        for term in terms:
            pair = [place[part] for part in term.name.split("+") if part in place]
            if term.order == 2 and len(pair) == 2:
                self._terms[(min(pair), max(pair))] = term
        self._show()

    def _show(self) -> None:
        names = self._names if self._terms else ()
        values = np.full((len(names), len(names)), np.nan)
        for (i, j), term in self._terms.items():
            values[i, j] = values[j, i] = term.estimate
        known = np.abs(values[np.isfinite(values)])
        most = float(known.max(initial=0.0)) or 1.0
        self.show_cells(values, (-most, most), theme().diverging(), names, names)
        self._most = most

    def dress(self) -> None:
        super().dress()
        self._show()

    def paint_cells(self, painter: QPainter) -> None:
        super().paint_cells(painter)
        if self.is_empty:
            return
        for k in range(len(self._names)):  # a site does not interact with itself
            painter.fillRect(self.cell_rect(k, k), theme().color("background"))
        if self.cell_rect(0, 0).width() <= _READABLE:
            return
        for (i, j), term in self._terms.items():
            for row, column in ((i, j), (j, i)):
                self._paint_value(painter, term, self.cell_rect(row, column))

    def _paint_value(self, painter: QPainter, term: Term, cell: QRectF) -> None:
        if np.isnan(term.estimate):
            return
        level = int(np.clip(term.estimate / self._most * 127.5 + 127.5, 0, 255))
        painter.setPen(ink_on(QColor(*theme().diverging()[level].tolist())))
        star = "*" if term.called else ""
        metrics = QFontMetrics(painter.font())
        texts = (number(term.estimate) + star, f"{term.estimate:.1f}{star}")
        fits = [text for text in texts if metrics.horizontalAdvance(text) < cell.width() - 4]
        painter.drawText(cell, Qt.AlignCenter, fits[0] if fits else star)

    def cell_text(self, row: int, column: int) -> str:
        term = self._terms.get((min(row, column), max(row, column)))
        return "" if term is None else term.words()

    def sizeHint(self) -> QSize:
        return QSize(240, 220)


def ink_on(colour: QColor) -> QColor:
    """Black or white, whichever can be read on a colour."""
    return QColor("#1c2330" if qGray(colour.rgb()) > 115 else "#ffffff")
