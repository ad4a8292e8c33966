"""A PyTorch module narrowed to one number a sequence, with its gradient."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from seam_core.oracles.adapters import Adapter, chosen
from seam_core.oracles.function import named_heads
from seam_core.oracles.protocol import no_memory
from seam_core.oracles.reductions import (
    FIRST_PC,
    ArrayOps,
    ProfileComponent,
    check_output,
    chosen_profiles,
    reduce_output,
)
from seam_core.product import install_command
from seam_core.validate import (
    InputError,
    MissingPackageError,
    OracleError,
    check_finite,
    first_line,
)

# What PyTorch raises for inputs that do not fit.
CALL_ERRORS = (RuntimeError, ValueError, TypeError, IndexError, AttributeError)


def import_torch() -> Any:
    """The torch module; raises `MissingPackageError` when PyTorch is not installed."""
    try:
        import torch
    except ImportError as error:
        raise MissingPackageError(
            f"PyTorch models need PyTorch: {install_command('torch')}"
        ) from error
    return torch


class TorchOracle:
    """Head `head`, column `column` of a PyTorch module, as a function of one-hot sequences.

    Parameters
    ----------
    module : takes (n, L, A), or (n, A, L) where the adapter says so; put in evaluation mode
    head : index or name of the output
    column, reduction : what of it is explained, see `reduce_output`
    adapter : order of the module's axes, and what its other inputs are given; inputs with a
        default that are not named keep it
    n_letters : A
    length : L, where the module takes one length only
    device : "auto", "cpu" or "gpu"
    source : the file, for messages
    """

    def __init__(
        self,
        module: Any,
        *,
        head: str | int = 0,
        column: int = 0,
        reduction: str = "none",
        adapter: Adapter | None = None,
        n_letters: int = 4,
        length: int | None = None,
        device: str = "auto",
        source: str = "",
    ) -> None:
        torch = import_torch()
        self.device = torch_device(device)
        self.module = _in_evaluation_mode(module).to(self.device)
        for weight in self.module.parameters():
            weight.requires_grad_(False)
        self._dtype = next(
            (w.dtype for w in self.module.parameters() if w.is_floating_point()), torch.float32
        )
        self.adapter = adapter or Adapter()
        self.head = head
        self.column = column
        self.reduction = reduction
        self.n_letters = n_letters
        self.length = length
        self.source = source or type(module).__name__
        self.component: ProfileComponent | None = None
        self.heads: tuple[tuple[str, tuple[int, ...]], ...] = ()
        self.compiled: dict[str, Any] = {}
        names = _input_names(module)
        self._sequence_input = self.adapter.chosen_input([name for name, _ in names], self.source)
        self._rows = _other_rows(names, self._sequence_input, self.adapter, self.source)

    # -- what the protocols ask for -------------------------------------------------------------

    def predict(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) to (n,) float32; `InputError` for a wrong shape or NaN."""
        torch = import_torch()
        with torch.no_grad():
            return self._finite(self.scalar(self._tensor(one_hot)), "prediction")

    def gradient(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(n, L, A) to predictions (n,) and gradients (n, L, A), float32, in one pass."""
        torch = import_torch()
        tensor = self._tensor(inputs).requires_grad_(True)
        predictions = self.scalar(tensor)
        if not predictions.requires_grad:
            raise InputError(
                "model", "an output that no gradient reaches", "a differentiable one", self.source
            )
        # The sum: row i of its gradient is the gradient of prediction i alone.
        try:
            (gradients,) = torch.autograd.grad(predictions.sum(), tensor)
        except torch.OutOfMemoryError as error:
            raise OracleError(no_memory(self.source, len(inputs))) from error
        return self._finite(predictions, "prediction"), self._finite(gradients, "gradient")

    @property
    def needs_component(self) -> bool:
        """True until a "first_pc" has its component."""
        return self.reduction == FIRST_PC and self.component is None

    def profiles(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) to flattened profiles, (n, B) float32."""
        torch = import_torch()
        with torch.no_grad():
            output = self._output(self._tensor(one_hot))
        return chosen_profiles(output.float().cpu().numpy(), self.column)

    def set_component(self, component: ProfileComponent) -> None:
        """Project on this component from now on."""
        self.component = component
        self.compiled = {}

    # -- for attribution methods that look inside -----------------------------------------------

    def scalar(self, inputs: Any) -> Any:
        """The number explained, as a tensor that gradients flow through: (n, L, A) to (n,)."""
        return reduce_output(
            self._output(inputs),
            column=self.column,
            reduction=self.reduction,
            ops=_torch_ops(),
            component=self.component,
        )

    # -- how ------------------------------------------------------------------------------------

    def _output(self, inputs: Any) -> Any:
        """The head's output, profiles as (n, positions, tracks)."""
        found = self._called(inputs)
        heads = named_heads(found)
        first_first = self.adapter.channels_first
        self.heads = tuple(
            (name, _as_positions_last(tuple(value.shape), first_first)[1:])
            for name, value in heads.items()
        )
        name = list(heads)[chosen(self.head, list(heads), "head", self.source)]
        output = heads[name]
        if first_first and output.ndim == 3:
            output = output.movedim(1, 2)
        if output.ndim == 0 or len(output) != len(inputs):
            raise InputError(
                "prediction",
                f"shape {tuple(output.shape)} for {len(inputs)} sequences",
                f"({len(inputs)}, ...)",
                self.source,
            )
        check_output(tuple(output.shape), name, self.column, self.reduction, self.source)
        return output

    def _called(self, inputs: Any) -> Any:
        sequences = inputs.movedim(1, 2) if self.adapter.channels_first else inputs
        arguments: list[Any] = []
        keywords: dict[str, Any] = {}
        for index, (name, row) in enumerate(self._rows):
            if index == self._sequence_input:
                value = sequences
            elif row is None:
                continue
            else:
                tensor = inputs.new_tensor(row)
                value = tensor.expand(len(inputs), *tensor.shape)
            if len(arguments) == index:
                arguments.append(value)
            else:
                keywords[name] = value
        try:
            return self.module(*arguments, **keywords)
        except import_torch().OutOfMemoryError as error:
            raise OracleError(no_memory(self.source, len(inputs))) from error
        except CALL_ERRORS as error:
            shape = tuple(sequences.shape)
            other = "channels_last" if self.adapter.channels_first else "channels_first"
            raise OracleError(
                f"{self.source} raised {type(error).__name__} for an input of shape {shape}: "
                f"{first_line(error)} (a model with the other order of axes needs "
                f"layout = {other})"
            ) from error

    def _tensor(self, inputs: np.ndarray) -> Any:
        shape = np.shape(inputs)
        if len(shape) != 3 or shape[2] != self.n_letters or self.length not in (None, shape[1]):
            raise InputError(
                "sequences",
                f"one-hot of shape {shape}",
                f"(n, {self.length or 'any'}, {self.n_letters}), the model's input",
                self.source,
            )
        return self.as_tensor(inputs)

    def as_tensor(self, values: np.ndarray) -> Any:
        """Numbers of the module's type, where it runs."""
        torch = import_torch()
        return torch.tensor(np.asarray(values), dtype=self._dtype, device=self.device)

    def _finite(self, tensor: Any, what: str) -> np.ndarray:
        array = tensor.detach().float().cpu().numpy()  # NumPy has no bfloat16
        check_finite(array, what, self.source)
        return array


def torch_device(device: str) -> Any:
    """The torch.device for "auto", "cpu" or "gpu"; `InputError` where "gpu" finds none."""
    torch = import_torch()
    has_gpu = torch.cuda.is_available()
    if device == "gpu" and not has_gpu:
        raise InputError("device", "gpu, but PyTorch sees none", "cpu or auto")
    return torch.device("cuda" if has_gpu and device != "cpu" else "cpu")


def _torch_ops() -> ArrayOps:
    torch = import_torch()
    return ArrayOps(
        total=lambda array, axis: array.sum(dim=axis),
        mean=lambda array, axis: array.mean(dim=axis),
        softmax=lambda array, axis: torch.softmax(array, dim=axis),
        constant=lambda values, like: like.new_tensor(values),
    )


def _in_evaluation_mode(module: Any) -> Any:
    try:
        return module.eval()
    except NotImplementedError:  # an exported program is in the mode that it was exported in
        return module


def _input_names(module: Any) -> list[tuple[str, bool]]:
    """(name, must be given) of each input."""
    schema = getattr(getattr(module, "forward", None), "schema", None)
    if schema is not None:
        return [(a.name, not a.has_default_value()) for a in schema.arguments[1:]]
    parameters = inspect.signature(module.forward).parameters.values()
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [(p.name, p.default is inspect.Parameter.empty) for p in parameters if p.kind in plain]
    return names or [("input", True)]


def _other_rows(
    names: list[tuple[str, bool]], sequence: int, adapter: Adapter, source: str
) -> list[tuple[str, np.ndarray | None]]:
    """What each input is given; None for the sequence, and for those that keep their default."""
    rows: list[tuple[str, np.ndarray | None]] = []
    for index, (name, needed) in enumerate(names):
        row = adapter.others.get(name, adapter.others.get(str(index)))
        if row is None and needed and index != sequence:
            raise InputError(
                "other_inputs",
                f"nothing for input {name}",
                "an .npz file with its values: PyTorch does not say their shape",
                source,
            )
        rows.append((name, row))
    return rows


def _as_positions_last(shape: tuple[int, ...], channels_first: bool) -> tuple[int, ...]:
    if channels_first and len(shape) == 3:
        return (shape[0], shape[2], shape[1])
    return shape
