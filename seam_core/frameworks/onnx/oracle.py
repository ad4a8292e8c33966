"""An ONNX model narrowed to one number a sequence: predictions, and maps by mutagenesis."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from seam_core.frameworks.network import NetworkOracle, fixed_size, input_of
from seam_core.oracles.adapters import Adapter
from seam_core.oracles.array_ops import NUMPY
from seam_core.oracles.explained import Explained, number_explained
from seam_core.oracles.inputs import InputRule
from seam_core.oracles.layouts import running
from seam_core.parameters import OracleParameters
from seam_core.product import install_command
from seam_core.validate import (
    InputError,
    MissingPackageError,
    OracleError,
    cause_of,
    check_finite,
)

TYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(uint8)": np.uint8,
    "tensor(int8)": np.int8,
    "tensor(bool)": np.bool_,
}


class OnnxOracle(NetworkOracle):
    """Head `head`, column `column` of an ONNX model, as a function of one-hot sequences.

    Parameters
    ----------
    session : an `onnxruntime.InferenceSession`
    others : see `NetworkOracle`
    """

    ops = NUMPY

    def __init__(
        self,
        session: Any,
        *,
        explained: Explained,
        adapter: Adapter | None = None,
        n_letters: int = 4,
        source: str = "",
    ) -> None:
        super().__init__(
            explained=explained,
            adapter=adapter,
            n_letters=n_letters,
            length=None,
            source=source,
        )
        self._session = session
        self._inputs = session.get_inputs()
        self._names = [each.name for each in session.get_outputs()]
        self._plan_inputs()

    def predict(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) to (n,) float32; `InputError` for a wrong shape or a NaN."""
        self._check_shape(one_hot)
        (predictions,) = self._in_batches(lambda part: (np.asarray(self.scalar(part)),), one_hot)
        check_finite(predictions, f"prediction of {self.explained.name}", self.source)
        return predictions.astype(np.float32)

    @property
    def precision(self) -> str:
        """The type of what it takes or gives where it has fewer digits than float32, else ""."""
        types = [each.type for each in (*self._inputs, *self._session.get_outputs())]
        return "float16" if "tensor(float16)" in types else ""

    def profiles(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) to flattened profiles, (n, B) float32."""
        (output,) = self._in_batches(lambda part: (self._output(part),), one_hot)
        return self.explained.profiles(output)

    def _output(self, inputs: Any) -> Any:
        try:
            values = self._session.run(self._names, self._given_inputs(inputs))
        except Exception as error:  # onnxruntime's errors have no class in common
            said = f"{self.source or 'the model'}: {_said(error)}{self._advice(inputs)}"
            raise OracleError(said) from error
        outputs = dict(zip(self._names, values, strict=True))
        arrays = {name: value for name, value in outputs.items() if isinstance(value, np.ndarray)}
        if len(inputs) == 1 and any(each.shape[:1] != (1,) for each in arrays.values()):
            arrays = self._of_one(arrays, inputs)
        return self.explained.output(arrays, len(inputs), self.ops)

    def _of_one(self, arrays: dict[str, np.ndarray], inputs: np.ndarray) -> dict[str, np.ndarray]:
        """What some squeeze away, a batch of one, put back."""
        if self.fixed_batch == 1:
            return {n: each if each.shape[:1] == (1,) else each[None] for n, each in arrays.items()}
        twice = self._session.run(self._names, self._given_inputs(np.concatenate([inputs] * 2)))
        named = dict(zip(self._names, twice, strict=True))
        return {name: named[name][:1] for name in arrays if named[name].shape[:1] == (2,)}

    def _advice(self, inputs: np.ndarray) -> str:
        """The layouts that the model runs with, in words, where it has never answered."""
        if self.explained.heads:
            return ""
        few = inputs if self.fixed_batch else inputs[:2]

        def call(layout: str) -> Any:
            return self._session.run(self._names, self._given_inputs(few, layout))

        found = [f"--layout {each}" for each in running(call, self.adapter.layout)]
        return f"; it runs with {' or '.join(found)}" if found else ""

    def _plan_inputs(self) -> None:
        names = [each.name for each in self._inputs]
        shapes = [_sizes(each.shape[1:]) for each in self._inputs]
        self.adapter.check_names(names, self.source)
        first = self.adapter.chosen_input(names, shapes, self.source, self.n_letters)
        whole = "int" in self._inputs[first].type and len(shapes[first]) == 1
        self.length = self.adapter.length_of(
            shapes[first], self.n_letters, self.source, looked_up=whole
        )
        self.fixed_batch = fixed_size(_sizes(self._inputs[first].shape))
        self._rules: list[InputRule | None] = []
        said = []
        for index, (name, shape) in enumerate(zip(names, shapes, strict=True)):
            rule = None
            if index != first:
                rule = self.adapter.rule_for(
                    name, index, shape, self.n_letters, self.source, first=names[first]
                )
            self._rules.append(rule)
            said.append("the sequence" if rule is None else rule.said())
        self._say_inputs(names, said)

    def _given_inputs(self, inputs: np.ndarray, layout: str = "") -> dict[str, np.ndarray]:
        given: dict[str, np.ndarray] = {}
        for each, rule in zip(self._inputs, self._rules, strict=True):
            if rule is None:
                value = self.adapter.laid_out(inputs, self.ops, layout)
            elif rule.follows_sequence:
                value = self._given(rule, inputs, layout)
            else:
                row = rule.row(each.name, _sizes(each.shape[1:]))
                value = np.broadcast_to(row, (len(inputs), *row.shape))
            given[each.name] = np.ascontiguousarray(value, dtype=TYPES.get(each.type, np.float32))
        return given


def load_onnx_oracle(parameters: OracleParameters, *, base: Path | None = None) -> OnnxOracle:
    """The oracle that `parameters` describe; relative paths start at `base`.

    Raises `InputError` for a file that onnxruntime cannot read, a head or input that does not
    exist; `MissingPackageError` without onnxruntime.
    """
    try:
        import onnxruntime
    except ImportError as error:
        message = f"ONNX models need onnxruntime: {install_command('onnx')}"
        raise MissingPackageError(message) from error
    path = Path(base or ".") / parameters.model
    if not path.exists():
        raise InputError("model", "no such file", "an .onnx file", str(path))
    onnxruntime.set_default_logger_severity(4)  # what fails is told in our message
    try:
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no class in common
        expected = "an .onnx file that onnxruntime can read"
        if "Could not find an implementation" in str(error):
            expected += ": with operations that it has for the file's type of numbers (float32)"
        raise InputError("model", _said(error), expected, str(path)) from error
    return OnnxOracle(
        session,
        explained=Explained(**number_explained(parameters)),
        **input_of(parameters, base),
        source=str(path),
    )


def _said(error: Exception) -> str:
    """What onnxruntime says, without its codes and the place in its own sources."""
    text = re.sub(
        r"^\[ONNXRuntimeError\] : \d+ : \w+ : (Load model from .*? failed:)?", "", str(error)
    )
    return cause_of(ValueError(re.sub(r"^/\S+\.\w+:\d+ .*\) (?=[A-Z])", "", text)))


def _sizes(shape: Any) -> tuple[int | None, ...]:
    """Sizes of an ONNX shape, whose open ones are names."""
    return tuple(size if isinstance(size, int) else None for size in shape)
