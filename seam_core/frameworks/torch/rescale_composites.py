"""Functions of PyTorch written out in those that the rescale rules know."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from typing import Any

from seam_core.frameworks.torch.calls import named_arguments
from seam_core.frameworks.torch.rescale_recurrent import RECURRENT
from seam_core.frameworks.torch.runtime import import_torch

# (arguments by place, those by name) -> what the function returns, by calls that have rules
Composite = Callable[[Any, Any], Any]


def _scaled(args: Any, kwargs: Any) -> Any:
    names = ("query", "key", "value", "attn_mask", "dropout_p", "is_causal", "scale")
    given = named_arguments(names, args, kwargs)
    query, key, value = given["query"], given["key"], given["value"]
    if given.get("enable_gqa"):  # several heads look at the same keys
        each = query.shape[-3] // key.shape[-3]
        key, value = (tensor.repeat_interleave(each, dim=-3) for tensor in (key, value))
    mask = given.get("attn_mask")
    if given.get("is_causal"):
        square = query.new_ones((query.shape[-2], key.shape[-2]), dtype=import_torch().bool)
        mask = square.tril()
    if mask is not None and not mask.is_floating_point():
        mask = ~mask  # here it is what is seen
    return _weights(query, key, given.get("scale"), hidden=(mask,)) @ value


def _weights(
    query: Any, key: Any, scale: float | None = None, *, hidden: tuple[Any, ...] = ()
) -> Any:
    """What each position takes from each.

    hidden : masks that broadcast to these; true where nothing is taken, or numbers to add
    """
    scale = query.shape[-1] ** -0.5 if scale is None else scale
    scores = query @ key.transpose(-2, -1) * scale
    for mask in hidden:
        if mask is not None:
            added = mask.is_floating_point()
            scores = scores + mask if added else scores.masked_fill(mask, float("-inf"))
    return import_torch().softmax(scores, dim=-1)


def _multi_head(args: Any, kwargs: Any) -> Any:
    """Of (positions, n, E); inside, sequences come first."""
    linear = import_torch().nn.functional.linear
    names = (
        *("query", "key", "value", "embed_dim_to_check", "num_heads", "in_proj_weight"),
        *("in_proj_bias", "bias_k", "bias_v", "add_zero_attn", "dropout_p", "out_proj_weight"),
        *("out_proj_bias", "training", "key_padding_mask", "need_weights", "attn_mask"),
    )
    given = named_arguments(names, args, kwargs)
    more = ("bias_k", "static_k", "static_v")
    inputs = [given[name] for name in ("query", "key", "value")]
    if (
        given.get("use_separate_proj_weight")
        or given.get("add_zero_attn")
        or any(given.get(name) is not None for name in more)
        or any(tensor.dim() != 3 for tensor in inputs)
    ):
        return None
    kernels = given["in_proj_weight"].chunk(3)
    bias = given.get("in_proj_bias")
    biases = [None] * 3 if bias is None else bias.chunk(3)
    heads = given["num_heads"]

    def by_head(tensor: Any, kernel: Any, bias: Any) -> Any:
        """(n, heads, positions, E / heads)."""
        values = linear(tensor.transpose(0, 1), kernel, bias)
        return values.unflatten(-1, (heads, -1)).transpose(1, 2)

    query, key, value = map(by_head, inputs, kernels, biases)
    mask, padding = given.get("attn_mask"), given.get("key_padding_mask")
    if mask is not None and mask.dim() == 3:  # of each head
        mask = mask.unflatten(0, (-1, heads))
    weights = _weights(
        query, key, hidden=(mask, None if padding is None else padding[:, None, None])
    )
    values = (weights @ value).transpose(1, 2).flatten(2).transpose(0, 1)
    values = linear(values, given["out_proj_weight"], given["out_proj_bias"])
    return values, weights if given.get("average_attn_weights") is False else weights.mean(dim=1)


def _group_norm(args: Any, kwargs: Any) -> Any:
    """Layer normalisation of each group of channels."""
    names = ("input", "num_groups", "weight", "bias", "eps")
    given = named_arguments(names, args, kwargs)
    values = given["input"]
    groups = values.reshape(len(values), given["num_groups"], -1)
    normal = import_torch().nn.functional.layer_norm(
        groups, groups.shape[2:], eps=given.get("eps", 1e-5)
    )
    scaled = normal.reshape(values.shape)
    by_channel = (-1, *(1,) * (values.dim() - 2))
    weight, bias = given.get("weight"), given.get("bias")
    scaled = scaled if weight is None else scaled * weight.view(by_channel)
    return scaled if bias is None else scaled + bias.view(by_channel)


def _glu(args: Any, kwargs: Any) -> Any:
    """Half of the channels, let through by the other half."""
    given = named_arguments(("input", "dim"), args, kwargs)
    values, gates = given["input"].chunk(2, dim=given.get("dim", -1))
    return values * import_torch().sigmoid(gates)


def _variance(args: Any, kwargs: Any) -> Any:
    """Mean of the squared deviations, of as many as are free."""
    names = ("input", "dim", "unbiased", "keepdim")
    given = named_arguments(names, args, kwargs)
    values, dim = given.pop("input"), given.pop("dim", None)
    free = given.pop("correction", int(given.pop("unbiased", True)))
    keep = given.pop("keepdim", False)
    if given or dim is None or isinstance(dim, bool):  # over everything, the sequences too
        return None
    squares = (values - values.mean(dim=dim, keepdim=True)).square()
    size = values.numel() // max(1, values.mean(dim=dim).numel())
    return squares.sum(dim=dim, keepdim=keep) / (size - free)


def _instance_norm(args: Any, kwargs: Any) -> Any:
    """Layer normalisation of each channel, where the statistics are the sequence's own."""
    names = ("input", "running_mean", "running_var", "weight", "bias", "use_input_stats")
    given = named_arguments(names, args, kwargs)
    if not given.get("use_input_stats", True):
        return None
    channels = {name: given.get(name) for name in ("weight", "bias")}
    eps = given.get("eps", args[7] if len(args) > 7 else 1e-5)
    return _group_norm((given["input"], given["input"].shape[1]), {**channels, "eps": eps})


