"""A model asked about both strands."""

from __future__ import annotations

from typing import Any

import numpy as np

from seam_core.oracles.array_ops import NUMPY
from seam_core.oracles.capabilities import (
    Capabilities,
    Gradient,
    Multipliers,
    MutantPredictor,
    MutantsOfAnother,
    PathSums,
    capabilities_of,
    mutants_of,
    reuses_memory,
)
from seam_core.oracles.inputs import complement_order, reverse_complement
from seam_core.oracles.of_models import OfOneModel
from seam_core.oracles.protocol import Oracle
from seam_core.progress import Tick


class BothStrands(OfOneModel):
    """The mean of the answers to a sequence and to its reverse complement.

    Gradients and multipliers of the other strand are turned back, so that a map is the mean of
    that of the sequence and the turned one of its reverse complement.
    """

    def __init__(self, oracle: Oracle, alphabet: str) -> None:
        super().__init__(oracle)
        self.alphabet = alphabet
        self.length = oracle.length
        self.turned(np.zeros((1, 2, len(alphabet)), dtype=np.float32))  # raises now

    def turned(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) of the other strand, or back."""
        other = reverse_complement(one_hot, self.alphabet, NUMPY)
        return np.ascontiguousarray(other, dtype=np.float32)

    @property
    def capabilities(self) -> Capabilities:
        """Those of the model, of both strands."""
        return StrandCapabilities(self)

    def predict(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) to (n,)."""
        return (self.oracle.predict(one_hot) + self.oracle.predict(self.turned(one_hot))) / 2

    def profiles(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, B) of the strand given, which the component is taken from."""
        inner: Any = self.oracle
        return inner.profiles(one_hot)


class StrandCapabilities:
    """What the model can do, of both strands."""

    def __init__(self, oracle: BothStrands) -> None:
        self._oracle = oracle
        self._one = capabilities_of(oracle.oracle)
        self.batches_at_once = self._one.batches_at_once
        self.largest_batch = self._one.largest_batch
        self.device = self._one.device
        self.reuses_memory = reuses_memory(self._one)

    def bytes_per_sequence(self, length: int) -> int | None:
        return self._one.bytes_per_sequence(length)

    @property
    def gradient(self) -> Gradient | None:
        return self._both(self._one.gradient, self._one.gradient)

    def gradient_in(self, length: int, window: range) -> Gradient | None:
        there = range(length - window.stop, length - window.start)
        return self._both(
            self._one.gradient_in(length, window), self._one.gradient_in(length, there)
        )

    def path_sums(self, length: int) -> PathSums | None:
        sums, turned = self._one.path_sums(length), self._oracle.turned
        if sums is None:
            return None

        def both(
            sequences: np.ndarray,
            baselines: np.ndarray,
            nodes: np.ndarray,
            weights: np.ndarray,
            tick: Tick,
        ) -> np.ndarray:
            here = sums(sequences, baselines, nodes, weights, tick)
            there = sums(turned(sequences), turned(baselines), nodes, weights, tick)
            return (here + turned(there)) / 2

        return both

    def mutants(self, length: int, channels: np.ndarray, width: int = 1) -> MutantPredictor | None:
        inner = mutants_of(self._one, length, channels, width)
        partners = _partners(channels, self._oracle.alphabet)
        if inner is None or partners is None:
            return None
        return StrandMutants(inner, partners, width)

    def multipliers(self) -> Multipliers | None:
        inner, turned = self._one.multipliers(), self._oracle.turned
        if inner is None:
            return None

        def both(
            sequences: np.ndarray, references: np.ndarray
        ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
            here = inner(sequences, references)
            there = inner(turned(sequences), turned(references))
            return (
                (here[0] + there[0]) / 2,
                (here[1] + there[1]) / 2,
                (here[2] + turned(there[2])) / 2,
            )

        return both

    def _both(self, first: Gradient | None, second: Gradient | None) -> Gradient | None:
        if first is None or second is None:
            return None
        turned = self._oracle.turned

        def gradient(inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            here, there = first(inputs), second(turned(inputs))
            return (here[0] + there[0]) / 2, (here[1] + turned(there[1])) / 2

        return gradient


class StrandMutants(MutantsOfAnother):
    """Mutants as the model predicts them on both strands, averaged.

    The model's own predictor knows the sequences that it was last started with, so that it is
    started anew with those of either strand.
    """

    def __init__(self, predictor: MutantPredictor, partners: np.ndarray, width: int = 1) -> None:
        """partners : (C,) the letter that each becomes on the other strand"""
        super().__init__(predictor, width)
        self._partners = partners

    def start(self, sequences: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        self._strands = sequences, self._turned(sequences)
        here, there = (self._predictor.start(each, wanted) for each in self._strands)
        return _mean(here, there)

    def mutants(
        self, rows: np.ndarray, positions: np.ndarray, letters: np.ndarray, tick: Tick
    ) -> np.ndarray:
        length = self._strands[0].shape[1]
        turned = self._turned(letters) if letters.ndim > 1 else self._partners[letters]
        asked = (positions, letters), (length - self.width - positions, turned)
        answers = []
        for number, (strand, (places, put)) in enumerate(zip(self._strands, asked, strict=True)):

            def part(share: float, number: int = number) -> None:
                tick((number + share) / 2)

            self._predictor.start(strand, np.zeros(len(strand), bool))
            answers.append(self._predictor.mutants(rows, places, put, part))
        return _mean(*answers)

    def _turned(self, letters: np.ndarray) -> np.ndarray:
        """(n, L) letters of the other strand."""
        return np.ascontiguousarray(self._partners[letters[:, ::-1]].astype(letters.dtype))


def _mean(here: np.ndarray, there: np.ndarray) -> np.ndarray:
    return (here + there) / np.float32(2)


def _partners(channels: np.ndarray, alphabet: str) -> np.ndarray | None:
    """(C,) the letter whose `channels` are those of each on the other strand; None: not all have
    one."""
    turned = channels[:, complement_order(alphabet)]
    same = (turned[:, None] == channels[None]).all(axis=2)
    return same.argmax(axis=1) if same.any(axis=1).all() else None
