"""Binding sites: how positions vary together, where the tree is cut, which clusters show what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.colours import REFERENCE
from seam_core.figures.drawing import cells_shown, least_gap, site_line
from seam_core.figures.style import (
    FAINT,
    INK,
    MUTED,
    cluster_colors,
    diverging_map,
    new_figure,
    position_ticks,
    sequential_map,
    styled,
)
from seam_core.figures.tree import draw_tree
from seam_core.pictures import covariance_limit
from seam_core.point_marks import cluster_name, shortened
from seam_core.records import Site, Sites
from seam_core.site_boxes import (
    Verdicts,
    diamond,
    joined_runs,
    pairs_of_runs,
    rectangle,
    runs_of,
    written,
)
from seam_core.validate import InputError, check_choice

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHAPES = ("square", "triangular")
_MOST_CELLS = 1_200  # along a side of the triangle, each of which is a path


@styled
def site_covariance(
    sites: Sites,
    *,
    shape: str = "square",
    by_tree: bool = False,
    window: tuple[int, int] | None = None,
    verdicts: Verdicts | None = None,
    limits: tuple[float, float] | None = None,
    title: str = "",
    size: tuple[float, float] | None = None,
    colour_blind: bool = False,
) -> Figure:
    """How positions gain and lose their conservation together over clusters.

    Sites are boxed: one box a pair of contiguous stretches of a site, so that a site with gaps is
    not drawn as one block where there is room between the lines. Colours are cut at the 99.5 %
    quantile of |covariance| of all positions, whatever the window.

    Parameters
    ----------
    shape : "square", or "triangular": the upper half, turned so that positions run along the axis
    by_tree : positions in the order of the tree's leaves instead of along the sequence (square
        only)
    window : (start, stop) positions shown; None: all
    verdicts : name of a site -> what experiments say: weak ones are dashed, refuted ones dotted
    limits : values at the ends of the colours; None: as said below
    """
    check_choice(shape, "shape", SHAPES)
    if by_tree and (shape != "square" or window is not None):
        raise InputError("by_tree", f"with {shape} or a window", "a whole square matrix")
    first, stop = _window(sites, window)
    columns = slice(first - sites.start, stop - sites.start)
    matrix = sites.covariance[columns, columns]
    limit = covariance_limit(sites.covariance)
    low, high = limits or (-limit, limit)
    scale = {"cmap": diverging_map(colour_blind=colour_blind), "vmin": low, "vmax": high}
    width = float(np.clip(1.8 + 0.025 * (stop - first), 4.2, 8.0))
    figure = new_figure(size or ((width + 0.5, width) if shape == "square" else (9.0, 4.2)))
    axes = figure.add_subplot()
    if shape == "triangular":
        _triangle(figure, axes, sites, matrix, scale, first, stop, verdicts)
    elif by_tree:
        _square_by_tree(figure, axes, sites, scale, verdicts)
    else:
        _square(figure, axes, sites, matrix, scale, first, stop, verdicts)
    axes.set_title(title, loc="left", pad=12)
    return figure


@styled
def site_dendrogram(
    sites: Sites,
    *,
    title: str = "",
    size: tuple[float, float] | None = None,
    colour_blind: bool = False,
) -> Figure:
    """The tree of positions and the height at which it was cut; each site in its colour."""
    width = len(sites.covariance)
    figure = new_figure(size or (float(np.clip(2.0 + 0.05 * width, 5.0, 14.0)), 2.8))
    axes = figure.add_subplot()
    if not len(sites.linkage):
        return figure
    member = _site_of_positions(sites)
    colors = cluster_colors(np.arange(len(sites.sites)), colour_blind=colour_blind)
    leaves = draw_tree(axes, sites.linkage, member, colors, background=MUTED)
    axes.axhline(sites.cut_height, color=REFERENCE, lw=0.8, ls=(0, (4, 2)))
    axes.text(
        1.0, sites.cut_height, " cut", transform=axes.get_yaxis_transform(), color=REFERENCE,
        va="center", fontsize=7,
    )  # fmt: skip
    for index, site in enumerate(sites.sites):
        at = np.flatnonzero(member[leaves] == index)
        axes.annotate(
            written(site.name), (at.mean(), 0.0), (0, -3), textcoords="offset points",
            xycoords=axes.get_xaxis_transform(), ha="center", va="top", color=colors[index],
            fontweight="bold", annotation_clip=False,
        )  # fmt: skip
    axes.set_xticks([])
    axes.set_ylabel("Distance")
    axes.set_xlabel("Positions, in the order of the tree", labelpad=12)
    axes.set_title(title, loc="left")
    return figure


@styled
def configuration_matrix(
    sites: Sites,
    *,
    binary: bool = True,
    horizontal: bool = False,
    labels: dict[int, str] | None = None,
    title: str = "",
    size: tuple[float, float] | None = None,
    colour_blind: bool = False,
) -> Figure:
    """Which cluster shows which site: yes or no, or the activity from 0 to 1.

    Parameters
    ----------
    binary : draw `sites.active`; else `sites.activity`
    horizontal : clusters along the x axis
    labels : cluster id -> name
    """
    if not sites.sites:
        raise InputError("sites", "none", "at least one site")
    names = [written(site.name) for site in sites.sites]
    clusters = [shortened(cluster_name(i, labels)) for i in sites.cluster_ids]
    values = sites.active.astype(float) if binary else sites.activity
    values = values.T if horizontal else values
    rows, columns = values.shape
    long, short = 0.9 + 0.17 * len(clusters), 1.6 + 0.34 * len(names)
    long = float(np.clip(long, 2.0, 11.0))
    extra = 0.9
    figure = new_figure(size or ((long + extra, short) if horizontal else (short + extra, long)))
    axes = figure.add_subplot()
    from matplotlib.colors import ListedColormap

    scale = ListedColormap(["white", INK]) if binary else sequential_map(colour_blind=colour_blind)
    shown = axes.pcolormesh(values, cmap=scale, vmin=0.0, vmax=1.0, edgecolors=FAINT, linewidth=0.5)
    axes.invert_yaxis()
    if binary:
        from matplotlib.patches import Patch

        keys = [
            Patch(fc=INK, ec=MUTED, label="active"),
            Patch(fc="white", ec=MUTED, label="inactive"),
        ]
        figure.legend(handles=keys, loc="outside right upper")
    else:
        bar = figure.colorbar(shown, ax=axes, label="Site activity", aspect=18, pad=0.03)
        bar.outline.set_visible(False)  # type: ignore[operator]
    _cells(axes, "x", columns, clusters if horizontal else names)
    _cells(axes, "y", rows, names if horizontal else clusters)
    axes.set_xlabel("Cluster" if horizontal else "Site")
    axes.set_ylabel("Site" if horizontal else "Cluster")
    axes.set_title(title, loc="left")
    return figure


def _cells(axes: Axes, which: str, count: int, names: list[str]) -> None:
    step = max(1, -(-count // 60))
    at = np.arange(0, count, step)
    small = 7.0 if count <= 30 else 5.0
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_ticks(at + 0.5, [names[index] for index in at], fontsize=small)
    axes.tick_params(axis=which, length=0)  # type: ignore[arg-type]
    if which == "x" and count > 12:
        axes.tick_params(axis="x", rotation=90)


def _window(sites: Sites, window: tuple[int, int] | None) -> tuple[int, int]:
    first, stop = sites.start, sites.start + len(sites.covariance)
    if window is None:
        return first, stop
    if not first <= window[0] < window[1] <= stop:
        raise InputError("window", f"{window[0]}-{window[1]}", f"positions within {first}-{stop}")
    return window


def _site_of_positions(sites: Sites) -> np.ndarray:
    """(W,) index of the site that each column belongs to; -1 none."""
    member = np.full(len(sites.covariance), -1)
    for index, site in enumerate(sites.sites):
        member[[position - sites.start for position in site.positions]] = index
    return member


def _runs_within(axes: Axes, site: Site, first: int, stop: int) -> list[tuple[int, int]]:
    """Stretches of a site in a window that is as wide as the figure, told apart where they can."""
    runs = runs_of([p for p in site.positions if first <= p < stop])
    return joined_runs(runs, least_gap(axes, stop - first))


def _square(
    figure: Figure,
    axes: Axes,
    sites: Sites,
    matrix: np.ndarray,
    scale: dict[str, Any],
    first: int,
    stop: int,
    verdicts: Verdicts | None,
) -> None:
    extent = (first - 0.5, stop - 0.5, stop - 0.5, first - 0.5)
    shown = axes.imshow(matrix, extent=extent, **scale, **cells_shown(figure, matrix.shape))
    _bar(figure, axes, shown)
    for site in sites.sites:
        runs = _runs_within(axes, site, first, stop)
        for one, other in pairs_of_runs(runs):
            axes.plot(*rectangle(one, other), lw=0.9, **site_line(site.name, verdicts))
        if runs:
            axes.text(
                runs[0][0] - 1.2,
                runs[0][0] - 0.5,
                written(site.name),
                ha="right",
                va="bottom",
                fontsize=8,
            )
    position_ticks(axes, first, stop)
    axes.set_ylim(stop - 0.5, first - 0.5)
    axes.set_yticks([tick for tick in axes.get_xticks() if first <= tick < stop])
    axes.set(xlabel="Position", ylabel="Position")


def _square_by_tree(
    figure: Figure,
    axes: Axes,
    sites: Sites,
    scale: dict[str, Any],
    verdicts: Verdicts | None,
) -> None:
    from matplotlib.patches import Rectangle
    from scipy.cluster.hierarchy import leaves_list

    leaves = leaves_list(sites.linkage) if len(sites.linkage) else np.arange(1)
    matrix = sites.covariance[np.ix_(leaves, leaves)]
    shown = axes.imshow(matrix, **scale, **cells_shown(figure, matrix.shape))
    _bar(figure, axes, shown)
    member = _site_of_positions(sites)[leaves]
    for index, site in enumerate(sites.sites):
        for left, right in runs_of(np.flatnonzero(member == index).tolist()):
            box = (left - 0.5, left - 0.5), right - left, right - left
            axes.add_patch(Rectangle(*box, fill=False, **site_line(site.name, verdicts)))
            axes.text(
                left - 1.2, left - 0.5, written(site.name), ha="right", va="bottom", fontsize=8
            )
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_xlabel("Positions, in the order of the tree")


def _triangle(
    figure: Figure,
    axes: Axes,
    sites: Sites,
    matrix: np.ndarray,
    scale: dict[str, Any],
    first: int,
    stop: int,
    verdicts: Verdicts | None,
) -> None:
    """Cell (i, j), i <= j, is drawn around x = (i + j) / 2, y = (j - i) / 2."""
    means, starts = _means_of_blocks(matrix)
    edges = first + np.append(starts, len(matrix)) - 0.5
    row, column = np.meshgrid(edges, edges, indexing="ij")
    upper = np.where(np.tri(len(means), k=-1, dtype=bool), np.nan, means)
    shown = axes.pcolormesh((row + column) / 2, (column - row) / 2, upper, **scale, rasterized=True)
    _bar(figure, axes, shown)
    for site in sites.sites:
        runs = _runs_within(axes, site, first, stop)
        for one, other in pairs_of_runs(runs):
            if one <= other:
                axes.plot(*diamond(one, other), lw=0.9, **site_line(site.name, verdicts))
        if runs:
            middle = (runs[0][0] + runs[-1][1] - 1) / 2
            height = (runs[-1][1] - runs[0][0]) / 2
            axes.text(
                middle, height + 0.6, written(site.name), ha="center", va="bottom", fontsize=8
            )
    position_ticks(axes, first, stop)
    axes.set_ylim(0.0, (stop - first) / 2 + 0.5)
    axes.set_aspect("equal")
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("Position")


def _means_of_blocks(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(B, B) means of square blocks of a matrix of more cells than can be told apart, and the first
    row of each; of a small one, the matrix itself."""
    starts = np.arange(0, len(matrix), -(-len(matrix) // _MOST_CELLS))
    sizes = np.diff(np.append(starts, len(matrix)))
    sums = np.add.reduceat(np.add.reduceat(matrix, starts, axis=0), starts, axis=1)
    return sums / np.outer(sizes, sizes), starts


def _bar(figure: Figure, axes: Axes, shown: Any) -> None:
    bar = figure.colorbar(
        shown, ax=axes, label="Covariance of entropy (bits²)", shrink=0.6, aspect=22, pad=0.02
    )
    bar.outline.set_visible(False)  # type: ignore[operator]
