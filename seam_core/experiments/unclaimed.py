"""Windows that no site claims: those that matter, those below the limit, and what that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seam_core.experiments.controls import FLOOR, SURE
from seam_core.experiments.designs import SHORT
from seam_core.experiments.evidence import CONFIRMED, WEAK
from seam_core.experiments.factorial import NEGLIGIBLE
from seam_core.experiments.scan import BEYOND, usual_size
from seam_core.findings import Experiments
from seam_core.intervals import span_text
from seam_core.records import Sites

if TYPE_CHECKING:
    import pandas as pd

FAINT = 0.2 * FLOOR
"""Share of the standard deviation of the library's activity below which nothing is said at all."""

TOGETHER, ADDED = 1e-3, 0.1
"""Share of the standard deviation of the library's activity, and of what the window does, from
which its letters act together."""

FIRM, LOUDER = 5.0, 3.5
"""And standard errors, and robust standard deviations of the other windows. A letter that would
make a site, which one draw in three has, does up to 5 of the first."""

ALONE = 0.1
"""Share of the largest site's effect from which a window matters that stands alone: every window
with letters of a site shows it, and so do those that overlap."""


def standing_said(experiments: Experiments, sites: Sites) -> list[str]:
    """Windows that stand out when they are replaced, and that no site touches."""
    judged = experiments.sites[experiments.sites["verdict"].isin((CONFIRMED, WEAK))]
    free = _free(experiments, sites, standing=True)
    kept = free & ~_alone(experiments.scan, free)
    for scale in ("effect", "context_effect"):
        if len(judged):
            size = np.abs(experiments.scan[scale].to_numpy(float))
            kept |= free & (size >= ALONE * _largest(judged, scale))
    unclaimed = experiments.scan[kept & experiments.scan["stands_out"].to_numpy(bool)]
    if unclaimed.empty:
        return []
    place = span_text(unclaimed["start"].min(), unclaimed["stop"].max())
    reference, among = _largest(unclaimed, "effect"), _largest(unclaimed, "context_effect")
    scale, where = "effect", "in the reference"
    if among > reference:
        scale, where = "context_effect", "among mutations"
    size = f"up to {max(reference, among):.3g} by knock-out {where}"
    if len(judged):
        size += f" (the largest site there: {_largest(judged, scale):.3g})"
    if len(unclaimed) == 1:
        return [f"A window, positions {place}, matters and belongs to no site: {size}."]
    there = f"{len(unclaimed)} windows within positions {place}"
    return [f"{there} matter, and belong to no site: {size}."]


def _alone(scan: pd.DataFrame, free: np.ndarray) -> np.ndarray:
    """(n,) bool: windows that stand out among measured ones that overlap them, touch no site and do
    not. Beside a site a window may tell of its last letters."""
    starts = scan["start"].to_numpy()
    quiet = free & ~scan["stands_out"].to_numpy(bool)
    quiet &= np.isfinite(scan[["effect", "context_effect"]].to_numpy(float)).all(axis=1)
    apart = np.abs(starts[:, None] - starts)
    beside = (apart < (scan["stop"].to_numpy() - starts)[:, None]) & (apart > 0)
    return (beside.sum(axis=1) > 1) & ~(beside & ~quiet).any(axis=1)


def _largest(told: pd.DataFrame, scale: str) -> float:
    """The largest change of activity, of one of the columns."""
    return float(np.nanmax(np.abs(told[scale].to_numpy(float)), initial=0.0))


