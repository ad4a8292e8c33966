"""DeepLIFT's rescale rule for PyTorch modules.

The module runs twice: for the sequences, noting what every non-linear function is given and
returns, and for the references, where those functions get the rules below as their gradients. The
rules are those of `rescale_tensorflow`. No hooks are left on the module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from seam_core.attributer.torch_calls import call_name, is_in_place, not_in_place
from seam_core.oracles.torch import import_torch
from seam_core.validate import InputError

# Differences of an activation below this are taken as none: the slope is the derivative.
SMALL = 1e-6

UNARY = (
    *("relu", "relu6", "leaky_relu", "elu", "selu", "celu", "sigmoid", "tanh", "softplus"),
    *("softsign", "gelu", "silu", "mish", "hardtanh", "exp", "log", "log1p", "sqrt", "rsqrt"),
    *("square", "reciprocal", "abs", "erf", "pow", "clamp", "hardsigmoid", "hardswish"),
)
PRODUCTS = ("mul", "multiply", "__mul__", "__rmul__")
QUOTIENTS = ("div", "true_divide", "divide", "__truediv__")
POOLS = ("max_pool1d", "max_pool2d", "adaptive_max_pool1d", "adaptive_max_pool2d")
# Nodes of the gradient's graph that need no rule; of those in BILINEAR one argument may vary.
LINEAR = re.compile(
    r"(Addmm|Convolution|Transpose|Permute|View|UnsafeView|ReshapeAlias|Add|Sub|Rsub|Neg|Mean|Sum|"
    r"NativeBatchNorm|CudnnBatchNorm|Select|Slice|Squeeze|Unsqueeze|Cat|Stack|Expand|Clone|ToCopy|"
    r"AsStrided|T|AvgPool\dD|AdaptiveAvgPool\dD|ConstantPadNd|ReflectionPad\dD|Split|SplitWithSizes|"
    r"Unbind|Alias|IndexSelect|Index|Repeat|Flip|MaxPoolRule|Rule|Detach|Linear|Diagonal|"
    r"MkldnnConvolution|MkldnnLinear|"
    r"UnsafeSplit|Unfold|Roll|Gather|Pad)Backward\w*"
)
BILINEAR = re.compile(r"(Mul|Div|Mm|Bmm|Matmul|Dot|Mv|Einsum|Baddbmm)Backward\w*")


def multipliers_of_torch(
    oracle: Any,
) -> Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """DeepLIFT multipliers of a `TorchOracle`.

    Returns
    -------
    A function (sequences (n, L, A), references (n R, L, A)) -> predictions (n,), theirs (n R,),
    multipliers (n R, L, A).

    It raises `InputError` for a function that there is no rule for, named.
    """
    torch = import_torch()

    def multipliers(
        sequences: np.ndarray, references: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        device, dtype = oracle.device, oracle._dtype
        notes: list[tuple[str, list[Any], Any]] = []
        with torch.no_grad(), _mode(notes, None):
            ours = oracle.scalar(torch.tensor(sequences, dtype=dtype, device=device))
        start = torch.tensor(references, dtype=dtype, device=device).requires_grad_(True)
        with _mode(notes, len(references) // len(sequences)):
            theirs = oracle.scalar(start)
        _check_rules(theirs)
        (found,) = torch.autograd.grad(theirs.sum(), start)
        values = (ours, theirs, found)
        first, second, third = (v.detach().cpu().numpy().astype(np.float32) for v in values)
        return first, second, third

    return multipliers


def _mode(notes: list[tuple[str, list[Any], Any]], repeats: int | None) -> Any:
    """A context in which PyTorch's functions note what they do, or, with `repeats`, have rules."""
    torch = import_torch()
    remaining = iter(notes)

    class Mode(torch.overrides.TorchFunctionMode):  # type: ignore[name-defined]
        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            kwargs = dict(kwargs or {})
            name = call_name(func)
            if not _has_rule(name, args, kwargs):
                return func(*args, **kwargs)
            if kwargs.pop("inplace", False) or is_in_place(func):
                func = not_in_place(func)
            tensors = [arg for arg in args if isinstance(arg, torch.Tensor)]
            if repeats is None:
                found = func(*args, **kwargs)
                notes.append((name, tensors, _values(found)))
                return found
            return _with_rule(func, name, args, kwargs, _twin(remaining, name, repeats))

    return Mode()


