"""The Mechanism Summary Matrix: clusters x positions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.colours import ON_SEQUENTIAL
from seam_core.figures.drawing import cells_shown, least_gap, letters_below
from seam_core.figures.logos import checked_window
from seam_core.figures.style import (
    ACCENT,
    INK,
    diverging_map,
    new_figure,
    position_ticks,
    sequential_map,
    styled,
)
from seam_core.pictures import msm_limits, shown_rows
from seam_core.point_marks import cluster_name, shortened
from seam_core.records import Explanation, Sites
from seam_core.site_boxes import Verdicts, outline_of, places_of, site_boxes, written
from seam_core.validate import InputError, check_choice

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUANTITIES = {
    "entropy": "Entropy (bits)",
    "entropy_change": "Entropy less the background's (bits)",
    "reference": "Differ from reference (%)",
    "consensus": "Match consensus (%)",
}
_NAMED_ROWS = 60


@styled
def msm_heatmap(
    explanation: Explanation,
    *,
    quantity: str = "entropy",
    sites: Sites | None = None,
    verdicts: Verdicts | None = None,
    clusters: Sequence[int] | None = None,
    window: tuple[int, int] | None = None,
    marginals: bool = False,
    threshold: float | None = None,
    labels: dict[int, str] | None = None,
    limits: tuple[float, float] | None = None,
    title: str = "",
    size: tuple[float, float] | None = None,
    colour_blind: bool = False,
) -> Figure:
    """What each cluster has conserved where.

    The scale is that of all positions, whatever the window. Raises `InputError` for "reference"
    where there is none.

    Parameters
    ----------
    quantity : "entropy", "entropy_change" (from what the mutation rate alone gives), "reference"
        (percent that differ from it) or "consensus" (percent that match the cluster's)
    sites : boxes around each stretch of a site in the clusters that show it, names above
    verdicts : name of a site -> what experiments say: weak ones are dashed, refuted ones dotted
    clusters : ids of the rows from the top; None: all, in the explanation's order
    window : (start, stop) positions shown; None: all
    marginals : bars beside the matrix that count, per position and per cluster, the cells on the
        conserved side of `threshold`
    threshold : None: half the background's entropy, or 50 %
    labels : cluster id -> name
    limits : values at the ends of the colours; None: as the values give
    """
    check_choice(quantity, "quantity", tuple(QUANTITIES))
    first, stop = checked_window(explanation, window)
    columns = slice(first - explanation.start, stop - explanation.start)
    places = shown_rows(explanation, clusters)
    complete, ids = msm_values(explanation, quantity)[places], explanation.ids[places]
    values = complete[:, columns]
    rows = len(values)
    figure = new_figure(size or _size(stop - first, rows, marginals))
    axes, above, beside = _layout(figure, marginals)
    shown = axes.imshow(
        values,
        aspect="auto",
        **cells_shown(figure, values.shape),
        extent=(first - 0.5, stop - 0.5, rows - 0.5, -0.5),
        **_scale(quantity, limits or msm_limits(complete, quantity), colour_blind),
    )
    bar = figure.colorbar(
        shown,
        ax=[axes] if beside is None else [axes, beside],
        label=QUANTITIES[quantity],
        aspect=28,
        pad=0.012,
        shrink=0.9,
    )
    bar.outline.set_visible(False)  # type: ignore[operator]
    _row_names(axes, ids, labels)
    position_ticks(axes, first, stop)
    axes.set_xlabel("Position")
    if explanation.reference is not None:
        letters_below(axes, explanation.reference[columns], explanation.alphabet, first)
    if above is not None and beside is not None:
        limit = _threshold(explanation, quantity, threshold)
        _marginals(above, beside, values, quantity, limit, first)
    if sites is not None:
        color = INK if quantity == "entropy_change" else ON_SEQUENTIAL
        _site_boxes(axes, ids, sites, (first, stop), color, verdicts)
        _site_names(above or axes, sites, (first, stop))
    (above or axes).set_title(title, loc="left", pad=14 if sites is not None else 5)
    return figure


def msm_values(explanation: Explanation, quantity: str) -> np.ndarray:
    """(K, W) of one quantity of the matrix."""
    if quantity == "entropy":
        return explanation.entropy
    if quantity == "entropy_change":
        return explanation.entropy - explanation.expected_entropy
    if quantity == "consensus":
        return explanation.consensus_match
    if explanation.reference is None:
        raise InputError("quantity", "'reference' without a reference", "an entropy or 'consensus'")
    return explanation.reference_mismatch


def _size(positions: int, rows: int, marginals: bool) -> tuple[float, float]:
    width = float(np.clip(1.8 + 0.07 * positions, 4.0, 14.0))
    height = float(np.clip(1.3 + 0.11 * rows, 2.4, 9.0))
    return (width + 0.8, height + 0.7) if marginals else (width, height)


def _layout(figure: Figure, marginals: bool) -> tuple[Axes, Axes | None, Axes | None]:
    if not marginals:
        return figure.add_subplot(), None, None
    grid = figure.add_gridspec(2, 2, width_ratios=(12, 1.2), height_ratios=(1, 5))
    axes = figure.add_subplot(grid[1, 0])
    above = figure.add_subplot(grid[0, 0], sharex=axes)
    return axes, above, figure.add_subplot(grid[1, 1], sharey=axes)


def _scale(quantity: str, limits: tuple[float, float], colour_blind: bool) -> dict[str, Any]:
    change = quantity == "entropy_change"
    scale = (
        diverging_map(colour_blind=colour_blind)
        if change
        else sequential_map(colour_blind=colour_blind)
    )
    return {"cmap": scale, "vmin": limits[0], "vmax": limits[1]}


def _row_names(axes: Axes, ids: np.ndarray, labels: dict[int, str] | None) -> None:
    step = max(1, -(-len(ids) // _NAMED_ROWS))
    rows = range(0, len(ids), step)
    names = [shortened(cluster_name(ids[row], labels)) for row in rows]
    axes.set_yticks(list(rows), names, fontsize=7.0 if len(ids) <= 30 else 5.0)
    axes.set_ylabel("Cluster")
    axes.tick_params(axis="y", length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _threshold(explanation: Explanation, quantity: str, threshold: float | None) -> float:
    if threshold is not None:
        return threshold
    half = 0.5 * explanation.expected_entropy
    return {"entropy": half, "entropy_change": -half}.get(quantity, 50.0)


def _marginals(
    above: Axes, beside: Axes, values: np.ndarray, quantity: str, limit: float, first: int
) -> None:
    conserved = values >= limit if quantity == "consensus" else values <= limit
    sign = "≥" if quantity == "consensus" else "≤"
    positions = np.arange(first, first + values.shape[1])
    above.bar(positions, conserved.sum(axis=0), width=0.9, color=ACCENT, lw=0)
    above.set_ylabel(f"Clusters\n{sign} {limit:.2g}")
    above.tick_params(axis="x", labelbottom=False, length=0)
    beside.barh(np.arange(len(values)), conserved.sum(axis=1), height=0.8, color=ACCENT, lw=0)
    beside.set_xlabel("Positions")
    beside.tick_params(axis="y", labelleft=False, length=0)


def _site_boxes(
    axes: Axes,
    ids: np.ndarray,
    sites: Sites,
    window: tuple[int, int],
    color: str,
    verdicts: Verdicts | None,
) -> None:
    from matplotlib.patches import Rectangle

    first, stop = window
    boxes, gap = site_boxes(sites, ids), least_gap(axes, stop - first)
    for site in sites.sites:
        style = outline_of(site.name, verdicts)
        for start, end, above, below in places_of(boxes, site.name, gap).T.tolist():
            left, right = max(start, first), min(end, stop)
            if left < right:
                corner, size = (left - 0.5, above - 0.5), (right - left, below - above)
                axes.add_patch(Rectangle(corner, *size, fill=False, ec=color, lw=0.9, ls=style))


def _site_names(top: Axes, sites: Sites, window: tuple[int, int]) -> None:
    first, stop = window
    for site in sites.sites:
        inside = [p for p in site.positions if first <= p < stop]
        if inside:
            top.text(
                (inside[0] + inside[-1]) / 2,
                1.02,
                written(site.name),
                transform=top.get_xaxis_transform(),
                ha="center",
                va="bottom",
                fontsize=8,
            )
