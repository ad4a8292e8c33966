"""Sites that are the flank of another: letters beside it that do a little, and nothing without it.

A site binds better with some letters beside it than with others. They matter too little to be its
own letters, and where the network reads them for sure they look like a small site of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from seam_core.experiments.bounds import FLANK
from seam_core.experiments.controls import FLOOR, SURE
from seam_core.experiments.designs import Positions, Setting, apart, necessity
from seam_core.experiments.evidence import CONFIRMED, WEAK, Candidate, Evidence
from seam_core.experiments.questions import Questions, mean_and_error
from seam_core.intervals import span_text

PART = 1 / 3
"""Share of what the site beside it does that a flank's own letters do at most."""

FLANK_OF = "the flank of site {span}: without that site it does nothing"


def without_flanks(
    questions: Questions,
    setting: Setting,
    candidates: Sequence[Candidate],
    evidence: Sequence[Evidence],
    spread: float,
    n: int,
    rng: np.random.Generator,
) -> list[Evidence]:
    """The evidence, with confirmed sites made weak that are the flank of another confirmed one.

    The two overlap or lie at most `FLANK` positions apart, the letters that the flank has for
    itself do at most `PART` of what the other does, and nothing once that is replaced. A site that
    acts on another in this way (an antagonist of it) does more, or lies apart.
    """
    judged = list(evidence)
    sites = [own.positions for own in candidates]
    there = [s for s, told in enumerate(evidence) if told.verdict == CONFIRMED]
    for s in there:
        size = abs(evidence[s].necessity.effect)
        for t in there:
            smaller = size <= 2 * PART * abs(evidence[t].necessity.effect)
            if (
                smaller
                and apart(sites[s], sites[t]) <= FLANK
                and _is_flank(questions, setting, sites[s], sites[t], spread, n, rng)
            ):
                note = FLANK_OF.format(span=span_text(sites[t][0], sites[t][-1] + 1))
                judged[s] = replace(evidence[s], verdict=WEAK, note=note)
    return judged


def _is_flank(
    questions: Questions,
    setting: Setting,
    site: Positions,
    other: Positions,
    spread: float,
    n: int,
    rng: np.random.Generator,
) -> bool:
    own = tuple(p for p in site if p not in other)
    if not own:
        return False
    sets = [own, other, tuple(sorted({*own, *other}))]
    (alone, beside, both), errors = mean_and_error(necessity(questions, setting, sets, n, rng))
    nothing = max(FLOOR * spread, SURE * float(np.hypot(errors[1], errors[2])))
    return bool(
        SURE * errors[0] <= abs(alone) <= PART * abs(beside) and abs(both - beside) < nothing
    )