def _has_rule(name: str, args: Any, kwargs: Any) -> bool:
    """Is this a call that a rule is for? Integers, shapes and constants have none."""
    torch = import_torch()
    if not args or not isinstance(args[0], torch.Tensor) or not args[0].is_floating_point():
        return name in ("__rmul__",) and len(args) > 1 and isinstance(args[1], torch.Tensor)
    two = len(args) > 1 and isinstance(args[1], torch.Tensor)
    if name in PRODUCTS or name in QUOTIENTS:
        return two
    if name in ("max", "amax"):
        return len(args) > 1 or "dim" in kwargs
    if name == "pow" and two:
        return False
    return name in UNARY or name in POOLS or name in ("softmax", "maximum", "minimum", "layer_norm")


def _values(found: Any) -> Any:
    return found[0] if isinstance(found, tuple) else found


def _twin(
    remaining: Iterator[tuple[str, list[Any], Any]], name: str, repeats: int
) -> tuple[list[Any], Any]:
    """What the same call was given and returned for the sequences, their rows repeated."""
    noted, tensors, found = next(remaining, ("nothing", [], None))
    if noted != name:
        raise InputError(
            "method", "deepshap, for a model that differs from call to call", "another method"
        )

    def repeated(tensor: Any) -> Any:
        return tensor.repeat_interleave(repeats, dim=0)

    return [repeated(t) if t.ndim else t for t in tensors], repeated(found)


def _rule(value: Any, backward: Callable[[Any], Any], *tensors: Any) -> Any:
    """`value`, whose gradients by `tensors` are what `backward` makes of its own."""
    torch = import_torch()

    class Rule(torch.autograd.Function):  # type: ignore[name-defined]
        @staticmethod
        def forward(ctx: Any, *given: Any) -> Any:
            return value.clone()

        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            return backward(gradient)

    return Rule.apply(*tensors)


def _slope(rise: Any, run: Any, derivative: Any) -> Any:
    torch = import_torch()
    flat = run.abs() < SMALL
    return torch.where(flat, derivative, rise / torch.where(flat, torch.ones_like(run), run))


def _with_rule(func: Any, name: str, args: Any, kwargs: Any, twin: tuple[list[Any], Any]) -> Any:
    torch = import_torch()
    others, top = twin
    if name in PRODUCTS:
        return _product(args, others)
    if name in QUOTIENTS:
        return _quotient(args, others)
    if name in ("maximum", "minimum"):
        return _larger(args, others, 1 if name == "maximum" else -1)
    if not args[0].requires_grad:
        return func(*args, **kwargs)
    if name == "softmax":
        return _softmax(func, args, kwargs, others[0])
    if name == "layer_norm":
        return _layer_norm(others[0], args, kwargs)
    if name in POOLS:
        return _max_pool(func, name, args, kwargs, others[0], top)
    if name in ("max", "amax"):
        return _largest(func, args, kwargs, others[0], top)
    r = args[0].detach()
    with torch.enable_grad():
        again = r.clone().requires_grad_(True)
        s = func(again, *args[1:], **kwargs)
        (derivative,) = torch.autograd.grad(s.sum(), again)
    s = s.detach()
    slope = _slope(top - s, others[0] - r, derivative)
    return _rule(s, lambda gradient: gradient * slope, args[0])


def _summed_to(gradient: Any, like: Any) -> Any:
    return gradient.sum_to_size(like.shape)


def _halves(args: Any, others: list[Any]) -> list[tuple[Any, Any]]:
    """(sequences', references') of two factors; a constant is the same in both."""
    pairs = []
    for arg, other in zip(args[:2], others, strict=True):
        mine = arg.detach()
        pairs.append((other if arg.requires_grad else mine, mine))
    return pairs


def _product(args: Any, others: list[Any]) -> Any:
    (x0, r0), (x1, r1) = _halves(args, others)

    def backward(gradient: Any) -> Any:
        return (
            _summed_to(gradient * (x1 + r1) / 2, r0),
            _summed_to(gradient * (x0 + r0) / 2, r1),
        )

    return _rule(r0 * r1, backward, *args[:2])


def _quotient(args: Any, others: list[Any]) -> Any:
    (x0, r0), (x1, r1) = _halves(args, others)

    def backward(gradient: Any) -> Any:
        return (
            _summed_to(gradient * (1 / x1 + 1 / r1) / 2, r0),
            _summed_to(-gradient * (x0 + r0) / 2 / (x1 * r1), r1),
        )

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


