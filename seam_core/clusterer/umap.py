"""UMAP, ours: exact neighbours, from principal components, on all cores; see `umap_layout`."""

from __future__ import annotations

import numpy as np

from seam_core.clusterer.declared import EmbeddingMethod, Job
from seam_core.progress import PartOfProgress


def _run(job: Job) -> np.ndarray:
    from seam_core.clusterer import umap_layout

    settings = job.parameters
    # a map counts as its own first neighbour, as in umap-learn
    neighbors, distances = job.neighbors(settings.umap_neighbors - 1)
    graph = umap_layout.fuzzy_graph(neighbors, distances, job.workers)
    start = umap_layout.starting_layout(job.leading_scores(), settings.n_components, settings.seed)
    return umap_layout.descend(
        start,
        graph,
        n_epochs=500 if len(start) <= 10_000 else 200,
        min_dist=settings.umap_min_dist,
        seed=settings.seed,
        workers=job.workers,
        progress=PartOfProgress(job.progress, 0.4, 1.0),
    )


def _project(new: np.ndarray, places: np.ndarray, job: Job) -> np.ndarray:
    """The mean of the nearest old maps' places, then a short descent where the old ones stay."""
    from scipy.sparse import csr_matrix

    from seam_core.clusterer import umap_layout
    from seam_core.clusterer.neighbors import nearest_neighbors

    settings = job.parameters
    wanted = min(settings.umap_neighbors, len(job.rows))
    neighbors, distances = nearest_neighbors(
        new, wanted, among=job.rows, workers=job.workers, progress=job.progress
    )
    weights = umap_layout.neighbor_strengths(distances, job.workers)
    ends = np.arange(0, weights.size + 1, wanted)
    graph = csr_matrix((weights.ravel(), neighbors.ravel(), ends), shape=(len(new), len(places)))
    start = (graph @ places) / weights.sum(axis=1, keepdims=True)
    return umap_layout.descend(
        start,
        graph,
        n_epochs=60,
        rate=0.25,
        min_dist=settings.umap_min_dist,
        seed=settings.seed,
        anchors=np.ascontiguousarray(places, np.float32),
        alike=True,
        workers=job.workers,
        progress=job.progress,
    )


CITATION = (
    "McInnes L, Healy J, Melville J. UMAP: uniform manifold approximation and projection for "
    "dimension reduction. arXiv:1802.03426 (2018)."
)
UMAP = EmbeddingMethod(
    name="umap",
    label="UMAP",
    axis="UMAP",
    parameters=("umap_neighbors", "umap_min_dist", "pca_before"),
    run=_run,
    project=_project,
    sentence=lambda embedding: (
        f"UMAP {{cite}} on exact neighbours ({embedding.parameters.umap_neighbors} neighbours, "
        f"least distance {embedding.parameters.umap_min_dist:g}, seed {embedding.parameters.seed})"
    ),
    citation=CITATION,
    packages=("numba", "scipy"),
)
