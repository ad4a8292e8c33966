"""What the oracles of all frameworks have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from seam_core.oracles.adapters import Adapter, Shape, load_adapter
from seam_core.oracles.array_ops import ArrayOps
from seam_core.oracles.capabilities import Kept, MutantPredictor
from seam_core.oracles.explained import Explained
from seam_core.oracles.inputs import InputRule, reverse_complement
from seam_core.oracles.reductions import ProfileComponent
from seam_core.parameters import OracleParameters
from seam_core.validate import InputError


def step_of_the_sequence(what: str, source: str = "") -> InputError:
    """DeepSHAP's refusal where `what` makes a step of the sequence that its number depends on."""
    return InputError(
        "method",
        f"deepshap, for a model in which {what} makes a mask, or another step, of the sequence",
        "masks that are the same for all sequences and backgrounds, or --method saliency, intgrad, "
        "smoothgrad or ism",
        source,
    )


def without_rule(what: str, way: str = "") -> InputError:
    """DeepSHAP's refusal of a model with `what`, where its rescale rule does not know the way.

    way : how the same model would be explained, if it could
    """
    way = f"{way}, or " if way else ""
    return InputError(
        "method",
        f"deepshap, for a model with {what}, which it has no rule for",
        f"{way}--method saliency, intgrad, smoothgrad or ism",
    )


def of_two(operation: str) -> InputError:
    """The same of an operation that is linear, or has a rule, in one of its arguments alone."""
    return without_rule(f"the operation {operation} of two arguments that depend on the sequence")


class NetworkOracle:
    """A network narrowed to one number a sequence.

    Parameters
    ----------
    explained : which number of the outputs
    adapter : order of the network's axes, and what its other inputs are given
    n_letters : A
    length : L, or None where the network takes any
    source : the file, for messages

    Attributes
    ----------
    inputs : (name, what it is given in words) of each input
    fixed_batch : sequences that the network takes at once, no more and no fewer; None: any
    kept : what attribution methods made of the network, which takes seconds
    """

    ops: ArrayOps

    def __init__(
        self,
        *,
        explained: Explained,
        adapter: Adapter | None,
        n_letters: int,
        length: int | None,
        source: str,
    ) -> None:
        self.adapter = adapter or Adapter()
        self.explained = explained
        explained.source = source
        explained.letters_first = self.adapter.letters_first
        self.n_letters = n_letters
        self.length = length
        self.source = source
        self.inputs: tuple[tuple[str, str], ...] = ()
        self.fixed_batch: int | None = None
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

    @property
    def is_local(self) -> bool:
        """May it be looked at by its parts? One head, any batch, letters as they are."""
        plain = self.adapter.channels is None
        return plain and self.fixed_batch is None and self.explained.single

    def local_mutants(
        self,
        make: Callable[..., MutantPredictor | None],
        length: int,
        channels: np.ndarray,
        width: int,
    ) -> MutantPredictor | None:
        """What predicts mutants by the positions they reach; made once a length and width."""
        if not self.is_local:
            return None
        name = f"local mutants {length} {len(channels)} {width}"
        predictor: MutantPredictor | None = self.kept.get(
            name, lambda: make(self, length, channels, width)
        )
        return predictor

    def _output(self, inputs: Any) -> Any:
        """The head's output for a tensor (n, L, A), profiles as (n, positions, tracks)."""
        raise NotImplementedError

    def _given(self, rule: InputRule, sequences: Any, layout: str = "") -> Any:
        """What an input that follows the sequences (n, L, A) is given, in the network's order or
        in another layout."""
        if rule.kind == "reverse_complement":
            sequences = reverse_complement(sequences, self.adapter.alphabet, self.ops)
        return self.adapter.laid_out(sequences, self.ops, layout)

    def _say_inputs(self, names: Sequence[str], said: Sequence[str]) -> None:
        self.inputs = tuple(zip(names, said, strict=True))

    def _check_shape(self, inputs: np.ndarray) -> None:
        shape = np.shape(inputs)
        if len(shape) != 3 or shape[2] != self.n_letters or self.length not in (None, shape[1]):
            raise InputError(
                "sequences",
                f"one-hot of shape {shape}",
                f"(n, {self.length or 'any'}, {self.n_letters}), the model's input",
                self.source,
            )

    def _in_batches(
        self, function: Callable[[np.ndarray], tuple[np.ndarray, ...]], inputs: np.ndarray
    ) -> tuple[np.ndarray, ...]:
        """What `function` answers for arrays, asked in the network's batch where it is fixed."""
        size = self.fixed_batch
        if size is None or len(inputs) == 0:
            return function(inputs)
        parts = []
        for first in range(0, len(inputs), size):
            rows = np.minimum(np.arange(first, first + size), len(inputs) - 1)
            parts.append(function(inputs[rows]))
        joined = (np.concatenate(each)[: len(inputs)] for each in zip(*parts, strict=True))
        return tuple(joined)


def input_of(parameters: OracleParameters, base: Path | None) -> dict[str, Any]:
    """What says how sequences become inputs, as the oracles of all frameworks take it."""
    return {
        "adapter": load_adapter(parameters, base),
        "n_letters": len(parameters.alphabet),
    }


def longer_advice(length: int) -> str:
    """What to say of a model that fails at the length given and runs at this one."""
    return f"it runs with {length} letters: --length, a longer sequence, or --context around it"


def fixed_size(shape: Shape) -> int | None:
    """The batch that an input of `shape` (with its batch axis) is bound to; None: any."""
    return shape[0] if shape and isinstance(shape[0], int) else None


def check_any_number(fixed_batch: int | None) -> None:
    """Raise `InputError` where DeepSHAP is asked of a model that is bound to a batch."""
    if fixed_batch is not None:
        sequences = f"{fixed_batch} sequence{'s' * (fixed_batch > 1)}"
        got = f"deepshap, for a model that takes {sequences} at once"
        raise InputError("method", got, "another, or a model that takes any number of them")
