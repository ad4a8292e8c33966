"""Which clusters are alike, by their mean maps or by their rows of the MSM: candidates to merge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seam_core.records import AttributionMaps, Explanation
from seam_core.validate import InputError, check_choice

if TYPE_CHECKING:
    import pandas as pd

MEASURES = ("map", "msm")
NOISE = -1


def correlation(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(K, M) Pearson correlation of the rows of (K, P) and (M, P); 0 for a row that is constant."""
    units = []
    for rows in (left, right):
        rows = rows - rows.mean(axis=1, keepdims=True)
        norm = np.linalg.norm(rows, axis=1, keepdims=True)
        units.append(rows / np.where(norm <= 1e-12, 1.0, norm))
    return units[0] @ units[1].T


def cluster_likeness(explanation: Explanation, by: str = "map") -> np.ndarray:
    """(K, K) correlation of the clusters, rows as in the explanation.

    by : "map", of the mean attribution maps; "msm", of the entropies of the positions
    """
    check_choice(by, "by", MEASURES)
    if by == "map":
        rows = explanation.mean_maps.reshape(explanation.n_clusters, -1)
    else:
        rows = np.nan_to_num(explanation.entropy)
    return correlation(rows, rows)


def merge_candidates(explanation: Explanation, by: str = "map", most: int = 1000) -> pd.DataFrame:
    """Pairs of clusters, the most alike first; noise is in none.

    Columns: `left`, `right` (ids, the larger cluster on the left), `likeness` (-1 to 1),
    `left_size`, `right_size`, `median_difference` of their activities.
    """
    import pandas as pd

    likeness = cluster_likeness(explanation, by)
    first, second = np.triu_indices(explanation.n_clusters, 1)
    real = (explanation.ids[first] != NOISE) & (explanation.ids[second] != NOISE)
    first, second = first[real], second[real]
    values = likeness[first, second]
    if len(values) > most:
        kept = np.argpartition(-values, most)[:most]
        first, second, values = first[kept], second[kept], values[kept]
    order = np.argsort(-values, kind="stable")
    first, second, values = first[order], second[order], values[order]
    swap = explanation.sizes[first] < explanation.sizes[second]
    left, right = np.where(swap, second, first), np.where(swap, first, second)
    medians = explanation.medians
    return pd.DataFrame(
        {
            "left": explanation.ids[left],
            "right": explanation.ids[right],
            "likeness": values,
            "left_size": explanation.sizes[left],
            "right_size": explanation.sizes[right],
            "median_difference": medians[left] - medians[right],
        }
    )


def most_alike(explanation: Explanation, cluster_id: int, by: str = "map") -> pd.DataFrame:
    """The other clusters, those most like one cluster first.

    Columns: `cluster`, `likeness`, `size`, `median`. KeyError where there is no such cluster.
    """
    import pandas as pd

    row = explanation.row_of(cluster_id)
    values = cluster_likeness(explanation, by)[row]
    others = np.flatnonzero((np.arange(len(values)) != row) & (explanation.ids != NOISE))
    order = others[np.argsort(-values[others], kind="stable")]
    return pd.DataFrame(
        {
            "cluster": explanation.ids[order],
            "likeness": values[order],
            "size": explanation.sizes[order],
            "median": explanation.medians[order],
        }
    )


def nearest_maps(maps: AttributionMaps, index: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The sequences whose maps are nearest to one sequence's: (k,) rows and (k,) distances.

    By Euclidean distance; the sequence itself comes first, at 0.
    """
    from seam_core.meta_explainer.sums import squared_distances

    if not 0 <= index < len(maps):
        raise InputError("sequence", index, f"0 to {len(maps) - 1}")
    rows = np.zeros(len(maps), dtype=np.int32)
    own = np.asarray(maps.maps[index : index + 1], dtype=np.float64)
    distances = np.sqrt(np.maximum(squared_distances(maps, rows, own), 0.0))
    distances[index] = -1.0  # first, whatever is equal to it
    k = min(k, len(maps))
    nearest = np.argpartition(distances, k - 1)[:k]
    nearest = nearest[np.argsort(distances[nearest], kind="stable")]
    return nearest, np.maximum(distances[nearest], 0.0)
