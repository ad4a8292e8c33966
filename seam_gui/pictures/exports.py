"""File > Export and Report: asks for a path; what is written is the core's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject
from PyQt5.QtWidgets import QWidget

from seam_core.progress import Progress
from seam_core.registry import EXPORTS
from seam_gui.dialogs import dialogs
from seam_gui.services import Services
from seam_gui.state.app_state import AppState
from seam_gui.work.jobs import JobRunner

if TYPE_CHECKING:
    import pandas as pd


class Exports(QObject):
    """Asks for a file, then writes it in a worker thread."""

    def __init__(self, services: Services, parent: QWidget) -> None:
        super().__init__(parent)
        self._services, self._parent = services, parent

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the commands of File > Export do, by name."""
        state, jobs = self._services.state, self._services.jobs
        return {
            f"export_{name}": partial(ask_and_write, state, jobs, self._parent, name)
            for name in EXPORTS.names()
        }

    def report(self, path: Path) -> None:
        """Write the HTML report of the session shown."""
        session = self._services.state.session_to_save()

        def work(progress: Progress) -> None:
            from seam_core.report import write_report

            write_report(session, path, progress=progress)

        said = self._services.notify.message
        title = f"Report {path.name}"
        self._services.jobs.submit("export", title, work, done=lambda _: said(f"Written: {path}"))


def ask_and_write(
    state: AppState,
    jobs: JobRunner,
    parent: QWidget | None,
    name: str,
    matches: pd.DataFrame | None = None,
) -> None:
    """Ask where to, then write an export of what is shown: the selection, else all.

    matches : what a motif database says of the sites, where they were compared with it
    """
    one = EXPORTS.get(name)
    missing = one.missing(state.session)
    if missing:
        state.status_message.emit(f"There is nothing to export yet: {missing}")
        return
    kinds = " ".join(f"*{suffix}" for suffix in one.suffixes)
    path = dialogs().save_file(parent, one.label, one.file_name(state.session), kinds)
    if path is None:
        return
    if path.suffix.lower() not in one.suffixes:
        path = path.with_name(path.name + one.suffixes[0])
    session, work = state.session_to_save(), state.hand_work

    def write(progress: Progress) -> None:
        from seam_core.exports import registry
        from seam_core.exports.material import material_of

        registry.write(one, material_of(session, work, matches=matches, progress=progress), path)

    done = f"Written: {path}"
    jobs.submit(
        "export", f"Writing {path.name}", write, done=lambda _: state.status_message.emit(done)
    )
