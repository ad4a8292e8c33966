"""Which number of a model's outputs is explained: written once, for every framework."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from numbers import Number
from typing import Any

import numpy as np

from seam_core.oracles.adapters import chosen
from seam_core.oracles.reductions import (
    FIRST_PC,
    ArrayOps,
    ProfileComponent,
    check_output,
    chosen_profiles,
    reduce_output,
)
from seam_core.validate import InputError

ONLY = "output"


class Explained:
    """Head `head`, column `column` of it, reduced to one number a sequence.

    Parameters
    ----------
    head : index or name
    column, reduction : see `reduce_output`
    channels_first : the model gives profiles as (n, T, B)

    Attributes
    ----------
    heads : (name, shape without the batch axis) of each output, of the last call
    component : of "first_pc"
    """

    def __init__(
        self,
        head: str | int = 0,
        column: int = 0,
        reduction: str = "none",
        *,
        channels_first: bool = False,
        source: str = "",
    ) -> None:
        self.head = head
        self.column = column
        self.reduction = reduction
        self.channels_first = channels_first
        self.source = source
        self.heads: tuple[tuple[str, tuple[int, ...]], ...] = ()
        self.component: ProfileComponent | None = None

    @property
    def needs_component(self) -> bool:
        """True until a "first_pc" has its component."""
        return self.reduction == FIRST_PC and self.component is None

    def output(self, outputs: Mapping[str, Any], n: int | None, ops: ArrayOps) -> Any:
        """The head's output, profiles as (n, positions, tracks), after checking that it fits.

        Parameters
        ----------
        outputs : by name, as the model gives them
        n : sequences asked about; None: not known
        """
        turned = {name: self._turned(each, ops) for name, each in outputs.items()}
        if n is not None or not self.heads:
            self.heads = tuple((name, tuple(each.shape)[1:]) for name, each in turned.items())
        output = turned[self.name]
        shape = tuple(output.shape)
        if not shape or (n is not None and shape[0] != n):
            raise InputError(
                "prediction",
                f"{output.dtype} of shape {shape} for {n} sequences",
                f"numbers of shape ({n},) or ({n}, columns)",
                self.source,
            )
        check_output(shape, self.name, self.column, self.reduction, self.source)
        return output

    @property
    def name(self) -> str:
        """The head's; `InputError` lists those there are."""
        names = [name for name, _ in self.heads]
        return names[chosen(self.head, names, "head", self.source)]

    def reduced(self, output: Any, ops: ArrayOps) -> Any:
        """(n,) numbers from the head's output."""
        return reduce_output(
            output,
            column=self.column,
            reduction=self.reduction,
            ops=ops,
            component=self.component,
        )

    def profiles(self, output: np.ndarray) -> np.ndarray:
        """(n, B) float32: flattened profiles that "first_pc" works on."""
        return chosen_profiles(output, self.column)

    def _turned(self, output: Any, ops: ArrayOps) -> Any:
        return ops.turned(output) if self.channels_first and len(output.shape) == 3 else output


def named_outputs(found: Any) -> dict[str, Any]:
    """A model's outputs by their path, such as `human/rna`; what is no array is passed over.

    Of a list at the top the parts are output_0, output_1, ...; a single output is "output".
    """
    if _parts(found) is None:
        return {ONLY: found}
    is_list = isinstance(found, (list, tuple)) and not hasattr(found, "_fields")
    return {
        "/".join([f"output_{path[0]}" if is_list else path[0], *path[1:]]): value
        for path, value in _leaves(found, ())
    }


def _leaves(found: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    parts = _parts(found)
    if parts is None:
        if found is not None and not isinstance(found, (str, bytes, Number)):
            yield path, found
        return
    for name, part in parts.items():
        yield from _leaves(part, (*path, name))


def _parts(found: Any) -> dict[str, Any] | None:
    """What a container holds, by name; None of anything else, a list of numbers or words too."""
    if isinstance(found, Mapping):
        return {str(name): value for name, value in found.items()}
    if isinstance(found, tuple) and hasattr(found, "_fields"):
        return dict(zip(found._fields, found, strict=True))
    if dataclasses.is_dataclass(found) and not isinstance(found, type):
        return {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}
    if not isinstance(found, Sequence) or isinstance(found, (str, bytes)):
        return None
    if found and all(_is_scalar(each) for each in found):
        return None
    return {str(index): value for index, value in enumerate(found)}


def _is_scalar(found: Any) -> bool:
    return isinstance(found, (Number, str)) or getattr(found, "ndim", None) == 0
