"""A logo as vector letters: zooms without blurring, drawn again in milliseconds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QFontMetrics, QImage, QPainter, QPainterPath, QTransform
from PyQt5.QtWidgets import QToolTip, QWidget

from seam_core import glyphs, logos
from seam_core.pictures import SHADE, greyed
from seam_core.records import Site
from seam_core.site_boxes import runs_of
from seam_gui.look.text import plain
from seam_gui.look.theme import theme
from seam_gui.views.painting import rectangles
from seam_gui.views.position_axis import PositionAxis
from seam_gui.views.position_view import BELOW, PositionView
from seam_gui.views.scatter_parts import number

_LEGIBLE = 3.5  # pixels that a letter must be wide to be drawn as one; below it is a bar
_LOWEST = 2.5  # pixels that it must be high
_NARROW = 11.0  # pixels; narrower letters are copied from a small picture made for their width:
# filling outlines a few pixels wide takes ten times as long, and looks the same
_SPRITE_HEIGHT = 128
_NOTHING = 1e-9  # heights below it are rounding errors
_NEAR_TOP = 7  # pixels from the lines of the sites
_ZOOM = "zoom in for letters"
_THIN = 0.7  # pixels; lower letters cannot be seen


@dataclass(frozen=True, eq=False)
class Logo:
    """What a logo shows.

    matrix : (W, A) signed heights
    start : position of its first row
    alphabet : A letters
    unit : of the heights, e.g. "bits"
    reference : (W,) letters of the reference, or None
    limits : (low, high) of the axis; None: as the letters need
    letters : which are in their colours, the others grey; one of `seam_core.pictures.LETTERINGS`
    shaded : letters below zero are darker
    behind : further (W, A) matrices drawn faintly, one over the other
    """

    matrix: np.ndarray
    start: int
    alphabet: str
    unit: str = ""
    reference: np.ndarray | None = None
    limits: tuple[float, float] | None = None
    letters: str = "all"
    shaded: bool = False
    behind: tuple[np.ndarray, ...] = ()


class LogoView(PositionView):
    """One logo, its title at the upper left.

    clicked : position
    """

    clicked = pyqtSignal(int)
    least = 22

    def __init__(self, axis: PositionAxis, parent: QWidget | None = None) -> None:
        super().__init__(axis, parent)
        self.setObjectName("logo_view")
        self._colour: QColor | None = None
        self._logo: Logo | None = None
        self._stacks: list[glyphs.Stack] = []
        self._title = ""
        self._empty = "Select sequences to see their logo"
        self._zero = pg.InfiniteLine(0, angle=0)
        self._zero.setZValue(-1)
        self.plot.addItem(self._zero)
        self.set_logo(None)
        self.dress()
        axis.hover_changed.connect(self._follow_hover)

    @property
    def logo(self) -> Logo | None:
        """What is shown."""
        return self._logo

    def dress(self) -> None:
        super().dress()
        if hasattr(self, "_zero"):
            self._zero.setPen(theme().palette.separator)

    def set_logo(self, logo: Logo | None, title: str = "", colour: QColor | None = None) -> None:
        """Show a logo, or nothing; `colour`: a mark before its title."""
        self._logo = logo
        self._title, self._colour = title, colour
        self._stacks = []
        if logo is not None:
            self._stacks = [glyphs.stack_layout(m) for m in (*logo.behind, logo.matrix)]
            metrics = QFontMetrics(self.font())
            self.axis.make_room(max(metrics.horizontalAdvance(number(v)) for v in self.limits()))
            self.set_values(*self.limits())
        if self._zero.isVisible() != (logo is not None):  # each change lays the axes out anew
            self._zero.setVisible(logo is not None)
            self.plot.getAxis("left").setStyle(showValues=logo is not None)
        self.redraw()

    def set_empty_text(self, text: str) -> None:
        """What stands here while there is no logo."""
        self._empty = text
        self.redraw()

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

    def note(self) -> str:
        """What is said in place of letters where all heights are zero; else nothing."""
        logo = self._logo
        if logo is None or any(np.any(np.abs(m) > _NOTHING) for m in (logo.matrix, *logo.behind)):
            return ""
        return "no information" if logo.unit == "bits" else "zero everywhere"

    @property
    def is_legible(self) -> bool:
        """True where letters are wide enough to be drawn as such."""
        return self.pixels_per_position() >= _LEGIBLE

    def limits(self) -> tuple[float, float]:
        """Lowest and highest value on the y axis."""
        logo = self._logo
        if logo is None:
            return 0.0, 1.0
        if logo.limits is not None:
            low, high = logo.limits
        else:
            low, high = logos.y_limits(np.stack([logo.matrix, *logo.behind]))
        if high - low < _NOTHING:
            whole = float(np.log2(len(logo.alphabet)))
            return (0.0, whole) if logo.unit == "bits" else (-0.5, 0.5)
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

    @property
    def numbered(self) -> bool:
        """A flat logo leaves the numbers to the views beside it: letters need the room."""
        return super().numbered and self.height() >= 4.5 * QFontMetrics(self.font()).height()

    def minimumSizeHint(self) -> QSize:
        height = self.top_margin() + self.least + BELOW
        return QSize(super().minimumSizeHint().width(), height)

    def paint_data(self, painter: QPainter) -> None:
        if self._logo is None:
            return
        self.paint_brush(painter)
        painter.setPen(theme().color("muted"))
        painter.drawText(self.plot_rect(), Qt.AlignCenter, self.note())
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

    def paint_over(self, painter: QPainter) -> None:
        """Title and unit above the letters, or what to do where there are none."""
        painter.setPen(theme().color("muted"))
        if self._logo is None:
            painter.drawText(self.rect(), Qt.AlignCenter | Qt.TextWordWrap, self._empty)
            return
        area, metrics = self.plot_rect(), QFontMetrics(painter.font())
        self._paint_sites(painter, area)
        self.paint_dragged(painter)
        painter.setPen(theme().color("muted"))
        box = QRectF(area.left(), 2, area.width(), metrics.height())
        painter.drawText(box, Qt.AlignRight, self._logo.unit)
        taken = metrics.horizontalAdvance(self._title) + 2 * metrics.height()
        if not self.is_legible and taken < (area.width() - metrics.horizontalAdvance(_ZOOM)) / 2:
            painter.drawText(box, Qt.AlignHCenter, _ZOOM)
        painter.setPen(theme().color("text"))
        if self._colour is not None:
            side = metrics.ascent()
            painter.fillRect(QRectF(box.left(), 3, side, side), self._colour)
            box.setLeft(box.left() + side + 6)
        painter.drawText(box, Qt.AlignLeft, self._title)

    def _paint_sites(self, painter: QPainter, area: QRectF) -> None:
        """Each stretch of a site as a line above the letters, which it never covers."""
        for site in self.axis.sites:
            painter.setPen(self.axis.site_pen(site, 2))
            for start, stop in runs_of(site.positions):
                left = max(self.x_of(start - 0.5), area.left())
                right = min(self.x_of(stop - 0.5), area.right())
                if left < right:
                    y = area.top() - 2
                    painter.drawLine(QPointF(left, y), QPointF(right, y))

    # mouse

    def holds_site(self, site: Site, position: QPointF) -> bool:
        return abs(position.y() - self.plot_rect().top()) <= _NEAR_TOP

    def hover_at(self, position: QPointF) -> None:
        letter = self.letter_at(position)
        where = self.position_at(position.x())
        text = self.value_text(where)
        if letter is not None and self._logo is not None:
            text = f"{letter[1]}  {number(letter[2])} {self._logo.unit}\n{text}"
        self.axis.read.emit(text.replace("\n", "      "))
        QToolTip.showText(self.mapToGlobal(position.toPoint()), text, self)

    def click_at(self, position: QPointF, modifiers: Qt.KeyboardModifiers) -> None:
        super().click_at(position, modifiers)
        where = self.position_at(position.x())
        if where >= 0:
            self.clicked.emit(where)

    def _follow_hover(self, position: int) -> None:
        self.setToolTip(plain(self.value_text(position)))

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
        letters = stack.letters[seen]
        inks = [colours[letter] for letter in logo.alphabet]
        codes = letters.copy()
        if logo.reference is not None:
            codes[greyed(logo.letters, logo.reference[stack.x[seen]] == letters)] = len(inks)
        inks.append(grey)
        if logo.shaded:
            codes[stack.flipped[seen]] += len(inks)
            inks += [ink.darker(round(100 / (1 - SHADE))) for ink in inks]
        drawn = (bottom - top >= _LOWEST) & (across >= _LEGIBLE)
        _paint_bars(painter, left[~drawn], top[~drawn], bottom[~drawn], across, codes[~drawn], inks)
        rows = zip(
            letters[drawn].tolist(),
            codes[drawn].tolist(),
            left[drawn].tolist(),
            top[drawn].tolist(),
            bottom[drawn].tolist(),
            stack.flipped[seen][drawn].tolist(),
            strict=True,
        )
        _paint_letters(painter, logo.alphabet, rows, across, inks)
    painter.setOpacity(1.0)


def _paint_bars(
    painter: QPainter,
    left: np.ndarray,
    top: np.ndarray,
    bottom: np.ndarray,
    across: float,
    codes: np.ndarray,
    inks: list[QColor],
) -> None:
    """Letters too small to be read, as bars: all of one colour in one call."""
    painter.save()
    painter.setRenderHint(QPainter.Antialiasing, False)
    painter.setPen(Qt.NoPen)
    width = max(across * 0.95, 1.0)
    for code in np.unique(codes).tolist():
        mine = codes == code
        painter.setBrush(inks[code])
        high = np.maximum(bottom[mine] - top[mine], 0.6)
        painter.drawRects(rectangles(left[mine], top[mine], width, high))
    painter.restore()


def _paint_letters(
    painter: QPainter,
    alphabet: str,
    rows: Iterable[tuple[int, int, float, float, float, bool]],
    across: float,
    inks: list[QColor],
) -> None:
    """Each letter by one transform of its path, or from its sprite where it is narrow.

    rows : letter, ink, left, top, bottom, flipped
    """
    width = across * 0.95
    margin = across * 0.025
    if width < _NARROW:
        painter.setRenderHint(QPainter.SmoothPixmapTransform)
        pixels = max(2, round(width * painter.device().devicePixelRatioF()))
        for letter, ink, left, top, bottom, flipped in rows:
            sprite = letter_sprite(alphabet[letter], inks[ink].rgba(), pixels, flipped)
            painter.drawImage(QRectF(left + margin, top, width, bottom - top), sprite)
        return
    base = painter.worldTransform()
    painter.setPen(Qt.NoPen)
    for letter, ink, left, top, bottom, flipped in rows:
        y, scale = (top, bottom - top) if flipped else (bottom, top - bottom)
        painter.setWorldTransform(QTransform(base).translate(left + margin, y).scale(width, scale))
        painter.setBrush(inks[ink])
        painter.drawPath(letter_path(alphabet[letter]))
    painter.setWorldTransform(base)


@lru_cache(maxsize=1024)
def letter_sprite(letter: str, colour: int, width: int, flipped: bool) -> QImage:
    """A letter as a picture `width` pixels wide."""
    picture = QImage(width, _SPRITE_HEIGHT, QImage.Format_ARGB32_Premultiplied)
    picture.fill(Qt.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.Antialiasing)
    y, height = (0.0, _SPRITE_HEIGHT) if flipped else (_SPRITE_HEIGHT, -_SPRITE_HEIGHT)
    painter.setTransform(QTransform(width, 0.0, 0.0, height, 0.0, y))
    painter.fillPath(letter_path(letter), QColor.fromRgba(colour))
    painter.end()
    return picture
