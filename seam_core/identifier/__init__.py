"""Identifier: binding sites and how they interact."""

from seam_core.identifier.activity import (
    additive_parameters,
    all_subsets,
    assign_clusters,
    moebius,
    named_sites,
    site_active,
    site_activity,
    site_name,
)
from seam_core.identifier.covariance import (
    entropy_covariance,
    groups_by_height,
    groups_by_number,
    last_gap_height,
    leaf_order,
    position_linkage,
)
from seam_core.identifier.stage import Identifier

__all__ = [
    "Identifier",
    "additive_parameters",
    "all_subsets",
    "assign_clusters",
    "entropy_covariance",
    "groups_by_height",
    "groups_by_number",
    "last_gap_height",
    "leaf_order",
    "moebius",
    "named_sites",
    "position_linkage",
    "site_active",
    "site_activity",
    "site_name",
]
