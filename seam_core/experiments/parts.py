"""Is a site one unit, or two that lie so near that few sequences tell them apart?

Replacing two letters of a unit that binds or does not takes no more than replacing one; of two
units it takes what both do. With e the loss of activity, r(p, q) = (e_p + e_q - e_pq) / min(e_p,
e_q) is 1 within a unit, and between units 0 where they add up, more or less where they interact.
Graded binding adds up within a unit too: there is then nothing to tell, and the site stays as it
is.

And are two candidates side by side pieces of one? The same with all letters of each: losing both
takes no more than losing one.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations_with_replacement
from typing import NamedTuple

import numpy as np

from seam_core.experiments.bounds import MIN_LENGTH, TOLD
from seam_core.experiments.controls import SURE
from seam_core.experiments.designs import Positions, Setting, in_context, replaced
from seam_core.experiments.losses import TELLS, losses_of
from seam_core.experiments.questions import Questions, mean_and_error

MOST_POSITIONS = 24
WITHIN, LESS = 0.5, 0.1
"""Mean r within each of two units at least, and by how much it is less between them."""

PERHAPS, SURELY = 5.0, 10.0
"""Spreads of r (as a standard deviation) by which it is less between units: from the first on they
are said to be perhaps two, from the second on they are parted."""

FINEST = 0.02
"""The least spread of r that is counted."""

LEAST_OWN = 2
"""Positions that each unit has for itself at least."""

PLAIN = 0.25
"""By how much r is less between two units that hardly interact, at least: a table whose noise
hides that does not tell one site from two."""

ONE, PIECE_DRAWS = 0.9, 100
"""r of two candidates from which they are pieces of one site."""

LEAST_SHARED, OF_BOTH = 2, 0.75
"""Letters that two candidates share at least, to be told from them; share of what a letter of one
and a letter of the other do together that these do at least where they belong to two sites."""

KEEPS = 0.75
"""Share of what a part does that it does without a letter at its end that is not of its word."""


class Parts(NamedTuple):
    """The units of a site, one or two; whether they are told apart for sure, and whether the
    answers tell how many there are."""

    units: list[Positions]
    sure: bool = True
    told: bool = True


def one_site(
    questions: Questions,
    setting: Setting,
    first: Positions,
    second: Positions,
    beside: Positions,
    rng: np.random.Generator,
) -> bool:
    """Whether losing what each has for itself takes no more together than one of them alone.

    In the reference, or where what lies beside them is lost: other pieces may hold what they do.
    """
    own = [tuple(sorted({*first} - {*second})), tuple(sorted({*second} - {*first}))]
    if not all(own):
        return True
    asked = [*own, tuple(sorted(own[0] + own[1]))]
    whole = replace(setting, contexts=np.tile(setting.reference, (PIECE_DRAWS, 1)))
    for at in (whole, _without(whole, beside, rng)) if beside else (whole,):
        told = mean_and_error(in_context(questions, at, asked, PIECE_DRAWS, rng))
        (one, other, both), size = told[0], np.abs(told[0][:2])
        plain = (size >= SURE * told[1][:2]).all() and size.min() >= TELLS * size.max()
        shared = np.sign(one) * (one + other - both)
        if plain and one * other > 0 and shared >= ONE * size.min():
            return True
    return False


def shared_as_one(
    questions: Questions,
    setting: Setting,
    first: Positions,
    second: Positions,
    rng: np.random.Generator,
) -> bool:
    """Whether the letters that two candidates share do what those of one site do.

    Replaced, a letter of two sites takes what one of either takes, added up. So it is told of
    graded binding too, where two pieces of a site add up as two sites do.
    """
    both = tuple(sorted({*first, *second}))
    if len({*first} & {*second}) < LEAST_SHARED or not questions.any_sequence:
        return False
    alone = losses_of(questions, setting, both, rng).alone
    in_first, in_second = np.isin(both, first), np.isin(both, second)
    groups = in_first & in_second, in_first & ~in_second, in_second & ~in_first
    if not all(group.any() for group in groups):
        return True
    shared, one, other = (float(alone[group].mean()) for group in groups)
    return one * other > 0 and 0 < np.sign(one) * shared < OF_BOTH * abs(one + other)


def _without(setting: Setting, rest: Positions, rng: np.random.Generator) -> Setting:
    """Contexts with letters of `rest` that the reference has not."""
    n = len(setting.contexts)
    lost = replaced(setting.contexts, rest, setting.reference, n, setting.n_letters, rng)
    return replace(setting, contexts=lost)


def word_within(
    questions: Questions,
    setting: Setting,
    part: Positions,
    whole: Positions,
    rng: np.random.Generator,
) -> Positions | None:
    """What of a part of a site acts where the rest of the site is lost; None where nothing does."""

    def alone(word: Positions) -> tuple[float, float]:
        lost = _without(setting, tuple(p for p in whole if p not in word), rng)
        told = mean_and_error(in_context(questions, lost, [word], PIECE_DRAWS, rng))
        return abs(float(told[0][0])), float(told[1][0])

    effect, error = alone(part)
    if effect < max(SURE * error, TELLS * alone(whole)[0]):
        return None
    word = part
    for first, stop in ((1, None), (None, -1)):
        while len(word) > MIN_LENGTH:
            left = alone(word[first:stop])[0]
            if left < KEEPS * effect:
                break
            word, effect = word[first:stop], left
    return word


def parts_of(
    questions: Questions, setting: Setting, site: Positions, rng: np.random.Generator
) -> Parts:
    """The site, or the two units that it is made of; positions of both are in both.

    Of a measured table positions that do nothing by themselves are left out of what is weighed.
    """
    if not 2 * MIN_LENGTH <= len(site) <= MOST_POSITIONS:
        return Parts([site])
    losses = losses_of(questions, setting, site, rng)
    idle = losses.idle
    if questions.any_sequence and idle.any():
        return Parts([site])
    r, again = losses.redundancies(), losses.resampled(rng)
    for matrix in (r,) if again is None else (r, again):
        matrix[..., idle, :] = matrix[..., :, idle] = np.nan
    parts = two_units(site, r, again)
    if len(parts.units) == 1:
        return parts
    first, second = (_without_ends(unit, site, idle) for unit in parts.units)
    meet = [losses.alone[site.index(position)] for position in (first[-1], second[0])]
    return parts._replace(units=[first, second], sure=parts.sure and bool(np.isfinite(meet).all()))


def _without_ends(unit: Positions, site: Positions, idle: np.ndarray) -> Positions:
    """The unit without idle positions where it meets the other one."""
    active = [p for p in unit if not idle[site.index(p)]]
    first = unit[0] if unit[0] == site[0] else active[0]
    last = unit[-1] if unit[-1] == site[-1] else active[-1]
    return tuple(p for p in unit if first <= p <= last)


def two_units(site: Positions, redundancy: np.ndarray, again: np.ndarray | None = None) -> Parts:
    """The site in two where r is told apart so, else whole.

    The first ends before `stop`, the second begins at `first`: what lies between is of both.

    Parameters
    ----------
    redundancy : (n, n) r; NaN where it is not known
    again : (R, n, n) as other measurements would have it
    """
    n, best, found, told = len(site), Apart(), (0, 0), True
    for first, stop in combinations_with_replacement(range(LEAST_OWN, n - LEAST_OWN + 1), 2):
        if stop >= MIN_LENGTH and n - first >= MIN_LENGTH:
            apart = _apart(redundancy, again, first, stop)
            told &= apart.told
            if apart.spreads > best.spreads:
                best, found = apart, (first, stop)
    if best.spreads < PERHAPS:
        return Parts([site], told=told)
    first, stop = found
    return Parts([site[:stop], site[first:]], best.spreads >= SURELY and best.errors >= SURE)


class Apart(NamedTuple):
    """By how many spreads, and standard errors of measurement, r is less between two units than
    within them; 0 where it is not. And whether it could be told if it were."""

    spreads: float = 0.0
    errors: float = 0.0
    told: bool = True


def _apart(redundancy: np.ndarray, again: np.ndarray | None, first: int, stop: int) -> Apart:
    """Two units [0, stop) and [first, n)."""
    least, less, variance = _contrast(redundancy, first, stop)
    if again is None:
        error, told = 0.0, True
    else:
        error = float(np.std(_contrast(again, first, stop)[1]))
        variance = variance - _contrast(again - redundancy, first, stop)[2].mean()
        told = bool(SURE * error < PLAIN or less + TOLD * error < PLAIN)
    if not (least >= WITHIN and less >= max(LESS, TOLD * error)):
        return Apart(told=told)
    spread = max(np.sqrt(max(float(variance), 0.0)), FINEST)
    return Apart(float(less) / spread, float(less) / error if error else np.inf, told)


def _contrast(r: np.ndarray, first: int, stop: int) -> tuple[np.ndarray, ...]:
    """Mean r within the unit that has less of it, by how much it is less between them, and the
    variance of r within and between; (...,) each of (..., n, n)."""
    shape = r.shape[:-2]
    units = r[..., :stop, :stop], r[..., first:, first:]
    own = [unit[..., ~np.eye(unit.shape[-1], dtype=bool)] for unit in units]
    between = r[..., :first, stop:].reshape(*shape, -1)
    least = np.minimum(*(_mean(each) for each in own))
    groups = np.concatenate(own, axis=-1), between
    squares = sum(np.nansum((each - _mean(each)[..., None]) ** 2, axis=-1) for each in groups)
    n = sum(np.isfinite(each).sum(axis=-1) for each in groups)
    return least, least - _mean(between), squares / np.where(n > 0, n, np.nan)


def _mean(values: np.ndarray) -> np.ndarray:
    """Over the last axis, of what is known; NaN where nothing is."""
    n = np.isfinite(values).sum(axis=-1)
    return np.nansum(values, axis=-1) / np.where(n > 0, n, np.nan)
