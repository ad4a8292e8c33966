"""Short sequences explained inside the long input that the model takes."""

from __future__ import annotations

import numpy as np

from seam_core.oracles.capabilities import (
    GUESSED_WIDTH,
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
from seam_core.oracles.of_models import OfOneModel
from seam_core.oracles.protocol import Oracle
from seam_core.progress import Tick
from seam_core.sequences import UNKNOWN, encode
from seam_core.validate import InputError


class InContext(OfOneModel):
    """An oracle of the W positions from `start` of a longer sequence that is otherwise fixed.

    Parameters
    ----------
    oracle : takes sequences of the context's length
    context : (C,) int8, C >= start + W
    length : W
    alphabet : of the context's letters
    """

    def __init__(
        self, oracle: Oracle, context: np.ndarray, start: int, length: int, alphabet: str
    ) -> None:
        if oracle.length not in (None, len(context)):
            raise InputError(
                "context", f"{len(context)} letters", f"{oracle.length}, as the model takes"
            )
        if start + length > len(context):
            raise InputError(
                "context_start",
                f"{start}, for sequences of length {length}",
                f"at most {len(context) - length}: they lie within the context's {len(context)}",
            )
        super().__init__(oracle)
        self.length: int | None = length
        self._size = length
        self.alphabet = alphabet
        self.start = start
        self.context = context
        self._encoded = encode(context, alphabet)

    @property
    def capabilities(self) -> Capabilities:
        """Those of the oracle of the whole input, in this window of it."""
        return CapabilitiesInContext(self)

    @property
    def window(self) -> slice:
        """Where in the model's input the sequences lie."""
        return slice(self.start, self.start + self._size)

    def embed(self, inputs: np.ndarray) -> np.ndarray:
        """(n, W, A) to the model's whole input (n, C, A)."""
        whole = np.tile(self._encoded, (len(inputs), 1, 1))
        whole[:, self.window] = inputs
        return whole

    def predict(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, W, A) to (n,)."""
        return self.oracle.predict(self.embed(one_hot))

    def profiles(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, W, A) to flattened profiles, (n, B)."""
        return self.oracle.profiles(self.embed(one_hot))  # type: ignore[attr-defined]


class CapabilitiesInContext:
    """What the oracle of the whole input can do, for a part of the input."""

    def __init__(self, oracle: InContext) -> None:
        self._oracle = oracle
        self._whole = capabilities_of(oracle.oracle)
        self._size = len(oracle.context)
        self.batches_at_once = self._whole.batches_at_once
        self.largest_batch = self._whole.largest_batch
        self.device = self._whole.device
        self.reuses_memory = reuses_memory(self._whole)

    def bytes_per_sequence(self, length: int) -> int | None:
        """Of the whole input; guessed where the model does not say."""
        guess = GUESSED_WIDTH * self._size * self._oracle.n_letters * 4
        return self._whole.bytes_per_sequence(self._size) or guess

    @property
    def gradient(self) -> Gradient | None:
        return self._of_part(self._whole.gradient)

    def gradient_in(self, length: int, window: range) -> Gradient | None:
        start = self._oracle.start
        here = range(window.start + start, window.stop + start)
        return self._of_part(self._whole.gradient_in(self._size, here))

    def path_sums(self, length: int) -> PathSums | None:
        return None  # the paths would have to be those of the whole input

    def mutants(self, length: int, channels: np.ndarray, width: int = 1) -> MutantPredictor | None:
        if (self._oracle.context == UNKNOWN).any():  # whose index, -1, is that of the last row
            channels = np.concatenate([channels, np.zeros_like(channels[:1])])
        whole = mutants_of(self._whole, self._size, channels, width)
        return None if whole is None else MutantsInContext(whole, self._oracle, width)

    def multipliers(self) -> Multipliers | None:
        inner = self._whole.multipliers()
        if inner is None:
            return None
        oracle = self._oracle

        def in_context(
            sequences: np.ndarray, references: np.ndarray
        ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
            ours, theirs, slopes = inner(oracle.embed(sequences), oracle.embed(references))
            return ours, theirs, slopes[:, oracle.window]

        return in_context

    def _of_part(self, whole: Gradient | None) -> Gradient | None:
        if whole is None:
            return None
        oracle = self._oracle

        def gradient(inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            predictions, gradients = whole(oracle.embed(inputs))
            return predictions, gradients[:, oracle.window]

        return gradient


class MutantsInContext(MutantsOfAnother):
    """Mutants of the part of a longer sequence that an `InContext` oracle is about."""

    def __init__(self, predictor: MutantPredictor, oracle: InContext, width: int) -> None:
        super().__init__(predictor, width)
        self._oracle = oracle

    def start(self, sequences: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        whole = np.repeat(self._oracle.context[None], len(sequences), axis=0)
        whole[:, self._oracle.window] = sequences
        return self._predictor.start(whole, wanted)

    def mutants(
        self, rows: np.ndarray, positions: np.ndarray, letters: np.ndarray, tick: Tick
    ) -> np.ndarray:
        return self._predictor.mutants(rows, positions + self._oracle.start, letters, tick)
