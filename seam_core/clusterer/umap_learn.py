"""UMAP by umap-learn, with its metrics, densMAP, spread and start, on our exact neighbours."""

from __future__ import annotations

import warnings

import numpy as np

from seam_core.clusterer.declared import EmbeddingMethod, Job
from seam_core.clusterer.umap import CITATION
from seam_core.progress import PartOfProgress
from seam_core.records import Embedding

# Metrics whose neighbours are those of Euclidean distance between rows of unit norm.
ANGULAR = ("cosine", "correlation")


def _run(job: Job) -> np.ndarray:
    import umap

    settings, n = job.parameters, len(job.rows)
    n_neighbors = min(settings.umap_neighbors, n - 1)
    job.progress.update(0.4, 1.0, "umap-learn")
    model = umap.UMAP(
        n_neighbors=n_neighbors,
        n_components=settings.n_components,
        metric=settings.umap_metric,
        min_dist=min(settings.umap_min_dist, settings.umap_spread),
        spread=settings.umap_spread,
        init=settings.umap_init,
        densmap=settings.umap_densmap,
        random_state=settings.seed,
        n_jobs=1,  # a seed gives the same picture on one thread only
        precomputed_knn=_exact_neighbors(job, n_neighbors),
        tqdm_kwds={"disable": True},
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on small data, threads and disconnected graphs
        coordinates = model.fit_transform(job.rows)
    return np.asarray(coordinates, np.float32)


def _exact_neighbors(job: Job, n_neighbors: int) -> tuple[np.ndarray | None, ...]:
    """umap-learn's `precomputed_knn`: (N, k) with each map as its own first neighbour.

    None where the metric is not Euclidean's or angular: umap-learn looks for them itself.
    """
    metric = job.parameters.umap_metric
    if metric not in ("euclidean", *ANGULAR):
        return None, None, None
    rows = _on_the_sphere(job.rows, metric) if metric in ANGULAR else job.rows
    of_rows = Job(rows, job.parameters, job.own, job.workers, PartOfProgress(job.progress, 0, 1))
    neighbors, distances = of_rows.neighbors(n_neighbors - 1)
    if metric in ANGULAR:
        distances = distances**2 / 2
    itself = np.arange(len(rows))[:, None]
    neighbors = np.hstack([itself, neighbors])
    distances = np.hstack([np.zeros((len(rows), 1)), distances])
    return neighbors.astype(np.int64), distances.astype(np.float32)


def _on_the_sphere(rows: np.ndarray, metric: str) -> np.ndarray:
    """Rows of norm 1, less their means of correlation: |a - b|^2 / 2 is then the distance."""
    if metric == "correlation":
        rows = rows - rows.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.maximum(norms, np.finfo(rows.dtype).tiny)


def _sentence(embedding: Embedding) -> str:
    settings = embedding.parameters
    assert settings is not None
    kind = "densMAP" if settings.umap_densmap else "UMAP"
    return (
        f"{kind} {{cite}} with umap-learn ({settings.umap_metric} distance, "
        f"{settings.umap_neighbors} neighbours, least distance {settings.umap_min_dist:g}, "
        f"spread {settings.umap_spread:g}, "
        f"{settings.umap_init} start, seed {settings.seed})"
    )


UMAP_LEARN = EmbeddingMethod(
    name="umap-learn",
    label="UMAP (umap-learn)",
    axis="UMAP",
    parameters=(
        "umap_neighbors",
        "umap_min_dist",
        "umap_spread",
        "umap_metric",
        "umap_init",
        "umap_densmap",
        "pca_before",
    ),
    run=_run,
    sentence=_sentence,
    citation=CITATION,
    packages=("umap-learn", "pynndescent", "numba", "scikit-learn"),
)
