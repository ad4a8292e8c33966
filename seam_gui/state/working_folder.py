"""Where unsaved work lies on disk: results of runs, and the recovery copy that autosave writes.

Each running application has a folder of its own with its process id in it. One whose process is
gone was left by a crash, and its recovery copy is offered at the next start.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from seam_core.session import Session
from seam_core.stages import SLOTS
from seam_gui.state.settings import state_folder

_OWNER = "pid"


class WorkingFolder:
    """This process's folder, made at first use."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._runs = 0
        self._last: tuple[Any, Path] | None = None

    @property
    def path(self) -> Path:
        """The folder; raises `OSError` where it cannot be made."""
        if self._path is None or not self._path.is_dir():
            self._path = Path(tempfile.mkdtemp(prefix="session-", dir=state_folder()))
            (self._path / _OWNER).write_text(str(os.getpid()), encoding="ascii")
        return self._path

    @property
    def recovery(self) -> Path:
        """Where autosave writes."""
        return self.path / "recovery"

    @property
    def run_input(self) -> Path:
        """Where a run finds the session it starts from."""
        return self.path / "input"

    def folder_of_run(self, asked: Any) -> Path:
        """A folder name for the results of a run.

        Parameters
        ----------
        asked : what makes the run, comparable with ==. Where the run before was of the same and
            was stopped, its folder comes again, so that this one goes on with what is in it.
        """
        if self._last is None or self._last[0] != asked:
            self._runs += 1
            self._last = asked, self.path / f"run-{self._runs}"
        return self._last[1]

    def forget_runs(self, keep: Iterable[Path] = ()) -> None:
        """Delete results of runs but those that hold one of the paths in `keep`.

        What runs that were stopped had made goes, too.
        """
        kept = [path for each in keep for path in (each, *each.parents)]
        self._last = None
        if self._path is not None:
            for folder in (*self._path.glob("run-*"), *self._path.glob(".run-*")):
                if folder not in kept:
                    shutil.rmtree(folder, ignore_errors=True)

    def forget_recovery(self) -> None:
        """Delete the recovery copy: everything is saved, or not wanted."""
        if self._path is not None:
            shutil.rmtree(self._path / "recovery", ignore_errors=True)

    def remove(self) -> None:
        """Delete the folder, at the end of the application."""
        if self._path is not None:
            shutil.rmtree(self._path, ignore_errors=True)
            self._path = None


def files_of(sessions: Iterable[Session]) -> set[Path]:
    """The files that records of these sessions are mapped from: they must stay."""
    records = {getattr(session, slot) for session in sessions for slot in SLOTS} - {None}
    arrays = [array for record in records for array in vars(record).values()]
    mapped = [array for array in arrays if isinstance(array, np.memmap)]
    return {Path(array.filename) for array in mapped if array.filename is not None}


def left_behind() -> list[Path]:
    """Recovery copies of processes that are gone, newest first; their other files are deleted."""
    import psutil

    found = []
    for folder in state_folder().glob("session-*"):
        try:
            owner = int((folder / _OWNER).read_text(encoding="ascii"))
        except (OSError, ValueError):
            owner = -1
        if psutil.pid_exists(owner):
            continue
        recovery = folder / "recovery"
        if (recovery / "manifest.json").is_file():
            found.append(recovery)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def discard(recovery: Path) -> None:
    """Delete a recovery copy that `left_behind` named."""
    shutil.rmtree(recovery.parent, ignore_errors=True)
