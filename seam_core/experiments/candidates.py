"""What is to be judged: the sites as found within the positions that matter, and missed ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from seam_core.experiments.bounds import (
    FLANK_MATTERS,
    MAX_GAP,
    MIN_LENGTH,
    Level,
    Mattering,
    pieces,
    positions_that_matter,
    quiet_level,
    with_flanks,
)
from seam_core.experiments.designs import Positions, Setting, apart
from seam_core.experiments.evidence import ONE_OR_TWO, TWO, WITHIN, WORD, Candidate
from seam_core.experiments.parts import one_site, parts_of, shared_as_one, word_within
from seam_core.experiments.questions import Questions
from seam_core.experiments.scan import WINDOW, Scan, beyond, regions, slide
from seam_core.identifier.detection import woven
from seam_core.intervals import span_text
from seam_core.parameters import ExperimenterParameters

MOST_SITES, MOST_MISSED = 60, 12
PARTED = "parted from the site beside it, as losses of letters go together within each alone"
ROUNDS = 4
"""Times that missed sites are looked for among the windows that are left."""


def find_candidates(
    questions: Questions,
    setting: Setting,
    sites: Sequence[Positions],
    spread: float,
    parameters: ExperimenterParameters,
    rng: np.random.Generator,
) -> tuple[list[Candidate], Scan | None]:
    """The sites given, in their order, then those that were missed.

    Of a measured table, bounds stay where not every position was measured.
    """
    quiet, refine = quiet_level(questions, setting, sites, rng), parameters.refine_bounds
    candidates = _joined(
        [
            _bounded(questions, setting, site, _but(index, sites), quiet, refine, rng)
            for index, site in enumerate(sites)
        ]
    )
    scan = None
    if parameters.missed_sites:
        known = [*sites, *_positions(candidates)]
        missed, scan = _missed(questions, setting, known, spread, quiet, rng)
        candidates = [*candidates, *missed]
    if refine:
        candidates = _united(questions, setting, candidates, rng)
        candidates = _with_words(questions, setting, candidates, rng)
    parted = [
        _parted(questions, setting, own, rng) if refine or own.missed else [own]
        for own in candidates
    ]
    _as_proposed(parted)
    seconds = [second for _, *rest in parted for second in rest]
    return [*(first for first, *_ in parted), *seconds][:MOST_SITES], scan


def _missed(
    questions: Questions,
    setting: Setting,
    known: list[Positions],
    spread: float,
    quiet: Level,
    rng: np.random.Generator,
) -> tuple[list[Candidate], Scan]:
    """Sites in windows that stand out, and every window that did.

    Windows of a missed site are loud, and others of its kind are hidden among them: those found
    are set aside and the rest looked at again.
    """
    scan = slide(questions, setting, known, spread, rng)
    standing, missed = scan.standing, list[Candidate]()
    for _ in range(ROUNDS):
        there = regions(scan, setting.window.stop)[: MOST_MISSED - len(missed)]
        if not there:
            break
        for region in there:
            wider = with_flanks(region, known, setting.window, WINDOW)
            matter = positions_that_matter(
                questions, setting, wider, region, quiet, rng, FLANK_MATTERS
            )
            parts = pieces(matter.positions if matter else ())
            for index, part in enumerate(parts):
                beside = [*known, *_but(index, parts)]
                own = _bounded(questions, setting, part, beside, quiet, True, rng)
                missed.append(replace(own, matter=1.0, note="missed by the library", missed=True))
        known = [*known, *there, *_positions(missed)]
        scan = beyond(scan, known, spread)
        standing = standing | scan.standing
    return missed, replace(scan, standing=standing)


def _but(index: int, sites: Sequence[Positions]) -> list[Positions]:
    return [other for i, other in enumerate(sites) if i != index]


def _positions(candidates: list[Candidate]) -> list[Positions]:
    return [candidate.positions for candidate in candidates]


def _bounded(
    questions: Questions,
    setting: Setting,
    site: Positions,
    beside: Sequence[Positions],
    quiet: Level,
    refine: bool,
    rng: np.random.Generator,
) -> Candidate:
    """A site with the positions that matter; as it was where too few of them do.

    Where they reach as far as was looked, further is looked.
    """
    core, matter = site, Mattering(())
    for _ in range(ROUNDS):
        region = with_flanks(core, beside, setting.window)
        told = positions_that_matter(questions, setting, region, core, quiet, rng)
        if told is None:
            return Candidate(site)
        matter = told
        if not refine or not matter.positions or not {region[0], region[-1]} & {*matter.positions}:
            break
        core = matter.positions
        if {*with_flanks(core, beside, setting.window)} <= {*region}:
            break
    if refine and len(matter.positions) >= MIN_LENGTH:
        return Candidate(matter.positions, unsure=matter.unsure)
    return Candidate(site, len(set(matter.positions) & set(site)) / len(site))


def _united(
    questions: Questions,
    setting: Setting,
    candidates: list[Candidate],
    rng: np.random.Generator,
) -> list[Candidate]:
    """Candidates side by side that act as one, or share letters as one does, are one: the first has
    the positions of both."""
    there = [i for i, own in enumerate(candidates) if own.note != WITHIN]
    for i, j in combinations(there, 2):
        first, second = candidates[i], candidates[j]
        if not _near(first.positions, second.positions):
            continue
        both = tuple(sorted({*first.positions, *second.positions}))
        others = [candidates[k].positions for k in there if k not in (i, j)]
        near = {p for own in others if _near(own, both) for p in own} - {*both}
        pair = first.positions, second.positions
        if one_site(questions, setting, *pair, tuple(sorted(near)), rng) or shared_as_one(
            questions, setting, *pair, rng
        ):
            united = list(candidates)
            united[i], united[j] = _one(first, second)
            return _united(questions, setting, united, rng)
    return candidates


def _near(first: Positions, second: Positions) -> bool:
    """Whether the gap between two sites is one that a site may have."""
    return apart(first, second) <= MAX_GAP + 1


def _with_words(
    questions: Questions, setting: Setting, candidates: list[Candidate], rng: np.random.Generator
) -> list[Candidate]:
    """Of what was proposed within a site, that which acts without the rest is said in its note."""
    told = list(candidates)
    for part in (own.positions for own in candidates if own.note == WITHIN):
        i = max(range(len(told)), key=lambda k: _held(part, candidates[k]))
        whole = told[i].positions
        inside = tuple(p for p in whole if p in part)
        if len(inside) in (0, len(whole)) or WORD in told[i].note:
            continue
        word = word_within(questions, setting, inside, whole, rng)
        if word:
            text = WORD + span_text(word[0], word[-1] + 1)
            told[i] = replace(told[i], note=_noted(told[i].note, text))
    return told


def _held(part: Positions, by: Candidate) -> int:
    return 0 if by.note == WITHIN else len({*part} & {*by.positions})


def _noted(note: str, more: str) -> str:
    return f"{note}; {more}" if note else more


def _parted(
    questions: Questions, setting: Setting, candidate: Candidate, rng: np.random.Generator
) -> list[Candidate]:
    """The candidate, or the two sites that it is made of; in one, where that is not sure."""
    if candidate.note == WITHIN or candidate.matter < 1:
        return [candidate]
    whole = candidate.positions
    units, sure, told = parts_of(questions, setting, whole, rng)
    if len(units) == 1:
        note = candidate.note if told else _noted(candidate.note, ONE_OR_TWO)
        return [replace(candidate, note=note)]
    if not sure:
        spans = " and ".join(span_text(own[0], own[-1] + 1) for own in units)
        return [replace(candidate, note=_noted(candidate.note, TWO + spans))]
    note = "; ".join(part for part in candidate.note.split("; ") if not part.startswith(WORD))
    first, *rest = [
        replace(candidate, positions=own, unsure=_nearby(candidate.unsure, own, whole), note=note)
        for own in units
    ]
    return [first, *(replace(second, note=PARTED) for second in rest)]


def _as_proposed(parted: list[list[Candidate]]) -> None:
    """A unit that was proposed by itself, and taken for a part of another, is that site again."""
    for own in [units for units in parted if len(units) > 1]:
        for other in parted:
            if other[0].note == WITHIN and len(own) > 1:
                alike = [_alike(unit.positions, other[0].positions) for unit in own]
                if max(alike) > 0.5:
                    unit = own.pop(int(np.argmax(alike)))
                    other[0] = replace(unit, note=PARTED)


def _alike(first: Positions, second: Positions) -> float:
    return len({*first} & {*second}) / len({*first} | {*second})


def _nearby(unsure: Positions, own: Positions, whole: Positions) -> Positions:
    """Positions of a part, and those beyond an end of the whole where the part has this end."""
    return tuple(
        p for p in unsure if p in own or p < whole[0] == own[0] or p > whole[-1] == own[-1]
    )


def _joined(candidates: list[Candidate]) -> list[Candidate]:
    """Candidates that are interwoven are one site: the larger has the positions of both.

    Interwoven: most positions of one lie between the ends of another, of as many or more, and it
    has one of the other's or alternates with them. Sites that only overlap at their ends stay two.
    """
    joined = list(candidates)
    for index in sorted(range(len(joined)), key=lambda i: len(candidates[i].positions)):
        own = joined[index]
        larger = [i for i, other in enumerate(joined) if i != index and _woven(own, other)]
        if larger:
            whole = max(larger, key=lambda i: len(joined[i].positions))
            joined[whole], joined[index] = _one(joined[whole], own)
    return joined


def _one(whole: Candidate, part: Candidate) -> tuple[Candidate, Candidate]:
    """The whole with the positions of both, and the part as what lies within it."""
    both = tuple(sorted({*whole.positions, *part.positions}))
    unsure = tuple(sorted({*whole.unsure, *part.unsure}))
    return replace(whole, positions=both, unsure=unsure), replace(part, matter=0.0, note=WITHIN)


def _woven(own: Candidate, other: Candidate) -> bool:
    if WITHIN in (own.note, other.note) or len(own.positions) > len(other.positions):
        return False
    inside = [p for p in own.positions if other.positions[0] <= p <= other.positions[-1]]
    shared = bool({*inside} & {*other.positions})
    return 2 * len(inside) > len(own.positions) and (
        shared or woven(own.positions, other.positions)
    )
