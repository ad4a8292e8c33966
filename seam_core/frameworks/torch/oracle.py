"""A PyTorch module narrowed to one number a sequence, with its gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np

from seam_core.frameworks.network import NetworkOracle
from seam_core.frameworks.torch.calls import input_names, switches
from seam_core.frameworks.torch.capabilities import TorchCapabilities
from seam_core.frameworks.torch.runtime import (
    check_bfloat16,
    import_torch,
    torch_device,
    torch_ops,
)
from seam_core.frameworks.torch.trials import advice, batch_said, looks_up, taken_apart
from seam_core.frameworks.torch.unread import spared
from seam_core.oracles.adapters import Adapter
from seam_core.oracles.explained import Explained, named_outputs
from seam_core.oracles.inputs import RULES, InputRule
from seam_core.oracles.protocol import is_out_of_memory, no_memory
from seam_core.validate import (
    FOREIGN,
    InputError,
    OracleError,
    SeamError,
    UnreachedError,
    check_finite,
    said_by,
)


class TorchOracle(NetworkOracle):
    """Head `head`, column `column` of a PyTorch module, as a function of one-hot sequences.

    Parameters
    ----------
    module : takes (n, L, A), or (n, A, L) where the adapter says so; put in evaluation mode.
        Inputs with a default that the adapter does not name keep it
    length : L, where the module takes one length only
    fixed_batch : sequences, where the module takes so many only
    device : "auto", "cpu" or "gpu"
    others : see `NetworkOracle`
    """

    def __init__(
        self,
        module: Any,
        *,
        head: str | int = 0,
        column: str | int = "",
        reduction: str = "none",
        bins: str = "",
        own: Any = None,
        adapter: Adapter | None = None,
        n_letters: int = 4,
        length: int | None = None,
        fixed_batch: int | None = None,
        device: str = "auto",
        source: str = "",
    ) -> None:
        super().__init__(
            explained=Explained(head, column, reduction, bins=bins, own=own),
            adapter=adapter,
            n_letters=n_letters,
            length=length,
            source=source or type(module).__name__,
        )
        torch = import_torch()
        self.fixed_batch = fixed_batch
        self.ops = torch_ops()
        self.device = torch_device(device)
        module = _unwrapped(module)
        _check_made(module, self.source)
        self.module = _in_evaluation_mode(module).to(self.device)
        for weight in self.module.parameters():
            weight.requires_grad_(False)
        self.dtype = next(
            (w.dtype for w in self.module.parameters() if w.is_floating_point()), torch.float32
        )
        self.capabilities = TorchCapabilities(self)
        self._tried = self._half = False
        self._ran_with: tuple[int, ...] = ()
        self.n_asked = 0
        self._rows_are_batches = False
        self._names, self._by_name = input_names(module)
        self._switches = switches(module)
        self._plan_inputs()

    # -- what the protocols ask for -------------------------------------------------------------

    def predict(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) to (n,) float32; `InputError` for a wrong shape or NaN."""
        torch = import_torch()

        def asked(part: np.ndarray) -> tuple[np.ndarray, ...]:
            tensor = self.tensor(part)
            with torch.no_grad(), spared(self, tensor):
                return (self.finite(self._answer(tensor), "prediction"),)

        return self._answered(asked, one_hot)[0]

    def gradient(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(n, L, A) to predictions (n,) and gradients (n, L, A), float32, in one pass."""
        predictions, gradients = self._answered(self._gradient, inputs)
        return predictions, gradients

    def _gradient(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        torch = import_torch()
        tensor = self.tensor(inputs).requires_grad_(True)
        half = torch.autocast(self.device.type, torch.bfloat16, enabled=self._half)
        with half, spared(self, tensor):
            predictions = self._answer(tensor.clone())  # some modules write into their input
        self.check_reached(predictions)
        # The sum: row i of its gradient is the gradient of prediction i alone.
        try:
            (gradients,) = torch.autograd.grad(predictions.sum(), tensor, allow_unused=True)
        except Exception as error:
            if is_out_of_memory(error):
                raise OracleError(no_memory(self.source, len(inputs))) from error
            raise OracleError(f"{self.source}: no gradient: {said_by(error)}") from error
        if gradients is None:
            gradients = torch.zeros_like(tensor)
        return self.finite(predictions, "prediction"), self.finite(gradients, "gradient")

    @contextmanager
    def in_bfloat16(self) -> Iterator[None]:
        """While it lasts, gradients are in bfloat16; `OracleError` where the device lacks it."""
        check_bfloat16(self.device)
        self._half = True
        try:
            yield
        finally:
            self._half = False

    def check_reached(self, predictions: Any) -> None:
        """Raise `UnreachedError` where no gradient flows from the predictions to the letters."""
        if not predictions.requires_grad:
            raise UnreachedError(self.source)

    def profiles(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) to flattened profiles, (n, B) float32."""
        torch = import_torch()

        def asked(part: np.ndarray) -> tuple[np.ndarray, ...]:
            with torch.no_grad():
                return (self._output(self.tensor(part)).float().cpu().numpy(),)

        return self.explained.profiles(self._in_batches(asked, one_hot)[0])

    @property
    def precision(self) -> str:
        """The type of its numbers where they have fewer digits than float32, else ""."""
        return str(self.dtype).removeprefix("torch.") if self.dtype.itemsize == 2 else ""

    def state(self) -> dict[str, bytes]:
        """What the module holds besides its weights and layers, by name: tensors and numbers."""
        torch = import_torch()
        held: dict[str, bytes] = {}
        for name, layer in self.module.named_modules():
            for key, value in (*layer.named_buffers(recurse=False), *vars(layer).items()):
                if isinstance(value, torch.Tensor):
                    value = value.detach().float().cpu().numpy().tobytes()
                elif isinstance(value, (int, float)):
                    value = repr(value).encode()
                else:
                    continue
                held[f"{name}.{key}".lstrip(".")] = value
        return held

    # -- for attribution methods that look inside -----------------------------------------------

    def tensor(self, inputs: np.ndarray) -> Any:
        """One-hot sequences (n, L, A) as the module's numbers, where it runs, once checked."""
        self._check_shape(inputs)
        return self.as_tensor(inputs)

    def as_tensor(self, values: np.ndarray) -> Any:
        """Numbers of the module's type, where it runs."""
        torch = import_torch()
        return torch.tensor(np.asarray(values), dtype=self.dtype, device=self.device)

    def _answer(self, inputs: Any) -> Any:
        """The numbers explained of letters: of zeros, as memory is counted, odd models answer."""
        predictions = self.scalar(inputs)
        self._ran_with = inputs.shape[1:]
        return predictions

    def finite(self, tensor: Any, what: str) -> np.ndarray:
        """The tensor as an array; `InputError` for NaN and infinity."""
        array = tensor.detach().float().cpu().numpy()  # NumPy has no bfloat16
        check_finite(array, what, self.source)
        return array

    # -- how ------------------------------------------------------------------------------------

    def _output(self, inputs: Any) -> Any:
        torch, n = import_torch(), len(inputs)
        outputs = _tensors(self._called(inputs), self.source)
        squeezed = n == 1 and any(each.shape[:1] != (1,) for each in outputs.values())
        if squeezed and self.fixed_batch == 1:
            outputs = {
                name: each if each.shape[:1] == (1,) else each[None]
                for name, each in outputs.items()
            }
        elif squeezed:  # a batch of one is squeezed away by some
            twice = _tensors(self._called(torch.cat([inputs, inputs])), self.source)
            outputs = {name: each[:1] for name, each in twice.items() if each.shape[:1] == (2,)}
        return self.explained.output(outputs, n, self.ops, inputs.shape[1])

    def _plan_inputs(self) -> None:
        """Which input takes the sequence, and what each other one is given."""
        names = [name for name, _ in self._names]
        self.adapter.check_names(names, self.source)
        first = self.adapter.chosen_input(names, source=self.source)
        said = []
        self._rules: list[InputRule | None] = []
        for index, (name, needed) in enumerate(self._names):
            rule = self.adapter.rule_named(name, index)
            if rule is None and needed and index != first:
                expected = f"--input {name}=RULE, where a rule is {RULES}"
                if name in self._switches:
                    expected = (
                        f"a module that gives it a value: a class in a file, --model file.py:Mine, "
                        f"whose forward(self, x) returns the module's own answer for x, {name}=..."
                    )
                raise InputError("input", f"nothing for input {name}", expected, self.source)
            self._rules.append(rule)
            usual = "the sequence" if index == first else "its default"
            said.append(usual if rule is None else rule.said())
        self._first = first
        self._say_inputs(names, said)

    def arguments(self, inputs: Any, layout: str) -> tuple[list[Any], dict[str, Any]]:
        """What the module is called with for a tensor (n, L, A), by place and by name."""
        arguments: list[Any] = []
        keywords: dict[str, Any] = {}
        for index, ((name, _), rule) in enumerate(zip(self._names, self._rules, strict=True)):
            if index == self._first:
                value = self.adapter.laid_out(inputs, self.ops, layout)
            elif rule is None:
                continue
            elif rule.follows_sequence:
                value = self._given(rule, inputs, layout)
            else:
                value = self._row(rule, name, inputs)
            if len(arguments) == index and name not in self._by_name:
                arguments.append(value)
            else:
                keywords[name] = value
        return arguments, keywords

    def _row(self, rule: InputRule, name: str, inputs: Any) -> Any:
        """The row for every sequence; whole numbers stay whole."""
        row = rule.row(name, None)
        if self._rows_are_batches and _may_be_batch(rule):
            row = row[0]
        torch = import_torch()
        dtype = self.dtype if row.dtype.kind == "f" else torch.int64
        tensor = torch.as_tensor(np.array(row), dtype=dtype, device=self.device)
        return tensor.expand(len(inputs), *tensor.shape)

    def _called(self, inputs: Any) -> Any:
        arguments, keywords = self.arguments(inputs, self.adapter.layout)
        try:
            return self.module(*arguments, **keywords)
        except SeamError:
            raise
        except FOREIGN as error:
            if is_out_of_memory(error):
                raise OracleError(no_memory(self.source, len(inputs))) from error
            if _is_planned(error):
                raise
            if not self._rows_are_batches and any(_may_be_batch(rule) for rule in self._rules):
                return self._called_with_batches(inputs)
            given = [*arguments, *keywords.values()]
            shape = tuple(given[self._first].shape) if given else ()
            advised = "" if inputs.shape[1:] == self._ran_with else advice(self, inputs, error)
            raise OracleError(
                f"{self.source} raised {said_by(error)}, for an input of shape {shape}{advised}"
            ) from error

    def _called_with_batches(self, inputs: Any) -> Any:
        """The same where rows of other inputs were given as batches of one."""
        self._rows_are_batches = True
        try:
            return self._called(inputs)
        except SeamError:
            self._rows_are_batches = False
            raise

    def left_at_default(self) -> list[str]:
        """Names of the inputs that are given nothing."""
        return [
            name
            for index, ((name, _), rule) in enumerate(zip(self._names, self._rules, strict=True))
            if rule is None and index != self._first
        ]

    def _answered(
        self, function: Callable[[np.ndarray], tuple[np.ndarray, ...]], inputs: np.ndarray
    ) -> tuple[np.ndarray, ...]:
        """What `function` answers, as many sequences at a time as the module takes.

        Exports made with one take one. `InputError` where the module would run, and take one-hot
        letters for indices.
        """
        if self.fixed_batch is not None or self._tried or len(inputs) < 2:
            return self._in_batches(function, inputs)
        if looks_up(self, self.tensor(inputs[:2])):
            got = f"{self.adapter.layout}, for a module that looks letters up by their index"
            raise InputError("layout", got, "--layout tokens", self.source)
        self._tried = True
        try:
            return self._in_batches(function, inputs)
        except SeamError as error:
            size = 1 if self._ran(inputs[:1]) is not None else batch_said(error)
            two = inputs[:2]
            if self._ran(two) is not None or not (size and self._answers_each(two, size)):
                # sequences may be taken for the things that a module takes in one
                advised = taken_apart(self, self.tensor(inputs[:2]))
                if isinstance(error, InputError) and advised:
                    raise OracleError(f"{error}{advised}") from error
                raise
        self.fixed_batch = size
        return self._in_batches(function, inputs)

    def _answers_each(self, pair: np.ndarray, size: int) -> bool:
        """Does it run with `size` sequences, the last of which moves the last answer alone?"""
        alike, other = self._ran(pair[[0] * size]), self._ran(pair[[0] * (size - 1) + [1]])
        ran = alike is not None and other is not None
        return ran and not bool((other != alike)[:-1].any())

    def _ran(self, inputs: np.ndarray) -> Any:
        """Its answers; None where it fails."""
        with import_torch().no_grad(), suppress(SeamError):
            return self._output(self.tensor(inputs))
        return None


def _may_be_batch(rule: InputRule | None) -> bool:
    """May the rule's row be a batch of one sequence's values?"""
    shape = () if rule is None or rule.values is None else rule.values.shape
    return len(shape) > 1 and shape[0] == 1


def _tensors(outputs: Any, source: str) -> dict[str, Any]:
    """A module's outputs by name: those that are real numbers, as tensors."""
    torch = import_torch()
    named: dict[str, Any] = {}
    for name, each in named_outputs(outputs).items():
        value = torch.as_tensor(each) if isinstance(each, np.ndarray) else each
        if isinstance(value, torch.Tensor) and not value.is_complex():
            named[name] = value if value.layout == torch.strided else value.to_dense()
    if not named:
        complex_ = isinstance(outputs, torch.Tensor) and outputs.is_complex()
        got = (
            "complex numbers" if complex_ else f"a {type(outputs).__name__} without a tensor in it"
        )
        expected = "a tensor of real numbers, or lists, tuples and dicts of such"
        raise InputError("prediction", got, expected, source)
    return named


def _check_made(module: Any, source: str) -> None:
    """Raise `InputError` for layers whose weights are not made before the first call."""
    lazy = import_torch().nn.parameter.is_lazy
    for name, layer in module.named_modules():
        if any(lazy(weight) or weight.is_meta for weight in layer.parameters(recurse=False)):
            got = f"layer {name} ({type(layer).__name__}), which has no weights yet"
            expected = "--weights FILE, or a function that makes the module and fills it"
            raise InputError("model", got, expected, source)


def _unwrapped(module: Any) -> Any:
    """The module in `torch.compile` and in what spreads a batch over devices: its own names of
    inputs, and no compiling for each method and batch."""
    nn = import_torch().nn
    spread = (nn.DataParallel, nn.parallel.DistributedDataParallel)
    while True:
        inner = module.module if isinstance(module, spread) else getattr(module, "_orig_mod", None)
        if not isinstance(inner, nn.Module):
            return module
        module = inner


def _is_planned(error: BaseException) -> bool:
    """Is it an exception of ours that came through the module, such as that it is not local?"""
    return type(error).__module__.startswith("seam_core.")


def _in_evaluation_mode(module: Any) -> Any:
    try:
        return module.eval()
    except NotImplementedError:  # an exported program is in the mode that it was exported in
        return module
