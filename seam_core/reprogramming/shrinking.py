"""From a sequence of a mechanism to the few substitutions that make the mechanism."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seam_core.design.verified import Answers
from seam_core.reprogramming.asking import Search

MU = 0.1
"""Substitutions at a position in the time that a path is given; only ratios of paths matter."""

KAPPA = 2.0
"""A transition is as likely as this many transversions (Kimura 1980)."""

_TRANSITIONS = {("A", "G"), ("G", "A"), ("C", "T"), ("T", "C"), ("C", "U"), ("U", "C")}


@dataclass(frozen=True, eq=False)
class Change:
    """Substitutions of the reference that lead into a mechanism.

    positions : (k,) in no order
    letters : (k,) int8, what is put there
    """

    positions: np.ndarray
    letters: np.ndarray

    def __len__(self) -> int:
        return len(self.positions)

    def applied(self, reference: np.ndarray, some: np.ndarray | None = None) -> np.ndarray:
        """(L,) int8: the reference with these substitutions, or with some of them."""
        sequence = reference.copy()
        which = slice(None) if some is None else some
        sequence[self.positions[which]] = self.letters[which]
        return sequence

    def part(self, some: np.ndarray) -> Change:
        """Some of them."""
        return Change(self.positions[some], self.letters[some])


def costs(change: Change, reference: np.ndarray, alphabet: str) -> np.ndarray:
    """(k,) minus the log likelihood of each substitution: transitions cost less in nucleotides."""
    others = len(alphabet) - 1
    if set(alphabet.replace("U", "T")) != set("ACGT"):
        return np.full(len(change), -np.log(MU / others))
    shares = np.array(
        [
            KAPPA if (alphabet[reference[p]], alphabet[letter]) in _TRANSITIONS else 1.0
            for p, letter in zip(change.positions, change.letters, strict=True)
        ]
    )
    return -np.log(MU * shares / (KAPPA + 2.0))


def differences(sequence: np.ndarray, reference: np.ndarray) -> Change:
    """Where a sequence differs from the reference."""
    (positions,) = np.nonzero(sequence != reference)
    return Change(positions, sequence[positions])


def _inside(answers: Answers, mechanism: int) -> np.ndarray:
    return (answers.mechanism == mechanism) & ~answers.outside


def shrink(
    sequence: np.ndarray,
    reference: np.ndarray,
    mechanism: int,
    alphabet: str,
    *,
    by_cost: bool,
) -> Search[Change | None]:
    """The substitutions of `sequence` that none can be taken back of; None: it is not in there.

    First the shortest run of them that is enough, those that matter most in front; then one at a
    time is taken back as long as the mechanism stays: the costliest one (`by_cost`), or the one
    without which the mechanism is surest.
    """
    change = differences(sequence, reference)
    if not len(change):
        return None
    answers = yield np.array([sequence, *_without_each(change, reference)])
    inside = _inside(answers, mechanism)
    if not inside[0]:
        return None
    # what cannot be taken back by itself comes first, then what leaves the mechanism least sure
    order = np.lexsort((answers.confidence[1:], inside[1:]))
    first = [np.sort(order[: k + 1]) for k in range(len(change))]
    answers = yield np.array([change.applied(reference, which) for which in first])
    enough = np.flatnonzero(_inside(answers, mechanism))
    if len(enough):
        change = change.part(first[int(enough[0])])
    while len(change) > 1:
        answers = yield _without_each(change, reference)
        may_go = np.flatnonzero(_inside(answers, mechanism))
        if not len(may_go):
            break
        worth = answers.confidence[may_go]
        if by_cost:
            worth = costs(change, reference, alphabet)[may_go] + 1e-3 * worth
        gone = may_go[worth.argmax()]
        change = change.part(np.delete(np.arange(len(change)), gone))
    return change


def _without_each(change: Change, reference: np.ndarray) -> np.ndarray:
    """(k, L): all substitutions but one."""
    every = np.arange(len(change))
    return np.array([change.applied(reference, np.delete(every, one)) for one in every])


def ordered(change: Change, reference: np.ndarray, activity: float) -> Search[Change]:
    """The substitutions in the order of a walk: each step the one that changes activity least."""
    taken: list[int] = []
    left = list(range(len(change)))
    while len(left) > 1:
        tried = np.array([change.applied(reference, np.array([*taken, one])) for one in left])
        answers = yield tried
        best = int(np.abs(answers.activity - activity).argmin())
        activity = float(answers.activity[best])
        taken.append(left.pop(best))
    return change.part(np.array([*taken, *left], dtype=np.int64))
