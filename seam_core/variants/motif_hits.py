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
class _Width:
    """All motifs of one width, looked up together.

    scores : (n, 2, w, A) bits, as given and reverse-complemented; needed : (n,)
    """

    names: list[str]
    scores: np.ndarray
    needed: np.ndarray


class MotifHits:
    """Looks motifs up at places of sequences.

    Of the motifs whose score there reaches 0.9 of the way from the least that they can have to the
    most, the one of the largest score (in bits, letters as likely as each other) gives the name.
    """

    def __init__(self, motifs: Sequence[Motif]) -> None:
        by_width: dict[int, list[Motif]] = {}
        for motif in motifs:
            by_width.setdefault(len(motif), []).append(motif)
        self._widths = [_scored(each) for width, each in sorted(by_width.items()) if width]
        self._known: dict[tuple[bytes, bytes], str] = {}  # of references: variants share places

    def at(self, letters: np.ndarray, places: np.ndarray) -> str:
        """Name of the best motif that overlaps one of the places; "" for none.

        letters : (L,) int8; places : positions
        """
        if not len(places):
            return ""
        best, name = 0.0, ""
        for each in self._widths:
            width = each.scores.shape[2]
            first = max(0, int(places[0]) - width + 1)
            last = min(len(letters) - width, int(places[-1]))
            if last < first:
                continue
            scores = np.zeros((len(each.names), 2, last - first + 1), np.float32)
            for offset in range(width):
                there = letters[first + offset : last + offset + 1]
                scores += each.scores[:, :, offset, there]
            highest = scores.max(axis=(1, 2))
            highest[highest < each.needed] = -np.inf
            at = int(highest.argmax())
            if highest[at] > best:
                best, name = float(highest[at]), each.names[at]
        return name

    def before_and_after(self, reference: np.ndarray, sequence: Altered) -> tuple[str, str]:
        """Names at what was changed, in the reference and in the altered sequence."""
        (after,) = np.nonzero(sequence.changed)
        origin = sequence.origin[after]
        kept = origin[origin >= 0]
        near = sequence.origin[max(0, after[0] - 1) : after[-1] + 2] if len(after) else origin
        before = kept if len(kept) else near[near >= 0]
        places = np.sort(before)
        key = reference.tobytes(), places.tobytes()
        if key not in self._known:
            self._known[key] = self.at(reference, places)
        return self._known[key], self.at(sequence.letters, after)


def _scored(motifs: Sequence[Motif]) -> _Width:
    matrices = np.stack([np.asarray(motif.matrix, np.float64) for motif in motifs])
    n = matrices.shape[2]
    scores = np.log2((matrices + _PSEUDO) / (1 + n * _PSEUDO) * n).astype(np.float32)
    turned = scores[:, ::-1, ::-1] if n == 4 else scores
    least, most = scores.min(axis=2).sum(axis=1), scores.max(axis=2).sum(axis=1)
    needed = least + RELATIVE * (most - least)
    return _Width([motif.label for motif in motifs], np.stack([scores, turned], axis=1), needed)
