"""Attribution logos and sequence logos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seam_core import logos as logo_matrices
from seam_core.figures.drawing import (
    Ranges,
    draw_logo,
    letters_below,
    mark_sites,
    set_heights,
    shade_ranges,
)
from seam_core.figures.publication import draw_publication_logo
from seam_core.figures.style import new_figure, styled
from seam_core.pictures import LETTERINGS
from seam_core.point_marks import cluster_name
from seam_core.records import Explanation, Site
from seam_core.sequences import DNA
from seam_core.site_boxes import Verdicts
from seam_core.validate import InputError, check_choice, check_shape

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUANTITIES = {
    "information": "Information (bits)",
    "enrichment": "Enrichment (log2)",
    "counts": "Sequences",
    "probability": "Probability",
}
_INCHES_PER_LETTER = 0.085


@styled
def attribution_logo(
    matrix: np.ndarray,
    *,
    alphabet: str = DNA,
    start: int = 0,
    centre: bool = False,
    y_limits: tuple[float, float] | None = None,
    reference: np.ndarray | None = None,
    colour_by_reference: bool = False,
    letters: str = "all",
    shaded: bool = False,
    highlights: Ranges = (),
    sites: Sequence[Site] = (),
    verdicts: Verdicts | None = None,
    per_row: int | None = None,
    title: str = "",
    y_label: str = "Attribution",
    size: tuple[float, float] | None = None,
    colour_blind: bool = False,
    outlines: bool = False,
) -> Figure:
    """One attribution map as a logo: a `logomaker.Logo` a row, see `logos_of`.

    Raises `InputError` for another shape, for values that are not finite, or when letters are to be
    coloured by a reference that is not given.

    Parameters
    ----------
    matrix : (L, A) attributions (mean map, foreground, map x one-hot, ...)
    start : position of row 0
    centre : subtract each position's mean over letters
    y_limits : lowest and highest y; None adapts to the map
    reference : (L,) letter indices of the same positions, written below the axis
    colour_by_reference : colour letters by whether they are the reference's
    letters : which have their colours, the others grey: "all", "mutants" (those that differ from
        the reference) or "reference" (its own)
    shaded : letters below zero are darker
    highlights : (start, stop) ranges shaded behind the letters, stop exclusive
    sites : marked and named above
    verdicts : name of a site -> what experiments say: weak ones are dashed, refuted ones dotted
    per_row : positions a row; None draws one row
    size : inches; None: chosen from the length
    outlines : draw our outlines, one path a letter, in place of logomaker's objects: the same
        picture in a hundredth of the time, for reports and overviews
    """
    matrix = np.asarray(matrix, dtype=np.float64)
    check_shape(matrix, (None, len(alphabet)), "attribution map")
    check_choice(letters, "letters", LETTERINGS)
    by_reference = colour_by_reference or letters != "all"
    if by_reference and reference is None:
        raise InputError("reference", "none", "the reference's letters, to colour by them")
    shown = logo_matrices.centre(matrix) if centre else matrix
    rows = _rows(len(matrix), per_row)
    figure = new_figure(size or (_width(rows[0][1] - rows[0][0]), 0.35 + 1.15 * len(rows)))
    grid = figure.subplots(len(rows), 1, squeeze=False)[:, 0]
    spans = []
    draw = draw_logo if outlines else draw_publication_logo
    for axes, (first, stop) in zip(grid, rows, strict=True):
        part = None if reference is None else reference[first:stop]
        spans.append(
            draw(
                axes,
                shown[first:stop],
                alphabet=alphabet,
                start=start + first,
                reference=part if by_reference else None,
                letters="" if colour_by_reference else letters,
                shaded=shaded,
                colour_blind=colour_blind,
            )
        )
        axes.set_xlim(start + first - 0.5, start + first + (rows[0][1] - rows[0][0]) - 0.5)
        if part is not None:
            letters_below(axes, part, alphabet, start + first, colour_blind=colour_blind)
        _decorate(axes, highlights, sites, start + first, start + stop, verdicts=verdicts)
        axes.set_ylabel(y_label)
    low, high = y_limits or (min(s[0] for s in spans), max(s[1] for s in spans))
    for axes in grid:
        set_heights(axes, low, high)
    grid[-1].set_xlabel("Position")
    _title(grid[0], title, bool(sites))
    return figure


@styled
def sequence_logo(
    matrix: np.ndarray,
    *,
    quantity: str = "information",
    alphabet: str = DNA,
    start: int = 0,
    y_limits: tuple[float, float] | None = None,
    reference: np.ndarray | None = None,
    colour_by_reference: bool = False,
    letters: str = "all",
    shaded: bool = False,
    highlights: Ranges = (),
    sites: Sequence[Site] = (),
    verdicts: Verdicts | None = None,
    per_row: int | None = None,
    title: str = "",
    size: tuple[float, float] | None = None,
    colour_blind: bool = False,
    outlines: bool = False,
) -> Figure:
    """Which letters a set of sequences has at each position; what is not named here is as in
    `attribution_logo`.

    Parameters
    ----------
    matrix : (L, A) letter heights, already in the `quantity`
    quantity : "information" (bits; the axis is fixed to 0..log2 A), "enrichment" (log2 over the
        library), "counts" or "probability" (0..1); names the axis
    """
    check_choice(quantity, "quantity", tuple(QUANTITIES))
    fixed = {"information": (0.0, float(np.log2(len(alphabet)))), "probability": (0.0, 1.0)}
    return attribution_logo(
        matrix,
        alphabet=alphabet,
        start=start,
        y_limits=y_limits or fixed.get(quantity),
        reference=reference,
        colour_by_reference=colour_by_reference,
        letters=letters,
        shaded=shaded,
        highlights=highlights,
        sites=sites,
        verdicts=verdicts,
        per_row=per_row,
        title=title,
        y_label=QUANTITIES[quantity],
        size=size,
        colour_blind=colour_blind,
        outlines=outlines,
    )


def cluster_matrices(
    explanation: Explanation, kind: str = "average", *, centre: bool = False
) -> np.ndarray:
    """(K, W, A) logos of all clusters: a kind of `seam_core.logos.KINDS`, or "background", their
    mean maps at entropic positions."""
    if kind != "background":
        return explanation.logos(kind, centred=centre)
    matrices = explanation.cluster_backgrounds
    return logo_matrices.centre(matrices) if centre else matrices


@styled
def cluster_logos(
    explanation: Explanation,
    *,
    clusters: Sequence[int] | None = None,
    kind: str = "average",
    centre: bool = False,
    fixed_y: bool = True,
    highlights: Ranges = (),
    sites: Sequence[Site] = (),
    verdicts: Verdicts | None = None,
    labels: dict[int, str] | None = None,
    window: tuple[int, int] | None = None,
    title: str = "",
    size: tuple[float, float] | None = None,
    colour_blind: bool = False,
) -> Figure:
    """A logo a cluster, one below the other.

    Parameters
    ----------
    clusters : ids, in the order to draw; None: the first twelve of the explanation
    kind : a kind of `seam_core.logos.KINDS` or "background"
    fixed_y : one y-axis for all clusters, so that they compare; else each its own
    window : (start, stop) positions drawn; None: all
    """
    shown = list(explanation.ids[:12] if clusters is None else clusters)
    if not shown:
        raise InputError("clusters", "none", "at least one cluster")
    matrices = cluster_matrices(explanation, kind, centre=centre)
    first, stop = checked_window(explanation, window)
    figure = new_figure(size or (_width(stop - first), 0.5 + 0.72 * len(shown)))
    grid = figure.subplots(len(shown), 1, squeeze=False, sharex=True)[:, 0]
    spans = []
    for axes, cluster in zip(grid, shown, strict=True):
        row = explanation.row_of(cluster)
        spans.append(
            draw_logo(
                axes,
                matrices[row, first - explanation.start : stop - explanation.start],
                alphabet=explanation.alphabet,
                start=first,
                colour_blind=colour_blind,
            )
        )
        name = cluster_name(cluster, labels)
        name = name if cluster < 0 else f"cluster {name}"
        median = explanation.activity_quartiles[row, 2]
        text = f"{name}\nn = {explanation.sizes[row]:,}\nmedian {median:.2f}"
        axes.set_ylabel(text, rotation=0, ha="right", va="center", fontsize=6.5)
        _decorate(axes, highlights, sites, first, stop, names=axes is grid[0], verdicts=verdicts)
    for axes, span in zip(grid, spans, strict=True):
        shared = (min(s[0] for s in spans), max(s[1] for s in spans))
        set_heights(axes, *(shared if fixed_y else span))
        axes.tick_params(axis="x", labelbottom=axes is grid[-1])
    grid[-1].set_xlabel("Position")
    _title(grid[0], title, bool(sites))
    return figure


@styled
def variability_logo(
    explanation: Explanation,
    *,
    kind: str = "average",
    centre: bool = True,
    highlights: Ranges = (),
    sites: Sequence[Site] = (),
    verdicts: Verdicts | None = None,
    title: str = "",
    size: tuple[float, float] | None = None,
    colour_blind: bool = False,
) -> Figure:
    """All clusters' logos over one another: dark where they agree, a smear where they differ."""
    matrices = cluster_matrices(explanation, kind, centre=centre)
    figure = new_figure(size or (_width(matrices.shape[1]), 1.7))
    axes = figure.add_subplot()
    alpha = float(np.clip(1.6 / max(len(matrices), 1), 0.03, 1.0))
    spans = [
        draw_logo(
            axes,
            matrix,
            alphabet=explanation.alphabet,
            start=explanation.start,
            alpha=alpha,
            colour_blind=colour_blind,
        )
        for matrix in matrices
    ]
    set_heights(axes, min(s[0] for s in spans), max(s[1] for s in spans))
    stop = explanation.start + matrices.shape[1]
    _decorate(axes, highlights, sites, explanation.start, stop, verdicts=verdicts)
    axes.set(xlabel="Position", ylabel="Attribution")
    _title(axes, title, bool(sites))
    return figure


