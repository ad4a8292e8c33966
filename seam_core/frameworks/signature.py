"""What the file of a model says about it, read without running any of it."""

from __future__ import annotations

import pickletools
import zipfile
from glob import glob
from pathlib import Path
from typing import Any

from seam_core.families import ASK_FOR, Family, Signature, recognised
from seam_core.frameworks.keras.files import h5_shapes, layers_in, read_config
from seam_core.frameworks.torch.files import kind_of
from seam_core.frameworks.torch.weights import shapes_of
from seam_core.oracles.members import innermost
from seam_core.oracles.protocol import Oracle
from seam_core.parameters import OracleParameters
from seam_core.readers.door import check_model
from seam_core.readers.kinds import is_zip
from seam_core.trust import split_models
from seam_core.validate import InputError

# Bytes of a pickle that is looked through.
LARGEST_PICKLE = 20_000_000
KERAS_FILES = (".keras", ".h5", ".hdf5", ".json")


def signature_of(parameters: OracleParameters, base: Path | None = None) -> Signature:
    """The signature of the model that is named; an empty one for what cannot be told.

    Reads names and shapes in files only; see `family_of` for what is opened.
    """
    first = next(iter(split_models(parameters.model)), "")
    folder = Path(base or ".")
    try:
        path = _first_file(folder, first)
        if path is None:
            named = next(iter(split_models(parameters.weights)), "")
            return _of_name(first, _first_file(folder, named) if named else None)
        return _of_file(path)
    except Exception:
        return Signature()  # what is wrong with the file is said when it is opened


def family_of(
    parameters: OracleParameters, base: Path | None = None, *, oracle: Oracle | None = None
) -> Family | None:
    """The family of the model that is named: by its file, else by the module that was opened."""
    family = recognised(signature_of(parameters, base))
    module = getattr(innermost(oracle)[0], "module", None) if oracle is not None else None
    if family is None and hasattr(module, "state_dict"):
        return recognised(_of_module(module))
    return family


def family_rows(family: Family | None, model: str = "") -> list[tuple[str, str]]:
    """A model's family and how it is asked, as (what, in words); of none what the file is."""
    if family is None:
        untold = _tells_no_family(Path(model)) if model else ""
        return [("family", f"{untold or 'none that is known'} (seam models lists them)")]
    rows = [("family", f"{family.label} (seam models {family.name})")]
    return rows + [
        (f"{ASK_FOR} {each.what}", each.options() or "no option") for each in family.questions
    ]


def _tells_no_family(path: Path) -> str:
    """Of files that hold a graph of operations, which no layer or weight names."""
    if path.suffix.lower() == ".onnx":
        return "not to be told from an ONNX file"
    return "not to be told from a SavedModel" if (path / "saved_model.pb").is_file() else ""


def _of_module(module: Any) -> Signature:
    """The signature of a PyTorch module in memory."""
    kinds = {type(each) for each in module.modules()}
    state = module.state_dict()
    return Signature(
        classes=frozenset(f"{kind.__module__}.{kind.__qualname__}" for kind in kinds),
        weights={n: tuple(each.shape) for n, each in state.items() if hasattr(each, "shape")},
    )


def _first_file(folder: Path, name: str) -> Path | None:
    path = folder / name
    if path.is_file() or path.is_dir():
        return path
    if any(sign in name for sign in "*?["):
        return next((Path(each) for each in sorted(glob(str(path)))), None)
    return None


def _of_name(name: str, weights: Path | None) -> Signature:
    """Of module:Class, with the weights that go into it."""
    shapes = shapes_of(weights) if weights is not None and weights.is_file() else {}
    classes = {name.replace(":", ".")} if ":" in name and ".py:" not in name else set()
    return Signature(classes=frozenset(classes), weights=shapes)


def _of_file(path: Path) -> Signature:
    check_model(path, "model", "a model file")
    if path.suffix.lower() in KERAS_FILES:
        return _of_keras(path)
    kind = kind_of(path)
    if kind in ("pickle", "weights", "script"):
        shapes = {} if kind == "script" else shapes_of(path)  # a script's are seen once opened
        return Signature(classes=_pickled_classes(path), weights=shapes)
    return Signature()


def _of_keras(path: Path) -> Signature:
    try:
        return _of_config(read_config(path))
    except InputError:
        if path.suffix.lower() not in (".h5", ".hdf5"):
            raise
        return Signature(weights=h5_shapes(path))  # weights alone


def _of_config(config: Any) -> Signature:
    classes, layers, inputs = set(), set(), []
    own = _named_in(config, "input_layers")
    for kind, item in layers_in(config):
        settings = item.get("config") or {}
        classes.add(kind)
        layers.add(str(settings.get("name", "")))
        shape = settings.get("batch_shape") or settings.get("batch_input_shape")
        # those of models within it are none of its inputs
        if isinstance(shape, list) and (not own or settings.get("name") in own):
            inputs.append(tuple(shape[1:]))
    return Signature(
        classes=frozenset(classes),
        layers=frozenset(layers),
        inputs=tuple(inputs),
        outputs=_named_in(config, "output_layers"),
    )


def _named_in(config: Any, ends: str) -> tuple[str, ...]:
    """Names of the layers that give a model's outputs, or its inputs, however deep they lie."""
    inner = config.get("config") if isinstance(config, dict) else None
    names: list[str] = []
    todo = [inner.get(ends)] if isinstance(inner, dict) else []
    while todo:
        item = todo.pop()
        if isinstance(item, dict):
            todo.extend(item.values())
        elif isinstance(item, list) and item and isinstance(item[0], str):
            names.append(item[0])
        elif isinstance(item, list):
            todo.extend(item)
    return tuple(names)


def _pickled_classes(path: Path) -> frozenset[str]:
    """`module.Class` of all that a pickle names, read as text and not run."""
    if not is_zip(path):
        return frozenset()
    with zipfile.ZipFile(path) as archive:
        inner = [name for name in archive.namelist() if name.endswith("data.pkl")]
        if not inner or archive.getinfo(inner[0]).file_size > LARGEST_PICKLE:
            return frozenset()
        pickled = archive.read(inner[0])
    classes: set[str] = set()
    strings: list[str] = []
    for operation, argument, _ in pickletools.genops(pickled):
        if operation.name == "GLOBAL":
            classes.add(str(argument).replace(" ", "."))
        elif operation.name == "STACK_GLOBAL" and len(strings) > 1:
            classes.add(".".join(strings[-2:]))
        elif isinstance(argument, str):
            strings = [*strings[-1:], argument]
    return frozenset(classes)
