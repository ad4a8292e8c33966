"""Small sites that have most letters of a larger one: weak copies, as chance leaves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from seam_core.experiments.designs import Positions, Setting
from seam_core.experiments.evidence import CONFIRMED, COPY, Candidate, Evidence
from seam_core.experiments.spacing import complement
from seam_core.intervals import span_text

SMALL, AMONG = 0.1, 0.5
"""Share of what the larger site does in the reference, and among mutations, that a copy does at
most. The second DRE of the eve locus does more (0.13 and 0.28)."""

ALIKE, FEWEST = 0.75, 5
"""Share of a copy's letters that the larger site has, and how many these are at least."""


def with_copies(
    setting: Setting,
    alphabet: str,
    candidates: Sequence[Candidate],
    evidence: Sequence[Evidence],
) -> list[Evidence]:
    """The evidence; confirmed sites that may be a weak copy of a larger one are noted as such.

    The model reads a copy, so that it stays confirmed. It acts in the direction of the larger site,
    most where that is mutated.
    """
    noted = list(evidence)
    there = [s for s, told in enumerate(evidence) if told.verdict == CONFIRMED]
    for s in there:
        own = candidates[s].positions
        larger = [t for t in there if t != s and _small(evidence[s], evidence[t])]
        if not larger:
            continue
        alike = [_alike(setting, alphabet, own, candidates[t].positions) for t in larger]
        most, t = max(zip(alike, larger, strict=True))
        if most < max(FEWEST, ALIKE * len(own)):
            continue
        first, *_, last = candidates[t].positions
        text = f"{COPY}{span_text(first, last + 1)}: {most} of its {len(own)} letters, and "
        text += _shares(evidence[s], evidence[t])
        note = evidence[s].note
        noted[s] = replace(evidence[s], note=f"{note}; {text}" if note else text)
    return noted


def _ratios(own: Evidence, other: Evidence) -> tuple[float, float]:
    """Of what another site does, in the reference and among mutations."""
    pairs = ((own.necessity, other.necessity), (own.context, other.context))
    first, second = (a.effect / b.effect if b.effect else np.nan for a, b in pairs)
    return first, second


def _small(own: Evidence, other: Evidence) -> bool:
    reference, among = _ratios(own, other)
    alike = 0 < among <= AMONG or (np.isnan(among) and reference > 0)
    return bool(abs(reference) <= SMALL and alike)


def _shares(own: Evidence, other: Evidence) -> str:
    reference, among = _ratios(own, other)
    said = f"{abs(reference):.0%} of what that does in the reference"
    return said if np.isnan(among) else f"{said}, {among:.0%} among mutations"


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
