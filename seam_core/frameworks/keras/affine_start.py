"""Sums of gradients along straight paths, taken behind the affine start of a Keras network.

Up to its first non-linear layer a network maps a straight path to a straight path. What lies
before that layer is computed for both ends only, the gradients of all points are added up behind
it, and their sum goes back through it once: a quarter less work a point for DeepSTARR.

A max-pool is no affine layer. But where the baseline gives every position the same values, as zeros
do, which position of a window is the largest is the same all along the path: there the start goes
on behind the pool, and half as many values a point are left for DeepSTARR.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seam_core.frameworks.keras.mutants import Plan, head_tensor, made_by
from seam_core.frameworks.keras.window_gradient import WindowGradient
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


def affine_start(oracle: Any, length: int, window: range | None = None) -> AffineStart | None:
    """The split of a `KerasOracle`'s network; None where it has no affine start.

    window : positions whose gradients are wanted, through what these reach only; 0 elsewhere

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
    first, behind = _splits(network.inputs[0], head, keras)
    if first is None:
        return None
    try:
        plan = None if window is None else Plan(oracle, length)

        def made(split: Any) -> AffineStart | None:
            narrow = None
            if plan is not None and window is not None:
                narrow = WindowGradient(oracle, plan, window, split)
            affine = AffineStart(oracle, network.inputs[0], split, head, narrow)
            return affine if _agrees(affine, oracle, length, window or range(length)) else None

        with device_scope(oracle.device):
            affine = made(first)
            if affine is not None and behind is not None:
                affine.pooled = made(behind)
            return affine
    except (ValueError, KeyError, TypeError, AttributeError, RuntimeError, tf.errors.OpError):
        return None


def _splits(start: Any, head: Any, keras: Any) -> tuple[Any, Any]:
    """The last tensor of the affine chain from `start`, or None where it holds no weights; and the
    last of it behind a max-pool, where one follows."""
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
    tensor, weighed, before = start, False, None
    while len(readers.get(id(tensor), [])) == 1:
        layer, output = readers[id(tensor)][0]
        kind = type(layer).__name__
        if isinstance(layer, keras.layers.Conv1D) or kind in WEIGHED:
            if layer.activation is not None and layer.activation.__name__ != "linear":
                break
            weighed = True
        elif kind == "MaxPooling1D" and weighed and before is None:
            before = tensor
        elif kind not in AFFINE:
            break
        if output is head:
            return before, None
        tensor = output
    if not weighed:
        return None, None
    return (tensor, None) if before is None else (before, tensor)


def _agrees(split: AffineStart, oracle: Any, length: int, window: range) -> bool:
    letters = np.random.default_rng(0).integers(0, oracle.n_letters, (2, length))
    inputs = one_hot(letters, oracle.n_letters)
    gradients = split.along(inputs, np.zeros_like(inputs), np.array([0.7]), np.ones(1), _silent)
    here = slice(window.start, window.stop)
    wanted = oracle.gradient(np.float32(0.7) * inputs)[1][:, here]
    return bool(np.linalg.norm(gradients[:, here] - wanted) <= TRIAL * np.linalg.norm(wanted))


def is_even(values: Any) -> bool:
    """Has every position of (n, positions, channels) the same values, to the last bit?"""
    array = values.numpy()
    return array.ndim == 3 and bool((array == array[:, :1]).all())


def _silent(share: float) -> None:
    pass


class AffineStart:
    """A network in two parts at the tensor `split`, the first of them affine.

    narrow : the gradient by what of `split` a window reaches; None: by all of it
    pooled : the same behind the max-pool that follows, for baselines that are even before it
    """

    pooled: AffineStart | None = None

    def __init__(
        self,
        oracle: Any,
        inputs: Any,
        split: Any,
        head: Any,
        narrow: WindowGradient | None = None,
    ) -> None:
        import tensorflow as tf

        from seam_core.frameworks.keras.runtime import import_keras

        keras = import_keras()
        start, rest = keras.Model(inputs, split), keras.Model(split, head)
        self.split = split
        self._oracle = oracle
        self._span = (0, split.shape[1]) if narrow is None else narrow.span
        inside = tf.TensorSpec([None, *start.output.shape[1:]], tf.float32)
        outside = tf.TensorSpec([None, *start.input.shape[1:]], tf.float32)
        number = tf.TensorSpec([], tf.float32)

        def step(base: Any, difference: Any, total: Any, node: Any, weight: Any) -> Any:
            point = base + node * difference
            if narrow is not None:
                return total + weight * narrow.traced(point)[1]
            with tf.GradientTape() as tape:
                tape.watch(point)
                value = weight * tf.reduce_sum(oracle.reduced(rest(point, training=False)))
            return total + tape.gradient(value, point, unconnected_gradients="zero")

        def closed(inputs: Any, total: Any) -> Any:
            with tf.GradientTape() as tape:
                tape.watch(inputs)
                values = start(inputs, training=False) if narrow is None else narrow.part(inputs)
                value = tf.reduce_sum(values * total)
            gradient = tape.gradient(value, inputs)
            return gradient if narrow is None else narrow.inside(gradient)

        def traced(function: Any, *signature: Any) -> Any:
            return tf.function(function, input_signature=signature, autograph=False)

        self.opened = traced(lambda inputs: start(inputs, training=False), outside)
        reached = tf.TensorSpec(
            [None, self._span[1] - self._span[0], *inside.shape[2:]], tf.float32
        )
        self._step = traced(step, inside, inside, reached, number, number)
        self.closed = traced(closed, outside, reached)

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
            base = self.opened(tf.convert_to_tensor(baseline))
            if self.pooled is not None and len(baseline) == 1 and is_even(base):
                return self.pooled.along(one_hot, baseline, nodes, weights, tick)
            difference = self.opened(inputs) - base
            total = tf.zeros_like(difference[:, slice(*self._span)])
            for done, (node, weight) in enumerate(zip(nodes, weights, strict=True)):
                tick(done / len(nodes))
                total = self._step(base, difference, total, np.float32(node), np.float32(weight))
            return self.closed(inputs, total).numpy()
