"""Gradients of a window of the sequence, taken through what depends on the window only.

The network is run forward as ever, and backward from its end to where it stops being local, see
`mutants`. From there on down to the sequence each layer is gone through only at the positions
that the window reaches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from seam_core.frameworks.keras.mutants import Plan
from seam_core.frameworks.reach import Sliding, trial_sequences
from seam_core.sequences import one_hot

# Least share of the network's work that must lie outside the window's reach.
WORTH = 0.25
# (tensor, what makes it, what from)
Step = tuple[Any, Any, list[Any]]
TOLERANCE = 1e-5


def window_gradient(oracle: Any, length: int, window: range) -> WindowGradient | None:
    """The quicker gradient of a `KerasOracle`.

    None where too little of the network lies outside the window's reach, and where a trial does
    not give the gradient of the whole network.
    """
    import tensorflow as tf

    plan = Plan(oracle, length)
    if not plan.steps or not plan.ends or _spared(plan, window) < WORTH:
        return None
    narrow = WindowGradient(oracle, plan, window)
    inputs = one_hot(trial_sequences(length, oracle.n_letters), oracle.n_letters)
    here = slice(window.start, window.stop)
    try:
        gradients = narrow(inputs)[1][:, here]
    except (ValueError, TypeError, AttributeError, tf.errors.OpError):
        return None
    wanted = oracle.gradient(inputs)[1][:, here]
    same = np.allclose(gradients, wanted, rtol=0, atol=TOLERANCE * np.abs(wanted).max())
    return narrow if same else None


def span_of(plan: Plan, tensor: Any, window: range) -> tuple[int, int]:
    """Positions of a local tensor, from and to, that the window reaches."""
    reach = plan.reaches[id(tensor)]
    return int(reach.starts[window.start]), int(reach.starts[window.stop - 1]) + reach.width


def _spared(plan: Plan, window: range) -> float:
    """Share of the network's work that the window does not reach."""
    spared = 0.0
    for tensor, work in plan.costs:
        low, high = span_of(plan, tensor, window)
        spared += work * (1 - (high - low) / tensor.shape[1])
    return spared / plan.work.all


