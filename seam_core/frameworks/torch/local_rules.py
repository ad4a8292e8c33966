"""Which of PyTorch's functions are local, and how they make a mutant's positions of the input's.

Tensors are (n, C, L) or (n, L, C); `axis` is that of the positions, 2 or 1. What is made for the
positions that a substitution reaches has the tensor's own order of axes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from seam_core.frameworks.reach import Reach, Sliding, joined, left_padding
from seam_core.frameworks.torch.calls import tensors_in, with_tensors
from seam_core.frameworks.torch.convolutions import add_convolved, convolved
from seam_core.frameworks.torch.runtime import import_torch

POINTWISE = (
    *("relu", "relu6", "leaky_relu", "elu", "selu", "celu", "sigmoid", "tanh", "softplus"),
    *("softsign", "gelu", "silu", "mish", "hardtanh", "hardsigmoid", "hardswish", "logsigmoid"),
    *("exp", "log", "log1p", "expm1", "sqrt", "rsqrt", "square", "reciprocal", "abs", "erf"),
    *(
        "sin",
        "cos",
        "neg",
        "__neg__",
        "clamp",
        "threshold",
        "prelu",
        "float",
        "double",
        "to",
        "type",
    ),
    *("contiguous", "clone", "detach", "dropout", "dropout1d", "alpha_dropout", "identity"),
)
MERGES = (
    *("add", "sub", "mul", "div", "multiply", "subtract", "divide", "true_divide", "rsub"),
    *("maximum", "minimum", "pow", "__add__", "__radd__", "__sub__", "__rsub__", "__mul__"),
    *("__rmul__", "__truediv__", "__rtruediv__", "__div__", "__rdiv__", "__pow__", "__rpow__"),
)
TURNS = ("transpose", "swapaxes", "swapdims", "permute", "movedim", "moveaxis")
# Where among the arguments the axis is that a function works along.
ALONG = {
    **dict.fromkeys(("softmax", "log_softmax", "glu", "mean", "sum", "amax", "amin", "max"), 1),
    **dict.fromkeys(("logsumexp", "cumsum", "var", "std"), 1),
    **dict.fromkeys(("chunk", "split", "normalize"), 2),
}
OVER_POSITIONS = {"mean": "mean", "sum": "sum", "amax": "max", "max": "max"}
ADAPTIVE = {"adaptive_avg_pool1d": "mean", "adaptive_max_pool1d": "max"}


@dataclass(eq=False)
class Local:
    """What is known of a tensor that a substitution reaches in few positions.

    window : (m, ...) positions `first` on, of mutants; None while sequences are run
    patch : first position and values (m, width, C) of what was put around it last
    """

    reach: Reach
    axis: int
    window: Any = None
    first: int = 0
    patch: tuple[int, Any] | None = None


@dataclass(frozen=True, eq=False)
class Summary:
    """What all positions come to: "mean", "sum" or "max"."""

    kind: str
    keep: bool


@dataclass(frozen=True, eq=False)
class Call:
    """A call of `func`, some of whose arguments are local.

    inputs : those tensors; locals : what is known of them
    output : what it returned for a batch of `n` sequences
    """

    name: str
    func: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    inputs: list[Any]
    locals: list[Local]
    output: Any
    n: int

    def given(self, *names: str) -> dict[str, Any]:
        """Its arguments by name."""
        return {**dict(zip(names, self.args, strict=False)), **self.kwargs}

    @property
    def others(self) -> list[Any]:
        """The tensors among its arguments that are not local."""
        tensors = tensors_in((self.args, self.kwargs))
        return [t for t in tensors if not any(t is each for each in self.inputs)]

    def repeated(self) -> Callable[[list[Any]], Any]:
        """The same call with other tensors in place of the local ones."""
        torch = import_torch()
        places = {id(tensor): torch.empty(0) for tensor in self.inputs}
        order = {id(place): index for index, place in enumerate(places.values())}
        args, kwargs = with_tensors((self.args, self.kwargs), lambda t: places.get(id(t), t))
        func = self.func

        def again(windows: list[Any]) -> Any:
            given = with_tensors(
                (args, kwargs), lambda t: windows[order[id(t)]] if id(t) in order else t
            )
            return func(*given[0], **given[1])

        return again


# How a call makes what is reached, and the axis of positions of what it returns.
Rule = tuple[Sliding | Summary | Callable[[list[Any]], Any], int]


def rule_for(call: Call) -> Rule | None:
    """How a mutant's positions are made of those of the inputs; None where that is not known."""
    shapes = [tuple(each.shape) for each in call.inputs]
    if any(len(shape) != 3 or shape[0] != call.n for shape in shapes):
        return None
    if call.name in MERGES or call.name in ("cat", "concat", "concatenate"):
        return _merge(call)
    if len(call.inputs) > 1 or not call.args or call.args[0] is not call.inputs[0]:
        return None
    axis = call.locals[0].axis
    if call.name in POINTWISE:
        alike = all(t.numel() == 1 or (call.name, axis) == ("prelu", 2) for t in call.others)
        return (call.repeated(), axis) if alike and call.output.shape == shapes[0] else None
    if call.name in TURNS:
        turned = call.func(import_torch().empty(2, 3, 5), *call.args[1:], **call.kwargs)
        new_axis = {(2, 3, 5): axis, (2, 5, 3): 3 - axis}.get(tuple(turned.shape))
        return None if new_axis is None else (call.repeated(), new_axis)
    if call.name in ALONG:
        return _along(call, axis)
    if call.name in ADAPTIVE:
        sizes = call.args[1] if len(call.args) > 1 else call.kwargs.get("output_size")
        pooled = axis == 2 and sizes in (1, (1,), [1])
        return (Summary(ADAPTIVE[call.name], True), axis) if pooled else None
    make = _BY_NAME.get(call.name)
    how = None if make is None else make(call, axis)
    return None if how is None else (how, axis)


