"""Rescale rules for PyTorch's non-linear functions, in the place of their gradients.

A rule is given a call for the references, and what the same call was given and returned for the
sequences, row by row. The rules are those of `tensorflow_rules`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from seam_core.frameworks.network import of_two
from seam_core.frameworks.torch.calls import named_arguments, tensors_in
from seam_core.frameworks.torch.runtime import import_torch
from seam_core.validate import InputError

# Differences of an activation below this are taken as none: the slope is the derivative.
SMALL = 1e-6

UNARY = (
    *("relu", "relu6", "leaky_relu", "elu", "selu", "celu", "sigmoid", "tanh", "softplus"),
    *("softsign", "gelu", "silu", "mish", "hardtanh", "exp", "log", "log1p", "sqrt", "rsqrt"),
    *("square", "reciprocal", "abs", "erf", "pow", "clamp", "hardsigmoid", "hardswish", "prelu"),
    *("log_sigmoid", "expm1", "exp2", "log2", "log10", "sin", "cos", "threshold"),
    *("clip", "clamp_min", "clamp_max", "tanhshrink", "float_power", "__rpow__", "__rtruediv__"),
    *("__rdiv__", "softshrink", "hardshrink", "logit"),
)
PRODUCTS = ("mul", "multiply", "__mul__", "__rmul__")
QUOTIENTS = ("div", "true_divide", "divide", "__truediv__")
BILINEAR_CALLS = ("matmul", "__matmul__", "bmm", "einsum")
SOFTMAX = ("softmax", "log_softmax")
POOLS = ("max_pool1d", "max_pool2d", "adaptive_max_pool1d", "adaptive_max_pool2d")
# What is put where a mask is, and what is left elsewhere, by name of the argument.
MASKED = {
    "masked_fill": ("input", "mask", "value"),
    "where": ("condition", "input", "other"),
}


def has_rule(name: str, args: Any, kwargs: Any) -> bool:
    """Is this a call that a rule is for? Integers, shapes and constants have none."""
    torch = import_torch()
    if name == "einsum":
        return len(args) == 3 and isinstance(args[1], torch.Tensor)
    if name in MASKED:
        tensors = [t for t in (*args, *kwargs.values()) if isinstance(t, torch.Tensor)]
        return len(args) + len(kwargs) == 3 and any(t.is_floating_point() for t in tensors)
    if not args or not isinstance(args[0], torch.Tensor) or not args[0].is_floating_point():
        return name in ("__rmul__",) and len(args) > 1 and isinstance(args[1], torch.Tensor)
    two = len(args) > 1 and isinstance(args[1], torch.Tensor)
    if name in PRODUCTS or name in QUOTIENTS or name in BILINEAR_CALLS:
        return two
    if name in ("max", "amax"):
        return len(args) > 1 or "dim" in kwargs
    if name in ("pow", "float_power") and two:
        return False
    return name in (*UNARY, *POOLS, *SOFTMAX, "maximum", "minimum", "layer_norm")


def first_value(output: Any) -> Any:
    """The numbers of what a function returns, which may have their places beside them."""
    return output[0] if isinstance(output, tuple) else output


def _rule(value: Any, backward: Callable[[Any], Any], *tensors: Any) -> Any:
    """New numbers `value`, whose gradients by `tensors` are what `backward` makes of its own."""
    return _rule_class().apply((value, backward), *tensors)


@functools.cache
def _rule_class() -> Any:
    """One class: a class of its own for each call would hold its slopes until it is found."""
    torch = import_torch()

    class Rule(torch.autograd.Function):  # type: ignore[name-defined]
        @staticmethod
        def forward(ctx: Any, rule: tuple[Any, Callable[[Any], Any]], *tensors: Any) -> Any:
            value, ctx.rule = rule
            return value.clone() if value._is_view() else value  # it may be written into

        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            found = ctx.rule(gradient)
            return (None, *(found if isinstance(found, tuple) else (found,)))

    return Rule


def _slope(rise: Any, run: Any, derivative: Any) -> Any:
    """That of the way between both; where there is none the derivative, 0 where it is infinite."""
    derivative = derivative.nan_to_num(nan=0.0, posinf=0.0, neginf=0.0)
    return import_torch().where(run.abs() < SMALL, derivative, rise / run)


def with_rule(
    func: Any,
    name: str,
    args: Any,
    kwargs: Any,
    twin: tuple[list[Any], Any],
    *,
    held_as_sequences: bool = False,
) -> Any:
    """What a call returns for the references, whose gradient is the rule.

    held_as_sequences : a factor that no gradient flows through (`detach`) is the sequences', as
        tangermeme has it; else the mean of both
    """
    torch = import_torch()
    others, top = twin
    if name in PRODUCTS:
        return _product(args, others, held_as_sequences)
    if name in QUOTIENTS:
        return _quotient(args, others)
    if name in BILINEAR_CALLS:
        return _bilinear(func, args, others)
    if name in ("maximum", "minimum"):
        return _larger(args, others, 1 if name == "maximum" else -1)
    if not args[0].requires_grad:
        return func(*args, **kwargs)
    if sum(tensor.requires_grad for tensor in tensors_in((args, kwargs))) > 1:
        raise of_two(name)
    if name in SOFTMAX:
        return _softmax(func, name, args, kwargs, others[0])
    if name == "layer_norm":
        return _layer_norm(others[0], args, kwargs)
    if name in POOLS:
        return _max_pool(func, name, args, kwargs, others[0], top)
    if name in ("max", "amax"):
        return _largest(func, args, kwargs, others[0], top)
    r = args[0].detach()
    if name == "relu":
        return _rectified(args[0], others[0])
    with torch.enable_grad():
        again = r.clone().requires_grad_(True)
        s = func(again, *args[1:], **kwargs)
        (derivative,) = torch.autograd.grad(s.sum(), again)
    s = s.detach()
    slope = _slope(top - s, others[0] - r, derivative)
    return _rule(s, lambda gradient: gradient * slope, args[0])


def _rectified(argument: Any, x: Any) -> Any:
    """The same for a ReLU, of which networks have many: in few passes over memory.

    The slope between two numbers is the share of the way between them that is positive.
    """
    torch = import_torch()
    r = argument.detach()
    run = (x - r).abs_().clamp_min_(torch.finfo(r.dtype).tiny)
    slope = torch.maximum(x, r).div_(run).clamp_(0.0, 1.0)
    return _rule(r.relu(), lambda gradient: gradient * slope, argument)


def _summed_to(gradient: Any, like: Any) -> Any:
    return gradient.sum_to_size(like.shape)


def _halves(args: Any, others: list[Any]) -> list[tuple[Any, Any]]:
    """(sequences', references') of two factors; a constant is the same in both."""
    pairs = []
    for arg, other in zip(args[:2], others, strict=True):
        mine = arg.detach()
        pairs.append((other if other.shape == mine.shape else mine, mine))
    return pairs


def _product(args: Any, others: list[Any], held_as_sequences: bool) -> Any:
    (x0, r0), (x1, r1) = _halves(args, others)
    held = [held_as_sequences and not arg.requires_grad for arg in args[:2]]
    first, second = (
        x if is_held else (x + r) / 2 for x, r, is_held in ((x0, r0, held[0]), (x1, r1, held[1]))
    )

    def backward(gradient: Any) -> Any:
        return _summed_to(gradient * second, r0), _summed_to(gradient * first, r1)

    return _rule(r0 * r1, backward, *args[:2])


def _bilinear(func: Any, args: Any, others: list[Any]) -> Any:
    """As a product: each argument's share is taken at the middle of the other."""
    torch = import_torch()
    *equation, first, second = args
    (x0, r0), (x1, r1) = _halves((first, second), others)
    middles = (x0 + r0) / 2, (x1 + r1) / 2  # now: the arguments may be written into

    def share(function: Callable[[Any], Any], argument: Any, gradient: Any) -> Any:
        with torch.enable_grad():
            again = argument.clone().requires_grad_(True)
            return torch.autograd.grad(function(again), again, gradient)[0]

    def backward(gradient: Any) -> Any:
        return (
            share(lambda again: func(*equation, again, middles[1]), middles[0], gradient),
            share(lambda again: func(*equation, middles[0], again), middles[1], gradient),
        )

    return _rule(func(*equation, r0, r1), backward, first, second)