def _softmax(func: Any, args: Any, kwargs: Any, other: Any) -> Any:
    """exp(x - log sum exp x): the slope of the exponential, and of the logarithm what that leaves.

    With L the slopes, the outputs' differences sum to 0, so that log sum exp moves by the mean of
    the inputs' differences weighted with L: J = diag(L) - L L' / sum(L), which is bounded.
    """
    torch = import_torch()
    dim = kwargs.get("dim", args[1] if len(args) > 1 else None)
    if dim is None:
        raise InputError("method", "deepshap, for a softmax without dim", "a softmax with dim")
    value = func(args[0].detach(), *args[1:], **kwargs)
    x, r = (torch.log_softmax(t.double(), dim=dim) for t in (other, args[0].detach()))
    y, s = torch.exp(x), torch.exp(r)
    slope = _slope(y - s, x - r, (y + s) / 2)

    def backward(gradient: Any) -> Any:
        gradient = gradient.double()
        mean = (gradient * slope).sum(dim=dim, keepdim=True) / slope.sum(dim=dim, keepdim=True)
        return (slope * (gradient - mean)).to(value.dtype)

    return _rule(value, backward, args[0])


def _layer_norm(other: Any, args: Any, kwargs: Any) -> Any:
    """Deviation times the inverse of its root mean square, by the rules of both."""
    torch = import_torch()
    names = ("input", "normalized_shape", "weight", "bias", "eps")
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    dims = tuple(range(-len(given["normalized_shape"]), 0))
    weight, bias, eps = given.get("weight"), given.get("bias"), given.get("eps", 1e-5)

    def parts(tensor: Any) -> tuple[Any, Any, Any]:
        centred = tensor - tensor.mean(dim=dims, keepdim=True)
        variance = centred.square().mean(dim=dims, keepdim=True) + eps
        return centred, variance, variance.rsqrt()

    (cx, vx, ix), (cr, vr, ir) = parts(other), parts(args[0].detach())
    slope = _slope(ix - ir, vx - vr, -0.5 * ir / vr)

    def backward(gradient: Any) -> Any:
        gradient = gradient if weight is None else gradient * weight
        to_inverse = (gradient * (cx + cr) / 2).sum(dim=dims, keepdim=True) * slope
        size = float(np.prod(given["normalized_shape"]))
        to_centred = gradient * (ix + ir) / 2 + to_inverse * (cx + cr) / size
        return to_centred - to_centred.mean(dim=dims, keepdim=True)

    value = cr * ir
    value = value if weight is None else value * weight.detach()
    value = value if bias is None else value + bias.detach()
    return _rule(value.to(torch.get_default_dtype()), backward, args[0])


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
    kwargs.pop("return_indices", None)
    options = {key: value for key, value in kwargs.items() if key != "input"}
    pool = getattr(torch.nn.functional, name)
    _, x_wins = pool(x, *args[1:7], **options, return_indices=True)
    s, r_wins = pool(r, *args[1:7], **options, return_indices=True)
    flat = 1 if name.endswith("1d") else 2

    def back(wins: Any, change: Any) -> Any:
        places = torch.zeros_like(r).flatten(-flat)
        places.scatter_add_(-1, wins.flatten(-flat), change.flatten(-flat))
        return places.view_as(r)

    def backward(gradient: Any) -> Any:
        top = torch.maximum(y, s)
        moved = back(x_wins, gradient * (top - s)) + back(r_wins, gradient * (y - top))
        return _over_run(moved, x - r)

    return _rule(s, backward, args[0])


def _largest(func: Any, args: Any, kwargs: Any, x: Any, y: Any) -> Any:
    """The same for the largest along an axis."""
    torch = import_torch()
    r = args[0].detach()
    found = func(r, *args[1:], **kwargs)
    s = _values(found)
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

    def backward(gradient: Any) -> Any:
        top = torch.maximum(y, s)
        moved = wins(x, y) * opened(gradient * (top - s))
        moved = moved + wins(r, s) * opened(gradient * (y - top))
        return _over_run(moved, x - r)

    value = _rule(s, backward, args[0])
    return torch.return_types.max((value, found[1])) if isinstance(found, tuple) else value


def _check_rules(output: Any) -> None:
    """Raise `InputError` for a node of the gradient's graph that no rule is known for."""
    todo, seen = [output.grad_fn], set()
    while todo:
        node = todo.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        name = node.name().split("::")[-1]
        following = [each for each, _ in node.next_functions if each is not None]
        linear = LINEAR.fullmatch(name) or name == "torch::autograd::AccumulateGrad"
        once = BILINEAR.fullmatch(name) and len(following) == 1
        if not (linear or once or name == "AccumulateGrad"):
            function = re.sub(r"Backward\d*$", "", name)
            raise InputError(
                "method",
                f"deepshap, for a model with the operation {function}",
                "operations that the rescale rule is known for (in a model that is a Python "
                "module, not TorchScript), or another method",
            )
        todo.extend(following)
