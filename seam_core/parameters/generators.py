"""Generators of libraries in packages that are installed: found by reading, never by running."""

from __future__ import annotations

import ast
import functools
import importlib.util
from collections.abc import Iterator
from pathlib import Path

# Where packages of the field keep theirs.
MODULES = ("squid.mutagenizer",)


@functools.cache
def installed_generators(**values: float) -> tuple[str, ...]:
    """Classes that make sequences when called, as `parameters.generator` names them.

    Parameters
    ----------
    values : for arguments without a default; a class that needs others is not offered
    """
    return tuple(
        f"{module}:{name}({arguments})" if arguments else f"{module}:{name}"
        for module in MODULES
        for name, arguments in _generators_of(module, values)
    )


def _generators_of(module: str, values: dict[str, float]) -> Iterator[tuple[str, str]]:
    """(class, arguments) of each generator of a module; none where it is not installed."""
    path = _source_of(module)
    if path is None:
        return
    parsed = ast.parse(path.read_text(encoding="utf-8"))
    for generator in (node for node in parsed.body if isinstance(node, ast.ClassDef)):
        methods = {each.name: each for each in generator.body if isinstance(each, ast.FunctionDef)}
        call, needed = methods.get("__call__"), _needed(methods.get("__init__"))
        if call is not None and not _is_abstract(call) and set(needed) <= set(values):
            yield generator.name, ", ".join(f"{name}={values[name]}" for name in needed)


def _source_of(module: str) -> Path | None:
    """The file of a module, found without importing its package."""
    package, *inside = module.split(".")
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder).joinpath(*inside).with_suffix(".py")
        if path.is_file():
            return path
    return None


def _needed(function: ast.FunctionDef | None) -> list[str]:
    """Arguments without a default, but for self."""
    if function is None:
        return []
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    return names[1 : len(names) - len(function.args.defaults)]


def _is_abstract(function: ast.FunctionDef) -> bool:
    return isinstance(function.body[-1], ast.Raise)
