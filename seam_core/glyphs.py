"""Letters as vector outlines, and where a logo puts them.

One geometry for all drawings of logos: the application's (Qt paths) and the publication figures
(matplotlib paths). Plain arrays, so that neither has to know the other.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from seam_core.validate import InputError, check_finite, check_shape

MOVE, LINE, QUADRATIC, CUBIC, CLOSE = 1, 2, 3, 4, 79
"""Values of `Outline.codes`, matplotlib's. A quadratic curve takes two vertices (its control point
and its end), a cubic three, and all of them carry the code; the vertex of CLOSE means nothing."""

_WIDEST_STRETCH = "E"
LETTER_WIDTH = 0.95  # of a letter, in positions


class Outline(NamedTuple):
    """A letter's outline in the unit box, y upward; contours follow one another.

    vertices : (n, 2) float64. Height is exactly 0..1; width is 0..1 but for letters narrower than
        E (I, J), which are centred and stretched only as much as an E is.
    codes : (n,) uint8, `MOVE`, `LINE`, `QUADRATIC`, `CUBIC` or `CLOSE`. Holes run the opposite way
        round, so that both the odd-even and the winding rule fill the letter alone.
    """

    vertices: np.ndarray
    codes: np.ndarray


_BAR = Outline(
    np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0], [0.0, 0.0]]),
    np.array([MOVE, LINE, LINE, LINE, CLOSE], dtype=np.uint8),
)


class Stack(NamedTuple):
    """The letters of a logo, (M,) arrays, one entry a letter of height other than zero.

    Ordered by position and from the bottom up.

    letters : int64, index of the letter in the alphabet
    x : int64, position (row of the matrix)
    y0, y1 : float64, bottom and top, `y0 < y1`
    flipped : bool, below the axis
    """

    letters: np.ndarray
    x: np.ndarray
    y0: np.ndarray
    y1: np.ndarray
    flipped: np.ndarray


@lru_cache(maxsize=256)
def glyph(letter: str) -> Outline:
    """The outline of one letter, bold and without serifs (DejaVu Sans Bold, which comes with
    matplotlib: no font has to be installed).

    Raises `InputError` unless `letter` is one visible character.
    """
    if len(letter) != 1 or not letter.isprintable() or letter.isspace():
        raise InputError("letter", repr(letter), "one visible character")
    vertices, codes = _font_outline(letter)
    low, high = _extents(vertices, codes)
    widest_low, widest_high = _extents(*_font_outline(_WIDEST_STRETCH))
    width = max(high[0] - low[0], widest_high[0] - widest_low[0])
    unit = (vertices - low) / np.array([width, high[1] - low[1]])
    unit[:, 0] += (1.0 - (high[0] - low[0]) / width) / 2.0
    unit[codes == CLOSE] = 0.0
    unit.flags.writeable = codes.flags.writeable = False
    return Outline(unit, codes)


def stack_layout(matrix: np.ndarray) -> Stack:
    """Where every letter of a logo stands.

    At each position the positive letters are stacked upward from 0 and the negative ones downward,
    smallest next to the axis, as logomaker does by default ("big_on_top").

    Raises `InputError` for another shape or for heights that are not finite.

    Parameters
    ----------
    matrix : (L, A) signed heights
    """
    matrix = np.asarray(matrix, dtype=np.float64)
    check_shape(matrix, (None, None), "matrix")
    check_finite(matrix, "matrix")
    order = np.argsort(matrix, axis=1, kind="stable")
    heights = np.take_along_axis(matrix, order, axis=1)
    bottom = np.minimum(heights, 0.0).sum(axis=1, keepdims=True)
    tops = bottom + np.cumsum(np.abs(heights), axis=1)
    bottoms = np.concatenate([bottom, tops[:, :-1]], axis=1)
    x, rank = np.nonzero(heights)
    return Stack(
        letters=order[x, rank],
        x=x,
        y0=bottoms[x, rank],
        y1=tops[x, rank],
        flipped=heights[x, rank] < 0,
    )


def tallest(places: np.ndarray, heights: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """(n,) bool: letters of the tallest position in each cell, as many positions fall into one cell
    of paper or screen; drawn one over the other, the last would cover the rest.

    places, heights, cells : (n,) position and height of each letter, and where it is drawn
    """
    total = np.bincount(places, weights=heights)[places]
    order = np.lexsort((places, total, cells))
    last = np.append(np.diff(cells[order]) > 0, True)[: len(order)]
    best = np.zeros(int(places.max(initial=-1)) + 1, dtype=bool)
    best[places[order[last]]] = True
    return best[places]


def placed_outlines(
    stack: Stack, alphabet: str, *, width: float = LETTER_WIDTH, bars: bool = False
) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each letter of the alphabet, all its copies in the logo as one path.

    Parameters
    ----------
    stack : from `stack_layout`
    width : width of a letter, in positions
    bars : bars in place of letters, where these are too small to be told

    Returns
    -------
    A items, (vertices (m, 2) float64, codes (m,) uint8), in the coordinates of the logo: position
    p is centred on x = p. Empty arrays for a letter that the logo does not show.
    """
    paths = []
    for index, letter in enumerate(alphabet):
        outline = _BAR if bars else glyph(letter)
        alike = stack.letters == index
        y = outline.vertices[:, 1][None, :]
        y = np.where(stack.flipped[alike][:, None], 1.0 - y, y)
        low, high = stack.y0[alike][:, None], stack.y1[alike][:, None]
        across = (outline.vertices[:, 0] - 0.5) * width
        vertices = np.empty((*y.shape, 2))
        vertices[..., 0] = stack.x[alike][:, None] + across
        vertices[..., 1] = low + y * (high - low)
        paths.append((vertices.reshape(-1, 2), np.tile(outline.codes, int(alike.sum()))))
    return paths


@lru_cache(maxsize=1)
def _font_file() -> str:
    import matplotlib

    return str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans-Bold.ttf")


def _font_outline(letter: str) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and codes in the font's own units; raises for characters without ink."""
    from matplotlib.ft2font import FT2Font, LoadFlags

    font = FT2Font(_font_file())
    font.set_size(1000.0, 72)
    font.load_char(ord(letter), flags=LoadFlags.NO_HINTING)
    vertices, codes = font.get_path()
    if len(vertices) == 0:
        raise InputError("letter", repr(letter), "a character that the font can draw")
    return np.asarray(vertices, dtype=np.float64), np.asarray(codes, dtype=np.uint8)


def _extents(vertices: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lower left and upper right corner of the inked area (curves bulge less than their control
    points)."""
    from matplotlib.path import Path as Outlined

    box = Outlined(vertices, codes).get_extents()
    return np.array([box.x0, box.y0]), np.array([box.x1, box.y1])
