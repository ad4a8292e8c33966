"""Pictures of mechanism space."""

from __future__ import annotations

import numpy as np

from seam_core.clusterer.inputs import as_rows
from seam_core.clusterer.pca import principal_axes
from seam_core.parameters import ClustererParameters
from seam_core.progress import SILENT, PartOfProgress, Progress
from seam_core.records import AttributionMaps, Embedding
from seam_core.validate import InputError

PCA_ABOVE_FEATURES = 100


def embed(
    maps: AttributionMaps | np.ndarray,
    parameters: ClustererParameters,
    *,
    progress: Progress = SILENT,
) -> Embedding:
    """Coordinates of each map in the plane, or in `n_components` dimensions."""
    rows = as_rows(maps)
    n, n_features = rows.shape
    least = parameters.n_components + 2
    if n < least:
        raise InputError("maps", f"{n} maps", f"{least} or more for an embedding")
    if parameters.embedding == "pca":
        axes = principal_axes(rows, parameters.n_components, progress=progress)
        return Embedding(axes.scores(rows), "pca", parameters, axes.variance_ratio)
    ratio = None
    if n_features > PCA_ABOVE_FEATURES and parameters.pca_before:
        kept = min(parameters.pca_before, n, n_features)
        axes = principal_axes(rows, kept, progress=PartOfProgress(progress, 0.0, 0.2))
        rows, ratio = axes.scores(rows), axes.variance_ratio
    import umap

    progress.update(0.2, 1.0, "UMAP")
    reducer = umap.UMAP(
        n_components=parameters.n_components,
        n_neighbors=min(parameters.umap_neighbors, n - 1),
        min_dist=parameters.umap_min_dist,
        random_state=parameters.seed,
        n_jobs=1,
    )
    coordinates = np.ascontiguousarray(reducer.fit_transform(rows), np.float32)
    progress.update(1.0, 1.0, "UMAP")
    return Embedding(coordinates, "umap", parameters, ratio)
