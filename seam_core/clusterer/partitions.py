"""Clusterings that are not trees."""

from __future__ import annotations

import numpy as np

from seam_core.clusterer.cuts import first_come
from seam_core.validate import InputError

MINI_BATCH_ABOVE = 20_000


def kmeans(rows: np.ndarray, n_clusters: int, *, seed: int = 0) -> np.ndarray:
    """(N,) int32 labels by first member; mini-batches above 20,000 maps.

    Raises `InputError` when there are fewer maps than clusters.
    """
    from sklearn.cluster import KMeans, MiniBatchKMeans

    if n_clusters > len(rows):
        raise InputError("n_clusters", n_clusters, f"at most {len(rows)}, the number of maps")
    if len(rows) > MINI_BATCH_ABOVE:
        model = MiniBatchKMeans(n_clusters, random_state=seed, n_init=3, batch_size=4096)
    else:
        model = KMeans(n_clusters, random_state=seed, n_init=4)
    return first_come(model.fit_predict(rows))
