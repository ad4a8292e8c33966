"""Activities of configurations and interactions from all sequences, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from seam_core.identifier.subsets import members, moebius, subset_pairs
from seam_core.progress import SILENT, Progress

LEAST_SEQUENCES = 5
"""A configuration shown by fewer sequences is not represented: no mean is taken to stand for it."""

LARGE = 200
"""Sequences from which on the total of a resampled configuration is taken as normal."""

NEGLIGIBLE = 0.05
"""An interaction is called only above this share of the largest effect of one site: with many
sequences of a network, effects of no consequence are significant too."""


MEDIAN_TO_SD = 1.4826
"""A normal variable's standard deviation over the median of its size."""


@dataclass(frozen=True, eq=False)
class Estimates:
    """One number for each subset of sites, NaN where it cannot be told.

    value, low, high, p_value : (n,) float64
    n : (n,) int64, sequences of the rarest configuration that it rests on
    error : (n,) float64, standard error; None where nothing was resampled
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray
    n: np.ndarray
    error: np.ndarray | None = None


class Grouped:
    """Sequences grouped by configuration: all that means and regressions need of them."""

    def __init__(self, codes: np.ndarray, activity: np.ndarray) -> None:
        self.masks, group = np.unique(codes, return_inverse=True)
        group = group.ravel()
        size = len(self.masks)
        self.activity = activity
        self.n = np.bincount(group, minlength=size)
        self.total = np.bincount(group, activity, minlength=size)
        self._mean = self.total / self.n
        squares = np.bincount(group, (activity - self._mean[group]) ** 2, minlength=size)
        self._variance = squares / np.maximum(self.n - 1, 1)
        self._small = np.flatnonzero(self.n < LARGE)
        order = np.argsort(group, kind="stable")
        self._sorted = activity[order]
        self._first = np.searchsorted(group[order], np.arange(size))

    def resampled(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """n and total of as many sequences drawn with replacement.

        The total of a large group is drawn as the normal variable that it all but is. Deviations
        of a small one are widened by n / (n - 1): those from its own mean are too small.
        """
        n = rng.multinomial(len(self.activity), self.n / len(self.activity))
        total = n * self._mean + np.sqrt(n * self._variance) * rng.standard_normal(len(n))
        small = self._small
        drawn = np.repeat(np.arange(len(small)), n[small])
        within = (rng.random(len(drawn)) * self.n[small][drawn]).astype(np.intp)
        values = self._sorted[self._first[small][drawn] + within]
        middle, few = self._mean[small][drawn], self.n[small][drawn]
        values = middle + (values - middle) * np.sqrt(few / np.maximum(few - 1, 1))
        total[small] = np.bincount(drawn, values, minlength=len(small))
        return n, total

    def spread(self, values: np.ndarray, masks: np.ndarray, missing: float) -> np.ndarray:
        """(len(masks),): `values` of the groups at the masks asked for, `missing` elsewhere."""
        at = np.searchsorted(self.masks, masks)
        at = np.minimum(at, len(self.masks) - 1)
        return np.where(self.masks[at] == masks, values[at], missing)


@dataclass(frozen=True, eq=False)
class Statistic:
    """A number for each subset of sites, from the sequences' n and total by configuration.

    of : (n, total) -> (len(masks),)
    n : (len(masks),) sequences of the rarest configuration that it rests on
    told : (len(masks),) bool, where there are enough of them
    """

    of: Callable[[np.ndarray, np.ndarray], np.ndarray]
    n: np.ndarray
    told: np.ndarray


def configuration_means(grouped: Grouped, masks: np.ndarray) -> Statistic:
    """Mean activity of the sequences that show exactly the sites of each mask."""
    n = grouped.spread(grouped.n, masks, 0)
    return Statistic(lambda n, total: _means(grouped, masks, n, total), n, n >= LEAST_SEQUENCES)


def interactions_by_moebius(grouped: Grouped, masks: np.ndarray, max_order: int) -> Statistic:
    """Inclusion and exclusion over the means of configurations that show no other site."""
    n = grouped.spread(grouped.n, masks, 0)
    enough = n >= LEAST_SEQUENCES

    def interactions(n: np.ndarray, total: np.ndarray) -> np.ndarray:
        return moebius(np.where(enough, _means(grouped, masks, n, total), np.nan), masks)

    rarest = _rarest(n, masks)
    return Statistic(
        interactions, rarest, (rarest >= LEAST_SEQUENCES) & (_order(masks) <= max_order)
    )


def interactions_by_regression(
    grouped: Grouped, masks: np.ndarray, max_order: int, progress: Progress = SILENT
) -> Statistic:
    """Least squares of activity on products of site states, of up to `max_order` sites.

    With every order included this is Moebius inversion; fewer use all sequences for each term. A
    term is left out where some pattern of its own sites is shown by too few sequences to tell.
    """
    order = _order(masks)
    rarest = np.zeros(len(masks), np.int64)
    for row in np.flatnonzero(order <= max_order).tolist():
        progress.update(0, 1, "Counting configurations")
        rarest[row] = _rarest_pattern(grouped, int(masks[row]))
    fitted = np.flatnonzero((order <= max_order) & (rarest >= LEAST_SEQUENCES))
    terms = masks[fitted]
    design = ((grouped.masks[:, None] & terms) == terms).astype(np.float64)
    told = np.zeros(len(masks), bool)
    told[fitted] = _estimable(design)
    middle = float(grouped.activity.mean())  # taken off, so that constant activity gives exact 0

    def coefficients(n: np.ndarray, total: np.ndarray) -> np.ndarray:
        normal = design.T @ (n[:, None] * design)
        if not n.all() or not told[fitted].all():  # then some terms cannot be told apart
            normal.flat[:: len(normal) + 1] += 1e-9 * n.sum()
        values = np.full(len(masks), np.nan)
        values[fitted] = np.linalg.solve(normal, design.T @ (total - n * middle))
        values[masks == 0] += middle
        return values

    return Statistic(coefficients, rarest, told)


def with_intervals(
    grouped: Grouped,
    statistics: Sequence[Statistic],
    *,
    n_bootstrap: int,
    level: float,
    rng: np.random.Generator,
    progress: Progress = SILENT,
) -> list[Estimates]:
    """Values of the statistics, and intervals from resampling the sequences.

    An interval is the value and its standard error times Student's t, with the degrees of freedom
    of the rarest configuration; the p-value is of the same statistic. Sites and
    states stay as they are: what is told is how sure the numbers are given those.
    """
    values = [statistic.of(grouped.n, grouped.total) for statistic in statistics]
    again = [np.empty((n_bootstrap, len(value))) for value in values]
    for index in range(n_bootstrap):
        drawn = grouped.resampled(rng)
        for statistic, rows in zip(statistics, again, strict=True):
            rows[index] = statistic.of(*drawn)
        progress.update(index, n_bootstrap, "Resampling sequences")
    return [
        _estimates(value, rows, statistic, level)
        for value, rows, statistic in zip(values, again, statistics, strict=True)
    ]


def with_reclusterings(
    estimates: Estimates, others: np.ndarray, order: np.ndarray, level: float
) -> tuple[Estimates, np.ndarray]:
    """Estimates whose errors include how reclusterings differ, and the terms' stability.

    Parameters
    ----------
    others : (R, n) values by the states of each reclustering; NaN where not told

    Returns
    -------
    estimates : errors and what follows from them; how far half of the reclusterings stray, as a
        standard deviation, is added
    stability : (n,) share of the reclusterings that call a term, and in the same direction, where
        it is called, and do not where it is not
    """
    assert estimates.error is not None
    away = np.where(np.isfinite(others), np.abs(others - estimates.value), np.nan)
    known = np.isfinite(away).any(axis=0) & np.isfinite(estimates.error)
    strayed = np.zeros(len(order))
    strayed[known] = MEDIAN_TO_SD * np.nanmedian(away[:, known], axis=0)
    error = np.hypot(estimates.error, strayed)
    wider = _of_error(estimates.value, error, estimates.n, level)
    now = called(wider, order, 1 - level)
    same = [
        (called(_of_error(value, error, estimates.n, level), order, 1 - level) == now)
        & (~now | (np.sign(value) == np.sign(estimates.value)))
        for value in others
    ]
    return wider, np.where(np.isfinite(error), np.mean(same, axis=0), np.nan)


def fitted_activity(value: np.ndarray, masks: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """(N,): what the interactions `value` of `masks` give sequences that show `codes`; NaN is 0."""
    unique, group = np.unique(codes, return_inverse=True)
    used = np.isfinite(value)
    terms = masks[used]
    return (((unique[:, None] & terms) == terms) @ value[used])[group.ravel()]


def called(estimates: Estimates, order: np.ndarray, rate: float = 0.05) -> np.ndarray:
    """(n,) bool: effects that are there, at a false discovery rate of `rate` (Benjamini-Hochberg).

    Single sites and interactions are two families. An interaction must also be more than
    `NEGLIGIBLE` of the largest single effect.
    """
    with np.errstate(invalid="ignore"):
        return estimates.p_value <= np.where(
            negligible(estimates, order), -1.0, critical(estimates, order, rate)
        )


def negligible(estimates: Estimates, order: np.ndarray) -> np.ndarray:
    """(n,) bool: interactions below `NEGLIGIBLE` of the largest effect of one site."""
    largest = np.nanmax(np.abs(np.append(estimates.value[order == 1], 0.0)), initial=0.0)
    with np.errstate(invalid="ignore"):
        return (order >= 2) & ~(np.abs(estimates.value) >= NEGLIGIBLE * largest)


def critical(estimates: Estimates, order: np.ndarray, rate: float) -> np.ndarray:
    """(n,): the largest p-value that is called in each term's family, after Benjamini-Hochberg.

    Where none is called, the p-value that one would need.
    """
    limits = np.full(len(order), np.nan)
    for family in (order == 1, order >= 2):
        p_values = np.sort(estimates.p_value[family & np.isfinite(estimates.p_value)])
        steps = rate * np.arange(1, len(p_values) + 1) / max(len(p_values), 1)
        (passed,) = np.nonzero(p_values <= steps)
        if len(p_values):
            limits[family] = steps[passed[-1] if len(passed) else 0]
    return limits


def selected_intervals(
    estimates: Estimates, order: np.ndarray, rate: float
) -> tuple[np.ndarray, np.ndarray]:
    """(n,) low and high, which leave out zero where, and only where, the term is called.

    Of each family the level at which Benjamini and Hochberg call, so that of the intervals of
    called terms at most `rate` miss the truth (Benjamini & Yekutieli, J. Am. Stat. Assoc. 100:71,
    2005). The interval of a negligible interaction is drawn out to zero.
    """
    from scipy.special import stdtrit

    if estimates.error is None:
        return estimates.low, estimates.high
    limit = critical(estimates, order, rate)
    width = stdtrit(_freedom(estimates.n), 1 - limit / 2) * estimates.error
    low, high = estimates.value - width, estimates.value + width
    small = negligible(estimates, order)
    low[small], high[small] = np.minimum(low[small], 0.0), np.maximum(high[small], 0.0)
    alone = order == 0
    low[alone], high[alone] = estimates.low[alone], estimates.high[alone]
    return low, high


def _freedom(n: np.ndarray) -> np.ndarray:
    return np.maximum(n - 1, 1)


def _estimates(
    value: np.ndarray, again: np.ndarray, statistic: Statistic, level: float
) -> Estimates:
    told = np.where(statistic.told, value, np.nan)
    known = np.flatnonzero(np.isfinite(told))
    if not len(again):
        nothing = np.full(len(value), np.nan)
        return Estimates(told, nothing, nothing, nothing, statistic.n)
    error = np.full(len(value), np.nan)
    if len(known):
        error[known] = np.nanstd(again[:, known], axis=0, ddof=1 if len(again) > 1 else 0)
    return _of_error(told, error, statistic.n, level)


def _of_error(value: np.ndarray, error: np.ndarray, n: np.ndarray, level: float) -> Estimates:
    """Interval and p-value by Student's t."""
    from scipy.special import stdtr, stdtrit

    freedom, size = _freedom(n), np.abs(value)
    width = stdtrit(freedom, (1 + level) / 2) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where((size == 0) & (error == 0), 0.0, size / error)
    return Estimates(value, value - width, value + width, 2 * stdtr(freedom, -t), n, error)


