"""Sites without a number or a height to cut at: positions whose letters the clusters decide.

The MSM's entropy over a few sequences is low by chance, so the covariance of its columns is as much
cluster size as site. Here each cluster counts by its size, what sampling alone would give is taken
off, and positions belong together where clusters that keep the one keep the other.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from seam_core.identifier.covariance import NOISE
from seam_core.records import Explanation

# The first six are this house's, from no paper: chosen so that sites planted in libraries of known
# answer are found at their bounds and nothing is found where none is planted
# (tests/core/test_planted_sites.py). They are kept with the sites that they gave, see `constants`.

LEAST_Z = 6.0
"""Standard deviations of sampling noise that a position must stand above it."""

LEAST_SHARE = 0.05
"""A position counts when it varies at least this share of what the strongest positions do. Networks
give every position some small effect, which many sequences make significant but not a site."""

LEAST_CORRELATION = 0.65
"""Groups of positions are one site while their mean correlation over clusters is at least this."""

FIRM_SHARE = 0.25
"""The ends of a site vary at least this share of its median position."""

MOST_LOST = 0.5
"""A cluster keeps positions that it loses less than this share as often as the library does."""

SMALL_CLUSTER = 30
"""Sequences at which a cluster has half the weight per sequence that a large one has: in fewer, a
position is often kept by luck."""

HALF_NORMAL = 0.5 - 0.5 / np.pi
"""Variance of max(x, 0) for a standard normal x."""


def constants() -> dict[str, float]:
    """Name -> value of the thresholds, for the manifest."""
    return {
        "least_z": LEAST_Z,
        "least_share": LEAST_SHARE,
        "least_correlation": LEAST_CORRELATION,
        "firm_share": FIRM_SHARE,
        "most_lost": MOST_LOST,
        "small_cluster": SMALL_CLUSTER,
    }


@dataclass(frozen=True, eq=False)
class Correlation:
    """Correlation over clusters of what each keeps above the library's average.

    Of the columns asked for alone: a matrix of a long sequence's would fill the memory.

    above : (K, W) what each cluster keeps beyond the average
    weight : (K,) of the clusters
    own : (W,) variance of each column, sampling noise taken off
    """

    above: np.ndarray
    weight: np.ndarray
    own: np.ndarray

    def between(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """(rows, columns) from -1 to 1; 0 where a position has no variance."""
        covariance = (self.weight[:, None] * self.above[:, rows]).T @ self.above[:, columns]
        product = np.sqrt(np.outer(self.own[rows], self.own[columns]))
        found = np.divide(covariance, product, out=np.zeros_like(product), where=product > 0)
        found[rows[:, None] == columns] = 1.0
        return np.clip(found, -1.0, 1.0)


@dataclass(frozen=True, eq=False)
class PositionSignal:
    """How far clusters differ in the letters of each position, beyond chance.

    variance : (W,) between-cluster variance of conservation, sampling noise taken off
    z : (W,) the same in standard deviations of that noise
    correlations : of what clusters keep; of several clusterings their mean counts
    lost : (K, W) how often clusters lose a position's letter, 1 as often as the library
    sizes : (K,) sequences of those clusters
    """

    variance: np.ndarray
    z: np.ndarray
    correlations: tuple[Correlation, ...]
    lost: np.ndarray
    sizes: np.ndarray

    def correlation(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """(rows, columns) of what clusters keep."""
        found = [each.between(rows, columns) for each in self.correlations]
        mean: np.ndarray = np.mean(found, axis=0)
        return mean


def position_signal(explanation: Explanation) -> PositionSignal:
    """Between-cluster variance and correlation of conservation, from the letter counts.

    Conservation of a position in a cluster is the share of the reference letter; without a
    reference that the library stays close to, the purity (the chance that two sequences have the
    same letter). For the correlation,
    clusters below the library's average all count alike: a site broken at one position is broken,
    and clusters that tell which position broke it would hide that the positions are one site.
    """
    return signal_of_counts(
        explanation.letter_counts[explanation.ids != NOISE], explanation.reference
    )


def signal_of_counts(counts: np.ndarray, reference: np.ndarray | None) -> PositionSignal:
    """The same of the letters of each cluster, (K, W, A)."""
    counts = counts.astype(np.float64)
    counts = counts[(counts.sum(axis=2) >= 2).all(axis=1)]
    width = counts.shape[1]
    if len(counts) < 2:
        nothing = np.zeros(width)
        none = Correlation(counts[:, :, 0], np.zeros(len(counts)), nothing)
        return PositionSignal(nothing, nothing, (none,), counts[:, :, 0], np.zeros(len(counts)))
    kept, noise = _conservation(counts, reference)
    weight = counts.sum(axis=(1, 2)) / counts.sum()
    deviation = kept - weight @ kept
    expected = (weight * (1 - weight)) @ noise
    spread = np.sqrt(2 * (weight**2) @ noise**2)
    variance = weight @ deviation**2 - expected
    z = np.divide(variance, spread, out=np.zeros(width), where=spread > 0)

    sizes = counts.sum(axis=2).mean(axis=1)
    usually_lost = 1.0 - weight @ kept
    lost = np.divide(1.0 - kept, usually_lost, out=np.ones_like(kept), where=usually_lost > 0)
    correlation = _correlation(deviation, noise, counts)
    return PositionSignal(variance, z, (correlation,), lost, sizes)


def _correlation(deviation: np.ndarray, noise: np.ndarray, counts: np.ndarray) -> Correlation:
    """Of what each cluster keeps above the library's average."""
    n = counts.sum(axis=2).mean(axis=1)
    weight = n**2 / (n + SMALL_CLUSTER)
    weight /= weight.sum()
    above = np.maximum(deviation, 0)
    above = above - weight @ above
    raw = weight @ above**2
    own = np.maximum(raw - HALF_NORMAL * ((weight * (1 - weight)) @ noise), 0.1 * raw)
    return Correlation(above, weight, own)


