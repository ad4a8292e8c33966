"""The Clusterer stage: parameters in, embedding, tree and clusters out."""

from __future__ import annotations

import numpy as np

from seam_core.clusterer.beforehand import check_clustering
from seam_core.clusterer.components import principal_axes
from seam_core.clusterer.cuts import cut_linkage
from seam_core.clusterer.declared import Job
from seam_core.clusterer.embeddings import embed
from seam_core.clusterer.inputs import as_rows
from seam_core.clusterer.number import USUAL, Shown, suggest_n_clusters
from seam_core.clusterer.partitions import noise_apart
from seam_core.clusterer.trees import link
from seam_core.clusterer.workers import Workers
from seam_core.parameters import ClustererParameters
from seam_core.progress import SILENT, Progress
from seam_core.records import AttributionMaps, Clustering, Embedding, Linkage
from seam_core.registry import CLUSTERINGS
from seam_core.validate import InputError, check_shape

Maps = AttributionMaps | np.ndarray


class Clusterer:
    """Mechanism space of a set of maps: a picture of it, a tree, and groups."""

    def __init__(self, parameters: ClustererParameters | None = None) -> None:
        self.parameters = parameters or ClustererParameters()

    def embed(self, maps: Maps, *, progress: Progress = SILENT) -> Embedding:
        """Coordinates of each map, by the method of the parameters."""
        return embed(maps, self.parameters, progress=progress)

    def link(self, maps: Maps, *, progress: Progress = SILENT) -> Linkage:
        """The tree of the maps, by the method of the parameters (Ward's where that is no tree)."""
        settings = self.parameters
        if not is_tree(settings.clustering):
            settings = settings.replace(clustering="ward")
        return Linkage(link(maps, settings, progress), settings.clustering, self.parameters)

    def cluster(
        self,
        maps: Maps,
        *,
        embedding: Embedding | None = None,
        linkage: Linkage | None = None,
        activity: np.ndarray | None = None,
        shown: Shown | None = None,
        progress: Progress = SILENT,
    ) -> Clustering:
        """Groups of the maps; a tree or an embedding that is given is not made again.

        Where no number of clusters is asked for it is chosen from the tree, see
        `suggest_n_clusters`; without a tree or the activities it is the usual one.

        Raises `InputError` for more clusters than maps, for maps that are no maps, and where an
        embedding is to be grouped and none is given.

        Parameters
        ----------
        activity : (N,)
        shown : tells the sites that cuts of the tree show
        """
        settings = self.parameters
        if linkage is None:
            check_clustering(settings, len(maps), embedded=embedding is not None)
        if not is_tree(settings.clustering):
            rows, source = self._what_is_grouped(maps, embedding, progress)
            labels = self._partition(rows, progress)
            reason = self._usual(len(rows))[1]
            return Clustering(labels, settings.clustering, source, settings, reason=reason)
        if linkage is None:
            linkage = self.link(maps, progress=progress)
        if settings.cut_height is not None:
            cut = cut_linkage(linkage, height=settings.cut_height)
            return Clustering(cut.labels, linkage.method, "linkage", settings, cut.height)
        number, reason = self._number(linkage, activity, shown)
        cut = cut_linkage(linkage, number)
        return Clustering(cut.labels, linkage.method, "linkage", settings, cut.height, reason)

    def _number(
        self, linkage: Linkage, activity: np.ndarray | None, shown: Shown | None
    ) -> tuple[int, str]:
        """Clusters to cut a tree into, and why where nobody said how many."""
        if self.parameters.n_clusters is not None or activity is None:
            return self._usual(linkage.n_leaves)
        suggestion = suggest_n_clusters(linkage, activity, shown=shown)
        return suggestion.n_clusters, suggestion.reason

    def _usual(self, n: int) -> tuple[int, str]:
        """The number that was asked for; else the usual one, where so many maps are."""
        asked = self.parameters.n_clusters
        if asked is not None or "n_clusters" not in _needed(self.parameters.clustering):
            return asked or USUAL, ""
        number = min(USUAL, n)
        return number, f"{number} clusters, as usual: nothing says how many."

    def _what_is_grouped(
        self, maps: Maps, embedding: Embedding | None, progress: Progress
    ) -> tuple[np.ndarray, str]:
        settings = self.parameters
        if settings.cluster_on == "embedding":
            assert embedding is not None
            return as_rows(embedding.coordinates, "embedding"), "embedding"
        rows = as_rows(maps)
        if settings.cluster_on == "pca":
            kept = min(settings.cluster_components, *rows.shape)
            rows = principal_axes(rows, kept, seed=settings.seed, progress=progress).scores(rows)
        return rows, "maps"

    def _partition(self, rows: np.ndarray, progress: Progress) -> np.ndarray:
        number = self._usual(len(rows))[0]
        settings = self.parameters.replace(n_clusters=number)
        method = CLUSTERINGS.get(settings.clustering)
        progress.update(0, 1, method.label)
        own = settings.of(method)
        with Workers(settings.cluster_threads) as workers, CLUSTERINGS.calling(method.name):
            labels = np.asarray(method.group(Job(rows, settings, own, workers, progress)))
        check_shape(labels, (len(rows),), f"labels of {method.name}")
        if labels.dtype.kind not in "iu":
            raise InputError(f"labels of {method.name}", f"{labels.dtype} values", "integers")
        return noise_apart(labels)


def _needed(clustering: str) -> tuple[str, ...]:
    """Names of the parameters that a clustering uses."""
    method = CLUSTERINGS.find(clustering)
    return () if method is None else tuple(method.parameters)


def is_tree(clustering: str) -> bool:
    """True for a clustering that makes a tree to cut; `InputError` for an unknown one."""
    return bool(CLUSTERINGS.get(clustering).is_tree)
