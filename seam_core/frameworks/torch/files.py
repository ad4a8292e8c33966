"""PyTorch modules from files: TorchScript, exported programs, classes with a state dict."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path
from typing import Any

from seam_core import trust
from seam_core.families import Signature, recognised
from seam_core.frameworks.network import input_of
from seam_core.frameworks.torch.oracle import TorchOracle
from seam_core.frameworks.torch.pickles import kind_said, require_to_unpickle, unpickle
from seam_core.frameworks.torch.runtime import import_torch, numbers_only
from seam_core.frameworks.torch.weights import (
    arguments_for,
    is_state,
    load_weights,
    read_state,
    shapes_of,
    weights_within,
)
from seam_core.oracles.explained import number_explained
from seam_core.oracles.objects import imported_objects
from seam_core.parameters import OracleParameters
from seam_core.product import pip_command
from seam_core.readers.kinds import is_zip
from seam_core.validate import (
    FOREIGN,
    InputError,
    MissingPackageError,
    SeamError,
    cause_of,
    said_by,
)

FORMATS = (
    "a TorchScript .pt, an exported program .pt2, or module:class with a state dict as weights"
)
PICKLES = (b"\x80",)  # before PyTorch 1.6


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
        No such file; weights that do not fit; an input or head that does not exist.
    TrustError
        A file that runs code of its own when it is opened.
    """
    folder = Path(base or ".")
    length = batch = None
    if module is None and not parameters.weights:
        module = built_for(folder / parameters.model)
    if module is None:
        own = imported_objects(parameters.imports, base)
        module, sizes = read_module(folder / parameters.model, own)
        if sizes is not None and len(sizes) > 0:
            batch = sizes[0]
    elif parameters.weights or not _is_module(module):
        weights = folder / parameters.weights if parameters.weights else None
        module = _made(module, parameters.model, weights)
    if parameters.weights:
        load_weights(module, folder / parameters.weights)
    return TorchOracle(
        module,
        **number_explained(parameters),
        **input_of(parameters, base),
        length=length,
        fixed_batch=batch,
        device=device,
        source=parameters.model,
    )


def built_for(path: Path) -> Any:
    """The module that a file of weights alone belongs to, where its family is known; else None."""
    shapes = shapes_of(path) if path.exists() and kind_of(path) in ("pickle", "weights") else {}
    family = recognised(Signature(weights=shapes)) if shapes else None
    if family is None or family.build is None:
        return None
    try:
        with numbers_only():
            module = family.build(path, shapes)
    except ImportError as error:
        raise MissingPackageError(
            f"{path}: weights of {family.label}, whose class comes with {error.name}: "
            f"{pip_command(family.packages)}"
        ) from error
    except Exception as error:
        expected = f"weights that fit a {family.label}; or --model networks.py:MyNet --weights FILE"
        raise InputError("model", said_by(error), expected, str(path)) from error
    load_weights(module, path)
    return module


def read_module(path: Path, own: dict[str, Any]) -> tuple[Any, tuple[int | None, ...] | None]:
    """The module of a file, and the sizes of its first input where they are fixed.

    Told by what is in the file, whatever it is called. Opened without running code of the file
    where that is possible; else `TrustError` until the user agreed.

    own : classes by name, for those of a pickle that are not where it says
    """
    if not path.exists():
        raise InputError("model", "no such file", FORMATS, str(path))
    kind = kind_of(path)
    if kind == "pickle":
        return _unpickled(path, own), None
    if kind == "weights":
        raise _without_module(path)
    if kind == "folder":
        raise InputError("model", "a folder", weights_within(path), str(path))
    try:
        with warnings.catch_warnings():
            # TorchScript is deprecated, not gone: it is what people have.
            warnings.simplefilter("ignore", DeprecationWarning)
            if kind == "exported":
                trust.require_for_file(path, "an exported program")
                return _exported(path)
            return import_torch().jit.load(path, map_location="cpu"), None
    except SeamError:
        raise
    except Exception as error:
        got = kind_said(path) or f"a file that is none of these ({cause_of(error)})"
        raise InputError("model", got, FORMATS, str(path)) from error


def kind_of(path: Path) -> str:
    """ "script", "exported", "pickle", "weights" (of safetensors), "folder" (with weights in it)
    or "" for another file."""
    if path.is_dir():
        within = (*path.glob("*.safetensors"), *path.glob("pytorch_model*.bin"))
        return "folder" if within else ""
    if path.suffix.lower() == ".safetensors":
        return "weights"
    if not is_zip(path):
        with open(path, "rb") as file:
            return "pickle" if file.read(1) in PICKLES else ""
    with zipfile.ZipFile(path) as archive:
        paths = archive.namelist()
    names = {name.rsplit("/", 1)[-1] for name in paths}
    if "constants.pkl" in names:
        return "script"
    exported = {"serialized_exported_program.json", "archive_format"}
    if names & exported or (path.suffix.lower() == ".pt2" and "data.pkl" not in names):
        return "exported"
    return "pickle" if "data.pkl" in names else ""


def _exported(path: Path) -> tuple[Any, tuple[int | None, ...] | None]:
    program = import_torch().export.load(path)
    inputs = set(program.graph_signature.user_inputs)
    for node in program.graph.nodes:
        if node.op == "placeholder" and node.name in inputs:
            sizes = node.meta["val"].shape
            return program.module(), tuple(n if isinstance(n, int) else None for n in sizes)
    return program.module(), None


def _unpickled(path: Path, own: dict[str, Any]) -> Any:
    """A whole module that was pickled; of mere weights a message that says what they lack.

    own : classes by name, for those that cannot be imported from where they were
    """
    state = read_state(path)
    if state is not None:
        raise _without_module(path)
    require_to_unpickle(path, "a pickled module", "model", FORMATS)
    try:
        content = unpickle(path, own)
    except SeamError:
        raise
    except Exception as error:
        raise InputError("model", said_by(error), FORMATS, str(path)) from error
    if _is_module(content):
        return content
    if is_state(content):
        raise _without_module(path)
    if isinstance(content, dict):
        for value in content.values():
            if _is_module(value):
                return value
    raise InputError("model", f"a pickled {type(content).__name__}", FORMATS, str(path))


def _without_module(path: Path) -> InputError:
    return InputError(
        "model",
        "weights without their module",
        f"the class too: --model networks.py:MyNet --weights {path.name}; or a TorchScript file",
        str(path),
    )


def _is_module(content: Any) -> bool:
    return isinstance(content, import_torch().nn.Module)


def _made(maker: Any, source: str, weights: Path | None) -> Any:
    """A module from the class or function that makes it, with arguments of its checkpoint."""
    if not _is_module(maker):
        try:
            maker = maker(**(arguments_for(maker, weights) if weights else {}))
        except FOREIGN as error:
            expected = (
                "a class or function that makes a torch module without arguments, or with those "
                "that its checkpoint has (hyper_parameters, config)"
            )
            raise InputError("model", said_by(error), expected, source) from error
    if not _is_module(maker):
        raise InputError("model", f"a {type(maker).__name__}", "a torch module", source)
    return maker