def _conservation(
    counts: np.ndarray, reference: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """(K, W) conservation and its sampling variance in clusters drawn from the library at random.

    Purity where there is no reference, or most letters are not its: random or complete libraries.
    It is estimated without bias from pairs; its variance is that of a U-statistic of order 2
    (Hoeffding 1948).
    """
    n = counts.sum(axis=2)
    total = counts.sum(axis=0)
    share = total / total.sum(axis=1, keepdims=True)
    columns = np.arange(share.shape[0])
    usual = share[columns, np.zeros_like(columns) if reference is None else reference]
    if reference is None or (reference < 0).any() or usual.mean() < 0.5:
        purity = (counts * (counts - 1)).sum(axis=2) / (n * (n - 1))
        two, three = (share**2).sum(axis=1), (share**3).sum(axis=1)
        return purity, (4 * (n - 2) * (three - two**2) + 2 * (two - two**2)) / (n * (n - 1))
    return counts[:, columns, reference] / n, usual * (1 - usual) / n


def detect_groups(signal: PositionSignal, *, max_gap: int, min_length: int) -> list[np.ndarray]:
    """Groups of columns that are sites, in order.

    Parameters
    ----------
    max_gap : columns further apart than this are different sites, however correlated
    min_length : groups of fewer columns are none
    """
    strong = _strong_columns(signal)
    if not len(strong):
        return []
    labels = _correlated(signal.correlation(strong, strong))
    groups = []
    for label in np.unique(labels):
        columns = strong[labels == label]
        groups += np.split(columns, np.flatnonzero(np.diff(columns) > max_gap + 1) + 1)
    groups = [_without_weak_ends(group, signal.variance) for group in _unwoven(groups)]
    groups = _with_neighbours(groups, strong, signal, min_length)
    sites = [group for group in groups if len(group) >= min_length]
    return sorted(
        (_with_shared(site, [s for s in sites if s is not site], strong, signal) for site in sites),
        key=lambda site: int(site[0]),
    )


def woven(first: Collection[int], second: Collection[int]) -> bool:
    """Do two sets of columns alternate as those of one site do?

    Most of one lie between the ends of the other, and one goes over into the other more than twice:
    a site within the gap of another does so twice, two that overlap at their ends lie mostly apart.
    """
    inside = max(_share_within(first, second), _share_within(second, first))
    order = sorted({*first, *second} - ({*first} & {*second}))
    turns = sum((a in first) != (b in first) for a, b in pairwise(order))
    return inside > 0.5 and turns > 2


def _share_within(own: Collection[int], other: Collection[int]) -> float:
    return sum(min(other) <= column <= max(other) for column in own) / len(own)


def _unwoven(groups: list[np.ndarray]) -> list[np.ndarray]:
    """Groups that alternate are one: of a graded site some clusters lose these positions, some
    those."""
    merged: list[np.ndarray] = []
    for group in sorted(groups, key=len, reverse=True):
        with_it = [i for i, other in enumerate(merged) if woven(group.tolist(), other.tolist())]
        if with_it:
            merged[with_it[0]] = np.union1d(merged[with_it[0]], group)
        else:
            merged.append(group)
    return merged


def _without_weak_ends(group: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """The group from its first to its last column that is not weak beside the others: flanks go."""
    (firm,) = np.nonzero(variance[group] >= FIRM_SHARE * np.median(variance[group]))
    return group[firm[0] : firm[-1] + 1]


def _with_neighbours(
    groups: list[np.ndarray], strong: np.ndarray, signal: PositionSignal, min_length: int
) -> list[np.ndarray]:
    """Sites with the columns beside them that are as firm as their own.

    Where positions add up, clusters lose one or another of a site's, so that some of them go with
    no others: what tells that they are its own is where they lie. Not where most of the window is
    strong: there no place is told from any other.
    """
    sites = [group for group in groups if len(group) >= min_length]
    if 2 * len(strong) > len(signal.variance):
        return sites
    taken = {int(column) for site in sites for column in site}
    loose = [int(column) for column in strong if int(column) not in taken]
    runs = np.split(np.array(loose, int), np.flatnonzero(np.diff(loose) > 2) + 1)
    for run in runs:
        beside = [s for s in sites if len(run) and _apart(s, run) <= 2]
        if beside:
            nearest = max(beside, key=lambda s: signal.correlation(s, run).mean())
            firm = FIRM_SHARE * np.median(signal.variance[nearest])
            own = run[signal.variance[run] >= firm]
            sites = [np.union1d(s, own) if s is nearest else s for s in sites]
        elif len(run) >= min_length:
            sites.append(_without_weak_ends(run, signal.variance))
    return sites


def _apart(site: np.ndarray, run: np.ndarray) -> int:
    """Steps between the nearest columns of the two."""
    return int(np.abs(site[:, None] - run).min())


def _with_shared(
    site: np.ndarray, others: list[np.ndarray], strong: np.ndarray, signal: PositionSignal
) -> np.ndarray:
    """The site with the columns in and beside it that it needs too, though another site has them.

    Where two sites overlap, clusters that show this one keep the shared positions even when the
    other one is broken elsewhere.
    """
    candidates = {
        int(column) for column in strong if _needs(site, int(column), others, signal)
    } - set(site.tolist())
    grown = set(site.tolist()) | {c for c in candidates if site[0] < c < site[-1]}
    for step in (-1, 1):
        at = int(site[0] if step < 0 else site[-1]) + step
        while at in candidates:
            grown.add(at)
            at += step
    return np.array(sorted(grown))


def _needs(site: np.ndarray, column: int, others: list[np.ndarray], signal: PositionSignal) -> bool:
    """Most sequences in clusters that show `site` but no other site of `column` keep the column."""
    telling = signal.lost[:, site].mean(axis=1) < MOST_LOST
    for other in others:
        if column in other and len(other) > 1:
            rest = signal.lost[:, other[other != column]]
            telling &= np.median(rest, axis=1) >= MOST_LOST  # broken at one position shows the rest
    total = signal.sizes[telling].sum()
    kept = signal.sizes[telling & (signal.lost[:, column] < MOST_LOST)].sum()
    return bool(total > 0 and kept > total / 2)


def _strong_columns(signal: PositionSignal) -> np.ndarray:
    (certain,) = np.nonzero(signal.z >= LEAST_Z)
    if not len(certain):
        return certain
    strongest = np.quantile(signal.variance[certain], 0.95)
    return certain[signal.variance[certain] >= LEAST_SHARE * strongest]


def _correlated(correlation: np.ndarray) -> np.ndarray:
    """(n,) labels: average linkage of 1 - correlation, cut at `LEAST_CORRELATION`."""
    from scipy.cluster import hierarchy
    from scipy.spatial import distance

    if len(correlation) < 2:
        return np.zeros(len(correlation), int)
    apart = distance.squareform(1.0 - correlation, checks=False)
    tree = hierarchy.linkage(apart, method="average")
    return hierarchy.fcluster(tree, 1.0 - LEAST_CORRELATION, criterion="distance")
