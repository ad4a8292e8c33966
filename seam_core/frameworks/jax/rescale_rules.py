"""Rescale rules for JAX's operations: how a change of what one is given is passed on.

Each is linear in that change, and passes the difference between sequence and reference on whole.
They are those of `torch.rescale_rules`. Softmax, its logarithm and log-sum-exp come as their pieces
(exp, sum, log, quotient), which are told by what they were made of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from seam_core.validate import InputError

# Differences of an activation below this are taken as none: the slope is the derivative.
SMALL = 1e-6


@dataclass(eq=False)
class Pair:
    """An array for the sequences and for the references, both of one shape.

    t : the change that is passed on, of the same shape; None: no gradient flows
    exponent : what this is exp of
    total : this is a sum of exp; of what, and the sum's logarithm
    compared : this says whether that is positive (or not)
    step : made of the sequence by what has no derivative, and no gradient flows
    """

    x: Any
    r: Any
    t: Any = None
    exponent: Pair | None = None
    total: tuple[Pair, Pair] | None = None
    compared: Pair | None = None
    step: bool = False

    @property
    def constant(self) -> bool:
        """The same whatever the sequence is."""
        return self.x is self.r

    @property
    def run(self) -> Any:
        """The way from the reference to the sequence."""
        return self.x - self.r

    @property
    def middle(self) -> Any:
        """Between both; of a factor that is held the sequence's, as tangermeme has it."""
        return self.x if self.t is None else (self.x + self.r) / 2


@dataclass(frozen=True)
class Call:
    """An operation: arrays to arrays."""

    name: str
    params: dict[str, Any]
    do: Callable[..., list[Any]]

    def __call__(self, *values: Any) -> Any:
        return self.do(*values)[0]

    def ends(self, given: list[Pair]) -> tuple[Any, Any]:
        """What it gives for the sequences and for the references."""
        return self(*(each.x for each in given)), self(*(each.r for each in given))


Rule = Callable[[Call, list[Pair]], list[Pair]]


def held(call: Call, given: list[Pair]) -> list[Pair]:
    """What passes no change on; a comparison remembers what it compared, until it is a number."""
    import jax.numpy as jnp

    ends = zip(
        call.do(*(each.x for each in given)), call.do(*(each.r for each in given)), strict=True
    )
    outputs = [Pair(x, r) for x, r in ends]
    compared = given[0].compared
    if call.name in COMPARISONS:
        outputs[0].compared = _compared(*given)
    elif call.name in SHAPES and compared is not None:
        outputs[0].compared = _linear(call, [compared])[0]
    elif call.name == "convert_element_type" and compared is not None:
        (output,) = outputs
        run = jnp.where(output.x == output.r, 1, compared.run)
        output.t = _scaled(compared.t, output.run / run)
    if outputs[0].t is None and outputs[0].compared is None and _is_step(call, given, outputs):
        for output in outputs:
            output.step = True
    return outputs


def _is_step(call: Call, given: list[Pair], outputs: list[Pair]) -> bool:
    """Has it made truth or whole numbers of numbers, or something of such?"""
    numbers = any(_is_number(each.r.dtype) for each in given)
    counted = numbers and not all(_is_number(each.r.dtype) for each in outputs)
    return counted or call.name in STEPS or any(each.step or each.compared for each in given)


def without_steps(given: list[Pair], outputs: list[Pair]) -> list[Pair]:
    """No number (NaN) for the changes of what is made with a step that the sequence decides."""
    import jax.numpy as jnp

    for step in given:
        for output in outputs if step.step else ():
            if output.t is None:
                output.step = True
            else:
                output.t = output.t * jnp.where(jnp.array_equal(step.x, step.r), 1.0, jnp.nan)
    return outputs


def _scaled(t: Any, factor: Any) -> Any:
    """The change times a factor, 0 where that is not finite."""
    import jax.numpy as jnp

    return t * jnp.nan_to_num(factor, nan=0.0, posinf=0.0, neginf=0.0)


def _slope(rise: Any, run: Any, derivative: Any) -> Any:
    import jax.numpy as jnp

    flat = jnp.abs(run) < SMALL
    return jnp.where(flat, derivative, rise / jnp.where(flat, 1, run))


def _sum(first: Any, second: Any) -> Any:
    return second if first is None else first if second is None else first + second


def _less(a: Pair, b: Pair) -> Pair:
    t = _sum(a.t, None if b.t is None else -b.t)
    return Pair(a.x - b.x, a.r - b.r, t)


def _compared(a: Pair, b: Pair) -> Pair | None:
    """What a comparison asks the sign of; None where no gradient flows through that."""
    difference = _less(a, b)
    return None if difference.t is None else difference


