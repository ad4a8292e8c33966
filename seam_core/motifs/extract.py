"""Motifs of a session: of its sites, and of the seqlets in a cluster's foreground."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seam_core.intervals import span_text
from seam_core.motifs.meme import STRONGEST_ODDS, Motif
from seam_core.records import Explanation, Site, Sites
from seam_core.validate import InputError, check_choice, check_range

EVIDENCE = ("letters", "attributions")
NAMING_FLANK = 3
"""Positions beyond a site's bounds, on both sides, that are compared with known motifs too: bounds
are where positions stand out by themselves, and motifs go on."""


@dataclass(frozen=True)
class Seqlet:
    """A stretch of positions that matters in a cluster: 0-based, `stop` exclusive."""

    cluster: int
    start: int
    stop: int


def site_motifs(
    explanation: Explanation, sites: Sites, *, evidence: str = "letters", flank: int = 0
) -> list[Motif]:
    """A motif for each site that some cluster shows, named as the site.

    Raises `InputError` where sites and explanation are not of the same clusters.

    Parameters
    ----------
    evidence : "letters": which letters the clusters that show the site kept, over what the library
        offered there, so that a position nobody selects is even although nine in ten sequences
        have the reference's letter. "attributions": the foreground maps of those clusters as
        log-odds, scaled so that the strongest position prefers its letter 100 to 1.
    flank : positions added on both sides, within the maps
    """
    check_choice(evidence, "evidence", EVIDENCE)
    check_range(flank, "flank", 0)
    if not np.array_equal(explanation.ids, sites.cluster_ids):
        raise InputError("sites", "sites of other clusters", "sites found in this explanation")
    motifs = []
    for index, site in enumerate(sites.sites):
        rows = np.flatnonzero(sites.active[:, index])
        if len(rows):
            motifs.append(_motif(explanation, rows, _columns(explanation, site, flank), site.name,
                                 evidence))  # fmt: skip
    return motifs


def seqlets(
    explanation: Explanation,
    cluster: int,
    *,
    threshold: float = 3.0,
    floor: float = 0.1,
    shortest: int = 4,
    gap: int = 2,
) -> list[Seqlet]:
    """Where a cluster's foreground stands out.

    Parameters
    ----------
    threshold : a position counts where its largest |foreground| exceeds the median over positions
        by this many robust standard deviations (1.48 times the median deviation)
    floor : and where it reaches this share of the strongest of all clusters
    shortest : positions, at least
    gap : positions below the threshold that a seqlet may span
    """
    strengths = np.abs(explanation.foregrounds).max(axis=2)
    strength = strengths[explanation.row_of(cluster)]
    middle = np.median(strength)
    deviation = 1.4826 * np.median(np.abs(strength - middle))
    level = max(middle + threshold * deviation, floor * float(strengths.max()))
    (strong,) = np.nonzero(strength > level)
    if len(strong) == 0:
        return []
    breaks = np.flatnonzero(np.diff(strong) > gap + 1) + 1
    stretches = [(int(part[0]), int(part[-1]) + 1) for part in np.split(strong, breaks)]
    offset = explanation.start
    return [
        Seqlet(int(cluster), first + offset, stop + offset)
        for first, stop in stretches
        if stop - first >= shortest
    ]


def seqlet_motifs(
    explanation: Explanation,
    of_cluster: Sequence[Seqlet],
    *,
    evidence: str = "attributions",
    flank: int = 1,
) -> list[Motif]:
    """A motif for each seqlet, named "cluster:start-stop"."""
    check_choice(evidence, "evidence", EVIDENCE)
    motifs = []
    for seqlet in of_cluster:
        rows = np.array([explanation.row_of(seqlet.cluster)])
        span = Site(
            f"{seqlet.cluster}:{seqlet.start}-{seqlet.stop}",
            tuple(range(seqlet.start, seqlet.stop)),
        )
        columns = _columns(explanation, span, flank)
        motifs.append(_motif(explanation, rows, columns, span.name, evidence))
    return motifs


def _columns(explanation: Explanation, site: Site, flank: int) -> slice:
    width = explanation.entropy.shape[1]
    first = max(0, site.start - explanation.start - flank)
    stop = min(width, site.stop - explanation.start + flank)
    if first >= stop:
        raise InputError(
            f"site {site.name}",
            f"positions {span_text(site.start, site.stop)}",
            f"positions within {explanation.start} to {explanation.start + width}",
        )
    return slice(first, stop)


def _motif(
    explanation: Explanation, rows: np.ndarray, columns: slice, name: str, evidence: str
) -> Motif:
    sizes = explanation.sizes[rows]
    if evidence == "letters":
        kept = explanation.letter_counts[rows].sum(axis=0)[columns]
        matrix = (kept + 0.5) / (explanation.library_counts[columns] + 0.5)
    else:
        scale = explanation.background_scale[rows] @ sizes / sizes.sum()
        mean = explanation.map_sums[rows].sum(axis=0) / sizes.sum()
        odds = (mean - scale * explanation.background)[columns]
        odds = odds - odds.mean(axis=1, keepdims=True)
        widest = float((odds.max(axis=1) - odds.min(axis=1)).max())
        matrix = np.exp(odds * (STRONGEST_ODDS / widest if widest > 0 else 0.0))
    matrix = matrix / matrix.sum(axis=1, keepdims=True)
    return Motif(name, matrix, explanation.alphabet, n_sites=float(sizes.sum()))
