"""An embedding."""

import numpy as np

from seam_core.clusterer import EmbeddingMethod, Job


def random_axes(job: Job) -> np.ndarray:
    """Rows on random directions, which keeps distances roughly."""
    shape = (job.rows.shape[1], job.parameters.n_components)
    return job.rows @ np.random.default_rng(job.parameters.seed).normal(size=shape)


RANDOM = EmbeddingMethod(
    name="random-axes",
    label="Random axes",
    axis="Direction",
    run=random_axes,
    sentence="projection on random directions",
)