def _linear(call: Call, given: list[Pair]) -> list[Pair]:
    """By its own derivative, which is the same everywhere."""
    import jax

    if any(each.t is None and not each.constant and _is_index(each.r) for each in given):
        got = f"deepshap, for a JAX function with a {call.name} at places that the sequence decides"
        raise InputError("method", got, "places that are the same for all, or another method")
    moving = [index for index, each in enumerate(given) if each.t is not None]

    def of_moving(*values: Any) -> list[Any]:
        every = [each.r for each in given]
        for index, value in zip(moving, values, strict=True):
            every[index] = value
        return call.do(*every)

    points, changes = [given[i].r for i in moving], [given[i].t for i in moving]
    r, t = jax.jvp(of_moving, points, changes)
    x = call.do(*(each.x for each in given))
    return [Pair(*each) for each in zip(x, r, t, strict=True)]


def _is_number(dtype: Any) -> bool:
    return dtype.kind in "fcV"  # V: bfloat16


def _is_index(array: Any) -> bool:
    return array.dtype.kind in "iu"


def _shaped(call: Call, given: list[Pair]) -> list[Pair]:
    """Linear, of one argument number by number: a sum of exp stays one."""
    (output,) = _linear(call, given)
    if given[0].total is not None:
        exponent, logarithm = given[0].total
        output.total = exponent, _linear(call, [logarithm, *given[1:]])[0]
    return [output]


def _converted(call: Call, given: list[Pair]) -> list[Pair]:
    if not _is_number(call.params["new_dtype"]):
        return held(call, given)
    return _shaped(call, given)


def _unary(call: Call, given: list[Pair]) -> list[Pair]:
    """A function of one number: the slope of the way between both."""
    import jax
    import jax.numpy as jnp

    moving = [index for index, each in enumerate(given) if each.t is not None]
    if len(moving) > 1:
        got = f"deepshap, for a JAX function with a {call.name} of two varying numbers"
        raise InputError("method", got, "one of them constant, or another method")
    at = moving[0]

    def of_moving(value: Any) -> Any:
        return call(*(value if i == at else each.r for i, each in enumerate(given)))

    argument = given[at]
    x, r = call.ends(given)
    _, derivative = jax.jvp(of_moving, (argument.r,), (jnp.ones_like(argument.r),))
    slope = _slope(x - r, argument.run, derivative)
    return [Pair(x, r, _scaled(argument.t, slope))]


def _square(call: Call, given: list[Pair]) -> list[Pair]:
    if call.params.get("y", 2) != 2:
        return _unary(call, given)
    (a,) = given
    return [Pair(*call.ends(given), _scaled(a.t, a.x + a.r))]


def _abs(call: Call, given: list[Pair]) -> list[Pair]:
    (output,) = _unary(call, given)
    output.total = given[0].total
    return [output]


def _bilinear(call: Call, given: list[Pair]) -> list[Pair]:
    """A product is split evenly: each factor's share is taken at the middle of the other."""
    a, b = given
    by_a = None if a.t is None else call(a.t, b.middle)
    by_b = None if b.t is None else call(a.middle, b.t)
    return [Pair(*call.ends(given), _sum(by_a, by_b))]


def _times(call: Call, given: list[Pair]) -> list[Pair]:
    a, b = given
    by_a = None if a.t is None else _scaled(a.t, b.middle)
    by_b = None if b.t is None else _scaled(b.t, a.middle)
    return [Pair(*call.ends(given), _sum(by_a, by_b))]


def _quotient(call: Call, given: list[Pair]) -> list[Pair]:
    a, b = given
    x, r = call.ends(given)
    if b.total is not None and b.total[0] is a.exponent:
        share = _less(*b.total)
        return [Pair(x, r, _scaled(share.t, _exp_slope(share)))]
    by_a = None if a.t is None else _scaled(a.t, (1 / b.x + 1 / b.r) / 2)
    by_b = None if b.t is None else -_scaled(b.t, (a.x + a.r) / 2 / (b.x * b.r))
    return [Pair(x, r, _sum(by_a, by_b))]


def _exp_slope(log: Pair) -> Any:
    """That of exp, without a difference of numbers that are near each other."""
    import jax.numpy as jnp

    way = jnp.abs(log.run)
    flat = way < 1e-12
    share = jnp.where(flat, 1.0, -jnp.expm1(-way) / jnp.where(flat, 1.0, way))
    return jnp.exp(jnp.maximum(log.x, log.r)) * share


def _exp(call: Call, given: list[Pair]) -> list[Pair]:
    (a,) = given
    return [Pair(*call.ends(given), _scaled(a.t, _exp_slope(a)), exponent=a)]


def _summed(call: Call, given: list[Pair]) -> list[Pair]:
    """A sum; log sum exp moves by the mean of the changes, weighted with exp's slopes."""
    import jax.numpy as jnp
    from jax.nn import logsumexp

    (output,) = _linear(call, given)
    a, axes = given[0].exponent, call.params["axes"]
    if a is not None:
        x, r = (logsumexp(end, axis=axes, keepdims=True) for end in (a.x, a.r))
        slope = jnp.nan_to_num(_exp_slope(Pair(a.x - x, a.r - r)))
        share = slope / slope.sum(axis=axes, keepdims=True)
        logarithm = Pair(x.squeeze(axes), r.squeeze(axes), _scaled(a.t, share).sum(axis=axes))
        output.total = a, logarithm
    return [output]


