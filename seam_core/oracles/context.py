"""Short sequences explained inside the long input that the model takes."""

from __future__ import annotations

import numpy as np

from seam_core.oracles import Oracle
from seam_core.oracles.reductions import ProfileComponent
from seam_core.sequences import encode
from seam_core.validate import InputError


class InContext:
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
        self.oracle = oracle
        self.length: int | None = length
        self._size = length
        self.n_letters = oracle.n_letters
        self.start = start
        self.context = context
        self._encoded = encode(context, alphabet)

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

    @property
    def needs_component(self) -> bool:
        """As of the oracle of the whole input."""
        return getattr(self.oracle, "needs_component", False)

    def profiles(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, W, A) to flattened profiles, (n, B)."""
        return self.oracle.profiles(self.embed(one_hot))  # type: ignore[attr-defined]

    def set_component(self, component: ProfileComponent) -> None:
        """Of the profiles' first principal component."""
        self.oracle.set_component(component)  # type: ignore[attr-defined]


def of_whole_input(oracle: Oracle) -> Oracle:
    """The oracle of the model's whole input, in context or not."""
    return oracle.oracle if isinstance(oracle, InContext) else oracle


class DifferentiableInContext(InContext):
    """The same, of an oracle with a gradient."""

    def gradient(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(n, W, A) to predictions (n,) and gradients (n, W, A)."""
        predictions, gradients = self.oracle.gradient(self.embed(inputs))  # type: ignore[attr-defined]
        return predictions, gradients[:, self.window]