def _merge(call: Call) -> Rule | None:
    axis, length = call.locals[0].axis, call.locals[0].reach.length
    if any(each.axis != axis or each.reach.length != length for each in call.locals):
        return None
    if call.name in MERGES:
        fits = all(_same_for_all(other, axis) for other in call.others)
    else:
        dim = call.args[1] if len(call.args) > 1 else call.kwargs.get("dim", 0)
        fits = not call.others and dim % 3 == 3 - axis
    return (call.repeated(), axis) if fits and call.output.dim() == 3 else None


def _same_for_all(constant: Any, axis: int) -> bool:
    """Is it broadcast over sequences and positions?"""
    shape = (1,) * (3 - constant.dim()) + tuple(constant.shape)
    return len(shape) == 3 and shape[0] == 1 and shape[axis] == 1


def _along(call: Call, axis: int) -> Rule | None:
    """Along the channels it is local; over all positions it may have a summary."""
    place = ALONG[call.name]
    dims = call.args[place] if len(call.args) > place else call.kwargs.get("dim")
    if call.name in ("chunk", "split", "normalize") and dims is None:
        dims = {"normalize": 1}.get(call.name, 0)
    if dims is None or call.others:
        return None
    axes = {dim % 3 for dim in (dims if isinstance(dims, (list, tuple)) else [dims])}
    if axes == {3 - axis}:
        local = all(tensor.dim() == 3 for tensor in tensors_in(call.output))
        return (call.repeated(), axis) if local else None
    if axes == {axis} and call.name in OVER_POSITIONS:
        first = next(tensors_in(call.output))
        return Summary(OVER_POSITIONS[call.name], first.dim() == 3), axis
    return None


def _one(value: Any) -> int:
    return int(value[0]) if isinstance(value, (list, tuple)) else int(value)


def _convolution(call: Call, axis: int) -> Sliding | None:
    torch = import_torch()
    names = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
    given = call.given(*names)
    if axis != 2:
        return None
    weight, bias, groups = given["weight"], given.get("bias"), given.get("groups", 1)
    stride, dilation = _one(given.get("stride", 1)), _one(given.get("dilation", 1))
    size, padding = weight.shape[2], given.get("padding", 0)
    if padding == "same":
        left = left_padding(size, 1, dilation, call.inputs[0].shape[2])
    else:
        left = 0 if padding == "valid" else _one(padding)

    def convolve(patch: Any) -> Any:
        if groups > 1:
            turned = patch.transpose(1, 2)
            values = torch.nn.functional.conv1d(turned, weight, bias, stride, 0, dilation, groups)
            return values.transpose(1, 2)
        return convolved(patch, weight, bias, stride, dilation)

    spreads = groups == stride == 1 < min(size, dilation)
    steps = weight.permute(2, 1, 0).contiguous() if spreads else ()

    def add(outputs: Any, change: Any, first: int) -> None:
        add_convolved(outputs, change, steps, dilation, first)

    return Sliding(size, stride, dilation, left, 0.0, convolve, add=add if spreads else None)


