"""Pictures of mechanism space."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seam_core.clusterer.inputs import as_rows
from seam_core.clusterer.pca import PrincipalAxes, principal_axes
from seam_core.clusterer.products import choose_products
from seam_core.clusterer.workers import Workers
from seam_core.parameters import ClustererParameters
from seam_core.product import install_command
from seam_core.progress import SILENT, PartOfProgress, Progress
from seam_core.records import AttributionMaps, Embedding
from seam_core.validate import InputError, MissingPackageError

PCA_ABOVE_FEATURES = 100


def embed(
    maps: AttributionMaps | np.ndarray,
    parameters: ClustererParameters,
    *,
    progress: Progress = SILENT,
) -> Embedding:
    """Coordinates of each map, by the method of the parameters.

    Maps of more than 100 numbers are first reduced to `pca_before` principal components; the
    embedding's `variance_ratio` then holds the spectrum, and its first `pca_before` values add up
    to the share of the variance that was kept. The same seed gives the same picture, on any number
    of threads.

    Raises
    ------
    InputError
        Maps that cannot be embedded: too few for the axes or the neighbours asked for, NaN.
    MissingPackageError
        t-SNE without openTSNE.
    """
    rows = as_rows(maps)
    n = len(rows)
    if parameters.embedding == "none":
        raise InputError("embedding", "none", "a method: umap, tsne, pca, phate or diffusion")
    least = parameters.n_components + 3
    if n < least:
        raise InputError("maps", f"{n} maps", f"{least} or more for an embedding")
    with Workers(parameters.cluster_threads) as workers:
        if parameters.embedding == "pca":
            return _pca(rows, parameters, progress)
        reduced = _reduce(rows, parameters, PartOfProgress(progress, 0.0, 0.15))
        job = _Job(reduced.rows, parameters, workers, PartOfProgress(progress, 0.15, 1.0))
        coordinates = _METHODS[parameters.embedding](job)
    progress.update(1, 1, parameters.embedding)
    ratio = reduced.axes.variance_ratio if reduced.axes else None
    return Embedding(coordinates, parameters.embedding, parameters, ratio)


def project(
    new_maps: AttributionMaps | np.ndarray,
    maps: AttributionMaps | np.ndarray,
    embedding: Embedding,
    *,
    progress: Progress = SILENT,
) -> np.ndarray:
    """Places of new maps in a PCA or UMAP picture that was made of others.

    PCA: scores on the axes of `maps`. UMAP: the mean of the nearest old maps' places, weighted by
    strength, then a short descent in which the old ones stay where they are.

    Parameters
    ----------
    new_maps : (M, L, A)
    maps : (N, L, A) that `embedding` was made of

    Returns
    -------
    (M, Z) float32

    Raises
    ------
    InputError
        Another method; no parameters kept; maps of another size.
    """
    parameters = embedding.parameters
    if embedding.method not in ("pca", "umap") or parameters is None:
        raise InputError("embedding", embedding.method, "a PCA or UMAP made here")
    new, old = as_rows(new_maps, "new_maps"), as_rows(maps)
    if new.shape[1] != old.shape[1] or len(old) != len(embedding):
        raise InputError(
            "new_maps",
            f"maps of {new.shape[1]} numbers, for a picture of {len(embedding)} maps",
            f"{old.shape[1]} numbers, and the {len(old)} maps that the picture was made of",
        )
    with Workers(parameters.cluster_threads) as workers:
        if embedding.method == "pca":
            n_axes = min(embedding.coordinates.shape[1], old.shape[1])
            scores = principal_axes(old, n_axes).scores(new)
            flat = np.zeros((len(new), embedding.coordinates.shape[1] - n_axes), np.float32)
            return np.hstack([scores, flat])
        reduced = _reduce(old, parameters, PartOfProgress(progress, 0.0, 0.4))
        if reduced.axes is not None:
            new = reduced.axes.scores(new)
        job = _Job(reduced.rows, parameters, workers, PartOfProgress(progress, 0.4, 1.0))
        return _project_umap(new, embedding.coordinates, job)


@dataclass(frozen=True, eq=False)
class _Reduced:
    rows: np.ndarray
    axes: PrincipalAxes | None


def _reduce(rows: np.ndarray, parameters: ClustererParameters, progress: Progress) -> _Reduced:
    """Scores on the leading components, where maps are long and the parameters say so."""
    n, n_features = rows.shape
    if not parameters.pca_before or n_features <= PCA_ABOVE_FEATURES:
        return _Reduced(rows, None)
    kept = min(parameters.pca_before, n, n_features)
    axes = principal_axes(rows, kept, progress=PartOfProgress(progress, 0.0, 0.6))
    return _Reduced(axes.scores(rows, PartOfProgress(progress, 0.6, 1.0)), axes)


@dataclass(frozen=True, eq=False)
class _Job:
    """What every method is given: rows, parameters, threads and progress."""

    rows: np.ndarray
    parameters: ClustererParameters
    workers: Workers
    progress: Progress

    def neighbors(self, wanted: int, stop: float = 0.4) -> tuple[np.ndarray, np.ndarray]:
        from seam_core.clusterer.neighbors import nearest_neighbors

        return nearest_neighbors(
            self.rows,
            min(wanted, len(self.rows) - 1),
            workers=self.workers,
            products=choose_products(
                self.parameters.cluster_device, float(len(self.rows)) ** 2 * self.rows.shape[1]
            ),
            progress=PartOfProgress(self.progress, 0.0, stop),
        )


def _pca(rows: np.ndarray, parameters: ClustererParameters, progress: Progress) -> Embedding:
    axes = principal_axes(
        rows,
        min(parameters.n_components, rows.shape[1]),
        seed=parameters.seed,
        progress=PartOfProgress(progress, 0.0, 0.6),
    )
    scores = axes.scores(rows, PartOfProgress(progress, 0.6, 1.0))
    # a picture has the axes asked for, flat ones where maps have fewer numbers
    flat = np.zeros((len(rows), parameters.n_components - scores.shape[1]), np.float32)
    return Embedding(np.hstack([scores, flat]), "pca", parameters, axes.variance_ratio)


def _leading_scores(job: _Job) -> np.ndarray:
    """Scores on as many components as the picture has axes, to start from."""
    n_components = min(job.parameters.n_components, job.rows.shape[1])
    return principal_axes(job.rows, n_components).scores(job.rows)


def _umap(job: _Job) -> np.ndarray:
    from seam_core.clusterer import umap_layout

    chosen = job.parameters
    # a map counts as its own first neighbour, as in umap-learn
    neighbors, distances = job.neighbors(chosen.umap_neighbors - 1)
    graph = umap_layout.fuzzy_graph(neighbors, distances, job.workers)
    start = umap_layout.starting_layout(_leading_scores(job), chosen.n_components, chosen.seed)
    return umap_layout.descend(
        start,
        graph,
        n_epochs=500 if len(start) <= 10_000 else 200,
        min_dist=chosen.umap_min_dist,
        seed=chosen.seed,
        workers=job.workers,
        progress=PartOfProgress(job.progress, 0.4, 1.0),
    )


def _project_umap(new: np.ndarray, places: np.ndarray, job: _Job) -> np.ndarray:
    from scipy.sparse import csr_matrix

    from seam_core.clusterer import umap_layout
    from seam_core.clusterer.neighbors import nearest_neighbors

    chosen = job.parameters
    wanted = min(chosen.umap_neighbors, len(job.rows))
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
        min_dist=chosen.umap_min_dist,
        seed=chosen.seed,
        anchors=np.ascontiguousarray(places, np.float32),
        workers=job.workers,
        progress=job.progress,
    )


def _tsne(job: _Job) -> np.ndarray:
    try:
        from openTSNE import TSNEEmbedding
        from openTSNE.affinity import PerplexityBasedNN
        from openTSNE.nearest_neighbors import PrecomputedNeighbors
    except ImportError:
        raise MissingPackageError(f"t-SNE needs openTSNE: {install_command('cluster')}") from None

    chosen, n = job.parameters, len(job.rows)
    if chosen.n_components != 2:
        raise InputError("n_components", chosen.n_components, "2, for t-SNE")
    perplexity = min(chosen.tsne_perplexity, (n - 1) / 3)
    neighbors, distances = job.neighbors(int(np.ceil(3 * perplexity)))
    affinities = PerplexityBasedNN(
        perplexity=perplexity, knn_index=PrecomputedNeighbors(neighbors, distances)
    )
    start = _leading_scores(job).astype(np.float64)
    start = start[:, :2] * (1e-4 / max(float(start[:, 0].std()), 1e-30))
    start += np.random.default_rng(chosen.seed).normal(scale=1e-6, size=start.shape)
    n_early, n_late = 250, 500

    def report(done: int) -> None:
        job.progress.update(0.4 + 0.6 * done / (n_early + n_late), 1.0, "t-SNE")

    picture = TSNEEmbedding(
        start,
        affinities,
        negative_gradient_method="fft" if n > 2000 else "bh",
        # a few maps are done sooner than threads are woken and put to sleep
        n_jobs=job.workers.n_threads if n > 2000 else 1,
        random_state=chosen.seed,
        callbacks=[lambda done, *_: report(done)],
        callbacks_every_iters=10,
    )
    picture = picture.optimize(n_early, exaggeration=12, momentum=0.5)
    picture = picture.optimize(n_late, momentum=0.8)
    return np.asarray(picture, np.float32)


def _phate(job: _Job) -> np.ndarray:
    from seam_core.clusterer import diffusion

    chosen = job.parameters
    affinities = diffusion.kernel(*job.neighbors(chosen.graph_neighbors), power=40.0)
    late = PartOfProgress(job.progress, 0.6, 1.0)
    return diffusion.phate(
        affinities, job.rows, chosen.n_components, chosen.diffusion_time, chosen.seed, late
    )


def _diffusion(job: _Job) -> np.ndarray:
    from seam_core.clusterer import diffusion

    chosen = job.parameters
    affinities = diffusion.kernel(*job.neighbors(chosen.graph_neighbors, stop=0.8))
    return diffusion.diffusion_map(
        affinities, chosen.n_components, chosen.diffusion_time, chosen.seed
    )


_METHODS = {"umap": _umap, "tsne": _tsne, "phate": _phate, "diffusion": _diffusion}


def warm_up() -> None:
    """Compile and load what the Clusterer needs, on a few made-up maps: for an idle moment."""
    from seam_core.clusterer.partitions import kmeans
    from seam_core.clusterer.trees import ward_linkage

    rows = np.random.default_rng(0).normal(size=(2500, 8)).astype(np.float32)
    embed(rows[:100], ClustererParameters())
    ward_linkage(rows)
    kmeans(rows[:100], 3)
