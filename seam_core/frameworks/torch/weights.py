"""Weights of PyTorch modules, as the field's programs save them."""

from __future__ import annotations

import argparse
import inspect
import json
import pickle
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from seam_core.frameworks.torch.pickles import kind_said, require_to_unpickle, unpickle
from seam_core.frameworks.torch.runtime import import_torch, numbers_only
from seam_core.product import install_command
from seam_core.readers.kinds import is_zip
from seam_core.validate import InputError, MissingPackageError, SeamError, said_by

# Where in a checkpoint the state is first looked for; else wherever there is one alone.
KEYS = ("state_dict", "model_state_dict", "model_state", "model", "net", "weights", "module")
# Of several parts of a state that fit a module, the first of these that is one.
PREFIXES = ("module.", "model.", "net.", "network.")
# Where a checkpoint has the arguments of its class: Lightning's, which it makes the class with,
# and others', which are taken where the class cannot be made without.
LIGHTNING = "hyper_parameters"
SETTINGS = ("hparams", "config", "model_config", "model_args", "model_kwargs", "init_args", "args")
# How the name of a list of several files of weights ends.
INDEX = ".index.json"
# Characters of what PyTorch says about weights that do not fit: it may list every layer.
SAID = 300
# Bytes of names and shapes that a .safetensors file may begin with.
LARGEST_HEADER = 20_000_000


def load_weights(module: Any, path: Path) -> None:
    """Put the weights of a file into a module, which are read once.

    A state dict by itself or in a checkpoint (`.ckpt`, `.pt`, ...), or `.safetensors`; names may
    have the prefixes of what the module was in (Lightning, DataParallel, torch.compile, ...).

    Raises
    ------
    InputError
        No such file, or weights that do not fit; says which.
    TrustError
        A checkpoint with objects of Python, which run code when they are read.
    """
    if not path.exists():
        raise InputError("weights", "no such file", "a state dict", str(path))
    if path.is_dir():
        raise InputError("weights", "a folder", weights_within(path), str(path))
    try:
        state = _named_as(_state(path), set(module.state_dict()), str(path))
        module.load_state_dict({**state, **_shared(module, state)})
    except SeamError:
        raise
    except Exception as error:  # PyTorch's reader raises all there is, struct.error too
        # What is missing follows on the lines after the first.
        said = kind_said(path) or " ".join(str(error).split()) or type(error).__name__
        said = said if len(said) < SAID else said[:SAID] + " ..."
        raise InputError("weights", said, "a state dict that fits the module", str(path)) from error


def read_state(path: Path) -> dict[str, Any] | None:
    """The state of a checkpoint that holds numbers only; None where it holds other objects.

    Its tensors are mapped from the file, and read where they are used.
    """
    try:
        return state_in(_numbers(path))
    except Exception:
        return None


def _numbers(path: Path, mapped: bool = True) -> Any:
    """What a checkpoint holds, without running code of it."""
    torch = import_torch()
    with warnings.catch_warnings(), numbers_only():
        warnings.simplefilter("ignore")  # of the protocol of a pickle; older files are not mapped
        mapped = mapped and is_zip(path)
        return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)


