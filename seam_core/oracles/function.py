"""Any Python callable as an oracle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from seam_core.oracles.adapters import chosen
from seam_core.oracles.reductions import (
    FIRST_PC,
    ProfileComponent,
    check_output,
    chosen_profiles,
    reduce_output,
)
from seam_core.parameters import OracleParameters
from seam_core.validate import InputError, OracleError, first_line


class FunctionOracle:
    """A callable `predict(one_hot) -> (n,)`, `(n, T)`, `(n, B, T)`, or a list or dict of these.

    Parameters
    ----------
    function : takes (n, L, A) float32, or (n, A, L) where `channels_first`
    head : index or name, where the callable returns a list or dict
    length : L, or None where the callable takes any
    source : its name, for messages
    """

    def __init__(
        self,
        function: Callable[[np.ndarray], Any],
        *,
        n_letters: int = 4,
        length: int | None = None,
        head: str | int = 0,
        column: int = 0,
        reduction: str = "none",
        channels_first: bool = False,
        source: str = "",
    ) -> None:
        if not callable(function):
            raise InputError("model", f"a {type(function).__name__}", "a callable", source)
        self.function = function
        self.n_letters = n_letters
        self.length = length
        self.head = head
        self.column = column
        self.reduction = reduction
        self.channels_first = channels_first
        self.source = source or getattr(function, "__name__", type(function).__name__)
        self.component: ProfileComponent | None = None
        self.heads: tuple[tuple[str, tuple[int, ...]], ...] = ()

    @classmethod
    def from_parameters(
        cls, function: Callable[[np.ndarray], Any], parameters: OracleParameters
    ) -> FunctionOracle:
        """The oracle that `parameters` describe, of a callable already found."""
        return cls(
            function,
            n_letters=len(parameters.alphabet),
            head=parameters.head,
            column=parameters.column,
            reduction=parameters.reduction,
            channels_first=parameters.layout == "channels_first",
            source=parameters.model,
        )

    def predict(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) to (n,) float32; `OracleError` with the callable's own error when it raises."""
        output = self._output(one_hot)
        scalars = reduce_output(
            output, column=self.column, reduction=self.reduction, component=self.component
        )
        return np.asarray(scalars, dtype=np.float32)

    @property
    def needs_component(self) -> bool:
        """True until a "first_pc" has its component."""
        return self.reduction == FIRST_PC and self.component is None

    def profiles(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) to flattened profiles, (n, B) float32."""
        return chosen_profiles(self._output(one_hot), self.column)

    def set_component(self, component: ProfileComponent) -> None:
        """Project on this component from now on."""
        self.component = component

    def _output(self, one_hot: np.ndarray) -> np.ndarray:
        """The head's output, profiles as (n, positions, tracks)."""
        inputs = np.moveaxis(one_hot, 1, 2) if self.channels_first else one_hot
        try:
            found = named_heads(self.function(inputs))
            heads = {name: np.asarray(value) for name, value in found.items()}
        except Exception as error:
            raise OracleError(
                f"{self.source} raised {type(error).__name__}: {first_line(error)}"
            ) from error
        if self.channels_first:
            heads = {n: np.moveaxis(v, 1, 2) if v.ndim == 3 else v for n, v in heads.items()}
        self.heads = tuple((name, value.shape[1:]) for name, value in heads.items())
        name = list(heads)[chosen(self.head, list(heads), "head", self.source)]
        output = heads[name]
        if output.ndim == 0 or len(output) != len(one_hot) or output.dtype.kind not in "biuf":
            raise InputError(
                "prediction",
                f"{output.dtype} of shape {output.shape} for {len(one_hot)} sequences",
                f"numbers of shape ({len(one_hot)},) or ({len(one_hot)}, columns)",
                self.source,
            )
        check_output(output.shape, name, self.column, self.reduction, self.source)
        return output


def named_heads(found: Any) -> dict[str, Any]:
    """A model's outputs by name: of a dict its keys, of a list output_0, output_1, ..."""
    if isinstance(found, Mapping):
        return {str(name): value for name, value in found.items()}
    is_list = isinstance(found, Sequence) and not isinstance(found, str)
    if is_list and len(found) and np.ndim(found[0]) > 0:
        return {f"output_{index}": value for index, value in enumerate(found)}
    return {"output": found}
