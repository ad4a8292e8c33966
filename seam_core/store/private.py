"""Copies of what is shown for long, which no other program knows of."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np

from seam_core import mapping
from seam_core.disk import can_clone, copy_file
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
    source = None if maps is None else file_of(maps.maps)
    if maps is None or source is None or is_our_own(source, folder):
        return session
    try:
        size = source.stat().st_size
        folder.mkdir(parents=True, exist_ok=True)
        most = min(MOST_COPIED, shutil.disk_usage(folder).free // 2)
        if size > most and not can_clone(source, folder):
            return session
        path = folder / "maps.npy"
        if _is_whole(maps.maps, size):
            copy_file(source, path)
        else:
            write_array(path, maps.maps)
        copied = mapping.mapped(path)
    except (OSError, ValueError, EOFError) as error:
        raise _changed(source) from error
    if copied.shape != maps.maps.shape or copied.dtype != maps.maps.dtype:
        raise _changed(source)
    return replace(session, maps=replace(maps, maps=copied))


def _is_whole(array: np.ndarray, size: int) -> bool:
    """True where a memory map is all of its file of `size` bytes but the header."""
    offset = getattr(array, "offset", 0)
    return array.flags.c_contiguous and offset > 0 and offset + array.nbytes == size


def _changed(source: Path) -> InputError:
    return InputError("maps", "a file that changed on the disk", "the file as it was", str(source))
