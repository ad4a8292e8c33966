"""How many clusters a tree suggests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from seam_core.clusterer.cuts import check_linkage, cut_linkage
from seam_core.records import Linkage
from seam_core.validate import InputError

USUAL = 30
"""Clusters where nothing says how many."""

MOST = 200
EACH, MOST_TRIED = 20, 15
"""Every number up to `EACH` is tried, beyond it as many, by equal factors."""

NEAR = 0.15
"""Activities are told apart where their average interquartile range has this share of its fall,
from few clusters to many, still before it."""

LEAST_SIZE = 10
"""Clusters of fewer sequences say little of their letters."""

MOST_SMALL = 0.1
"""Share of clusters that may be of fewer than `LEAST_SIZE` sequences."""

LASTING = 0.4
"""A site lasts that this share of the cuts shows."""

SAME = 0.5
"""Two sites are the same that share at least this share of all their positions."""

Shown = Callable[[Sequence[np.ndarray]], list[list[set[int]]]]
"""For each of several labels (N,), the positions of each site that these clusters show."""


@dataclass(frozen=True, eq=False)
class Suggestion:
    """A number of clusters, and how it was come to.

    n_clusters : K
    reason : one sentence
    numbers : (M,) numbers of clusters looked at, ascending
    gaps : (M,) height of the first merge not done over that of the last done
    spread : (M,) mean over maps of their cluster's interquartile range of activity; None without
    smallest : (M,) sequences in the smallest cluster; None without activities
    lasting : (M,) how many of the sites that last are shown; None where sites were not looked for
    """

    n_clusters: int
    reason: str
    numbers: np.ndarray
    gaps: np.ndarray
    spread: np.ndarray | None = None
    smallest: np.ndarray | None = None
    lasting: np.ndarray | None = None


def suggest_n_clusters(
    linkage: Linkage | np.ndarray,
    activity: np.ndarray | None = None,
    *,
    shown: Shown | None = None,
    most: int = MOST,
) -> Suggestion:
    """How many clusters a tree suggests.

    Without activities: the number, from 2 to `most`, at which the tree has its largest relative
    gap in heights. With the (N,) activities: the smallest number that shows as many as any does of
    the sites that last over the cuts (where `shown` tells of sites), and beyond which the average
    interquartile range of activity in a cluster, the authors' measure, hardly falls; of numbers
    that leave few clusters of a handful of sequences.
    """
    matrix = check_linkage(linkage.matrix if isinstance(linkage, Linkage) else linkage)
    n = len(matrix) + 1
    heights = np.sort(matrix[:, 2])
    numbers = np.arange(2, min(most, n - 1) + 1)
    # K clusters: n - K merges done
    numbers = numbers[heights[n - numbers] > heights[n - numbers - 1]]
    if len(numbers) == 0:
        return Suggestion(1, "All maps merge at one height.", np.array([1]), np.ones(1))
    last = np.maximum(heights[n - numbers - 1], np.finfo(np.float64).tiny)
    with np.errstate(over="ignore"):  # a merge at zero below: a gap without end
        gaps = heights[n - numbers] / last
    if activity is None:
        number = int(numbers[np.argmax(gaps)])
        reason = f"The heights of the tree have their largest gap at {number} clusters."
        return Suggestion(number, reason, numbers, gaps)
    activity = np.asarray(activity, np.float64)
    if activity.shape != (n,):
        raise InputError("activity", f"shape {activity.shape}", f"shape ({n},)")
    tried = np.geomspace(min(EACH, numbers[-1]), numbers[-1], MOST_TRIED).astype(int)
    tried = np.union1d(np.arange(2, EACH + 1), tried)
    tried = tried[np.isin(tried, numbers)]
    return _by_activity(matrix, activity, tried, gaps[np.searchsorted(numbers, tried)], shown)


def _by_activity(
    matrix: np.ndarray,
    activity: np.ndarray,
    tried: np.ndarray,
    gaps: np.ndarray,
    shown: Shown | None,
) -> Suggestion:
    cuts = [cut_linkage(matrix, int(k)).labels for k in tried]
    spread = np.array([_mean_iqr(activity, labels) for labels in cuts])
    sizes = [np.bincount(labels) for labels in cuts]
    lasting, n_lasting = None, 0
    if shown is not None:
        lasting, n_lasting = _lasting(shown(cuts))
    fits = np.array([np.mean(own < LEAST_SIZE) <= MOST_SMALL for own in sizes])
    fits[0] |= not fits.any()
    if lasting is not None:
        fits &= lasting == lasting[fits].max()
    limit = spread.min() + NEAR * (spread.max() - spread.min())
    (told_apart,) = np.nonzero(fits & (spread <= limit))
    at = int(told_apart[0]) if len(told_apart) else int(np.flatnonzero(fits)[-1])
    smallest = np.array([own.min() for own in sizes])
    reason = (
        f"At {tried[at]} clusters the average interquartile range of activity is "
        f"{spread[at]:.3g} ({spread[0]:.3g} at {tried[0]}, {spread[-1]:.3g} at {tried[-1]})"
    )
    if lasting is not None and n_lasting:
        reason += f", {lasting[at]} of the {n_lasting} sites that last over the cuts are shown"
    elif lasting is not None:
        reason += ", no site lasts over the cuts"
    reason += f", and the smallest cluster has {_counted(int(smallest[at]))}."
    return Suggestion(int(tried[at]), reason, tried, gaps, spread, smallest, lasting)


def _counted(n: int) -> str:
    return "one sequence" if n == 1 else f"{n} sequences"


def _lasting(by_cut: list[list[set[int]]]) -> tuple[np.ndarray, int]:
    """(M,) how many of the sites that last each cut shows, and how many there are."""
    sites: list[set[int]] = []
    rows: list[np.ndarray] = []
    for site in sorted((site for cut in by_cut for site in cut), key=len, reverse=True):
        if any(_same(site, other) for other in sites):
            continue
        there = np.array([any(_same(site, other) for other in cut) for cut in by_cut])
        if there.mean() >= LASTING:
            sites.append(site)
            rows.append(there)
    return np.sum(rows, axis=0, dtype=int) if rows else np.zeros(len(by_cut), int), len(sites)


def _same(one: set[int], other: set[int]) -> bool:
    return len(one & other) >= SAME * len(one | other)


def _mean_iqr(activity: np.ndarray, labels: np.ndarray) -> float:
    order = np.argsort(labels, kind="stable")
    groups = np.split(activity[order], np.flatnonzero(np.diff(labels[order])) + 1)
    return sum(len(g) * float(np.subtract(*np.percentile(g, [75, 25]))) for g in groups) / len(
        labels
    )