def _means(grouped: Grouped, masks: np.ndarray, n: np.ndarray, total: np.ndarray) -> np.ndarray:
    means = np.divide(total, n, out=np.full(len(n), np.nan), where=n > 0)
    return grouped.spread(means, masks, np.nan)


def _order(masks: np.ndarray) -> np.ndarray:
    """(n,) number of sites in each mask."""
    return members(masks, int(masks.max(initial=0)).bit_length()).sum(axis=1)


def _rarest(n: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """(len(masks),): fewest sequences among the configurations that are subsets of each mask."""
    fewest = n.copy()
    for with_bit, without in subset_pairs(masks):
        fewest[with_bit] = np.minimum(fewest[with_bit], fewest[without])
    return fewest


def _rarest_pattern(grouped: Grouped, mask: int) -> int:
    """Sequences of the rarest on-off pattern of the mask's sites, whatever the other sites do."""
    sites = [site for site in range(mask.bit_length()) if mask >> site & 1]
    patterns = np.zeros(len(grouped.masks), np.int64)
    for bit, site in enumerate(sites):
        patterns |= (grouped.masks >> site & 1) << bit
    return int(np.bincount(patterns, grouped.n, minlength=1 << len(sites)).min())


def _estimable(design: np.ndarray) -> np.ndarray:
    """(terms,) bool: no other combination of terms does the same to every configuration seen."""
    # zeros and ones: a combination that does nothing is exact, so the small Gram matrix tells it
    values, vectors = np.linalg.eigh(design.T @ design)
    null = vectors[:, values <= 1e-9 * values.max(initial=1.0)]
    return (null**2).sum(axis=1) < 1e-8
