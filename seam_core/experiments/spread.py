"""Sites of which the letters beside do as much: the activity is spread over all positions.

Where every letter has its effect, some windows do more than others and lie beyond most controls. A
site ends: what lies beside it, outside of sites, does little of what its own letters do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from seam_core.experiments.bounds import QUIET_DRAWS, TOLD
from seam_core.experiments.designs import Positions, Setting, in_context
from seam_core.experiments.evidence import CONFIRMED, NOT_CONFIRMED, WEAK, Candidate, Evidence
from seam_core.experiments.questions import Questions, mean_and_error

BESIDE, FEWEST = 12, 8
"""Positions looked at on either side, and in all at least."""

AS_MUCH, MOST = 0.5, 0.12
"""Share of what the median letter of a site does that few of those beside it do, and how many of
these may. Of planted sites none does; of letters that add up, the more the nearer to the middle,
one in eight to two in three."""

SPREAD = "of the letters beside it, outside of sites, {share:.0%} do half as much"


def with_an_end(
    questions: Questions,
    setting: Setting,
    candidates: Sequence[Candidate],
    evidence: Sequence[Evidence],
    rng: np.random.Generator,
) -> list[Evidence]:
    """The evidence, with sites made weak beside which letters do as much as theirs.

    Letters of other sites do not count, but those of sites that turn out to be none; nor letters of
    which it is open whether they are the site's own.
    """
    judged, known = list(evidence), dict[int, dict[int, float]]()
    again = True
    while again:
        again = False
        for s, told in enumerate(judged):
            if told.verdict != CONFIRMED or not told.told_by.startswith("knock-out"):
                continue
            taken = {
                p
                for candidate, e in zip(candidates, judged, strict=True)
                if e.verdict != NOT_CONFIRMED and not is_spread(e)
                for p in candidate.positions
            }
            site, effects = candidates[s].positions, known.setdefault(s, {})
            beside = _beside(site, taken | {*candidates[s].unsure}, setting.window)
            new = [p for p in (*site, *beside) if p not in effects]
            effects.update(_effects(questions, setting, site, new, rng))
            least = AS_MUCH * np.nanmedian([effects[p] for p in site])
            there = [effects[p] >= least for p in beside if np.isfinite(effects[p])]
            if len(there) >= FEWEST and np.mean(there) >= MOST:
                note = SPREAD.format(share=np.mean(there))
                judged[s], again = replace(told, verdict=WEAK, note=note), True
    return judged


def is_spread(evidence: Evidence) -> bool:
    """Whether it was confirmed but for the letters beside it."""
    return evidence.verdict == WEAK and evidence.note.startswith(SPREAD.partition("{")[0])


def _beside(site: Positions, taken: set[int], window: range) -> list[int]:
    """The nearest on either side that are free, no farther than twice as many letters."""
    left = [p for p in range(site[0] - 1, site[0] - 2 * BESIDE - 1, -1) if p in window]
    right = [p for p in range(site[-1] + 1, site[-1] + 2 * BESIDE + 1) if p in window]
    return [p for side in (left, right) for p in [q for q in side if q not in taken][:BESIDE]]


def _effects(
    questions: Questions,
    setting: Setting,
    site: Positions,
    positions: Sequence[int],
    rng: np.random.Generator,
) -> dict[int, float]:
    """What each position does among mutations; 0 where that is not told from nothing, NaN where it
    was not measured. Those of the site with the rest of it mutated, and whole: the larger."""
    size = np.zeros(len(positions))
    own = [p for p in positions if p in site]
    for asked, around in ((positions, ()), (own, site)):
        singles, n = [(p,) for p in asked], QUIET_DRAWS
        told = in_context(questions, setting, singles, n, rng, [around] * len(singles))
        mean, error = mean_and_error(told)
        at = np.isin(positions, asked)
        size[at] = np.fmax(size[at], np.where(np.abs(mean) < TOLD * error, 0.0, np.abs(mean)))
    return dict(zip(positions, size.tolist(), strict=True))