def _rms_norm(args: Any, kwargs: Any) -> Any:
    names = ("input", "normalized_shape", "weight", "eps")
    given = named_arguments(names, args, kwargs)
    values, weight, eps = given["input"], given.get("weight"), given.get("eps")
    dims = tuple(range(-len(given["normalized_shape"]), 0))
    eps = import_torch().finfo(values.dtype).eps if eps is None else eps
    scaled = values * (values.square().mean(dim=dims, keepdim=True) + eps).rsqrt()
    return scaled if weight is None else scaled * weight


def _deviation(args: Any, kwargs: Any) -> Any:
    variance = _variance(args, kwargs)
    return None if variance is None else variance.sqrt()


def _with_mean(spread: Composite, args: Any, kwargs: Any) -> Any:
    """`var_mean` and `std_mean`."""
    found = spread(args, kwargs)
    if found is None:
        return None
    given = named_arguments(("input", "dim", "unbiased", "keepdim"), args, kwargs)
    keep = given.get("keepdim", False)
    return found, given["input"].mean(dim=given["dim"], keepdim=keep)


def _cosine(args: Any, kwargs: Any) -> Any:
    given = named_arguments(("x1", "x2", "dim", "eps"), args, kwargs)
    dim, eps = given.get("dim", 1), given.get("eps", 1e-8)
    first, second = (_normalize((given[name], 2.0, dim, eps), {}) for name in ("x1", "x2"))
    return (first * second).sum(dim=dim)


def _bilinear(args: Any, kwargs: Any) -> Any:
    """Of each output a weight for each pair of numbers."""
    given = named_arguments(("input1", "input2", "weight", "bias"), args, kwargs)
    each = import_torch().einsum("...i,oij->...oj", given["input1"], given["weight"])
    values = (each * given["input2"].unsqueeze(-2)).sum(dim=-1)
    return values if given.get("bias") is None else values + given["bias"]


def _outer(args: Any, kwargs: Any) -> Any:
    given = named_arguments(("input", "vec2"), args, kwargs)
    return given["input"].unsqueeze(-1) * given["vec2"]


def _added(operation: Callable[[Any, Any], Any], args: Any, kwargs: Any) -> Any:
    """A product or quotient of two, added to a third."""
    given = named_arguments(("input", "tensor1", "tensor2"), args, kwargs)
    return given["input"] + operation(given["tensor1"], given["tensor2"]) * given.get("value", 1)


