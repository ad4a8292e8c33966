"""Clusterer: mechanism space of attribution maps."""

from seam_core.clusterer.beforehand import check_clusterer, memory_at_most
from seam_core.clusterer.clusterer import Clusterer, is_tree
from seam_core.clusterer.comparison import (
    Agreement,
    Stability,
    agreement,
    stability,
)
from seam_core.clusterer.components import PrincipalAxes, principal_axes
from seam_core.clusterer.cuts import Cut, check_linkage, cut_linkage
from seam_core.clusterer.declared import ClusteringMethod, EmbeddingMethod, Job, TreeJob
from seam_core.clusterer.embeddings import Placer, can_place, embed, project, warm_up
from seam_core.clusterer.inputs import as_rows
from seam_core.clusterer.number import Suggestion, suggest_n_clusters
from seam_core.clusterer.partitions import dbscan, hdbscan, kmeans, leiden, suggest_eps
from seam_core.clusterer.trees import linkage_by, ward_linkage

__all__ = [
    "Agreement",
    "Clusterer",
    "ClusteringMethod",
    "Cut",
    "EmbeddingMethod",
    "Job",
    "Placer",
    "PrincipalAxes",
    "Stability",
    "Suggestion",
    "TreeJob",
    "agreement",
    "as_rows",
    "can_place",
    "check_clusterer",
    "check_linkage",
    "cut_linkage",
    "dbscan",
    "embed",
    "hdbscan",
    "is_tree",
    "kmeans",
    "leiden",
    "linkage_by",
    "memory_at_most",
    "principal_axes",
    "project",
    "stability",
    "suggest_eps",
    "suggest_n_clusters",
    "ward_linkage",
    "warm_up",
]