class WindowGradient:
    """Predictions, and gradients by the positions of a window.

    begin : a tensor that all else is made from, whose gradient is taken; None: the input's

    Attributes
    ----------
    span : positions of `begin`, from and to, that the window reaches
    """

    def __init__(self, oracle: Any, plan: Plan, window: range, begin: Any = None) -> None:
        import tensorflow as tf

        self._oracle = oracle
        self._plan = plan
        self._window = window
        self._begin = plan.input if begin is None else begin
        made = [plan.input, *(tensor for tensor, _, _ in plan.steps)]
        first = [id(tensor) for tensor in made].index(id(self._begin))
        tensors, self._steps, self._before = made[first:], plan.steps[first:], plan.steps[:first]
        self._places = {id(tensor): place for place, tensor in enumerate(tensors)}
        self._spans = {id(tensor): span_of(plan, tensor, window) for tensor in tensors}
        self.span = self._spans[id(self._begin)]
        self._inside = plan.keras.Model(self._begin, tensors[1:])
        spec = tf.TensorSpec([None, *self._begin.shape[1:]], tf.float32)
        self._gradient = tf.function(self.traced, input_signature=[spec], autograph=False)

    def __call__(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(n, L, A) to predictions (n,) and gradients (n, L, A), 0 outside the window."""
        predictions, gradients = self._oracle.answered(self._gradient, inputs)
        whole = np.zeros((len(gradients), *inputs.shape[1:]), dtype=np.float32)
        whole[:, self._window.start : self._window.stop] = gradients
        return predictions, whole

    def inside(self, gradient: Any) -> Any:
        """A gradient (n, L, A), 0 outside the window."""
        import tensorflow as tf

        beside = (self._window.start, gradient.shape[1] - self._window.stop)
        return tf.pad(gradient[:, self._window.start : self._window.stop], ((0, 0), beside, (0, 0)))

    def part(self, inputs: Any) -> Any:
        """The `span` of `begin`, to which a chain of layers leads, computed from what it reads."""
        low, high = self.span
        reads = []
        for _, how, (source,) in reversed(self._before):
            fill, first, last = 0.0, low, high
            if isinstance(how, Sliding):
                fill, first = how.fill, low * how.stride - how.left
                last = first + how.read(high - low)
            low, high = max(first, 0), min(last, source.shape[1])
            reads.append((how, first - low, last - low, fill))
        values = inputs[:, low:high]
        for how, first, last, fill in reversed(reads):
            part = _part(values, first, last, fill)
            values = how.apply(part) if isinstance(how, Sliding) else how(part, training=False)
        return values

    def traced(self, inputs: Any) -> tuple[Any, Any]:
        """Values of `begin` to predictions (n,) and the gradient by its `span`, in a graph."""
        import tensorflow as tf

        plan = self._plan
        values = [inputs, *self._inside(inputs, training=False)]
        ends = [values[self._places[id(end)]] for end in plan.ends]
        with tf.GradientTape() as tape:
            tape.watch(ends)
            output = plan.tail(ends if len(ends) > 1 else ends[0], training=False)
            predictions = self._oracle.reduced(output)
            total = tf.reduce_sum(predictions)
        by_ends = tape.gradient(total, ends, unconnected_gradients="zero")
        made = {key: values[place] for key, place in self._places.items()}
        given = list(zip(plan.ends, by_ends, strict=True))
        gradient = back_through(
            self._steps, self._spans, made, given, lambda _, *step: through(*step)
        )
        return predictions, gradient[id(self._begin)]


def back_through(
    steps: list[Step],
    spans: Mapping[int, tuple[int, int] | None],
    values: Mapping[int, Any],
    given: list[tuple[Any, Any]],
    rule: Callable[[Any, Any, list[Any], Any], list[Any]],
) -> dict[int, Any]:
    """Gradients by what the steps are made from, in a graph, by the ids of these tensors.

    Parameters
    ----------
    steps : in order
    spans : positions of each tensor, from and to, that are gone through; None: all, as one
    values : of each tensor
    given : tensors and the gradients by all their positions
    rule : (tensor, how, parts that it reads, gradient) -> the gradients by these parts
    """
    import tensorflow as tf

    gradients: dict[int, Any] = {}

    def add(tensor: Any, gradient: Any, first: int) -> None:
        """The gradient by positions `first` on, as far as they are reached."""
        key, span = id(tensor), spans[id(tensor)]
        if span is not None:
            low, high = span
            last = first + gradient.shape[1]
            gradient = gradient[:, max(low - first, 0) : gradient.shape[1] - max(last - high, 0)]
            missing = ((0, 0), (max(first - low, 0), max(high - last, 0)), (0, 0))
            gradient = tf.pad(gradient, missing) if any(missing[1]) else gradient
        gradients[key] = gradients[key] + gradient if key in gradients else gradient

    for tensor, gradient in given:
        add(tensor, gradient, 0)
    for tensor, how, sources in reversed(steps):
        if id(tensor) not in gradients:
            continue  # the head does not read it
        gradient, span = gradients.pop(id(tensor)), spans[id(tensor)]
        parts, first = [values[id(each)] for each in sources], 0
        if span is not None:
            first, last = span
            fill = 0.0
            if isinstance(how, Sliding):
                width, fill = how.read(last - first), how.fill
                first = first * how.stride - how.left
                last = first + width
            if isinstance(how, Sliding) and how.back is not None:
                add(sources[0], how.back(gradient, last - first), first)
                continue
            parts = [_part(each, first, last, fill) for each in parts]
        for source, part in zip(sources, rule(tensor, how, parts, gradient), strict=True):
            add(source, part, first)
    return gradients


def _part(value: Any, first: int, last: int, fill: float) -> Any:
    """Positions `first` to `last` of a tensor; `fill` where there are none."""
    import tensorflow as tf

    beside = ((0, 0), (max(0, -first), max(0, last - value.shape[1])), (0, 0))
    part = value[:, max(first, 0) : last]
    return tf.pad(part, beside, constant_values=fill) if any(beside[1]) else part


def through(how: Any, parts: list[Any], gradient: Any) -> list[Any]:
    """The gradient by what a layer is given, from that by what it makes of it."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(parts)
        if isinstance(how, Sliding):
            values = how.apply(parts[0])
        else:
            values = how(parts if len(parts) > 1 else parts[0], training=False)
    gradients = tape.gradient(values, parts, gradient, unconnected_gradients="zero")
    return list(gradients)
