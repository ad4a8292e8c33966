"""Pictures of mechanism space."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from seam_core.clusterer.beforehand import check_embedding
from seam_core.clusterer.components import PrincipalAxes, principal_axes
from seam_core.clusterer.declared import EmbeddingMethod, Job
from seam_core.clusterer.inputs import as_rows
from seam_core.clusterer.workers import Workers
from seam_core.parameters import ClustererParameters
from seam_core.progress import SILENT, PartOfProgress, Progress
from seam_core.records import AttributionMaps, Embedding
from seam_core.registry import EMBEDDINGS
from seam_core.validate import InputError, check_finite, check_shape

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
        A method whose package is not installed.
    PluginError
        A method of another package failed.
    """
    rows = as_rows(maps)
    n = len(rows)
    method = EMBEDDINGS.get(parameters.embedding)
    check_embedding(parameters, n)
    with Workers(parameters.cluster_threads) as workers, EMBEDDINGS.calling(method.name):
        reduced = _reduce(rows, parameters, method, PartOfProgress(progress, 0.0, 0.15))
        late = PartOfProgress(progress, 0.15, 1.0)
        placed = method.run(_job(reduced.rows, parameters, method, workers, late))
    ratio = reduced.axes.variance_ratio if reduced.axes else None
    coordinates, ratio = placed if isinstance(placed, tuple) else (placed, ratio)
    coordinates = np.asarray(coordinates, np.float32)
    check_shape(coordinates, (n, parameters.n_components), f"embedding {method.name}")
    check_finite(coordinates, f"embedding {method.name}")
    progress.update(1, 1, method.label)
    return Embedding(coordinates, method.name, parameters, ratio)


def project(
    new_maps: AttributionMaps | np.ndarray,
    maps: AttributionMaps | np.ndarray,
    embedding: Embedding,
    *,
    progress: Progress = SILENT,
) -> np.ndarray:
    """Places of new maps in a picture that was made of others, by a method that has `project`.

    PCA: scores on the axes of `maps`. UMAP: the mean of the nearest old maps' places, weighted by
    strength, then a short descent in which the old ones stay where they are. Where a map goes does
    not depend on which others are placed with it.

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
    placer = Placer(maps, embedding, progress=PartOfProgress(progress, 0.0, 0.4))
    return placer.place(new_maps, progress=PartOfProgress(progress, 0.4, 1.0))


def can_place(embedding: Embedding) -> bool:
    """Can its method place other maps?"""
    method = EMBEDDINGS.find(embedding.method)
    return method is not None and method.project is not None and embedding.parameters is not None


class Placer:
    """Places new maps in a picture again and again; what that takes of the old ones is made once.

    See `project` for parameters and errors.
    """

    def __init__(
        self,
        maps: AttributionMaps | np.ndarray,
        embedding: Embedding,
        *,
        progress: Progress = SILENT,
    ) -> None:
        parameters, method = embedding.parameters, EMBEDDINGS.find(embedding.method)
        if method is None or method.project is None or parameters is None:
            able = " or ".join(record.label for record in EMBEDDINGS if record.project)
            raise InputError("embedding", embedding.method, f"one of {able} made here")
        rows = as_rows(maps)
        self.n_features = rows.shape[1]
        if len(rows) != len(embedding):
            raise InputError(
                "maps", f"{len(rows)}, for a picture of {len(embedding)}", "one a place"
            )
        self.embedding = embedding
        self._method, self._parameters = method, parameters
        self._known: dict[str, Any] = {}
        with Workers(parameters.cluster_threads):
            self._reduced = _reduce(rows, parameters, method, progress)

    def place(
        self, new_maps: AttributionMaps | np.ndarray, *, progress: Progress = SILENT
    ) -> np.ndarray:
        """(M, Z) float32 places of (M, L, A) maps."""
        new = as_rows(new_maps, "new_maps")
        if new.shape[1] != self.n_features:
            raise InputError(
                "new_maps",
                f"maps of {new.shape[1]} numbers",
                f"{self.n_features}, as of the maps that the picture was made of",
            )
        if self._reduced.axes is not None:
            new = self._reduced.axes.scores(new)
        with Workers(self._parameters.cluster_threads) as workers:
            job = _job(self._reduced.rows, self._parameters, self._method, workers, progress)
            job = replace(job, known=self._known)
            with EMBEDDINGS.calling(self._method.name):
                assert self._method.project is not None
                return self._method.project(new, self.embedding.coordinates, job)


def _job(
    rows: np.ndarray,
    parameters: ClustererParameters,
    method: EmbeddingMethod,
    workers: Workers,
    progress: Progress,
) -> Job:
    own = parameters.of(method)
    return Job(rows, parameters, own, workers, progress)


@dataclass(frozen=True, eq=False)
class _Reduced:
    rows: np.ndarray
    axes: PrincipalAxes | None


def _reduce(
    rows: np.ndarray, parameters: ClustererParameters, method: EmbeddingMethod, progress: Progress
) -> _Reduced:
    """Scores on the leading components, where maps are long and method and parameters say so."""
    n, n_features = rows.shape
    wanted = parameters.pca_before if "pca_before" in method.parameters else 0
    if not wanted or n_features <= PCA_ABOVE_FEATURES:
        return _Reduced(rows, None)
    kept = min(wanted, n, n_features)
    axes = principal_axes(rows, kept, progress=PartOfProgress(progress, 0.0, 0.6))
    return _Reduced(axes.scores(rows, PartOfProgress(progress, 0.6, 1.0)), axes)


def warm_up() -> None:
    """Compile and load what the Clusterer needs, on a few made-up maps: for an idle moment."""
    from seam_core.clusterer.partitions import kmeans
    from seam_core.clusterer.trees import ward_linkage

    rows = np.random.default_rng(0).normal(size=(2500, 8)).astype(np.float32)
    embed(rows[:100], ClustererParameters())
    ward_linkage(rows)
    kmeans(rows[:100], 3)
