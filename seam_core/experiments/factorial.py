"""Every combination of sites kept and replaced, and the interactions that they give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from seam_core.experiments.designs import Positions, Setting, others
from seam_core.experiments.questions import Block, Questions, mean_and_error
from seam_core.identifier.subsets import members, moebius
from seam_core.oracles.alike import WIDTHS, Alike

MOST_IN_FULL = 10
"""Up to this many sites every combination is asked (1,024); beyond, those of up to `ORDER`."""

ORDER = 3
MOST_QUESTIONS = 100_000
LEAST_DRAWS = 30
FEW_QUESTIONS, MOST_DRAWS = 10_000, 2_500
"""Few sites are asked with more draws: those that happen to make a site again are rare."""

PRECISION = 1e-6
"""Relative precision of an answer: float32, and what a batch's size changes in it."""

NEGLIGIBLE = 0.05
"""An interaction is called only above this share of the largest effect of one site."""


@dataclass(frozen=True, eq=False)
class Factorial:
    """Activities of combinations of sites, draw by draw.

    masks : (n,) bit s is set where site s is kept; every subset of a listed one is listed
    activity : (R, n), the same random letters in all combinations of one draw
    noise : standard deviation of one answer's noise; 0 of a model
    sites : positions of the sites
    off_letters : (R, P) int8, those letters at all sites' positions
    """

    masks: np.ndarray
    activity: np.ndarray
    sites: tuple[Positions, ...]
    off_letters: np.ndarray
    noise: float = 0.0

    @property
    def order(self) -> np.ndarray:
        """(n,) sites kept."""
        return members(self.masks, len(self.sites)).sum(axis=1)

    @property
    def columns(self) -> np.ndarray:
        """(P,) positions of all sites."""
        return columns_of(self.sites)

    def examples(self, picked: np.ndarray, reference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Activities (m,) and letters at the columns (m, P) of some of the questions.

        Parameters
        ----------
        picked : (m,) indices into `activity.ravel()`
        """
        draws, masks = np.divmod(picked, len(self.masks))
        columns = self.columns
        off = np.stack([replaced_positions(self.sites, int(mask)) for mask in self.masks])
        letters = np.where(off[masks], self.off_letters[draws], reference[columns])
        return self.activity[draws, masks], letters


def columns_of(sites: Sequence[Positions]) -> np.ndarray:
    """(P,) positions of all sites, in order."""
    return np.array(sorted({position for site in sites for position in site}), dtype=int)


def replaced_positions(sites: Sequence[Positions], mask: int) -> np.ndarray:
    """(P,) bool over `columns_of(sites)`: those of sites that are off, and of none that is kept."""
    columns = columns_of(sites)
    kept = [p for s, site in enumerate(sites) if mask >> s & 1 for p in site]
    return ~np.isin(columns, kept)


def combination_masks(n_sites: int) -> np.ndarray:
    """(n,) int64, the empty one first."""
    highest = n_sites if n_sites <= MOST_IN_FULL else ORDER
    return np.array(
        [
            sum(1 << site for site in kept)
            for order in range(highest + 1)
            for kept in combinations(range(n_sites), order)
        ],
        dtype=np.int64,
    )


def factorial(
    questions: Questions,
    setting: Setting,
    sites: Sequence[Positions],
    n_draws: int,
    rng: np.random.Generator,
) -> Factorial:
    """Ask for every combination; a position that a kept site shares with one that is off stays."""
    masks = combination_masks(len(sites))
    n = draws_of(masks, n_draws)
    columns = columns_of(sites)
    letters = others(np.tile(setting.reference[columns], (n, 1)), setting.n_letters, rng)

    def rows_of(mask: int) -> np.ndarray:
        rows = np.tile(setting.reference, (n, 1))
        off = replaced_positions(sites, mask)
        rows[:, columns[off]] = letters[:, off]
        return rows

    # combinations that differ in neighbouring sites alone follow each other, as they are alike
    others_kept = masks & ~neighbours(sites)
    in_order = np.argsort(others_kept, kind="stable")

    def blocks() -> Iterator[Block]:
        for at in in_order.tolist():
            yield Alike(rows_of(int(masks[at])), rows_of(int(others_kept[at])))

    answers = np.empty((len(masks), n))
    answers[in_order] = questions.answers(blocks(), "Combining sites").reshape(len(masks), n)
    return Factorial(masks, answers.T, tuple(sites), letters, setting.noise)


def draws_of(masks: np.ndarray, n_draws: int) -> int:
    """Draws of each combination: more where there are few of them, fewer where there are many."""
    n = max(n_draws, min(MOST_DRAWS, FEW_QUESTIONS // len(masks)))
    return int(np.clip(MOST_QUESTIONS // len(masks), LEAST_DRAWS, n))


def neighbours(sites: Sequence[Positions]) -> int:
    """Bits of the most sites that lie within what is predicted by what differs."""
    together = [
        sum(1 << s for s, site in enumerate(sites) if _within(site, first, WIDTHS[-1]))
        for first in (site[0] for site in sites)
    ]
    return max(together, key=int.bit_count, default=0)


def _within(site: Positions, first: int, width: int) -> bool:
    return first <= site[0] and site[-1] < first + width


def interactions(
    values: np.ndarray, masks: np.ndarray, order: np.ndarray, noise: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """(n,) interactions and their standard errors, from (R, n) activities draw by draw.

    The draws are shared by all combinations, so that what one draw's letters do by chance is in
    all of them and falls out of the differences. Errors hold what the draws may have left out: one
    more, whose letters make a site again, would move a mean by 1/R of all that sites do.

    Parameters
    ----------
    noise : of one measurement: where all sites are kept there is one sequence in all draws
    """
    each = moebius(values, masks)
    estimate, error = mean_and_error(each.T)
    size = np.nanmax(np.abs(values), initial=0.0)
    undrawn = np.ptp(np.nan_to_num(np.nanmean(values, axis=0))) / len(values)
    single = np.where((values[:1] == values).all(axis=0), noise, 0.0)
    error = np.sqrt(error**2 + undrawn**2 + single**2)
    return estimate, np.hypot(error, PRECISION * size * np.sqrt(2.0**order))


def called(estimate: np.ndarray, error: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, ...]:
    """p, q (Benjamini-Hochberg; single sites and interactions apart) and whether it is called."""
    from scipy.special import ndtr
    from scipy.stats import false_discovery_control

    z = np.divide(np.abs(estimate), error, out=np.zeros_like(estimate), where=error > 0)
    p = np.where(np.isfinite(estimate), 2 * ndtr(-z), np.nan)
    q = np.full_like(p, np.nan)
    for family in (order == 1, order >= 2):
        known = family & np.isfinite(p)
        if known.any():
            q[known] = false_discovery_control(p[known])
    largest = np.nanmax(np.abs(np.where(order == 1, estimate, 0.0)), initial=0.0)
    both = np.nanmax(np.abs(np.where(order == 2, estimate, 0.0)), initial=0.0)
    with np.errstate(invalid="ignore"):
        sized = np.abs(estimate) >= NEGLIGIBLE * max(largest, both)
        return p, q, (q <= 0.05) & sized
