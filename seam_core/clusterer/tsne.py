"""t-SNE by openTSNE, on our exact neighbours."""

from __future__ import annotations

import importlib.util

import numpy as np

from seam_core.clusterer.declared import EmbeddingMethod, Job
from seam_core.parameters import ClustererParameters
from seam_core.product import install_command
from seam_core.validate import InputError, MissingPackageError


def _check(settings: ClustererParameters, n_maps: int) -> None:
    if settings.n_components != 2:
        raise InputError("n_components", settings.n_components, "2, for t-SNE")
    if importlib.util.find_spec("openTSNE") is None:
        raise MissingPackageError(f"t-SNE needs openTSNE: {install_command('cluster')}")


def _run(job: Job) -> np.ndarray:
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    settings, n = job.parameters, len(job.rows)
    perplexity = min(settings.tsne_perplexity, (n - 1) / 3)
    neighbors, distances = job.neighbors(int(np.ceil(3 * perplexity)))
    affinities = PerplexityBasedNN(
        perplexity=perplexity, knn_index=PrecomputedNeighbors(neighbors, distances)
    )
    start = job.leading_scores().astype(np.float64)
    start = start[:, :2] * (1e-4 / max(float(start[:, 0].std()), 1e-30))
    start += np.random.default_rng(settings.seed).normal(scale=1e-6, size=start.shape)
    n_early, n_late = 250, 500

    def report(done: int) -> None:
        job.progress.update(0.4 + 0.6 * done / (n_early + n_late), 1.0, "t-SNE")

    picture = TSNEEmbedding(
        start,
        affinities,
        negative_gradient_method="fft" if n > 2000 else "bh",
        # a few maps are done sooner than threads are woken and put to sleep
        n_jobs=job.workers.n_threads if n > 2000 else 1,
        random_state=settings.seed,
        callbacks=[lambda done, *_: report(done)],
        callbacks_every_iters=10,
    )
    picture = picture.optimize(n_early, exaggeration=12, momentum=0.5)
    picture = picture.optimize(n_late, momentum=0.8)
    return np.asarray(picture, np.float32)


TSNE = EmbeddingMethod(
    name="tsne",
    label="t-SNE",
    axis="t-SNE",
    parameters=("tsne_perplexity", "pca_before"),
    run=_run,
    check=_check,
    sentence=lambda embedding: (
        f"t-SNE {{cite}} with openTSNE (perplexity {embedding.parameters.tsne_perplexity:g}, seed "
        f"{embedding.parameters.seed})"
    ),
    citation="van der Maaten L, Hinton G. Visualizing data using t-SNE. Journal of Machine "
    "Learning Research 9, 2579-2605 (2008).",
    packages=("openTSNE", "scikit-learn"),
)
