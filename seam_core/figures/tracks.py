"""Annotation tracks of a sequence, with the sites found above them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seam_core.colours import categorical
from seam_core.figures.drawing import mark_sites
from seam_core.figures.style import new_figure, position_ticks, styled
from seam_core.readers.tracks import Track, rows_of
from seam_core.records import Site
from seam_core.validate import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_NAMED = 0.02  # share of the picture that a feature must have for its name to stand in it


@styled
def annotation_tracks(
    tracks: Sequence[Track],
    start: int,
    stop: int,
    *,
    sites: Sequence[Site] = (),
    title: str = "",
    size: tuple[float, float] | None = None,
    colour_blind: bool = False,
) -> Figure:
    """One row a track over positions `start` to `stop`; sites are marked above the first.

    Raises `InputError` without a track.
    """
    if not tracks:
        raise InputError("tracks", "none", "one or more")
    colours = categorical(max(len(tracks), 3), colour_blind=colour_blind) / 255
    rows = [1 + int(rows_of(t.features).max(initial=0)) if t.values is None else 2 for t in tracks]
    figure = new_figure(size or (max(3.5, 1.2 + 0.03 * (stop - start)), 0.6 + 0.28 * sum(rows)))
    grid = figure.subplots(
        len(tracks), 1, squeeze=False, sharex=True, gridspec_kw={"height_ratios": rows}
    )[:, 0]
    for axes, track, colour in zip(grid, tracks, colours, strict=False):
        if track.values is None:
            _features(axes, track, colour, stop - start)
        else:
            inside = np.arange(len(track.values))
            values = np.nan_to_num(track.values)
            axes.fill_between(inside, values, step="mid", color=colour, lw=0)
            axes.margins(y=0.05)
        axes.set_ylabel(track.name, rotation=0, ha="right", va="center", fontsize=6.5)
        axes.tick_params(axis="x", labelbottom=axes is grid[-1])
    grid[-1].set_xlim(start - 0.5, stop - 0.5)
    position_ticks(grid[-1], start, stop)
    if sites:
        mark_sites(grid[0], sites, start, stop)
    grid[-1].set_xlabel("Position")
    if title:
        grid[0].set_title(title, pad=14 if sites else 6)
    return figure


def _features(axes: Axes, track: Track, colour: np.ndarray, width: int) -> None:
    rows = rows_of(track.features)
    for feature, row in zip(track.features, rows.tolist(), strict=True):
        wide = feature.stop - feature.start
        axes.barh(row, wide, left=feature.start - 0.5, height=0.62, color=colour, lw=0)
        if feature.name and wide >= _NAMED * width:
            middle = feature.start + wide / 2 - 0.5
            axes.text(middle, row, feature.name, ha="center", va="center", fontsize=5, clip_on=True)
    axes.set_ylim(int(rows.max(initial=0)) + 0.6, -0.6)
    axes.set_yticks([])
