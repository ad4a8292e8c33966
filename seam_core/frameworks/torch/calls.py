"""Calls of PyTorch's functions as a `TorchFunctionMode` sees them: their names and arguments."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from seam_core.frameworks.torch.runtime import import_torch

# (function, its arguments by place, those by name) -> what it returns
Handle = Callable[[Any, Any, Any], Any]

IN_PLACE_OPERATORS = {
    "__iadd__": "add",
    "__isub__": "sub",
    "__imul__": "mul",
    "__itruediv__": "div",
}

# Calls that make plain numbers of a tensor, and all that ask for its numbers.
AS_NUMBERS = (
    "__bool__",
    "__int__",
    "__float__",
    "__index__",
    "__array__",
    "item",
    "tolist",
    "numpy",
)
NUMBERS = (
    *AS_NUMBERS,
    *("equal", "allclose", "is_nonzero", "nonzero", "__setitem__", "argwhere", "masked_select"),
)


def handing(handle: Handle) -> Any:
    """A context in which PyTorch's functions are handed to `handle` with their arguments."""
    return _handing_mode()(handle)


@functools.cache
def _handing_mode() -> Any:
    """One class: a class of its own for each context would hold its tensors until it is found."""
    torch = import_torch()

    class Handing(torch.overrides.TorchFunctionMode):  # type: ignore[name-defined]
        def __init__(self, handle: Handle) -> None:
            super().__init__()
            self._handle = handle

        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            return self._handle(func, args, dict(kwargs or {}))

    return Handing


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


def by_place(name: str, args: Any, kwargs: dict[str, Any]) -> Any:
    """The arguments by place, with those that were given as `input` and `other`, which leave
    `kwargs`; of einsum those that were given in a list."""
    torch = import_torch()
    if not args and "input" in kwargs:
        args = (kwargs.pop("input"),)
    if len(args) == 1 and isinstance(kwargs.get("other"), torch.Tensor) and name != "where":
        args = (*args, kwargs.pop("other"))
    if name == "einsum" and len(args) == 2 and isinstance(args[1], (list, tuple)):
        args = (args[0], *args[1])
    return args


def is_in_place(func: Any) -> bool:
    """Does it change its first argument?"""
    raw = getattr(func, "__name__", "").split(".")[0]
    return raw in IN_PLACE_OPERATORS or (raw.endswith("_") and not raw.endswith("__"))


def writes(func: Any, kwargs: Any) -> bool:
    """Does it, or may it, write into its first argument?"""
    raw = getattr(func, "__name__", "").split(".")[0]
    operator = raw.startswith("__i") and raw not in (
        "__index__",
        "__int__",
        "__invert__",
        "__iter__",
    )
    return is_in_place(func) or operator or raw == "__setitem__" or bool(kwargs.get("inplace"))


def not_in_place(func: Any) -> Any:
    """The function of the same name that leaves its argument as it is; None: there is none."""
    torch = import_torch()
    name = call_name(func)
    return getattr(torch.nn.functional, name, None) or getattr(torch, name, None)


def in_module() -> str:
    """The module whose forward is running, as `encoder.attention (MultiheadAttention)`."""
    module = import_torch().nn.Module
    frame, running = inspect.currentframe(), []
    while frame is not None:
        own = frame.f_locals.get("self")
        if isinstance(own, module):
            running.append(own)
        frame = frame.f_back
    if not running:
        return "network"
    path = next((name for name, each in running[-1].named_modules() if each is running[0]), "")
    kind = type(running[0]).__name__
    return f"{path} ({kind})" if path else kind


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


def switches(module: Any) -> frozenset[str]:
    """Names of the inputs that are a text, or yes and no, as the module's signature says."""
    if getattr(getattr(module, "forward", None), "schema", None) is not None:
        return frozenset()
    parameters = inspect.signature(module.forward).parameters.values()
    kinds = (str, bool, "str", "bool")
    return frozenset(p.name for p in parameters if p.annotation in kinds)


def input_names(module: Any) -> tuple[list[tuple[str, bool]], frozenset[str]]:
    """(name, must be given) of each input, and the names of those that are given by name only."""
    schema = getattr(getattr(module, "forward", None), "schema", None)
    if schema is not None:
        return [(a.name, not a.has_default_value()) for a in schema.arguments[1:]], frozenset()
    parameters = inspect.signature(module.forward).parameters.values()
    plain = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    names = [(p.name, p.default is p.empty) for p in plain]
    by_name = frozenset(p.name for p in plain if p.kind is p.KEYWORD_ONLY)
    return names or [("input", True)], by_name
