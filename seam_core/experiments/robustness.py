"""Robust or reprogrammable: how the library keeps the reference's mechanism, without the model.

Two sequences have the same mechanism here where their clusters show the same sites, so that the
numbers do not hang on how finely mechanisms were cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seam_core.findings import share_intervals
from seam_core.records import Explanation, Library, Sites

if TYPE_CHECKING:
    import pandas as pd

REACH = 0.10
"""Share of the positions up to which `robust_share` looks."""

LEAVES = 0.5
"""A position's mutation leaves the mechanism where it at most halves the share that keeps it."""

POOLED = 30
"""Sequences behind each number of mutations that `robust_share` goes by, at the least."""

_BLOCK = 65_536


def same_mechanism(own: int, sites: Sites | None) -> np.ndarray:
    """Cluster ids that show the same sites as cluster `own`, itself among them."""
    if sites is None or not sites.sites:
        return np.array([own])
    shown = sites.active[sites.cluster_ids == own]
    if len(shown) == 0:
        return np.array([own])
    alike = sites.cluster_ids[(sites.active == shown[0]).all(axis=1)]
    return np.union1d(alike[alike >= 0], [own])


def robustness_frame(
    library: Library, labels: np.ndarray | None, own: int | None, sites: Sites | None = None
) -> pd.DataFrame:
    """One row a number of mutations that the library has.

    Parameters
    ----------
    labels : (N,) cluster ids
    own : the reference's cluster

    Returns
    -------
    DataFrame : `mutations`; `n`, sequences with as many; `kept`, the share of them in the
        reference's cluster; `same_sites`, the share in a cluster that shows the reference's sites
    """
    import pandas as pd

    if labels is None or own is None or library.reference is None:
        return pd.DataFrame({"mutations": [], "n": [], "kept": [], "same_sites": []})
    mutations = (library.sequences != library.reference).sum(axis=1)
    n = np.bincount(mutations)
    there = np.flatnonzero(n)
    alike = np.isin(labels, same_mechanism(own, sites))
    kept, same = (np.bincount(mutations, stays)[there] for stays in (labels == own, alike))
    return pd.DataFrame(
        {"mutations": there, "n": n[there], "kept": kept / n[there], "same_sites": same / n[there]}
    )


def half_lost(frame: pd.DataFrame) -> int:
    """Least number of mutations at which at least half have left the cluster; -1: none."""
    lost = frame["mutations"][(frame["mutations"] > 0) & (frame["kept"] <= 0.5)]
    return int(lost.iloc[0]) if len(lost) else -1


def robust_share(frame: pd.DataFrame, length: int) -> float:
    """The one number of a locus: 1 robust, 0 reprogrammable; NaN where nothing is known.

    The mean over 1, 2, ... mutations, up to a tenth of the positions or the most that the library
    has, of the share of sequences that show the reference's sites. Numbers of mutations count
    alike, whatever the library's rate: between those that it has the share is interpolated, after
    isotonic regression (more mutations keep no more) weighted by their sequences. Numbers that few
    sequences have count together with their neighbours.
    """
    if frame.empty or "same_sites" not in frame:
        return np.nan
    most = min(max(1, int(np.ceil(REACH * length))), int(frame["mutations"].max()))
    if most < 1:
        return np.nan
    from scipy.optimize import isotonic_regression  # scikit-learn's takes a second to import

    numbers = frame["mutations"].to_numpy(np.float64)
    share, weight = frame["same_sites"].to_numpy(), frame["n"].to_numpy(np.float64)
    numbers, share, weight = _pooled(numbers, share, weight)
    if numbers[0] > 0:  # the reference keeps its own mechanism
        numbers, share, weight = np.r_[0.0, numbers], np.r_[1.0, share], np.r_[1.0, weight]
    falling = isotonic_regression(share, weights=weight, increasing=False).x
    return float(np.interp(np.arange(1, most + 1), numbers, falling).mean())


def _pooled(
    numbers: np.ndarray, share: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Neighbouring numbers of mutations together, so that `POOLED` sequences stand behind each.

    The reference itself (no mutation) stays alone.
    """
    begins, held = [0], 0.0
    for index in range(len(numbers)):
        if held >= POOLED or (index and numbers[index - 1] == 0):
            begins.append(index)
            held = 0.0
        held += weight[index]
    if len(begins) > 2 and held < POOLED:
        begins.pop()  # the last ones are too few
    together = np.add.reduceat(weight, begins)
    means = [np.add.reduceat(each * weight, begins) / together for each in (numbers, share)]
    return means[0], means[1], together


def leaving_frame(
    library: Library, labels: np.ndarray | None, own: int | None, sites: Sites | None = None
) -> pd.DataFrame:
    """Which positions' mutation leaves the mechanism, from the library.

    Returns
    -------
    DataFrame, one row a position that is mutated at all : `position`; `n`, sequences mutated
        there; `kept`, the share of them that show the reference's sites; `kept_intact`, the share
        of all others; `leaves`, whether the first is at most half of the second, beyond chance
        (the upper end of its Wilson interval is)
    """
    import pandas as pd

    if labels is None or own is None or library.reference is None:
        names = ("position", "n", "kept", "kept_intact", "leaves")
        return pd.DataFrame({name: [] for name in names})
    alike = np.isin(labels, same_mechanism(own, sites))
    n, stay = (np.zeros(library.length, np.int64) for _ in range(2))
    for first in range(0, len(library), _BLOCK):
        rows = slice(first, first + _BLOCK)
        mutated = library.sequences[rows] != library.reference
        n += mutated.sum(axis=0)
        stay += mutated[alike[rows]].sum(axis=0)
    (positions,) = np.nonzero(n)
    n, stay = n[positions], stay[positions]
    intact = (alike.sum() - stay) / np.maximum(len(library) - n, 1)
    _, high = share_intervals(stay / n, n)
    leaves = (high <= LEAVES * intact) & (intact > 0)
    return pd.DataFrame(
        {
            "position": positions,
            "n": n,
            "kept": stay / n,
            "kept_intact": intact,
            "leaves": leaves,
        }
    )


def background_share(explanation: Explanation) -> float:
    """Share of the reference mechanism's attribution that is background; NaN without a reference.

    The authors split a cluster's mean map into foreground and background (what mechanisms share):
    the sum of absolute values of the background over that of both.
    """
    if explanation.reference_cluster is None:
        return np.nan
    row = explanation.row_of(explanation.reference_cluster)
    shared = np.abs(explanation.background_scale[row] * explanation.background).sum()
    own = np.abs(explanation.foregrounds[row]).sum()
    return float(shared / (shared + own)) if shared + own > 0 else np.nan


def reprogramming_frame(library: Library, labels: np.ndarray | None) -> pd.DataFrame:
    """`cluster`, `distance`: the fewest mutations with which a sequence is in each cluster."""
    import pandas as pd

    if labels is None or library.reference is None:
        return pd.DataFrame({"cluster": [], "distance": []})
    mutations = (library.sequences != library.reference).sum(axis=1)
    ids, place = np.unique(labels, return_inverse=True)
    least = np.full(len(ids), np.iinfo(np.int64).max)
    np.minimum.at(least, place.ravel(), mutations)
    return pd.DataFrame({"cluster": ids.astype(np.int64), "distance": least})
