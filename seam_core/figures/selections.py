"""Logos of selections under each other, and their difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seam_core.figures.drawing import draw_logo, set_heights
from seam_core.figures.style import new_figure, styled
from seam_core.sequences import DNA
from seam_core.validate import InputError, check_shape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_INCHES_PER_LETTER = 0.085


@styled
def selection_logos(
    matrices: Sequence[np.ndarray],
    names: Sequence[str],
    *,
    alphabet: str = DNA,
    start: int = 0,
    same_heights: bool = True,
    difference: bool = False,
    title: str = "",
    size: tuple[float, float] | None = None,
    colour_blind: bool = False,
) -> Figure:
    """A logo a selection, one below the other.

    Raises `InputError` without any, for other numbers of names, or matrices of other shapes.

    Parameters
    ----------
    matrices : (W, A) each
    names : what stands beside each
    same_heights : one y-axis for all, the difference apart
    difference : the last one is a difference of two
    """
    if not len(matrices) or len(names) != len(matrices):
        raise InputError(
            "logos", f"{len(matrices)} and {len(names)} names", "a name each, one or more"
        )
    width = len(matrices[0])
    for matrix in matrices:
        check_shape(matrix, (width, len(alphabet)), "logo")
    wide = max(3.5, 1.2 + _INCHES_PER_LETTER * width)
    figure = new_figure(size or (wide, 0.5 + 0.8 * len(matrices)))
    grid = figure.subplots(len(matrices), 1, squeeze=False, sharex=True)[:, 0]
    spans = []
    for axes, matrix, name in zip(grid, matrices, names, strict=True):
        spans.append(
            draw_logo(axes, matrix, alphabet=alphabet, start=start, colour_blind=colour_blind)
        )
        axes.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=6.5)
    alike = spans[:-1] if difference and len(spans) > 1 else spans
    shared = (min(low for low, _ in alike), max(high for _, high in alike))
    for place, (axes, span) in enumerate(zip(grid, spans, strict=True)):
        set_heights(axes, *(shared if same_heights and place < len(alike) else span))
        axes.tick_params(axis="x", labelbottom=axes is grid[-1])
    grid[-1].set_xlabel("Position")
    if title:
        grid[0].set_title(title)
    return figure
