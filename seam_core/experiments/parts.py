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

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, combinations_with_replacement
from typing import NamedTuple

import numpy as np

from seam_core.experiments.controls import SURE
from seam_core.experiments.designs import (
    Positions,
    Setting,
    in_context,
    others,
    replaced,
)
from seam_core.experiments.questions import Block, Questions, mean_and_error
from seam_core.experiments.scan import MIN_LENGTH
from seam_core.oracles.alike import Alike

DRAWS = 6
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

TELLS = 0.1
"""Share of the largest loss that each position must have for its pairs to tell anything."""


ONE, PIECE_DRAWS = 0.9, 100
"""r of two candidates from which they are pieces of one site."""

KEEPS = 0.75
"""Share of what a part does that it does without a letter at its end that is not of its word."""


class Parts(NamedTuple):
    """The units of a site, one or two, and whether they are told apart for sure."""

    units: list[Positions]
    sure: bool = True


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
    """The site, or the two units that it is made of; positions of both are in both."""
    if not 2 * MIN_LENGTH <= len(site) <= MOST_POSITIONS:
        return Parts([site])
    redundancy = redundancies(questions, setting, site, rng)
    return Parts([site]) if redundancy is None else two_units(site, redundancy)


def redundancies(
    questions: Questions, setting: Setting, site: Positions, rng: np.random.Generator
) -> np.ndarray | None:
    """(n, n) r of each two positions; None where a position by itself does too little."""
    n, x = len(site), setting.reference
    letters = others(np.tile(x[list(site)], (DRAWS, 1)), setting.n_letters, rng)
    pairs = list(combinations(range(n), 2))
    asked: list[tuple[int, ...]] = [*((i,) for i in range(n)), *pairs]

    def blocks() -> Iterator[Block]:
        for which in asked:
            rows = np.tile(x, (DRAWS, 1))
            rows[:, [site[i] for i in which]] = letters[:, list(which)]
            yield Alike(rows, x)

    answers = questions.answers(blocks(), "Parts of sites").reshape(len(asked), DRAWS)
    loss = (setting.activity - answers).mean(axis=1)
    alone, size = loss[:n], np.abs(loss[:n])
    # nan of a table counts as too little; so do losses and gains in one site
    if not size.min() >= TELLS * size.max() > 0 or abs(np.sign(alone).sum()) < n:
        return None
    r = np.eye(n)
    for (i, j), both in zip(pairs, loss[n:], strict=True):
        r[i, j] = r[j, i] = np.sign(alone[i]) * (alone[i] + alone[j] - both) / min(size[i], size[j])
    return r


def two_units(site: Positions, redundancy: np.ndarray) -> Parts:
    """The site in two where r is told apart so, else whole.

    The first ends before `stop`, the second begins at `first`: what lies between is of both.
    """
    n, best, found = len(site), 0.0, (0, 0)
    for first, stop in combinations_with_replacement(range(LEAST_OWN, n - LEAST_OWN + 1), 2):
        if stop >= MIN_LENGTH and n - first >= MIN_LENGTH:
            apart = _apart(redundancy, first, stop)
            if apart > best:
                best, found = apart, (first, stop)
    if best < PERHAPS:
        return Parts([site])
    first, stop = found
    return Parts([site[:stop], site[first:]], best >= SURELY)


def _apart(redundancy: np.ndarray, first: int, stop: int) -> float:
    """By how many spreads r is less between [0, stop) and [first, n) than within them; 0 where it
    is not, or where it is little within."""
    units = redundancy[:stop, :stop], redundancy[first:, first:]
    within = [unit[~np.eye(len(unit), dtype=bool)] for unit in units]
    between = redundancy[:first, stop:].ravel()
    least = min(each.mean() for each in within)
    if least < WITHIN or least - between.mean() < LESS:
        return 0.0
    inside = np.concatenate(within)
    squares = inside.var() * len(inside) + between.var() * len(between)
    spread = np.sqrt(squares / (len(inside) + len(between)))
    return float((least - between.mean()) / max(spread, FINEST))