def _max_pool(call: Call, axis: int) -> Sliding | None:
    names = ("input", "kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
    given = call.given(*names)
    if axis != 2 or given.get("return_indices") or _one(given.get("dilation", 1)) != 1:
        return None
    return _pool(given, float("-inf"), lambda seen: seen.amax(dim=-1))


def _average_pool(call: Call, axis: int) -> Sliding | None:
    names = ("input", "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")
    given = call.given(*names)
    padded = _one(given.get("padding") or 0) and not given.get("count_include_pad", True)
    if axis != 2 or given.get("ceil_mode") or padded:
        return None  # the average leaves out what pads it
    return _pool(given, 0.0, lambda seen: seen.mean(dim=-1))


def _pool(given: dict[str, Any], fill: float, reduce: Callable[[Any], Any]) -> Sliding:
    size = _one(given["kernel_size"])
    stride = _one(given.get("stride") or size)
    return Sliding(
        size,
        stride,
        1,
        _one(given.get("padding") or 0),
        fill,
        lambda patch: reduce(patch.unfold(1, size, stride)),
    )


def _batch_norm(call: Call, axis: int) -> Callable[[list[Any]], Any] | None:
    """With the statistics of training; of an exported program the arguments are in other order."""
    torch = import_torch()
    names = (
        "input",
        "running_mean",
        "running_var",
        "weight",
        "bias",
        "training",
        "momentum",
        "eps",
    )
    if isinstance(call.func, torch._ops.OpOverload):
        names = ("input", "weight", "bias", "running_mean", "running_var", *names[5:])
    given = call.given(*names)
    if axis != 2 or given.get("training") or given.get("running_mean") is None:
        return None
    scale = (given["running_var"] + given.get("eps", 1e-5)).rsqrt()
    scale = scale if given.get("weight") is None else scale * given["weight"]
    shift = -given["running_mean"] * scale
    shift = shift if given.get("bias") is None else shift + given["bias"]
    scale, shift = scale[:, None], shift[:, None]
    return lambda windows: torch.addcmul(shift, windows[0], scale)


def _over_channels(call: Call, axis: int) -> Callable[[list[Any]], Any] | None:
    """Layers whose last axis is the channels."""
    if axis != 1 or any(t.dim() > 2 for t in call.others):
        return None
    shape = call.given("input", "normalized_shape").get("normalized_shape", [1])
    return None if call.name != "linear" and len(shape) != 1 else call.repeated()


def _matrix(call: Call, axis: int) -> Callable[[list[Any]], Any] | None:
    fits = axis == 1 and len(call.others) == 1 and call.others[0].dim() == 2
    return call.repeated() if fits else None


def _pad(call: Call, axis: int) -> Sliding | None:
    given = call.given("input", "pad", "mode", "value")
    if call.name == "constant_pad_nd":
        given = call.given("input", "pad", "value")
    pads = [int(each) for each in given["pad"]]
    first = 2 * (2 - axis)  # pairs are in the order of the axes from the last
    rest = pads[:first] + pads[first + 2 :]
    if given.get("mode", "constant") != "constant" or any(rest) or len(pads) < first + 2:
        return None
    return Sliding(1, 1, 1, pads[first], float(given.get("value") or 0.0), lambda patch: patch)


def _slices(call: Call, axis: int) -> Sliding | None:
    index = call.args[1] if isinstance(call.args[1], tuple) else (call.args[1],)
    if index[:1] == (Ellipsis,):
        index = ((slice(None),) * (4 - len(index))) + index[1:]
    if len(index) > 3 or not all(isinstance(each, slice) for each in index):
        return None
    index = (*index, *(slice(None),) * (3 - len(index)))
    shape = call.inputs[0].shape
    if index[0].indices(call.n) != (0, call.n, 1):
        return None
    start, _, step = index[axis].indices(shape[axis])
    channels = index[3 - axis]
    return Sliding(1, step, 1, -start, 0.0, lambda patch: patch[:, :, channels])


_BY_NAME: dict[str, Callable[[Call, int], Any]] = {
    "conv1d": _convolution,
    "max_pool1d": _max_pool,
    "avg_pool1d": _average_pool,
    "batch_norm": _batch_norm,
    "layer_norm": _over_channels,
    "rms_norm": _over_channels,
    "linear": _over_channels,
    "matmul": _matrix,
    "__matmul__": _matrix,
    "pad": _pad,
    "constant_pad_nd": _pad,
    "__getitem__": _slices,
}


def reach_of(how: Any, call: Call, axis: int) -> Reach | None:
    """Where a substitution reaches in what the call returns; None: in all of it."""
    if isinstance(how, Summary):
        return None
    if isinstance(how, Sliding):
        return how.reach(call.locals[0].reach, call.output.shape[axis])
    return joined([each.reach for each in call.locals])
