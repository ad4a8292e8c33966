"""JAX as a framework; it is imported by the module that the function is in."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from seam_core.frameworks.framework import Framework, is_made_of
from seam_core.oracles.capabilities import Capable
from seam_core.oracles.protocol import Oracle
from seam_core.parameters import OracleParameters

PACKAGES = ("jax", "jaxlib", "flax", "haiku", "equinox")


def owns(model: Any) -> bool:
    """Is it a function compiled by JAX, a module of Equinox or Flax, or written where JAX is used?

    Of an object its `predict` is looked at. What says itself what it can do is left to itself.
    """
    if "jax" not in sys.modules or isinstance(model, (type, Capable)):
        return False
    function = getattr(model, "predict", model)
    function = getattr(function, "func", function)  # functools.partial
    used = getattr(function, "__globals__", {}).values()
    return (
        _package(type(function)) in PACKAGES
        or is_made_of(model, ("equinox", "flax"), "Module")
        or any(_package(each) in PACKAGES for each in used)
    )


def _package(thing: Any) -> str:
    name = thing.__name__ if isinstance(thing, ModuleType) else getattr(thing, "__module__", "")
    return name.split(".")[0] if isinstance(name, str) else ""


def _load(parameters: OracleParameters, *, base: Path | None, device: str, model: Any) -> Oracle:
    from seam_core.frameworks.jax.oracle import load_jax_oracle

    return load_jax_oracle(model, parameters, device=device)


JAX = Framework(
    name="jax", label="JAX function or object", owns=owns, load=_load, packages=("jax", "jaxlib")
)
