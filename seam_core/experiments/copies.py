"""Small sites that have most letters of a larger one: weak copies, as chance leaves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from seam_core.experiments.designs import Positions, Setting
from seam_core.experiments.evidence import CONFIRMED, COPY, Candidate, Evidence
from seam_core.experiments.spacing import complement
from seam_core.intervals import span_text

SMALL = 0.2
"""Share of what the larger site does, in the reference and among mutations, that a copy does at
most. The second DRE of the eve locus does more (0.14 and 0.28)."""

ALIKE, FEWEST = 0.75, 5
"""Share of a copy's letters that the larger site has, and how many these are at least."""


def with_copies(
    setting: Setting,
    alphabet: str,
    candidates: Sequence[Candidate],
    evidence: Sequence[Evidence],
) -> list[Evidence]:
    """The evidence; confirmed sites that may be a weak copy of a larger one are noted as such.

    The model reads a copy, so that it stays confirmed: it acts in the direction of the larger site.
    """
    noted = list(evidence)
    there = [s for s, told in enumerate(evidence) if told.verdict == CONFIRMED]
    for s in there:
        own = candidates[s].positions
        larger = [t for t in there if _share(evidence[s], evidence[t]) <= SMALL]
        if not larger:
            continue
        alike = [_alike(setting, alphabet, own, candidates[t].positions) for t in larger]
        most, t = max(zip(alike, larger, strict=True))
        if most < max(FEWEST, ALIKE * len(own)):
            continue
        first, *_, last = candidates[t].positions
        text = (
            f"{COPY}{span_text(first, last + 1)}: {most} of its {len(own)} letters, and "
            f"{_share(evidence[s], evidence[t]):.0%} of what that does"
        )
        note = evidence[s].note
        noted[s] = replace(evidence[s], note=f"{note}; {text}" if note else text)
    return noted


def _share(own: Evidence, other: Evidence) -> float:
    """Of what another site does, by the knock-out in which it is larger; infinite where the two act
    against each other."""
    pairs = ((own.necessity, other.necessity), (own.context, other.context))
    ratios = [
        a.effect / b.effect for a, b in pairs if b.effect and np.isfinite(a.effect / b.effect)
    ]
    return max(ratios) if ratios and min(ratios) > 0 else np.inf


def _alike(setting: Setting, alphabet: str, own: Positions, other: Positions) -> int:
    """How many letters of a site another has, where they fit best, on either strand."""
    letters = setting.reference[list(other)]
    turned = complement(letters, alphabet)
    strands = [dict(zip(other, letters.tolist(), strict=True))]
    if (turned != letters).any():
        mirrored = [other[0] + other[-1] - p for p in other]
        strands.append(dict(zip(mirrored, turned.tolist(), strict=True)))
    shifts = range(other[0] - own[-1], other[-1] - own[0] + 1)
    return max(
        sum(strand.get(p + shift) == setting.reference[p] for p in own)
        for strand in strands
        for shift in shifts
    )
