"""Sequences in, answers out: the oracle asked in batches, however the sequences come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, runtime_checkable

import numpy as np

from seam_core.oracles import Oracle
from seam_core.oracles.predict import automatic_batch, predict_library
from seam_core.progress import SILENT, Progress
from seam_core.records import Library
from seam_core.sequences import encode

BATCHES_AT_ONCE = 8
MOST_IN_BATCH = 128
"""Sequences predicted at a time: activations that a processor's caches hold are 1.4 times as fast
to work with (DeepSTARR, against 512)."""

LEAST_ANSWERED = 5
"""Draws that a measured table must hold for a mean over them to be told."""


@runtime_checkable
class Measured(Protocol):
    """An oracle that has answers for some sequences only."""

    def measured(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) to (n,) float32, NaN where there is no answer."""
        ...


class Questions:
    """Asks one oracle about sequences of one length.

    A measured table answers what it holds; the rest is NaN. Memory does not grow with the number
    of questions: sequences are made as they are asked about, and those of a block that are the same
    are asked about once.

    asked : how many sequences so far
    """

    def __init__(self, oracle: Oracle, alphabet: str, progress: Progress = SILENT) -> None:
        self.oracle, self.alphabet, self.progress = oracle, alphabet, progress
        self.asked = 0

    @property
    def any_sequence(self) -> bool:
        """True where the oracle answers whatever it is asked."""
        return not isinstance(self.oracle, Measured)

    def answers(self, blocks: Iterable[np.ndarray], note: str = "") -> np.ndarray:
        """(n,) float64 for n sequences that come in blocks of (n_i, L) int8."""
        parts = [self._answered(rows, note) for rows in _rows_together(blocks)]
        return np.concatenate(parts) if parts else np.empty(0)

    def _answered(self, rows: np.ndarray, note: str) -> np.ndarray:
        self.progress.update(0, 1, f"{note}, {self.asked:,} sequences asked" if note else "")
        different, place = _different(rows)
        self.asked += len(different)
        if isinstance(self.oracle, Measured):
            activity = self.oracle.measured(encode(different, self.alphabet))
        else:
            size = min(MOST_IN_BATCH, automatic_batch(rows.shape[1]))
            library = Library(different, self.alphabet)
            activity = predict_library(self.oracle, library, batch_size=size)
        return activity.astype(np.float64)[place]


def _rows_together(blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """The same rows in blocks of a few batches each, one-hot small enough to hold."""
    waiting: list[np.ndarray] = []
    n = 0
    for block in blocks:
        most = BATCHES_AT_ONCE * automatic_batch(block.shape[1])
        for first in range(0, len(block), most):
            waiting.append(block[first : first + most])
            n += len(waiting[-1])
            if n >= most:
                rows = np.concatenate(waiting)
                waiting, n = [rows[most:]] if n > most else [], n - most
                yield rows[:most]
    if n > 0:
        yield np.concatenate(waiting)


def _different(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rows without repeats, in their order, and which of them each row is."""
    whole = np.ascontiguousarray(rows).view(np.dtype((np.void, rows.shape[1]))).ravel()
    _, first, place = np.unique(whole, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rows[first[order]], rank[place.ravel()]


def mean_and_error(effects: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means and standard errors over the last axis, of what was answered; NaN for too few.

    The farthest draw counts twice in the error: where a few draws make all the difference (letters
    that happen to make a site again), one more or less is what chance does.
    """
    known = np.isfinite(effects)
    n = known.sum(axis=-1)
    enough = n >= min(LEAST_ANSWERED, effects.shape[-1])
    total = np.where(known, effects, 0.0).sum(axis=-1)
    mean = np.divide(total, n, out=np.full(np.shape(total), np.nan), where=enough & (n > 0))
    squares = np.where(known, (effects - mean[..., None]) ** 2, 0.0).sum(axis=-1)
    squares = squares + np.nanmax(
        np.where(known, (effects - mean[..., None]) ** 2, 0.0), axis=-1, initial=0.0
    )
    error = np.sqrt(squares / np.maximum(n - 1, 1) / np.maximum(n, 1))
    return mean, np.where(np.isfinite(mean), error, np.nan)
