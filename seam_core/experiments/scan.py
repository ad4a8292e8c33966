"""Which positions matter: bounds of candidate sites, and sites that were missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from seam_core.experiments.controls import FLOOR, SURE
from seam_core.experiments.designs import (
    SHORT,
    Positions,
    Setting,
    in_context,
    necessity,
    others,
    replaced,
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

FLANK = 3
"""Positions on either side of a candidate that are asked whether they belong to it."""

POSITION_DRAWS, MORE_POSITION_DRAWS = 12, 60
"""The second where few positions seem to matter, as other sites of the sequence may do the same,
or where it is open of some."""

MOST_ASKED = 1_200
"""Draws of all positions together that are open still: each has up to as many as there are
contexts."""

TOLD = 2.0
"""Standard errors that a position must be from the least that matters to be told apart from it."""

MATTERS = 0.15
"""A position matters from this share of what the third strongest of its site does on."""

FLANK_MATTERS = 0.3
"""The same for positions beside the site as it was found."""

WEAKENED = 0.35
"""Share of a site's other positions that are replaced too, where binding is so firm that no single
position shows."""

QUIET_POSITIONS, QUIET_DRAWS = 120, 24
LOUDER = 1.5
"""A position also does at least this many times what 95 % of those outside of sites do."""

MAX_GAP = 4
MIN_LENGTH = 3


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
        bases = list(_strange(setting, len(windows), rng))
        elsewhere = necessity(questions, setting, windows, SCAN_DRAWS, rng, bases, NOTE)
        elsewhere = mean_and_error(elsewhere)[0]
    return beyond(
        Scan(starts, effects, errors, nothing, width, elsewhere[np.isfinite(elsewhere)]),
        candidates,
        spread,
    )


def _strange(setting: Setting, n: int, rng: np.random.Generator) -> np.ndarray:
    """(n, L) sequences with none of the reference's letters, and so with none of its sites."""
    everywhere = tuple(range(len(setting.reference)))
    x = setting.reference
    return replaced(x, everywhere, x, n, setting.n_letters, rng)


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
        limit = max(BEYOND * _usual(alike), FLOOR * spread)
        sure = size >= SURE * np.nan_to_num(error)
        standing |= free & (size > 0) & (size >= limit) & sure  # where nothing does, no limit
    return replace(scan, standing=standing)


def _usual(sizes: np.ndarray) -> float:
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


def quiet_level(
    questions: Questions,
    setting: Setting,
    candidates: Sequence[Positions],
    rng: np.random.Generator,
) -> float:
    """What a single position outside of all candidates does at most, among 95 % of them.

    From their median, as of a normal spread: some of them may be letters of sites that were found
    in part. Of a short sequence, where most may be, among letters that are all strange to it.
    """
    taken = {position for site in candidates for position in site}
    free = [p for p in range(len(setting.reference)) if p not in taken]
    if len(setting.reference) < SHORT:
        free = list(range(len(setting.reference)))
        strange = _strange(setting, len(setting.contexts), rng)
        setting = replace(setting, contexts=strange)
    if not free:
        return 0.0
    drawn = rng.choice(free, min(QUIET_POSITIONS, len(free)), replace=False)
    singles = [(int(position),) for position in drawn]
    effects = in_context(
        questions, setting, singles, QUIET_DRAWS, rng, note="Single positions", apart=True
    )
    size = np.abs(mean_and_error(effects)[0])
    known = size[np.isfinite(size)]
    return float(1.96 * np.median(known) / 0.6745) if len(known) else 0.0


def position_effects(
    questions: Questions,
    setting: Setting,
    region: Positions,
    asked: Sequence[Positions],
    n_draws: int,
    rng: np.random.Generator,
) -> list[tuple[np.ndarray, np.ndarray]]:
    """What replacing a position does, the rest as in the library, and its standard error; NaN where
    that is not measured.

    Two ways: with the region's other positions whole, and with some of them replaced.

    Parameters
    ----------
    asked : positions of the region, of each of the two ways
    """
    n = min(n_draws, len(setting.contexts))
    weakened = setting.contexts[:n].copy()
    columns = list(region)
    weak = rng.random((n, len(columns))) < WEAKENED
    changed = others(np.tile(setting.reference[columns], (n, 1)), setting.n_letters, rng)
    weakened[:, columns] = np.where(weak, changed, setting.reference[columns])
    told = []
    for way, at in enumerate((setting, replace(setting, contexts=weakened))):
        around = [region] * len(asked[way]) if way == 0 else None
        singles = [(position,) for position in asked[way]]
        effects = in_context(questions, at, singles, n, rng, around, "Single positions")
        mean, error = mean_and_error(effects)
        told.append((mean, error))
    return told


class Mattering(NamedTuple):
    """Positions of a region that matter, and those of which the answers leave it open."""

    positions: Positions
    unsure: Positions = ()


