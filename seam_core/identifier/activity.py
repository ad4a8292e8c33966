"""Which clusters show which sites, and which cluster the authors take for each configuration."""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np

from seam_core.records import Explanation, Site
from seam_core.validate import InputError

NOISE = -1

Subset = tuple[int, ...]
"""Indices of the sites of a configuration, ascending; () is the configuration without sites."""


def site_name(index: int) -> str:
    """A, B, ... Z, AA, AB, ..."""
    name = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, 26)
        name = string.ascii_uppercase[letter] + name
    return name


def named_sites(groups: Iterable[np.ndarray], start: int = 0) -> tuple[Site, ...]:
    """Groups of columns as sites A, B, C ... by first position; `start` is column 0's position."""
    found = sorted(tuple(int(i) + start for i in np.sort(group)) for group in groups)
    return tuple(Site(site_name(index), positions) for index, positions in enumerate(found))


def site_activity(explanation: Explanation, sites: Sequence[Site]) -> np.ndarray:
    """(K, S) float64 in 0..1: 1 - mean entropy over the site's own positions / H0(r).

    0 everywhere where nothing mutates (H0 = 0): no conservation can be told.
    """
    bits = mean_entropy(explanation, sites)
    expected = explanation.expected_entropy
    if expected == 0.0:
        return np.zeros_like(bits)
    return np.clip(1.0 - bits / expected, 0.0, 1.0)


def site_active(explanation: Explanation, sites: Sequence[Site], multiplier: float) -> np.ndarray:
    """(K, S) bool: mean entropy over the site is below `multiplier` x H0(r); noise shows none."""
    shown = mean_entropy(explanation, sites) < multiplier * explanation.expected_entropy
    return shown & (explanation.ids != NOISE)[:, None]


def mean_entropy(explanation: Explanation, sites: Sequence[Site]) -> np.ndarray:
    """(K, S) bits. Only a site's own positions count, so that gaps do not dilute it."""
    width = explanation.entropy.shape[1]
    means = np.zeros((explanation.n_clusters, len(sites)))
    for index, site in enumerate(sites):
        columns = np.array(site.positions) - explanation.start
        if columns.min() < 0 or columns.max() >= width:
            raise InputError(
                f"site {site.name}",
                f"positions {site.start} to {site.stop}",
                f"positions within {explanation.start} to {explanation.start + width}",
            )
        means[:, index] = np.nan_to_num(explanation.entropy[:, columns]).mean(axis=1)
    return means


def all_subsets(n_sites: int, max_order: int | None = None) -> list[Subset]:
    """Subsets of the sites by order, the empty one first; up to `max_order` sites each."""
    highest = n_sites if max_order is None else min(max_order, n_sites)
    return [s for order in range(highest + 1) for s in combinations(range(n_sites), order)]


def assign_clusters(activity: np.ndarray, subsets: Sequence[Subset]) -> np.ndarray:
    """The authors' choice of one cluster a configuration: (len(subsets),) rows of `activity`.

    None of the sites: the lowest highest activity. All: the highest lowest activity. Others: the
    smallest mean distance to the ideal, which has the highest activity seen in the subset's columns
    at its sites and the lowest seen in the others' at the others. Ties go to the first row.
    """
    n_sites = activity.shape[1]
    highest, lowest = activity.max(axis=0), activity.min(axis=0)
    chosen = np.zeros(len(subsets), np.intp)
    for index, subset in enumerate(subsets):
        inside = np.zeros(n_sites, bool)
        inside[list(subset)] = True
        if not subset:
            chosen[index] = activity.max(axis=1, initial=0.0).argmin()
        elif inside.all():
            chosen[index] = activity.min(axis=1).argmax()
        else:
            ideal = np.where(inside, highest[inside].max(), lowest[~inside].min())
            chosen[index] = np.abs(activity - ideal).mean(axis=1).argmin()
    return chosen


def moebius(values: dict[Subset, float]) -> dict[Subset, float]:
    """Interactions by inclusion and exclusion: I_S = sum over T in S of (-1)^(|S|-|T|) y_T.

    A subset one of whose subsets is missing (or NaN) gets NaN. Values of odd order have the sign of
    this formula; seam-nn uses (-1)^|T| and gets the opposite sign there.
    """
    interactions = {}
    for subset in values:
        total = 0.0
        for order in range(len(subset) + 1):
            sign = (-1) ** (len(subset) - order)
            for part in combinations(subset, order):
                total += sign * values.get(part, np.nan)
        interactions[subset] = total
    return interactions


def additive_parameters(
    explanation: Explanation,
    sites: Sequence[Site],
    active: np.ndarray,
    *,
    foreground: bool = True,
    gaps: bool = True,
) -> dict[str, np.ndarray]:
    """Each site's slice of the clusters' mean map: name -> (stop - start, A).

    Parameters
    ----------
    active : (K, S) bool; a site's slice is the average over the clusters that show it, zeros where
        none does
    foreground : of the background-separated maps
    gaps : False zeroes positions of the span that are not the site's own
    """
    maps = explanation.foregrounds if foreground else explanation.mean_maps
    slices = {}
    for index, site in enumerate(sites):
        shown = active[:, index]
        mean = maps[shown].mean(axis=0) if shown.any() else np.zeros_like(maps[0])
        piece = mean[site.start - explanation.start : site.stop - explanation.start].copy()
        if not gaps:
            own = np.isin(np.arange(site.start, site.stop), site.positions)
            piece[~own] = 0.0
        slices[site.name] = piece
    return slices
