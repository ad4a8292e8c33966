"""What an oracle is."""

from __future__ import annotations

import contextlib
from typing import Protocol, runtime_checkable

import numpy as np

from seam_core.oracles.reductions import ProfileComponent


def no_memory(source: str, n: int) -> str:
    """What the user is told when the model's activations do not fit."""
    return (
        f"{source or 'the model'}: not enough memory for {n} sequences at once; "
        "a smaller batch_size needs less, device = cpu may have more"
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Does what a framework or a function raised say that memory was lacking?"""
    said = ("can't allocate memory", "out of memory", "RESOURCE_EXHAUSTED")
    return isinstance(error, MemoryError) or any(each in str(error) for each in said)


@runtime_checkable
class Oracle(Protocol):
    """A sequence-to-scalar function, already narrowed to one head and one column.

    length : L, or None where any length is taken
    n_letters : A

    An oracle may also have `heads`, a tuple of (name, shape without the batch axis), for
    `check_oracle`, and `frameworks`, see `frameworks_of`.
    """

    length: int | None
    n_letters: int

    def predict(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) float32 one-hot to (n,) float32."""
        ...


def note_framework(oracle: Oracle, name: str) -> None:
    """Keep with an oracle which framework loaded it."""
    with contextlib.suppress(AttributeError):  # slots of another package's oracle
        object.__setattr__(oracle, "frameworks", (name,))


def frameworks_of(*oracles: Oracle) -> tuple[str, ...]:
    """Names of the frameworks that oracles were loaded by; none of one made by hand."""
    names = (name for each in oracles for name in getattr(each, "frameworks", ()))
    return tuple(dict.fromkeys(names))


@runtime_checkable
class DifferentiableOracle(Oracle, Protocol):
    """An oracle that also knows its gradient."""

    def gradient(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(n, L, A) float32 to predictions (n,) and gradients (n, L, A), in one pass.

        Row i of the gradient is of prediction i alone: it does not depend on the batch.
        """
        ...


@runtime_checkable
class ProfileOracle(Oracle, Protocol):
    """An oracle whose scalar may depend on the profiles of the whole library.

    needs_component : True while the reduction is "first_pc" and no component was set
    """

    needs_component: bool

    def profiles(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) float32 one-hot to flattened profiles, (n, B) float32."""
        ...

    def set_component(self, component: ProfileComponent) -> None:
        """Project on this component from now on."""
        ...
