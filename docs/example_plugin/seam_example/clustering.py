"""A clustering that uses parameters of the stage."""

import numpy as np

from seam_core.clusterer import ClusteringMethod, Job


def by_size(job: Job) -> np.ndarray:
    """Groups of as many maps each, by how large the maps are."""
    ranks = np.linalg.norm(job.rows, axis=1).argsort(kind="stable").argsort(kind="stable")
    return ranks * job.parameters.n_clusters // len(ranks)


BY_SIZE = ClusteringMethod(
    name="by-size",
    label="By size",
    parameters=("n_clusters", "cluster_on"),
    group=by_size,
    sentence="of equal numbers of maps by their norm",
)
