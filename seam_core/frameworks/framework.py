"""A framework that models are written in, as one record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from seam_core.oracles.protocol import Oracle
from seam_core.parameters import OracleParameters


class Loader(Protocol):
    """Makes an oracle."""

    def __call__(
        self, parameters: OracleParameters, *, base: Path | None, device: str, model: Any
    ) -> Oracle:
        """The oracle that `parameters` describe.

        Parameters
        ----------
        base : folder that relative paths start at
        device : "auto", "cpu" or "gpu"
        model : the Python object that `parameters.model` names; None: it is a file
        """
        ...


def owns_nothing(model: Any) -> bool:
    """For frameworks whose models are files only."""
    return False


def recognises_nothing(path: Path) -> bool:
    """For frameworks whose files are told by their suffix only."""
    return False


@dataclass(frozen=True, kw_only=True)
class Framework:
    """What is said of a framework; other packages declare theirs as entry points `seam.oracles`.

    name : in options and manifests
    label : in forms
    suffixes : of its files, in small letters
    recognises : is a file or folder of another suffix one of its models? It only looks
    owns : is a Python object one of its models, or a class of such? Imports nothing
    load : makes the oracle
    packages : as pip knows them, whose version can change an answer
    """

    name: str
    label: str
    suffixes: tuple[str, ...] = ()
    recognises: Callable[[Path], bool] = recognises_nothing
    owns: Callable[[Any], bool] = owns_nothing
    load: Loader
    packages: tuple[str, ...] = ()


def is_made_of(model: Any, packages: tuple[str, ...], name: str) -> bool:
    """Is it an object of the class `name` of one of the packages, or a class of such?

    Imports none of them: an object of theirs cannot be there without them.
    """
    cls = model if isinstance(model, type) else type(model)
    return any(
        base.__module__.split(".")[0] in packages and base.__name__ == name for base in cls.__mro__
    )
