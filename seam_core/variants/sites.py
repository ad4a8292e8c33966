"""What a variant does to sites: by its map, and confirmed by asking the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from seam_core.parameters import VariantParameters
from seam_core.records import Site
from seam_core.variants.questions import UNASKED, Answered, Question, SiteQuestions
from seam_core.variants.strengths import Usual, positions_now, strengths_where_they_are_now
from seam_core.variants.windows import Altered

LOST, WEAKENED, KEPT, STRENGTHENED, CREATED = (
    "lost", "weakened", "kept", "strengthened", "created",
)  # fmt: skip
FATES = (LOST, WEAKENED, KEPT, STRENGTHENED, CREATED)
USUAL_WIDTH = 8
_THERE = 0.25
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one site.

    positions : in the variant's sequence
    before, after : strengths by the maps; low, high : of the library's sequences that have it whole
    answered : what the model said; `confirmed` is None where it was not asked
    """

    site: str
    fate: str
    positions: tuple[int, ...]
    before: float
    after: float
    low: float
    high: float
    answered: Answered = UNASKED
    confirmed: bool | None = None

    @property
    def counts(self) -> bool:
        """By the map, and not denied by the model."""
        return self.confirmed is not False


def fates(
    sequences: Sequence[Altered],
    given: np.ndarray,
    reference_given: np.ndarray,
    start: int,
    sites: Sequence[Site],
    usual: Usual,
    parameters: VariantParameters,
    questions: SiteQuestions | None,
) -> list[list[Fate]]:
    """Of each variant the fate of every site, then of what was made.

    Parameters
    ----------
    given : (M, W) contributions of the variants' letters; reference_given : (W,) the reference's
    start : position of the first of them
    """
    before = _of_reference(reference_given, sites, start)
    by_map = []
    for sequence, row in zip(sequences, given, strict=True):
        after = strengths_where_they_are_now(row, sequence, sites, start)
        of_sites = _of_sites(sequence, sites, before, after, usual, parameters)
        new = _made(sequence, row, reference_given, start, sites, before, parameters)
        by_map.append(of_sites if new is None else [*of_sites, new])
    return by_map if questions is None else _asked(by_map, sequences, parameters, questions)


def _of_sites(
    sequence: Altered,
    sites: Sequence[Site],
    before: np.ndarray,
    after: np.ndarray,
    usual: Usual,
    parameters: VariantParameters,
) -> list[Fate]:
    of_sites = []
    for index, site in enumerate(sites):
        typical = usual.median[index] if np.isfinite(usual.median[index]) else before[index]
        fate = _fate(before[index], after[index], typical, parameters)
        of_sites.append(
            Fate(
                site.name, fate, positions_now(sequence, site.positions),
                float(before[index]), float(after[index]),
                float(usual.low[index]), float(usual.high[index]),
            )
        )  # fmt: skip
    return of_sites


def _asked(
    by_map: list[list[Fate]],
    sequences: Sequence[Altered],
    parameters: VariantParameters,
    questions: SiteQuestions,
) -> list[list[Fate]]:
    """The model's word on what the maps say has changed, of all variants together."""
    n_sites, asked, places = len(questions.sites), [], []
    for row, (sequence, fates_of_one) in enumerate(zip(sequences, by_map, strict=True)):
        for index, one in enumerate(fates_of_one):
            if one.fate != KEPT:
                site = index if index < n_sites else None
                asked.append(Question(site, sequence.letters, one.positions))
                places.append((row, index))
    confirmed = [list(each) for each in by_map]
    for (row, index), answered in zip(places, questions.ask(asked), strict=True):
        one = by_map[row][index]
        judge = _judged if index < n_sites else _judged_new
        confirmed[row][index] = judge(one, answered, parameters, questions)
    return confirmed


def _of_reference(given: np.ndarray, sites: Sequence[Site], start: int) -> np.ndarray:
    length = len(given)
    return np.array(
        [sum(given[p - start] for p in s.positions if 0 <= p - start < length) for s in sites]
    )


