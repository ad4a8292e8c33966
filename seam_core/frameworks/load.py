"""From parameters to an oracle; a framework is imported only when a model of it is loaded."""

from __future__ import annotations

import glob
import inspect
import re
from pathlib import Path
from typing import Any

from seam_core import trust
from seam_core.frameworks.framework import Framework
from seam_core.oracles.ensemble import Ensemble
from seam_core.oracles.objects import load_object
from seam_core.oracles.protocol import Oracle, note_framework
from seam_core.oracles.strands import BothStrands
from seam_core.parameters import OracleParameters
from seam_core.readers.door import check_model, reading
from seam_core.registry import FRAMEWORKS
from seam_core.trust import OBJECT
from seam_core.validate import FOREIGN, InputError, first_line

# What answers where no framework knows the object or file.
ANY_OBJECT, ANY_FILE = "function", "keras"
_FILE = "a model file"


def load_oracle(
    parameters: OracleParameters,
    *,
    base: Path | None = None,
    device: str = "auto",
    trusted: bool = False,
) -> Oracle:
    """The oracle that `parameters` describe; of several models their mean.

    Parameters
    ----------
    base : folder that relative paths start at; also searched for modules
    device : "auto", "cpu" or "gpu", for Keras, PyTorch and JAX
    trusted : open files that run code when they are opened, see `seam_core.trust`

    Raises
    ------
    TrustError
        A file that runs code, which the user was not asked about.
    InputError
        No such model, a file of another kind, a head or column that does not exist, a profile
        head without a reduction, an alphabet that does not fit the model's input.
    MissingPackageError
        The framework is not installed.
    """
    if not parameters.model:
        raise InputError("model", "nothing", "a model file, module:function or a table")
    folds = named_folds(parameters, base)
    members = [_load_one(fold, base, device, trusted) for fold in folds.values()]
    oracle = members[0] if len(members) == 1 else Ensemble(members, list(folds))
    if parameters.strands == "both" and parameters.bins:
        expected = "no bins: those of the other strand lie elsewhere; or --strands given"
        raise InputError("strands", f"both, with the bins {parameters.bins}", expected)
    return BothStrands(oracle, parameters.alphabet) if parameters.strands == "both" else oracle


def named_folds(
    parameters: OracleParameters, base: Path | None = None
) -> dict[str, OracleParameters]:
    """Name -> parameters of each model that is named: of one model with several weights, too."""
    models = models_of(parameters.model, base)
    weights = models_of(parameters.weights, base, "weights") if parameters.weights else [""]
    if len(weights) > 1 and len(models) > 1:
        got = f"{len(weights)} files, for {len(models)} models"
        raise InputError("weights", got, "one file, or several for one model")
    if len(weights) > 1 and OBJECT.match(models[0]):
        made = load_object(models[0], base, field="model")
        if not (isinstance(made, type) or inspect.isroutine(made)):
            got = f"{models[0]}, which is made already, for {len(weights)} files of weights"
            raise InputError("model", got, "its class, or a function that makes it")
    folds = [parameters.replace(model=m, weights=w) for m in models for w in weights]
    names = names_of_folds(models if len(models) > 1 else weights)
    return dict(zip(names, folds, strict=True))


def models_of(text: str, base: Path | None = None, field: str = "model") -> list[str]:
    """The files that are named: one, several separated by ";", those of a pattern in order."""
    names: list[str] = []
    for part in trust.split_models(text):
        path = Path(base or ".") / part
        if path.exists() or not any(sign in part for sign in "*?[") or OBJECT.match(part):
            names.append(part)
            continue
        matches = sorted(glob.glob(str(path)))
        if not matches:
            raise InputError(field, part, "a pattern of files that exist", str(path))
        names.extend(str(Path(match).relative_to(base)) if base else match for match in matches)
    return names


