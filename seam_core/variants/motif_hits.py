"""Which known motif the letters at a change are, before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seam_core.motifs import Motif
from seam_core.variants.windows import Altered

RELATIVE = 0.9
"""Of a motif's range of scores, that letters must reach to be called it."""

_PSEUDO = 0.01


@dataclass(frozen=True, eq=False)
class _Scores:
    name: str
    scores: np.ndarray  # (2, w, A) bits, given and reverse complement
    needed: float


class MotifHits:
    """Looks motifs up at places of sequences.

    Of the motifs whose score there reaches 0.9 of the way from the least that they can have to the
    most, the one of the largest score (in bits, letters as likely as each other) gives the name.
    """

    def __init__(self, motifs: Sequence[Motif]) -> None:
        self._motifs = [_scored(motif) for motif in motifs if len(motif)]

    def at(self, letters: np.ndarray, places: np.ndarray) -> str:
        """Name of the best motif that overlaps one of the places; "" for none.

        letters : (L,) int8; places : positions
        """
        if not len(places):
            return ""
        best, name = 0.0, ""
        for motif in self._motifs:
            width = motif.scores.shape[1]
            first = max(0, int(places[0]) - width + 1)
            last = min(len(letters) - width, int(places[-1]))
            if last < first:
                continue
            starts = np.arange(first, last + 1)[:, None] + np.arange(width)
            found = motif.scores[:, np.arange(width), letters[starts]].sum(axis=2).max()
            if found >= motif.needed and found > best:
                best, name = float(found), motif.name
        return name

    def before_and_after(self, reference: np.ndarray, sequence: Altered) -> tuple[str, str]:
        """Names at what was changed, in the reference and in the altered sequence."""
        (after,) = np.nonzero(sequence.changed)
        origin = sequence.origin[after]
        kept = origin[origin >= 0]
        near = sequence.origin[max(0, after[0] - 1) : after[-1] + 2] if len(after) else origin
        before = kept if len(kept) else near[near >= 0]
        return self.at(reference, np.sort(before)), self.at(sequence.letters, after)


def _scored(motif: Motif) -> _Scores:
    matrix = np.asarray(motif.matrix, dtype=np.float64)
    n = matrix.shape[1]
    scores = np.log2((matrix + _PSEUDO) / (1 + n * _PSEUDO) * n)
    both = np.stack([scores, scores[::-1, ::-1]] if n == 4 else [scores, scores])
    least, most = scores.min(axis=1).sum(), scores.max(axis=1).sum()
    return _Scores(motif.label, both, float(least + RELATIVE * (most - least)))
