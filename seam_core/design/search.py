"""Finding sequences of a mechanism: those of the library first, then new ones bred from them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from seam_core.design.breeding import children, letter_weights, substitute
from seam_core.design.diversity import spread
from seam_core.design.oligos import Assembly
from seam_core.design.target import Target
from seam_core.design.verified import Answers, Verifier, joined
from seam_core.parameters import DesignerParameters
from seam_core.sequences import indices_to_strings

ROUNDS = 24
REPAIRS = 6
"""Rounds in which a candidate's forbidden stretches are substituted."""

BRED_PER_ASKED = 4
"""Children whose activity is predicted for each one of which a map is made."""


@dataclass
class Pool:
    """Verified sequences, and the row of the library that each is (-1: new)."""

    parts: list[Answers] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    known: set[bytes] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.rows)

    def add(self, answers: Answers, rows: list[int]) -> None:
        if len(answers):
            self.parts.append(answers)
            self.rows += rows

    def new(self, sequences: np.ndarray) -> np.ndarray:
        """Rows of sequences that were not asked about yet, each once."""
        fresh = []
        for row, sequence in enumerate(sequences):
            key = sequence.tobytes()
            if key not in self.known:
                self.known.add(key)
                fresh.append(row)
        return np.array(fresh, dtype=np.int64)


def find(
    target: Target,
    verifier: Verifier,
    assembly: Assembly,
    parameters: DesignerParameters,
    rng: np.random.Generator,
) -> tuple[Answers, list[int]] | None:
    """Up to `n_designs` sequences far enough from each other, and their rows of the library.

    None where no sequence of the mechanism has an activity of the range.
    """
    pool, n = Pool(), parameters.n_designs
    most = n * parameters.search_effort_per_design
    if parameters.source != "search":
        _from_library(target, verifier, assembly, pool, most // 2, n, rng)
    taken = _choice(pool, parameters)
    stale = 0
    while parameters.source != "library" and len(taken) < n and verifier.asked < most:
        before = len(taken)
        _breed(target, verifier, assembly, pool, min(most - verifier.asked, 2 * n + 16), rng)
        taken = _choice(pool, parameters)
        stale = 0 if len(taken) > before else stale + 1
        if stale >= ROUNDS:
            break
    if not len(pool):
        return None
    return joined(pool.parts).take(taken), [pool.rows[row] for row in taken]


def _choice(pool: Pool, parameters: DesignerParameters) -> np.ndarray:
    """Farthest first, from the one that is most surely of the mechanism."""
    if not len(pool):
        return np.zeros(0, np.int64)
    answers = joined(pool.parts)
    start = int(answers.confidence.argmax())
    return spread(answers.sequences, parameters.n_designs, parameters.min_distance, start)


def _from_library(
    target: Target,
    verifier: Verifier,
    assembly: Assembly,
    pool: Pool,
    most: int,
    n: int,
    rng: np.random.Generator,
) -> None:
    """Members of the mechanism that may be ordered as they are, those in the range first."""
    rows = rng.permutation(np.flatnonzero((target.members >= 0).all(axis=1)))
    activity = target.library.predictions
    if activity is not None:
        missed = verifier.missed_by(np.asarray(activity[target.rows[rows]], np.float64))
        rows = rows[np.argsort(missed, kind="stable")]
    wanted, members = max(most, 2 * n), []
    for row in rows[pool.new(target.members[rows])]:
        (text,) = indices_to_strings(target.members[row : row + 1], target.library.alphabet)
        if not assembly.before_barcode(text):
            members.append(int(row))
        if len(members) == wanted:
            break
    _keep(verifier, pool, target.members[members], target.rows[members])


def _keep(
    verifier: Verifier, pool: Pool, sequences: np.ndarray, rows: np.ndarray | None = None
) -> None:
    if not len(sequences):
        return
    given = np.full(len(sequences), -1) if rows is None else rows
    answers = verifier.kept(sequences)
    place = {sequence.tobytes(): int(row) for sequence, row in zip(sequences, given, strict=True)}
    pool.add(answers, [place[sequence.tobytes()] for sequence in answers.sequences])


def _breed(
    target: Target,
    verifier: Verifier,
    assembly: Assembly,
    pool: Pool,
    n: int,
    rng: np.random.Generator,
) -> None:
    """Children of the mechanism's sequences; of many, those nearest to the range are verified."""
    parents = _parents(target, pool, verifier)
    weights = letter_weights(target.members, len(target.library.alphabet))
    bred = children(parents, weights, target.fixed, BRED_PER_ASKED * n, rng)
    bred = _repaired(bred, target, assembly, weights, rng)
    bred = bred[pool.new(bred)]
    if not len(bred):
        return
    missed = verifier.missed_by(verifier.predict(bred))
    _keep(verifier, pool, bred[np.argsort(missed, kind="stable")[:n]])


def _parents(target: Target, pool: Pool, verifier: Verifier) -> np.ndarray:
    """Members nearest to the range, and what was found so far."""
    members, activity = target.members, target.library.predictions
    if activity is not None:
        missed = verifier.missed_by(np.asarray(activity[target.rows], np.float64))
        members = members[np.argsort(missed, kind="stable")[: max(20, len(members) // 4)]]
    bred = [part.sequences for part in pool.parts]
    both = np.concatenate([members, *bred])
    return both[(both >= 0).all(axis=1)]


def _repaired(
    bred: np.ndarray,
    target: Target,
    assembly: Assembly,
    weights: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Those with nothing forbidden, after letters of what is were substituted a few times."""
    kept = []
    for row in bred:
        for _ in range(REPAIRS):
            (text,) = indices_to_strings(row[None], target.library.alphabet)
            forbidden = assembly.before_barcode(text)
            if not forbidden:
                kept.append(row)
                break
            free = np.zeros(len(row), bool)
            free[max(forbidden[0].start, 0) : max(forbidden[0].stop, 0)] = True
            free &= ~target.fixed
            if not free.any():
                break
            substitute(row, 1, weights, free, rng)
    return np.array(kept, np.int8).reshape(len(kept), bred.shape[1])
