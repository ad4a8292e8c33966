"""Controls: the same done where no site is, and what a site's effect is worth beside them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from seam_core.experiments.designs import (
    Positions,
    Setting,
    in_context,
    necessity,
    others,
    shuffles,
    sufficiency,
)
from seam_core.experiments.questions import Questions, mean_and_error

MARGIN, FIRM_MARGIN = 2.0, 1.3
"""A confirmed site's effect is at least this many times what 99 % of the controls stay below; the
second where it is firm: of `FIRM_LENGTH` positions or more that all matter."""

FIRM_LENGTH = 5

SIGNIFICANT = 0.05
"""False discovery rate below which a site is at least weak."""

FLOOR = 0.05
"""Share of the standard deviation of the library's activity below which an effect is none."""

SURE = 4.0
"""Standard errors that an effect must be from zero."""


FIRST_DRAWS = 3
"""Draws of each control window at first: chance among few makes controls larger than they are, so
that a site beyond these is beyond them all."""

SPARE = 4
"""Shuffles made for each that is used."""

MORE = 4
"""Times as many control windows where a site lies near its limit; times as many draws of the
largest among mutations."""

LARGEST = 4
"""One in so many of the windows is asked again among mutations, and one in so many of those."""

TAIL, COVER, RESAMPLES = 0.99, 0.95, 400
"""Share of the controls that the limit is told from, and the interval of what they stay below."""

Bases = list[np.ndarray]

FLANK, LEAST_PLACES = 3, 10
"""Windows keep off the flanks of sites, which may have letters of theirs, where places are left."""


def enough(n_controls: int, n_candidates: int) -> int:
    """So many that one candidate beyond them all is significant among the others: with n of them
    p is at least 1 / (n + 1), and q so many times more."""
    return max(n_controls, math.ceil(n_candidates / SIGNIFICANT))


@dataclass(frozen=True, eq=False)
class Windows:
    """Effects of the control windows of one shape.

    drawn : (d,) of windows that another draw would have others of
    whole : (w,) of all windows that the reference has, where there are few
    times : how often each of `whole` counts, where so many times as many were drawn
    """

    drawn: np.ndarray
    whole: np.ndarray = field(default_factory=lambda: np.empty(0))
    times: int = 1

    def __len__(self) -> int:
        return len(self.drawn) + len(self.whole)

    def sizes(self) -> np.ndarray:
        """Sizes of the effects, each as often as it counts."""
        return np.abs(np.concatenate([np.repeat(self.whole, self.times), self.drawn]))

    def tail(self) -> tuple[float, float, float]:
        """What 99 % stay below, and between which two numbers that lies among other draws."""
        sizes = self.sizes()
        if not len(sizes):
            return np.inf, np.inf, np.inf
        rng, parts = np.random.default_rng(0), []
        for effects, times in ((self.whole, self.times), (self.drawn, 1)):
            rows = rng.integers(0, max(len(effects), 1), (RESAMPLES, len(effects)))
            parts.append(np.repeat(np.abs(effects[rows]), times, axis=1))
        again = np.concatenate(parts, axis=1)
        tails = np.quantile(again, TAIL, axis=1)
        low, high = np.quantile(tails, [(1 - COVER) / 2, (1 + COVER) / 2])
        return float(np.quantile(sizes, TAIL)), float(low), float(high)


class Limit(NamedTuple):
    """The effect that a confirmed site has at least, and its interval over draws of controls."""

    least: float
    low: float
    high: float


UNKNOWN_LIMIT = Limit(np.nan, np.nan, np.nan)

Beside = Callable[[Positions, "Controls"], tuple[bool, bool]]
"""Whether all sites of a shape are beyond these controls for sure, and whether any is near."""


@dataclass(frozen=True, eq=False)
class Controls:
    """Effects of one experiment where no site is, by the shape of the window.

    effects : shape (offsets from the first position) -> its windows
    """

    effects: dict[Positions, Windows]

    def of(self, site: Positions) -> Windows:
        return self.effects[shape_of(site)]

    def p_value(self, site: Positions, effect: float) -> float:
        """Share of the controls that are at least as large, the effect itself counted in."""
        sizes = self.of(site).sizes()
        if not np.isfinite(effect) or not len(sizes):
            return np.nan
        return float((1 + (sizes >= abs(effect)).sum()) / (1 + len(sizes)))

    def limit(self, site: Positions, matter: float = np.nan) -> Limit:
        """The effect that a confirmed site has at least; inf without controls.

        Parameters
        ----------
        matter : share of its positions that matter each by itself
        """
        firm = matter == 1.0 and len(site) >= FIRM_LENGTH
        margin = FIRM_MARGIN if firm else MARGIN
        return Limit(*(margin * value for value in self.of(site).tail()))


