"""What a session can be written as: the exports of this package, and those of others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from seam_core.exports import pictures
from seam_core.exports.material import SELECTED, Material, material_of
from seam_core.exports.record import Export
from seam_core.progress import SILENT, Progress
from seam_core.registry import EXPORTS
from seam_core.session import Session
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd


def exports() -> dict[str, Export]:
    """Every export by name: files of contents (`seam_core.registry.EXPORTS`, open to other packages
    by entry points `seam.exports`), then the standard pictures."""
    return {one.name: one for one in EXPORTS} | pictures.by_name()


def export(
    session: Session,
    what: str,
    path: Path | str,
    *,
    rows: str = SELECTED,
    matches: pd.DataFrame | None = None,
    progress: Progress = SILENT,
) -> Path:
    """Write one export of a session, with what is saved in it: selection, labels, merges.

    Parameters
    ----------
    what : its name, see `exports`
    rows : "selection" (all where nothing is selected), "all" or the name of a kept selection

    Raises
    ------
    InputError
        Another name; a session without what it needs; a name of the file with another ending; a
        path that cannot be written.
    """
    kind = find(what)
    check_suffix(kind, Path(path))
    material = material_of(session, rows=rows, matches=matches, progress=progress)
    return write(kind, material, Path(path))


def write(kind: Export, material: Material, path: Path) -> Path:
    """Write an export of what `material_of` made; raises `InputError` as `export` does."""
    missing = kind.missing(material.session)
    if missing:
        expected = "a session with " + " and ".join(kind.needs)
        raise InputError(f"export {kind.name}", missing, expected)
    kind.write(material, path)
    return path


def find(what: str) -> Export:
    """An export by name; raises `InputError` with the names there are."""
    every = exports()
    if what not in every:
        raise InputError("export", repr(what), f"one of {', '.join(every)}")
    return every[what]


def check_suffix(kind: Export, path: Path) -> None:
    """Raise `InputError` unless the file's name ends as files of this kind do."""
    if path.suffix.lower() not in kind.suffixes:
        expected = f"a name that ends in {' or '.join(kind.suffixes)}"
        raise InputError(f"export {kind.name}", repr(path.name), expected)
