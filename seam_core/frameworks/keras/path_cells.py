"""Mean gradients in the cells of straight paths through a Keras network, by the rescale rule.

In a cell every unit is given its mean slope between the cell's ends in place of its slope at one
point: for one layer of ReLUs that is exact, and for several the error falls with a higher power of
the cells' width than that of nodes does. The network runs once an edge; back it is gone through
layer by layer, only where the window reaches, and down to the affine start only (see
`affine_start`): what lies before it is gone back through once, for the sum of all cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np

from seam_core.frameworks.keras.affine_start import AFFINE, WEIGHED, AffineStart, is_even
from seam_core.frameworks.keras.mutants import Plan, head_tensor, made_by
from seam_core.frameworks.keras.quicker import windows_apart
from seam_core.frameworks.keras.runtime import device_scope, import_keras
from seam_core.frameworks.keras.window_gradient import Step, back_through, span_of, through
from seam_core.frameworks.reach import Sliding, trial_sequences
from seam_core.progress import Tick
from seam_core.sequences import one_hot

# Linear in all that they are given.
LINEAR = (*AFFINE, "Add", "Subtract", "Average", "Concatenate", "GlobalAveragePooling1D")
SLOPED = ("Activation", "ReLU", "Relu", "LeakyReLU", "ELU")
# Differences of an activation below this are taken as none: the slope is the derivative.
SMALL = 1e-6
# What contributions may lack of the difference of two predictions, in parts of it.
TRIAL = 1e-3

# (what a layer is given, what it was given at the edge before, gradient) -> gradient by the former
Rule = Callable[[Any, Any, Any], Any]


def path_cells(oracle: Any, start: AffineStart, length: int, window: range) -> PathCells | None:
    """The cells of a `KerasOracle`'s paths, behind its affine start, for a window.

    None where a layer has no rule, and where the contributions of a trial do not add up to the
    difference of its predictions.
    """
    import tensorflow as tf

    try:
        with device_scope(oracle.device):
            cells = PathCells(oracle, start, Plan(oracle, length), window)
            return cells if _adds_up(cells, oracle, length, window) else None
    except (ValueError, KeyError, TypeError, AttributeError, RuntimeError, tf.errors.OpError):
        return None


def _adds_up(cells: PathCells, oracle: Any, length: int, window: range) -> bool:
    """Do the contributions of the window, all else being empty, explain the predictions?"""
    inputs = one_hot(trial_sequences(length, oracle.n_letters), oracle.n_letters)
    inputs[:, : window.start] = inputs[:, window.stop :] = 0.0
    empty = np.zeros_like(inputs[:1])
    mean, predictions = cells.sums(inputs, empty, np.array([0.0, 0.3, 1.0]), lambda share: None)
    wanted = predictions - oracle.predict(empty)
    found = (mean * inputs).sum(axis=(1, 2))
    return bool(np.abs(found - wanted).max() <= TRIAL * np.abs(wanted).max())


class PathCells:
    """Mean gradients by the positions of a window; 0 outside.

    pooled : the same behind the max-pool that follows, see `AffineStart`
    """

    def __init__(self, oracle: Any, start: AffineStart, plan: Plan, window: range) -> None:
        import tensorflow as tf

        keras = import_keras()
        self._oracle, self._start = oracle, start
        self._begin, self._head = start.split, head_tensor(oracle)
        self._steps, self._spans = _steps(self._begin, self._head, plan, window)
        self._rules = {id(tensor): _rule_of(made_by(tensor)[0]) for tensor, _, _ in self._steps}
        self._inside = keras.Model(self._begin, [tensor for tensor, _, _ in self._steps])
        point = tf.TensorSpec([None, *self._begin.shape[1:]], tf.float32)
        self._noted = tf.function(self._first, input_signature=[point], autograph=False)
        self.pooled: PathCells | None = None
        if start.pooled is not None:
            self.pooled = PathCells(oracle, start.pooled, plan, window)

    def __call__(
        self, one_hot: np.ndarray, baseline: np.ndarray, edges: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """See `PathSecants`."""
        with device_scope(self._oracle.device):
            for predictions, gradient, closed in self._along(one_hot, baseline, edges):
                yield predictions.numpy(), closed(gradient)

    def sums(
        self, one_hot: np.ndarray, baseline: np.ndarray, edges: np.ndarray, tick: Tick
    ) -> tuple[np.ndarray, np.ndarray]:
        """(n, L, A) the mean gradient along the paths, and (n,) the predictions at their ends."""
        total: Any = 0.0
        with device_scope(self._oracle.device):
            for done, cell in enumerate(self._along(one_hot, baseline, edges)):
                predictions, gradient, closed = cell
                tick(done / (len(edges) - 1))
                total += np.float32(edges[done + 1] - edges[done]) * gradient
            return closed(total), predictions.numpy()

    def _along(
        self, one_hot: np.ndarray, baseline: np.ndarray, edges: np.ndarray
    ) -> Iterator[tuple[Any, Any, Callable[[Any], np.ndarray]]]:
        """Of each cell the predictions at its end and the mean gradient behind the start, and what
        takes that back to the sequence."""
        import tensorflow as tf

        inputs = tf.convert_to_tensor(one_hot)
        base = self._start.opened(tf.convert_to_tensor(baseline))
        if self.pooled is not None and len(baseline) == 1 and is_even(base):
            yield from self.pooled._along(one_hot, baseline, edges)
            return
        top = self._start.opened(inputs)
        difference = top - base
        known = self._noted(base + np.float32(edges[0]) * difference if edges[0] else base)
        for edge in edges[1:]:
            point = top if edge == 1.0 else base + np.float32(edge) * difference
            predictions, gradient, known = self._cell(point, known)
            yield predictions, gradient, lambda total: self._start.closed(inputs, total).numpy()

    @cached_property
    def _cell(self) -> Any:
        """Traced when it is first called: often only that behind the pool is."""
        import tensorflow as tf

        point = tf.TensorSpec([None, *self._begin.shape[1:]], tf.float32)
        noted = self._noted.get_concrete_function().structured_outputs
        known = [tf.TensorSpec(each.shape, tf.float32) for each in noted]
        return tf.function(self._next, input_signature=[point, known], autograph=False)

    # -- in a graph -----------------------------------------------------------------------------

    def _first(self, point: Any) -> list[Any]:
        return self._read(self._values(point))

    def _next(self, point: Any, before: list[Any]) -> tuple[Any, Any, list[Any]]:
        """Predictions at the cell's end, the mean gradient, and what units are given there."""
        import tensorflow as tf

        values = self._values(point)
        with tf.GradientTape() as tape:
            tape.watch(values[id(self._head)])
            predictions = self._oracle.reduced(values[id(self._head)])
            value = tf.reduce_sum(predictions)
        given = [(self._head, tape.gradient(value, values[id(self._head)]))]
        remaining = dict(zip(self._sloped(), before, strict=True))

        def rule(tensor: Any, how: Any, parts: list[Any], gradient: Any) -> list[Any]:
            own = self._rules[id(tensor)]
            if own is None:
                return through(how, parts, gradient)
            return [own(parts[0], remaining[id(tensor)], gradient)]

        gradients = back_through(self._steps, self._spans, values, given, rule)
        return predictions, gradients[id(self._begin)], self._read(values)

    def _values(self, point: Any) -> dict[int, Any]:
        made = self._inside(point, training=False)
        made = made if isinstance(made, (list, tuple)) else [made]
        values = {id(self._begin): point}
        return values | {
            id(tensor): value for (tensor, _, _), value in zip(self._steps, made, strict=True)
        }

    def _sloped(self) -> list[int]:
        return [key for key, rule in self._rules.items() if rule is not None]

    def _read(self, values: dict[int, Any]) -> list[Any]:
        """What the layers with a rule are given, as far as the window reaches."""
        parts = []
        for tensor, how, sources in self._steps:
            if self._rules[id(tensor)] is None:
                continue
            value, span = values[id(sources[0])], self._spans[id(tensor)]
            if span is not None:
                first, last = span
                if isinstance(how, Sliding):
                    first, last = first * how.stride, last * how.stride
                value = value[:, first:last]
            parts.append(value)
        return parts


