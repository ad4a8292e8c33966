"""Identifier: binding sites and how they interact."""

from seam_core.identifier.activity import (
    additive_parameters,
    assign_clusters,
    mean_entropy,
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
from seam_core.identifier.detection import PositionSignal, detect_groups, position_signal
from seam_core.identifier.edits import (
    add_site,
    join_sites,
    remove_site,
    rename_site,
    split_site,
    with_bounds,
    with_positions,
)
from seam_core.identifier.shown import SitesShown
from seam_core.identifier.stage import Identifier
from seam_core.identifier.subsets import mask_name, moebius, subset_masks

__all__ = [
    "Identifier",
    "PositionSignal",
    "SitesShown",
    "add_site",
    "additive_parameters",
    "assign_clusters",
    "detect_groups",
    "entropy_covariance",
    "groups_by_height",
    "groups_by_number",
    "join_sites",
    "last_gap_height",
    "leaf_order",
    "mask_name",
    "mean_entropy",
    "moebius",
    "named_sites",
    "position_linkage",
    "position_signal",
    "remove_site",
    "rename_site",
    "site_active",
    "site_activity",
    "site_name",
    "split_site",
    "subset_masks",
    "with_bounds",
    "with_positions",
]
