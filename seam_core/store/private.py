"""Copies of what is shown for long, which no other program knows of."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np

from seam_core import mapping
from seam_core.disk import can_clone, copy_file
from seam_core.progress import SILENT, Progress
from seam_core.session import Session
from seam_core.store.encode import is_our_own
from seam_core.store.files import file_of, write_array
from seam_core.validate import InputError

# Larger maps are shown from the session's own file, unless a copy takes no room.
MOST_COPIED = 2 << 30


def private_copy(session: Session, folder: Path) -> Session:
    """The session with its maps mapped from a copy in `folder`, which nobody else can cut off.

    `folder` lies in a working folder. Maps in memory, maps that are the application's own already,
    and maps that are too large to be copied stay as they are.

    Raises `InputError` where the file changed while it was read.
    """
    maps = session.maps
    source = None if maps is None else _to_copy(maps.maps, folder)
    if maps is None or source is None:
        return session
    try:
        path = folder / "maps.npy"
        if _is_whole(maps.maps, source.stat().st_size):
            copy_file(source, path)
        else:
            write_array(path, maps.maps)
        copied = mapping.mapped(path)
    except (OSError, ValueError, EOFError) as error:
        raise _changed(source) from error
    if copied.shape != maps.maps.shape or copied.dtype != maps.maps.dtype:
        raise _changed(source)
    return replace(session, maps=replace(maps, maps=copied))


def can_wait(session: Session) -> bool:
    """True where the session can be shown before its maps are copied, by `copy_behind`."""
    return session.maps is None or mapping.can_rest(session.maps.maps)


def copy_behind(session: Session, folder: Path, progress: Progress = SILENT) -> None:
    """The same as `private_copy` for a session that is in use: its very arrays rest on the copy.

    Without room on the disk, and where the file changed since it was opened, they stay where they
    are; `mapping.check` tells of the change.
    """
    maps = session.maps
    try:
        source = None if maps is None else _to_copy(maps.maps, folder)
        if maps is None or source is None:
            return
        copy_file(source, folder / "maps.npy", progress)
        mapping.rest_on(maps.maps, folder / "maps.npy", "maps")
    except (OSError, InputError):
        shutil.rmtree(folder, ignore_errors=True)


def _to_copy(array: np.ndarray, folder: Path) -> Path | None:
    """The file under `array` where it is to be copied into `folder`, which is made."""
    source = file_of(array)
    if source is None or is_our_own(source, folder):
        return None
    try:
        size = source.stat().st_size
        folder.mkdir(parents=True, exist_ok=True)
        most = min(MOST_COPIED, shutil.disk_usage(folder).free // 2)
        return source if size <= most or can_clone(source, folder) else None
    except OSError as error:
        raise _changed(source) from error


def _is_whole(array: np.ndarray, size: int) -> bool:
    """True where a memory map is all of its file of `size` bytes but the header."""
    offset = getattr(array, "offset", 0)
    return array.flags.c_contiguous and offset > 0 and offset + array.nbytes == size


def _changed(source: Path) -> InputError:
    return InputError("maps", "a file that changed on the disk", "the file as it was", str(source))
