"""The sequence of an allele, as long as the reference's.

A substitution changes letters where they are. An insertion or deletion moves what follows it; the
window keeps its length by this rule: letters are dropped, or added from the genome's flanks, half
of them at each end (the left end gets the smaller half), so that the event stays in the middle of
what it was in the middle of. Where the event is nearer to an end than that, or the chromosome ends,
the other end gives the rest.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass, replace

import numpy as np

from seam_core.intervals import Interval
from seam_core.sequences import UNKNOWN, strings_to_indices
from seam_core.validate import InputError
from seam_core.variants.alleles import (
    CHROMOSOME_ENDS,
    NO_GENOME,
    OVERLAP,
    SAME,
    TOO_LONG,
    UNKNOWN_LETTER,
    Allele,
    Edit,
)
from seam_core.variants.placing import Ground


@dataclass(frozen=True, eq=False)
class Altered:
    """An allele's sequence.

    letters : (L,) int8
    origin : (L,) int64 the position of the reference that each letter stands for; -1 for letters
        that were put in, and for flanks
    changed : (L,) bool, letters that the allele put there, and those beside a deletion
    """

    letters: np.ndarray
    origin: np.ndarray
    changed: np.ndarray

    @functools.cached_property
    def places(self) -> np.ndarray:
        """(L,) int64 where the letter of each position of the reference is now; -1: nowhere."""
        places = np.full(len(self.origin), -1)
        (kept,) = np.nonzero(self.origin >= 0)
        places[self.origin[kept]] = kept
        return places


def altered(ground: Ground, allele: Allele) -> Altered | Allele:
    """The sequence of an allele, or the allele with why there is none."""
    edits = sorted(allele.edits, key=lambda edit: (edit.start, edit.stop))
    for one, other in itertools.pairwise(edits):
        if other.start < one.stop or (other.start == one.start and not one.ref):
            return _not(allele, OVERLAP, f"{one.text} and {other.text}")
    letters, origin, changed = _edited(ground, edits)
    change = len(letters) - len(ground.reference)
    if change > 0:
        try:
            kept = _kept(changed, change)
        except ValueError:
            return _not(allele, TOO_LONG, f"{change} letters more")
        letters, origin, changed = letters[kept], origin[kept], changed[kept]
    elif change < 0:
        flanks = _flanks(ground, -change, allele)
        if isinstance(flanks, Allele):
            return flanks
        left, right = flanks
        none = [np.full(len(part), -1) for part in (left, right)]
        off = [np.zeros(len(part), bool) for part in (left, right)]
        letters = np.concatenate([left, letters, right])
        origin = np.concatenate([none[0], origin, none[1]])
        changed = np.concatenate([off[0], changed, off[1]])
    if change == 0 and np.array_equal(letters, ground.reference):
        return _not(allele, SAME, "")
    return Altered(letters.astype(np.int8), origin, changed)


def _not(allele: Allele, outcome: str, detail: str) -> Allele:
    return replace(allele, edits=(), outcome=outcome, detail=detail)


def _edited(ground: Ground, edits: list[Edit]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    letters, origin, changed = [], [], []
    at = 0
    length = len(ground.reference)
    for edit in edits:
        letters.append(ground.reference[at : edit.start])
        origin.append(np.arange(at, edit.start))
        changed.append(np.zeros(edit.start - at, bool))
        new = np.empty(0, np.int8)
        if edit.alt:
            (new,) = strings_to_indices([edit.alt], ground.alphabet)
        places = np.full(len(new), -1)
        shared = min(len(edit.ref), len(edit.alt))
        places[:shared] = np.arange(edit.start, edit.start + shared)
        letters.append(new)
        origin.append(places)
        changed.append(np.ones(len(new), bool))
        at = edit.stop
    letters.append(ground.reference[at:])
    origin.append(np.arange(at, length))
    changed.append(np.zeros(length - at, bool))
    edited = np.concatenate(letters), np.concatenate(origin), np.concatenate(changed)
    gaps = np.flatnonzero((np.diff(edited[1]) > 1) & (edited[1][:-1] >= 0))
    edited[2][gaps] = edited[2][gaps + 1] = True  # the letters that a deletion brought together
    return edited


def _kept(changed: np.ndarray, surplus: int) -> slice:
    """What stays of a sequence that grew: half is dropped at each end, the event stays whole."""
    (event,) = np.nonzero(changed)
    left = min(surplus // 2, int(event[0]))
    right = surplus - left
    room = len(changed) - 1 - int(event[-1])
    if right > room:
        left, right = surplus - room, room
    if left > event[0]:
        raise ValueError
    return slice(left, len(changed) - right)


def _flanks(ground: Ground, missing: int, allele: Allele) -> tuple[np.ndarray, np.ndarray] | Allele:
    """Letters beyond both ends of the window."""
    locus = ground.locus
    if ground.genome is None or locus is None:
        return _not(allele, NO_GENOME, f"{missing} letters beyond the window are not known")
    chromosome = ground.chromosome
    size = ground.genome.length(chromosome)
    before, after = locus.start, size - locus.stop
    first = missing // 2 if locus.strand == "+" else missing - missing // 2
    first = max(min(first, before), missing - after)
    if first > before or missing > before + after:
        return _not(allele, CHROMOSOME_ENDS, f"{before + after} of {missing} letters are there")
    spans = [(locus.start - first, locus.start), (locus.stop, locus.stop + missing - first)]
    if locus.strand == "-":
        spans.reverse()
    flanks = []
    for start, stop in spans:
        text = ""
        if stop > start:
            text = ground.genome.fetch(Interval(chromosome, start, stop, locus.strand))
        text = text.replace("T", "U") if "U" in ground.alphabet else text
        try:
            part = strings_to_indices([text], ground.alphabet)[0] if text else np.empty(0, np.int8)
        except InputError:
            part = np.array([UNKNOWN], np.int8)
        if (part == UNKNOWN).any():
            return _not(allele, UNKNOWN_LETTER, "in the genome beside the window")
        flanks.append(part)
    return flanks[0], flanks[1]