def _steps(
    begin: Any, head: Any, plan: Plan, window: range
) -> tuple[list[Step], dict[int, tuple[int, int] | None]]:
    """What is made behind `begin`, in order, and of each tensor the positions that are reached."""
    local = {id(tensor): how for tensor, how, _ in plan.steps}
    steps: list[Step] = []
    spans: dict[int, tuple[int, int] | None] = {id(begin): span_of(plan, begin, window)}
    todo = [(head, False)]
    while todo:
        tensor, ready = todo.pop()
        if id(tensor) in spans:
            continue
        layer, sources = made_by(tensor)
        if not ready:
            todo.append((tensor, True))
            todo.extend((each, False) for each in sources)
            continue
        spans[id(tensor)] = span_of(plan, tensor, window) if id(tensor) in local else None
        steps.append((tensor, local.get(id(tensor), layer), sources))
    return steps, spans


# -- rules ------------------------------------------------------------------------------------


def _rule_of(layer: Any) -> Rule | None:
    """The mean slope of a layer; None where it is affine, `ValueError` where it has none."""
    kind = type(layer).__name__
    keras = import_keras()
    if kind in LINEAR:
        return None
    weighed = isinstance(layer, keras.layers.Conv1D) or kind in WEIGHED
    if weighed and (layer.activation is None or layer.activation.__name__ == "linear"):
        return None
    if kind == "MaxPooling1D" and windows_apart(layer):
        return _pool(layer.pool_size[0])
    if kind in SLOPED and getattr(layer, "activation", None) is not keras.activations.softmax:
        plain = kind == "Relu" or getattr(layer, "activation", None) is keras.activations.relu
        return _rectified if plain else _slope_of(layer)
    raise ValueError(f"no rule for {kind}")


