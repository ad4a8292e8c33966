"""Models that answer together, asked each by itself: folds of an ensemble, strands."""

from __future__ import annotations

import numpy as np

from seam_core.oracles.context import InContext
from seam_core.oracles.ensemble import Ensemble
from seam_core.oracles.protocol import Oracle
from seam_core.oracles.strands import BothStrands

# What the name of an ensemble's member begins with.
FOLD = "fold"


class OtherStrand:
    """A model asked about the reverse complement."""

    def __init__(self, both: BothStrands) -> None:
        self._both = both
        self.length, self.n_letters = both.length, both.n_letters

    def predict(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) to (n,)."""
        return self._both.oracle.predict(self._both.turned(one_hot))


def members_of(oracle: Oracle) -> list[tuple[str, Oracle]]:
    """Name and model of each that an oracle is the mean of; none where it is one model."""
    if isinstance(oracle, Ensemble):
        return [(f"{FOLD} {k + 1}", each) for k, each in enumerate(oracle.members)]
    if not isinstance(oracle, BothStrands):
        return []
    inner = oracle.oracle
    folds: list[tuple[str, Oracle]] = []
    if isinstance(inner, Ensemble):
        folds = [
            (f"{FOLD} {k + 1}", BothStrands(each, oracle.alphabet))
            for k, each in enumerate(inner.members)
        ]
    return [*folds, ("strand given", inner), ("other strand", OtherStrand(oracle))]


def note_of(oracle: Oracle) -> str:
    """What models left out or changed of their files when these were read, in words."""
    notes = [getattr(each, "note", "") for each in innermost(oracle)]
    return "; ".join(note for note in notes if note)


def innermost(oracle: Oracle) -> list[Oracle]:
    """The models themselves, of which an oracle is the mean; the oracle where it is one model."""
    if isinstance(oracle, Ensemble):
        return [one for each in oracle.members for one in innermost(each)]
    if isinstance(oracle, BothStrands | InContext):
        return innermost(oracle.oracle)
    return [oracle]
