"""Clusterer: mechanism space of attribution maps."""

from seam_core.clusterer.clusterer import Clusterer
from seam_core.clusterer.cuts import Cut, check_linkage, cut_linkage
from seam_core.clusterer.embeddings import embed
from seam_core.clusterer.inputs import as_rows
from seam_core.clusterer.partitions import kmeans
from seam_core.clusterer.pca import PrincipalAxes, principal_axes
from seam_core.clusterer.trees import linkage_by, ward_linkage

__all__ = [
    "Clusterer",
    "Cut",
    "PrincipalAxes",
    "as_rows",
    "check_linkage",
    "cut_linkage",
    "embed",
    "kmeans",
    "linkage_by",
    "principal_axes",
    "ward_linkage",
]
