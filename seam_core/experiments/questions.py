"""Sequences in, answers out: the oracle asked in batches, however the sequences come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Protocol, runtime_checkable

import numpy as np

from seam_core.oracles import Oracle
from seam_core.oracles.alike import Alike, AlikePredictor, different
from seam_core.oracles.predict import automatic_batch
from seam_core.progress import SILENT, Progress
from seam_core.sequences import encode

BATCHES_AT_ONCE = 8
"""Twice as many of short sequences: what a model keeps of those that many are like is kept for a
block. Of long ones few, as asking is stopped between blocks."""

Block = np.ndarray | Alike
"""(n, L) int8 sequences, with those that they are like where the asker knows."""

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
    share : of all that is to be asked, as far as `expect` was told
    """

    def __init__(self, oracle: Oracle, alphabet: str, progress: Progress = SILENT) -> None:
        self.oracle, self.alphabet, self.progress = oracle, alphabet, progress
        self.asked, self.share = 0, 0.0
        self._told, self._left = (0, 0.0), np.inf
        self._predictor = AlikePredictor(oracle, alphabet)

    @property
    def any_sequence(self) -> bool:
        """True where the oracle answers whatever it is asked."""
        return not isinstance(self.oracle, Measured)

    def expect(self, left: float) -> None:
        """About so many sequences are left to be asked; the share that is done never falls."""
        self._told, self._left = (self.asked, self.share), left

    def answers(self, blocks: Iterable[Block], note: str = "") -> np.ndarray:
        """(n,) float64 for n sequences that come in blocks."""
        parts = [self._answered(block, note) for block in _rows_together(blocks)]
        return np.concatenate(parts) if parts else np.empty(0)

    def _answered(self, block: Alike, note: str) -> np.ndarray:
        rows, place = different(block.rows)
        self._say(note, 0)
        if isinstance(self.oracle, Measured):
            activity = self.oracle.measured(encode(rows, self.alphabet))
        else:
            like = np.empty_like(rows)
            like[place] = block.like
            activity = self._predictor.predict(rows, like, partial(self._say, note))
        self.asked += len(rows)
        return activity.astype(np.float64)[place]

    def _say(self, note: str, more: float) -> None:
        """How far it is, with `more` of a block answered."""
        before, share = self._told
        done = self.asked + more - before
        self.share = share + (1 - share) * done / max(self._left, done + 1)
        text = f"{note}, {self.asked + int(more):,} sequences asked" if note else ""
        self.progress.update(self.share, 1, text)


def _rows_together(blocks: Iterable[Block]) -> Iterator[Alike]:
    """The same rows in blocks of a few batches each, one-hot small enough to hold."""
    waiting: list[Alike] = []
    n = 0
    for block in blocks:
        rows, like = (block.rows, block.like) if isinstance(block, Alike) else (block, block)
        like = np.broadcast_to(like, rows.shape)
        batch = automatic_batch(rows.shape[1])
        most = BATCHES_AT_ONCE * batch * (2 if batch == automatic_batch(1) else 1)
        for first in range(0, len(rows), most):
            part = slice(first, first + most)
            waiting.append(Alike(rows[part], like[part]))
            n += len(waiting[-1].rows)
            if n >= most:
                whole = _joined(waiting)
                waiting = [Alike(whole.rows[most:], whole.like[most:])] if n > most else []
                n -= most
                yield Alike(whole.rows[:most], whole.like[:most])
    if n > 0:
        yield _joined(waiting)


def _joined(blocks: list[Alike]) -> Alike:
    rows = np.concatenate([block.rows for block in blocks])
    return Alike(rows, np.concatenate([block.like for block in blocks]))


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
