"""Parameters of the Clusterer."""

from __future__ import annotations

from dataclasses import dataclass

from seam_core.parameters.base import Parameters, parameter
from seam_core.registry import CLUSTERINGS, EMBEDDINGS


@dataclass(frozen=True)
class ClustererParameters(Parameters):
    """How maps are embedded for the eye, and grouped into mechanisms."""

    embedding: str = parameter(
        "umap",
        "Picture of mechanism space",
        registry=EMBEDDINGS,
        choices=("none",),
    )
    n_components: int = parameter(2, "Axes of the embedding", low=2, high=50)
    umap_neighbors: int = parameter(
        15,
        "Neighbours of each map in UMAP: more shows the larger shape",
        low=2,
        high=500,
        unit="maps",
        of_method="embedding",
    )
    umap_min_dist: float = parameter(
        0.1, "How close UMAP may put points", low=0.0, high=1.0, of_method="embedding"
    )
    umap_spread: float = parameter(
        1.0,
        "How far apart umap-learn puts groups, beside the least distance",
        low=0.1,
        high=100.0,
        of_method="embedding",
    )
    umap_metric: str = parameter(
        "euclidean",
        "How umap-learn measures the distance of two maps",
        choices=("euclidean", "manhattan", "cosine", "correlation", "chebyshev", "canberra"),
        of_method="embedding",
    )
    umap_init: str = parameter(
        "spectral",
        "What umap-learn starts from",
        choices=("spectral", "random", "pca"),
        of_method="embedding",
    )
    umap_densmap: bool = parameter(
        False,
        "Keep dense groups dense and loose ones loose (densMAP)",
        of_method="embedding",
    )
    tsne_perplexity: float = parameter(
        30.0,
        "Effective number of neighbours in t-SNE",
        low=1.0,
        high=500.0,
        unit="maps",
        of_method="embedding",
    )
    diffusion_time: int = parameter(
        0,
        "Steps of the diffusion: more smooths out detail; 0: chosen from the data",
        low=0,
        high=1000,
        unit="steps",
        of_method="embedding",
    )
    graph_neighbors: int = parameter(
        15,
        "Neighbours of each map in the graph that diffusion, PHATE and Leiden work on",
        low=2,
        high=500,
        unit="maps",
    )
    pca_before: int = parameter(
        50,
        "Principal components kept before the embedding, where a map has more than 100 numbers; "
        "0: none",
        low=0,
        unit="components",
        of_method="embedding",
    )
    clustering: str = parameter("ward", "How maps are grouped", registry=CLUSTERINGS)
    cluster_on: str = parameter(
        "maps",
        "What is grouped",
        choices=("maps", "pca", "embedding"),
        of_method="clustering",
    )
    cluster_components: int = parameter(
        50,
        "Principal components that are grouped",
        low=1,
        unit="components",
        when=("cluster_on", ("pca",)),
    )
    n_clusters: int | None = parameter(
        None,
        "Number of clusters (empty: chosen from the tree)",
        low=1,
        unit="clusters",
        of_method="clustering",
    )
    cut_height: float | None = parameter(
        None,
        "Cut the tree at this height instead (empty: by number)",
        low=0.0,
        of_method="clustering",
    )
    dbscan_eps: float | None = parameter(
        None,
        "Radius within which DBSCAN looks for neighbours (empty: the 90 % quantile of the "
        "distance to the last neighbour that it needs)",
        low=0.0,
        of_method="clustering",
    )
    dbscan_min_samples: int = parameter(
        10,
        "Maps within the radius, itself included, that make a map the core of a cluster",
        low=1,
        unit="maps",
        of_method="clustering",
    )
    hdbscan_min_size: int = parameter(
        50,
        "Smallest group that HDBSCAN calls a cluster",
        low=2,
        unit="maps",
        of_method="clustering",
    )
    leiden_resolution: float = parameter(
        1.0,
        "Resolution of Leiden: higher gives more clusters",
        low=0.0,
        high=1000.0,
        of_method="clustering",
    )
    memory_limit_gb: float = parameter(
        8.0, "Memory that the clustering may take", low=0.1, unit="GB", only_how=True
    )
    cluster_threads: int = parameter(
        0,
        "Threads of the clustering; 0: one a core",
        low=0,
        high=1024,
        unit="threads",
        only_how=True,
    )
    cluster_device: str = parameter(
        "auto",
        "Where distances are computed: a GPU needs torch",
        choices=("auto", "cpu", "gpu"),
        only_how=True,
    )
    seed: int = parameter(0, "Seed of the random numbers", low=0)

    @property
    def number_in_words(self) -> str:
        """How many clusters are asked for."""
        if self.n_clusters is None:
            return "as many clusters as the tree suggests"
        return f"{self.n_clusters} clusters"