def _quotient(args: Any, others: list[Any]) -> Any:
    (x0, r0), (x1, r1) = _halves(args, others)
    slopes = (1 / x1 + 1 / r1) / 2, -(x0 + r0) / 2 / (x1 * r1)

    def backward(gradient: Any) -> Any:
        return _summed_to(gradient * slopes[0], r0), _summed_to(gradient * slopes[1], r1)

    return _rule(r0 / r1, backward, *args[:2])


def _larger(args: Any, others: list[Any], sign: int) -> Any:
    torch = import_torch()
    (x0, r0), (x1, r1) = _halves(args, others)
    x, r = x0 - x1, r0 - r1
    slope = sign * _slope(x.abs() - r.abs(), x - r, torch.sign(r))

    def backward(gradient: Any) -> Any:
        return (
            _summed_to(gradient * (1 + slope) / 2, r0),
            _summed_to(gradient * (1 - slope) / 2, r1),
        )

    value = torch.maximum(r0, r1) if sign > 0 else torch.minimum(r0, r1)
    return _rule(value, backward, *args[:2])


def masked(name: str, args: Any, kwargs: Any) -> Any:
    """Linear: a mask is the same for sequences and references, else it is refused as a step."""
    torch = import_torch()
    given = named_arguments(MASKED[name], args, kwargs)
    mask = (given["mask"] if name == "masked_fill" else given["condition"]).clone()
    there, elsewhere = (
        (given["value"], given["input"])
        if name == "masked_fill"
        else (given["input"], given["other"])
    )
    there, elsewhere = (
        each if isinstance(each, torch.Tensor) else torch.as_tensor(each, device=mask.device)
        for each in (there, elsewhere)
    )

    def backward(gradient: Any) -> Any:
        return (
            _summed_to(gradient.masked_fill(~mask, 0.0), there),
            _summed_to(gradient.masked_fill(mask, 0.0), elsewhere),
        )

    value = torch.where(mask, there.detach(), elsewhere.detach())
    return _rule(value, backward, there, elsewhere)


