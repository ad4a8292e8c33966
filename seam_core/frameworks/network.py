"""What the oracles of all frameworks have in common."""

from __future__ import annotations

from typing import Any

import numpy as np

from seam_core.oracles.adapters import Adapter
from seam_core.oracles.capabilities import Kept
from seam_core.oracles.explained import Explained
from seam_core.oracles.reductions import ArrayOps, ProfileComponent
from seam_core.validate import InputError


class NetworkOracle:
    """A network narrowed to one number a sequence.

    Parameters
    ----------
    head, column, reduction : what is explained, see `Explained`
    adapter : order of the network's axes, and what its other inputs are given
    n_letters : A
    length : L, or None where the network takes any
    source : the file, for messages

    Attributes
    ----------
    explained : the number that is explained
    kept : what attribution methods made of the network, which takes seconds
    """

    ops: ArrayOps

    def __init__(
        self,
        *,
        head: str | int,
        column: int,
        reduction: str,
        adapter: Adapter | None,
        n_letters: int,
        length: int | None,
        source: str,
    ) -> None:
        self.adapter = adapter or Adapter()
        first = self.adapter.channels_first
        self.explained = Explained(head, column, reduction, channels_first=first, source=source)
        self.n_letters = n_letters
        self.length = length
        self.source = source
        self.kept = Kept()

    @property
    def heads(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """(name, shape without the batch axis) of each output, as far as it was asked."""
        return self.explained.heads

    @property
    def needs_component(self) -> bool:
        """True until a "first_pc" has its component."""
        return self.explained.needs_component

    def set_component(self, component: ProfileComponent) -> None:
        """Project on this component from now on."""
        self.explained.component = component
        self.kept.forget()

    def scalar(self, inputs: Any) -> Any:
        """The number explained, as a tensor that gradients flow through: (n, L, A) to (n,)."""
        return self.reduced(self._output(inputs))

    def reduced(self, output: Any) -> Any:
        """The number explained, from what the head puts out, profiles as (n, positions, tracks)."""
        return self.explained.reduced(output, self.ops)

    def _output(self, inputs: Any) -> Any:
        """The head's output for a tensor (n, L, A), profiles as (n, positions, tracks)."""
        raise NotImplementedError

    def _check_shape(self, inputs: np.ndarray) -> None:
        shape = np.shape(inputs)
        if len(shape) != 3 or shape[2] != self.n_letters or self.length not in (None, shape[1]):
            raise InputError(
                "sequences",
                f"one-hot of shape {shape}",
                f"(n, {self.length or 'any'}, {self.n_letters}), the model's input",
                self.source,
            )
