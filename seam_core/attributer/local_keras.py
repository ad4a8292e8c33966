"""Mutants predicted from what changes: a convolution sees a substitution only nearby.

The activations of a sequence are computed once. For a mutant, each layer computes only the
positions that the substitution reaches, from the sequence's activations around them; where the
network stops being local (flattening, pooling over all positions, attention ...) the changed
positions are put into the sequence's activations, and the rest of the network runs as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from seam_core.attributer.batches import Tick, rows_in_memory

# Layers that treat every position alike and by itself.
POINTWISE = (
    *("Activation", "ReLU", "LeakyReLU", "ELU", "Dense", "Dropout", "SpatialDropout1D", "Identity"),
    *("GaussianNoise", "GaussianDropout", "AlphaDropout", "Rescaling", "ActivityRegularization"),
)
MERGES = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")
# Above this share of the network's work it is not worth the trouble.
WORTH = 0.6
MUTANTS_AT_A_TIME = 512
LARGEST_BATCH = 32
TRIALS = 32


@dataclass(frozen=True, eq=False)
class Reach:
    """Where a substitution at each position reaches in a tensor.

    starts : (L,) int32 first position reached; width : positions reached, for all the same
    length : positions of the tensor
    """

    starts: np.ndarray
    width: int
    length: int


@dataclass(frozen=True, eq=False)
class Sliding:
    """How an output position depends on input positions: a kernel of `size`, and what pads it."""

    size: int
    stride: int
    dilation: int
    left: int
    fill: float
    apply: Callable[[Any], Any]

    def reach(self, before: Reach, length: int) -> Reach:
        """Where the output is reached, given where the input is."""
        last = before.starts + before.width - 1
        span = (self.size - 1) * self.dilation
        low = -(-(before.starts + self.left - span) // self.stride)
        high = (last + self.left) // self.stride
        return _as_reach(low, high + 1, length)


def _as_reach(low: np.ndarray, high: np.ndarray, length: int) -> Reach:
    """A reach of one width that holds `low` to `high` for each position, within the tensor."""
    low, high = np.clip(low, 0, length), np.clip(high, 0, length)
    width = int(max(1, (high - low).max()))
    return Reach(np.clip(low, 0, length - width).astype(np.int32), width, length)


def local_mutants(oracle: Any, length: int, channels: np.ndarray) -> LocalMutants | None:
    """A predictor for a `KerasOracle`, else None.

    Parameters
    ----------
    channels : (C, A) float32, what the model is given for each letter

    None where too little of the network is local to be worth it, and where a trial does not give
    what the whole network gives: a layer may have a familiar name and do something else.
    """
    import tensorflow as tf

    plan = _Plan(oracle, length)
    if not plan.worth_it:
        return None
    predictor = LocalMutants(oracle, plan, channels)
    try:
        return predictor if _agrees(predictor, oracle, length, channels) else None
    except (ValueError, TypeError, AttributeError, tf.errors.OpError):
        return None


def _agrees(predictor: LocalMutants, oracle: Any, length: int, channels: np.ndarray) -> bool:
    """Does a trial at both ends and in between give the predictions of the whole network?"""
    rng = np.random.default_rng(0)
    sequences = rng.integers(0, len(channels), (2, length)).astype(np.int8)
    positions = np.unique(np.linspace(0, length - 1, TRIALS).astype(int))
    rows = np.arange(len(positions)) % 2
    letters = (sequences[rows, positions] + 1) % len(channels)
    own = predictor.start(sequences, np.ones(2, dtype=bool))
    found = predictor.mutants(rows, positions, letters, lambda share: None)
    mutants = sequences[rows]
    mutants[np.arange(len(mutants)), positions] = letters
    wanted = oracle.predict(channels[mutants])
    return bool(np.allclose(found, wanted, rtol=1e-4, atol=1e-4 * np.abs(own).max()))


class _Plan:
    """The local part of a network: its tensors in order, and what makes each from which."""

    def __init__(self, oracle: Any, length: int) -> None:
        from seam_core.oracles.keras.runtime import import_keras

        self.keras = import_keras()
        self.steps: list[tuple[Any, Any, list[Any]]] = []  # (tensor, how, inputs)
        self.reaches: dict[int, Reach] = {}
        self.ends: list[Any] = []
        self.worth_it = False
        model = oracle.network
        plain = not oracle.adapter.channels_first and len(getattr(model, "inputs", None) or []) == 1
        plain = plain and all(
            getattr(layer, "compute_dtype", "float32") == "float32" for layer in model.layers
        )
        if not plain or not isinstance(model, self.keras.Model) or oracle.length != length:
            return
        (start,) = model.inputs
        self.input = start
        whole = np.arange(length, dtype=np.int32)
        self.reaches[id(start)] = Reach(whole, 1, length)
        self._seen: set[int] = {id(start)}
        self.work = self.saved = 0.0
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
        self.worth_it = self.saved > (1 - WORTH) * self.work

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
        self.work += work
        if how is None:
            for each in inputs:
                if id(each) in self.reaches and not any(each is end for end in self.ends):
                    self.ends.append(each)
            return
        reaches = [self.reaches[id(each)] for each in inputs]
        length = tensor.shape[1]
        if isinstance(how, Sliding):
            reach = how.reach(reaches[0], length)
        elif len(inputs) == 1:
            reach = reaches[0]
        else:
            low = np.min([r.starts for r in reaches], axis=0)
            high = np.max([r.starts + r.width for r in reaches], axis=0)
            reach = _as_reach(low, high, length)
        self.reaches[id(tensor)] = reach
        self.steps.append((tensor, how, inputs))
        self.saved += work * (1 - min(1.0, reach.width / length))

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
    by_name = getattr(oracle.network, "_outputs_struct", None)
    if isinstance(by_name, Mapping):  # the list of outputs is in the order of the sorted names
        return by_name[oracle.head]
    return oracle.network.outputs[[name for name, _ in oracle.heads].index(oracle.head)]


def made_by(tensor: Any) -> tuple[Any, list[Any]]:
    """The layer that makes a symbolic tensor, and what from; no tensors for an input."""
    layer, index, _ = tensor._keras_history
    node = layer._inbound_nodes[index]
    found = node.input_tensors
    return layer, list(found) if isinstance(found, (list, tuple)) else [found]


def _work(layer: Any, tensor: Any) -> float:
    """Roughly the multiplications for one sequence."""
    shape = tensor.shape
    size = float(np.prod([each or 1 for each in shape[1:]]))
    kernel = getattr(layer, "kernel", None)
    if kernel is None:
        return size
    return float(np.prod(kernel.shape)) * (size / shape[-1])


def _sliding(layer: Any, kind: str, length: int) -> Sliding | None:
    import tensorflow as tf

    from seam_core.oracles.keras.runtime import import_keras

    if getattr(layer, "data_format", "channels_last") != "channels_last":
        return None
    if isinstance(layer, import_keras().layers.Conv1D) and layer.groups == 1:
        size, stride = layer.kernel_size[0], layer.strides[0]
        dilation = layer.dilation_rate[0]
        left = _left(layer.padding, size, stride, dilation, length)

        def convolve(patch: Any) -> Any:
            made = tf.nn.convolution(
                patch, layer.kernel, strides=stride, padding="VALID", dilations=dilation
            )
            made = made + layer.bias if layer.use_bias else made
            return made if layer.activation is None else layer.activation(made)

        name = getattr(layer.activation, "__name__", "")
        return None if name == "softmax" else Sliding(size, stride, dilation, left, 0.0, convolve)
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


def _one(size: Any) -> int:
    return int(size[0]) if isinstance(size, (list, tuple)) else int(size)


def _left(padding: str, size: int, stride: int, dilation: int, length: int) -> int:
    """Positions that pad the left end."""
    span = (size - 1) * dilation
    if padding == "same":
        outputs = -(-length // stride)
        return max(0, (outputs - 1) * stride + span + 1 - length) // 2
    return span if padding == "causal" else 0


class LocalMutants:
    """Mutants predicted from the positions that they change."""

    def __init__(self, oracle: Any, plan: _Plan, channels: np.ndarray) -> None:
        import tensorflow as tf

        self._oracle = oracle
        self._channels = channels
        self._plan = plan
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
        self._mutants = tf.function(self._traced, autograph=False, reduce_retracing=True)
        self.batch = rows_in_memory(oracle, length, LARGEST_BATCH)

    def start(self, sequences: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """Predictions of those of (n, L) `sequences` that are `wanted`; keeps the activations."""
        from seam_core.oracles.keras.runtime import device_scope

        inputs = self._channels[sequences]
        with device_scope(self._oracle.device):
            found = self._activations(inputs)
            self._kept = list(found) if isinstance(found, (list, tuple)) else [found]
        return self._oracle.predict(inputs[wanted])

    def mutants(
        self, rows: np.ndarray, positions: np.ndarray, letters: np.ndarray, tick: Tick
    ) -> np.ndarray:
        """Predictions (m,) of `letters` put at `positions` of sequences `rows`."""
        from seam_core.oracles.keras.runtime import device_scope

        found = np.empty(len(rows), dtype=np.float32)
        for first in range(0, len(rows), MUTANTS_AT_A_TIME):
            tick(first / len(rows))
            # Every call has the same size; the last is filled up with its first mutant.
            part = np.arange(first, first + MUTANTS_AT_A_TIME)
            part[part >= len(rows)] = first
            with device_scope(self._oracle.device):
                values = self._mutants(
                    self._kept,
                    rows[part].astype(np.int32),
                    positions[part].astype(np.int32),
                    letters[part].astype(np.int32),
                ).numpy()
            found[first : first + MUTANTS_AT_A_TIME] = values[: len(rows) - first]
        return found

    def _traced(self, kept: list[Any], rows: Any, positions: Any, letters: Any) -> Any:
        import tensorflow as tf

        plan = self._plan
        windows = {id(plan.input): tf.gather(self._channels, letters)[:, None]}
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
                width = (reach.width - 1) * how.stride + (how.size - 1) * how.dilation + 1
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
    made = tf.reshape(window, (-1, channels))
    own = places - start[:, None]
    changed = (own >= 0) & (own < size)
    from_kept = rows[:, None] * length + tf.clip_by_value(places, 0, length - 1)
    order = tf.range(tf.shape(rows)[0])[:, None] * size + tf.clip_by_value(own, 0, size - 1)
    found = tf.where(changed[..., None], tf.gather(made, order), tf.gather(kept, from_kept))
    outside = (places < 0) | (places >= length)
    return tf.where(outside[..., None], tf.constant(fill, found.dtype), found)