def _softmax(func: Any, name: str, args: Any, kwargs: Any, other: Any) -> Any:
    """exp(x - log sum exp x), or its logarithm: the exponential's slope, and what that leaves.

    With L the slopes of exp, the differences of softmax sum to 0, so that log sum exp moves by the
    mean of the inputs' differences weighted with L. Hence J = diag(L) - L L' / sum(L) for softmax,
    and 1 - L' / sum(L) for its logarithm; both are bounded, and no input comes before another.
    """
    torch = import_torch()
    dim = kwargs.get("dim", args[1] if len(args) > 1 else None)
    if dim is None:
        raise InputError("method", f"deepshap, for a {name} without dim", f"a {name} with dim")
    value = func(args[0].detach(), *args[1:], **kwargs)
    x, r = (torch.log_softmax(t.double(), dim=dim) for t in (other, args[0].detach()))
    y, s = torch.exp(x), torch.exp(r)
    run = (x - r).nan_to_num(nan=0.0)  # of what a mask hides in both
    slope = _slope(y - s, run, (y + s) / 2)
    share = slope / slope.sum(dim=dim, keepdim=True)

    def backward(gradient: Any) -> Any:
        gradient = gradient.double()
        if name == "softmax":
            mean = (gradient * share).sum(dim=dim, keepdim=True)
            return (slope * (gradient - mean)).to(args[0].dtype)
        return (gradient - share * gradient.sum(dim=dim, keepdim=True)).to(args[0].dtype)

    return _rule(value, backward, args[0])


