"""Rescale rules for TensorFlow's non-linear operations, in the place of their gradients.

A rule is given an operation of the references' half of a graph and the gradient of its output; it
finds what the sequences' half holds in `HALVES` (see `rescale.tensorflow`).
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from seam_core.validate import InputError

# Differences of an activation below this are taken as none: the slope is the derivative.
SMALL = 1e-6

Rule = Callable[..., Any]
RULES: dict[str, Rule] = {}


@dataclass(frozen=True)
class Halves:
    """The two halves of a graph.

    twins : operation of the references' half -> that of the sequences', for those between input
        and output
    repeats : scalar tensor, references a sequence: row i of the sequences belongs to rows
        i x repeats and following of the references
    rows : for each row of the references, that of its sequence
    moving : operations of the references' half that gradients flow through
    """

    start: Any
    twins: dict[str, Any]
    repeats: Any
    rows: Any
    moving: frozenset[str]

    def varies(self, tensor: Any) -> bool:
        return tensor.op.name in self.twins or tensor.op.name == self.start.op.name


HALVES: weakref.WeakKeyDictionary[Any, Halves] = weakref.WeakKeyDictionary()


def _rule(*types: str) -> Callable[[Rule], Rule]:
    def add(rule: Rule) -> Rule:
        for name in types:
            RULES[name] = rule
        return rule

    return add


def _pairs(op: Any) -> list[tuple[Any, Any]]:
    """What each input, and last the output, is in the sequences' and in the references' half.

    Row i of the one belongs to row i of the other: the sequences' are repeated.
    """
    import tensorflow as tf

    halves = HALVES[op.graph]
    twin = halves.twins[op.name]
    pairs = []
    for ours, theirs in zip([*twin.inputs, *twin.outputs], [*op.inputs, *op.outputs], strict=True):
        varies = halves.varies(theirs) or theirs.op is op
        pairs.append((tf.gather(ours, halves.rows) if varies else theirs, theirs))
    return pairs


def _grouped(op: Any, gradient: Any) -> tuple[Any, ...]:
    """Gradient, x, r, f(x), f(r) with the references of a sequence on an axis of their own.

    (n, R, ...), but (n, 1, ...) for the sequences: nothing is copied.
    """
    import tensorflow as tf

    halves = HALVES[op.graph]
    twin = halves.twins[op.name]

    def fold(tensor: Any, repeats: Any) -> Any:
        rest = tensor.shape[1:]
        size = list(rest) if rest.is_fully_defined() else tf.unstack(tf.shape(tensor)[1:])
        folded = tf.reshape(tensor, [-1, repeats, *size])
        return tf.ensure_shape(folded, [None, None, *tensor.shape[1:]])

    r, s = fold(op.inputs[0], halves.repeats), fold(op.outputs[0], halves.repeats)
    x, y = fold(twin.inputs[0], 1), fold(twin.outputs[0], 1)
    return fold(gradient, halves.repeats), x, r, y, s


def _slope(rise: Any, run: Any, derivative: Any) -> Any:
    import tensorflow as tf

    flat = tf.abs(run) < SMALL
    return tf.where(flat, derivative, rise / tf.where(flat, tf.ones_like(run), run))


# -- functions of one number --------------------------------------------------------------------


def _derivatives() -> dict[str, Callable[[Any, Any], Any]]:
    """Derivative of each function of one number, from its argument x and value y."""
    import tensorflow as tf

    def step(condition: Any, x: Any) -> Any:
        return tf.cast(condition, x.dtype)

    return {
        "Relu": lambda x, y: step(x > 0, x),
        "Relu6": lambda x, y: step((x > 0) & (x < 6), x),
        "LeakyRelu": lambda x, y: tf.where(x > 0, tf.ones_like(x), y / x),
        "Elu": lambda x, y: tf.where(x > 0, tf.ones_like(x), y + 1),
        "Selu": lambda x, y: tf.where(x > 0, 1.0507009873554805, y + 1.7580993408473766),
        "Sigmoid": lambda x, y: y * (1 - y),
        "Tanh": lambda x, y: 1 - y * y,
        "Softplus": lambda x, y: tf.sigmoid(x),
        "Softsign": lambda x, y: 1 / tf.square(1 + tf.abs(x)),
        "Exp": lambda x, y: y,
        "Log": lambda x, y: 1 / x,
        "Log1p": lambda x, y: 1 / (1 + x),
        "Sqrt": lambda x, y: 0.5 / y,
        "Rsqrt": lambda x, y: -0.5 * y / x,
        "Square": lambda x, y: 2 * x,
        "Reciprocal": lambda x, y: -y * y,
        "Abs": lambda x, y: tf.sign(x),
        "Erf": lambda x, y: 1.1283791670955126 * tf.exp(-x * x),
        "Erfc": lambda x, y: -1.1283791670955126 * tf.exp(-x * x),
    }


UNARY = (
    *("Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Sigmoid", "Tanh", "Softplus", "Softsign"),
    *("Exp", "Log", "Log1p", "Sqrt", "Rsqrt", "Square", "Reciprocal", "Abs", "Erf", "Erfc"),
)


@_rule(*UNARY)
def _unary(op: Any, gradient: Any) -> Any:
    import tensorflow as tf

    rescaled = _rescaled(op.type)(*_grouped(op, gradient))
    return tf.reshape(rescaled, tf.shape(op.inputs[0]))


@lru_cache
def _rescaled(kind: str) -> Any:
    """One function for all operations of a kind: what is compiled for a shape serves them all."""
    import tensorflow as tf

    derivative = _derivatives()[kind]

    @tf.function(jit_compile=True, autograph=False)  # one pass over memory instead of eight
    def fused(gradient: Any, x: Any, r: Any, y: Any, s: Any) -> Any:
        return gradient * _slope(y - s, x - r, derivative(r, s))

    return fused


@_rule("Pow")
def _power(op: Any, gradient: Any) -> tuple[Any, None]:
    import tensorflow as tf

    (x, r), (p, exponent), (y, s) = _pairs(op)
    if p is not exponent:
        raise InputError(
            "method",
            f"deepshap, for a model with a power that depends on the sequence ({op.name})",
            "a constant exponent, or another method",
        )
    return gradient * _slope(y - s, x - r, exponent * tf.pow(r, exponent - 1)), None


# -- functions of two ---------------------------------------------------------------------------


def _summed_to(gradient: Any, like: Any) -> Any:
    """Undo broadcasting."""
    import tensorflow as tf

    if gradient.shape.rank == like.shape.rank and gradient.shape[1:] == like.shape[1:]:
        return gradient
    axes, _ = tf.raw_ops.BroadcastGradientArgs(s0=tf.shape(like), s1=tf.shape(gradient))
    return tf.reshape(tf.reduce_sum(gradient, axes), tf.shape(like))


def _for_each(op: Any, to_first: Callable[[], Any], to_second: Callable[[], Any]) -> list[Any]:
    """The gradients of those inputs that depend on the sequence."""
    varies = HALVES[op.graph].varies
    makers = (to_first, to_second)
    return [
        _summed_to(make(), tensor) if varies(tensor) else None
        for tensor, make in zip(op.inputs, makers, strict=True)
    ]


@_rule("Mul")
def _product(op: Any, gradient: Any) -> list[Any]:
    """Split evenly; a factor that is held (`tf.stop_gradient`) is the sequences'."""
    (x0, r0), (x1, r1), _ = _pairs(op)
    moving = HALVES[op.graph].moving

    def other(x: Any, r: Any, tensor: Any) -> Any:
        return (x + r) / 2 if x is not r and tensor.op.name in moving else x

    return _for_each(
        op,
        lambda: gradient * other(x1, r1, op.inputs[1]),
        lambda: gradient * other(x0, r0, op.inputs[0]),
    )


