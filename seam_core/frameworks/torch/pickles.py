"""Pickles in files of PyTorch: told from damaged files, and opened after a yes."""

from __future__ import annotations

import pickle
import pickletools
import types
import zipfile
from pathlib import Path
from typing import IO, Any

from seam_core import trust
from seam_core.frameworks.torch.runtime import import_torch
from seam_core.readers.kinds import is_zip, kind_of, said
from seam_core.validate import InputError


def require_to_unpickle(path: Path, why: str, field: str, expected: str) -> None:
    """Raise `TrustError` until the user agreed to unpickle the file.

    Raises `InputError` for a file that is no pickle, or a damaged one: no yes would open it.

    why : what is in it that runs, such as "a pickled module"
    """
    if not is_pickle(path):
        raise InputError(field, kind_said(path) or "a damaged file", expected, str(path))
    trust.require_for_file(path, why)


def kind_said(path: Path) -> str:
    """In words what a file is that is none of PyTorch's; nothing where it may be one."""
    kind = kind_of(path)
    if kind == "text" or "pickle" in kind:
        return ""
    return "a zip archive of other files" if kind == "a zip archive without arrays" else said(kind)


def unpickle(path: Path, own: dict[str, Any] | None = None) -> Any:
    """What `torch.save`, or pickle itself, wrote; its code runs, so ask `trust` first."""
    torch, made = import_torch(), _pickle_with(own or {}, str(path))
    if not is_zip(path):  # from before PyTorch 1.6, or without torch.save
        with open(path, "rb") as stream:
            first = made.load(stream)
        if first != torch.serialization.MAGIC_NUMBER:
            return first
    return torch.load(path, map_location="cpu", weights_only=False, pickle_module=made)


def _pickle_with(own: dict[str, Any], source: str) -> Any:
    """A pickle module that takes `own` classes, by name, where those of the file are not found."""

    class Unpickler(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            try:
                return super().find_class(module, name)
            except (ImportError, AttributeError) as error:
                if name in own:
                    return own[name]
                got = f"a pickled {name} of {module}, which is not found here"
                expected = f"the file that defines it: --import FILE.py, with {name} in it"
                raise InputError("model", got, expected, source) from error

    def load(stream: IO[bytes], **options: Any) -> Any:
        return Unpickler(stream, **options).load()

    made = types.ModuleType("pickle_with")
    vars(made).update({**vars(pickle), "Unpickler": Unpickler, "load": load})
    return made


def is_pickle(path: Path) -> bool:
    """Does the file, or its archive, hold a pickle that is whole? It is read as text, not run."""
    try:
        if is_zip(path):
            with zipfile.ZipFile(path) as archive:
                name = next(n for n in archive.namelist() if n.rsplit("/", 1)[-1] == "data.pkl")
                with archive.open(name) as stream:
                    return _is_whole(stream)
        with open(path, "rb") as stream:
            return _is_whole(stream)
    except Exception:  # pickletools and zipfile raise all there is
        return False


def _is_whole(stream: IO[bytes]) -> bool:
    operations = pickletools.genops(stream)
    return next(operations)[0].name == "PROTO" and all(True for _ in operations)
