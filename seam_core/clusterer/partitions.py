"""Clusterings that are not trees: labels by first member, noise -1."""

from __future__ import annotations

import importlib.util

import numpy as np

from seam_core.clusterer.cuts import first_come
from seam_core.clusterer.declared import ClusteringMethod, Job
from seam_core.clusterer.inputs import as_rows
from seam_core.clusterer.number import USUAL
from seam_core.clusterer.workers import Workers
from seam_core.product import install_command
from seam_core.progress import SILENT, Progress
from seam_core.validate import InputError, MissingPackageError

MINI_BATCH_ABOVE = 20_000


def kmeans(rows: np.ndarray, n_clusters: int, *, seed: int = 0, quick: bool = False) -> np.ndarray:
    """(N,) int32 K-means labels of (N, F) rows; mini-batches above 20,000, or where `quick`.

    Fewer clusters come out where fewer rows differ. Raises `InputError` for more clusters than
    rows.
    """
    import warnings

    from sklearn.cluster import KMeans, MiniBatchKMeans
    from sklearn.exceptions import ConvergenceWarning

    rows = as_rows(rows)
    if not 1 <= n_clusters <= len(rows):
        raise InputError("n_clusters", n_clusters, f"1 to {len(rows)}, the number of maps")
    if quick or len(rows) > MINI_BATCH_ABOVE:
        n_init = 1 if quick else 3
        model = MiniBatchKMeans(n_clusters, random_state=seed, n_init=n_init, batch_size=4096)
    else:
        model = KMeans(n_clusters, random_state=seed, n_init=4)
    with warnings.catch_warnings():
        # fewer distinct rows than clusters: said above, and seen in the labels
        warnings.simplefilter("ignore", ConvergenceWarning)
        return first_come(model.fit_predict(rows))


def dbscan(rows: np.ndarray, eps: float | None, min_samples: int) -> np.ndarray:
    """(N,) int32 DBSCAN labels, noise -1; `eps` None: see `suggest_eps`."""
    from sklearn import cluster

    rows = as_rows(rows)
    if eps is None:
        eps = suggest_eps(rows, min_samples)
    if eps <= 0:
        # all within no distance: identical rows are what is left to group
        eps = float(np.finfo(np.float32).tiny)
    return noise_apart(cluster.DBSCAN(eps=eps, min_samples=min_samples).fit_predict(rows))


def suggest_eps(rows: np.ndarray, min_samples: int) -> float:
    """The 90 % quantile of the distance to the neighbour that makes a row a core."""
    from seam_core.clusterer.neighbors import nearest_neighbors

    if len(rows) < 2 or min_samples < 2:
        return 0.0
    with Workers() as workers:
        _, distances = nearest_neighbors(rows, min(min_samples - 1, len(rows) - 1), workers=workers)
    return float(np.quantile(distances[:, -1], 0.9))


def hdbscan(rows: np.ndarray, min_size: int) -> np.ndarray:
    """(N,) int32 HDBSCAN labels, noise -1."""
    from sklearn import cluster

    rows = as_rows(rows)
    if len(rows) < min_size:
        return np.full(len(rows), -1, np.int32)
    model = cluster.HDBSCAN(min_cluster_size=min_size, min_samples=min(min_size, 10), copy=True)
    return noise_apart(model.fit_predict(rows))


def leiden(
    rows: np.ndarray,
    n_neighbors: int,
    resolution: float,
    *,
    seed: int = 0,
    workers: Workers | None = None,
    progress: Progress = SILENT,
) -> np.ndarray:
    """(N,) int32 labels of Leiden communities (Traag et al. 2019, doi:10.1038/s41598-019-41695-z).

    The graph has UMAP's strengths on exact neighbours; what is optimised is the modularity with a
    resolution (higher: more clusters). Raises `MissingPackageError` without leidenalg.
    """
    _has_leidenalg()
    import igraph
    import leidenalg
    from scipy.sparse import triu

    from seam_core.clusterer.neighbors import nearest_neighbors
    from seam_core.clusterer.umap_layout import fuzzy_graph

    rows = as_rows(rows)
    if len(rows) < 3:
        return np.zeros(len(rows), np.int32)
    workers = workers or Workers(1)
    neighbors, distances = nearest_neighbors(
        rows, min(n_neighbors, len(rows) - 1), workers=workers, progress=progress
    )
    edges = triu(fuzzy_graph(neighbors, distances, workers), k=1).tocoo()
    graph = igraph.Graph(n=len(rows), edges=np.column_stack([edges.row, edges.col]))
    partition = leidenalg.find_partition(
        graph,
        leidenalg.RBConfigurationVertexPartition,
        weights=edges.data,
        resolution_parameter=resolution,
        n_iterations=2,
        seed=seed,
    )
    return first_come(np.asarray(partition.membership))


