"""Models that answer together, asked each by itself: folds of an ensemble, strands."""

from __future__ import annotations

import numpy as np

from seam_core.oracles.context import InContext
from seam_core.oracles.ensemble import Ensemble
from seam_core.oracles.of_models import OfModels
from seam_core.oracles.protocol import Oracle
from seam_core.oracles.strands import BothStrands

# The strands of a model that is asked about both.
STRANDS = ("strand given", "other strand")


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
    strands: list[tuple[str, Oracle]] = []
    if isinstance(oracle, BothStrands):
        strands = list(zip(STRANDS, (oracle.oracle, OtherStrand(oracle)), strict=True))
    return [*folds_of(oracle), *strands]


def folds_of(oracle: Oracle) -> list[tuple[str, Oracle]]:
    """Name and model of each fold of an ensemble, each asked as the ensemble is."""
    if isinstance(oracle, InContext):
        where = oracle.context, oracle.start, oracle.window.stop - oracle.start, oracle.alphabet
        return [(name, InContext(each, *where)) for name, each in folds_of(oracle.oracle)]
    if isinstance(oracle, BothStrands):
        inner = folds_of(oracle.oracle)
        return [(name, BothStrands(each, oracle.alphabet)) for name, each in inner]
    if isinstance(oracle, Ensemble):
        return list(zip(oracle.names, oracle.models, strict=True))
    return []


def note_of(oracle: Oracle) -> str:
    """What models left out or changed of their files when these were read, in words."""
    notes = [getattr(each, "note", "") for each in innermost(oracle)]
    return "; ".join(note for note in notes if note)


def innermost(oracle: Oracle) -> list[Oracle]:
    """The models themselves, of which an oracle is the mean; the oracle where it is one model."""
    if isinstance(oracle, OfModels):
        return [one for each in oracle.models for one in innermost(each)]
    return [oracle]
