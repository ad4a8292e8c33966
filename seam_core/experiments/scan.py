"""Sites that were missed: a window slid over the sequence and replaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from seam_core.experiments.bounds import MAX_GAP, MIN_LENGTH
from seam_core.experiments.controls import FLOOR, SURE
from seam_core.experiments.designs import (
    SHORT,
    Positions,
    Setting,
    in_context,
    necessity,
    strange,
)
from seam_core.experiments.questions import Questions, mean_and_error

WINDOW = 6
MOST_WINDOWS = 160
SCAN_DRAWS = 16
MORE_SCAN_DRAWS, MOST_UNSURE = 60, 20
"""Where a window's effect among mutations is not told from nothing: others may do the same."""

NOTE = "Looking for missed sites"
BEYOND = 4.0
"""A window stands out from this many robust standard deviations of the others on."""

LOUD = 2.5
"""Robust standard deviations above which a window is left out of what is usual."""


@dataclass(frozen=True, eq=False)
class Scan:
    """A window slid over the sequence and replaced.

    starts : (n,) first position of each window
    width : its positions
    effects, errors : (2, n) knocked out of the reference, and among mutations
    standing : (n,) bool, beyond the windows that hold no candidate
    elsewhere : (m,) effects of windows knocked out of sequences with none of the reference's
        letters, where the reference is too short to have many without a site
    """

    starts: np.ndarray
    effects: np.ndarray
    errors: np.ndarray
    standing: np.ndarray
    width: int = WINDOW
    elsewhere: np.ndarray = field(default_factory=lambda: np.empty(0))


def slide(
    questions: Questions,
    setting: Setting,
    candidates: Sequence[Positions],
    spread: float,
    rng: np.random.Generator,
) -> Scan:
    """Replace every window in turn; windows that touch a candidate are never said to stand out.

    Parameters
    ----------
    spread : standard deviation of the library's activity
    """
    width = _width(setting.window)
    starts = np.array(_starts(setting.window))
    windows = [tuple(range(start, start + width)) for start in starts.tolist()]
    values = [
        necessity(questions, setting, windows, SCAN_DRAWS, rng, note=NOTE),
        in_context(questions, setting, windows, SCAN_DRAWS, rng, note=NOTE, apart=True),
    ]
    told = [mean_and_error(each) for each in values]
    effects, errors = np.stack([t[0] for t in told]), np.stack([t[1] for t in told])
    unsure = np.abs(effects[1]) > np.maximum(errors[1], FLOOR * spread)
    unsure &= np.abs(effects[1]) < SURE * errors[1]
    largest = np.argsort(-np.where(unsure, np.abs(effects[1]), -1.0))[:MOST_UNSURE]
    for index in largest[unsure[largest]].tolist():
        again = in_context(questions, setting, [windows[index]], MORE_SCAN_DRAWS, rng, note=NOTE)
        mean, error = mean_and_error(again)
        effects[1, index], errors[1, index] = mean[0], error[0]
    nothing, elsewhere = np.zeros(len(starts), bool), np.empty(0)
    if len(setting.reference) < SHORT:
        bases = list(strange(setting, len(windows), rng))
        elsewhere = necessity(questions, setting, windows, SCAN_DRAWS, rng, bases, NOTE)
        elsewhere = mean_and_error(elsewhere)[0]
    return beyond(
        Scan(starts, effects, errors, nothing, width, elsewhere[np.isfinite(elsewhere)]),
        candidates,
        spread,
    )


def _width(window: range) -> int:
    """Of the windows: a third of a short sequence, else none is without a site."""
    return min(WINDOW, max(MIN_LENGTH, len(window) // 3), len(window))


def _starts(window: range) -> range:
    width = _width(window)
    step = 1 + (len(window) - width) // MOST_WINDOWS
    return range(window.start, window.stop - width + 1, step)


def n_windows_of(window: range) -> int:
    """How many windows are replaced."""
    return len(_starts(window))


def beyond(scan: Scan, candidates: Sequence[Positions], spread: float) -> Scan:
    """The scan with the windows that stand out of those that touch no candidate."""
    taken = {position for site in candidates for position in site}
    free = np.array(
        [not taken.intersection(range(at, at + scan.width)) for at in scan.starts.tolist()]
    )
    standing = np.zeros(len(scan.starts), bool)
    for way, (effect, error) in enumerate(zip(scan.effects, scan.errors, strict=True)):
        size = np.abs(np.nan_to_num(effect))
        alike = size[free & np.isfinite(effect)]
        if way == 0 and len(scan.elsewhere):
            alike = np.abs(scan.elsewhere)
        limit = max(BEYOND * usual_size(alike), FLOOR * spread)
        sure = size >= SURE * np.nan_to_num(error)
        standing |= free & (size > 0) & (size >= limit) & sure  # where nothing does, no limit
    return replace(scan, standing=standing)


def usual_size(sizes: np.ndarray) -> float:
    """Robust standard deviation of effects by their sizes, loud windows left out one after another:
    those of missed sites may be many."""
    usual = np.inf
    for _ in range(3):
        sizes = sizes[sizes <= LOUD * usual]
        usual = float(np.median(sizes) / 0.6745) if len(sizes) else np.inf
    return usual


def regions(scan: Scan, stop_at: int) -> list[Positions]:
    """Stretches of windows that stand out, as wide as these reach; the strongest first."""
    spans: list[list[int]] = []
    for start in scan.starts[scan.standing].tolist():
        stop = min(stop_at, start + scan.width)
        if spans and start <= spans[-1][1] + MAX_GAP:
            spans[-1][1] = stop
        else:
            spans.append([start, stop])
    size = np.abs(np.nan_to_num(scan.effects)).max(axis=0)

    def largest(span: list[int]) -> float:
        inside = (scan.starts >= span[0]) & (scan.starts < span[1])
        return float(size[inside].max())

    return [tuple(range(*span)) for span in sorted(spans, key=largest, reverse=True)]
