"""What losing each letter of a site takes, and each two: what tells whether it is one unit.

A model is asked about a few replacements in the reference. Of a measured table every answer counts:
all letters, in the reference and in measured sequences that have the site whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from typing import NamedTuple

import numpy as np

from seam_core.experiments.designs import Positions, Setting, others
from seam_core.experiments.questions import Block, Questions
from seam_core.oracles.alike import Alike

DRAWS = 6
MOST_CONTEXTS = 8
"""Measured sequences that have the site whole."""

RESAMPLES = 100

TELLS = 0.1
"""Share of the largest loss that each position must have for its pairs to tell anything."""


class Losses(NamedTuple):
    """Of the n positions of a site.

    alone, both : (n,) and (n, n) mean losses of activity; NaN where nothing was measured
    noise : of the mean over all that was measured whole
    errors : standard errors of `alone` and `both` by the noise of measurement; 0 of a model
    """

    alone: np.ndarray
    both: np.ndarray
    noise: float = 0.0
    errors: tuple[np.ndarray, np.ndarray] | None = None

    @property
    def idle(self) -> np.ndarray:
        """(n,) bool: positions that do too little by themselves for their pairs to tell anything;
        a loss where others gain is also one."""
        along = self.alone * np.sign(np.nansum(self.alone))
        return along <= TELLS * np.nanmax(np.abs(self.alone), initial=0.0)

    def redundancies(self) -> np.ndarray:
        """(n, n) r of each two positions, 1 on the diagonal; NaN where it is not known."""
        return _redundancies(self.alone, self.both)

    def resampled(self, rng: np.random.Generator) -> np.ndarray | None:
        """(R, n, n) r as other measurements of the same would have it; None of a model."""
        if self.errors is None:
            return None
        whole = rng.normal(0.0, self.noise, (RESAMPLES, 1, 1))
        alone, both = (
            told + error * rng.normal(size=(RESAMPLES, *told.shape))
            for told, error in zip((self.alone, self.both), self.errors, strict=True)
        )
        return _redundancies(alone + whole[..., 0], both + whole)


def _redundancies(alone: np.ndarray, both: np.ndarray) -> np.ndarray:
    one, other = alone[..., :, None], alone[..., None, :]
    least = np.minimum(np.abs(one), np.abs(other))
    r = np.sign(one) * (one + other - both) / np.where(least > 0, least, np.nan)
    lower = np.tril_indices(r.shape[-1], -1)
    r[..., lower[0], lower[1]] = r[..., lower[1], lower[0]]
    diagonal = np.arange(r.shape[-1])
    r[..., diagonal, diagonal] = 1.0
    return r


def losses_of(
    questions: Questions, setting: Setting, site: Positions, rng: np.random.Generator
) -> Losses:
    """Each position of the site replaced, and each two."""
    if questions.any_sequence:
        return _drawn(questions, setting, site, rng)
    return _measured(questions, setting, site)


def _drawn(
    questions: Questions, setting: Setting, site: Positions, rng: np.random.Generator
) -> Losses:
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
    both = np.full((n, n), np.nan)
    both[tuple(np.transpose(pairs))] = loss[n:]
    return Losses(loss[:n], both)


def _measured(questions: Questions, setting: Setting, site: Positions) -> Losses:
    contexts, whole = _whole(questions, setting, site)
    shifts = np.arange(1, setting.n_letters)

    def lost(positions: Positions) -> np.ndarray:
        """(contexts, letters at the first, at the second) losses; NaN where not measured."""
        drawn = np.array(list(product(shifts, repeat=len(positions))))
        rows = np.repeat(contexts[:, None], len(drawn), axis=1)
        rows[:, :, positions] = (rows[:, :, positions] + drawn) % setting.n_letters
        flat = rows.reshape(-1, rows.shape[-1])
        answers = questions.answers([flat], "Parts of sites")
        return whole[:, None, None] - answers.reshape(len(contexts), len(shifts), -1)

    n, noise = len(site), setting.noise
    alone, error = _mean([lost((position,)) for position in site], noise)
    both, errors = np.full((2, n, n), np.nan)
    pairs = list(combinations(range(n), 2))
    at = tuple(np.transpose(pairs))
    both[at], errors[at] = _mean([lost((site[i], site[j])) for i, j in pairs], noise)
    return Losses(alone, both, noise / np.sqrt(max(len(whole), 1)), (error, errors))


def _whole(
    questions: Questions, setting: Setting, site: Positions
) -> tuple[np.ndarray, np.ndarray]:
    """(C, L) measured sequences that have the site whole, those like the reference first, and
    (C,) their activity."""
    columns = list(site)
    rows = setting.contexts.copy()
    rows[:, columns] = setting.reference[columns]
    rows = np.unique(np.concatenate([setting.reference[None], rows]), axis=0)
    rows = rows[np.argsort((rows != setting.reference).sum(axis=1), kind="stable")]
    whole = questions.answers([rows], "Parts of sites")
    there = np.flatnonzero(np.isfinite(whole))[:MOST_CONTEXTS]
    return rows[there], whole[there]


def _mean(values: list[np.ndarray], noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Means of what was measured, and their errors; NaN where nothing was."""
    n = np.array([np.isfinite(each).sum() for each in values])
    total = np.array([np.nansum(each) for each in values])
    known = np.where(n > 0, n, np.nan)
    return total / known, noise / np.sqrt(known)