class Settings(dict[str, Any]):
    """Arguments that are also attributes, as Lightning gives them."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def arguments_for(maker: Callable[..., Any], path: Path) -> dict[str, Any]:
    """The arguments of a class, or of a function, as far as the checkpoint at `path` has them.

    What the class takes as one argument (`config`, `hparams`) is given all of them.
    """
    try:
        taken = inspect.signature(maker).parameters
        content = _numbers(path) if taken and path.suffix.lower() != ".safetensors" else {}
    except Exception:  # no signature; or a file of which the weights say what it is
        return {}
    rest = {p.name: p.kind for p in taken.values() if p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL)}
    takes_all = inspect.Parameter.VAR_KEYWORD in rest.values()
    needed = {n for n, p in taken.items() if p.default is p.empty} - set(rest)
    own = set(taken) - set(rest)
    held = content if isinstance(content, Mapping) else {}
    for key in (LIGHTNING, *(SETTINGS if needed else ())):
        found = vars(each) if isinstance(each := held.get(key), argparse.Namespace) else each
        if isinstance(found, Mapping) and found:
            named = {n: value for n, value in found.items() if takes_all or n in own}
            missing = needed - set(named)
            if not missing:
                return named
            if len(needed) == 1:
                return {**named, missing.pop(): Settings(found)}
    return {}


def weights_within(folder: Path) -> str:
    """What to say of a folder: its files of weights, as Hugging Face and others name them."""
    suffixes = (".safetensors", ".bin", ".pt", ".pth", ".ckpt")
    listed = sorted(folder.glob(f"*{INDEX}"))
    if listed:
        return f"its list of files of weights, {listed[0]}"
    found = sorted(each for each in folder.iterdir() if each.suffix.lower() in suffixes)
    if len(found) == 1:
        return f"its file of weights, {found[0]}"
    return f"one file with all weights in it, not {len(found)}" if found else "a state dict"


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
    """The state dict that a checkpoint is or holds: under one of `KEYS`, or the only one."""
    if isinstance(content, dict):
        held = {key: value for key, value in content.items() if is_state(value)}
        for key in (*KEYS, *(held if len(held) == 1 else ())):
            if key in held:
                return held[key]
    return content if is_state(content) else None


def _listed(path: Path) -> dict[str, Any]:
    """The state that lies in several files, as Hugging Face lists them by name of weight."""
    try:
        files = json.loads(path.read_text("utf-8"))["weight_map"].values()
        names = [Path(each).name for each in dict.fromkeys(files)]
    except (ValueError, RecursionError, LookupError, AttributeError, TypeError) as error:
        expected = f"a list of files of weights by name (weight_map), as {INDEX} files are"
        raise InputError("weights", said_by(error), expected, str(path)) from error
    state: dict[str, Any] = {}
    for each in (path.parent / name for name in names):
        if not each.is_file():
            raise InputError("weights", "no such file", f"all that {path.name} lists", str(each))
        state |= _state(each)
    return state


def _state(path: Path) -> dict[str, Any]:
    if path.name.endswith(INDEX):
        return _listed(path)
    if path.suffix.lower() == ".safetensors":
        return _safe(path)
    torch = import_torch()
    try:
        content = _numbers(path, mapped=False)
    except pickle.UnpicklingError:
        what = "a pickled object beside the weights"
        require_to_unpickle(path, what, "weights", "a state dict")
        try:
            content = unpickle(path)
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


def _named_as(state: dict[str, Any], wanted: set[str], source: str) -> dict[str, Any]:
    """The state with names that the module has, wrappers' prefixes and other parts left out."""
    found = {p: sum(p + name in state for name in wanted) for p in _prefixes(state, wanted)}
    most = max(found.values(), default=0)
    best = [prefix for prefix, number in found.items() if number == most]
    prefix = next((each for each in ("", *PREFIXES, *best) if each in best), "")
    if len(best) > 1 and prefix not in ("", *PREFIXES):
        got = f"weights of several such modules, under {' and '.join(best)}"
        raise InputError("weights", got, "the state dict of one", source)
    return {n[len(prefix) :]: value for n, value in state.items() if n.startswith(prefix)}


def _prefixes(state: dict[str, Any], wanted: set[str]) -> dict[str, None]:
    """What stands before names of the module in the state, in its order."""
    ends = [(name, each) for name in state for each in _ends(name) if each in wanted]
    return dict.fromkeys(name.removesuffix(each) for name, each in ends)


def _ends(name: str) -> list[str]:
    """ "a.b.c", "b.c", "c"."""
    parts = name.split(".")
    return [".".join(parts[k:]) for k in range(len(parts))]


def _shared(module: Any, state: dict[str, Any]) -> dict[str, Any]:
    """What `.safetensors` leaves out: weights of which the file has the same under another name."""
    own = module.state_dict()
    given = {_place(value): name for name, value in own.items() if name in state}
    others = ((name, given.get(_place(value))) for name, value in own.items() if name not in state)
    return {name: state[other] for name, other in others if other is not None}


def _place(tensor: Any) -> tuple[Any, ...]:
    """Where it lies; of an empty one nowhere that another may lie."""
    return (tensor.data_ptr() or id(tensor), tuple(tensor.shape))
