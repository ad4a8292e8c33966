"""Controls: the same done where no site is, and what a site's effect is worth beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from seam_core.experiments.designs import (
    Positions,
    Setting,
    in_context,
    necessity,
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

SPARE = 2
"""Shuffles made for each that is used."""

Bases = list[np.ndarray]
Clear = Callable[[Positions, "Controls"], bool]
"""Whether the verdict on the sites of a shape is plain beside these controls."""

FLANK, LEAST_PLACES = 3, 10
"""Windows keep off the flanks of sites, which may have letters of theirs, where places are left."""


@dataclass(frozen=True, eq=False)
class Controls:
    """Effects of one experiment where no site is, by the shape of the window.

    effects : shape (offsets from the first position) -> (n,) effects
    """

    effects: dict[Positions, np.ndarray]

    def of(self, site: Positions) -> np.ndarray:
        return self.effects[shape_of(site)]

    def p_value(self, site: Positions, effect: float) -> float:
        """Share of the controls that are at least as large, the effect itself counted in."""
        effects = self.of(site)
        if not np.isfinite(effect) or not len(effects):
            return np.nan
        return float((1 + (np.abs(effects) >= abs(effect)).sum()) / (1 + len(effects)))

    def limit(self, site: Positions, matter: float = np.nan) -> float:
        """The effect that a confirmed site has at least.

        Parameters
        ----------
        matter : share of its positions that matter each by itself
        """
        effects = self.of(site)
        firm = matter == 1.0 and len(site) >= FIRM_LENGTH
        margin = FIRM_MARGIN if firm else MARGIN
        return float(margin * np.quantile(np.abs(effects), 0.99)) if len(effects) else np.inf


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
    clear: Clear,
) -> Controls:
    """Windows of each candidate's shape outside of all candidates, knocked out.

    Where there are too few of them, the rest come from sequences whose letters outside of the
    candidates are shuffled; where there is none, from wholly shuffled ones, at any place. Where
    a few draws leave the verdict open, each window is asked with all `n_draws`.
    """
    of_shape = {}
    for shape in {shape_of(site): None for site in candidates}:
        windows, bases = _windows(questions, setting, shape, candidates, n_controls, rng)

        def ask(n: int, windows: list[Positions] = windows, bases: Bases = bases) -> np.ndarray:
            note = "Knocking out controls"
            return necessity(questions, setting, windows, n, rng, bases, note)

        effects = ask(min(FIRST_DRAWS, n_draws))
        rest = n_draws - FIRST_DRAWS
        if rest > 0 and not clear(shape, Controls({shape: _told(effects)})):
            effects = np.concatenate([effects, ask(rest)], axis=1)
        of_shape[shape] = _told(effects)
    return Controls(of_shape)


def control_context(
    questions: Questions,
    setting: Setting,
    candidates: list[Positions],
    asked: list[Positions],
    n_controls: int,
    n_draws: int,
    rng: np.random.Generator,
) -> Controls:
    """Windows outside of all candidates, knocked out among mutations; none where none fit."""
    of_shape = {}
    for shape in {shape_of(site): None for site in asked}:
        starts = _free_starts(setting, shape, candidates)
        drawn = rng.choice(starts, n_controls) if len(starts) else starts
        windows = [tuple(int(start) + offset for offset in shape) for start in drawn]
        effects = in_context(
            questions, setting, windows, n_draws, rng, note="Knocking out controls"
        )
        of_shape[shape] = _told(effects)
    return Controls(of_shape)


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
        of_shape[shape_of(site)] = _told(effects)
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
    rng: np.random.Generator,
) -> tuple[list[Positions], list[np.ndarray]]:
    """n windows of the shape, and the sequence that each is knocked out of."""
    starts = _free_starts(setting, shape, candidates)
    if len(starts) >= n:
        drawn = rng.choice(starts, n, replace=False)
        bases = [setting.reference] * n
    elif len(starts):
        rest = n - len(starts)
        drawn = np.concatenate([starts, rng.choice(starts, rest)])
        shuffled = _shuffled_outside(setting, candidates, SPARE * rest, rng)
        bases = [setting.reference] * len(starts) + _alike(questions, setting, shuffled, rest)
    else:
        drawn = rng.integers(0, len(setting.reference) - shape[-1], n)
        bases = list(shuffles(setting.reference, n, setting.n_letters, rng))
    return [tuple(int(start) + offset for offset in shape) for start in drawn], bases


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


def _alike(questions: Questions, setting: Setting, rows: np.ndarray, n: int) -> list[np.ndarray]:
    """The n sequences whose activity is the nearest to the reference's: a shuffle that makes a site
    lies elsewhere on the model's scale, where any window may do more."""
    apart = np.abs(questions.answers([rows], "Knocking out controls") - setting.activity)
    return list(rows[np.sort(np.argsort(apart, kind="stable")[:n])])