def _layer_norm(other: Any, args: Any, kwargs: Any) -> Any:
    """Deviation times the inverse of its root mean square, by the rules of both."""
    torch = import_torch()
    names = ("input", "normalized_shape", "weight", "bias", "eps")
    given = named_arguments(names, args, kwargs)
    dims = tuple(range(-len(given["normalized_shape"]), 0))
    weight, bias, eps = given.get("weight"), given.get("bias"), given.get("eps", 1e-5)

    def parts(tensor: Any) -> tuple[Any, Any, Any]:
        centred = tensor - tensor.mean(dim=dims, keepdim=True)
        variance = centred.square().mean(dim=dims, keepdim=True) + eps
        return centred, variance, variance.rsqrt()

    r = args[0].detach()
    (cx, vx, ix), (cr, vr, ir) = parts(other), parts(r)
    slope = _slope(ix - ir, vx - vr, -0.5 * ir / vr)

    def backward(gradient: Any) -> Any:
        gradient = gradient if weight is None else gradient * weight
        to_inverse = (gradient * (cx + cr) / 2).sum(dim=dims, keepdim=True) * slope
        size = float(np.prod(given["normalized_shape"]))
        to_centred = gradient * (ix + ir) / 2 + to_inverse * (cx + cr) / size
        return to_centred - to_centred.mean(dim=dims, keepdim=True)

    value = torch.nn.functional.layer_norm(r, given["normalized_shape"], weight, bias, eps)
    return _rule(value, backward, args[0])


def _over_run(moved: Any, run: Any) -> Any:
    torch = import_torch()
    flat = run.abs() < SMALL
    return torch.where(
        flat, torch.zeros_like(run), moved / torch.where(flat, torch.ones_like(run), run)
    )


def _max_pool(func: Any, name: str, args: Any, kwargs: Any, x: Any, y: Any) -> Any:
    """The change of the largest is given to the places that win in either half."""
    torch = import_torch()
    r = args[0].detach()
    with_places = kwargs.pop("return_indices", False) or "with_indices" in func.__name__
    options = {key: value for key, value in kwargs.items() if key != "input"}
    pool = getattr(torch.nn.functional, name)
    _, x_wins = pool(x, *args[1:7], **options, return_indices=True)
    s, r_wins = pool(r, *args[1:7], **options, return_indices=True)
    flat = 1 if name.endswith("1d") else 2

    def back(wins: Any, change: Any) -> Any:
        places = torch.zeros_like(run).flatten(-flat)
        places.scatter_add_(-1, wins.flatten(-flat), change.flatten(-flat))
        return places.view_as(run)

    top = torch.maximum(y, s)
    fallen, risen, run = top - s, y - top, x - r  # now: what the model holds may be written into

    def backward(gradient: Any) -> Any:
        return _over_run(back(x_wins, gradient * fallen) + back(r_wins, gradient * risen), run)

    value = _rule(s, backward, args[0])
    return (value, r_wins) if with_places else value


def _largest(func: Any, args: Any, kwargs: Any, x: Any, y: Any) -> Any:
    """The same for the largest along an axis."""
    torch = import_torch()
    r = args[0].detach()
    values = func(r, *args[1:], **kwargs)
    s = first_value(values)
    dim = kwargs.get("dim", args[1] if len(args) > 1 else None)
    dims = (dim,) if isinstance(dim, int) else tuple(dim)
    keep = s.ndim == r.ndim

    def opened(tensor: Any) -> Any:
        if keep:
            return tensor
        for axis in sorted(axis % r.ndim for axis in dims):
            tensor = tensor.unsqueeze(axis)
        return tensor

    def wins(tensor: Any, largest: Any) -> Any:
        won = (tensor == opened(largest)).to(r.dtype)
        return won / won.sum(dim=dims, keepdim=True)

    top = torch.maximum(y, s)
    moved = wins(x, y) * opened(top - s) + wins(r, s) * opened(y - top)
    slope = _over_run(moved, x - r)
    value = _rule(s, lambda gradient: opened(gradient) * slope, args[0])
    return torch.return_types.max((value, values[1])) if isinstance(values, tuple) else value