def noise_apart(labels: np.ndarray) -> np.ndarray:
    """(N,) int32: clusters numbered by their first member, all that is negative -1."""
    numbered = np.full(len(labels), -1, np.int32)
    inside = labels >= 0
    if inside.any():
        numbered[inside] = first_come(labels[inside])
    return numbered


def _kmeans(job: Job) -> np.ndarray:
    return kmeans(job.rows, job.parameters.n_clusters or USUAL, seed=job.parameters.seed)


def _dbscan(job: Job) -> np.ndarray:
    return dbscan(job.rows, job.parameters.dbscan_eps, job.parameters.dbscan_min_samples)


def _hdbscan(job: Job) -> np.ndarray:
    return hdbscan(job.rows, job.parameters.hdbscan_min_size)


def _has_leidenalg(settings: object = None, n_maps: int = 0) -> None:
    """Raise `MissingPackageError` where it is not installed."""
    if any(importlib.util.find_spec(name) is None for name in ("igraph", "leidenalg")):
        raise MissingPackageError(f"Leiden needs leidenalg: {install_command('cluster')}")


def _leiden(job: Job) -> np.ndarray:
    settings = job.parameters
    return leiden(
        job.rows,
        settings.graph_neighbors,
        settings.leiden_resolution,
        seed=settings.seed,
        workers=job.workers,
        progress=job.progress,
    )


KMEANS = ClusteringMethod(
    name="kmeans",
    label="K-means",
    parameters=("n_clusters", "cluster_on"),
    group=_kmeans,
    sentence=lambda clustering: f"by k-means {{cite}} (seed {clustering.parameters.seed})",
    citation="Lloyd SP. Least squares quantization in PCM. IEEE Transactions on Information Theory "
    "28, 129-137 (1982).",
    packages=("scikit-learn",),
)
DBSCAN = ClusteringMethod(
    name="dbscan",
    label="DBSCAN",
    parameters=("dbscan_eps", "dbscan_min_samples", "cluster_on"),
    group=_dbscan,
    sentence="by DBSCAN {cite}",
    citation="Ester M, Kriegel H-P, Sander J, Xu X. A density-based algorithm for discovering "
    "clusters in large spatial databases with noise. KDD, 226-231 (1996).",
    packages=("scikit-learn",),
)
HDBSCAN = ClusteringMethod(
    name="hdbscan",
    label="HDBSCAN",
    parameters=("hdbscan_min_size", "cluster_on"),
    group=_hdbscan,
    sentence="by HDBSCAN {cite}",
    citation="Campello RJGB, Moulavi D, Sander J. Density-based clustering based on hierarchical "
    "density estimates. PAKDD, 160-172 (2013).",
    packages=("scikit-learn",),
)
LEIDEN = ClusteringMethod(
    name="leiden",
    label="Leiden",
    parameters=("leiden_resolution", "graph_neighbors", "cluster_on"),
    group=_leiden,
    check=_has_leidenalg,
    sentence=lambda clustering: (
        "by the Leiden algorithm {cite} "
        f"(resolution {clustering.parameters.leiden_resolution:g}, seed "
        f"{clustering.parameters.seed})"
    ),
    citation="Traag VA, Waltman L, van Eck NJ. From Louvain to Leiden: guaranteeing well-connected "
    "communities. Scientific Reports 9, 5233 (2019).",
    packages=("leidenalg", "igraph", "scipy"),
)
