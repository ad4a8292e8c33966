"""Do the same sites come of half the library, and of other cuts of the same tree?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seam_core.clusterer.cuts import cut_linkage
from seam_core.identifier import SitesShown
from seam_core.identifier.reclustering import sites_of_halves
from seam_core.parameters import IdentifierParameters
from seam_core.records import AttributionMaps, Explanation, Library, Linkage, Site, Sites

if TYPE_CHECKING:
    import pandas as pd

CUTS = (5, 10, 20, 30, 50, 100, 200)
SAME = 0.5
"""Two sites are the same where they share at least this share of all their positions."""


def persistence_frame(
    explanation: Explanation, sites: Sites, library: Library, linkage: Linkage | None
) -> pd.DataFrame:
    """One row a site: the share of cuts of the tree that show it, and how many there were."""
    import pandas as pd

    labels = []
    if linkage is not None:
        numbers = [k for k in CUTS if 2 * k <= linkage.n_leaves]
        labels = [cut_linkage(linkage, k).labels for k in numbers]
    window = range(explanation.start, explanation.start + explanation.entropy.shape[1])
    shown = SitesShown(library, window, sites.parameters)(labels)
    n_cuts = len(shown)
    count = np.array([sum(_among(site, groups) for groups in shown) for site in sites.sites])
    return pd.DataFrame(
        {
            "site": np.array([site.name for site in sites.sites], dtype=object),
            "persistence": count / n_cuts if n_cuts else np.full(len(count), np.nan),
            "n_cuts": np.full(len(count), n_cuts),
        }
    )


def halves_agreement(
    explanation: Explanation, sites: Sites, library: Library, maps: AttributionMaps | None
) -> float:
    """Share of the sites that each of two halves of the library shows, each clustered anew."""
    if maps is None or not sites.sites:
        return np.nan
    parameters = sites.parameters or IdentifierParameters()
    halves = sites_of_halves(explanation, library, maps, parameters)
    if not halves:
        return np.nan
    return float(np.mean([all(_among(site, groups) for groups in halves) for site in sites.sites]))


def _among(site: Site, groups: list[set[int]]) -> bool:
    own = set(site.positions)
    return any(len(own & other) >= SAME * len(own | other) for other in groups)
