"""Where unsaved work lies on disk: results of runs, and the recovery copy that autosave writes.

Each running application has a folder of its own and holds its lock. One that nobody holds was left
by a crash, and its recovery copy is offered at the next start. A copy goes only when what is in it
is saved elsewhere, or the user says so.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

from seam_core.locks import WORKING, free
from seam_core.session import Session
from seam_core.stages import SLOTS
from seam_core.store import Claim, claim
from seam_core.store.files import file_of
from seam_gui.state.settings import state_folder


class WorkingFolder:
    """This process's folder, made at first use."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._claim: Claim | None = None
        self._taken: tuple[Path, Claim] | None = None
        self._runs = 0
        self._opened = 0
        self._last: tuple[Any, Path] | None = None

    @property
    def path(self) -> Path:
        """The folder; raises `OSError` where it cannot be made."""
        if self._path is None or not self._path.is_dir():
            path = state_folder() / f"session-{secrets.token_hex(4)}"
            held = claim(path, "seam-gui")  # before it is there: nobody takes it for a dead one
            path.mkdir(mode=0o700)
            (path / WORKING).touch()
            if self._claim is not None:
                self._claim.release()
            self._path, self._claim = path, held
        return self._path

    @property
    def recovery(self) -> Path:
        """Where autosave writes."""
        return self.path / "recovery"

    @property
    def run_input(self) -> Path:
        """Where a run finds the session it starts from."""
        return self.path / "input"

    def new_opened(self) -> Path:
        """A folder name for the maps of a session that is being opened."""
        self._opened += 1
        return self.path / f"opened-{self._opened}"

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
        self._last = None
        self._forget(("run-*", ".run-*"), keep)

    def forget_opened(self, keep: Iterable[Path] = ()) -> None:
        """Delete maps of sessions that were opened before, but those that hold a path in `keep`."""
        self._forget(("opened-*",), keep)

    def _forget(self, patterns: tuple[str, ...], keep: Iterable[Path]) -> None:
        kept = {path for each in keep for path in (each, *each.parents)}
        if self._path is not None:
            for folder in chain.from_iterable(map(self._path.glob, patterns)):
                if folder not in kept:
                    shutil.rmtree(folder, ignore_errors=True)

    def take(self, recovery: Path) -> Claim:
        """Claim a copy that `left_behind` named; `Busy` where another window has taken it."""
        return claim(recovery.parent, "seam-gui")

    def keep(self, recovery: Path, held: Claim) -> None:
        """What is shown is in that copy and nowhere else."""
        self.let_go()
        self._taken = recovery, held

    def let_go(self) -> None:
        """What was taken is no longer shown; it is offered again at the next start."""
        if self._taken is not None:
            self._taken[1].release()
            self._taken = None

    def forget_recovery(self) -> None:
        """Delete the recovery copy of this window: everything is saved, or not wanted."""
        if self._path is not None:
            shutil.rmtree(self._path / "recovery", ignore_errors=True)

    def all_saved(self) -> None:
        """Delete all copies of what is shown: it lies in a folder of the user's."""
        self.forget_recovery()
        if self._taken is not None:
            shutil.rmtree(self._taken[0].parent, ignore_errors=True)
            self.let_go()

    def remove(self) -> None:
        """Delete the folder, at the end of the application."""
        self.let_go()
        if self._path is not None:
            shutil.rmtree(self._path, ignore_errors=True)
            self._path = None
        if self._claim is not None:
            self._claim.release()
            self._claim = None


def files_of(sessions: Iterable[Session]) -> set[Path]:
    """The files that records of these sessions are mapped from: they must stay."""
    records = {getattr(session, slot) for session in sessions for slot in SLOTS} - {None}
    files = [file_of(array) for record in records for array in vars(record).values()]
    return {file for file in files if file is not None}


def left_behind() -> list[Path]:
    """Recovery copies of processes that are gone, newest first.

    Folders without one are deleted; a copy that cannot be read (damaged, of a newer version) stays
    where it is, for whoever can.
    """
    from seam_core.store import read_manifest
    from seam_core.store.swap import recover
    from seam_core.validate import InputError

    copies = []
    for folder in state_folder().glob("session-*"):
        if not folder.is_dir() or not free(folder):
            continue
        recover(folder / "recovery")
        try:
            read_manifest(folder / "recovery")
            copies.append(folder / "recovery")
        except InputError:
            if not (folder / "recovery").exists():
                shutil.rmtree(folder, ignore_errors=True)
    return sorted(copies, key=lambda path: path.stat().st_mtime, reverse=True)


def discard(recovery: Path) -> None:
    """Delete a recovery copy that `left_behind` named, unless a window has taken it since."""
    if free(recovery.parent):
        shutil.rmtree(recovery.parent, ignore_errors=True)
