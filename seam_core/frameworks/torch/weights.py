"""Weights of PyTorch modules, as the field's programs save them."""

from __future__ import annotations

import json
import pickle
import warnings
from pathlib import Path
from typing import Any

from seam_core.frameworks.torch.pickles import require_to_unpickle
from seam_core.frameworks.torch.runtime import import_torch, numbers_only
from seam_core.product import install_command
from seam_core.readers.kinds import is_zip
from seam_core.validate import InputError, MissingPackageError, SeamError, said_by

# Where in a checkpoint the state is, and what wrappers put before the names of weights.
KEYS = ("state_dict", "model_state_dict", "model_state", "model", "net", "weights", "module")
PREFIXES = ("_orig_mod.", "module.", "model.", "net.", "network.", "_model.", "ema_model.")
# Characters of what PyTorch says about weights that do not fit: it may list every layer.
SAID = 300
# Bytes of names and shapes that a .safetensors file may begin with.
LARGEST_HEADER = 20_000_000


def load_weights(module: Any, path: Path) -> None:
    """Put the weights of a file into a module, which are read once.

    A state dict by itself or in a checkpoint (`.ckpt`, `.pt`, ...), or `.safetensors`; names may
    have the prefixes of Lightning, DataParallel and torch.compile.

    Raises
    ------
    InputError
        No such file, or weights that do not fit; says which.
    TrustError
        A checkpoint with objects of Python, which run code when they are read.
    """
    if not path.exists():
        raise InputError("weights", "no such file", "a state dict", str(path))
    try:
        state = _named_as(_state(path), set(module.state_dict()))
        module.load_state_dict({**state, **_shared(module, state)})
    except SeamError:
        raise
    except Exception as error:  # PyTorch's reader raises all there is, struct.error too
        said = " ".join(str(error).split())  # what is missing follows on the lines after the first
        said = said if len(said) < SAID else said[:SAID] + " ..."
        raise InputError("weights", said, "a state dict that fits the module", str(path)) from error


def read_state(path: Path) -> dict[str, Any] | None:
    """The state of a checkpoint that holds numbers only; None where it holds other objects.

    Its tensors are mapped from the file, and read where they are used.
    """
    mapped = is_zip(path)  # older files cannot be
    torch = import_torch()
    try:
        with numbers_only():
            return state_in(torch.load(path, map_location="cpu", weights_only=True, mmap=mapped))
    except Exception:
        return None


def shapes_of(path: Path) -> dict[str, tuple[int, ...]]:
    """Shapes of the weights in a file by name, without reading the weights themselves.

    Nothing of a file that holds other objects.
    """
    if path.suffix.lower() == ".safetensors":
        return _shapes_of_safetensors(path)
    state = read_state(path) or {}
    return {n: tuple(each.shape) for n, each in state.items() if hasattr(each, "shape")}


def _shapes_of_safetensors(path: Path) -> dict[str, tuple[int, ...]]:
    """From the header: eight bytes of its size, then JSON."""
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if not 2 <= size <= min(LARGEST_HEADER, path.stat().st_size):
            return {}
        try:
            header = json.loads(file.read(size).decode("utf-8", "replace"))
            return {n: tuple(each["shape"]) for n, each in header.items() if n != "__metadata__"}
        except (ValueError, RecursionError, AttributeError, KeyError, TypeError):
            return {}


def is_state(content: Any) -> bool:
    """Is it a dict of tensors by name?"""
    torch = import_torch()
    return (
        isinstance(content, dict)
        and bool(content)
        and all(isinstance(name, str) for name in content)
        and any(isinstance(value, torch.Tensor) for value in content.values())
    )


def state_in(content: Any) -> dict[str, Any] | None:
    """The state dict that a checkpoint is or holds."""
    if isinstance(content, dict):
        for key in KEYS:
            if is_state(content.get(key)):
                return content[key]
    return content if is_state(content) else None


def _state(path: Path) -> dict[str, Any]:
    if path.suffix.lower() == ".safetensors":
        return _safe(path)
    torch = import_torch()
    try:
        with warnings.catch_warnings(), numbers_only():
            warnings.simplefilter("ignore")  # of the protocol of a pickle
            content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        what = "a pickled object beside the weights"
        require_to_unpickle(path, what, "weights", "a state dict")
        try:
            content = torch.load(path, map_location="cpu", weights_only=False)
        except Exception as error:
            raise InputError("weights", said_by(error), "a state dict", str(path)) from error
    if isinstance(content, torch.nn.Module):
        content = content.state_dict()
    state = state_in(content)
    if state is None:
        listed = ", ".join(map(str, list(content)[:8])) if isinstance(content, dict) else ""
        got = f"a {type(content).__name__}" + (f" of {listed}" if listed else "")
        raise InputError("weights", got, f"a state dict, or one under {', '.join(KEYS)}", str(path))
    return state


def _safe(path: Path) -> dict[str, Any]:
    try:
        from safetensors.torch import load_file
    except ImportError as error:
        raise MissingPackageError(
            f"reading .safetensors needs safetensors: {install_command('safetensors')}"
        ) from error
    try:
        return load_file(path)
    except Exception as error:  # SafetensorError is an Exception of its own
        raise InputError("weights", said_by(error), "a .safetensors file", str(path)) from error


def _named_as(state: dict[str, Any], wanted: set[str]) -> dict[str, Any]:
    """The state with names that the module has, wrappers' prefixes and other parts left out."""
    named = state
    while not wanted & set(named):
        inner = next((p for p in PREFIXES if any(name.startswith(p) for name in named)), None)
        if inner is None:
            return state
        named = {n[len(inner) :]: value for n, value in named.items() if n.startswith(inner)}
    return named


def _shared(module: Any, state: dict[str, Any]) -> dict[str, Any]:
    """What `.safetensors` leaves out: weights of which the file has the same under another name."""
    own = module.state_dict()
    given = {_place(value): name for name, value in own.items() if name in state}
    others = ((name, given.get(_place(value))) for name, value in own.items() if name not in state)
    return {name: state[other] for name, other in others if other is not None}


def _place(tensor: Any) -> tuple[Any, ...]:
    """Where it lies; of an empty one nowhere that another may lie."""
    return (tensor.data_ptr() or id(tensor), tuple(tensor.shape))