def positions_that_matter(
    questions: Questions,
    setting: Setting,
    region: Positions,
    core: Positions,
    quiet: float,
    rng: np.random.Generator,
    within: float = MATTERS,
) -> Mattering | None:
    """Those of a region whose replacement changes the activity; None where not all are measured.

    Positions that `core` does not have must matter more, and adjoin it or lie within it. Where a
    few draws do not tell, all that are open are asked again with more.

    Parameters
    ----------
    within : share of the third strongest from which a position of the core matters
    """
    both = (region, region)
    told = position_effects(questions, setting, region, both, POSITION_DRAWS, rng)
    for again_draws in (MORE_POSITION_DRAWS, MOST_ASKED):
        effect, error = _larger(told)
        if not np.isfinite(effect).all():
            return None
        matter = _strong(effect, error, region, core, quiet, within)
        hopeless = (np.abs(effect) >= LOUDER * quiet).sum() < MIN_LENGTH
        found = len(set(matter.positions) & set(core)) > len(core) / 2
        if hopeless or (found and not matter.unsure):
            return matter
        open_ = np.isin(region, matter.unsure if found else region)
        n_draws = again_draws
        if again_draws == MOST_ASKED:
            if not found:
                return matter
            n_draws = max(MORE_POSITION_DRAWS, MOST_ASKED // int(open_.sum()))
        _ask_again(questions, setting, region, told, open_, n_draws, rng)
    return _strong(*_larger(told), region, core, quiet, within)


def _larger(told: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """(n,) effect and error of the way in which each position does more."""
    (first, error), (second, other) = told
    larger = np.isnan(second) | (np.abs(first) >= np.abs(second))
    return np.where(larger, first, second), np.where(larger, error, other)


def _ask_again(
    questions: Questions,
    setting: Setting,
    region: Positions,
    told: list[tuple[np.ndarray, np.ndarray]],
    open_: np.ndarray,
    n_draws: int,
    rng: np.random.Generator,
) -> None:
    """Ask about open positions with more draws, in the ways that may be the larger; `told` has what
    comes out."""
    least = np.fmax(*(np.abs(effect) - TOLD * error for effect, error in told))
    at = [open_ & ~(np.abs(effect) + TOLD * error < least) for effect, error in told]
    asked = [tuple(np.array(region)[each].tolist()) for each in at]
    again = position_effects(questions, setting, region, asked, n_draws, rng)
    for own, which, (effect, error) in zip(told, at, again, strict=True):
        own[0][which], own[1][which] = effect, error


def _strong(
    effect: np.ndarray,
    error: np.ndarray,
    region: Positions,
    core: Positions,
    quiet: float,
    within: float = MATTERS,
) -> Mattering:
    size = np.abs(effect)
    third = np.sort(size)[-min(3, len(size))]
    least = np.where(np.isin(region, core), within, FLANK_MATTERS) * third
    least = np.maximum(least, LOUDER * quiet)
    gains = _gains(effect, region, _reaching(size >= least, region, core))
    matter = _reaching((size >= least) & ~gains, region, core)
    open_ = np.abs(size - least) < TOLD * error
    # only those that change what the site is: not what lies beyond a position that is no part of it
    unsure = {
        position
        for index, position in enumerate(region)
        if open_[index] and _changes(index, (size >= least) & ~gains, region, core, matter)
    }
    return Mattering(matter, tuple(sorted(unsure)))


def _gains(effect: np.ndarray, region: Positions, matter: Positions) -> np.ndarray:
    """(n,) bool: one or two positions at an end of those that matter, whose replacement does the
    opposite of what the others' does: another letter there makes a site, none is lost."""
    own = np.flatnonzero(np.isin(region, matter))
    against = effect[own] * effect[own].sum() < 0
    gains = np.zeros(len(region), bool)
    for step in (1, -1):
        run = int(np.argmin([*against[::step], False]))
        if run < MIN_LENGTH:
            gains[own[::step][:run]] = True
    return gains


def _changes(
    index: int, strong: np.ndarray, region: Positions, core: Positions, matter: Positions
) -> bool:
    """Whether the site is another where the position is told the other way."""
    other = strong.copy()
    other[index] = not other[index]
    return _reaching(other, region, core) != matter


def _reaching(strong: np.ndarray, region: Positions, core: Positions) -> Positions:
    """Strong positions within the ends of the core, and those that adjoin these."""
    there = {position for position, is_strong in zip(region, strong, strict=True) if is_strong}
    matter = {p for p in there if core[0] <= p <= core[-1]}
    for step in (-1, 1):
        at = (min if step < 0 else max)(matter, default=-2) + step
        while at in there:
            matter.add(at)
            at += step
    return tuple(sorted(matter))


def pieces(positions: Positions) -> list[Positions]:
    """Split where more than `MAX_GAP` positions lie between; pieces too short to be a site go."""
    columns = np.array(positions, dtype=int)
    parts = np.split(columns, np.flatnonzero(np.diff(columns) > MAX_GAP + 1) + 1)
    return [tuple(part.tolist()) for part in parts if len(part) >= MIN_LENGTH]


def with_flanks(
    site: Positions, beside: Sequence[Positions], window: range, width: int = FLANK
) -> Positions:
    """The candidate and the positions beside it that no other candidate has."""
    taken = {position for other in beside for position in other}
    first, stop = max(window.start, site[0] - width), min(window.stop, site[-1] + 1 + width)
    free = {p for p in range(first, stop) if p not in taken}
    return tuple(sorted(free | set(site)))
