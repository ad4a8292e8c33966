"""How far clusterings agree, and how stable one is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seam_core.clusterer.inputs import as_rows
from seam_core.progress import SILENT, Progress
from seam_core.records import AttributionMaps, Clustering
from seam_core.validate import check_range, check_shape

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Agreement:
    """Two clusterings of the same maps.

    rand : adjusted Rand index: 1 the same groups, about 0 as by chance. Noise is a group
    table : (K1, K2) DataFrame, maps in each pair of clusters; rows and columns are cluster ids
    """

    rand: float
    table: pd.DataFrame


def agreement(first: Clustering | np.ndarray, second: Clustering | np.ndarray) -> Agreement:
    """Adjusted Rand index and cross-table of two (N,) labellings.

    Raises `InputError` when they are of different maps.

    Examples
    --------
    >>> same = agreement(np.array([0, 0, 1, 1]), np.array([7, 7, 3, 3]))
    >>> float(same.rand)
    1.0
    >>> same.table.loc[0, 7].item()
    2
    """
    import pandas as pd

    one, two = _labels(first), _labels(second)
    check_shape(two, (len(one),), "second clustering")
    ids_one, rows = np.unique(one, return_inverse=True)
    ids_two, columns = np.unique(two, return_inverse=True)
    counts = np.zeros((len(ids_one), len(ids_two)), np.int64)
    np.add.at(counts, (rows, columns), 1)
    return Agreement(adjusted_rand(one, two), pd.DataFrame(counts, index=ids_one, columns=ids_two))


def _labels(clustering: Clustering | np.ndarray) -> np.ndarray:
    labels = clustering.labels if isinstance(clustering, Clustering) else np.asarray(clustering)
    check_shape(labels, (None,), "clustering")
    return labels


def adjusted_rand(first: np.ndarray, second: np.ndarray) -> float:
    """Adjusted Rand index of two (n,) labellings; scikit-learn's (Hubert and Arabie 1985)."""
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(first, second))


@dataclass(frozen=True, eq=False)
class Stability:
    """How a clustering holds when some maps are left out.

    rand : (R,) adjusted Rand index of each resample with the whole, on the maps they share
    by_cluster : id -> mean over resamples of the best overlap (Jaccard) that the cluster finds
    """

    rand: np.ndarray
    by_cluster: dict[int, float]


def stability(
    maps: AttributionMaps | np.ndarray,
    cluster: Callable[[np.ndarray], np.ndarray],
    *,
    n_resamples: int = 10,
    share: float = 0.8,
    seed: int = 0,
    progress: Progress = SILENT,
) -> Stability:
    """Cluster random subsets, and compare each with the whole.

    Overlaps are those of Hennig 2007, doi:10.1016/j.csda.2006.11.025.

    Parameters
    ----------
    cluster : (n, F) rows to (n,) labels, -1 noise; e.g. `lambda rows: kmeans(rows, 30)`
    share : of the maps in each subset, drawn without replacement
    """
    check_range(n_resamples, "n_resamples", 1)
    check_range(share, "share", 0.05, 0.99)
    rows = as_rows(maps)
    rng = np.random.default_rng(seed)
    whole = cluster(rows)
    ids = [int(k) for k in np.unique(whole) if k >= 0]
    overlaps, rand = {k: [] for k in ids}, []  # type: dict[int, list[float]], list[float]
    for repeat in range(n_resamples):
        progress.update(repeat, n_resamples, "stability")
        size = max(2, round(share * len(rows)))
        drawn = np.sort(rng.choice(len(rows), size, replace=False))
        compared = agreement(whole[drawn], cluster(np.ascontiguousarray(rows[drawn])))
        rand.append(compared.rand)
        counts = compared.table.to_numpy()
        unions = counts.sum(axis=1)[:, None] + counts.sum(axis=0) - counts
        overlap = counts / unions
        overlap[:, compared.table.columns < 0] = 0
        for k, best in zip(compared.table.index, overlap.max(axis=1), strict=True):
            if k >= 0:
                overlaps[int(k)].append(float(best))
    by_cluster = {k: float(np.mean(values)) for k, values in overlaps.items() if values}
    return Stability(np.array(rand), by_cluster)
