"""Single logos as logomaker's `Logo` objects, which users of the field know how to restyle.

Tareen and Kinney, Bioinformatics 36:2272 (2020). A glyph costs milliseconds there, so that grids of
many logos keep our outlines (`seam_core.figures.drawing.draw_logo`): a test holds one against the
other.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.figures.drawing import MATCH, MISMATCH, draw_logo, shade
from seam_core.figures.style import INK, MUTED, figure_of, letter_colors, position_ticks
from seam_core.glyphs import LETTER_WIDTH
from seam_core.pictures import greyed
from seam_core.validate import check_finite, check_shape

if TYPE_CHECKING:
    import logomaker
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_FONT = {"font_name": "DejaVu Sans", "font_weight": "bold"}  # the font of our outlines
_LEGIBLE_PER_INCH = 48  # letters narrower than a point and a half cannot be read
_LOGOS: weakref.WeakKeyDictionary[Figure, list[logomaker.Logo]] = weakref.WeakKeyDictionary()


def logos_of(figure: Figure) -> list[logomaker.Logo]:
    """The `logomaker.Logo` of each row of a figure of a single logo, to be restyled:

    logos_of(figure)[0].style_glyphs_in_sequence("TATCGATA", color="black")

    Empty where a row has more than 48 positions an inch of the figure: letters are outlines there.
    """
    return _LOGOS.get(figure, [])


def draw_publication_logo(
    axes: Axes,
    matrix: np.ndarray,
    *,
    alphabet: str,
    start: int = 0,
    reference: np.ndarray | None = None,
    letters: str = "",
    shaded: bool = False,
    colour_blind: bool = False,
) -> tuple[float, float]:
    """What `draw_logo` draws, as a `logomaker.Logo` where its letters can be read; returns its
    lowest and highest y.

    Raises `InputError` for another shape, or values that are not finite.
    """
    import pandas as pd

    check_shape(matrix, (None, len(alphabet)), "logo")
    check_finite(matrix, "logo")
    figure = figure_of(axes)
    narrow = figure.get_size_inches()[0] * _LEGIBLE_PER_INCH < len(matrix)
    if narrow or not matrix.any():  # no letter to restyle, and no height that logomaker could draw
        return draw_logo(
            axes,
            matrix,
            alphabet=alphabet,
            start=start,
            reference=reference,
            letters=letters,
            shaded=shaded,
            colour_blind=colour_blind,
        )
    positions = np.arange(start, start + len(matrix))
    colours = letter_colors(alphabet, colour_blind=colour_blind)
    if reference is not None:
        check_shape(reference, (len(matrix),), "reference")
        if not letters:
            colours = dict.fromkeys(alphabet, MISMATCH)
    logo = _logo_on(
        axes,
        pd.DataFrame(matrix, index=positions, columns=list(alphabet)),
        color_scheme=colours,
        width=LETTER_WIDTH,
        zorder=2,
        **_FONT,
    )
    if reference is not None:
        _colour_letters(logo, reference, alphabet, positions, letters)
    if shaded:
        _shade_below(logo, matrix, alphabet, positions)
    _LOGOS.setdefault(figure, []).append(logo)
    position_ticks(axes, start, start + len(matrix))
    below, above = np.minimum(matrix, 0).sum(axis=1), np.maximum(matrix, 0).sum(axis=1)
    return float(below.min(initial=0.0)), float(above.max(initial=0.0))


def _logo_on(axes: Axes, frame: Any, **options: Any) -> logomaker.Logo:
    """A Logo in these axes, each glyph measured and drawn once."""
    import logomaker

    class Logo(logomaker.Logo):
        def style_glyphs_below(self, *args: Any, **how: Any) -> None:
            """What the constructor asks for, to flip glyphs that are flipped already, is left."""
            if args or how.get("shade") or how.get("fade") or how.get("flip") != self.flip_below:
                super().style_glyphs_below(*args, **how)

    # limits are set from the matrix: measuring thousands of curves takes seconds
    axes.add_patch = axes.add_artist  # type: ignore[method-assign, assignment]
    try:
        logo = Logo(frame, ax=axes, **options)
    finally:
        del axes.add_patch
    for line in axes.lines:
        line.set(color=INK, linewidth=0.5, zorder=1)
    return logo


def _colour_letters(
    logo: logomaker.Logo,
    reference: np.ndarray,
    alphabet: str,
    positions: np.ndarray,
    letters: str,
) -> None:
    """By whether letters are the reference's: in two colours, or grey where `letters` says so."""
    matches = reference[:, None] == np.arange(len(alphabet))
    for row, column in np.argwhere(greyed(letters, matches) if letters else matches).tolist():
        _recolour(logo, positions[row], alphabet[column], MUTED if letters else MATCH)


def _shade_below(
    logo: logomaker.Logo, matrix: np.ndarray, alphabet: str, positions: np.ndarray
) -> None:
    from matplotlib.colors import to_hex

    for row, column in np.argwhere(matrix < 0).tolist():
        now = logo.glyph_df.loc[positions[row], alphabet[column]].color
        _recolour(logo, positions[row], alphabet[column], shade(to_hex(now)))


def _recolour(logo: logomaker.Logo, position: int, letter: str, colour: str) -> None:
    from matplotlib.colors import to_rgb

    glyph = logo.glyph_df.loc[position, letter]
    if glyph is not None and glyph.patch is not None:
        glyph.color = to_rgb(colour)
        glyph.patch.set_facecolor(glyph.color)
