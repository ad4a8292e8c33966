"""Oracles: whatever answers "how active is this sequence?"."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np


@runtime_checkable
class Oracle(Protocol):
    """A sequence-to-scalar function, already narrowed to one head and one column.

    length : L, or None where any length is taken
    n_letters : A
    """

    length: int | None
    n_letters: int

    def predict(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) float32 one-hot to (n,) float32."""
        ...


@runtime_checkable
class DifferentiableOracle(Oracle, Protocol):
    """An oracle that also knows its gradient."""

    def gradient(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(n, L, A) float32 to predictions (n,) and gradients (n, L, A), in one pass.

        Row i of the gradient is of prediction i alone: it does not depend on the batch.
        """
        ...
