"""Interactions of sites: bars with their intervals, and pairs as a matrix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PyQt5.QtCore import QPointF, QRectF, QSize, Qt
from PyQt5.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPen, qGray
from PyQt5.QtWidgets import QToolTip, QWidget

from seam_gui.look.text import plain
from seam_gui.look.theme import theme
from seam_gui.views.painting import painted
from seam_gui.views.scatter_parts import number
from seam_gui.views.ticks import ticks


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
        sure = "   significant" if self.called else "   not significant"
        note = f"\n{self.note}" if self.note else ""
        return f"{self.name}   {number(self.estimate)}{span}{sure}{note}"


class EpistasisView(QWidget):
    """A bar a term, the highest orders last; faint where the interval holds zero."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("epistasis_view")
        self.setMouseTracking(True)
        self.setMinimumSize(200, 120)
        self._terms: tuple[Term, ...] = ()
        theme().changed.connect(self.update)

    def set_terms(self, terms: tuple[Term, ...]) -> None:
        """Other terms, from left to right."""
        self._terms = terms
        self.update()

    def _area(self) -> QRectF:
        metrics = QFontMetrics(self.font())
        bottom = metrics.height() + 12
        if self._upright():
            longest = max(metrics.horizontalAdvance(term.name) for term in self._terms)
            bottom = min(longest + 14, self.height() // 2)
        return QRectF(64, 14, max(1, self.width() - 76), max(1, self.height() - 14 - bottom))

    def _upright(self) -> bool:
        """True when names do not fit beside each other and stand on end."""
        metrics = QFontMetrics(self.font())
        each = (self.width() - 76) / max(len(self._terms), 1)
        return any(metrics.horizontalAdvance(term.name) > each - 4 for term in self._terms)

    def _limits(self) -> tuple[float, float]:
        values = [0.0]
        for term in self._terms:
            values += [v for v in (term.estimate, term.low, term.high) if np.isfinite(v)]
        margin = max(max(values) - min(values), 1e-9) * 0.08
        return min(values) - margin, max(values) + margin

    @painted
    def paintEvent(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), theme().color("background"))
        painter.setRenderHint(QPainter.Antialiasing)
        if not self._terms:
            painter.setPen(theme().color("muted"))
            painter.drawText(self.rect(), Qt.AlignCenter, "Interactions need two sites or more")
            return
        area, (low, high) = self._area(), self._limits()

        def y(value: float) -> float:
            return area.bottom() - (value - low) / (high - low) * area.height()

        metrics = QFontMetrics(painter.font())
        for value in ticks(low, high, max(2, int(area.height() // (metrics.height() * 2)))):
            painter.setPen(QPen(theme().color("separator"), 1))
            painter.drawLine(QPointF(area.left(), y(value)), QPointF(area.right(), y(value)))
            painter.setPen(theme().color("muted"))
            box = QRectF(0, y(value) - metrics.height() / 2, 56, metrics.height())
            painter.drawText(box, int(Qt.AlignRight | Qt.AlignVCenter), f"{value:,g}")
        painter.setPen(QPen(theme().color("muted"), 1))
        painter.drawLine(QPointF(area.left(), y(0)), QPointF(area.right(), y(0)))
        each = area.width() / len(self._terms)
        for k, term in enumerate(self._terms):
            self._paint_term(painter, term, area.left() + (k + 0.5) * each, each, y)

    def _paint_term(
        self, painter: QPainter, term: Term, x: float, each: float, y: Callable[[float], float]
    ) -> None:
        metrics, area = QFontMetrics(painter.font()), self._area()
        scale = theme().diverging()  # the same signs have the same colours as in the matrix
        colour = QColor(*scale[228 if term.estimate >= 0 else 27].tolist())
        colour.setAlpha(230 if term.called else 80)
        width = min(each * 0.6, 40.0)
        if np.isfinite(term.estimate):
            top, bottom = sorted((y(term.estimate), y(0)))
            painter.fillRect(QRectF(x - width / 2, top, width, max(bottom - top, 1)), colour)
            if np.isfinite(term.low):
                painter.setPen(QPen(theme().color("text"), 1.2))
                painter.drawLine(QPointF(x, y(term.low)), QPointF(x, y(term.high)))
                for end in (term.low, term.high):
                    painter.drawLine(QPointF(x - 3, y(end)), QPointF(x + 3, y(end)))
        else:
            painter.setPen(theme().color("muted"))
            painter.drawText(QRectF(x - 20, y(0) - 20, 40, 18), Qt.AlignCenter, "?")
        painter.setPen(theme().color("text" if term.called else "muted"))
        if not self._upright():
            box = QRectF(x - each / 2, area.bottom() + 4, each, metrics.height())
            painter.drawText(box, Qt.AlignCenter, term.name)
        elif each >= metrics.height() * 0.6:
            room = self.height() - area.bottom() - 8
            name = metrics.elidedText(term.name, Qt.ElideRight, int(room))
            painter.save()
            painter.translate(x, area.bottom() + 6)
            painter.rotate(90)
            box = QRectF(0, -metrics.height() / 2, room, metrics.height())
            painter.drawText(box, int(Qt.AlignLeft | Qt.AlignVCenter), name)
            painter.restore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        area = self._area()
        text = ""
        if self._terms and area.left() <= event.pos().x() < area.right():
            k = int((event.pos().x() - area.left()) / area.width() * len(self._terms))
            text = self._terms[k].words()
        self.setToolTip(plain(text))
        QToolTip.showText(event.globalPos(), text, self)

    def sizeHint(self) -> QSize:
        return QSize(480, 220)


class PairView(QWidget):
    """Interactions of two sites as a matrix, white at zero."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pair_view")
        self.setMouseTracking(True)
        self.setMinimumSize(140, 120)
        self._names: tuple[str, ...] = ()
        self._terms: dict[tuple[int, int], Term] = {}
        theme().changed.connect(self.update)

    def set_pairs(self, names: tuple[str, ...], terms: tuple[Term, ...]) -> None:
        """Sites, and the terms of order 2 named "A+B"."""
        self._names = names
        place = {name: i for i, name in enumerate(names)}
        self._terms = {}
        for term in terms:
            pair = [place[part] for part in term.name.split("+") if part in place]
            if term.order == 2 and len(pair) == 2:
                self._terms[(min(pair), max(pair))] = term
        self.update()

    def _cells(self) -> tuple[QRectF, float]:
        top = QFontMetrics(self.font()).height() + 6
        n = max(len(self._names), 1)
        side = max(1.0, min(self.width() - 58.0, self.height() - top - 6.0))
        return QRectF(50, top, side, side), side / n

    @painted
    def paintEvent(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), theme().color("background"))
        if not self._terms:
            return
        area, unit = self._cells()
        known = [abs(t.estimate) for t in self._terms.values() if np.isfinite(t.estimate)]
        most = max(known, default=1.0) or 1.0
        scale = theme().diverging()
        metrics = QFontMetrics(painter.font())
        for (i, j), term in self._terms.items():
            for row, column in ((i, j), (j, i)):
                cell = QRectF(
                    area.left() + column * unit, area.top() + row * unit, unit - 1, unit - 1
                )
                if np.isnan(term.estimate):
                    painter.fillRect(cell, theme().color("separator"))
                    continue
                level = int(np.clip(term.estimate / most * 127.5 + 127.5, 0, 255))
                colour = QColor(*scale[level].tolist())
                painter.fillRect(cell, colour)
                if unit > 34:
                    painter.setPen(ink_on(colour))
                    star = "*" if term.called else ""
                    texts = (number(term.estimate) + star, f"{term.estimate:.1f}{star}")
                    fits = [t for t in texts if metrics.horizontalAdvance(t) < unit - 4]
                    painter.drawText(cell, Qt.AlignCenter, fits[0] if fits else star)
        painter.setPen(theme().color("muted"))
        for k, name in enumerate(self._names):
            text = metrics.elidedText(name, Qt.ElideRight, 44)
            across = QRectF(area.left() + k * unit, 2, unit - 1, metrics.height())
            painter.drawText(across, Qt.AlignCenter, text)
            down = QRectF(0, area.top() + k * unit, 44, unit)
            painter.drawText(down, int(Qt.AlignRight | Qt.AlignVCenter), text)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        area, unit = self._cells()
        text, point = "", QPointF(event.pos())
        if area.contains(point):
            i = int((point.y() - area.top()) / unit)
            j = int((point.x() - area.left()) / unit)
            term = self._terms.get((min(i, j), max(i, j)))
            text = "" if term is None else term.words()
        self.setToolTip(plain(text))
        QToolTip.showText(event.globalPos(), text, self)

    def sizeHint(self) -> QSize:
        return QSize(240, 220)


def ink_on(colour: QColor) -> QColor:
    """Black or white, whichever can be read on a colour."""
    return QColor("#1c2330" if qGray(colour.rgb()) > 115 else "#ffffff")
