"""What an oracle has from the models that it asks."""

from __future__ import annotations

from typing import Any

from seam_core.oracles.capabilities import heads_of, inputs_of
from seam_core.oracles.protocol import Oracle, frameworks_of
from seam_core.oracles.reductions import ProfileComponent


class OfModels:
    """An oracle that asks others: the mean of several, one on both strands, one in a context.

    models : those that it asks, which have the same heads and inputs
    """

    models: tuple[Oracle, ...]

    @property
    def frameworks(self) -> tuple[str, ...]:
        """Which loaded the models."""
        return frameworks_of(*self.models)

    @property
    def heads(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Those of the first."""
        return heads_of(self.models[0])

    @property
    def inputs(self) -> tuple[tuple[str, str], ...]:
        """What the first one's inputs are given."""
        return inputs_of(self.models[0])

    @property
    def needs_component(self) -> bool:
        """True while one of them needs the profiles of the library."""
        return any(getattr(each, "needs_component", False) for each in self.models)


class OfOneModel(OfModels):
    """The same of one model.

    oracle : the model
    """

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle
        self.models = (oracle,)
        self.n_letters = oracle.n_letters

    def set_component(self, component: ProfileComponent) -> None:
        """As of the model."""
        inner: Any = self.oracle
        inner.set_component(component)