@_rule("RealDiv")
def _quotient(op: Any, gradient: Any) -> list[Any]:
    (x0, r0), (x1, r1), _ = _pairs(op)
    return _for_each(
        op,
        lambda: gradient * (1 / x1 + 1 / r1) / 2,
        lambda: -gradient * (x0 + r0) / 2 / (x1 * r1),
    )


@_rule("BatchMatMulV2", "Einsum")
def _bilinear(op: Any, gradient: Any) -> list[Any]:
    """As a product: each argument's share is taken at the middle of the other."""
    import tensorflow as tf

    (x0, r0), (x1, r1), _ = _pairs(op)

    def product(first: Any, second: Any) -> Any:
        if op.type == "Einsum":
            return tf.einsum(op.get_attr("equation").decode(), first, second)
        return tf.matmul(
            first, second, adjoint_a=op.get_attr("adj_x"), adjoint_b=op.get_attr("adj_y")
        )

    def middle(x: Any, r: Any) -> Any:
        return tf.stop_gradient(r if x is r else (x + r) / 2)

    # Copies: one argument may be made of the other.
    first, second = tf.identity(r0), tf.identity(r1)
    return _for_each(
        op,
        lambda: tf.gradients(product(first, middle(x1, r1)), first, gradient)[0],
        lambda: tf.gradients(product(middle(x0, r0), second), second, gradient)[0],
    )


