"""The Identifier: parameters in, `Sites` out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seam_core.identifier import covariance as tree
from seam_core.identifier import states as by_letters
from seam_core.identifier.activity import (
    named_sites,
    site_active,
    site_activity,
    site_columns,
)
from seam_core.identifier.configurations import (
    Configurations,
    configuration_frame,
    epistasis_frame,
    estimate_configurations,
)
from seam_core.identifier.detection import constants, detect_groups, position_signal
from seam_core.identifier.drivers import driver_mutations
from seam_core.identifier.estimates import fitted_activity
from seam_core.identifier.reclustering import (
    CUTS,
    mean_signal,
    reclustered,
    site_replicates,
)
from seam_core.identifier.scores import site_scores
from seam_core.parameters import IdentifierParameters
from seam_core.progress import SILENT, PartOfProgress, Progress
from seam_core.records import AttributionMaps, Clustering, Explanation, Library, Site, Sites, Table
from seam_core.validate import InputError

MOST_SITES = 60
"""A configuration is one integer, one bit a site."""

FEW_SITES = 6
"""Sites up to which their terms are estimated for every cut of every tree."""

# the share of the time that reclusterings take
_RECLUSTERED = 0.7


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
        maps: AttributionMaps | None = None,
        progress: Progress = SILENT,
    ) -> Sites:
        """Find sites, then describe them as `describe` does.

        Parameters
        ----------
        library, table : the sequences that were clustered and their activities. Without them the
            configurations have only the authors' one-cluster medians, and there are no intervals,
            states and driver mutations
        clustering : checked for its size; everything else of it is in the explanation
        maps : with these and the library, what is found is what most reclusterings of the maps
            show, intervals include how they differ, and sites and terms have a stability

        Raises
        ------
        InputError
            Number and height of the cut both given; a number of sites that the window cannot
            have; library, table or clustering that do not belong to the explanation.
        """
        _check_sizes(explanation, library, table, clustering)
        positions = _tree(explanation)
        again = self._again(explanation, library, maps, progress)
        groups, height = self._groups(explanation, positions[1], again)
        sites = named_sites(groups, explanation.start)
        return self._described(
            explanation, sites, library, table, positions, height, again, progress, maps
        )

    def _again(
        self,
        explanation: Explanation,
        library: Library | None,
        maps: AttributionMaps | None,
        progress: Progress,
    ) -> list[Explanation]:
        if library is None or maps is None:
            return []
        parameters = self.parameters
        first = PartOfProgress(progress, 0.0, _RECLUSTERED)
        return reclustered(explanation, library, maps, parameters.n_trees, parameters.seed, first)

    def _groups(
        self, explanation: Explanation, linkage: np.ndarray, again: list[Explanation]
    ) -> tuple[list[np.ndarray], float]:
        """Columns of each site, and the height at which the tree of positions is cut for them."""
        parameters = self.parameters
        if parameters.n_sites is not None and parameters.site_cut_height is not None:
            raise InputError(
                "n_sites and site_cut_height", "both", "one of them: each decides the cut"
            )
        if parameters.n_sites is not None:
            return tree.groups_by_number(linkage, parameters.n_sites)
        if parameters.site_cut_height is not None:
            height = parameters.site_cut_height
            return tree.groups_by_height(linkage, height), height
        if parameters.site_detection == "last_gap":
            height = tree.last_gap_height(linkage)
            return tree.groups_by_height(linkage, height), height
        groups = detect_groups(
            mean_signal(again) if again else position_signal(explanation),
            max_gap=parameters.site_max_gap,
            min_length=parameters.site_min_length,
        )
        return groups, tree.height_of_groups(linkage, groups)

    def describe(
        self,
        explanation: Explanation,
        sites: Sequence[Site],
        *,
        library: Library | None = None,
        table: Table | None = None,
        clustering: Clustering | None = None,
        cut_height: float | None = None,
        maps: AttributionMaps | None = None,
        progress: Progress = SILENT,
    ) -> Sites:
        """Everything that follows from the sites: after an edit, this is all that is computed anew.

        Sites may be any positions of the window, overlapping ones too. None at all is no error:
        the one configuration then is "none".
        """
        _check_sizes(explanation, library, table, clustering)
        positions = _tree(explanation)
        if cut_height is None:
            columns = [site_columns(explanation, site) for site in sites]
            cut_height = tree.height_of_groups(positions[1], columns)
        again = self._again(explanation, library, maps, progress)
        return self._described(
            explanation, sites, library, table, positions, cut_height, again, progress, maps
        )

    def _described(
        self,
        explanation: Explanation,
        sites: Sequence[Site],
        library: Library | None,
        table: Table | None,
        positions: tuple[np.ndarray, np.ndarray],
        cut_height: float,
        again: list[Explanation],
        progress: Progress,
        maps: AttributionMaps | None = None,
    ) -> Sites:
        if len(sites) > MOST_SITES:
            raise InputError("sites", f"{len(sites)} sites", f"at most {MOST_SITES}")
        activity = site_activity(explanation, sites)
        multiplier = self.parameters.active_multiplier
        active = site_active(explanation, sites, multiplier)
        compatible, enrichment = by_letters.voted_letters(
            explanation, sites, activity, active, again, multiplier
        )
        found_again = self._found_again(again, sites)
        states = codes = drivers = None
        if library is not None:
            states = by_letters.site_states(library, sites, compatible)
            codes = by_letters.state_codes(states)
        measured = None if table is None else table.activity
        configurations = estimate_configurations(
            explanation,
            activity,
            codes,
            measured,
            self.parameters,
            codes_again=self._codes_again(library, sites, again, found_again),
            progress=PartOfProgress(progress, _RECLUSTERED if again else 0.0, 1.0),
        )
        if library is not None and states is not None and codes is not None:
            without, fitted = _fitted(configurations, codes, len(sites))
            drivers = driver_mutations(
                explanation,
                library,
                sites,
                compatible,
                enrichment,
                states,
                measured,
                without,
                fitted,
            )
        return Sites(
            sites=tuple(sites),
            covariance=positions[0],
            linkage=positions[1],
            cut_height=cut_height,
            cluster_ids=explanation.ids,
            activity=activity,
            active=active,
            configurations=configuration_frame(explanation, sites, active, configurations),
            epistasis=epistasis_frame(explanation, sites, configurations, self.parameters),
            start=explanation.start,
            parameters=self.parameters,
            drivers=drivers,
            states=states,
            constants=constants() if self.parameters.detects else {},
            stability=_share(found_again, len(sites)) if again else None,
            scores=None
            if library is None or measured is None
            else site_scores(library, measured, sites, maps),
        )

    def _found_again(
        self, again: list[Explanation], sites: Sequence[Site]
    ) -> list[list[Site | None]]:
        """For each reclustering, what it has in the place of each site."""
        parameters = self.parameters
        return site_replicates(
            again, sites, max_gap=parameters.site_max_gap, min_length=parameters.site_min_length
        )

    def _codes_again(
        self,
        library: Library | None,
        sites: Sequence[Site],
        again: list[Explanation],
        found_again: list[list[Site | None]],
    ) -> list[np.ndarray]:
        """For each reclustering, (N,) which sites each sequence shows by its bounds and letters.

        A site that a reclustering does not have keeps its bounds. With many sites, of one cut a
        tree only: there are many terms then.
        """
        if library is None or not sites:
            return []
        step = 1 if len(sites) <= FEW_SITES else len(CUTS)
        codes = []
        for one, own in list(zip(again, found_again, strict=True))[step // 2 :: step]:
            there = [new or old for new, old in zip(own, sites, strict=True)]
            letters = by_letters.letters_of(one, there, self.parameters.active_multiplier)
            codes.append(by_letters.state_codes(by_letters.site_states(library, there, letters)))
        return codes


def _share(found_again: list[list[Site | None]], n_sites: int) -> np.ndarray:
    """(S,): share of the reclusterings that have each site."""
    there = np.zeros(n_sites)
    for own in found_again:
        there += [site is not None for site in own]
    return there / len(found_again)


def _tree(explanation: Explanation) -> tuple[np.ndarray, np.ndarray]:
    """Covariance of the positions and its tree."""
    covariance = tree.entropy_covariance(explanation)
    return covariance, tree.entropy_linkage(explanation, covariance)


def _fitted(
    configurations: Configurations, codes: np.ndarray, n_sites: int
) -> tuple[list[np.ndarray], np.ndarray]:
    """What the interactions give each sequence, without each site in turn and with all."""
    if configurations.interactions is None:
        nothing = np.zeros(len(codes))
        return [nothing] * n_sites, nothing
    value, masks = configurations.interactions.value, configurations.masks
    without = [fitted_activity(value, masks, codes & ~(1 << site)) for site in range(n_sites)]
    return without, fitted_activity(value, masks, codes)


def _check_sizes(
    explanation: Explanation,
    library: Library | None,
    table: Table | None,
    clustering: Clustering | None,
) -> None:
    n = int(explanation.sizes.sum())
    for name, record in (("library", library), ("table", table), ("clustering", clustering)):
        if record is not None and len(record) != n:
            raise InputError(name, f"{len(record)} sequences", f"{n}, as in the explanation")
