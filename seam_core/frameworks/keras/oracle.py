"""A Keras model narrowed to one number a sequence, with its gradient."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from seam_core.frameworks.keras.capabilities import KerasCapabilities
from seam_core.frameworks.keras.files import read_model
from seam_core.frameworks.keras.quicker import quicker_copy
from seam_core.frameworks.keras.runtime import device_scope, import_tensorflow, runs_on_cpu
from seam_core.frameworks.keras.structure import (
    activation_bytes,
    input_shapes,
    is_saved_model,
    keras_outputs,
    owns,
)
from seam_core.frameworks.network import NetworkOracle
from seam_core.oracles.adapters import Adapter, load_adapter
from seam_core.oracles.protocol import no_memory
from seam_core.oracles.reductions import ArrayOps, ProfileComponent
from seam_core.parameters import OracleParameters
from seam_core.sequences import check_alphabet
from seam_core.validate import InputError, OracleError, check_finite, first_line

# Length of the sequences that show what a model without a fixed length gives.
EXAMPLE_LENGTH = 256


class KerasOracle(NetworkOracle):
    """Head `head`, column `column` of a Keras model, as a function of one-hot sequences.

    Parameters
    ----------
    model : Keras 3 or tf-keras model, or `TFSMLayer`
    device : "auto", "cpu" or "gpu"
    others : see `NetworkOracle`

    Attributes
    ----------
    network : what is computed with: the model, or a copy with a quicker gradient
    bytes_per_sequence : what the activations of one sequence take, or None where unknown
    """

    def __init__(
        self,
        model: Any,
        *,
        head: str | int = 0,
        column: int = 0,
        reduction: str = "none",
        adapter: Adapter | None = None,
        n_letters: int = 4,
        device: str = "auto",
        source: str = "",
    ) -> None:
        super().__init__(
            head=head,
            column=column,
            reduction=reduction,
            adapter=adapter,
            n_letters=n_letters,
            length=None,
            source=source,
        )
        self.ops = tensorflow_ops()
        self.model = self.network = model
        self.device = device
        self._inputs = input_shapes(model)
        names = [name for name, _ in self._inputs]
        self._sequence_input = self.adapter.chosen_input(names, source)
        self.length = self._checked_length(self._inputs[self._sequence_input][1])
        with device_scope(device):
            example = self._example()
            self._answer(example)
            if runs_on_cpu(device):
                self.network = quicker_copy(model, self._as_input(example))
        self.bytes_per_sequence = activation_bytes(model)
        self.capabilities = KerasCapabilities(self)
        self._trace()

    # -- what the protocols ask for -------------------------------------------------------------

    def predict(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) to (n,) float32; `InputError` for a wrong shape or a NaN."""
        (predictions,) = self.answered(lambda inputs: (self._predict(inputs),), one_hot)
        check_finite(predictions, f"prediction of {self.explained.name}", self.source)
        return predictions

    def gradient(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(n, L, A) to predictions (n,) and gradients (n, L, A), float32, in one pass."""
        predictions, gradients = self.answered(self._gradient, inputs)
        check_finite(predictions, f"prediction of {self.explained.name}", self.source)
        check_finite(gradients, f"gradient of {self.explained.name}", self.source)
        return predictions, gradients

    def profiles(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) to flattened profiles, (n, B) float32."""
        with device_scope(self.device):
            output = self._output(self._checked(one_hot)).numpy()
        return self.explained.profiles(output)

    def set_component(self, component: ProfileComponent) -> None:
        """Project on this component from now on."""
        super().set_component(component)
        self._trace()

    # -- for graph functions of attribution methods ---------------------------------------------

    def reduced(self, output: Any) -> Any:
        """The number explained, from what the head puts out, as float32."""
        return import_tensorflow().cast(super().reduced(output), "float32")

    def answered(self, function: Callable[[Any], Any], inputs: np.ndarray) -> list[np.ndarray]:
        """What a graph function of one-hot sequences answers, on the oracle's device, as arrays.

        `OracleError` where TensorFlow fails.
        """
        tf = import_tensorflow()
        try:
            with device_scope(self.device):
                return [found.numpy() for found in function(self._checked(inputs))]
        except tf.errors.ResourceExhaustedError as error:
            raise OracleError(no_memory(self.source, len(inputs))) from error
        except tf.errors.OpError as error:
            raise OracleError(f"{self.source or 'the model'}: {first_line(error)}") from error

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

        options = {"input_signature": signature, "autograph": False}
        self._predict = tf.function(self.scalar, **options)
        self._gradient = tf.function(value_and_gradient, **options)

    def _output(self, inputs: Any) -> Any:
        arguments = self._all_inputs(inputs)
        if is_saved_model(self.model):
            names = [name for name, _ in self._inputs]
            found = self.model.call_endpoint_fn(**dict(zip(names, arguments, strict=True)))
        else:
            found = self.network(arguments if len(arguments) > 1 else arguments[0], training=False)
        return self.explained.output(keras_outputs(self.model, found), inputs.shape[0], self.ops)

    def _all_inputs(self, sequences: Any) -> list[Any]:
        """The model's inputs for a batch: the sequences, and a row of each other, repeated."""
        tf = import_tensorflow()
        sequences = self._as_input(sequences)
        inputs = []
        for index, (name, shape) in enumerate(self._inputs):
            if index == self._sequence_input:
                inputs.append(sequences)
                continue
            row = self.adapter.row_for(name, index, (shape or ())[1:])
            inputs.append(tf.repeat(tf.constant(row)[None], tf.shape(sequences)[0], axis=0))
        return inputs

    def _as_input(self, sequences: Any) -> Any:
        """(n, L, A) in the order of the model's axes."""
        if not self.adapter.channels_first:
            return sequences
        return import_tensorflow().transpose(sequences, (0, 2, 1))

    def _checked_length(self, shape: tuple[int | None, ...] | None) -> int | None:
        """L of an input shape, after checking that it takes one-hot sequences."""
        if shape is None:
            return None
        length_axis, letter_axis = (2, 1) if self.adapter.channels_first else (1, 2)
        if len(shape) != 3 or shape[letter_axis] not in (None, self.n_letters):
            wanted = ["any", "length", "length"]
            wanted[letter_axis] = str(self.n_letters)
            raise InputError(
                "model",
                f"an input of shape {shape}",
                f"({', '.join(wanted)}): one channel a letter of the alphabet; see layout for "
                "models with channels first",
                self.source,
            )
        return shape[length_axis]

    def _example(self) -> Any:
        """A batch that shows what the heads look like."""
        length = self.length or EXAMPLE_LENGTH
        letters = np.random.default_rng(0).integers(0, self.n_letters, (2, length))
        return import_tensorflow().one_hot(letters, self.n_letters)

    def _answer(self, example: Any) -> None:
        """See what the heads give for it; `InputError` where the model does not take it."""
        tf = import_tensorflow()
        try:
            self._output(example)
        except InputError:
            raise
        except (ValueError, TypeError, tf.errors.OpError) as error:
            raise InputError(
                "model",
                f"{type(error).__name__}: {first_line(error)}",
                f"an answer to one-hot sequences of shape {tuple(example.shape)}",
                self.source,
            ) from error

    def _checked(self, inputs: np.ndarray) -> Any:
        self._check_shape(inputs)
        return import_tensorflow().convert_to_tensor(inputs, dtype="float32")


def load_keras_oracle(
    parameters: OracleParameters,
    *,
    base: Path | None = None,
    device: str = "auto",
    model: Any = None,
) -> KerasOracle:
    """The oracle that `parameters` describe; relative paths start at `base`.

    Parameters
    ----------
    model : the object that `parameters.model` names: a Keras model, or a function without
        arguments that makes one (with layers of its own, say); None: `parameters.model` is a file

    Raises `InputError` as `read_model` does, and for a head or column that does not exist, a
    profile head without a reduction, or an input that does not fit the alphabet.
    """
    path = Path(base or ".") / parameters.model
    weights = Path(base or ".") / parameters.weights if parameters.weights else None
    with device_scope(device):
        model = read_model(path, weights) if model is None else _made(model, weights, str(path))
    return KerasOracle(
        model,
        head=parameters.head,
        column=parameters.column,
        reduction=parameters.reduction,
        adapter=load_adapter(parameters, base),
        n_letters=len(check_alphabet(parameters.alphabet)),
        device=device,
        source=str(path),
    )


def _made(found: Any, weights: Path | None, source: str) -> Any:
    """A Keras model, or what a function makes, with its weights."""
    model = found
    try:
        if isinstance(found, type) or not owns(found):
            model = found()
        if weights is not None:
            model.load_weights(str(weights))
    except (OSError, ValueError, TypeError, RuntimeError, AttributeError) as error:
        raise InputError(
            "model",
            f"{type(error).__name__}: {first_line(error)}",
            "a Keras model, or a function without arguments that makes one",
            source,
        ) from error
    if not owns(model):
        raise InputError("model", f"a {type(model).__name__}", "a Keras model", source)
    return model


def tensorflow_ops() -> ArrayOps:
    """What reductions need of TensorFlow."""
    tf = import_tensorflow()
    return ArrayOps(
        total=lambda array, axis: tf.reduce_sum(array, axis=axis),
        mean=lambda array, axis: tf.reduce_mean(array, axis=axis),
        softmax=lambda array, axis: tf.nn.softmax(array, axis=axis),
        constant=lambda values, like: tf.constant(values, dtype=like.dtype),
        turned=lambda array: tf.transpose(array, (0, 2, 1)),
    )
