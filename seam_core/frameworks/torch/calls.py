"""Calls of PyTorch's functions as a `TorchFunctionMode` sees them: their names and arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from seam_core.frameworks.torch.runtime import import_torch

IN_PLACE_OPERATORS = {
    "__iadd__": "add",
    "__isub__": "sub",
    "__imul__": "mul",
    "__itruediv__": "div",
}


def call_name(func: Any) -> str:
    """ "relu" of `torch.relu`, `torch.relu_`, `F.relu`, `Tensor.relu` and `aten.relu.default`.

    Of a property, such as `Tensor.shape`, its name.
    """
    raw = getattr(func, "__name__", "").split(".")[0]
    if raw == "__get__":
        return getattr(func.__self__, "__name__", raw)
    if raw.startswith("__") and raw.endswith("__"):
        return IN_PLACE_OPERATORS.get(raw, raw)
    name = raw.lstrip("_").removesuffix("_with_indices")
    return name[:-1] if name.endswith("_") else name


def named_arguments(names: Sequence[str], args: Any, kwargs: Any) -> dict[str, Any]:
    """The arguments of a call by name, where a function calls its first ones `names`."""
    return {**dict(zip(names, args, strict=False)), **kwargs}


def is_in_place(func: Any) -> bool:
    """Does it change its first argument?"""
    raw = getattr(func, "__name__", "").split(".")[0]
    return raw in IN_PLACE_OPERATORS or (raw.endswith("_") and not raw.endswith("__"))


def not_in_place(func: Any) -> Any:
    """The function of the same name that leaves its argument as it is; None: there is none."""
    torch = import_torch()
    name = call_name(func)
    return getattr(torch.nn.functional, name, None) or getattr(torch, name, None)


def tensors_in(values: Any) -> Iterator[Any]:
    """The tensors among arguments or results, those in lists and dicts too."""
    if isinstance(values, import_torch().Tensor):
        yield values
    elif isinstance(values, (list, tuple)):
        for each in values:
            yield from tensors_in(each)
    elif isinstance(values, dict):
        yield from tensors_in(list(values.values()))


def with_tensors(values: Any, change: Callable[[Any], Any]) -> Any:
    """The same arguments with every tensor changed."""
    if isinstance(values, import_torch().Tensor):
        return change(values)
    if isinstance(values, dict):
        return {key: with_tensors(value, change) for key, value in values.items()}
    if isinstance(values, tuple) and hasattr(values, "_fields"):
        return type(values)(*(with_tensors(each, change) for each in values))
    if isinstance(values, (list, tuple)):
        return type(values)(with_tensors(each, change) for each in values)
    return values