@_rule("SquaredDifference")
def _squared_difference(op: Any, gradient: Any) -> list[Any]:
    (x0, r0), (x1, r1), _ = _pairs(op)
    both = gradient * ((x0 - x1) + (r0 - r1))
    return _for_each(op, lambda: both, lambda: -both)


@_rule("Maximum", "Minimum")
def _larger(op: Any, gradient: Any) -> list[Any]:
    """As the larger of two is (a + b + |a - b|) / 2, and the smaller (a + b - |a - b|) / 2."""
    import tensorflow as tf

    (x0, r0), (x1, r1), _ = _pairs(op)
    x, r = x0 - x1, r0 - r1
    slope = _slope(tf.abs(x) - tf.abs(r), x - r, tf.sign(r))
    slope = slope if op.type == "Maximum" else -slope
    return _for_each(op, lambda: gradient * (1 + slope) / 2, lambda: gradient * (1 - slope) / 2)


# -- softmax and the largest of several -----------------------------------------------------------


@_rule("Softmax", "LogSoftmax")
def _softmax(op: Any, gradient: Any) -> Any:
    """exp(x - log sum exp x), or its logarithm: the exponential's slope, and what that leaves.

    With L the slopes of exp, the differences of softmax sum to 0, so that log sum exp moves by the
    mean of the inputs' differences weighted with L. Hence J = diag(L) - L L' / sum(L) for softmax,
    and 1 - L' / sum(L) for its logarithm; both are bounded, and no input comes before another.
    """
    import tensorflow as tf

    x, r = (tf.nn.log_softmax(tf.cast(tensor, tf.float64)) for tensor in _pairs(op)[0])
    y, s = tf.exp(x), tf.exp(r)
    slope = _slope(y - s, x - r, (y + s) / 2)
    gradient = tf.cast(gradient, tf.float64)
    share = slope / tf.reduce_sum(slope, axis=-1, keepdims=True)
    if op.type == "Softmax":
        moved = slope * (gradient - tf.reduce_sum(gradient * share, axis=-1, keepdims=True))
    else:
        moved = gradient - share * tf.reduce_sum(gradient, axis=-1, keepdims=True)
    return tf.cast(moved, op.inputs[0].dtype)


def _shared_between_winners(op: Any, gradient: Any, back: Callable[[Any, Any, Any], Any]) -> Any:
    """The largest of several: its change is given to the places that win in either half.

    Parameters
    ----------
    back : (input, output, gradient of the output) -> gradient at the places that win
    """
    import tensorflow as tf

    pairs = _pairs(op)
    (x, r), (y, s) = pairs[0], pairs[-1]
    top = tf.maximum(y, s)
    moved = back(x, y, gradient * (top - s)) + back(r, s, gradient * (y - top))
    return _over_run(moved, x - r)


