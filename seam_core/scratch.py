"""Folders for temporary files, removed whatever becomes of their process."""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from seam_core.locks import claim, free


class Scratch:
    """A folder for temporary files that goes with this process, however it ends.

    What killed processes left is removed by the next one that asks for a folder of the same kind.

    Parameters
    ----------
    prefix : the beginning of the folder's name, by which those of the kind are found
    """

    def __init__(self, prefix: str) -> None:
        base = Path(tempfile.gettempdir())
        _remove_dead(base, prefix)
        self.path = base / f"{prefix}{secrets.token_hex(4)}"
        self._claim = claim(self.path)  # before it is there: nobody takes it for a dead one
        self.path.mkdir(mode=0o700)
        atexit.register(self.close)

    def close(self) -> None:
        """Remove it; a second time does nothing."""
        atexit.unregister(self.close)
        shutil.rmtree(self.path, ignore_errors=True)
        self._claim.release()

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.close()


def _remove_dead(base: Path, prefix: str) -> None:
    mine = getattr(os, "getuid", lambda: None)()
    for folder in base.glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            if mine in (None, folder.stat().st_uid) and free(folder):
                shutil.rmtree(folder, ignore_errors=True)
