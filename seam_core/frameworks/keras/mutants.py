"""Mutants predicted from what changes: a convolution sees a substitution only nearby.

The activations of a sequence are computed once. For a mutant, each layer computes only the
positions that its exchanged letters reach, from the sequence's activations around them; where the
network stops being local (flattening, pooling over all positions, attention ...) the changed
positions are put into the sequence's activations, and the rest of the network runs as ever.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seam_core.frameworks.keras.structure import keras_outputs
from seam_core.frameworks.reach import (
    LARGEST_BATCH,
    Reach,
    Sliding,
    Work,
    agrees,
    joined,
    left_padding,
    mutants_at_a_time,
    start_reach,
)
from seam_core.oracles.capabilities import rows_in_memory
from seam_core.progress import Tick

# Layers that treat every position alike and by itself.
POINTWISE = (
    *("Activation", "ReLU", "LeakyReLU", "ELU", "Dense", "Dropout", "SpatialDropout1D", "Identity"),
    *("GaussianNoise", "GaussianDropout", "AlphaDropout", "Rescaling", "ActivityRegularization"),
)
# Mutants of several letters that are made at once at least; of one letter, as many as always.
FEWEST = 64
MERGES = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")


def local_mutants(
    oracle: Any, length: int, channels: np.ndarray, width: int = 1
) -> LocalMutants | None:
    """A predictor for a `KerasOracle`, else None.

    None where too little of the network is local to be worth it, and where a trial does not give
    what the whole network gives: a layer may have a familiar name and do something else.

    Parameters
    ----------
    channels : (C, A) float32, what the model is given for each letter
    width : neighbouring letters that a mutant may have exchanged
    """
    import tensorflow as tf

    plan = Plan(oracle, length, width)
    if not plan.worth_it:
        return None
    predictor = LocalMutants(oracle, plan, channels)
    try:
        return predictor if agrees(predictor, oracle, length, channels) else None
    except (ValueError, TypeError, AttributeError, tf.errors.OpError):
        return None


class Plan:
    """The local part of a network: its tensors in order, and what makes each from which."""

    def __init__(self, oracle: Any, length: int, width: int = 1) -> None:
        from seam_core.frameworks.keras.runtime import import_keras

        self.keras = import_keras()
        self.steps: list[tuple[Any, Any, list[Any]]] = []  # (tensor, how, inputs)
        self.costs: list[tuple[Any, float]] = []  # (tensor, its share of the work), of each step
        self.reaches: dict[int, Reach] = {}
        self.ends: list[Any] = []
        self.widest = 1  # bytes of what of a tensor is reached
        self.worth_it = False
        model = oracle.network
        plain = len(getattr(model, "inputs", None) or []) == 1
        plain = plain and oracle.adapter.layout == "channels_last"
        plain = plain and all(
            getattr(layer, "compute_dtype", "float32") == "float32" for layer in model.layers
        )
        if not plain or not isinstance(model, self.keras.Model) or oracle.length != length:
            return
        (start,) = model.inputs
        self.input = start
        self.reaches[id(start)] = start_reach(length, width)
        self._seen: set[int] = {id(start)}
        self.work = Work(width)
        self.head = head_tensor(oracle)
        self._visit(self.head)
        if not self.steps:
            return
        if id(self.head) in self.reaches:  # local to its end, such as a profile
            self.ends, self.tail = [self.head], _as_it_is
        else:
            try:
                self.tail = self.keras.Model(self.ends, self.head)
            except (ValueError, KeyError, AttributeError, RuntimeError):
                return  # something past the local part takes the sequence too
        self.worth_it = self.work.worth_it

    def _visit(self, tensor: Any) -> None:
        """Plan `tensor` and all that it is made from, first things first."""
        todo = [(tensor, False)]
        while todo:
            tensor, ready = todo.pop()
            if not ready and id(tensor) in self._seen:
                continue
            self._seen.add(id(tensor))
            layer, inputs = made_by(tensor)
            if not ready:
                todo.append((tensor, True))
                todo.extend((each, False) for each in inputs)
                continue
            self._plan(tensor, layer, inputs)

    def _plan(self, tensor: Any, layer: Any, inputs: list[Any]) -> None:
        local = all(id(each) in self.reaches for each in inputs)
        how = self._how(layer, inputs, tensor) if local and inputs else None
        work = _work(layer, tensor)
        if how is None:
            self.work.add(work, None)
            for each in inputs:
                if id(each) in self.reaches and not any(each is end for end in self.ends):
                    self.ends.append(each)
            return
        reaches = [self.reaches[id(each)] for each in inputs]
        if isinstance(how, Sliding):
            reach = how.reach(reaches[0], tensor.shape[1])
        else:
            reach = joined(reaches)
        self.reaches[id(tensor)] = reach
        self.widest = max(self.widest, reach.width * int(tensor.shape[2]) * 4)
        self.steps.append((tensor, how, inputs))
        self.costs.append((tensor, work))
        self.work.add(work, reach)

    def _how(self, layer: Any, inputs: list[Any], tensor: Any) -> Any:
        """A `Sliding`, the layer where it acts by position, or None where it is not local."""
        if any(len(each.shape) != 3 or each.shape[1] is None for each in (*inputs, tensor)):
            return None
        kind = type(layer).__name__
        if kind == "Activation":
            return layer if getattr(layer.activation, "__name__", "") != "softmax" else None
        if kind in POINTWISE:
            return layer
        if kind in ("BatchNormalization", "LayerNormalization"):
            axis = layer.axis if isinstance(layer.axis, int) else tuple(layer.axis)
            return layer if axis in (-1, 2, (-1,), (2,)) else None
        if kind in MERGES:
            same = len({each.shape[1] for each in inputs}) == 1
            joined = kind != "Concatenate" or layer.axis in (-1, 2)
            return layer if same and joined else None
        return _sliding(layer, kind, inputs[0].shape[1])


def _as_it_is(output: Any, training: bool) -> Any:
    return output


def head_tensor(oracle: Any) -> Any:
    """The symbolic output that a `KerasOracle` is about."""
    network = oracle.network
    structure = getattr(network, "_outputs_struct", None)
    outputs = network.outputs if structure is None else structure
    # named as the oracle names them: a quicker copy of the model may name its outputs otherwise
    return keras_outputs(oracle.model, outputs)[oracle.explained.name]


def made_by(tensor: Any) -> tuple[Any, list[Any]]:
    """The layer that makes a symbolic tensor, and what from; no tensors for an input."""
    layer, index, _ = tensor._keras_history
    node = layer._inbound_nodes[index]
    inputs = node.input_tensors
    return layer, list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]


def _work(layer: Any, tensor: Any) -> float:
    """Roughly the multiplications for one sequence."""
    shape = tensor.shape
    size = float(np.prod([each or 1 for each in shape[1:]]))
    names = ("kernel", "depthwise_kernel", "pointwise_kernel")
    kernels = [kernel for name in names if (kernel := getattr(layer, name, None)) is not None]
    if not kernels:
        return size
    return sum(float(np.prod(kernel.shape)) for kernel in kernels) * (size / shape[-1])


def _sliding(layer: Any, kind: str, length: int) -> Sliding | None:
    import tensorflow as tf

    from seam_core.frameworks.keras.runtime import import_keras

    if getattr(layer, "data_format", "channels_last") != "channels_last":
        return None
    layers = import_keras().layers
    if isinstance(layer, (layers.Conv1D, layers.DepthwiseConv1D, layers.SeparableConv1D)):
        size, stride = layer.kernel_size[0], layer.strides[0]
        dilation = layer.dilation_rate[0]
        left = _left(layer.padding, size, stride, dilation, length)

        def convolve(patch: Any) -> Any:
            options = {"strides": stride, "padding": "VALID", "dilations": dilation}
            if isinstance(layer, layers.Conv1D):
                values = tf.nn.convolution(patch, layer.kernel, **options)
            else:
                values = _by_channel(patch, layer, stride, dilation)
            values = values + layer.bias if layer.use_bias else values
            return values if layer.activation is None else layer.activation(values)

        def back(gradient: Any, width: int) -> Any:
            kernel = tf.convert_to_tensor(layer.kernel)
            shape = (tf.shape(gradient)[0], width, kernel.shape[1])
            return tf.nn.conv1d_transpose(
                gradient, kernel, shape, stride, padding="VALID", dilations=dilation
            )

        name = getattr(layer.activation, "__name__", "linear")
        dense = isinstance(layer, layers.Conv1D) and layer.groups == 1
        affine = back if dense and name == "linear" else None
        whole = name == "softmax"
        return None if whole else Sliding(size, stride, dilation, left, 0.0, convolve, affine)
    if kind in ("MaxPooling1D", "AveragePooling1D"):
        size, stride = _one(layer.pool_size), _one(layer.strides)
        if kind == "AveragePooling1D" and layer.padding != "valid":
            return None  # the average leaves out what pads it
        pool = "MAX" if kind == "MaxPooling1D" else "AVG"

        def reduce(patch: Any) -> Any:
            return tf.nn.pool(patch, [size], pool, strides=[stride], padding="VALID")

        left = _left(layer.padding, size, stride, 1, length)
        fill = float(np.finfo(np.float32).min) if pool == "MAX" else 0.0
        return Sliding(size, stride, 1, left, fill, reduce)
    if kind == "Cropping1D":
        return Sliding(1, 1, 1, -layer.cropping[0], 0.0, lambda patch: patch)
    if kind == "ZeroPadding1D":
        return Sliding(1, 1, 1, layer.padding[0], 0.0, lambda patch: patch)
    return None


def _by_channel(patch: Any, layer: Any, stride: int, dilation: int) -> Any:
    """A depthwise or separable convolution of (m, w, C)."""
    import tensorflow as tf

    separable = hasattr(layer, "pointwise_kernel")
    kernel = layer.depthwise_kernel if separable else layer.kernel
    values = tf.nn.depthwise_conv2d(
        patch[:, None], kernel[None], (1, stride, stride, 1), "VALID", dilations=(1, dilation)
    )[:, 0]
    return tf.nn.convolution(values, layer.pointwise_kernel) if separable else values


def _one(size: Any) -> int:
    return int(size[0]) if isinstance(size, (list, tuple)) else int(size)


def _left(padding: str, size: int, stride: int, dilation: int, length: int) -> int:
    """Positions that pad the left end."""
    if padding == "same":
        return left_padding(size, stride, dilation, length)
    return (size - 1) * dilation if padding == "causal" else 0


class LocalMutants:
    """Mutants predicted from the positions that they change."""

    is_shortcut = True

    def __init__(self, oracle: Any, plan: Plan, channels: np.ndarray) -> None:
        import tensorflow as tf

        self._oracle = oracle
        self._channels = channels
        self._plan = plan
        self.width = plan.reaches[id(plan.input)].width
        # What a layer reads around the positions reached, or what the rest is put into.
        read = {id(plan.input): plan.input}
        for _, how, inputs in plan.steps:
            if isinstance(how, Sliding) or len(inputs) > 1:
                read.update({id(each): each for each in inputs})
        read.update({id(end): end for end in plan.ends})
        self._places = {key: index for index, key in enumerate(read)}
        inside = plan.keras.Model(plan.input, list(read.values()))
        length, n_letters = plan.input.shape[1], oracle.n_letters
        spec = tf.TensorSpec([None, length, n_letters], tf.float32)
        self._activations = tf.function(
            lambda inputs: inside(inputs, training=False), input_signature=[spec], autograph=False
        )
        kept = [tf.TensorSpec([None, *each.shape[1:]], each.dtype) for each in read.values()]
        asked = [tf.TensorSpec(shape, tf.int32) for shape in ([None], [None], [None, self.width])]
        self._mutants = tf.function(self._traced, input_signature=[kept, *asked], autograph=False)
        self.batch = rows_in_memory(oracle, length, LARGEST_BATCH)
        self.at_a_time = mutants_at_a_time(plan.widest)
        self._fewest = self.at_a_time if self.width == 1 else FEWEST

    def start(self, sequences: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """Predictions of those of (n, L) `sequences` that are `wanted`; keeps the activations."""
        from seam_core.frameworks.keras.runtime import device_scope

        inputs = self._channels[sequences]
        with device_scope(self._oracle.device):
            activations = self._activations(inputs)
            self._kept = (
                list(activations) if isinstance(activations, (list, tuple)) else [activations]
            )
        if not wanted.any():  # all are mutants of earlier ones; layers may refuse to do nothing
            return np.empty(0, dtype=np.float32)
        return self._oracle.predict(inputs[wanted])

    def mutants(
        self, rows: np.ndarray, positions: np.ndarray, letters: np.ndarray, tick: Tick
    ) -> np.ndarray:
        """Predictions (m,) of `letters` put at `positions` of sequences `rows`."""
        letters = letters.reshape(len(rows), self.width)
        from seam_core.frameworks.keras.runtime import device_scope

        predictions = np.empty(len(rows), dtype=np.float32)
        for first in range(0, len(rows), self.at_a_time):
            tick(first / len(rows))
            # Few have other last digits than many: the last call is filled up with its first.
            size = min(self.at_a_time, -(-(len(rows) - first) // self._fewest) * self._fewest)
            part = np.arange(first, first + size)
            part[part >= len(rows)] = first
            with device_scope(self._oracle.device):
                values = self._mutants(
                    self._kept,
                    rows[part].astype(np.int32),
                    positions[part].astype(np.int32),
                    letters[part].astype(np.int32),
                ).numpy()
            predictions[first : first + size] = values[: len(rows) - first]
        return predictions

    def _traced(self, kept: list[Any], rows: Any, positions: Any, letters: Any) -> Any:
        import tensorflow as tf

        plan = self._plan
        windows = {id(plan.input): tf.gather(self._channels, letters)}
        starts = {key: tf.gather(r.starts, positions) for key, r in plan.reaches.items()}

        def around(tensor: Any, first: Any, width: int, fill: float) -> Any:
            """(m, width, C): the mutants' `tensor` from positions `first` (m,) on."""
            key = id(tensor)
            return _around(
                kept[self._places[key]], rows, windows[key], starts[key], first, width, fill
            )

        for tensor, how, inputs in plan.steps:
            key = id(tensor)
            reach = plan.reaches[key]
            if isinstance(how, Sliding):
                width = how.read(reach.width)
                first = starts[key] * how.stride - how.left
                windows[key] = how.apply(around(inputs[0], first, width, how.fill))
            elif len(inputs) == 1:
                windows[key] = how(windows[id(inputs[0])], training=False)
            else:
                parts = [around(each, starts[key], reach.width, 0.0) for each in inputs]
                windows[key] = how(parts)
        zero = tf.zeros_like(rows)
        ends = [around(end, zero, end.shape[1], 0.0) for end in plan.ends]
        output = plan.tail(ends if len(ends) > 1 else ends[0], training=False)
        return self._oracle.reduced(output)


def _around(
    whole: Any, rows: Any, window: Any, start: Any, first: Any, width: int, fill: float
) -> Any:
    """Positions `first` on of a tensor whose positions `start` on are those of `window`.

    whole : (n, length, C) of the sequences; rows (m,): which of them each mutant is of
    window : (m, w, C); start, first : (m,); what lies outside the tensor is `fill`
    """
    import tensorflow as tf

    length, channels, size = whole.shape[1], whole.shape[2], window.shape[1]
    places = first[:, None] + tf.range(width)
    kept = tf.reshape(whole, (-1, channels))
    changes = tf.reshape(window, (-1, channels))
    own = places - start[:, None]
    changed = (own >= 0) & (own < size)
    from_kept = rows[:, None] * length + tf.clip_by_value(places, 0, length - 1)
    order = tf.range(tf.shape(rows)[0])[:, None] * size + tf.clip_by_value(own, 0, size - 1)
    values = tf.where(changed[..., None], tf.gather(changes, order), tf.gather(kept, from_kept))
    outside = (places < 0) | (places >= length)
    return tf.where(outside[..., None], tf.constant(fill, values.dtype), values)
