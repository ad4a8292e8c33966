"""The Identifier: parameters in, `Sites` out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seam_core.identifier import covariance as tree
from seam_core.identifier.activity import named_sites, site_active, site_activity
from seam_core.identifier.configurations import configuration_tables
from seam_core.parameters import IdentifierParameters
from seam_core.progress import SILENT, Progress
from seam_core.records import Clustering, Explanation, Library, Site, Sites, Table
from seam_core.validate import InputError


class Identifier:
    """Where the binding sites are, which clusters show them, and how they interact."""

    def __init__(self, parameters: IdentifierParameters | None = None) -> None:
        self.parameters = parameters or IdentifierParameters()

    def run(
        self,
        explanation: Explanation,
        *,
        library: Library | None = None,
        table: Table | None = None,
        clustering: Clustering | None = None,
        progress: Progress = SILENT,
    ) -> Sites:
        """Find sites, then describe them as `describe` does."""
        matrix = tree.entropy_covariance(explanation)
        linkage = tree.position_linkage(matrix)
        groups, _ = self._groups(linkage)
        sites = named_sites(groups, explanation.start)
        return self.describe(explanation, sites)

    def describe(self, explanation: Explanation, sites: Sequence[Site]) -> Sites:
        matrix = tree.entropy_covariance(explanation)
        linkage = tree.position_linkage(matrix)
        active = site_active(explanation, sites, self.parameters.active_multiplier)
        activity = site_activity(explanation, sites)
        configurations, epistasis = configuration_tables(explanation, sites, activity, active)
        return Sites(
            sites=tuple(sites),
            covariance=matrix,
            linkage=linkage,
            cut_height=self._groups(linkage)[1],
            cluster_ids=explanation.ids,
            activity=activity,
            active=active,
            configurations=configurations,
            epistasis=epistasis,
            start=explanation.start,
            parameters=self.parameters,
        )

    def _groups(self, linkage: np.ndarray) -> tuple[list[np.ndarray], float]:
        chosen = self.parameters
        if chosen.n_sites is not None and chosen.site_cut_height is not None:
            raise InputError(
                "n_sites and site_cut_height", "both", "one of them: each decides the cut"
            )
        if chosen.n_sites is not None:
            return tree.groups_by_number(linkage, chosen.n_sites)
        height = chosen.site_cut_height
        if height is None:
            height = tree.last_gap_height(linkage)
        return tree.groups_by_height(linkage, height), height
