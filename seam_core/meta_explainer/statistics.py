"""Numbers about clusters: occupancy, spread of activity and of maps, variation, profiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seam_core.meta_explainer.msm import NOISE
from seam_core.records import AttributionMaps, Explanation
from seam_core.validate import InputError, check_choice, check_shape

if TYPE_CHECKING:
    import pandas as pd


def cluster_statistics(explanation: Explanation) -> pd.DataFrame:
    """One row a cluster, in the explanation's order.

    Columns: cluster, size, occupancy (percent of all sequences), minimum, q25, median, q75,
    maximum, iqr (of the activities), spread (root mean squared distance of its maps to their
    mean), is_reference (the reference is in it).
    """
    import pandas as pd

    quartiles = explanation.activity_quartiles
    columns = {
        "cluster": explanation.ids,
        "size": explanation.sizes,
        "occupancy": 100.0 * explanation.sizes / max(int(explanation.sizes.sum()), 1),
    }
    for index, name in enumerate(("minimum", "q25", "median", "q75", "maximum")):
        columns[name] = quartiles[:, index]
    columns["iqr"] = quartiles[:, 3] - quartiles[:, 1]
    columns["spread"] = map_spread(explanation)
    columns["is_reference"] = explanation.ids == (
        NOISE - 1 if explanation.reference_cluster is None else explanation.reference_cluster
    )
    return pd.DataFrame(columns)


def average_iqr(explanation: Explanation) -> float:
    """Mean over clusters of the interquartile range of activity; NaN without clusters."""
    quartiles = explanation.activity_quartiles
    return float((quartiles[:, 3] - quartiles[:, 1]).mean()) if len(quartiles) else float("nan")


def element_variance(
    map_sums: np.ndarray, map_squares: np.ndarray, sizes: np.ndarray | int
) -> np.ndarray:
    """Population variance of the maps of each set, (..., W, A), from their sums."""
    n = np.maximum(np.asarray(sizes), 1)[..., None, None]
    return np.maximum(map_squares / n - (map_sums / n) ** 2, 0.0)


def map_spread(explanation: Explanation) -> np.ndarray:
    """(K,) root mean squared distance of a cluster's maps to their mean; 0 for a cluster of one."""
    squares = _squares(explanation)
    variance = element_variance(explanation.map_sums, squares, explanation.sizes)
    return np.sqrt(variance.sum(axis=(1, 2)))


def attribution_variation(
    explanation: Explanation, scope: str = "all", metric: str = "std"
) -> np.ndarray:
    """(W, A): how much attributions vary at each position and letter.

    Parameters
    ----------
    scope : "all" maps, or "clusters": their mean maps, each cluster counting once
    metric : "std" or "var", of the population
    """
    check_choice(scope, "scope", ("all", "clusters"))
    check_choice(metric, "metric", ("std", "var"))
    if scope == "all":
        variance = element_variance(
            explanation.map_sums.sum(axis=0),
            _squares(explanation).sum(axis=0),
            int(explanation.sizes.sum()),
        )
    else:
        variance = explanation.mean_maps.var(axis=0)
    return np.sqrt(variance) if metric == "std" else variance


@dataclass(frozen=True, eq=False)
class ProfileOverlay:
    """Profiles of one cluster, as a plot overlays them.

    mean : (P,); low, high : (P,) quantiles of the cluster's profiles at each point
    shown : (n, P) single profiles to draw behind them
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    shown: np.ndarray


def profile_overlay(
    profiles: np.ndarray,
    rows: np.ndarray,
    row: int,
    *,
    n_shown: int = 100,
    level: float = 0.9,
    seed: int = 0,
) -> ProfileOverlay:
    """What a profile model predicts for the sequences of one cluster.

    Parameters
    ----------
    profiles : (N, P), may be memory-mapped
    rows : (N,) row of the explanation that each sequence belongs to
    n_shown : single profiles at most, chosen at random with `seed`
    level : share of the profiles between `low` and `high`

    Raises
    ------
    InputError
        Another number of profiles than sequences, or no sequence in the cluster.
    """
    check_shape(profiles, (len(rows), None), "profiles")
    (members,) = np.nonzero(rows == row)
    if not len(members):
        raise InputError("cluster", "no sequences", "a cluster with one sequence or more")
    values = np.asarray(profiles[members], dtype=np.float64)
    tail = (1 - level) / 2
    low, high = np.quantile(values, (tail, 1 - tail), axis=0)
    rng = np.random.default_rng(seed)
    some = np.sort(rng.choice(len(members), min(n_shown, len(members)), replace=False))
    return ProfileOverlay(values.mean(axis=0), low, high, values[some])


def map_distances(maps: AttributionMaps, rows: np.ndarray, means: np.ndarray) -> np.ndarray:
    """(N,) distance of every single map to the mean of its cluster; NaN where `rows` is -1.

    Parameters
    ----------
    rows : (N,) row of `means` (K, W, A) that each sequence belongs to
    """
    from seam_core.meta_explainer.sums import squared_distances

    return np.sqrt(squared_distances(maps, rows, means))


def _squares(explanation: Explanation) -> np.ndarray:
    if explanation.map_squares is None:
        raise InputError(
            "explanation", "no sums of squares", "an explanation made by the MetaExplainer"
        )
    return explanation.map_squares
