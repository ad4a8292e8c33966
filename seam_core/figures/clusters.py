"""Statistics between clusters and inside one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from seam_core.colours import REFERENCE
from seam_core.figures.style import (
    ACCENT,
    FAINT,
    INK,
    MUTED,
    cluster_colors,
    new_figure,
    position_ticks,
    styled,
)
from seam_core.pictures import Outliers, shown_rows
from seam_core.point_marks import cluster_name, shortened
from seam_core.records import AttributionMaps, Clustering, Explanation, Table
from seam_core.validate import InputError, check_choice

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ACTIVITY_KINDS = ("box", "compact", "bar")
_NAMED_ROWS = 60
_BLOCK = 2_048


@styled
def cluster_activity(
    explanation: Explanation,
    *,
    kind: str = "box",
    clusters: Sequence[int] | None = None,
    reference_cluster: int | None = None,
    reference_activity: float | None = None,
    outliers: Outliers | None = None,
    labels: dict[int, str] | None = None,
    colours: Mapping[int, str] | None = None,
    activity_name: str = "Activity",
    title: str = "",
    size: tuple[float, float] | None = None,
    colour_blind: bool = False,
) -> Figure:
    """How active each cluster is, from the top.

    The average interquartile range over clusters is written above.

    Parameters
    ----------
    kind : "box" (quartiles, whiskers to the extremes), "compact" (median and interquartile range)
        or "bar" (median)
    clusters : ids in the order of the rows; None: all, in the explanation's order
    reference_cluster : id whose name is red
    reference_activity : of the reference itself, where a line stands
    outliers : of the rows (`pictures.outliers_of`), drawn beyond the whiskers of boxes; None: these
        end at the extremes
    labels : cluster id -> name
    colours : cluster id -> "#rrggbb" in place of its own
    """
    check_choice(kind, "kind", ACTIVITY_KINDS)
    places = shown_rows(explanation, clusters)
    quartiles, ids = explanation.activity_quartiles[places], explanation.ids[places]
    figure = new_figure(size or _size(len(ids)))
    axes = figure.add_subplot()
    rows = np.arange(len(ids))
    colors = cluster_colors(ids, colours, colour_blind=colour_blind)
    if kind == "bar":
        axes.barh(rows, quartiles[:, 2], height=0.8, color=colors, lw=0)
        axes.axvline(0.0, color=INK, lw=0.6)
    elif kind == "compact":
        axes.hlines(rows, quartiles[:, 1], quartiles[:, 3], colors=list(map(tuple, colors)), lw=1.0)
        axes.scatter(quartiles[:, 2], rows, s=9, c=colors, zorder=3, lw=0)
    else:
        ends = quartiles[:, [0, 4]] if outliers is None else outliers.whiskers
        axes.hlines(rows, ends[:, 0], ends[:, 1], colors=list(map(tuple, colors)), lw=0.8)
        if outliers is not None:
            inks = np.asarray(colors)[outliers.rows]
            axes.scatter(outliers.values, outliers.rows, s=4, edgecolors=inks, c="none", lw=0.5)
        axes.barh(
            rows,
            quartiles[:, 3] - quartiles[:, 1],
            left=quartiles[:, 1],
            height=0.7,
            color=colors,
            lw=0.8,
            zorder=2,
        )
        axes.vlines(quartiles[:, 2], rows - 0.35, rows + 0.35, color=INK, lw=1.2, zorder=3)
    if reference_activity is not None:
        axes.axvline(reference_activity, color=REFERENCE, lw=0.8, ls=(0, (3, 2)), zorder=1)
    _row_names(axes, ids, labels, reference_cluster)
    iqr = float(np.nanmean(quartiles[:, 3] - quartiles[:, 1])) if len(ids) else float("nan")
    axes.set_xlabel(f"{activity_name} (mean IQR {iqr:.3g})")
    axes.set_title(title, loc="left")
    return figure


@styled
def cluster_occupancy(
    explanation: Explanation,
    *,
    clusters: Sequence[int] | None = None,
    counts: Sequence[int] | np.ndarray | None = None,
    count_name: str = "Sequences",
    reference_cluster: int | None = None,
    labels: dict[int, str] | None = None,
    colours: Mapping[int, str] | None = None,
    title: str = "",
    size: tuple[float, float] | None = None,
    colour_blind: bool = False,
) -> Figure:
    """How many sequences each cluster holds, from the top.

    Parameters
    ----------
    clusters : ids in the order of the rows; None: all, in the explanation's order
    counts, count_name : (K,) bars instead, in the order of the rows, and what they count
    reference_cluster : id whose name is red
    labels, colours : cluster id -> name, and "#rrggbb" in place of its own colour
    """
    rows = shown_rows(explanation, clusters)
    ids = explanation.ids[rows]
    counts = explanation.sizes[rows] if counts is None else counts
    figure = new_figure(size or _size(len(ids)))
    axes = figure.add_subplot()
    colors = cluster_colors(ids, colours, colour_blind=colour_blind)
    axes.barh(np.arange(len(ids)), counts, height=0.8, color=colors, lw=0)
    if len(ids) <= 30:
        for row, count in enumerate(counts):
            axes.text(count, row, f" {count:,}", va="center", fontsize=6.5)
        axes.margins(x=0.12)
    _row_names(axes, ids, labels, reference_cluster)
    axes.set_xlabel(count_name)
    axes.set_title(title, loc="left")
    return figure


@styled
def cluster_members(
    explanation: Explanation,
    cluster: int,
    *,
    table: Table,
    clustering: Clustering,
    maps: AttributionMaps | None = None,
    activity_name: str = "Activity",
    title: str = "",
    size: tuple[float, float] = (8.0, 5.2),
) -> Figure:
    """Inside one cluster: match to the reference and to the consensus per position, its activities
    over the library's, and how far its maps lie from their mean.

    The last panel needs `maps`; the first needs a reference. Panels without their input are left
    out.
    """
    row = explanation.row_of(cluster)
    members = np.flatnonzero(clustering.labels == cluster)
    if len(members) == 0:
        raise InputError("cluster", f"{cluster}, which has no sequences", "a cluster with some")
    figure = new_figure(size)
    lines = ["consensus"] if explanation.reference is None else ["reference", "consensus"]
    grid = figure.add_gridspec(len(lines) + 1, 2, height_ratios=[1.0] * len(lines) + [1.5])
    for index, name in enumerate(lines):
        match = explanation.consensus_match[row]
        if name == "reference":
            match = 100.0 - explanation.reference_mismatch[row]
        axes = figure.add_subplot(grid[index, :])
        _match_bars(axes, match, explanation.start, f"Match to\n{name} (%)")
        if index == 0:
            text = title or f"Cluster {cluster}: {len(members):,} sequences"
            axes.set_title(text, loc="left")
    axes.set_xlabel("Position")
    bottom = grid[len(lines), 0] if maps is not None else grid[len(lines), :]
    _activity_histogram(figure.add_subplot(bottom), table.activity, members, activity_name)
    if maps is not None:
        spread = map_spread(maps, members, explanation.mean_maps[row])
        axes = figure.add_subplot(grid[len(lines), 1])
        axes.hist(spread, bins=_bins(len(spread)), color=ACCENT, alpha=0.85, lw=0)
        axes.axvline(np.median(spread), color=INK, lw=0.9, label=f"median {np.median(spread):.3g}")
        axes.set(xlabel="Distance of a map to the mean map", ylabel="Sequences")
        axes.legend(loc="upper right")
    return figure


def map_spread(maps: AttributionMaps, members: np.ndarray, mean_map: np.ndarray) -> np.ndarray:
    """(n,) Euclidean distance of each member's map to `mean_map`; reads the maps block by block."""
    distances = np.empty(len(members))
    for first in range(0, len(members), _BLOCK):
        rows = members[first : first + _BLOCK]
        difference = maps.maps[rows] - mean_map
        distances[first : first + _BLOCK] = np.sqrt((difference**2).sum(axis=(1, 2)))
    return distances


