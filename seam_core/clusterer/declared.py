"""How embeddings and clusterings are declared, and what their functions are given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from seam_core.clusterer.components import principal_axes
from seam_core.clusterer.workers import Workers
from seam_core.parameters import ClustererParameters
from seam_core.progress import PartOfProgress, Progress
from seam_core.records import AttributionMaps
from seam_core.registry import Method

Check = Callable[[ClustererParameters, int], object]


@dataclass(frozen=True, eq=False)
class Job:
    """What the function of a method is given.

    rows : (N, F) float32 or float64, a map each
    parameters : of the stage
    own : those that only the method has, as the dataclass that declares them; None without
    workers : threads; progress : to report to, and to be cancelled by
    known : what a method found out on these rows, where it is asked about them again
    """

    rows: np.ndarray
    parameters: ClustererParameters
    own: Any
    workers: Workers
    progress: Progress
    known: dict[str, Any] = field(default_factory=dict)

    def neighbors(self, wanted: int, stop: float = 0.4) -> tuple[np.ndarray, np.ndarray]:
        """(N, k) indices of and distances to the nearest other maps, exact, nearest first.

        wanted : k, or one fewer than there are maps
        stop : share of the progress that is done then
        """
        from seam_core.clusterer.neighbors import nearest_neighbors
        from seam_core.clusterer.products import choose_products

        return nearest_neighbors(
            self.rows,
            min(wanted, len(self.rows) - 1),
            workers=self.workers,
            products=choose_products(
                self.parameters.cluster_device, float(len(self.rows)) ** 2 * self.rows.shape[1]
            ),
            progress=PartOfProgress(self.progress, 0.0, stop),
        )

    def leading_scores(self) -> np.ndarray:
        """(N, Z) float32 scores on as many components as a picture has axes, to start from."""
        n_components = min(self.parameters.n_components, self.rows.shape[1])
        return principal_axes(self.rows, n_components).scores(self.rows)


@dataclass(frozen=True, kw_only=True)
class EmbeddingMethod(Method):
    """A picture of mechanism space.

    run : job -> (N, n_components) coordinates; or these and the (components,) share of the
        variance that each explains. Rows are principal components of the maps where the method
        uses the parameter `pca_before`
    axis : what its axes are called: "UMAP" of "UMAP 1"
    project : (new rows, coordinates, job of the old rows) -> (M, n_components), where new maps can
        be placed among old ones
    check : (parameters, N) raises what would be wrong with so many maps, before there are any
    """

    run: Callable[[Job], Any]
    axis: str
    project: Callable[[np.ndarray, np.ndarray, Job], np.ndarray] | None = None
    check: Check | None = None


@dataclass(frozen=True, eq=False)
class TreeJob:
    """What a method that makes a tree is given: maps as they are, see `Job` for the others."""

    maps: AttributionMaps | np.ndarray
    parameters: ClustererParameters
    own: Any
    progress: Progress


@dataclass(frozen=True, kw_only=True)
class ClusteringMethod(Method):
    """A way to group maps: by a tree that is cut, or at once.

    link : job -> (N - 1, 4) float64 linkage in SciPy's format
    group : job -> (N,) labels, negative ones for noise. It is given the maps, their components or
        the embedding, as the parameter `cluster_on` says
    check : see `EmbeddingMethod`
    memory : (maps, numbers in each) -> bytes that it takes at most, where that depends on how many
        maps differ

    Raises `ValueError` unless it is one of the two.
    """

    link: Callable[[TreeJob], np.ndarray] | None = None
    group: Callable[[Job], np.ndarray] | None = None
    check: Check | None = None
    memory: Callable[[int, int], float] | None = None

    def __post_init__(self) -> None:
        if (self.link is None) == (self.group is None):
            raise ValueError("a clustering has either link or group")

    @property
    def is_tree(self) -> bool:
        """True where there is a tree to cut."""
        return self.link is not None
