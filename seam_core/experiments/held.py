"""Sites that do nothing in the reference: held by others that do the same, or none of its sites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from seam_core.experiments.controls import FLOOR, SURE
from seam_core.experiments.designs import Setting, necessity
from seam_core.experiments.evidence import CONFIRMED, WEAK, Candidate, Evidence, Measurement
from seam_core.experiments.questions import Questions, mean_and_error

ELSEWHERE = ": in the reference it does nothing, and no other site holds what it does"
"""After the experiment that confirmed it, where it is not a site of this sequence."""


def only_held(
    questions: Questions,
    setting: Setting,
    candidates: Sequence[Candidate],
    evidence: Sequence[Evidence],
    spread: float,
    n: int,
    rng: np.random.Generator,
) -> list[Evidence]:
    """The evidence, with sites that act elsewhere only made weak.

    A site that is confirmed among mutations or put in, and does nothing in the reference, is one of
    its sites if others hold what it does: knocked out after them, it acts. What looks like a word
    of a site elsewhere acts once that site is mutated, which by itself does far more in the
    reference than the look-alike anywhere.
    """
    judged = list(evidence)
    for s, told in enumerate(evidence):
        if told.verdict != CONFIRMED or not _idle(told.necessity, spread):
            continue
        most = np.nanmax([abs(told.context.effect), abs(told.sufficiency.effect)])
        others = {
            p
            for candidate, e in zip(candidates, evidence, strict=True)
            if e is not told and e.verdict == CONFIRMED and abs(e.necessity.effect) <= most
            for p in candidate.positions
        }
        sets = [tuple(sorted(others)), tuple(sorted({*others, *candidates[s].positions}))]
        means, errors = mean_and_error(necessity(questions, setting, sets, n, rng))
        after, se = float(means[1] - means[0]), float(np.hypot(*errors))
        if np.isfinite(after) and not replace(told.necessity, effect=after, se=se).stands(spread):
            judged[s] = replace(told, verdict=WEAK, note=f"only by {told.told_by}{ELSEWHERE}")
    return judged


def _idle(measured: Measurement, spread: float) -> bool:
    """Whether it is not told from nothing."""
    return bool(abs(measured.effect) < max(FLOOR * spread, SURE * measured.se))