def _log(call: Call, given: list[Pair]) -> list[Pair]:
    (a,) = given
    return _unary(call, given) if a.total is None else [a.total[1]]


def _positive_share(a: Pair) -> Any:
    """Share of the way between both ends that is positive: the slope of a ReLU."""
    import jax.numpy as jnp

    x, r = jnp.nan_to_num(a.x), jnp.nan_to_num(a.r)
    run = jnp.maximum(jnp.abs(x - r), jnp.finfo(r.dtype).tiny)
    return jnp.clip(jnp.maximum(x, r) / run, 0.0, 1.0)


def _larger(call: Call, given: list[Pair]) -> list[Pair]:
    """max(a, b) = b + relu(a - b), min(a, b) = b - relu(b - a)."""
    a, b = given
    share = _positive_share(_less(a, b) if call.name == "max" else _less(b, a))
    by_a = None if a.t is None else _scaled(a.t, share)
    by_b = None if b.t is None else _scaled(b.t, 1 - share)
    return [Pair(*call.ends(given), _sum(by_a, by_b))]


def _largest(call: Call, given: list[Pair]) -> list[Pair]:
    """The change of the largest is given to the places that win in either half."""
    import jax
    import jax.numpy as jnp

    (a,) = given
    x, r = call.ends(given)
    between = jnp.minimum(x, r) if call.name.endswith("min") else jnp.maximum(x, r)
    each = _scaled(a.t, jnp.where(jnp.abs(a.run) < SMALL, 0.0, 1 / a.run))

    def of_winners(point: Any) -> Any:
        return jax.jvp(call, (point,), (each,))[1]

    moved = _scaled(of_winners(a.x), between - r) + _scaled(of_winners(a.r), x - between)
    return [Pair(x, r, moved)]


def _chosen(call: Call, given: list[Pair]) -> list[Pair]:
    """One of two, by a condition: their changes, and the jump where the condition turns.

    As of a product, each is taken at the middle of the other; the jump is what was compared's.
    Where nothing was (a mask by ==), the condition is a step: see `without_steps`.
    """
    import jax.numpy as jnp

    which, *cases = given
    if which.constant:
        return _linear(call, given)
    if len(cases) != 2 or which.x.dtype != bool:
        got = f"deepshap, for a JAX function with a {call.name} of {len(cases)} cases"
        raise InputError("method", got, "of two, by a condition, or another method")
    x, r = call.ends(given)
    no, yes = cases
    turned = which.x.astype(r.dtype) - which.r.astype(r.dtype)
    often = (which.x.astype(r.dtype) + which.r.astype(r.dtype)) / 2
    t = _sum(
        None if yes.t is None else _scaled(yes.t, often),
        None if no.t is None else _scaled(no.t, 1 - often),
    )
    compared = which.compared
    if compared is not None:
        jump = turned * ((yes.x - no.x) + (yes.r - no.r)) / 2
        # without end (-inf in a mask) it is a step as well
        share = jnp.where(jnp.isfinite(jump), jump / compared.run, jnp.nan)
        t = _sum(t, compared.t * jnp.where(turned == 0, 0.0, share))
    return [Pair(x, r, t)]


COMPARISONS = ("gt", "ge", "lt", "le")
STEPS = ("sign", "floor", "ceil", "round")
HELD = (
    *COMPARISONS,
    *STEPS,
    *("eq", "ne", "is_finite", "stop_gradient", "argmax", "argmin", "and", "or", "not", "xor"),
)
SHAPES = ("broadcast_in_dim", "reshape", "squeeze", "expand_dims", "transpose", "copy", "copy_p")
LINEAR = (
    *("add", "add_any", "sub", "neg", "slice", "pad", "concatenate", "gather", "dynamic_slice"),
    *("dynamic_update_slice", "scatter", "scatter-add", "cumsum", "rev", "split", "tile"),
    *("reduce_window_sum", "reduce_precision"),
)
UNARY = (
    *("log1p", "expm1", "exp2", "tanh", "logistic", "erf", "erfc", "erf_inv", "sqrt", "rsqrt"),
    *("cbrt", "pow", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "asinh"),
    *("acosh", "atanh", "clamp", "lgamma", "digamma"),
)
RULES: dict[str, Rule] = {
    **dict.fromkeys(LINEAR, _linear),
    **dict.fromkeys(SHAPES, _shaped),
    **dict.fromkeys(UNARY, _unary),
    **dict.fromkeys(("square", "integer_pow"), _square),
    **dict.fromkeys(("dot_general", "conv_general_dilated"), _bilinear),
    **dict.fromkeys(("max", "min"), _larger),
    **dict.fromkeys(
        ("reduce_max", "reduce_min", "reduce_window_max", "reduce_window_min"), _largest
    ),
    "convert_element_type": _converted,
    "abs": _abs,
    "mul": _times,
    "div": _quotient,
    "exp": _exp,
    "log": _log,
    "reduce_sum": _summed,
    "select_n": _chosen,
}
