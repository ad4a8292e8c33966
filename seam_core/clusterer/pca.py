"""Principal components as an embedding."""

from __future__ import annotations

import numpy as np

from seam_core.clusterer.components import principal_axes
from seam_core.clusterer.declared import EmbeddingMethod, Job
from seam_core.progress import PartOfProgress


def _run(job: Job) -> tuple[np.ndarray, np.ndarray]:
    """Scores, and the spectrum."""
    rows, wanted = job.rows, job.parameters.n_components
    axes = principal_axes(
        rows,
        min(wanted, rows.shape[1]),
        seed=job.parameters.seed,
        progress=PartOfProgress(job.progress, 0.0, 0.6),
    )
    scores = axes.scores(rows, PartOfProgress(job.progress, 0.6, 1.0))
    return _with_flat_axes(scores, wanted), axes.variance_ratio


def _project(new: np.ndarray, places: np.ndarray, job: Job) -> np.ndarray:
    n_axes = min(places.shape[1], job.rows.shape[1])
    if "axes" not in job.known:
        job.known["axes"] = principal_axes(job.rows, n_axes, seed=job.parameters.seed)
    return _with_flat_axes(job.known["axes"].scores(new), places.shape[1])


def _with_flat_axes(scores: np.ndarray, wanted: int) -> np.ndarray:
    """A picture has the axes asked for, flat ones where maps have fewer numbers."""
    return np.hstack([scores, np.zeros((len(scores), wanted - scores.shape[1]), np.float32)])


PCA = EmbeddingMethod(
    name="pca",
    label="PCA",
    axis="PC",
    run=_run,
    project=_project,
    sentence="principal component analysis",
)
