"""Single substitutions of a library's sequences, and which of them are the same sequence.

A sequence is known by the sum (mod 2^64) of a random number for each letter at each position, so
that the key of a mutant is two additions away from that of its parent. Two different sequences
share a key with a chance of 5e-20 a pair.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from seam_core import disk
from seam_core.progress import Tick
from seam_core.records import Library

# Keys that are sorted at a time, and most shared sequences that are remembered (12 bytes each).
KEYS_AT_A_TIME = 1 << 22
MOST_SHARED = 50_000_000
ROWS = 2048


class Keys:
    """Keys of sequences of one length, and of their single substitutions."""

    def __init__(self, length: int, n_letters: int) -> None:
        rng = np.random.default_rng(20_251_007)
        self._table = rng.integers(0, 1 << 64, (length, n_letters), dtype=np.uint64)

    def of(self, sequences: np.ndarray) -> np.ndarray:
        """(n,) uint64 of (n, L) sequences."""
        positions = np.arange(sequences.shape[1])
        return self._table[positions, sequences].sum(axis=1, dtype=np.uint64)

    def of_substitutions(self, sequences: np.ndarray, window: range) -> np.ndarray:
        """(n, W, A) uint64: each letter put at each position of the window.

        Where the letter is there already this is the key of the sequence itself.
        """
        here = slice(window.start, window.stop)
        table = self._table[here]
        present = self._table[np.arange(window.start, window.stop), sequences[:, here]]
        return (self.of(sequences)[:, None] - present)[:, :, None] + table


class SharedPredictions:
    """Predictions of those sequences that occur more than once among a library and its mutants.

    Parameters
    ----------
    keys : (s,) uint64, sorted
    scratch : a file that keeps the predictions when the run is stopped, or None
    """

    def __init__(self, keys: np.ndarray, scratch: Path | None = None) -> None:
        self.keys = keys
        size = (len(keys),)
        if scratch is None or len(keys) == 0:
            self.values = np.full(size, np.nan, dtype=np.float32)
        elif scratch.exists() and scratch.stat().st_size == 4 * len(keys):
            self.values = disk.mapped_raw(scratch, size, np.float32)
        else:
            self.values = disk.new_raw(scratch, size, np.float32)
            self.values[:] = np.nan

    def places(self, keys: np.ndarray) -> np.ndarray:
        """Where in `values` each key is; -1 for those that occur once."""
        if len(self.keys) == 0:
            return np.full(keys.shape, -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, at, -1)


def shared_keys(library: Library, window: range, wanted: np.ndarray, tick: Tick) -> np.ndarray:
    """(s,) sorted keys of the sequences that occur more than once, as members or as mutants.

    Goes through the library once for each few million mutants and looks at one share of the keys
    at a time, so that memory does not grow with the library.

    Parameters
    ----------
    wanted : (C, C) bool, see `Substitutions`
    """
    n_letters = len(wanted)
    keys = Keys(library.length, n_letters)
    total = len(library) * (len(window) * (n_letters - 1) + 1)
    passes = -(-total // KEYS_AT_A_TIME)
    rows = max(1, ROWS * 1000 // (len(window) * n_letters))
    repeated: list[np.ndarray] = []
    kept = 0
    for share in range(passes):
        tick(0.0)
        pieces = []
        for first in range(0, len(library), rows):
            sequences = library.sequences[first : first + rows]
            substituted = keys.of_substitutions(sequences, window)
            asked = wanted[sequences[:, window.start : window.stop]]
            all_keys = np.concatenate([substituted[asked], keys.of(sequences)])
            if passes > 1:
                all_keys = all_keys[all_keys % np.uint64(passes) == share]
            pieces.append(all_keys)
        ordered = np.sort(np.concatenate(pieces))
        twice = ordered[1:][ordered[1:] == ordered[:-1]]
        if len(twice):
            repeated.append(np.unique(twice))
            kept += len(repeated[-1])
        if kept > MOST_SHARED:
            break
    return np.sort(np.concatenate(repeated)) if repeated else np.empty(0, dtype=np.uint64)