def shape_of(site: Positions) -> Positions:
    """Offsets of the positions from the first."""
    return tuple(position - site[0] for position in site)


def control_necessity(
    questions: Questions,
    setting: Setting,
    candidates: list[Positions],
    n_controls: int,
    n_draws: int,
    rng: np.random.Generator,
    beside: Beside,
) -> Controls:
    """Windows of each candidate's shape outside of all candidates, knocked out.

    Where there are too few of them, the rest come from sequences whose letters outside of the
    candidates are shuffled; where there is none, from wholly shuffled ones, at any place, with
    none of the candidates' letters. Where a few draws do not place the sites beyond the controls,
    each window is asked with all `n_draws`; where a site is then near its limit, or a table holds
    less than half of the windows, `MORE` times as many are. Of measured sequences, which hold few
    of the draws, all are asked at once.
    """
    of_shape = {}
    for shape in {shape_of(site): None for site in candidates}:

        def ask(draws: list[int], times: int, shape: Positions = shape) -> Iterator[Windows]:
            """The same windows, with the draws of each step added to those before."""
            n_whole, windows, bases = _windows(
                questions, setting, shape, candidates, n_controls, times, rng
            )
            effects, note = np.empty((len(windows), 0)), "Knocking out controls"
            for n in draws:
                more = necessity(questions, setting, windows, n, rng, bases, note)
                effects = np.concatenate([effects, more], axis=1)
                yield Windows(_told(effects[n_whole:]), _told(effects[:n_whole]), times)

        few = min(FIRST_DRAWS, n_draws) if questions.any_sequence else n_draws
        steps = [few, n_draws - few] if n_draws > few else [few]
        for told in ask(steps, 1):
            of_shape[shape] = told
            beyond, near = beside(shape, Controls({shape: told}))
            if beyond:
                break
        if near or 2 * len(told) < n_controls:
            (of_shape[shape],) = ask([n_draws], MORE)
    return Controls(of_shape)


