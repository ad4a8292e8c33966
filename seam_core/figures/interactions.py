"""Configurations of sites, their activities, and the interactions that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.colours import REFERENCE
from seam_core.figures.drawing import mark_sites
from seam_core.figures.style import (
    ACCENT,
    FAINT,
    INK,
    MUTED,
    diverging_map,
    new_figure,
    styled,
)
from seam_core.records import NO_SITES, Sites
from seam_core.site_boxes import written
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_BARS = 40


@styled
def epistasis(
    sites: Sites,
    *,
    title: str = "",
    size: tuple[float, float] | None = None,
    colour_blind: bool = False,
) -> Figure:
    """Pairwise interactions as a lower triangle, in units of activity.

    Each cell says the estimate and its interval; a star marks those called significant; hatched
    where a configuration that the term rests on is not represented.

    Raises `InputError` with fewer than two sites.
    """
    frame = _terms(sites)
    names = [site.name for site in sites.sites]
    if len(names) < 2:
        raise InputError("sites", len(names), "two sites or more, to interact")
    pairs = dict(frame[frame["order"] == 2].set_index("sites").iterrows())
    matrix = np.full((len(names), len(names)), np.nan)
    for text, row in pairs.items():
        one, other = sorted(names.index(name) for name in str(text).split("+"))
        matrix[other, one] = row["value"]
    side = float(np.clip(0.8 + 0.62 * len(names), 2.4, 8.0))
    figure = new_figure(size or (side + 1.0, side))
    axes = figure.add_subplot()
    limit = float(np.nanmax(np.abs(matrix))) if np.isfinite(matrix).any() else 1.0
    lower, scale = matrix[1:, :-1], diverging_map(colour_blind=colour_blind)
    shown = axes.imshow(lower, cmap=scale, vmin=-(limit or 1.0), vmax=limit or 1.0)
    bar = figure.colorbar(shown, ax=axes, label="Interaction (activity)", shrink=0.7, pad=0.03)
    bar.outline.set_visible(False)  # type: ignore[operator]
    for text, row in pairs.items():
        one, other = sorted(names.index(name) for name in str(text).split("+"))
        _annotate_cell(axes, one, other - 1, row, limit, small=len(names) > 7)
    axes.set_xticks(range(len(names) - 1), list(map(written, names[:-1])))
    axes.set_yticks(range(len(names) - 1), list(map(written, names[1:])))
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_title(title, loc="left")
    return figure


@styled
def interaction_terms(
    sites: Sites,
    *,
    lowest_order: int = 1,
    authors: bool = False,
    title: str = "",
    size: tuple[float, float] | None = None,
) -> Figure:
    """Every term from `lowest_order` up as a bar with its confidence interval.

    Orders of which no term was estimated are left out; the 40 largest terms are drawn where there
    are more. Filled bars are called significant; a term
    that rests on a configuration that is not represented is named so.

    Parameters
    ----------
    lowest_order : 1 shows the sites' own effects too, 3 only the higher orders
    authors : mark the authors' one-cluster estimates with open diamonds
    """
    frame = _terms(sites)
    estimated = frame["order"].where(frame["value"].notna()).max()
    frame = frame[(frame["order"] >= lowest_order) & (frame["order"] <= estimated)]
    if len(frame) == 0:
        raise InputError("lowest_order", lowest_order, "an order that some term has")
    if len(frame) > _MOST_BARS:
        largest = frame["value"].abs().fillna(-1.0).nlargest(_MOST_BARS).index
        frame = frame.loc[sorted(largest)]
    figure = new_figure(size or (float(np.clip(1.5 + 0.3 * len(frame), 3.4, 12.0)), 3.0))
    axes = figure.add_subplot()
    at = np.arange(len(frame))
    values = frame["value"].to_numpy(float)
    called = frame["called"].to_numpy(bool)
    colors = np.where(values < 0, REFERENCE, ACCENT)
    bars = axes.bar(at, np.nan_to_num(values), width=0.72, color=colors, lw=0.9, edgecolor=colors)
    for bar, certain in zip(bars, called, strict=True):
        if not certain:
            bar.set_facecolor("white")
    _whiskers(axes, at, frame)
    if authors and "authors_estimate" in frame:
        axes.plot(
            at + 0.2, frame["authors_estimate"], "D", mfc="white", mec=INK, ms=3.5, mew=0.8, lw=0,
            label="one-cluster medians", zorder=4,
        )  # fmt: skip
        axes.legend(loc="best")
    axes.axhline(0.0, color=INK, lw=0.6)
    for x, missing in zip(at.tolist(), ~frame["represented"].to_numpy(bool), strict=True):
        if missing:
            axes.text(
                x, 0.02, "not represented", rotation=90, ha="center", va="bottom", fontsize=5.5,
                color=MUTED, transform=axes.get_xaxis_transform(),
            )  # fmt: skip
    axes.set_xticks(at, list(map(written, frame["sites"])))
    if len(frame) > 10:
        axes.tick_params(axis="x", rotation=90)
    for boundary in np.flatnonzero(np.diff(frame["order"])):
        axes.axvline(boundary + 0.5, color=FAINT, lw=0.8, zorder=0)
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel("Interaction (activity)")
    axes.set_title(title, loc="left")
    return figure


@styled
def configuration_activities(
    sites: Sites,
    *,
    authors: bool = True,
    activity_name: str = "Activity",
    title: str = "",
    size: tuple[float, float] | None = None,
) -> Figure:
    """Activity of each configuration of sites with its interval; dots below say which sites.

    Configurations that no sequence shows are left grey, at the bottom of the plot. The 40 best
    represented are drawn where there are more.
    """
    if not sites.sites:
        raise InputError("sites", "none", "at least one site")
    frame = _configurations(sites)
    if len(frame) > _MOST_BARS:
        frame = frame.nlargest(_MOST_BARS, "n")
    frame = frame.sort_values(["order", "value"], kind="stable").reset_index(drop=True)
    names = [site.name for site in sites.sites]
    heights = (2.0, 0.35 + 0.19 * len(names))
    figure = new_figure(
        size or (float(np.clip(1.4 + 0.28 * len(frame), 3.2, 12.0)), 0.7 + sum(heights))
    )
    top, below = figure.subplots(2, 1, sharex=True, height_ratios=heights)
    at = np.arange(len(frame))
    top.plot(at, frame["value"], "o", color=ACCENT, ms=4.5, zorder=3)
    _whiskers(top, at, frame)
    if authors and "assigned_median" in frame:
        top.plot(
            at + 0.25, frame["assigned_median"], "D", mfc="white", mec=INK, ms=3.5, mew=0.8, lw=0,
            label="median of one assigned cluster", zorder=2,
        )  # fmt: skip
        top.legend(loc="best")
    for x, count, seen in zip(at, frame["n"], frame["represented"], strict=True):
        text = f"{int(count):,}" if np.isfinite(count) else ""
        top.text(
            x, 1.01, text if seen else "0", rotation=90, ha="center", va="bottom", fontsize=6,
            color=MUTED, transform=top.get_xaxis_transform(),
        )  # fmt: skip
    top.set_ylabel(activity_name)
    top.grid(axis="y", color=FAINT, lw=0.6)
    top.tick_params(axis="x", length=0, labelbottom=False)
    _membership(below, frame, names)
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=9)
    return figure


@styled
def driver_mutations(
    sites: Sites,
    *,
    alphabet: str,
    window: tuple[int, int] | None = None,
    title: str = "",
    size: tuple[float, float] | None = None,
    colour_blind: bool = False,
) -> Figure:
    """What each substitution does: its effect on activity, letters x positions.

    A letter in a cell gives the verdict: b breaks a site, s strengthens it, c creates one. The
    reference's letter is a dot. Grey cells were not observed.
    """
    if sites.drivers is None:
        raise InputError("drivers", "none", "an Identifier run with the library and its table")
    frame = sites.drivers
    first, stop = sites.start, sites.start + len(sites.covariance)
    if window is None and len(frame):
        inside = frame.loc[frame["site"] != "", "position"]
        inside = frame["position"] if len(inside) == 0 else inside
        window = (int(inside.min()) - 3, int(inside.max()) + 4)
    first, stop = (
        max(first, window[0] if window else first),
        min(stop, window[1] if window else stop),
    )
    effects = np.full((len(alphabet), stop - first), np.nan)
    figure = new_figure(
        size or (float(np.clip(1.8 + 0.14 * (stop - first), 4.0, 14.0)), 1.0 + 0.2 * len(alphabet))
    )
    axes = figure.add_subplot()
    axes.set_facecolor("#eceef1")
    marks = {"breaks": "b", "strengthens": "s", "creates": "c"}
    for row in frame.itertuples(index=False):
        if not first <= row.position < stop:
            continue
        letter = alphabet.index(row.letter)
        effects[letter, row.position - first] = row.effect
        reference = alphabet.index(row.reference)
        axes.plot(row.position, reference, ".", color=INK, ms=3)
        if row.verdict in marks:
            axes.text(
                row.position, letter, marks[row.verdict], ha="center", va="center", fontsize=5.5
            )
    finite = np.abs(effects[np.isfinite(effects)])
    limit = float(np.quantile(finite, 0.99)) if finite.size else 1.0
    scale = diverging_map(colour_blind=colour_blind)
    shown = axes.imshow(
        effects, aspect="auto", cmap=scale, vmin=-(limit or 1.0), vmax=limit or 1.0,
        extent=(first - 0.5, stop - 0.5, len(alphabet) - 0.5, -0.5), interpolation="nearest",
    )  # fmt: skip
    bar = figure.colorbar(shown, ax=axes, label="Effect on activity", pad=0.012, aspect=14)
    bar.outline.set_visible(False)  # type: ignore[operator]
    mark_sites(axes, sites.sites, first, stop)
    axes.set_yticks(range(len(alphabet)), list(alphabet))
    axes.set_xlim(first - 0.5, stop - 0.5)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("Position (b breaks, s strengthens, c creates a site; • reference)")
    axes.set_title(title, loc="left", pad=14)
    return figure


def _terms(sites: Sites) -> pd.DataFrame:
    """The interaction terms with `value`, `low`, `high`, `called` and `represented` always there.

    Terms estimated from all sequences where they are; else the authors' one-cluster ones.
    """
    return _completed(sites.epistasis, "authors_estimate")


def _configurations(sites: Sites) -> pd.DataFrame:
    return _completed(sites.configurations, "assigned_median")


def _completed(frame: pd.DataFrame, fallback: str) -> pd.DataFrame:
    frame = frame.copy()
    estimated = "estimate" in frame and frame["estimate"].notna().any()
    frame["value"] = frame["estimate" if estimated else fallback]
    missing: dict[str, Any] = {
        "low": np.nan,
        "high": np.nan,
        "called": False,
        "represented": True,
        "n": np.nan,
    }
    for column, value in missing.items():
        if column not in frame:
            frame[column] = value
    return frame


def _whiskers(axes: Axes, at: np.ndarray, frame: pd.DataFrame) -> None:
    known = np.isfinite(frame["low"].to_numpy(float))
    axes.vlines(
        at[known], frame["low"].to_numpy()[known], frame["high"].to_numpy()[known], color=INK,
        lw=1.0, zorder=3,
    )  # fmt: skip


def _annotate_cell(
    axes: Axes, x: int, y: int, row: pd.Series, limit: float, *, small: bool
) -> None:
    if not np.isfinite(row["value"]):
        axes.text(x, y, "not\nrepresented", ha="center", va="center", fontsize=5.5, color=MUTED)
        return
    text = f"{row['value']:.2f}" + ("*" if row["called"] else "")
    if np.isfinite(row["low"]) and not small:
        text += f"\n{row['low']:.2f} to {row['high']:.2f}"
    color = "white" if abs(row["value"]) > 0.65 * limit else INK
    axes.text(x, y, text, ha="center", va="center", fontsize=6.5, color=color)


def _membership(axes: Axes, frame: pd.DataFrame, names: list[str]) -> None:
    """The dots: a filled one where the configuration has the site."""
    for x, text in enumerate(frame["sites"]):
        shown = set() if text == NO_SITES else set(text.split("+"))
        rows = [row for row, name in enumerate(names) if name in shown]
        absent = [row for row, name in enumerate(names) if name not in shown]
        axes.plot([x] * len(absent), absent, "o", color=FAINT, ms=5)
        axes.plot([x] * len(rows), rows, "o-", color=INK, ms=5, lw=1.2)
    axes.set_yticks(range(len(names)), list(map(written, names)))
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(length=0, labelbottom=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_ylabel("Sites")
