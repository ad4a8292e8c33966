"""Layers that a module computes for nothing: those of heads that are not explained.

PyTorch runs a module whole. Which convolutions and dense layers the number explained does not
depend on is read off a gradient's graph. NaN in the place of what they give, which must go through
all that is computed from it and must not change the answer, then shows that nobody reads it.
Without these layers all else is the same to the last bit.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from seam_core.frameworks.torch.calls import NUMBERS, Handle, call_name, handing, tensors_in
from seam_core.frameworks.torch.runtime import import_torch
from seam_core.validate import OracleError, SeamError

LAYERS = ("conv1d", "conv2d", "linear")
# Sequences that were asked about from which it pays to look for them, where more are asked; or that
# are asked about at once, where there are several heads.
MANY = 8


def spared(oracle: Any, tensor: Any) -> AbstractContextManager[Any]:
    """A context for asking a `TorchOracle` about (n, L, A) without these layers, once known."""
    asked, oracle.n_asked = oracle.n_asked, oracle.n_asked + len(tensor)
    at_once = len(tensor) if len(oracle.explained.heads) > 1 else 0
    few = max(asked, at_once) < MANY or len(tensor) == 1
    if oracle.fixed_batch is not None or few:
        return nullcontext()
    return left_out(oracle.kept.get("unread", lambda: unread_layers(oracle, tensor[:1])))


def unread_layers(oracle: Any, row: Any) -> list[Any]:
    """Weights of the layers that a `TorchOracle` can do without.

    Parameters
    ----------
    row : (1, L, A) tensor, a sequence that is asked about twice
    """
    torch = import_torch()
    made: list[tuple[Any, Any]] = []  # a layer's weight, and what its output was made by

    def noting(func: Any, args: Any, kwargs: Any) -> Any:
        output = func(*args, **kwargs)
        if _is_layer(func, args):
            made.append((args[1], output.grad_fn))
        return output

    try:
        with torch.enable_grad(), handing(noting):
            value = oracle.scalar(row.detach().clone().requires_grad_(True) * 1)
        reached = _reached(value.grad_fn)
        read = {id(weight) for weight, node in made if node is None or node in reached}
        unread = [weight for weight, _ in made if id(weight) not in read]
        if not unread:
            return []
        with torch.no_grad(), handing(_nothing_hidden(_sparing(unread))):
            same = torch.equal(oracle.scalar(row.detach().clone()), value.detach())
    except SeamError:
        return []
    return unread if same else []


def left_out(weights: list[Any]) -> AbstractContextManager[Any]:
    """A context in which the layers of these weights are not computed, and give NaN."""
    return handing(_sparing(weights)) if weights else nullcontext()


def _sparing(weights: list[Any]) -> Handle:
    unread = {id(weight) for weight in weights}

    def handle(func: Any, args: Any, kwargs: Any) -> Any:
        if not _is_layer(func, args) or id(args[1]) not in unread:
            return func(*args, **kwargs)
        given, *others = args
        none = func(given[:0], *others, **kwargs)
        return none.new_full((len(given), *none.shape[1:]), float("nan"))

    return handle


def _nothing_hidden(handle: Handle) -> Handle:
    """Raises `OracleError` where a call is given NaN and what it returns does not show it."""

    def checked(func: Any, args: Any, kwargs: Any) -> Any:
        output = handle(func, args, kwargs)
        if any(_has_nan(each) for each in tensors_in((args, kwargs))):
            made = list(tensors_in(output))
            if call_name(func) in NUMBERS or not all(_has_nan(each) for each in made):
                raise OracleError("a layer is read")
        return output

    return checked


def _has_nan(tensor: Any) -> bool:
    return bool(tensor.is_floating_point() and tensor.isnan().any())


def _is_layer(func: Any, args: Any) -> bool:
    """Is it a layer's call for a batch, with a weight of its own?"""
    if getattr(func, "__name__", "") not in LAYERS or len(args) < 2:
        return False
    own = isinstance(args[1], import_torch().nn.Parameter)
    return own and args[0].ndim >= args[1].ndim


def _reached(node: Any) -> set[Any]:
    """The nodes of a gradient's graph that lead to this one."""
    reached: set[Any] = set()
    todo = [node]
    while todo:
        node = todo.pop()
        if node is not None and node not in reached:
            reached.add(node)
            todo.extend(each for each, _ in node.next_functions)
    return reached
