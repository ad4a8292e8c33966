"""Folders that a command's results go to."""

from __future__ import annotations

from pathlib import Path

from seam_core.places import standing, writable
from seam_core.validate import InputError


def free_folder(out: Path | str, file: str, what: str, *, overwrite: bool) -> Path:
    """`out`, where results can go, found out before anything long is done.

    Parameters
    ----------
    file : the result that tells that earlier ones are there
    what : they, in words

    Raises
    ------
    InputError
        No name, a file, a folder where nothing can be written, or one with earlier results, which
        the user did not say to replace.
    """
    if not str(out):
        raise InputError("--out", "nothing", "a folder")
    folder = Path(out)
    if folder.exists() and not folder.is_dir():
        raise InputError("--out", "a file", "a folder", str(folder))
    if (folder / file).exists() and not overwrite:
        expected = "a new folder, or --overwrite"
        raise InputError("--out", f"a folder with {what}", expected, str(folder))
    _check_writable(folder)
    return folder


def _check_writable(folder: Path) -> None:
    if writable(folder):
        return
    there = standing(folder)
    got = "permission denied" if there.is_dir() else f"a path through the file {there}"
    raise InputError("--out", got, "a folder that can be made", str(folder))
