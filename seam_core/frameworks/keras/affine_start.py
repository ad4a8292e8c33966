"""Sums of gradients along straight paths, taken behind the affine start of a Keras network.

Up to its first non-linear layer a network maps a straight path to a straight path. What lies
before that layer is computed for both ends only, the gradients of all points are added up behind
it, and their sum goes back through it once: a quarter less work a point for DeepSTARR.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seam_core.frameworks.keras.mutants import head_tensor, made_by
from seam_core.progress import Tick
from seam_core.sequences import one_hot

# Affine outside training, the first of them with a linear activation.
WEIGHED = ("Dense", "SeparableConv1D", "DepthwiseConv1D")
AFFINE = (
    *("BatchNormalization", "AveragePooling1D", "ZeroPadding1D", "Cropping1D", "Identity"),
    *("Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "AlphaDropout"),
    *("Flatten", "Reshape", "Permute"),
)
# Maps of a trial may differ by this share: rounding moves single steps of a piecewise linear one.
TRIAL = 0.01


def affine_start(oracle: Any, length: int) -> AffineStart | None:
    """The split of a `KerasOracle`'s network; None where it has no affine start.

    None too where a trial does not give the gradient of the whole network.
    """
    import tensorflow as tf

    from seam_core.frameworks.keras.runtime import device_scope, import_keras

    keras = import_keras()
    network = oracle.network
    plain = isinstance(network, keras.Model) and len(getattr(network, "inputs", None) or []) == 1
    if not plain or oracle.adapter.layout != "channels_last" or oracle.length != length:
        return None
    head = head_tensor(oracle)
    split = _split(network.inputs[0], head, keras)
    if split is None:
        return None
    try:
        start, rest = keras.Model(network.inputs[0], split), keras.Model(split, head)
        with device_scope(oracle.device):
            affine = AffineStart(oracle, start, rest)
            return affine if _agrees(affine, oracle, length) else None
    except (ValueError, KeyError, TypeError, AttributeError, RuntimeError, tf.errors.OpError):
        return None


def _split(start: Any, head: Any, keras: Any) -> Any:
    """The last tensor of the affine chain from `start`, or None where it holds no weights."""
    readers: dict[int, list[tuple[Any, Any]]] = {}  # what reads a tensor: (layer, its output)
    todo, seen = [head], {id(head)}
    while todo:
        tensor = todo.pop()
        layer, inputs = made_by(tensor)
        for each in inputs:
            readers.setdefault(id(each), []).append((layer, tensor))
            if id(each) not in seen:
                seen.add(id(each))
                todo.append(each)
    tensor, weighed = start, False
    while len(readers.get(id(tensor), [])) == 1:
        layer, output = readers[id(tensor)][0]
        kind = type(layer).__name__
        if isinstance(layer, keras.layers.Conv1D) or kind in WEIGHED:
            if layer.activation is not None and layer.activation.__name__ != "linear":
                break
            weighed = True
        elif kind not in AFFINE:
            break
        if output is head:
            return None
        tensor = output
    return tensor if weighed else None


def _agrees(split: AffineStart, oracle: Any, length: int) -> bool:
    letters = np.random.default_rng(0).integers(0, oracle.n_letters, (2, length))
    inputs = one_hot(letters, oracle.n_letters)
    gradients = split.along(inputs, np.zeros_like(inputs), np.array([0.7]), np.ones(1), _silent)
    wanted = oracle.gradient(np.float32(0.7) * inputs)[1]
    return bool(np.linalg.norm(gradients - wanted) <= TRIAL * np.linalg.norm(wanted))


def _silent(share: float) -> None:
    pass


class AffineStart:
    """A network in two parts, the first of them affine."""

    def __init__(self, oracle: Any, start: Any, rest: Any) -> None:
        import tensorflow as tf

        self._oracle = oracle
        inside = tf.TensorSpec([None, *start.output.shape[1:]], tf.float32)
        outside = tf.TensorSpec([None, *start.input.shape[1:]], tf.float32)
        number = tf.TensorSpec([], tf.float32)

        def step(base: Any, difference: Any, total: Any, node: Any, weight: Any) -> Any:
            point = base + node * difference
            with tf.GradientTape() as tape:
                tape.watch(point)
                value = weight * tf.reduce_sum(oracle.reduced(rest(point, training=False)))
            return total + tape.gradient(value, point, unconnected_gradients="zero")

        def closed(inputs: Any, total: Any) -> Any:
            with tf.GradientTape() as tape:
                tape.watch(inputs)
                value = tf.reduce_sum(start(inputs, training=False) * total)
            return tape.gradient(value, inputs)

        def traced(function: Any, *signature: Any) -> Any:
            return tf.function(function, input_signature=signature, autograph=False)

        self._opened = traced(lambda inputs: start(inputs, training=False), outside)
        self._step = traced(step, inside, inside, inside, number, number)
        self._closed = traced(closed, outside, inside)

    def along(
        self,
        one_hot: np.ndarray,
        baseline: np.ndarray,
        nodes: np.ndarray,
        weights: np.ndarray,
        tick: Tick,
    ) -> np.ndarray:
        """(n, L, A): weighted sum of the gradients at `nodes` of the paths from the baselines."""
        import tensorflow as tf

        from seam_core.frameworks.keras.runtime import device_scope

        with device_scope(self._oracle.device):
            inputs = tf.convert_to_tensor(one_hot)
            base = self._opened(tf.convert_to_tensor(baseline))
            difference = self._opened(inputs) - base
            total = tf.zeros_like(difference)
            for done, (node, weight) in enumerate(zip(nodes, weights, strict=True)):
                tick(done / len(nodes))
                total = self._step(base, difference, total, np.float32(node), np.float32(weight))
            return self._closed(inputs, total).numpy()
