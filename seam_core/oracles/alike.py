"""Answers for sequences that are like others: where few neighbouring letters differ, a network that
is local computes only what these reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace

import numpy as np

from seam_core.oracles.capabilities import MutantPredictor, capabilities_of, mutants_of
from seam_core.oracles.predict import automatic_batch, predict_library
from seam_core.oracles.protocol import Oracle
from seam_core.records import Library
from seam_core.sequences import UNKNOWN, encode

WIDTHS = (12, 32)
"""Neighbouring positions, the first and last of which differ, that are predicted by what they
reach. Each width is traced once (a second)."""

LEAST_EACH = 2
"""Sequences like one, itself among them, from which its activations are worth keeping."""

MOST_IN_BATCH = 128
"""Sequences predicted at a time: activations that a processor's caches hold are 1.4 times as fast
to work with (DeepSTARR, against 512)."""


# Told how many sequences were answered, a fraction where one is on its way; raises `Cancelled`.
Answered = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Alike:
    """Sequences and what each is like.

    rows : (n, L) int8
    like : (n, L) or (L,) int8, sequences that differ from these in few neighbouring letters
    """

    rows: np.ndarray
    like: np.ndarray


class AlikePredictor:
    """Predicts sequences of one oracle, by what they are like where that is quicker."""

    def __init__(self, oracle: Oracle, alphabet: str) -> None:
        self._oracle, self._alphabet = oracle, alphabet
        self._channels = encode(np.arange(len(alphabet), dtype=np.int8), alphabet)

    def predict(
        self, rows: np.ndarray, like: np.ndarray, answered: Answered = lambda n: None
    ) -> np.ndarray:
        """(n,) float32 of (n, L) sequences, each with the one that it is like."""
        values = np.empty(len(rows), np.float32)
        left = np.ones(len(rows), bool)
        self._by_what_differs(rows, like, values, left, answered)
        if left.any():
            n = len(rows) - int(left.sum())
            values[left] = self._whole(rows[left], _after(n, answered))
        return values

    def _by_what_differs(
        self,
        rows: np.ndarray,
        like: np.ndarray,
        values: np.ndarray,
        left: np.ndarray,
        answered: Answered,
    ) -> None:
        """Fill in what is quicker that way; `left` is what is not."""
        length = rows.shape[1]
        begin, span = _spans(rows, like)
        parents, parent = different(like)
        for width in WIDTHS:
            fits = left & (span <= width) & (width < length)
            fits &= np.bincount(parent[fits], minlength=len(parents))[parent] >= LEAST_EACH
            own = np.flatnonzero(fits)
            if not len(own):
                continue
            predictor = mutants_of(capabilities_of(self._oracle), length, self._channels, width)
            if predictor is None:
                return
            first = np.clip(begin[own] - (width - span[own]) // 2, 0, length - width)
            told = _after(len(rows) - int(left.sum()), answered)
            values[own] = _mutants(predictor, rows[own], first, like[own], told)
            left[own] = ~np.isfinite(values[own])  # told as of any other prediction

    def _whole(self, rows: np.ndarray, answered: Answered) -> np.ndarray:
        size = min(MOST_IN_BATCH, automatic_batch(rows.shape[1]))
        progress = SimpleNamespace(update=lambda done, total, message: answered(done))
        library = Library(rows, self._alphabet)
        return predict_library(self._oracle, library, batch_size=size, progress=progress)


def _share_of(n: int, answered: Answered, share: float) -> None:
    answered(n * share)


def _after(n: int, answered: Answered) -> Answered:
    return lambda more: answered(n + more)


def _spans(rows: np.ndarray, like: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n,) where each row begins to differ, and how many positions on it does so last.

    Rows with unknown letters are as others: no index of a letter stands for these.
    """
    length = rows.shape[1]
    differs = rows != like
    begin = differs.argmax(axis=1)
    span = length - differs[:, ::-1].argmax(axis=1) - begin
    span[~differs.any(axis=1)] = 0
    span[(rows == UNKNOWN).any(axis=1) | (like == UNKNOWN).any(axis=1)] = length
    return begin, span


def _mutants(
    predictor: MutantPredictor,
    rows: np.ndarray,
    first: np.ndarray,
    like: np.ndarray,
    answered: Answered,
) -> np.ndarray:
    """(n,) predictions of `rows`, which differ from `like` from `first` on."""
    parents, parent = different(like)
    values = np.empty(len(rows), np.float32)
    columns = first[:, None] + np.arange(predictor.width)
    letters = np.take_along_axis(rows, columns, axis=1)
    n = 0
    for start in range(0, len(parents), predictor.batch):
        stop = min(start + predictor.batch, len(parents))
        predictor.start(parents[start:stop], np.zeros(stop - start, bool))
        own = np.flatnonzero((parent >= start) & (parent < stop))
        told = partial(_share_of, len(own), _after(n, answered))
        values[own] = predictor.mutants(parent[own] - start, first[own], letters[own], told)
        n += len(own)
    return values


def different(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rows without repeats, in their order, and which of them each row is.

    Rows are known by a sum (mod 2^64) of random multiples of their letters: two different ones are
    taken for one with a chance of 1e-19 a pair.
    """
    weights = np.random.default_rng(20_261_129).integers(0, 1 << 64, rows.shape[1], np.uint64)
    keys = rows.astype(np.uint64) @ weights
    _, first, place = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rows[first[order]], rank[place.ravel()]
