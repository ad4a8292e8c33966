"""Parameters of the Clusterer."""

from __future__ import annotations

from dataclasses import dataclass

from seam_core.parameters.base import Parameters, parameter


@dataclass(frozen=True)
class ClustererParameters(Parameters):
    """How maps are embedded for the eye, and grouped into mechanisms."""

    embedding: str = parameter(
        "umap", "Picture of mechanism space", choices=("umap", "pca", "none")
    )
    n_components: int = parameter(2, "Axes of the embedding", low=2, high=50)
    umap_neighbors: int = parameter(
        15,
        "Neighbours of each map in UMAP: more shows the larger shape",
        low=2,
        when=("embedding", ("umap",)),
    )
    umap_min_dist: float = parameter(
        0.1, "How close UMAP may put points", low=0.0, high=1.0, when=("embedding", ("umap",))
    )
    pca_before: int = parameter(
        50,
        "Principal components kept before the embedding; 0: none",
        low=0,
        when=("embedding", ("umap",)),
    )
    clustering: str = parameter("ward", "How maps are grouped", choices=("ward", "kmeans"))
    cluster_on: str = parameter(
        "maps",
        "What is grouped",
        choices=("maps", "embedding"),
        when=("clustering", ("kmeans",)),
    )
    n_clusters: int = parameter(30, "Number of clusters", low=1, unit="clusters")
    cut_height: float | None = parameter(
        None,
        "Cut the tree at this height instead (empty: by number)",
        low=0.0,
        when=("clustering", ("ward",)),
    )
    memory_limit_gb: float = parameter(
        8.0, "Memory that the clustering may take", low=0.1, unit="GB"
    )
    seed: int = parameter(0, "Seed of the random numbers", low=0)
