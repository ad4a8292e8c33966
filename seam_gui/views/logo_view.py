"""A logo as vector letters: zooms without blurring, drawn again in milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PyQt5.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPen, QTransform
from PyQt5.QtWidgets import QToolTip, QWidget

from seam_core import glyphs, logos
from seam_gui.theme import theme
from seam_gui.views.position_axis import LEFT, PositionAxis, PositionView
from seam_gui.views.scatter_parts import number

_LEGIBLE = 3.0  # pixels that a letter must be wide to be drawn as one; below it is a bar
_THIN = 0.4  # pixels; lower letters cannot be seen


@dataclass(frozen=True, eq=False)
class Logo:
    """What a logo shows.

    matrix : (W, A) signed heights
    start : position of its first row
    alphabet : A letters
    unit : of the heights, e.g. "bits"
    reference : (W,) letters of the reference, or None
    limits : (low, high) of the axis; None: as the letters need
    by_reference : draw letters of the reference grey
    behind : further (W, A) matrices drawn faintly, one over the other
    """

    matrix: np.ndarray
    start: int
    alphabet: str
    unit: str = ""
    reference: np.ndarray | None = None
    limits: tuple[float, float] | None = None
    by_reference: bool = False
    behind: tuple[np.ndarray, ...] = ()


class LogoView(PositionView):
    """One logo, its title at the upper left.

    clicked : position
    """

    clicked = pyqtSignal(int)

    def __init__(self, axis: PositionAxis, parent: QWidget | None = None) -> None:
        super().__init__(axis, parent)
        self.setObjectName("logo_view")
        self.setMinimumHeight(70)
        self._logo: Logo | None = None
        self._stacks: list[glyphs.Stack] = []
        self._title = ""
        self._empty = "Select sequences to see their logo"
        axis.hover_changed.connect(self._follow_hover)

    @property
    def logo(self) -> Logo | None:
        """What is shown."""
        return self._logo

    def set_logo(self, logo: Logo | None, title: str = "") -> None:
        """Show a logo, or nothing."""
        self._logo = logo
        self._title = title
        self._stacks = []
        if logo is not None:
            self._stacks = [glyphs.stack_layout(m) for m in (*logo.behind, logo.matrix)]
        self.update()

    def set_empty_text(self, text: str) -> None:
        """What stands here while there is no logo."""
        self._empty = text
        self.update()

    def value_text(self, position: int) -> str:
        """Letters and values at a position, highest first: "88  T 0.41  A -0.02 bits"."""
        logo = self._logo
        if logo is None or not 0 <= position - logo.start < len(logo.matrix):
            return ""
        heights = logo.matrix[position - logo.start]
        order = np.argsort(-np.abs(heights), kind="stable")[:4]
        parts = [f"{logo.alphabet[a]} {number(heights[a])}" for a in order if heights[a]]
        text = f"position {position}   " + "   ".join(parts) + f" {logo.unit}"
        if logo.reference is not None and logo.reference[position - logo.start] >= 0:
            text += f"   (reference {logo.alphabet[logo.reference[position - logo.start]]})"
        return text.rstrip()

    def limits(self) -> tuple[float, float]:
        """Lowest and highest value on the y axis."""
        logo = self._logo
        if logo is None:
            return 0.0, 1.0
        if logo.limits is not None:
            low, high = logo.limits
        else:
            low, high = logos.y_limits(np.stack([logo.matrix, *logo.behind]))
        if high - low < 1e-12:
            return -0.5, 0.5
        return low, high

    def letter_at(self, position: QPointF) -> tuple[int, str, float] | None:
        """Position, letter and value drawn at a point of the widget."""
        logo = self._logo
        where = self.position_at(position.x())
        if logo is None or not 0 <= where - logo.start < len(logo.matrix):
            return None
        low, high = self.limits()
        area = self.plot_rect()
        value = high - (position.y() - area.top()) / area.height() * (high - low)
        stack = self._stacks[-1]
        hit = (stack.x == where - logo.start) & (stack.y0 <= value) & (value <= stack.y1)
        rows = np.flatnonzero(hit)
        if len(rows) == 0:
            return None
        letter = int(stack.letters[rows[0]])
        return where, logo.alphabet[letter], float(logo.matrix[where - logo.start, letter])

    # drawing

    def top_margin(self) -> int:
        return QFontMetrics(self.font()).height() + 6

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("background"))
        if self._logo is None:
            painter.setPen(theme().color("muted"))
            painter.drawText(self.rect(), Qt.AlignCenter | Qt.TextWordWrap, self._empty)
            return
        self.paint_brush(painter)
        self._paint_axis(painter)
        painter.setClipRect(self.plot_rect().adjusted(0, -1, 0, 1))
        painter.setRenderHint(QPainter.Antialiasing)
        paint_logo(
            painter,
            self._logo,
            self._stacks,
            self.plot_rect(),
            (self.axis.low, self.axis.high),
            self.limits(),
        )
        self.paint_drag(painter)

    def _paint_axis(self, painter: QPainter) -> None:
        area, (low, high) = self.plot_rect(), self.limits()
        metrics = QFontMetrics(painter.font())
        painter.setPen(theme().color("text"))
        painter.drawText(QPointF(LEFT, metrics.ascent() + 2), self._title)
        painter.setPen(theme().color("muted"))
        if self._logo is not None and self._logo.unit:
            box = QRectF(LEFT, 2, area.width(), metrics.height())
            painter.drawText(box, Qt.AlignRight, self._logo.unit)
        painter.setPen(QPen(theme().color("separator"), 1))
        zero = area.top() + area.height() * high / (high - low)
        if low <= 0 <= high:
            painter.drawLine(QPointF(area.left(), zero), QPointF(area.right(), zero))
        painter.setPen(theme().color("muted"))
        ticks = [high, low] if area.height() > 2.2 * metrics.height() else [high]
        if low < 0 < high and min(zero - area.top(), area.bottom() - zero) > metrics.height():
            ticks.append(0.0)
        for tick in ticks:
            y = area.top() + area.height() * (high - tick) / (high - low)
            y = min(max(y, area.top() + metrics.height() / 2 - 2), area.bottom())
            box = QRectF(0, y - metrics.height() / 2, LEFT - 6, metrics.height())
            painter.drawText(box, Qt.AlignRight | Qt.AlignVCenter, number(tick))

    # mouse

    def hover_at(self, position: QPointF) -> None:
        letter = self.letter_at(position)
        where = self.position_at(position.x())
        text = self.value_text(where)
        if letter is not None:
            text = f"{letter[1]}  {number(letter[2])} {self._logo.unit}\n{text}"
        QToolTip.showText(self.mapToGlobal(position.toPoint()), text, self)

    def click_at(self, position: QPointF, modifiers: Qt.KeyboardModifiers) -> None:
        super().click_at(position, modifiers)
        where = self.position_at(position.x())
        if where >= 0:
            self.clicked.emit(where)

    def _follow_hover(self, position: int) -> None:
        self.setToolTip(self.value_text(position))

    def sizeHint(self) -> QSize:
        return QSize(640, 120)


@lru_cache(maxsize=256)
def letter_path(letter: str) -> QPainterPath:
    """A letter in the unit box, y upward."""
    outline = glyphs.glyph(letter)
    path = QPainterPath()
    path.setFillRule(Qt.WindingFill)
    points, i = outline.vertices, 0
    while i < len(points):
        code = outline.codes[i]
        if code == glyphs.MOVE:
            path.moveTo(*points[i])
        elif code == glyphs.LINE:
            path.lineTo(*points[i])
        elif code == glyphs.QUADRATIC:
            path.quadTo(*points[i], *points[i + 1])
            i += 1
        elif code == glyphs.CUBIC:
            path.cubicTo(*points[i], *points[i + 1], *points[i + 2])
            i += 2
        else:
            path.closeSubpath()
        i += 1
    return path


def paint_logo(
    painter: QPainter,
    logo: Logo,
    stacks: list[glyphs.Stack],
    area: QRectF,
    shown: tuple[float, float],
    limits: tuple[float, float],
) -> None:
    """Draw the letters of a logo into `area`.

    Parameters
    ----------
    stacks : of the matrices behind, and last of the logo's own
    shown : places on the position axis at the left and right edge
    limits : values at the lower and upper edge
    """
    colours = theme().letter_colors(logo.alphabet)
    grey = theme().color("muted")
    across = area.width() / (shown[1] - shown[0])
    up = area.height() / (limits[1] - limits[0])
    for number_, stack in enumerate(stacks):
        painter.setOpacity(1.0 if number_ == len(stacks) - 1 else max(0.06, 1.2 / len(stacks)))
        first = np.floor(shown[0] + 0.5) - logo.start
        last = np.ceil(shown[1] + 0.5) - logo.start
        seen = np.flatnonzero(
            (stack.x >= first) & (stack.x < last) & ((stack.y1 - stack.y0) * up >= _THIN)
        )
        left = area.left() + (stack.x[seen] + logo.start - 0.5 - shown[0]) * across
        top = area.top() + (limits[1] - stack.y1[seen]) * up
        bottom = area.top() + (limits[1] - stack.y0[seen]) * up
        inks = [colours[letter] for letter in logo.alphabet]
        rows = zip(
            stack.letters[seen].tolist(),
            stack.x[seen].tolist(),
            left.tolist(),
            top.tolist(),
            bottom.tolist(),
            stack.flipped[seen].tolist(),
            strict=True,
        )
        same = logo.reference if logo.by_reference else None
        _paint_letters(painter, logo.alphabet, rows, across, inks, grey, same)
    painter.setOpacity(1.0)


def _paint_letters(
    painter: QPainter,
    alphabet: str,
    rows,
    across: float,
    inks: list[QColor],
    grey: QColor,
    reference: np.ndarray | None,
) -> None:
    """Each letter by one transform of its path, or as a bar where it would be too narrow."""
    legible = across >= _LEGIBLE
    paths = [letter_path(letter) for letter in alphabet] if legible else []
    base = painter.worldTransform()
    width = across * 0.95
    painter.setPen(Qt.NoPen)
    for letter, x, left, top, bottom, flipped in rows:
        same = reference is not None and reference[x] == letter
        ink = grey if same else inks[letter]
        if not legible:
            painter.fillRect(QRectF(left, top, max(across, 1.0), bottom - top), ink)
            continue
        y, scale = (top, bottom - top) if flipped else (bottom, top - bottom)
        painter.setWorldTransform(
            QTransform(width, 0.0, 0.0, scale, left + across * 0.025, y) * base
        )
        painter.setBrush(ink)
        painter.drawPath(paths[letter])
    painter.setWorldTransform(base)