def _without_nan(args: Any, kwargs: Any) -> Any:
    torch = import_torch()
    given = named_arguments(("input", "nan", "posinf", "neginf"), args, kwargs)
    values, limits = given["input"], torch.finfo(given["input"].dtype)
    for mask, name, usual in (
        (values.isposinf(), "posinf", limits.max),
        (values.isneginf(), "neginf", limits.min),
        (values.isnan(), "nan", 0.0),
    ):
        value = given.get(name)
        values = values.masked_fill(mask, usual if value is None else value)
    return values


def _softmin(args: Any, kwargs: Any) -> Any:
    given = named_arguments(("input", "dim", "_stacklevel", "dtype"), args, kwargs)
    return import_torch().softmax(-given["input"], given.get("dim"), dtype=given.get("dtype"))


def _lerp(args: Any, kwargs: Any) -> Any:
    given = named_arguments(("input", "end", "weight"), args, kwargs)
    return given["input"] + given["weight"] * (given["end"] - given["input"])


def _log_sum_exp(args: Any, kwargs: Any) -> Any:
    """What any of the values is more than its log-softmax."""
    given = named_arguments(("input", "dim", "keepdim"), args, kwargs)
    values, dim = given["input"], given["dim"]
    if not isinstance(dim, int):
        if len(dim) != 1:
            return None
        dim = dim[0]
    total = (values - import_torch().log_softmax(values, dim=dim)).narrow(dim, 0, 1)
    return total if given.get("keepdim") else total.squeeze(dim)


def _norm(args: Any, kwargs: Any) -> Any:
    """The Euclidean length along axes, but not the sequences'."""
    given = named_arguments(("input", "p", "dim", "keepdim"), args, kwargs)
    values, order = given.pop("input"), given.pop("p", given.pop("ord", 2))
    dim, keep = given.pop("dim", None), given.pop("keepdim", False)
    if order not in (2, "fro", None) or dim is None or any(v is not None for v in given.values()):
        return None
    return values.square().sum(dim=dim, keepdim=keep).sqrt()


def _normalize(args: Any, kwargs: Any) -> Any:
    given = named_arguments(("input", "p", "dim", "eps"), args, kwargs)
    values, eps = given["input"], given.get("eps", 1e-12)
    length = _norm((values, given.get("p", 2.0), given.get("dim", 1), True), {})
    return None if length is None else values / import_torch().clamp(length, min=eps)


def _smallest(name: str, args: Any, kwargs: Any) -> Any:
    """The largest of the negatives."""
    torch = import_torch()
    given = named_arguments(("input", "dim", "keepdim"), args, kwargs)
    dim, keep = given.get("dim"), given.get("keepdim", False)
    if dim is None or isinstance(dim, torch.Tensor) or not given["input"].is_floating_point():
        return None
    if name == "amin":
        return -torch.amax(-given["input"], dim, keep)
    values, places = torch.max(-given["input"], dim, keep)
    return torch.return_types.min((-values, places))


# Name -> what it returns, made step by step; None where it is asked for more than is known here.
WRITTEN_OUT: dict[str, Composite] = {
    "scaled_dot_product_attention": _scaled,
    "multi_head_attention_forward": _multi_head,
    "group_norm": _group_norm,
    "instance_norm": _instance_norm,
    "glu": _glu,
    "rms_norm": _rms_norm,
    "norm": _norm,
    "linalg_norm": lambda args, kwargs: (
        None if len(args) > 1 or "ord" in kwargs else _norm(args, kwargs)
    ),
    "linalg_vector_norm": _norm,
    "normalize": _normalize,
    "var": _variance,
    "std": _deviation,
    "var_mean": partial(_with_mean, _variance),
    "std_mean": partial(_with_mean, _deviation),
    "cosine_similarity": _cosine,
    "bilinear": _bilinear,
    "mv": lambda args, kwargs: args[0] @ (args[1] if len(args) > 1 else kwargs["vec"]),
    "outer": _outer,
    "ger": _outer,
    "addcmul": partial(_added, operator.mul),
    "addcdiv": partial(_added, operator.truediv),
    "lerp": _lerp,
    "nan_to_num": _without_nan,
    "softmin": _softmin,
    "logsumexp": _log_sum_exp,
    "amin": partial(_smallest, "amin"),
    "min": partial(_smallest, "min"),
    **RECURRENT,
}