def limit_said(
    experiments: Experiments, sites: Sites, spread: float, length: int
) -> tuple[str, ...]:
    """The least change of the activity that is looked for, in a sentence; none without a scan.

    Parameters
    ----------
    spread : standard deviation of the library's activity
    length : letters of the sequence; a short one has few windows without a site to compare with
    """
    scan = experiments.scan
    if not len(scan) or spread == 0.0:
        return ()
    usual = 0.0 if length < SHORT else _limit(scan["effect"], _free(experiments, sites))
    least = max(usual, FLOOR * spread)
    if not np.isfinite(least):
        return (
            "There is no window without a site to compare others with: no other stretch is looked "
            f"for, nor an interaction of less than {NEGLIGIBLE:.0%} of the largest effect.",
        )
    return (
        f"A stretch that changes the activity by less than {least:.3g} ({least / spread:.2g} "
        "standard deviations of the library's) is not looked for, nor an interaction of less than "
        f"{NEGLIGIBLE:.0%} of the largest effect.",
    )


def faint_said(experiments: Experiments, sites: Sites, spread: float) -> list[str]:
    """Windows that stand out among mutations, below that: others may hold what they do.

    Those that overlap, as every window with letters of a site shows it.
    """
    scan = experiments.scan
    if not len(scan):
        return []
    size, free = np.abs(scan["context_effect"].to_numpy(float)), _free(experiments, sites)
    least = max(_limit(scan["context_effect"], free), FAINT * spread)
    sure = size >= np.maximum(least, SURE * scan["context_se"].to_numpy(float))
    here = _overlapping(scan, free & sure)
    if not here.any():
        return []
    return [
        f"{here.sum()} windows within positions {_span(scan, here)} do more than others among "
        f"mutations, up to {size[here].max():.3g}, which is below what a site is confirmed from: "
        "others may hold what they do."
    ]


def joint_said(experiments: Experiments, sites: Sites, spread: float) -> list[str]:
    """Windows that touch no site, whose letters do more one by one than together, as a site's do:
    one that does too little to be told by what it does. Those that overlap, as above."""
    scan = experiments.scan
    if "joint_effect" not in scan or not len(scan):
        return []
    free = _free(experiments, sites, standing=True)
    size = np.abs(scan["joint_effect"].to_numpy(float))
    least = max(_limit(size, free, LOUDER), TOGETHER * spread)
    sure = size >= np.maximum(least, FIRM * scan["joint_se"].to_numpy(float))
    sure &= size >= ADDED * np.abs(scan["effect"].to_numpy(float))
    here = _overlapping(scan, free & sure)
    if not here.any():
        return []
    return [
        f"The letters of {here.sum()} windows within positions {_span(scan, here)} do more one by "
        f"one than together (up to {size[here].max():.3g} more), as those of a site do: one that "
        "does too little to be found may lie there."
    ]


def _overlapping(scan: pd.DataFrame, there: np.ndarray) -> np.ndarray:
    """(n,) bool: those of the windows that overlap the one before or after among them."""
    places = np.flatnonzero(there)
    starts, stops = (scan[name].to_numpy()[places] for name in ("start", "stop"))
    first = np.flatnonzero(starts[1:] < stops[:-1])
    kept = np.zeros(len(there), bool)
    kept[places[first]] = kept[places[first + 1]] = True
    return kept


def _span(scan: pd.DataFrame, there: np.ndarray) -> str:
    return span_text(int(scan["start"][there].min()), int(scan["stop"][there].max()))


def _free(experiments: Experiments, sites: Sites, *, standing: bool = False) -> np.ndarray:
    """(n,) bool: windows that touch no site, and without `standing` none that stands out."""
    scan = experiments.scan
    taken = {position for site in sites.sites for position in site.positions}
    spans = scan[["start", "stop"]].to_numpy().tolist()
    for (start, stop), stands in zip(spans, scan["stands_out"], strict=True):
        taken |= {*range(start, stop)} if stands and not standing else set()
    return np.array([taken.isdisjoint(range(*span)) for span in spans], bool)


def _limit(effects: object, free: np.ndarray, beyond: float = BEYOND) -> float:
    """What a window does that stands out of those that are free; infinite where there is none."""
    size = np.abs(np.asarray(effects, dtype=float))
    known = size[free & np.isfinite(size)]
    return beyond * usual_size(known) if len(known) else np.inf
