"""PyTorch modules from files: TorchScript, exported programs, classes with a state dict."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path
from typing import Any

from seam_core.frameworks.torch.oracle import TorchOracle
from seam_core.frameworks.torch.runtime import CALL_ERRORS, import_torch
from seam_core.oracles.adapters import load_adapter
from seam_core.parameters import OracleParameters
from seam_core.sequences import check_alphabet
from seam_core.validate import InputError, first_line

# What PyTorch raises for files that are not what they should be.
READ_ERRORS = (OSError, RuntimeError, ValueError, KeyError, TypeError, AttributeError, EOFError)
# Characters of what PyTorch says about weights that do not fit: it may list every layer.
SAID = 300
FORMATS = (
    "a TorchScript .pt, an exported program .pt2, or module:class with a state dict as weights"
)


def load_torch_oracle(
    parameters: OracleParameters,
    *,
    base: Path | None = None,
    device: str = "auto",
    module: Any = None,
) -> TorchOracle:
    """The oracle that `parameters` describe; relative paths start at `base`.

    Parameters
    ----------
    module : the object that `parameters.model` names: a module, or a class or function that makes
        one; None: `parameters.model` is a file

    Raises
    ------
    InputError
        No such file; a file with a pickled module, which would run code of its own; weights that
        do not fit; an input or head that does not exist.
    """
    folder = Path(base or ".")
    if module is None:
        module = read_module(folder / parameters.model)
    elif parameters.weights or not _is_module(module):
        module = _made(module, parameters.model)
    if parameters.weights:
        _load_weights(module, folder / parameters.weights)
    return TorchOracle(
        module,
        head=parameters.head,
        column=parameters.column,
        reduction=parameters.reduction,
        adapter=load_adapter(parameters, base),
        n_letters=len(check_alphabet(parameters.alphabet)),
        device=device,
        source=parameters.model,
    )


def read_module(path: Path) -> Any:
    """The module of a TorchScript or exported program file; nothing in it is unpickled."""
    torch = import_torch()
    if not path.exists():
        raise InputError("model", "no such file", FORMATS, str(path))
    if _is_pickled(path):
        raise InputError(
            "model",
            "a file of torch.save: a pickled module, which would run code of its own, or weights "
            "without their module",
            FORMATS,
            str(path),
        )
    try:
        with warnings.catch_warnings():
            # TorchScript is deprecated, not gone: it is what people have.
            warnings.simplefilter("ignore", DeprecationWarning)
            if path.suffix.lower() == ".pt2":
                return torch.export.load(path).module()
            return torch.jit.load(path, map_location="cpu")
    except READ_ERRORS as error:
        raise InputError(
            "model", f"a file that is none of these ({first_line(error)})", FORMATS, str(path)
        ) from error


def _is_pickled(path: Path) -> bool:
    """Was it written by torch.save? TorchScript and exported programs have other files too."""
    if not zipfile.is_zipfile(path):
        return path.read_bytes()[:1] == b"\x80"  # before PyTorch 1.6
    with zipfile.ZipFile(path) as archive:
        names = {name.rsplit("/", 1)[-1] for name in archive.namelist()}
    return "data.pkl" in names and "constants.pkl" not in names


def _is_module(found: Any) -> bool:
    return isinstance(found, import_torch().nn.Module)


def _made(found: Any, source: str) -> Any:
    """A module from the class or function that makes it."""
    if not _is_module(found):
        try:
            found = found()
        except CALL_ERRORS as error:
            raise InputError(
                "model",
                f"{type(error).__name__}: {first_line(error)}",
                "a class or function that makes a torch module without arguments",
                source,
            ) from error
    if not _is_module(found):
        raise InputError("model", f"a {type(found).__name__}", "a torch module", source)
    return found


def _load_weights(module: Any, path: Path) -> None:
    import pickle

    torch = import_torch()
    if not path.exists():
        raise InputError("weights", "no such file", "a state dict", str(path))
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        module.load_state_dict(state.get("state_dict", state))
    except pickle.UnpicklingError as error:
        raise InputError(
            "weights",
            "a pickled object, which would run code of its own",
            "a state dict: torch.save(model.state_dict(), file)",
            str(path),
        ) from error
    except READ_ERRORS as error:
        said = " ".join(str(error).split())  # what is missing follows on the lines after the first
        said = said if len(said) < SAID else said[:SAID] + " ..."
        raise InputError("weights", said, "a state dict that fits the module", str(path)) from error
