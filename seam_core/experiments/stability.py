"""Do the same sites come of half the library, and of other cuts of the same tree?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from seam_core.clusterer.cuts import cut_linkage
from seam_core.identifier.detection import detect_groups, position_signal
from seam_core.parameters import IdentifierParameters
from seam_core.records import Explanation, Library, Linkage, Site, Sites

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

    cuts = [] if linkage is None else [k for k in CUTS if 2 * k <= linkage.n_leaves]
    shown = np.zeros(len(sites.sites))
    for k in cuts:
        assert linkage is not None
        found = _sites_of(explanation, sites, library, cut_linkage(linkage, k).labels)
        shown += [_among(site, found) for site in sites.sites]
    share = shown / len(cuts) if cuts else np.full(len(sites.sites), np.nan)
    return pd.DataFrame(
        {
            "site": np.array([site.name for site in sites.sites], dtype=object),
            "persistence": share,
            "n_cuts": np.full(len(sites.sites), len(cuts)),
        }
    )


def halves_agreement(
    explanation: Explanation, sites: Sites, library: Library, labels: np.ndarray | None
) -> float:
    """Share of the sites that each of two halves of the library shows, with the same clusters."""
    if labels is None or not sites.sites:
        return np.nan
    even = np.arange(len(library)) % 2 == 0
    halves = [_sites_of(explanation, sites, library, labels, rows) for rows in (even, ~even)]
    both = [all(_among(site, found) for found in halves) for site in sites.sites]
    return float(np.mean(both))


def _sites_of(
    explanation: Explanation,
    sites: Sites,
    library: Library,
    labels: np.ndarray,
    rows: np.ndarray | None = None,
) -> list[set[int]]:
    """Positions of the sites that these clusters of the library show."""
    chosen = sites.parameters or IdentifierParameters()
    window = slice(explanation.start, explanation.start + explanation.entropy.shape[1])
    sequences = library.sequences[:, window] if rows is None else library.sequences[rows, window]
    labels = labels if rows is None else labels[rows]
    clusters = labels[labels >= 0]
    counts = _letter_counts(sequences[labels >= 0], clusters, len(library.alphabet))
    other = replace(explanation, ids=np.arange(len(counts), dtype=np.int32), letter_counts=counts)
    groups = detect_groups(
        position_signal(other), max_gap=chosen.site_max_gap, min_length=chosen.site_min_length
    )
    return [{int(column) + explanation.start for column in group} for group in groups]


def _letter_counts(sequences: np.ndarray, labels: np.ndarray, n_letters: int) -> np.ndarray:
    """(K, W, A) int64: letters of each cluster at each position."""
    ids, rank = np.unique(labels, return_inverse=True)
    order = np.argsort(rank, kind="stable")
    first = np.searchsorted(rank[order], np.arange(len(ids)))
    counts = np.empty((len(ids), sequences.shape[1], n_letters), np.int64)
    ordered = sequences[order]
    for letter in range(n_letters):
        counts[:, :, letter] = np.add.reduceat(ordered == letter, first, axis=0, dtype=np.int64)
    return counts


def _among(site: Site, found: list[set[int]]) -> bool:
    own = set(site.positions)
    return any(len(own & other) >= SAME * len(own | other) for other in found)
