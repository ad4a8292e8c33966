"""A model asked about both strands."""

from __future__ import annotations

from typing import Any

import numpy as np

from seam_core.oracles.capabilities import (
    Capabilities,
    Gradient,
    Multipliers,
    MutantPredictor,
    PathSums,
    capabilities_of,
    heads_of,
    inputs_of,
)
from seam_core.oracles.inputs import reverse_complement
from seam_core.oracles.protocol import Oracle, frameworks_of
from seam_core.oracles.reductions import NUMPY, ProfileComponent
from seam_core.progress import Tick


class BothStrands:
    """The mean of the answers to a sequence and to its reverse complement.

    Gradients and multipliers of the other strand are turned back, so that a map is the mean of
    that of the sequence and the turned one of its reverse complement.
    """

    def __init__(self, oracle: Oracle, alphabet: str) -> None:
        self.oracle = oracle
        self.alphabet = alphabet
        self.length = oracle.length
        self.frameworks = frameworks_of(oracle)
        self.n_letters = oracle.n_letters
        self.turned(np.zeros((1, 2, len(alphabet)), dtype=np.float32))  # raises now

    def turned(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) of the other strand, or back."""
        other = reverse_complement(one_hot, self.alphabet, NUMPY)
        return np.ascontiguousarray(other, dtype=np.float32)

    @property
    def capabilities(self) -> Capabilities:
        """Those of the model, of both strands."""
        return StrandCapabilities(self)

    @property
    def heads(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """As of the model."""
        return heads_of(self.oracle)

    @property
    def inputs(self) -> tuple[tuple[str, str], ...]:
        """As of the model."""
        return inputs_of(self.oracle)

    def predict(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) to (n,)."""
        return (self.oracle.predict(one_hot) + self.oracle.predict(self.turned(one_hot))) / 2

    @property
    def needs_component(self) -> bool:
        """As of the model."""
        return getattr(self.oracle, "needs_component", False)

    def profiles(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, B) of the strand given, which the component is taken from."""
        inner: Any = self.oracle
        return inner.profiles(one_hot)

    def set_component(self, component: ProfileComponent) -> None:
        """As of the model."""
        inner: Any = self.oracle
        inner.set_component(component)


class StrandCapabilities:
    """What the model can do, of both strands."""

    def __init__(self, oracle: BothStrands) -> None:
        self._oracle = oracle
        self._one = capabilities_of(oracle.oracle)
        self.batches_at_once = self._one.batches_at_once
        self.largest_batch = self._one.largest_batch
        self.device = self._one.device

    @property
    def bytes_per_sequence(self) -> int | None:
        return self._one.bytes_per_sequence

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
        return None  # both strands of each mutant are predicted whole

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