def _positive_share(x: Any, r: Any) -> Any:
    """Share of the way from r to x that is positive: the slope of a ReLU between both."""
    import tensorflow as tf

    run = tf.maximum(tf.abs(x - r), np.float32(1e-30))
    return tf.clip_by_value(tf.maximum(x, r) / run, 0.0, 1.0)


def _rectified(x: Any, r: Any, gradient: Any) -> Any:
    return gradient * _positive_share(x, r)


def _slope_of(layer: Any) -> Rule:
    import tensorflow as tf

    def rule(x: Any, r: Any, gradient: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = layer(x)
        derivative = tape.gradient(value, x)
        run = x - r
        flat = tf.abs(run) < SMALL
        slope = (value - layer(r)) / tf.where(flat, tf.ones_like(run), run)
        return gradient * tf.where(flat, derivative, slope)

    return rule


def _pool(size: int) -> Rule:
    """The largest of a window, one place after the other: the larger of two is the one, and as much
    of the other as it is above it."""
    import tensorflow as tf

    def rule(x: Any, r: Any, gradient: Any) -> Any:
        n_windows, n_channels = gradient.shape[1:]

        def places(value: Any) -> list[Any]:
            shape = (-1, n_windows, size, n_channels)
            return tf.unstack(tf.reshape(value[:, : n_windows * size], shape), axis=2)

        above, below = places(x), places(r)
        shares = []
        for place in range(size - 1, 0, -1):
            others = [tf.reduce_max(tf.stack(each[:place]), axis=0) for each in (above, below)]
            won = _positive_share(above[place] - others[0], below[place] - others[1])
            shares.append(gradient * won)
            gradient = gradient - shares[-1]
        shares.append(gradient)
        given = tf.reshape(tf.stack(shares[::-1], axis=2), (-1, n_windows * size, n_channels))
        left = x.shape[1] - n_windows * size
        return tf.pad(given, ((0, 0), (0, left), (0, 0))) if left else given

    return rule
