"""Variants along a sequence: lollipops above its logo; a variant's logo beside the reference's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seam_core.colours import VERDICTS
from seam_core.figures.drawing import draw_logo, letters_below, mark_sites, set_heights
from seam_core.figures.style import INK, MUTED, new_figure, styled
from seam_core.records import Site
from seam_core.validate import check_shape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NAMED = 12
_INCHES_PER_LETTER = 0.045
# of logo pairs, in inches: room at the left, right, bottom and top, as all have the same around
# them, and measuring it takes longer than drawing
_HEIGHT = 3.9
_MARGINS = (0.66, 0.06, 0.4, 0.42)


@styled
def lollipops(
    positions: np.ndarray,
    effects: np.ndarray,
    verdicts: Sequence[str],
    names: Sequence[str],
    matrix: np.ndarray,
    *,
    alphabet: str,
    start: int = 0,
    sites: Sequence[Site] = (),
    title: str = "",
) -> Figure:
    """Effects of variants along the sequence, coloured by verdict, above its attribution logo.

    Parameters
    ----------
    positions, effects : (M,) where, and the change of activity
    verdicts : (M,) "silent", "tunes" or "reprograms"
    names : (M,); those of the twelve largest effects are written
    matrix : (W, A) the reference's logo, from position `start`
    """
    check_shape(matrix, (None, len(alphabet)), "logo")
    figure = new_figure((max(6.0, _INCHES_PER_LETTER * len(matrix) + 1.0), 3.4))
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    for verdict, colour in VERDICTS.items():
        mask = np.array([each == verdict for each in verdicts], bool)
        if mask.any():
            above.vlines(positions[mask], 0, effects[mask], color=colour, lw=0.9)
            above.plot(
                positions[mask], effects[mask], "o", ms=3.4, color=colour, mew=0,
                label=f"{verdict} ({int(mask.sum()):,})",
            )  # fmt: skip
    for index in np.argsort(-np.abs(effects))[:_NAMED]:
        above.annotate(
            names[index], (positions[index], effects[index]), (3, 2), fontsize=6, color=MUTED,
            textcoords="offset points",
        )  # fmt: skip
    above.axhline(0, color=INK, lw=0.5)
    above.set_ylabel("Effect")
    if len(effects):
        above.legend(frameon=False, fontsize=7, loc="best")
    if title:
        above.set_title(title, loc="left")
    low, high = draw_logo(below, matrix, alphabet=alphabet, start=start)
    mark_sites(below, sites, start, start + len(matrix))
    set_heights(below, low, high)
    below.set_xlim(start - 0.5, start + len(matrix) - 0.5)
    below.set_ylabel("Attribution")
    below.set_xlabel("Position")
    return figure


@styled
def variant_logos(
    reference: np.ndarray,
    other: np.ndarray,
    *,
    alphabet: str,
    start: int = 0,
    changed: Sequence[int] = (),
    letters: tuple[np.ndarray, np.ndarray] | None = None,
    sites: Sequence[Site] = (),
    title: str = "",
) -> Figure:
    """The logo of the reference, that of a variant, and their difference, on one scale.

    Parameters
    ----------
    reference, other : (W, A), from position `start`
    changed : positions marked
    letters : (W,) each, written below both logos
    """
    check_shape(other, reference.shape, "logo")
    width = max(5.0, 0.085 * len(reference) + 0.8)
    figure = new_figure((width, _HEIGHT), laid_out=False)
    left, right, bottom, top = _MARGINS
    inside = {"left": left / width, "right": 1 - right / width}
    inside |= {"bottom": bottom / _HEIGHT, "top": 1 - top / _HEIGHT, "hspace": 0.16}
    rows = figure.subplots(3, 1, sharex=True, gridspec_kw=inside)
    given = (reference, other, other - reference)
    spans = [draw_logo(axes, m, alphabet=alphabet, start=start)
             for axes, m in zip(rows, given, strict=True)]  # fmt: skip
    low, high = min(s[0] for s in spans), max(s[1] for s in spans)
    labels = ("Reference", "Variant", "Difference")
    for index, (axes, label) in enumerate(zip(rows, labels, strict=True)):
        set_heights(axes, low, high)
        axes.set_xlim(start - 0.5, start + len(reference) - 0.5)
        axes.set_ylabel(label)
        mark_sites(axes, sites, start, start + len(reference), names=index == 0)
        if letters is not None and index < 2:
            letters_below(axes, letters[index], alphabet, start)
        for position in changed:
            axes.axvline(position, color=VERDICTS["reprograms"], lw=0.6, alpha=0.6, zorder=0)
    rows[-1].set_xlabel("Position")
    if title:
        rows[0].set_title(title, loc="left", pad=14 if sites else 4)
    return figure
