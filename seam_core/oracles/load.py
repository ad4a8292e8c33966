"""From parameters to an oracle; the framework is imported only when a model of it is loaded."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
import sys
from pathlib import Path
from typing import Any

from seam_core.oracles.protocol import Oracle, framework_of
from seam_core.parameters import OracleParameters
from seam_core.sequences import check_alphabet
from seam_core.validate import InputError, first_line

TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".pq", ".parquet")
TORCH_SUFFIXES = (".pt", ".pth", ".pt2", ".ts")
# module:name or path/to/file.py:name; a drive letter before a path is not one
OBJECT = re.compile(r"^(?P<module>.{2,}|\w):(?P<name>[A-Za-z_][\w.]*)$")


def load_oracle(
    parameters: OracleParameters, *, base: Path | None = None, device: str = "auto"
) -> Oracle:
    """The oracle that `parameters` describe.

    Parameters
    ----------
    base : folder that relative paths start at; also searched for modules
    device : "auto", "cpu" or "gpu", for Keras and PyTorch

    Raises
    ------
    InputError
        No such model, a file of another kind, a head or column that does not exist, a profile
        head without a reduction, an alphabet that does not fit the model's input.
    MissingPackageError
        The framework is not installed.
    """
    check_alphabet(parameters.alphabet)
    if not parameters.model:
        raise InputError("model", "nothing", "a model file, module:function or a table")
    framework, model = _told_apart(parameters, base)
    if framework == "keras":
        from seam_core.oracles.keras import load_keras_oracle

        return load_keras_oracle(parameters, base=base, device=device, model=model)
    if framework == "torch":
        from seam_core.oracles.torch_files import load_torch_oracle

        return load_torch_oracle(parameters, base=base, device=device, module=model)
    if framework == "table":
        from seam_core.oracles.table import load_table_oracle

        return load_table_oracle(parameters, base=base)
    from seam_core.oracles.function import FunctionOracle

    return FunctionOracle.from_parameters(model, parameters)


def _told_apart(parameters: OracleParameters, base: Path | None) -> tuple[str, Any]:
    """The framework, and the Python object where the model is named as one."""
    framework = parameters.framework
    path = Path(base or ".") / parameters.model
    if OBJECT.match(parameters.model) and not path.exists():
        if framework == "table":
            raise InputError("model", repr(parameters.model), "a file, for a table")
        found = load_object(parameters.model, base, field="model")
        if framework != "auto":
            return framework, found
        if framework_of(found) == "function" and _takes_nothing(found):
            found = _made_by(found, parameters.model)
        return framework_of(found), found
    if framework == "function":
        raise InputError("model", repr(parameters.model), "module:function")
    if framework != "auto":
        return framework, None
    suffixes = [suffix.lower() for suffix in path.suffixes]
    suffix = suffixes[-1] if suffixes else ""
    if suffix == ".gz" and len(suffixes) > 1:
        suffix = suffixes[-2]
    if suffix in TABLE_SUFFIXES:
        return "table", None
    return ("torch" if suffix in TORCH_SUFFIXES else "keras"), None


def _takes_nothing(found: Any) -> bool:
    """Does it make a model, rather than predict? What predicts is given sequences."""
    try:
        parameters = inspect.signature(found).parameters.values()
    except (TypeError, ValueError):  # a callable without a signature, or nothing to call
        return False
    return all(p.default is not p.empty or p.kind is p.VAR_KEYWORD for p in parameters)


def _made_by(function: Any, name: str) -> Any:
    try:
        return function()
    except Exception as error:
        raise InputError(
            "model",
            f"{type(error).__name__}: {first_line(error)}",
            "a function of sequences, or one without arguments that makes a model",
            name,
        ) from error


def load_object(name: str, base: Path | None = None, *, field: str) -> Any:
    """The object called `module:name` or `folder/file.py:name`.

    Runs the module's code, as any import does. Raises `InputError` naming `field` when it cannot
    be imported or has no such object.
    """
    match = OBJECT.match(name)
    if match is None:
        raise InputError(field, repr(name), "module:name")
    try:
        module = _imported(match["module"], Path(base or "."))
    except Exception as error:
        raise InputError(
            field,
            f"{type(error).__name__}: {first_line(error)}",
            "a module that can be imported",
            name,
        ) from error
    found = module
    for part in match["name"].split("."):
        if not hasattr(found, part):
            raise InputError(field, f"no {part!r}", "an object of the module", name)
        found = getattr(found, part)
    return found


def _imported(module: str, base: Path) -> Any:
    if not module.endswith(".py"):
        _search_in(base)
        return importlib.import_module(module)
    path = base / module
    if not path.exists():
        raise FileNotFoundError(path)
    _search_in(path.parent)
    # A name of its own: "model.py" must not be taken for an installed package "model".
    spec = importlib.util.spec_from_file_location(f"seam_object_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


def _search_in(folder: Path) -> None:
    """Let modules of `folder` be imported, now and when its functions run; the last to be found."""
    name = str(folder.resolve())
    if name not in sys.path:
        sys.path.append(name)
