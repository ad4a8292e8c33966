"""Functions of PyTorch written out in those that the rescale rules know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seam_core.frameworks.torch.runtime import import_torch


def _scaled(args: Any, kwargs: Any) -> Any:
    names = ("query", "key", "value", "attn_mask", "dropout_p", "is_causal", "scale")
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    if given.get("attn_mask") is not None or given.get("is_causal") or given.get("enable_gqa"):
        return None
    weights = _weights(given["query"], given["key"], given.get("scale"))
    return weights @ given["value"]


def _weights(query: Any, key: Any, scale: float | None = None) -> Any:
    scale = query.shape[-1] ** -0.5 if scale is None else scale
    return import_torch().softmax(query @ key.transpose(-2, -1) * scale, dim=-1)


def _multi_head(args: Any, kwargs: Any) -> Any:
    """Of (positions, n, E); inside, sequences come first."""
    linear = import_torch().nn.functional.linear
    names = (
        *("query", "key", "value", "embed_dim_to_check", "num_heads", "in_proj_weight"),
        *("in_proj_bias", "bias_k", "bias_v", "add_zero_attn", "dropout_p", "out_proj_weight"),
        *("out_proj_bias", "training", "key_padding_mask", "need_weights", "attn_mask"),
    )
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    more = ("bias_k", "key_padding_mask", "attn_mask", "static_k", "static_v")
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
    weights = _weights(query, key)
    values = (weights @ value).transpose(1, 2).flatten(2).transpose(0, 1)
    values = linear(values, given["out_proj_weight"], given["out_proj_bias"])
    return values, weights.mean(dim=1)


def _group_norm(args: Any, kwargs: Any) -> Any:
    """Layer normalisation of each group of channels."""
    names = ("input", "num_groups", "weight", "bias", "eps")
    given = {**dict(zip(names, args, strict=False)), **kwargs}
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


# Name -> what it returns, made step by step; None where it is asked for more than is known here.
WRITTEN_OUT: dict[str, Callable[[Any, Any], Any]] = {
    "scaled_dot_product_attention": _scaled,
    "multi_head_attention_forward": _multi_head,
    "group_norm": _group_norm,
}
