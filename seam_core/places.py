"""Folders that this user may write in, also where none of them is at home (containers)."""

from __future__ import annotations

import os
from pathlib import Path

_KERNELS = "NUMBA_CACHE_DIR"


def standing(path: Path | str) -> Path:
    """The path, or the nearest above it that exists."""
    there = Path(path).absolute()
    while not there.exists() and there != there.parent:
        there = there.parent
    return there


def writable(folder: Path | str) -> bool:
    """True where files can be made in a folder, or where it could be made."""
    there = standing(folder)
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def keep_kernels() -> None:
    """Name a folder in which numba can keep what it compiles, where its own cannot be written.

    It stops at the first function otherwise (https://numba.readthedocs.io, `NUMBA_CACHE_DIR`). The
    folder goes with this process; those that it starts are given it. Call before numba is imported.
    """
    named = os.environ.get(_KERNELS)
    if writable(named) if named else _beside_or_at_home():
        return
    import atexit
    import shutil
    import tempfile

    folder = tempfile.mkdtemp(prefix="kernels-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ[_KERNELS] = folder


def _beside_or_at_home() -> bool:
    if os.access(Path(__file__).parent, os.W_OK):  # first of numba's places, and the quickest asked
        return True
    import platformdirs

    return writable(platformdirs.user_cache_dir("numba", False))
