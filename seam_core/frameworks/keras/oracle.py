"""A Keras model narrowed to one number a sequence, with its gradient."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from seam_core.frameworks.keras.capabilities import KerasCapabilities
from seam_core.frameworks.keras.files import read_model
from seam_core.frameworks.keras.quicker import quicker_copy
from seam_core.frameworks.keras.runtime import device_scope, import_tensorflow, runs_on_cpu
from seam_core.frameworks.keras.structure import (
    as_given,
    is_looked_up,
    is_saved_model,
    keras_outputs,
    model_inputs,
    owns,
)
from seam_core.frameworks.network import NetworkOracle, fixed_size, input_of, longer_advice
from seam_core.oracles.adapters import Adapter
from seam_core.oracles.array_ops import ArrayOps
from seam_core.oracles.explained import Explained, number_explained
from seam_core.oracles.inputs import InputRule
from seam_core.oracles.layouts import TOKENS
from seam_core.oracles.objects import imported_objects
from seam_core.oracles.protocol import no_memory
from seam_core.oracles.reductions import ProfileComponent
from seam_core.parameters import OracleParameters
from seam_core.validate import FOREIGN, InputError, OracleError, SeamError, cause_of, check_finite

# Lengths of the sequences that show what a model without a fixed length gives.
EXAMPLE_LENGTHS = (256, 1024, 4096, 16384, 65536, 196608, 524288)
# Letters of the longest that is tried for a message.
LONGEST_TRIED = 16384


class KerasOracle(NetworkOracle):
    """Head `head`, column `column` of a Keras model, as a function of one-hot sequences.

    Parameters
    ----------
    model : Keras 3 or tf-keras model, or `SavedProgram`
    device : "auto", "cpu" or "gpu"
    input_length : of the sequences that a model of open length will be asked about; 0: not known
    others : see `NetworkOracle`

    Attributes
    ----------
    network : what is computed with: the model, or a copy with a quicker gradient
    traced_gradient : graph function of (n, L, A) to predictions and gradients
    """

    def __init__(
        self,
        model: Any,
        *,
        head: str | int = 0,
        column: str | int = "",
        reduction: str = "none",
        bins: str = "",
        own: Any = None,
        adapter: Adapter | None = None,
        n_letters: int = 4,
        input_length: int = 0,
        device: str = "auto",
        source: str = "",
    ) -> None:
        super().__init__(
            explained=Explained(head, column, reduction, bins=bins, own=own),
            adapter=adapter,
            n_letters=n_letters,
            length=None,
            source=source,
        )
        self.ops = tensorflow_ops()
        self.model = self.network = model
        self.device = device
        self._inputs = model_inputs(model)
        self._plan_inputs()
        with device_scope(device):
            example = self._shown(input_length)
            if runs_on_cpu(device) and len(self._inputs) == 1:
                self.network = quicker_copy(model, self._all_inputs(example)[0])
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
        predictions, gradients = self.answered(self.traced_gradient, inputs)
        check_finite(predictions, f"prediction of {self.explained.name}", self.source)
        check_finite(gradients, f"gradient of {self.explained.name}", self.source)
        return predictions, gradients

    def in_bfloat16(self) -> AbstractContextManager[None]:
        """While it lasts, gradients are in bfloat16; `OracleError` where there are none."""
        from seam_core.frameworks.keras.half import half_gradients

        return half_gradients(self)

    def profiles(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) to flattened profiles, (n, B) float32."""
        (output,) = self.answered(lambda inputs: (self._output(inputs),), one_hot)
        return self.explained.profiles(output)

    def set_component(self, component: ProfileComponent) -> None:
        """Project on this component from now on."""
        super().set_component(component)
        self._trace()

    @property
    def precision(self) -> str:
        """The type of its numbers where they have fewer digits than float32, else ""."""
        layers = (self.model, *getattr(self.model, "_flatten_layers", lambda: ())())
        computed = [str(getattr(each, "compute_dtype", "")) for each in layers]
        return max((each for each in computed if each.endswith("float16")), default="")

    # -- for graph functions of attribution methods ---------------------------------------------

    def reduced(self, output: Any) -> Any:
        """The number explained, from what the head puts out, as float32."""
        return import_tensorflow().cast(super().reduced(output), "float32")

    def value_and_gradient(self, inputs: Any) -> tuple[Any, Any]:
        """Predictions (n,) and their gradients (n, L, A), tensors as the input is."""
        tf = import_tensorflow()
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            # The sum: row i of its gradient is the gradient of prediction i alone.
            predictions = self.scalar(inputs)
            total = tf.reduce_sum(predictions)
        return predictions, tape.gradient(total, inputs, unconnected_gradients="zero")

    def answered(self, function: Callable[[Any], Any], inputs: np.ndarray) -> list[np.ndarray]:
        """What a graph function of one-hot sequences answers, on the oracle's device, as arrays.

        `OracleError` where TensorFlow fails.
        """
        tf = import_tensorflow()

        def asked(part: np.ndarray) -> tuple[np.ndarray, ...]:
            return tuple(tensor.numpy() for tensor in function(self._checked(part)))

        try:
            with device_scope(self.device):
                return list(self._in_batches(asked, inputs))
        except tf.errors.ResourceExhaustedError as error:
            raise OracleError(no_memory(self.source, len(inputs))) from error
        except SeamError:
            raise
        except FOREIGN as error:  # TensorFlow's own, and what layers of users raise
            raise OracleError(f"{self.source or 'the model'}: {cause_of(error)}") from error

    # -- how ------------------------------------------------------------------------------------

    def _trace(self) -> None:
        """Two graph functions, made once, for every batch size."""
        tf = import_tensorflow()
        shape = [self.fixed_batch, self.length, self.n_letters]
        signature = [tf.TensorSpec(shape, tf.float32)]
        options = {"input_signature": signature, "autograph": False}
        self._predict = tf.function(self.scalar, **options)
        self.traced_gradient = tf.function(self.value_and_gradient, **options)

    def _output(self, inputs: Any) -> Any:
        arguments = self._all_inputs(inputs)
        if is_saved_model(self.model):
            outputs = self.model(*arguments)
        else:
            outputs = self.network(as_given(self.model, arguments), training=False)
        named = keras_outputs(self.model, outputs)
        named = {name: self._shaped(name, each) for name, each in named.items()}
        return self.explained.output(named, inputs.shape[0], self.ops)

    def _shaped(self, name: str, output: Any) -> Any:
        """An output in the shape that it was shown in, where some squeeze a batch of one away."""
        shown = dict(self.explained.heads).get(name)
        if shown is None or output.shape.rank == len(shown) + 1:
            return output
        if shown and self.length is None:  # of another length perhaps
            return output
        return import_tensorflow().reshape(output, (-1, *shown))

    def _plan_inputs(self) -> None:
        """Which input takes the sequence, and what each other one is given."""
        names = [each.name for each in self._inputs]
        for each in self._inputs:
            if each.dtype == "string":
                got, expected = "an input that takes text", "a model that takes numbers alone"
                raise InputError(f"input {each.name}", got, expected, self.source)
        shapes = [None if each.shape is None else each.shape[1:] for each in self._inputs]
        self._check_not_ragged()
        adapter = self.adapter
        adapter.check_names(names, self.source)
        first = adapter.chosen_input(names, shapes, self.source, self.n_letters)
        looked_up = is_looked_up(self.model, self._inputs[first])
        self.length = adapter.length_of(shapes[first], self.n_letters, self.source, looked_up)
        self.fixed_batch = fixed_size(self._inputs[first].shape or ())
        self.has_gradient = "float" in self._inputs[first].dtype and adapter.layout != TOKENS
        self._rules: list[InputRule | None] = []
        self._rows: list[np.ndarray | None] = []
        said = []
        for index, each in enumerate(self._inputs):
            shape = shapes[index] or ()
            rule = None
            if index != first:
                rule = adapter.rule_for(
                    each.name, index, shape, self.n_letters, self.source, first=names[first]
                )
            fixed = rule is not None and not rule.follows_sequence
            self._rules.append(rule)
            self._rows.append(rule.row(each.name, shape) if rule is not None and fixed else None)
            what = "the sequence" if rule is None else rule.said()
            sizes = ", ".join("any" if size is None else str(size) for size in shape)
            said.append(f"{what}, shape ({sizes}), {each.dtype}")
        self._say_inputs(names, said)

    def _check_not_ragged(self) -> None:
        """Raise `InputError` for a SavedModel of rows of any length: their values, and splits."""
        by_name = {each.name: each for each in self._inputs}
        for name, each in by_name.items():
            splits = by_name.get(f"{name}_1")
            is_split = splits is not None and (splits.shape, splits.dtype) == ((None,), "int64")
            if is_split and each.shape in ((None,), (None, self.n_letters)):
                raise InputError(
                    f"input {name}",
                    "a ragged tensor (rows of any length)",
                    f"a tensor of shape (N, length, {self.n_letters}): save it again with a "
                    "signature of a tf.TensorSpec, which calls the program with "
                    "tf.RaggedTensor.from_tensor(x)",
                    self.source,
                )

    def _all_inputs(self, sequences: Any) -> list[Any]:
        """The model's inputs for a batch: the sequences, and a row of each other, repeated."""
        tf = import_tensorflow()
        inputs = []
        for each, rule, row in zip(self._inputs, self._rules, self._rows, strict=True):
            if rule is None:
                value = self.adapter.laid_out(sequences, self.ops)
            elif row is None:
                value = self._given(rule, sequences)
            else:
                value = tf.repeat(tf.constant(row)[None], tf.shape(sequences)[0], axis=0)
            inputs.append(tf.cast(value, each.dtype))
        return inputs

    def _shown(self, wanted: int) -> Any:
        """A batch that the model takes, after it showed what the heads look like.

        Of a model of open length, of the length that is wanted (0: as long as it needs);
        `InputError` where it takes none.
        """
        failures: list[tuple[BaseException, Any]] = []
        lengths = [self.length or wanted] if self.length or wanted else EXAMPLE_LENGTHS
        for length in lengths:
            example = self._example(length)
            try:
                output = self._output(example)
            except SeamError:
                raise
            except FOREIGN as error:  # Keras's, TensorFlow's, and what layers of users raise
                failures.append((error, example))
            else:
                parts = output if isinstance(output, tuple) else (output,)
                self.has_gradient &= all(part.dtype.is_floating for part in parts)
                return example
        first, example = failures[0]
        self._check_computes(first)
        raise InputError(
            "model",
            f"{type(first).__name__}: {cause_of(first)}",
            f"an answer to one-hot sequences of shape {tuple(example.shape)}{self._longer(wanted)}",
            self.source,
        ) from first

    def _check_computes(self, error: BaseException) -> None:
        """Raise `InputError` where one-hot letters as whole numbers are what failed."""
        types = [e.dtype for e, rule in zip(self._inputs, self._rules, strict=True) if rule is None]
        if "int" in types[0] and self.adapter.layout != TOKENS:
            raise InputError(
                "model",
                f"one-hot letters as {types[0]}, which its layers do not compute with "
                f"({cause_of(error)})",
                "the same network with an input of float32 (keras.Input(..., dtype='float32')): "
                "--model networks.py:make_model --weights, with this file's weights",
                self.source,
            ) from error

    def _longer(self, wanted: int) -> str:
        """The first of some greater lengths that a model of open length answers at, in words."""
        for length in EXAMPLE_LENGTHS if self.length is None and wanted else ():
            if wanted < length <= LONGEST_TRIED:
                with suppress(*FOREIGN):
                    with suppress(InputError):  # of what is asked of its answer
                        self._output(self._example(length))
                    return f"; {longer_advice(length)}"
        return ""

    def _example(self, length: int) -> Any:
        rows = self.fixed_batch or 2
        letters = np.random.default_rng(0).integers(0, self.n_letters, (rows, length))
        return import_tensorflow().one_hot(letters, self.n_letters)

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

    Raises `InputError` as `read_model` does, and for a head or column that does not exist, a
    profile head without a reduction, or an input that does not fit the alphabet.

    Parameters
    ----------
    model : the object that `parameters.model` names: a Keras model, or a function without
        arguments that makes one (with layers of its own, say); None: `parameters.model` is a file
    """
    path = Path(base or ".") / parameters.model
    weights = Path(base or ".") / parameters.weights if parameters.weights else None
    layers = imported_objects(parameters.imports, base)
    with device_scope(device):
        if model is None:
            model = read_model(path, weights, layers)
        else:
            model = _made(model, weights, str(path))
    return KerasOracle(
        model,
        **number_explained(parameters),
        **input_of(parameters, base),
        input_length=parameters.input_length,
        device=device,
        source=str(path),
    )


def _made(maker: Any, weights: Path | None, source: str) -> Any:
    """A Keras model, or what a function makes, with its weights."""
    model = maker
    try:
        if isinstance(maker, type) or not owns(maker):
            model = maker()
        if weights is not None:
            model.load_weights(str(weights))
    except FOREIGN as error:
        raise InputError(
            "model",
            f"{type(error).__name__}: {cause_of(error)}",
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
        held=tf.stop_gradient,
        log=tf.math.log,
        constant=lambda values, like: tf.constant(values, dtype=like.dtype),
        turned=lambda array: tf.transpose(array, (0, 2, 1)),
        flipped=lambda array, axis: tf.reverse(array, [axis]),
        expanded=tf.expand_dims,
        flat=lambda array: tf.reshape(array, (-1, _size_of_rows(array))),
        widened=lambda array: tf.cast(array, "float32") if array.dtype.size == 2 else array,
        tokens=lambda array: tf.argmax(array, axis=2),
        joined=lambda arrays, axis: tf.concat(arrays, axis=axis),
    )


def _size_of_rows(array: Any) -> Any:
    """Values of a row; a tensor where they are not known before it is asked."""
    sizes = array.shape[1:]
    return np.prod(sizes) if None not in sizes else import_tensorflow().size(array[0])
