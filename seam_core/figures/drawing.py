"""What several figures draw: a logo into axes, highlighted ranges, site names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.figures.style import (
    FAINT,
    HAIRS_PER_INCH,
    HIGHLIGHT,
    INK,
    MUTED,
    figure_of,
    letter_colors,
    position_ticks,
)
from seam_core.glyphs import Stack, glyph, stack_layout
from seam_core.pictures import SHADE, greyed
from seam_core.records import Site
from seam_core.site_boxes import LEAST_GAP, Verdicts, outline_of, runs_of, written
from seam_core.validate import InputError, check_shape

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Ranges = Sequence[tuple[int, int]]
MATCH, MISMATCH = "#e8833a", "#5b6575"
# letters under an axis: how high, how broad to that, and how far their middle lies below
_LETTER_POINTS = 4.2
_LETTER_BOX = (0.8, 1.0)
_BELOW_POINTS = 3.8


def draw_logo(
    axes: Axes,
    matrix: np.ndarray,
    *,
    alphabet: str,
    start: int = 0,
    reference: np.ndarray | None = None,
    letters: str = "",
    shaded: bool = False,
    alpha: float = 1.0,
    colour_blind: bool = False,
) -> tuple[float, float]:
    """Draw the logo of (L, A) `matrix` from position `start`; returns its lowest and highest y.

    With `reference`, (L,) letter indices of the same positions, letters are coloured by whether
    they are the reference's instead of by letter; with `letters`, one of `pictures.LETTERINGS`,
    those that are not meant are grey. `shaded` letters below zero are darker.

    Letters of one colour are one path, so that a logo of 249 positions takes milliseconds. Where
    positions are narrower than a printed hair, the tallest of each hair's width is drawn, as on the
    screen.
    """
    check_shape(matrix, (None, len(alphabet)), "logo")
    stack = stack_layout(matrix)
    colors = letter_colors(alphabet, colour_blind=colour_blind)
    matches = np.zeros(len(stack.x), dtype=bool)
    parts = {tuple(colors.items()): ~matches}
    if reference is not None:
        check_shape(reference, (len(matrix),), "reference")
        matches = reference[stack.x] == stack.letters
        grey = greyed(letters or "all", matches)
        parts = {tuple(colors.items()): ~grey, _all_in(alphabet, MUTED): grey}
        if not letters:
            parts = {_all_in(alphabet, MATCH): matches, _all_in(alphabet, MISMATCH): ~matches}
    for inks, mask in parts.items():
        for below in (False, True):
            part = mask & (stack.flipped == below)
            shown = {a: shade(c) if below and shaded else c for a, c in inks}
            _draw_letters(axes, stack, alphabet, start, part, alpha, shown)
    axes.axhline(0.0, color=INK, lw=0.5, zorder=1)
    position_ticks(axes, start, start + len(matrix))
    if len(stack.y0) == 0:
        return 0.0, 0.0
    return min(0.0, float(stack.y0.min())), max(0.0, float(stack.y1.max()))


def _all_in(alphabet: str, color: str) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys(alphabet, color).items())


def shade(color: str) -> str:
    """A colour as letters below zero have it, where these are shaded."""
    from matplotlib.colors import to_hex, to_rgb

    red, green, blue = ((1 - SHADE) * part for part in to_rgb(color))
    return to_hex((red, green, blue))


def _draw_letters(
    axes: Axes,
    stack: Stack,
    alphabet: str,
    start: int,
    mask: np.ndarray,
    alpha: float,
    colors: dict[str, str],
) -> None:
    from seam_core.figures.letters import Letters

    for index, letter in enumerate(alphabet):
        mine = mask & (stack.letters == index)
        if mine.any():
            patch = Letters(stack, mine, alphabet, index, start, facecolor=colors[letter])
            patch.set(linewidth=0, alpha=alpha, zorder=2)
            # limits are set from the stack: measuring thousands of curves takes seconds
            patch.set_in_layout(False)
            axes.add_artist(patch)


def least_gap(axes: Axes, n_positions: int) -> float:
    """Positions between boxes that are told apart, where so many are as wide as the figure."""
    return float(LEAST_GAP * n_positions / (72 * figure_of(axes).get_size_inches()[0]))


def cells_shown(figure: Figure, shape: tuple[int, ...]) -> dict[str, Any]:
    """How `imshow` draws (rows, columns) cells: sharp, but where they are narrower than a printed
    hair, as means of what falls on a dot, as the screen does."""
    across, down = (inches * HAIRS_PER_INCH for inches in figure.get_size_inches())
    fine = shape[0] > down or shape[1] > across
    return {"interpolation": "antialiased" if fine else "nearest", "interpolation_stage": "data"}


def set_heights(axes: Axes, low: float, high: float) -> None:
    """y limits with a little air; something visible even for an empty logo."""
    if high <= low:
        low, high = -1.0, 1.0
    air = 0.04 * (high - low)
    axes.set_ylim(low - (air if low < 0 else 0.0), high + air)


def shade_ranges(axes: Axes, ranges: Ranges, *, color: str = HIGHLIGHT) -> None:
    """A pale band behind each (start, stop) range of positions."""
    for first, stop in ranges:
        if stop <= first:
            raise InputError("highlights", f"{first}-{stop}", "ranges with start < stop")
        axes.axvspan(first - 0.5, stop - 0.5, color=color, alpha=0.28, lw=0, zorder=0)


def site_line(site: str, verdicts: Verdicts | None, color: str = INK) -> dict[str, Any]:
    """Colour and style of a site's line, by what experiments say of it."""
    outline = outline_of(site, verdicts)
    return {"color": MUTED if outline == "dotted" else color, "linestyle": outline}


