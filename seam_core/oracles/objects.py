"""Objects of Python modules and files, by name."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

from seam_core.trust import OBJECT, split_models
from seam_core.validate import FOREIGN, InputError, first_line, said_by


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
    except FOREIGN as error:
        raise InputError(
            field,
            f"{type(error).__name__}: {first_line(error)}",
            "a module that can be imported",
            name,
        ) from error
    part_of = module
    for part in match["name"].split("."):
        if not hasattr(part_of, part):
            raise InputError(field, f"no {part!r}", "an object of the module", name)
        part_of = getattr(part_of, part)
    return part_of


def imported_objects(names: str, base: Path | None = None) -> dict[str, Any]:
    """Classes and functions, by name, that modules or files `a; b.py` define; runs their code."""
    objects: dict[str, Any] = {}
    for name in split_models(names):
        try:
            module = _imported(name, Path(base or "."))
        except FOREIGN as error:
            raise InputError(
                "import", said_by(error), "a module that can be imported", name
            ) from error
        for key, value in vars(module).items():
            if callable(value) and getattr(value, "__module__", "") == module.__name__:
                objects[key] = value
    return objects


def _imported(module: str, base: Path) -> Any:
    if not module.endswith(".py"):
        _search_in(base)
        return importlib.import_module(module)
    path = base / module
    if not path.is_file():  # nor a pipe, which has no end
        raise FileNotFoundError(path)
    _search_in(path.parent)
    # A name of its own: "model.py" must not be taken for an installed package "model".
    spec = importlib.util.spec_from_file_location(f"seam_object_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = loaded
    spec.loader.exec_module(loaded)
    return loaded


def _search_in(folder: Path) -> None:
    """Let modules of `folder` be imported, now and when its functions run; the last to be found."""
    name = str(folder.resolve())
    if name not in sys.path:
        sys.path.append(name)
