"""How much maps differ: variation per letter, spread inside clusters, profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from seam_core.colours import REFERENCE
from seam_core.figures.drawing import mark_sites
from seam_core.figures.logos import checked_window
from seam_core.figures.style import (
    ACCENT,
    FAINT,
    INK,
    MUTED,
    new_figure,
    position_ticks,
    sequential_map,
    styled,
)
from seam_core.records import Explanation, Site
from seam_core.validate import check_shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.figure import Figure


class Overlay(Protocol):
    """What is drawn of a `seam_core.meta_explainer.ProfileOverlay`."""

    @property
    def mean(self) -> np.ndarray: ...
    @property
    def low(self) -> np.ndarray: ...
    @property
    def high(self) -> np.ndarray: ...
    @property
    def shown(self) -> np.ndarray: ...


@styled
def attribution_variation(
    variation: np.ndarray,
    explanation: Explanation,
    *,
    name: str = "Standard deviation",
    sites: Sequence[Site] = (),
    window: tuple[int, int] | None = None,
    title: str = "",
    size: tuple[float, float] | None = None,
    colour_blind: bool = False,
) -> Figure:
    """How much attributions vary at each position (largest over letters) and letter.

    Parameters
    ----------
    variation : (W, A) from `seam_core.meta_explainer.attribution_variation`
    explanation : whose positions and letters these are
    name : what was taken, with its unit
    sites : marked and named above
    window : (start, stop) positions shown; None: all
    """
    check_shape(variation, explanation.map_sums.shape[1:], "variation")
    first, stop = checked_window(explanation, window)
    values = variation[first - explanation.start : stop - explanation.start]
    letters = explanation.alphabet
    width = float(np.clip(1.6 + 0.07 * (stop - first), 4.0, 14.0))
    figure = new_figure(size or (width, 1.5 + 0.14 * len(letters)))
    top, below = figure.subplots(2, 1, sharex=True, height_ratios=(2.0, 0.28 * len(letters)))
    top.bar(np.arange(first, stop), values.max(axis=1), width=0.9, color=ACCENT, lw=0)
    top.set_ylabel(name)
    top.tick_params(axis="x", labelbottom=False, length=0)
    mark_sites(top, sites, first, stop)
    shown = below.imshow(
        values.T,
        aspect="auto",
        interpolation="nearest",
        cmap=sequential_map(colour_blind=colour_blind),
        vmin=0.0,
        vmax=float(values.max(initial=0.0)) or 1.0,
        extent=(first - 0.5, stop - 0.5, len(letters) - 0.5, -0.5),
    )
    bar = figure.colorbar(shown, ax=[top, below], pad=0.012, aspect=22, shrink=0.9)
    bar.outline.set_visible(False)  # type: ignore[operator]
    below.set_yticks(range(len(letters)), list(letters))
    below.tick_params(axis="y", length=0)
    below.set_xlabel("Position")
    position_ticks(below, first, stop)
    top.set_title(title, loc="left", pad=14 if sites else 5)
    return figure


@styled
def map_consistency(
    consistency: pd.DataFrame,
    *,
    reference_cluster: int | None = None,
    title: str = "",
    size: tuple[float, float] = (6.4, 2.8),
) -> Figure:
    """What averaging gains: the signal-to-noise ratio of single maps and of their cluster's mean,
    and the gain against the size of the cluster.

    Parameters
    ----------
    consistency : from `seam_core.meta_explainer.consistency_frame`
    reference_cluster : id drawn in red
    """
    from matplotlib.ticker import LogFormatter, NullFormatter

    figure = new_figure(size)
    left, right = figure.subplots(1, 2)
    frame = consistency.sort_values("snr_mean").reset_index(drop=True)
    at = np.arange(len(frame))
    with np.errstate(divide="ignore"):
        single = 10.0 * np.log10(frame["snr_single"].to_numpy(float))
        mean = 10.0 * np.log10(frame["snr_mean"].to_numpy(float))
    known = np.isfinite(single) & np.isfinite(mean)
    left.vlines(at[known], single[known], mean[known], color=FAINT, lw=2.0)
    left.plot(at[known], single[known], "o", ms=3, color=MUTED, label="a single map")
    left.plot(at[known], mean[known], "o", ms=3, color=ACCENT, label="the cluster's mean")
    left.set(xlabel="Clusters", ylabel="Signal to noise (dB)")
    left.set_xticks([])
    left.legend(loc="best")
    colors = np.where(frame["cluster"] == reference_cluster, REFERENCE, ACCENT)
    right.scatter(frame["size"][known], frame["gain_db"][known], s=12, c=colors[known], lw=0)
    right.set_xscale("log")
    right.xaxis.set_major_formatter(LogFormatter())  # 100, as the house style draws no 10^2
    right.xaxis.set_minor_formatter(NullFormatter())
    right.set(xlabel="Sequences in the cluster", ylabel="Gain by averaging (dB)")
    left.set_title(title, loc="left")
    return figure


@styled
def cluster_profiles(
    overlay: Overlay,
    *,
    start: int = 0,
    title: str = "",
    y_label: str = "Predicted profile",
    size: tuple[float, float] = (6.0, 2.4),
) -> Figure:
    """Profiles that a model predicts for a cluster's sequences: single ones, their mean and a band.

    Parameters
    ----------
    overlay : from `seam_core.meta_explainer.profile_overlay`
    start : position of the profile's first point
    """
    figure = new_figure(size)
    axes = figure.add_subplot()
    at = np.arange(start, start + len(overlay.mean))
    for profile in overlay.shown:
        axes.plot(at, profile, color=MUTED, alpha=0.25, lw=0.4, rasterized=True)
    axes.fill_between(at, overlay.low, overlay.high, color=ACCENT, alpha=0.2, lw=0)
    axes.plot(at, overlay.mean, color=INK, lw=1.2, label="mean")
    axes.margins(x=0)
    axes.legend(loc="best")
    axes.set(xlabel="Position", ylabel=y_label)
    axes.set_title(title, loc="left")
    return figure