def _fate(before: float, after: float, typical: float, parameters: VariantParameters) -> str:
    there = _THERE * abs(typical)
    if abs(before) < there or before == 0:
        created = abs(after) >= max(parameters.created_above * abs(typical), 2 * abs(before))
        return CREATED if created and after != 0 else KEPT
    share = after / before
    if share < parameters.lost_below:
        return LOST
    if share < parameters.weakened_below:
        return WEAKENED
    return STRENGTHENED if share > parameters.strengthened_above else KEPT


def _judged(
    one: Fate, answered: Answered, parameters: VariantParameters, questions: SiteQuestions
) -> Fate:
    """A change of a site with the model's word on it."""
    share = answered.share
    if not np.isfinite(share):
        return one
    # half-way between what the fate means and nothing at all
    sound = {
        LOST: share < (1 + parameters.lost_below) / 2,
        WEAKENED: share < (1 + parameters.weakened_below) / 2,
        STRENGTHENED: share > (1 + parameters.strengthened_above) / 2,
        CREATED: share > 1,
    }[one.fate]
    return replace(one, answered=answered, confirmed=bool(sound and answered.sure))


def _made(
    sequence: Altered,
    given: np.ndarray,
    reference_given: np.ndarray,
    start: int,
    sites: Sequence[Site],
    before: np.ndarray,
    parameters: VariantParameters,
) -> Fate | None:
    """The strongest stretch that the variant's letters are part of and that was none before."""
    width = int(np.median([len(site.positions) for site in sites])) if sites else USUAL_WIDTH
    (changed,) = np.nonzero(sequence.changed[start : start + len(given)])
    if not len(changed) or len(given) < width:
        return None
    origin = sequence.origin[start : start + len(given)]
    there = reference_given[np.clip(origin - start, 0, len(reference_given) - 1)]
    was = np.where(origin >= start, there, 0.0)
    sums, earlier = (np.convolve(row, np.ones(width), "valid") for row in (given, was))
    first, last = max(0, changed[0] - width + 1), min(len(sums) - 1, changed[-1])
    places = np.arange(first, last + 1)
    gains = np.where(sums[places] > 0, sums[places] - np.maximum(earlier[places], 0),
                     np.minimum(earlier[places], 0) - sums[places])  # fmt: skip
    level = _level(before, reference_given, width, parameters)
    for at in np.argsort(-gains):
        place = int(places[at])
        if gains[at] < level or abs(sums[place]) < level:
            return None
        window = tuple(range(place + start, place + start + width))
        if not _is_of_a_site(window, sequence, sites):
            return Fate(
                f"new {window[0]}-{window[-1] + 1}", CREATED, window, float(earlier[place]),
                float(sums[place]), np.nan, np.nan,
            )  # fmt: skip
    return None


def _level(
    before: np.ndarray, reference_given: np.ndarray, width: int, parameters: VariantParameters
) -> float:
    if len(before):
        return float(parameters.created_above * np.median(np.abs(before)))
    windows = np.abs(np.convolve(reference_given, np.ones(width), "valid"))
    return float(parameters.created_above * np.quantile(windows, 0.99))


def _is_of_a_site(window: tuple[int, ...], sequence: Altered, sites: Sequence[Site]) -> bool:
    there = set(sequence.origin[list(window)].tolist())
    return any(
        len(there & set(site.positions)) >= _HALF * min(len(window), len(site.positions))
        for site in sites
    )


def _judged_new(
    one: Fate, answered: Answered, parameters: VariantParameters, questions: SiteQuestions
) -> Fate:
    """A new stretch with the model's word on it."""
    if not questions.can_ask:
        return one
    known = np.abs(questions.before[np.isfinite(questions.before)])
    # beside no site at all, what is new must stand out of the library
    least = parameters.created_above * (np.median(known) / 2 if len(known) else questions.spread)
    gain = abs(answered.after) - abs(answered.before)
    does = gain >= least and abs(answered.after) >= questions.least_new
    return replace(one, answered=answered, confirmed=bool(does and answered.sure))