def names_of_folds(models: list[str]) -> list[str]:
    """What tells models apart: of "a/fold_0/m.h5" and "a/fold_1/m.h5" the names "fold_0", "fold_1".

    The parts of their paths that all begin or end with are left out, and a suffix that all have.
    One that is named twice has its number behind it.
    """
    paths = [re.split(r"[/\\:]", model) for model in models]
    start = _alike(paths)
    stop = _alike([path[start:][::-1] for path in paths])
    names = ["/".join(path[start : len(path) - stop]) for path in paths]
    suffixes = {Path(name).suffix for name in names}
    if len(suffixes) == 1:
        names = [name.removesuffix(*suffixes) for name in names]
    return [
        name if names.count(name) == 1 else f"{name} ({names[: k + 1].count(name)})"
        for k, name in enumerate(names)
    ]


def _alike(paths: list[list[str]]) -> int:
    """Parts that all begin with; of each one is left."""
    most = min(map(len, paths)) - 1
    return next((k for k in range(most) if len({path[k] for path in paths}) > 1), most)


def _load_one(
    parameters: OracleParameters, base: Path | None, device: str, trusted: bool
) -> Oracle:
    path = Path(base or ".") / parameters.model
    if trusted and path.exists():
        trust.approve(trust.subject_of_file(path), remember=False)
    if trusted and parameters.weights and (Path(base or ".") / parameters.weights).exists():
        weights = Path(base or ".") / parameters.weights
        trust.approve(trust.subject_of_file(weights), remember=False)
    if parameters.weights:
        check_model(Path(base or ".") / parameters.weights, "weights", "weights of a model")
    if OBJECT.match(parameters.model) and not path.exists():
        framework, model = _of_object(parameters, base)
        oracle = framework.load(parameters, base=base, device=device, model=model)
    else:
        check_model(path, "model", _FILE)
        with reading(path, "model", _FILE):
            framework = _of_file(parameters, path)
            oracle = framework.load(parameters, base=base, device=device, model=None)
    note_framework(oracle, framework.name)
    return oracle


def framework_of(model: Any) -> Framework:
    """The framework whose model a Python object is, or a class of such; else plain Python."""
    for framework in FRAMEWORKS:
        if framework.owns(model):
            return framework
    return FRAMEWORKS.get(ANY_OBJECT)


def framework_by_suffix(path: Path) -> Framework | None:
    """The framework whose files are named like this one, packed (.gz) or not."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    suffix = suffixes[-1] if suffixes else ""
    return next((each for each in FRAMEWORKS if suffix in each.suffixes), None)


def _of_object(parameters: OracleParameters, base: Path | None) -> tuple[Framework, Any]:
    if parameters.framework == "table":
        raise InputError("model", repr(parameters.model), "a file, for a table")
    model = load_object(parameters.model, base, field="model")
    if parameters.framework != "auto":
        return FRAMEWORKS.get(parameters.framework), model
    if framework_of(model).name in (ANY_OBJECT, "jax") and _takes_nothing(model):
        model = _made_by(model, parameters.model)
    return framework_of(model), model


def _of_file(parameters: OracleParameters, path: Path) -> Framework:
    if parameters.framework == ANY_OBJECT:
        raise InputError("model", repr(parameters.model), "module:function")
    if parameters.framework != "auto":
        return FRAMEWORKS.get(parameters.framework)
    named = framework_by_suffix(path)
    if named is not None:
        return named
    for framework in FRAMEWORKS:
        if path.exists() and framework.recognises(path):
            return framework
    return FRAMEWORKS.get(ANY_FILE)


def _takes_nothing(maker: Any) -> bool:
    """Does it make a model, rather than predict? What predicts is given sequences."""
    try:
        parameters = inspect.signature(maker).parameters.values()
    except (TypeError, ValueError):  # a callable without a signature, or nothing to call
        return False
    return all(p.default is not p.empty or p.kind is p.VAR_KEYWORD for p in parameters)


def _made_by(function: Any, name: str) -> Any:
    try:
        return function()
    except FOREIGN as error:
        raise InputError(
            "model",
            f"{type(error).__name__}: {first_line(error)}",
            "a function of sequences, or one without arguments that makes a model",
            name,
        ) from error
