"""What is to be judged: the sites as found within the positions that matter, and missed ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seam_core.experiments.designs import Positions, Setting
from seam_core.experiments.evidence import Candidate
from seam_core.experiments.questions import Questions
from seam_core.experiments.scan import (
    MIN_LENGTH,
    Scan,
    pieces,
    positions_that_matter,
    quiet_level,
    regions,
    slide,
    with_flanks,
)
from seam_core.parameters import ExperimenterParameters

MOST_SITES, MOST_MISSED = 60, 12


def find_candidates(
    questions: Questions,
    setting: Setting,
    sites: Sequence[Positions],
    spread: float,
    parameters: ExperimenterParameters,
    rng: np.random.Generator,
) -> tuple[list[Candidate], Scan | None]:
    """The sites given, in their order, then those that were missed.

    Of a measured table only the sites given: what a window or a single position does among
    mutations is seldom measured.
    """
    if not questions.any_sequence:
        return [Candidate(site) for site in sites], None
    quiet = quiet_level(questions, setting, sites, rng)
    found = _marked_parts(
        [
            _bounded(questions, setting, index, sites, quiet, parameters.refine_bounds, rng)
            for index in range(len(sites))
        ]
    )
    if not parameters.missed_sites:
        return found, None
    known = [candidate.positions for candidate in found]
    scan = slide(questions, setting, [*sites, *known], spread, rng)
    for region in regions(scan, setting.window.stop)[:MOST_MISSED]:
        matter = positions_that_matter(questions, setting, region, region, quiet, rng)
        found += [Candidate(piece, 1.0, "missed by the library") for piece in pieces(matter)]
    return found[:MOST_SITES], scan


def _bounded(
    questions: Questions,
    setting: Setting,
    index: int,
    sites: Sequence[Positions],
    quiet: float,
    refine: bool,
    rng: np.random.Generator,
) -> Candidate:
    """A site with the positions that matter; as it was where too few of them do."""
    site = sites[index]
    beside = [other for i, other in enumerate(sites) if i != index]
    region = with_flanks(site, beside, setting.window)
    matter = positions_that_matter(questions, setting, region, site, quiet, rng)
    if refine and len(matter) >= MIN_LENGTH:
        return Candidate(matter)
    return Candidate(site, len(set(matter) & set(site)) / len(site))


def _marked_parts(candidates: list[Candidate]) -> list[Candidate]:
    """Those that lie within another one, of as many positions or more, are not sites beside it."""
    found = []
    for index, candidate in enumerate(candidates):
        own = set(candidate.positions)
        whole = [
            i
            for i, other in enumerate(candidates)
            if i != index
            and own <= set(other.positions)
            and (len(other.positions) > len(own) or i < index)
        ]
        found.append(
            Candidate(candidate.positions, 0.0, "within another site") if whole else candidate
        )
    return found
