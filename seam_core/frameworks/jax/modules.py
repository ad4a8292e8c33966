"""Modules of Flax and Equinox as functions of a batch, as they are when they predict."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from seam_core.frameworks.framework import is_made_of
from seam_core.validate import FOREIGN, InputError


def function_of(model: Any, source: str) -> Any:
    """What answers a batch: modules in inference mode, of Flax with their parameters.

    Functions, and objects that have a `predict` of their own, are given back as they are.

    Raises
    ------
    InputError
        A Flax (Linen) module without parameters.
    """
    if hasattr(model, "predict"):
        return model
    if is_made_of(model, ("equinox",), "Module"):
        return _OneByOne(model)
    if not is_made_of(model, ("flax",), "Module"):
        return model
    if not hasattr(model, "scope"):  # NNX: it holds its parameters itself
        model.eval()
        return model
    if model.scope is None:
        raise InputError(
            "model",
            f"{type(model).__name__}, a Flax module without its parameters",
            "a function, as lambda x: module.apply(variables, x), or module.bind(variables)",
            source,
        )
    module, variables = model.unbind()  # a bound one cannot be traced
    return partial(module.apply, variables)


class _OneByOne:
    """An Equinox module, which takes one sequence as these do; one that does not, takes a batch."""

    def __init__(self, module: Any) -> None:
        self._module = sys.modules["equinox"].nn.inference_mode(module)
        self._call: Callable[[Any], Any] | None = None

    def __call__(self, sequences: Any) -> Any:
        import jax

        if self._call is None:
            mapped = jax.vmap(self._module)
            try:
                jax.eval_shape(mapped, sequences)
                self._call = mapped
            except FOREIGN:
                self._call = self._module
        return self._call(sequences)