def background_logo(explanation: Explanation, *, title: str = "", **options: object) -> Figure:
    """The average background: what all clusters have in common away from their sites.

    Options are those of `attribution_logo`.
    """
    return attribution_logo(
        explanation.background,
        alphabet=explanation.alphabet,
        start=explanation.start,
        title=title or "Average background",
        **options,  # type: ignore[arg-type]
    )


@styled
def comparison(
    reference_map: np.ndarray,
    explanation: Explanation,
    cluster: int,
    *,
    centre: bool = False,
    highlights: Ranges = (),
    sites: Sequence[Site] = (),
    verdicts: Verdicts | None = None,
    window: tuple[int, int] | None = None,
    title: str = "",
    size: tuple[float, float] | None = None,
    colour_blind: bool = False,
) -> Figure:
    """The authors' comparison: the reference's own map, its cluster's mean, and that mean taken
    apart into foreground and background; one y-axis for all four.

    Parameters
    ----------
    reference_map : (W, A) attribution map of the reference sequence alone
    cluster : id of the reference's cluster
    window : (start, stop) positions drawn; None: all
    """
    row = explanation.row_of(cluster)
    check_shape(reference_map, explanation.mean_maps[row].shape, "reference map")
    background = explanation.background_scale[row] * explanation.background
    panels = {
        "Reference map": reference_map,
        f"Mean of cluster {cluster}": explanation.mean_maps[row],
        "Foreground": explanation.foregrounds[row],
        "Background": background,
    }
    first, stop = checked_window(explanation, window)
    columns = slice(first - explanation.start, stop - explanation.start)
    figure = new_figure(size or (_width(stop - first), 4.4))
    grid = figure.subplots(4, 1, sharex=True)
    spans = []
    for axes, (name, matrix) in zip(grid, panels.items(), strict=True):
        shown = logo_matrices.centre(matrix) if centre else matrix
        spans.append(
            draw_logo(
                axes,
                shown[columns],
                alphabet=explanation.alphabet,
                start=first,
                colour_blind=colour_blind,
            )
        )
        _decorate(axes, highlights, sites, first, stop, names=axes is grid[0], verdicts=verdicts)
        axes.set_ylabel(name.replace(" of ", "\nof "))
        axes.tick_params(axis="x", labelbottom=axes is grid[-1])
    for axes in grid:
        set_heights(axes, min(s[0] for s in spans), max(s[1] for s in spans))
    grid[-1].set_xlabel("Position")
    _title(grid[0], title, bool(sites))
    return figure


