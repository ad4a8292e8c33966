"""What the library says of a substitution: its effect among the library's other mutations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seam_core.records import Library
from seam_core.variants.alleles import Edit

_LEAST = 5
_BLOCK = 8_192
_Z = 1.959964  # 97.5 % of the normal distribution


@dataclass(frozen=True)
class LibraryEffect:
    """Mean difference of the library's activity with and without the letter, and its 95 % interval;
    NaN where the library does not hold both often enough."""

    effect: float = np.nan
    low: float = np.nan
    high: float = np.nan


NO_EFFECT = LibraryEffect()


def around(value: float, error: float) -> tuple[float, float]:
    """Ends of the 95 % interval of a mean with this standard error."""
    return value - _Z * error, value + _Z * error


class LibraryEffects:
    """Mean and spread of the activity by letter and position."""

    def __init__(self, library: Library, activity: np.ndarray) -> None:
        assert library.reference is not None
        self._reference, self._alphabet = library.reference, library.alphabet
        shape = (len(library.alphabet), library.length)
        self._n, sums, squares = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        for first in range(0, len(library), _BLOCK):
            rows = library.sequences[first : first + _BLOCK]
            values = activity[first : first + _BLOCK]
            for letter in range(len(library.alphabet)):
                there = (rows == letter).astype(np.float64)
                self._n[letter] += there.sum(axis=0)
                sums[letter] += values @ there
                squares[letter] += values**2 @ there
        n = np.maximum(self._n, 1)
        self._mean = sums / n
        self._variance = np.maximum(squares / n - self._mean**2, 0.0) * n / np.maximum(n - 1, 1)

    def of(self, edits: Sequence[Edit]) -> LibraryEffect:
        """The sum over the letters substituted; NaN with insertions and deletions."""
        effect, variance = 0.0, 0.0
        for edit in edits:
            if edit.change:
                return NO_EFFECT
            for offset, (own, new) in enumerate(zip(edit.ref, edit.alt, strict=True)):
                if own == new:
                    continue
                at = edit.start + offset
                here, there = self._alphabet.index(own), self._alphabet.index(new)
                n = self._n[here, at], self._n[there, at]
                if min(n) < _LEAST:
                    return NO_EFFECT
                effect += self._mean[there, at] - self._mean[here, at]
                variance += self._variance[here, at] / n[0] + self._variance[there, at] / n[1]
        return LibraryEffect(float(effect), *around(float(effect), float(np.sqrt(variance))))
