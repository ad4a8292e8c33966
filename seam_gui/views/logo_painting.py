"""Letters of a logo with a painter: outlines, small pictures of narrow ones, bars of many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PyQt5.QtCore import QRectF, Qt
from PyQt5.QtGui import QColor, QImage, QPainter, QPainterPath, QTransform

from seam_core import glyphs
from seam_core.pictures import SHADE, greyed
from seam_gui.look.theme import theme
from seam_gui.views.painting import rectangles

LEGIBLE = 3.5  # pixels that a letter must be wide to be drawn as one; below it is a bar
_LOWEST = 2.5  # pixels that it must be high
_NARROW = 11.0  # pixels; narrower letters are copied from a small picture made for their width:
# filling outlines a few pixels wide takes ten times as long, and looks the same
_SPRITE_HEIGHT = 128
NOTHING = 1e-9  # heights below it are rounding errors
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
        if across < 1:
            left = np.floor(left)
            tallest = glyphs.tallest(stack.x[seen], (stack.y1 - stack.y0)[seen], left)
            seen, left = seen[tallest], left[tallest]
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
        drawn = (bottom - top >= _LOWEST) & (across >= LEGIBLE)
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
