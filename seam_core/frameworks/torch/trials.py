"""What a PyTorch module would run with, found by trying: for messages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Protocol

from seam_core.frameworks.network import longer_advice
from seam_core.frameworks.torch.runtime import import_torch
from seam_core.oracles.adapters import Adapter, for_other_channels
from seam_core.oracles.explained import named_outputs
from seam_core.oracles.layouts import AXES, TOKENS
from seam_core.parameters.oracle import LAYOUTS
from seam_core.validate import FOREIGN

# As PyTorch says that a convolution got others than it has weights for.
_CHANNELS = re.compile(r"to have (\d+) channels, but got \d+ channels")
# As PyTorch says that a program has the size of its batch written into it.
_BATCH = re.compile(r"shape '\[(\d+), [\d, -]*\]' is invalid for input of size")
# As Python says into how many something was to be unpacked.
_UNPACKED = re.compile(r"values to unpack \(expected (\d+)")
# Lengths that are tried where a module fails at the one that was given.
LENGTHS = (1024, 4096, 16384)
# Letters beyond which no gradient is tried: it may take all memory.
LONG = 10_000


class Tried(Protocol):
    """What is asked of the oracle whose module is tried."""

    module: Any
    adapter: Adapter
    n_letters: int
    fixed_batch: int | None

    def arguments(self, inputs: Any, layout: str) -> tuple[list[Any], dict[str, Any]]:
        """What the module is called with."""
        ...

    def left_at_default(self) -> list[str]:
        """Names of inputs that are given nothing."""
        ...


def advice(oracle: Tried, inputs: Any, error: BaseException) -> str:
    """What to say after the module's own `error`: the layouts or lengths that it runs with, or
    what was not given."""
    layouts = [f"--layout {name}" for name in fitting_layouts(oracle, inputs)]
    if layouts:
        return f"; it runs with {' or '.join(layouts)}"
    return (
        taken_apart(oracle, inputs)
        or _channels(oracle, inputs, error)
        or _longer(oracle, inputs)
        or _left(oracle, inputs.shape[1])
    )


def fitting_layouts(oracle: Tried, inputs: Any) -> list[str]:
    """The layouts other than the oracle's that the module runs with; tokens only where it looks
    letters up: floats that are cast to indices run as well, and mean nothing."""
    tried = {name: _reached(oracle, inputs, name) for name in LAYOUTS}
    del tried[oracle.adapter.layout]
    takes_tokens = tried.pop(TOKENS, None) is not None
    reached = [name for name, reaches in tried.items() if reaches]
    if takes_tokens and not reached:
        return [TOKENS]
    running = reached or [name for name, reaches in tried.items() if reaches is not None]
    return [name for name in running if "1" not in AXES[name]] or running


def looks_up(oracle: Tried, inputs: Any) -> bool:
    """Does a module that runs with one-hot letters take them for indices of an embedding?"""
    layout = oracle.adapter.layout
    if layout == TOKENS or not any(_is_embedding(each) for each in oracle.module.modules()):
        return False
    return (
        _reached(oracle, inputs, layout) is False and _reached(oracle, inputs, TOKENS) is not None
    )


def _is_embedding(module: Any) -> bool:
    kind = getattr(module, "original_name", type(module).__name__)  # the first of a script's
    return str(kind).startswith("Embedding")


def _reached(oracle: Tried, inputs: Any, layout: str) -> bool | None:
    """Does a gradient reach the letters of the first two of `inputs`? None: it does not run.

    Of as many as the module takes, where its batch has a size of its own.
    """
    few = inputs if oracle.fixed_batch else inputs[:2]
    try:
        return _reached_of(oracle, few, layout)
    except FOREIGN as error:
        size = batch_said(error)
    with suppress(*FOREIGN):
        if size:
            return _reached_of(oracle, few[[0] * size], layout)
    return None


def batch_said(error: BaseException) -> int | None:
    """The sequences that a module takes at once, where its error says it."""
    said = _BATCH.search(str(error))
    return int(said[1]) if said else None


def _reached_of(oracle: Tried, few: Any, layout: str) -> bool | None:
    """The same of all; raises what the module does."""
    torch = import_torch()
    few = few.detach().clone()
    is_long = few.shape[1] > LONG
    with torch.set_grad_enabled(not is_long):
        few.requires_grad_(not is_long)
        arguments, keywords = oracle.arguments(few * 1, layout)  # some modules write into it
        outputs = named_outputs(oracle.module(*arguments, **keywords))
    led = [each for each in outputs.values() if getattr(each, "shape", ())[:1] == few.shape[:1]]
    if not led:  # an answer that is not about these two
        return None
    return is_long or any(getattr(each, "requires_grad", False) for each in led)


def taken_apart(oracle: Tried, inputs: Any) -> str:
    """How to wrap a module that takes the sequence among others in one dict, tuple or object."""
    torch = import_torch()
    arguments, keywords = oracle.arguments(inputs[:2], oracle.adapter.layout)
    if not arguments:
        return ""
    x, *others = arguments
    keys: dict[str, None] = {}
    names: dict[str, None] = {}
    places: set[int] = set()

    class Given(dict):  # type: ignore[type-arg]
        def __missing__(self, key: Any) -> Any:
            if isinstance(key, int):
                places.add(key)
            elif isinstance(key, str):
                keys[repr(key)] = None
            return x

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_") or hasattr(torch.Tensor, name):
                raise AttributeError(name)
            names[name] = None
            return x

        def __iter__(self) -> Any:
            return iter([x] * 10)  # more than any module unpacks

    def raised(given: Any) -> str | None:
        with torch.no_grad():
            try:
                oracle.module(given, *others, **keywords)
            except FOREIGN as error:
                return str(error)
        return None

    unpacked = _UNPACKED.search(raised(Given()) or "")
    n = int(unpacked[1]) if unpacked else 1 + max(places, default=-1)
    if keys:
        kind, call = "a dict", "{" + _with_x(keys, ": ") + "}"
    elif names:
        kind, call = "an object", f"types.SimpleNamespace({_with_x(names, '=')})"
    elif unpacked or n > 1 or (n == 1 and raised((x,)) is None):
        kind, call = "a tuple", "(x,)" if n == 1 else f"(x{', ...' * (n - 1)})"
    else:
        return ""
    return f"; it takes {kind}: give a module whose forward(x) calls this one with {call}"


def _with_x(names: Iterable[str], sign: str) -> str:
    first, *others = names
    return ", ".join([f"{first}{sign}x", *(f"{other}{sign}..." for other in others)])


def _channels(oracle: Tried, inputs: Any, error: BaseException) -> str:
    """The layout that the module runs with once it is given as many channels as it asks for."""
    said = _CHANNELS.search(str(error))
    more = int(said[1]) - oracle.n_letters if said else 0
    if more <= 0 or oracle.adapter.channels is not None:
        return ""
    filled = import_torch().nn.functional.pad(inputs[:2], (0, more))
    own = oracle.adapter.layout
    for name in (own, *(each for each in ("channels_last", "channels_first") if each != own)):
        if name != TOKENS and _reached(oracle, filled, name) is not None:
            layout = "" if name == own else f"--layout {name}, and "
            others = for_other_channels(oracle.n_letters + more, oracle.n_letters)
            return f"; {layout}{others}"
    return ""


def _longer(oracle: Tried, inputs: Any) -> str:
    """The first of some greater lengths that the module runs at."""
    if oracle.adapter.channels is not None:
        return ""
    torch = import_torch()
    for length in LENGTHS:
        if length <= inputs.shape[1]:
            continue
        letters = torch.arange(length, device=inputs.device) % oracle.n_letters
        longer = torch.eye(oracle.n_letters, dtype=inputs.dtype, device=inputs.device)[letters]
        if _reached(oracle, longer.expand(2, -1, -1), oracle.adapter.layout) is not None:
            return f"; {longer_advice(length)}"
    return ""


def _left(oracle: Tried, length: int) -> str:
    """The inputs that were given nothing; a mask is ones, where nothing is padded."""
    rules = {name: f"1:{length}" if "mask" in name else "RULE" for name in oracle.left_at_default()}
    left = [f"--input {name}={rule}" for name, rule in rules.items()]
    return f"; if it needs what was left at its default: {', '.join(left)}" if left else ""
