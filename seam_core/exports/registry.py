"""What a session can be written as: the exports of this package, and those of others."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from seam_core.exports import clusters, h5ad, pictures, sequences, sites
from seam_core.exports.material import SELECTED, Material, material_of
from seam_core.exports.record import Export
from seam_core.progress import SILENT, Progress
from seam_core.session import Session
from seam_core.validate import InputError, first_line

if TYPE_CHECKING:
    import pandas as pd

ENTRY_POINTS = "seam.exports"
_OWN = (
    *sequences.EXPORTS,
    *clusters.EXPORTS,
    *sites.EXPORTS,
    *h5ad.EXPORTS,
    *pictures.EXPORTS,
)


def exports() -> dict[str, Export]:
    """Every export by name: ours, then those of other packages (entry points `seam.exports`).

    Raises `InputError` where another package's cannot be loaded, is no `Export`, or has a name that
    is taken.
    """
    found = {export.name: export for export in _OWN}
    for point in entry_points(group=ENTRY_POINTS):
        try:
            export = point.load()
        except Exception as error:
            got = first_line(error)
            raise InputError(
                f"export {point.name}", got, "a package that can be imported"
            ) from error
        if not isinstance(export, Export) or export.name in found:
            taken = isinstance(export, Export)
            got = f"the name {export.name}, which is taken" if taken else type(export).__name__
            raise InputError(f"export {point.name}", got, "an Export of a name of its own")
        found[export.name] = export
    return found


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
    chosen = find(what)
    check_suffix(chosen, Path(path))
    material = material_of(session, rows=rows, matches=matches, progress=progress)
    return write(chosen, material, Path(path))


def write(chosen: Export, material: Material, path: Path) -> Path:
    """Write an export of what `material_of` made; raises `InputError` as `export` does."""
    missing = chosen.missing(material.session)
    if missing:
        expected = "a session with " + " and ".join(chosen.needs)
        raise InputError(f"export {chosen.name}", missing, expected)
    chosen.write(material, path)
    return path


def find(what: str) -> Export:
    """An export by name; raises `InputError` with the names there are."""
    known = exports()
    if what not in known:
        raise InputError("export", repr(what), "one of " + ", ".join(known))
    return known[what]


def check_suffix(chosen: Export, path: Path) -> None:
    """Raise `InputError` unless the file's name ends as files of this kind do."""
    if path.suffix.lower() not in chosen.suffixes:
        expected = f"a name that ends in {' or '.join(chosen.suffixes)}"
        raise InputError(f"export {chosen.name}", repr(path.name), expected)