def _size(rows: int) -> tuple[float, float]:
    return (3.6, float(np.clip(0.9 + 0.14 * rows, 2.2, 9.0)))


def _row_names(
    axes: Axes, ids: np.ndarray, labels: dict[int, str] | None, reference: int | None
) -> None:
    step = max(1, -(-len(ids) // _NAMED_ROWS))
    inside = [] if reference is None else np.flatnonzero(ids == reference).tolist()
    rows = sorted({*range(0, len(ids), step), *inside})
    names = [shortened(cluster_name(ids[row], labels)) for row in rows]
    axes.set_yticks(rows, names, fontsize=7.0 if len(ids) <= 30 else 5.0)
    for row, tick in zip(rows, axes.get_yticklabels(), strict=True):
        if ids[row] == reference:
            tick.set_color(REFERENCE)
    axes.set_ylim(len(ids) - 0.4, -0.6)
    axes.set_ylabel("Cluster" + (", reference's in red" if len(inside) else ""))
    axes.tick_params(axis="y", length=0)


def _match_bars(axes: Axes, match: np.ndarray, start: int, name: str) -> None:
    positions = np.arange(start, start + len(match))
    lowest = max(0.0, 10.0 * np.floor(float(np.nanmin(match)) / 10.0) - 10.0)
    axes.bar(
        positions, match - lowest, bottom=lowest, width=0.9 if len(match) <= 100 else 1.0,
        color=ACCENT, lw=0,
    )  # fmt: skip
    axes.set_ylim(lowest, 100.0)
    axes.set_ylabel(name)
    axes.grid(axis="y", color=FAINT, lw=0.6)
    position_ticks(axes, start, start + len(match))


def _activity_histogram(axes: Axes, activity: np.ndarray, members: np.ndarray, name: str) -> None:
    finite = activity[np.isfinite(activity)]
    edges = np.histogram_bin_edges(finite, bins=_bins(len(finite))).tolist()
    density = len(members) > 1
    axes.hist(
        activity, bins=edges, density=density, color=MUTED, alpha=0.45, lw=0,
        label="library",
    )  # fmt: skip
    axes.hist(
        activity[members], bins=edges, density=density, color=ACCENT, alpha=0.75, lw=0,
        label="cluster",
    )  # fmt: skip
    axes.set(xlabel=name, ylabel="Density" if density else "Sequences")
    axes.legend(loc="best")


def _bins(n: int) -> int:
    return int(np.clip(np.sqrt(n), 5, 60))
