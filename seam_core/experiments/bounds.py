"""Which positions of a candidate site matter: its bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from seam_core.experiments.designs import (
    SHORT,
    Positions,
    Setting,
    in_context,
    others,
    strange,
    with_and_without,
)
from seam_core.experiments.questions import Questions, mean_and_error

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
"""A position also does at least this many times what 95 % of those outside of sites do; as much
where the sequence is short, and no position is the loudest of many."""

PARTS = 6
"""Of the draws that the error of that level is told from."""

MAX_GAP = 4
MIN_LENGTH = 3


class Level(NamedTuple):
    """What a single position does at least to matter, and the error of that: of a noisy table other
    draws may have it otherwise; of a model it is small (3 to 9 %) and set aside."""

    least: float = 0.0
    error: float = 0.0


def quiet_level(
    questions: Questions,
    setting: Setting,
    candidates: Sequence[Positions],
    rng: np.random.Generator,
) -> Level:
    """What a single position does at least: more than 95 % of those outside of all candidates.

    From their median, as of a normal spread: some of them may be letters of sites that were found
    in part. Of a short sequence, where most may be, among letters that are all strange to it.
    """
    taken = {position for site in candidates for position in site}
    free = [p for p in range(len(setting.reference)) if p not in taken]
    n_draws, times = QUIET_DRAWS, LOUDER
    if len(setting.reference) < SHORT:
        free = list(range(len(setting.reference)))
        n_draws, times = QUIET_DRAWS * QUIET_POSITIONS // len(free), 1.0
        setting = replace(setting, contexts=strange(setting, len(setting.contexts), rng))
    if not free:
        return Level()
    drawn = rng.choice(free, min(QUIET_POSITIONS, len(free)), replace=False)
    singles = [(int(position),) for position in drawn]
    effects = in_context(
        questions, setting, singles, n_draws, rng, note="Single positions", apart=True
    )

    def level(told: np.ndarray) -> float:
        size = np.abs(mean_and_error(told)[0])
        known = size[np.isfinite(size)]
        return float(times * 1.96 * np.median(known) / 0.6745) if len(known) else 0.0

    if not setting.noise:
        return Level(level(effects))
    parts = [level(effects[:, part::PARTS]) for part in range(PARTS)]
    return Level(level(effects), float(np.std(parts, ddof=1) / PARTS**0.5))


class Effects(NamedTuple):
    """What replacing each of n positions does; NaN where that is not measured.

    mean, error : (n,) with its standard error
    noise : (n,) of the error, what the noise of the measured answers takes; 0 of a model
    """

    mean: np.ndarray
    error: np.ndarray
    noise: np.ndarray


def position_effects(
    questions: Questions,
    setting: Setting,
    region: Positions,
    asked: Sequence[Positions],
    n_draws: int,
    rng: np.random.Generator,
) -> list[Effects]:
    """What replacing a position does, the rest as in the library.

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
        answers = with_and_without(questions, at, singles, n, rng, around, "Single positions")
        mean, error = mean_and_error(answers[:, 0] - answers[:, 1])
        noise = setting.noise * _share_of_noise(answers)
        told.append(Effects(mean, np.hypot(error, noise), noise))
    return told


def _share_of_noise(answers: np.ndarray) -> np.ndarray:
    """(n,) standard error of the difference of two means, in those of one answer: a sequence of a
    table was measured once, however often it is drawn. Different ones have different answers."""
    n = [[len(np.unique(each[np.isfinite(each)])) for each in two] for two in answers]
    return np.sqrt((1.0 / np.maximum(np.array(n).reshape(-1, 2), 1)).sum(axis=1))


class Mattering(NamedTuple):
    """Positions of a region that matter, and those of which the answers leave it open."""

    positions: Positions
    unsure: Positions = ()


def positions_that_matter(
    questions: Questions,
    setting: Setting,
    region: Positions,
    core: Positions,
    quiet: Level,
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
        hopeless = (np.abs(effect) >= quiet.least).sum() < MIN_LENGTH
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


def _larger(told: list[Effects]) -> tuple[np.ndarray, np.ndarray]:
    """(n,) effect and error of the way in which each position does more, noise set aside; the error
    is infinite where one way was not measured, which may do more."""
    first, second = told
    size, other = (np.abs(each.mean) - TOLD * each.noise for each in told)
    larger = np.isnan(second.mean) | (size >= other)
    error = np.where(larger, first.error, second.error)
    return np.where(larger, first.mean, second.mean), np.where(
        np.isnan(size + other), np.inf, error
    )


def _ask_again(
    questions: Questions,
    setting: Setting,
    region: Positions,
    told: list[Effects],
    open_: np.ndarray,
    n_draws: int,
    rng: np.random.Generator,
) -> None:
    """Ask about open positions with more draws, in the ways that may be the larger; `told` has what
    comes out."""
    least = np.fmax(*(np.abs(own.mean) - TOLD * own.error for own in told))
    at = [open_ & ~(np.abs(own.mean) + TOLD * own.error < least) for own in told]
    asked = [tuple(np.array(region)[each].tolist()) for each in at]
    again = position_effects(questions, setting, region, asked, n_draws, rng)
    for own, which, new in zip(told, at, again, strict=True):
        for values, told_again in zip(own, new, strict=True):
            values[which] = told_again


def _strong(
    effect: np.ndarray,
    error: np.ndarray,
    region: Positions,
    core: Positions,
    quiet: Level,
    within: float = MATTERS,
) -> Mattering:
    size = np.abs(effect)
    third = np.sort(size)[-min(3, len(size))]
    least = np.where(np.isin(region, core), within, FLANK_MATTERS) * third
    error = np.hypot(error, np.where(least < quiet.least, quiet.error, 0.0))
    least = np.maximum(least, quiet.least)
    gains = _gains(effect, region, _reaching(size >= least, region, core))
    matter = _reaching((size >= least) & ~gains, region, core)
    open_ = (np.abs(size - least) < TOLD * error) & ((size < least) | np.isfinite(error))
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
