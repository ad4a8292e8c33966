"""A Keras model narrowed to one number a sequence, with its gradient."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from seam_core.oracles.keras.files import read_model
from seam_core.oracles.keras.runtime import device_scope, import_tensorflow
from seam_core.parameters import OracleParameters
from seam_core.sequences import check_alphabet
from seam_core.validate import InputError, check_finite


class KerasOracle:
    """Head `head`, column `column` of a Keras model, as a function of one-hot sequences.

    Parameters
    ----------
    model : Keras 3 or tf-keras model, or `TFSMLayer`, with one input (n, L, A)
    head : index or name of the output
    column : column of an output (n, T)
    n_letters : A
    device : "auto", "cpu" or "gpu"
    source : the file, for messages

    Attributes
    ----------
    length : L, or None where the model takes any
    head_names : the names of the model's outputs
    """

    def __init__(
        self,
        model: Any,
        *,
        head: str | int = 0,
        column: int = 0,
        n_letters: int = 4,
        device: str = "auto",
        source: str = "",
    ) -> None:
        self.model = model
        self.device = device
        self.n_letters = n_letters
        self.column = column
        self.source = source
        self.length = self._check_input()
        outputs = self._outputs(self._example())
        self.head_names = list(outputs)
        self.head = _chosen_head(head, self.head_names, source)
        _check_column(outputs[self.head], self.head, column, source)
        self._trace()

    # -- what the protocol asks for ------------------------------------------------------------

    def predict(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) to (n,) float32; `InputError` for a wrong shape or a NaN."""
        with device_scope(self.device):
            predictions = self._predict(self._checked(one_hot)).numpy()
        check_finite(predictions, f"prediction of {self.head}", self.source)
        return predictions

    def gradient(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(n, L, A) to predictions (n,) and gradients (n, L, A), float32, in one pass."""
        with device_scope(self.device):
            predictions, gradients = self._gradient(self._checked(inputs))
            predictions, gradients = predictions.numpy(), gradients.numpy()
        check_finite(predictions, f"prediction of {self.head}", self.source)
        check_finite(gradients, f"gradient of {self.head}", self.source)
        return predictions, gradients

    def scalar(self, inputs: Any) -> Any:
        """The number explained, as a tensor: (n, L, A) to (n,). For use inside graph functions."""
        tf = import_tensorflow()
        output = self._outputs(inputs)[self.head]
        if output.shape.rank == 2:
            output = output[:, self.column]
        return tf.cast(output, tf.float32)

    # -- how ------------------------------------------------------------------------------------

    def _trace(self) -> None:
        """Two graph functions, made once, for every batch size."""
        tf = import_tensorflow()
        signature = [tf.TensorSpec([None, self.length, self.n_letters], tf.float32)]

        def value_and_gradient(inputs: Any) -> tuple[Any, Any]:
            with tf.GradientTape() as tape:
                tape.watch(inputs)
                # The sum: row i of its gradient is the gradient of prediction i alone.
                predictions = self.scalar(inputs)
                total = tf.reduce_sum(predictions)
            return predictions, tape.gradient(total, inputs, unconnected_gradients="zero")

        self._predict = tf.function(self.scalar, input_signature=signature)
        self._gradient = tf.function(value_and_gradient, input_signature=signature)

    def _outputs(self, inputs: Any) -> dict[str, Any]:
        """Every head by name."""
        if _is_saved_model(self.model):
            found = self.model(inputs)
        else:
            found = self.model(inputs, training=False)
        if isinstance(found, dict):
            return dict(found)
        if not isinstance(found, (list, tuple)):
            found = [found]
        names = list(getattr(self.model, "output_names", []) or [])
        if len(names) != len(found) or len(set(names)) != len(names):
            names = [f"output_{index}" for index in range(len(found))]
        return dict(zip(names, found, strict=True))

    def _check_input(self) -> int | None:
        shapes = _input_shapes(self.model)
        if len(shapes) != 1:
            raise InputError(
                "model", f"a model with {len(shapes)} inputs", "one input, (L, A)", self.source
            )
        shape = shapes[0]
        if shape is None:
            return None
        if len(shape) != 3 or shape[2] not in (None, self.n_letters):
            raise InputError(
                "model",
                f"an input of shape {shape}",
                f"(any, length, {self.n_letters}): one channel a letter of the alphabet",
                self.source,
            )
        return None if shape[1] is None else int(shape[1])

    def _example(self) -> Any:
        """A batch that shows what the heads look like."""
        tf = import_tensorflow()
        with device_scope(self.device):
            return tf.zeros((2, self.length or 256, self.n_letters), tf.float32)

    def _checked(self, inputs: np.ndarray) -> Any:
        shape = np.shape(inputs)
        wanted = (self.length if self.length is not None else shape[1:2], self.n_letters)
        if len(shape) != 3 or shape[2] != self.n_letters or self.length not in (None, shape[1]):
            raise InputError(
                "sequences",
                f"one-hot of shape {shape}",
                f"(n, {self.length or 'any'}, {wanted[1]}), the model's input",
                self.source,
            )
        return import_tensorflow().convert_to_tensor(inputs, dtype="float32")


def load_keras_oracle(
    parameters: OracleParameters, *, base: Path | None = None, device: str = "auto"
) -> KerasOracle:
    """The oracle that `parameters` describe; relative paths start at `base`.

    Raises `InputError` as `read_model` does, and for a head or column that does not exist or an
    input that does not fit the alphabet.
    """
    path = Path(base or ".") / parameters.model
    weights = Path(base or ".") / parameters.weights if parameters.weights else None
    with device_scope(device):
        model = read_model(path, weights)
    return KerasOracle(
        model,
        head=parameters.head,
        column=parameters.column,
        n_letters=len(check_alphabet(parameters.alphabet)),
        device=device,
        source=str(path),
    )


def _is_saved_model(model: Any) -> bool:
    return type(model).__name__ == "TFSMLayer"


def _input_shapes(model: Any) -> list[tuple[int | None, ...] | None]:
    """The shape of each input; a None entry where the model does not say."""
    if _is_saved_model(model):
        (_, keywords) = model.call_endpoint_fn.structured_input_signature
        return [tuple(spec.shape) for spec in keywords.values()]
    inputs = getattr(model, "inputs", None)
    if not inputs:
        return [None]
    return [tuple(tensor.shape) for tensor in inputs]


def _chosen_head(head: str | int, names: list[str], source: str) -> str:
    if str(head) in names:
        return str(head)
    try:
        index = int(head)
    except ValueError:
        index = -1
    if not 0 <= index < len(names):
        listed = ", ".join(f"{i} ({name})" for i, name in enumerate(names))
        raise InputError("head", repr(head), f"one of the model's heads: {listed}", source)
    return names[index]


def _check_column(output: Any, head: str, column: int, source: str) -> None:
    shape = tuple(output.shape)
    if len(shape) > 2:
        raise InputError(
            "head",
            f"head {head} of shape {shape[1:]}: a profile",
            "a reduction that makes it one number a sequence",
            source,
        )
    columns = shape[1] if len(shape) == 2 else 1
    if column >= columns:
        raise InputError("column", column, f"0 to {columns - 1}, columns of head {head}", source)
