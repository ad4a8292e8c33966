"""Which clusters show which sites, and which cluster the authors take for each configuration."""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence

import numpy as np

from seam_core.intervals import span_text
from seam_core.records import Explanation, Site
from seam_core.validate import InputError

NOISE = -1


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
    spans = sorted(tuple(int(i) + start for i in np.sort(group)) for group in groups)
    return tuple(Site(site_name(index), positions) for index, positions in enumerate(spans))


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
    means = np.zeros((explanation.n_clusters, len(sites)))
    for index, site in enumerate(sites):
        columns = site_columns(explanation, site)
        means[:, index] = np.nan_to_num(explanation.entropy[:, columns]).mean(axis=1)
    return means


def site_columns(explanation: Explanation, site: Site) -> np.ndarray:
    """Columns of the site's positions; `InputError` where the window does not hold them all."""
    columns = np.array(site.positions) - explanation.start
    width = explanation.entropy.shape[1]
    if columns.min() < 0 or columns.max() >= width:
        raise InputError(
            f"site {site.name}",
            f"positions {span_text(site.start, site.stop)}",
            f"positions within {explanation.start} to {explanation.start + width}",
        )
    return columns


def assign_clusters(activity: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The authors' choice of one cluster a configuration: (n,) rows of `activity` (K, S).

    None of the sites: the lowest highest activity. All: the highest lowest activity. Others: the
    smallest mean distance to the ideal, which has the highest activity seen in the configuration's
    columns at its sites and the lowest seen in the others' at the others. Ties go to the first row.

    Parameters
    ----------
    wanted : (n, S) bool, the sites of each configuration
    """
    highest, lowest = activity.max(axis=0, initial=0.0), activity.min(axis=0, initial=1.0)
    assigned = np.zeros(len(wanted), np.intp)
    for index, inside in enumerate(wanted):
        if not inside.any():
            assigned[index] = activity.max(axis=1, initial=0.0).argmin()
        elif inside.all():
            assigned[index] = activity.min(axis=1).argmax()
        else:
            ideal = np.where(inside, highest[inside].max(), lowest[~inside].min())
            assigned[index] = np.abs(activity - ideal).mean(axis=1).argmin()
    return assigned


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