def _over_run(moved: Any, run: Any) -> Any:
    import tensorflow as tf

    flat = tf.abs(run) < SMALL
    return tf.where(flat, tf.zeros_like(run), moved / tf.where(flat, tf.ones_like(run), run))


@_rule("MaxPool")
def _max_pool(op: Any, gradient: Any) -> Any:
    import tensorflow as tf

    options = {name: op.get_attr(name) for name in ("ksize", "strides", "padding", "data_format")}
    options = {k: v.decode() if isinstance(v, bytes) else v for k, v in options.items()}
    size = options["ksize"]
    along_sequence = size[0] == size[1] == size[3] == 1 and op.inputs[0].shape[1] == 1
    apart = size == options["strides"] and options["padding"] == "VALID"
    if along_sequence and apart and options["data_format"] == "NHWC":
        return _side_by_side_pool(op, gradient, size[2])

    def back(inputs: Any, outputs: Any, change: Any) -> Any:
        return tf.raw_ops.MaxPoolGrad(
            orig_input=inputs, orig_output=outputs, grad=change, **options
        )

    return _shared_between_winners(op, gradient, back)


def _side_by_side_pool(op: Any, gradient: Any, size: int) -> Any:
    """The same for windows that neither overlap nor are padded: one pass over memory."""
    import tensorflow as tf

    @tf.function(jit_compile=True, autograph=False)
    def fused(gradient: Any, x: Any, r: Any, y: Any, s: Any) -> Any:
        length, pooled = r.shape[3], s.shape[3]

        def windows(tensor: Any) -> Any:
            """(n, R, 1, length, C) to `size` tensors (n, R, pooled, C)."""
            shape = tf.shape(tensor)
            cut = tensor[:, :, 0, : pooled * size]
            cut = tf.reshape(cut, [shape[0], shape[1], pooled, size, tensor.shape[4]])
            return tf.unstack(cut, axis=3)

        gradient, y, s = gradient[:, :, 0], y[:, :, 0], s[:, :, 0]
        top = tf.maximum(y, s)
        up, down = gradient * (top - s), gradient * (y - top)
        x_open, r_open = tf.ones_like(y, tf.bool), tf.ones_like(s, tf.bool)
        shares = []
        for x_at, r_at in zip(windows(x), windows(r), strict=True):
            x_wins, r_wins = x_open & (x_at >= y), r_open & (r_at >= s)
            x_open, r_open = x_open & ~x_wins, r_open & ~r_wins
            moved = tf.where(x_wins, up, 0.0) + tf.where(r_wins, down, 0.0)
            shares.append(_over_run(moved, x_at - r_at))
        shape = tf.shape(r)
        joined = tf.reshape(
            tf.stack(shares, axis=3), [shape[0], shape[1], 1, pooled * size, r.shape[4]]
        )
        rest = length - pooled * size
        return tf.pad(joined, [[0, 0], [0, 0], [0, 0], [0, rest], [0, 0]])

    return tf.reshape(fused(*_grouped(op, gradient)), tf.shape(op.inputs[0]))


@_rule("Max")
def _largest(op: Any, gradient: Any) -> tuple[Any, None]:
    import tensorflow as tf

    axes = op.inputs[1]
    kept = tf.shape(tf.reduce_sum(op.inputs[0], axes, keepdims=True))

    def back(inputs: Any, outputs: Any, change: Any) -> Any:
        wins = tf.cast(inputs == tf.reshape(outputs, kept), inputs.dtype)
        wins /= tf.reduce_sum(wins, axes, keepdims=True)
        return wins * tf.reshape(change, kept)

    return _shared_between_winners(op, gradient, back), None
