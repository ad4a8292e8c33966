"""Several sessions in one figure: all their points, which clusters are which, logos in pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seam_core.figures.drawing import draw_logo, set_heights
from seam_core.figures.style import (
    INK,
    cluster_colors,
    new_figure,
    position_ticks,
    sequential_map,
    styled,
)
from seam_core.point_marks import cluster_name
from seam_core.records import Embedding, Explanation
from seam_core.validate import check_shape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NAMED = 60
_INCHES_PER_LETTER = 0.055


@styled
def sessions_scatter(
    embedding: Embedding,
    session: np.ndarray,
    names: Sequence[str],
    *,
    title: str = "",
    size: tuple[float, float] = (4.6, 4.0),
    colour_blind: bool = False,
) -> Figure:
    """Points of several sessions, coloured by session.

    Parameters
    ----------
    embedding : of all points
    session : (N,) which session a point is of
    names : of the sessions
    """
    points = np.asarray(embedding.coordinates)[:, :2]
    check_shape(np.asarray(session), (len(points),), "session")
    figure = new_figure(size)
    axes = figure.add_subplot()
    colors = cluster_colors(np.arange(len(names)), colour_blind=colour_blind)
    # in a random order, so that no session hides another
    order = np.random.default_rng(0).permutation(len(points))
    axes.scatter(
        points[order, 0],
        points[order, 1],
        c=colors[session[order]],
        s=float(np.clip(12_000 / max(len(points), 1), 0.8, 14.0)),
        linewidths=0,
        rasterized=len(points) > 2_000,
    )
    for color, name in zip(colors, names, strict=True):
        axes.scatter([], [], color=color, s=14, label=name)
    axes.legend(loc="best", handletextpad=0.2)
    axes.set(xlabel=embedding.axis_name(0), ylabel=embedding.axis_name(1), xticks=[], yticks=[])
    axes.set_title(title, loc="left")
    return figure


@styled
def correspondence_heatmap(
    values: np.ndarray,
    left_ids: np.ndarray,
    right_ids: np.ndarray,
    *,
    matched: Sequence[tuple[int, int]] = (),
    names: tuple[str, str] = ("left", "right"),
    quantity: str = "Jaccard index",
    limits: tuple[float, float] = (0.0, 1.0),
    title: str = "",
    size: tuple[float, float] = (4.8, 4.2),
    colour_blind: bool = False,
) -> Figure:
    """Which clusters of one session are which of another.

    Parameters
    ----------
    values : (K, M) of `quantity`
    left_ids, right_ids : (K,) and (M,) cluster ids of rows and columns
    matched : pairs of ids whose cells are outlined
    names : of the two sessions
    limits : values at the ends of the colour scale
    """
    check_shape(values, (len(left_ids), len(right_ids)), "values")
    figure = new_figure(size)
    axes = figure.add_subplot()
    shown = axes.imshow(
        values,
        aspect="auto",
        interpolation="nearest",
        vmin=limits[0],
        vmax=limits[1],
        cmap=sequential_map(colour_blind=colour_blind),
    )
    bar = figure.colorbar(shown, ax=axes, label=quantity, aspect=28, pad=0.012)
    bar.outline.set_visible(False)  # type: ignore[operator]
    for axis, ids, name in ((axes.yaxis, left_ids, names[0]), (axes.xaxis, right_ids, names[1])):
        step = max(1, -(-len(ids) // _NAMED))
        axis.set_ticks(np.arange(0, len(ids), step), [cluster_name(int(i)) for i in ids[::step]])
        axis.set_label_text(f"Cluster, {name}")
    axes.tick_params(axis="x", rotation=90)
    rows = {int(cluster): row for row, cluster in enumerate(left_ids)}
    columns = {int(cluster): column for column, cluster in enumerate(right_ids)}
    for left, right in matched:
        x, y = columns[right] - 0.5, rows[left] - 0.5
        axes.plot([x, x + 1, x + 1, x, x], [y, y, y + 1, y + 1, y], color=INK, lw=0.7)
    axes.set_title(title, loc="left")
    return figure


@styled
def matched_logos(
    left: Explanation,
    right: Explanation,
    pairs: Sequence[tuple[int, int]],
    *,
    kind: str = "average",
    names: tuple[str, str] = ("left", "right"),
    window: tuple[int, int] | None = None,
    centred: bool = False,
    same_heights: bool = False,
    size: tuple[float, float] | None = None,
    colour_blind: bool = False,
) -> Figure:
    """Logos of matched clusters side by side, one row a pair.

    Parameters
    ----------
    pairs : cluster ids of the left and of the right session
    kind : one of `seam_core.logos.KINDS`
    window : (start, stop) positions drawn; None: those that both sessions have
    same_heights : one y-axis for both sides; heads and methods often differ in size
    """
    ends = [(record.start, record.start + record.entropy.shape[1]) for record in (left, right)]
    first, stop = window or (max(e[0] for e in ends), min(e[1] for e in ends))
    width = float(np.clip((stop - first) * _INCHES_PER_LETTER, 2.5, 12))
    figure = new_figure(size or (0.8 + 2 * width, 0.4 + 1.15 * len(pairs)))
    grid = figure.subplots(len(pairs), 2, squeeze=False, sharex=True)
    sides = [(record, record.logos(kind, centred=centred)) for record in (left, right)]
    for line, pair in zip(grid, pairs, strict=True):
        spans = []
        for axes, (record, matrices), cluster in zip(line, sides, pair, strict=True):
            columns = slice(first - record.start, stop - record.start)
            spans.append(
                draw_logo(
                    axes,
                    matrices[record.row_of(cluster)][columns],
                    alphabet=record.alphabet,
                    start=first,
                    colour_blind=colour_blind,
                )
            )
            axes.set_ylabel(f"{cluster_name(cluster)} (n = {record.sizes[record.row_of(cluster)]})")
            position_ticks(axes, first, stop)
        for axes, span in zip(line, spans, strict=True):
            low, high = zip(*spans, strict=True) if same_heights else ((span[0],), (span[1],))
            set_heights(axes, min(low), max(high))
    for axes, name in zip(grid[0], names, strict=True):
        axes.set_title(name, loc="left")
    for axes in grid[-1]:
        axes.set_xlabel("Position")
    return figure