def control_context(
    questions: Questions,
    setting: Setting,
    candidates: list[Positions],
    asked: list[Positions],
    n_controls: int,
    n_draws: int,
    rng: np.random.Generator,
    beside: Beside,
) -> Controls:
    """Windows outside of all candidates, knocked out among mutations, each equally often and among
    mutations of its own; none where none fit. Fewer places than windows have so many more draws.

    Chance among few draws is large here and makes controls larger: those that come out as the
    largest, which the limit is told from, are asked again, and of these the largest once more; but
    where all sites of the shape are beyond the larger ones for sure.
    """
    of_shape = {}
    for shape in {shape_of(site): None for site in asked}:
        starts = _free_starts(setting, shape, candidates)
        drawn = rng.permutation(starts)[:n_controls]
        times = -(-n_controls // max(len(drawn), 1))
        windows = [tuple(int(start) + offset for offset in shape) for start in drawn]

        def ask(which: list[Positions], n: int) -> np.ndarray:
            effects = in_context(
                questions, setting, which, n, rng, note="Knocking out controls", apart=True
            )
            return mean_and_error(effects)[0]

        told = ask(windows, times * n_draws)
        for step in (1, 2):
            if beside(shape, Controls({shape: _all_there(told, times)}))[0]:
                break
            n_largest = -(-len(windows) // LARGEST**step)
            largest = np.argsort(-np.nan_to_num(np.abs(told)))[:n_largest]
            again = [windows[index] for index in largest]
            told[largest] = ask(again, MORE**step * times * n_draws)
        of_shape[shape] = _all_there(told, times)
    return Controls(of_shape)


def _all_there(effects: np.ndarray, times: int) -> Windows:
    """Windows, each counted so often as it stands for a draw of its place."""
    told = effects[np.isfinite(effects)]
    return Windows(told) if times == 1 else Windows(np.empty(0), told, times)


def control_sufficiency(
    questions: Questions,
    setting: Setting,
    asked: list[Positions],
    n_controls: int,
    n_draws: int,
    rng: np.random.Generator,
) -> Controls:
    """Letters of shuffled sequences put where the site goes."""
    of_shape = {}
    for site in {shape_of(site): site for site in asked}.values():
        contents = shuffles(setting.reference, n_controls, setting.n_letters, rng)
        effects = sufficiency(
            questions, setting, [site] * n_controls, n_draws, list(contents), "Putting in controls"
        )
        of_shape[shape_of(site)] = Windows(_told(effects))
    return Controls(of_shape)


def _told(effects: np.ndarray) -> np.ndarray:
    means = mean_and_error(effects)[0]
    return means[np.isfinite(means)]


def _free_starts(setting: Setting, shape: Positions, candidates: list[Positions]) -> np.ndarray:
    """Where a window of the shape touches no candidate, nor its flanks where there is the room."""
    length = len(setting.reference)
    starts = np.arange(length - shape[-1])
    for flank in (FLANK, 0):
        taken = np.zeros(length, bool)
        for site in candidates:
            for step in range(-flank, flank + 1):
                taken[np.clip(np.array(site) + step, 0, length - 1)] = True
        free = starts[~taken[starts[:, None] + np.array(shape)].any(axis=1)]
        if len(free) >= LEAST_PLACES:
            break
    return free


def _windows(
    questions: Questions,
    setting: Setting,
    shape: Positions,
    candidates: list[Positions],
    n: int,
    times: int,
    rng: np.random.Generator,
) -> tuple[int, list[Positions], Bases]:
    """Windows of the shape, the sequence that each is knocked out of, and how many of them are
    all that the reference has.

    `times` as many as n, but those that the reference has: each of these counts so often.
    """
    starts = _free_starts(setting, shape, candidates)
    rest = times * (n - len(starts))
    n_whole = len(starts) if len(starts) <= times * n else 0
    if rest <= 0:
        drawn = starts if n_whole else rng.choice(starts, times * n, replace=False)
        bases = [setting.reference] * len(drawn)
    elif len(starts):
        drawn = np.concatenate([starts, rng.choice(starts, rest)])
        shuffled = _shuffled_outside(setting, candidates, SPARE * rest, rng)
        bases = [setting.reference] * len(starts) + _alike(questions, setting, shuffled, rest)
    else:
        drawn = rng.integers(0, len(setting.reference) - shape[-1], rest)
        bases = list(_without_sites(setting, candidates, rest, rng))
    return n_whole, [tuple(int(start) + offset for offset in shape) for start in drawn], bases


def _shuffled_outside(
    setting: Setting, candidates: list[Positions], n: int, rng: np.random.Generator
) -> np.ndarray:
    """(n, L): the reference with the letters that no candidate has shuffled among themselves."""
    outside = np.ones(len(setting.reference), bool)
    for site in candidates:
        outside[list(site)] = False
    rows = np.tile(setting.reference, (n, 1))
    rows[:, outside] = shuffles(setting.reference[outside], n, setting.n_letters, rng)
    return rows


def _without_sites(
    setting: Setting, candidates: list[Positions], n: int, rng: np.random.Generator
) -> np.ndarray:
    """(n, L): shuffles of which no letter of a candidate is where the reference has it: windows of
    a short sequence would else be knocked out of its own sites, which come again by chance."""
    rows = shuffles(setting.reference, n, setting.n_letters, rng)
    own = rows == setting.reference
    own[:, sorted(set(range(rows.shape[1])) - {p for site in candidates for p in site})] = False
    return np.where(own, others(rows, setting.n_letters, rng), rows).astype(np.int8)


def _alike(questions: Questions, setting: Setting, rows: np.ndarray, n: int) -> list[np.ndarray]:
    """The n sequences whose activity is the nearest to the reference's: a shuffle that makes a site
    lies elsewhere on the model's scale, where any window may do more."""
    apart = np.abs(questions.answers([rows], "Knocking out controls") - setting.activity)
    return list(rows[np.sort(np.argsort(apart, kind="stable")[:n])])