def mark_sites(
    axes: Axes,
    sites: Sequence[Site],
    begin: int,
    end: int,
    *,
    names: bool = True,
    verdicts: Verdicts | None = None,
) -> None:
    """Sites within begin..end as pale bands, one a contiguous stretch; with `names`, also as bars
    above the axes, each site named once."""
    from matplotlib.collections import PolyCollection

    transform = axes.get_xaxis_transform()
    for site in sites:
        inside = [position for position in site.positions if begin <= position < end]
        if not inside:
            continue
        runs = runs_of(inside)
        bands = [[(a - 0.5, 0), (a - 0.5, 1), (b - 0.5, 1), (b - 0.5, 0)] for a, b in runs]
        shades = PolyCollection(bands, transform=transform, color=FAINT, alpha=0.55, lw=0, zorder=0)
        axes.add_collection(shades, autolim=False)
        for first, stop in runs if names else ():
            axes.plot(
                [first - 0.4, stop - 0.6],
                [1.02, 1.02],
                transform=transform,
                lw=1.6,
                solid_capstyle="butt",
                dash_capstyle="butt",
                clip_on=False,
                **site_line(site.name, verdicts),
            )
        if names:
            middle = (inside[0] + inside[-1]) / 2
            axes.text(
                middle,
                1.05,
                written(site.name),
                transform=transform,
                ha="center",
                va="bottom",
                fontsize=7,
            )


def letters_below(
    axes: Axes,
    reference: np.ndarray,
    alphabet: str,
    start: int,
    *,
    limit: int = 120,
    colour_blind: bool = False,
) -> None:
    """The reference's letters under the axis, where there are few enough to be read."""
    if len(reference) > limit:
        return
    from matplotlib.path import Path
    from matplotlib.transforms import ScaledTranslation

    colors = letter_colors(alphabet, colour_blind=colour_blind)
    below = ScaledTranslation(0, -_BELOW_POINTS / 72, figure_of(axes).dpi_scale_trans)
    # a mark each: texts would take longer than all else of the logo
    for index in np.unique(reference):
        letter = alphabet[index] if index >= 0 else "N"
        vertices, codes = glyph(letter)
        axes.scatter(
            start + np.flatnonzero(reference == index),
            np.zeros((reference == index).sum()),
            transform=axes.get_xaxis_transform() + below,
            marker=Path((vertices - 0.5) * _LETTER_BOX, codes),
            s=_LETTER_POINTS**2,
            linewidths=0,
            color=colors.get(letter, MUTED),
            clip_on=False,
            snap=False,  # a T is a dash where its edges are moved to whole pixels
        )
    axes.tick_params(axis="x", length=0, pad=9)
