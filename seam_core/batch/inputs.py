"""What a result was made from: the content of every file that can change it, and the software."""

from __future__ import annotations

import ast
import functools
import glob
import hashlib
import importlib.util
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import seam_core
from seam_core.disk import names_file
from seam_core.oracles.objects import OBJECT
from seam_core.parameters.base import describe
from seam_core.pipeline import RunConfig
from seam_core.provenance import package_versions
from seam_core.stages import PARTS
from seam_core.store.files import sha256_of


def input_sums(config: RunConfig) -> dict[str, str]:
    """Parameter -> SHA-256 of what it names: a file, a folder, the files of a pattern, or code.

    Code is the module's file and what it imports from beside it. What is neither stands for itself.
    """
    sums = {}
    for part, kind in PARTS.items():
        own = getattr(config, part)
        for declared in describe(kind):
            value = getattr(own, declared.name)
            texts = value if isinstance(value, (list, tuple)) else [value]
            named = declared.name == "model" or declared.kind == "path"
            if named or any(_file_in(text) for text in texts):
                digests = [_sum_of(str(text)) for text in texts if text]
                if digests:
                    sums[f"{part}.{declared.name}"] = "+".join(digests)
    model = Path(config.oracle.model)
    if model.suffix == ".json" and not config.oracle.weights:
        weights = model.with_suffix(".h5")
        if weights.is_file():
            sums["oracle.weights"] = sha256_of(weights)
    return sums


def with_absolute_paths(config: RunConfig) -> RunConfig:
    """The same settings for a process that works in another folder: paths and code by their place.

    `NAME=FILE:KEY`, `FILE.py:OBJECT` and several of them, separated by ; or commas, included.
    """
    changed = {}
    for part, kind in PARTS.items():
        own = getattr(config, part)
        values = {}
        for declared in describe(kind):
            value = getattr(own, declared.name)
            if isinstance(value, str) and (declared.kind in _FILES or declared.name in _CODE):
                values[declared.name] = _absolute(value)
        changed[part] = own.replace(**values)
    return replace(config, **changed)


# kinds of parameters that may name a file, and those that name code
_FILES, _CODE = ("path", "sequence"), ("imports", "generator")


def _absolute(text: str) -> str:
    if text and os.path.exists(text):  # False, not an error, for what is too long to be a path
        return str(Path(text).resolve())
    pieces = re.split("([;,])", text)
    return "".join(_absolute_piece(piece) for piece in pieces)


def _absolute_piece(piece: str) -> str:
    for candidate in _candidates(piece):
        if candidate and names_file(candidate):
            return piece.replace(candidate, str(Path(candidate).resolve()), 1)
    folder, _, pattern = piece.strip().rpartition("/")
    if any(sign in piece for sign in "*?[") and glob.glob(piece.strip()):
        return str(Path(folder or ".").resolve() / pattern)
    return piece


@functools.cache
def software() -> dict[str, str]:
    """What computes here: versions of the packages, and the SHA-256 of the product's own code."""
    folder = Path(seam_core.__file__).parent
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        digest.update(str(file.relative_to(folder)).encode())
        digest.update(file.read_bytes())
    return {**package_versions(), "code": digest.hexdigest()}


def difference(wanted: dict[str, str], here: dict[str, str]) -> str:
    """What differs between two `software`, in words; "" where nothing does."""
    names = [name for name in {**wanted, **here} if wanted.get(name) != here.get(name)]
    said = (
        "the code of the product"
        if name == "code"
        else f"{name} {here.get(name, 'absent')} instead of {wanted.get(name, 'none')}"
        for name in names
    )
    return ", ".join(said)


def _file_in(value: object) -> bool:
    """Is the value a text with a file in it, as NAME=FILE.npz:KEY or FILE[:KEY]?"""
    return isinstance(value, str) and any(names_file(text) for text in _candidates(value))


def _candidates(text: str) -> Iterator[str]:
    for part in text.replace(";", ",").split(","):
        _, _, value = part.rpartition("=")
        yield value.strip()
        yield value.rpartition(":")[0].strip()


def _sum_of(text: str) -> str:
    path = Path(text)
    if path.exists():
        return sha256_of(path)
    match = OBJECT.match(text)
    files = _code_of(match["module"]) if match else []
    files = files or [Path(name) for name in sorted(glob.glob(text))]
    files = files or [Path(part) for part in _candidates(text) if part and names_file(part)]
    digest = hashlib.sha256(text.encode() if match is None else match["name"].encode())
    for file in files:
        digest.update(sha256_of(file).encode())
    return digest.hexdigest()


def _code_of(module: str) -> list[Path]:
    """The file of a module, and those that it imports from beside it, themselves and in turn."""
    file = _file_of(module)
    if file is None:
        return []
    sources: list[Path] = [file]
    for current in sources:  # grows while it is walked
        sources += [path for path in _imported_beside(current) if path not in sources]
    return [file, *sorted(set(sources[1:]))]


def _file_of(module: str) -> Path | None:
    if module.endswith(".py"):
        return Path(module) if Path(module).is_file() else None
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec is not None and spec.origin else None


def _imported_beside(file: Path) -> list[Path]:
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, OSError, ValueError):
        return []
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.update(
                [node.module.split(".")[0]] if node.module else [a.name for a in node.names]
            )
    beside = []
    for name in sorted(names):
        if (file.parent / f"{name}.py").is_file():
            beside.append(file.parent / f"{name}.py")
        elif (file.parent / name / "__init__.py").is_file():
            beside += sorted((file.parent / name).rglob("*.py"))
    return beside
