"""A PyTorch module narrowed to one number a sequence, with its gradient."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from seam_core.frameworks.network import NetworkOracle
from seam_core.frameworks.torch.capabilities import TorchCapabilities
from seam_core.frameworks.torch.runtime import CALL_ERRORS, import_torch, torch_device
from seam_core.oracles.adapters import Adapter
from seam_core.oracles.explained import named_outputs
from seam_core.oracles.protocol import no_memory
from seam_core.oracles.reductions import ArrayOps
from seam_core.validate import InputError, OracleError, check_finite, first_line


class TorchOracle(NetworkOracle):
    """Head `head`, column `column` of a PyTorch module, as a function of one-hot sequences.

    Parameters
    ----------
    module : takes (n, L, A), or (n, A, L) where the adapter says so; put in evaluation mode.
        Inputs with a default that the adapter does not name keep it
    length : L, where the module takes one length only
    device : "auto", "cpu" or "gpu"
    others : see `NetworkOracle`
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
        super().__init__(
            head=head,
            column=column,
            reduction=reduction,
            adapter=adapter,
            n_letters=n_letters,
            length=length,
            source=source or type(module).__name__,
        )
        torch = import_torch()
        self.ops = torch_ops()
        self.device = torch_device(device)
        self.module = _in_evaluation_mode(module).to(self.device)
        for weight in self.module.parameters():
            weight.requires_grad_(False)
        self._dtype = next(
            (w.dtype for w in self.module.parameters() if w.is_floating_point()), torch.float32
        )
        self.capabilities = TorchCapabilities(self)
        names = _input_names(module)
        self._sequence_input = self.adapter.chosen_input([name for name, _ in names], self.source)
        self._rows = _other_rows(names, self._sequence_input, self.adapter, self.source)

    # -- what the protocols ask for -------------------------------------------------------------

    def predict(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) to (n,) float32; `InputError` for a wrong shape or NaN."""
        torch = import_torch()
        with torch.no_grad():
            return self.finite(self.scalar(self.tensor(one_hot)), "prediction")

    def gradient(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(n, L, A) to predictions (n,) and gradients (n, L, A), float32, in one pass."""
        torch = import_torch()
        tensor = self.tensor(inputs).requires_grad_(True)
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
        return self.finite(predictions, "prediction"), self.finite(gradients, "gradient")

    def profiles(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) to flattened profiles, (n, B) float32."""
        torch = import_torch()
        with torch.no_grad():
            output = self._output(self.tensor(one_hot))
        return self.explained.profiles(output.float().cpu().numpy())

    # -- for attribution methods that look inside -----------------------------------------------

    def tensor(self, inputs: np.ndarray) -> Any:
        """One-hot sequences (n, L, A) as the module's numbers, where it runs, once checked."""
        self._check_shape(inputs)
        return self.as_tensor(inputs)

    def as_tensor(self, values: np.ndarray) -> Any:
        """Numbers of the module's type, where it runs."""
        torch = import_torch()
        return torch.tensor(np.asarray(values), dtype=self._dtype, device=self.device)

    def finite(self, tensor: Any, what: str) -> np.ndarray:
        """The tensor as an array; `InputError` for NaN and infinity."""
        array = tensor.detach().float().cpu().numpy()  # NumPy has no bfloat16
        check_finite(array, what, self.source)
        return array

    # -- how ------------------------------------------------------------------------------------

    def _output(self, inputs: Any) -> Any:
        return self.explained.output(named_outputs(self._called(inputs)), len(inputs), self.ops)

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


def torch_ops() -> ArrayOps:
    """What reductions need of PyTorch."""
    torch = import_torch()
    return ArrayOps(
        total=lambda array, axis: array.sum(dim=axis),
        mean=lambda array, axis: array.mean(dim=axis),
        softmax=lambda array, axis: torch.softmax(array, dim=axis),
        constant=lambda values, like: like.new_tensor(values),
        turned=lambda array: array.movedim(1, 2),
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