def checked_window(explanation: Explanation, window: tuple[int, int] | None) -> tuple[int, int]:
    """The window, or all positions; raises where it leaves the explanation's positions."""
    first, stop = explanation.start, explanation.start + explanation.entropy.shape[1]
    if window is None:
        return first, stop
    if not first <= window[0] < window[1] <= stop:
        raise InputError("window", f"{window[0]}-{window[1]}", f"positions within {first}-{stop}")
    return window


def _rows(length: int, per_row: int | None) -> list[tuple[int, int]]:
    step = length if per_row is None else max(1, min(per_row, length))
    return [(first, min(first + step, length)) for first in range(0, max(length, 1), max(step, 1))]


def _width(length: int) -> float:
    return float(np.clip(1.0 + _INCHES_PER_LETTER * length, 3.0, 16.0))


def _decorate(
    axes: Axes,
    highlights: Ranges,
    sites: Sequence[Site],
    first: int,
    stop: int,
    *,
    names: bool = True,
    verdicts: Verdicts | None = None,
) -> None:
    """Shade and mark what lies in first..stop."""
    inside = [(max(a, first), min(b, stop)) for a, b in highlights if a < stop and b > first]
    shade_ranges(axes, inside)
    mark_sites(axes, sites, first, stop, names=names, verdicts=verdicts)


def _title(axes: Axes, title: str, above_sites: bool) -> None:
    if title:
        axes.set_title(title, loc="left", pad=14 if above_sites else 5)
