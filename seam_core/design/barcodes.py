"""Barcodes: random words that differ from each other at a minimum of positions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from seam_core.sequences import indices_to_strings
from seam_core.validate import InputError

GC = (0.25, 0.75)
"""Share of G and C in a barcode, in nucleotides."""

LONGEST_RUN = 3
_AT_ONCE, _TRIES = 512, 60


class Barcodes:
    """Draws one barcode after another, from a seed.

    Any two differ at `distance` positions or more: a read with up to (distance - 1) // 2 errors
    still tells whose it is. In nucleotides between a quarter and three quarters are G and C, and
    no letter comes more than three times in a row.

    Raises `InputError` where there cannot be `n` of them (the Singleton bound).
    """

    def __init__(
        self, n: int, length: int, distance: int, alphabet: str, rng: np.random.Generator
    ) -> None:
        if length and distance > length:
            raise InputError(
                "barcode_distance", distance, f"at most {length}, the letters of a barcode"
            )
        if length and len(alphabet) ** (length - distance + 1) < n:
            raise InputError("barcode_length", length, f"more letters: {n} barcodes are needed")
        self.n, self.length, self.distance = n, length, distance
        self._alphabet, self._rng = alphabet, rng
        self._drawn = np.empty((0, length), np.int8)

    def draw(self, fits: Callable[[str], bool]) -> str:
        """A barcode far from all drawn before for which `fits` is true; "" without barcodes.

        Raises `InputError` where none is found.
        """
        if not self.length:
            return ""
        for _ in range(_TRIES):
            words = self._candidates()
            for word, text in zip(words, indices_to_strings(words, self._alphabet), strict=True):
                if fits(text):
                    self._drawn = np.vstack([self._drawn, word])
                    return text
        raise InputError(
            "barcode_length",
            f"{self.length}, of which {len(self._drawn)} were found with {self.distance} positions "
            "between any two",
            f"{self.n} barcodes: longer ones, or a smaller distance",
        )

    def _candidates(self) -> np.ndarray:
        """(m, length) words that are allowed and far from those drawn."""
        n_letters = len(self._alphabet)
        words = self._rng.integers(0, n_letters, (_AT_ONCE, self.length)).astype(np.int8)
        allowed = ~_runs(words, LONGEST_RUN)
        if set(self._alphabet.replace("U", "T")) == set("ACGT") and self.length >= 4:
            strong = np.isin(words, [self._alphabet.index(letter) for letter in "GC"]).mean(axis=1)
            allowed &= (strong >= GC[0]) & (strong <= GC[1])
        words = words[allowed]
        if len(self._drawn):
            apart = (words[:, None] != self._drawn).sum(axis=2).min(axis=1)
            words = words[apart >= self.distance]
        return words


def _runs(words: np.ndarray, longest: int) -> np.ndarray:
    """(n,) bool: a letter comes more than `longest` times in a row."""
    if words.shape[1] <= longest:
        return np.zeros(len(words), bool)
    same = words[:, 1:] == words[:, :-1]
    windows = np.lib.stride_tricks.sliding_window_view(same, longest, axis=1)
    return np.asarray(np.asarray(windows.all(axis=2)).any(axis=1))
