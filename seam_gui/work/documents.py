"""Opening, importing, saving and autosaving sessions, off the GUI thread."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, Qt, QTimer, pyqtSignal
from PyQt5.QtGui import QGuiApplication

from seam_core.pipeline import STAGE_NAMES
from seam_core.session import Session
from seam_core.stages import AFTER_MAPS
from seam_core.validate import InputError
from seam_gui.dialogs import dialogs
from seam_gui.state.app_state import AppState
from seam_gui.state.settings import Settings
from seam_gui.state.working_folder import WorkingFolder, files_of
from seam_gui.work import opening
from seam_gui.work.jobs import Failure, Job, JobRunner
from seam_gui.work.watch import Seen, Watch

if TYPE_CHECKING:
    from seam_core.parameters import Parameters
    from seam_core.progress import Progress
    from seam_core.store import Claim

_AUTOSAVE_MS = 30_000
_WITHOUT = (
    "Another program cut off or rewrote the file that the maps are read from. All else can be "
    "saved: sequences, activities, clusters, labels and sites."
)

_PART = "The rest is shown. What is on the disk stays as it is: save under another name."


@dataclass(frozen=True)
class PeerFiles:
    """The files of an analysis made elsewhere, and how to read them; see `import_peer_files`.

    then : parameters by stage, where all that follows the maps is run at once
    """

    mave: Path
    maps: Path | None = None
    embedding: Path | None = None
    linkage: Path | None = None
    reference: str = ""
    map_start: int | None = None
    map_stop: int | None = None
    columns: dict[str, str] = field(default_factory=dict)
    maps_key: str = ""
    maps_layout: str = "auto"
    odd_letters: str = "refuse"
    alphabet: str = ""
    name: str = ""
    then: Mapping[str, Parameters] | None = None


def demos() -> list[str]:
    """Names of the demos that can be opened here, the first one for new users."""
    from seam_core.demos import DEMOS, demo_folder

    names = []
    for name, demo in DEMOS.items():
        try:
            if demo.precomputed:
                demo_folder(name)
        except InputError:
            continue
        names.append(name)
    return names


class Documents(QObject):
    """What the File menu does to the session.

    result_coming : a session has been read; its argument is called to show it, once what shows it
        is made
    """

    result_coming = pyqtSignal(object)

    def __init__(
        self,
        state: AppState,
        jobs: JobRunner,
        settings: Settings,
        working: WorkingFolder,
        parent: QObject | None = None,
        *,
        prepare: Callable[[Progress], None],
    ) -> None:
        super().__init__(parent)
        self._state, self._jobs, self._settings = state, jobs, settings
        self._working, self._prepare = working, prepare
        self._held: Claim | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_AUTOSAVE_MS)
        self._timer.timeout.connect(self.autosave)
        self._timer.start()
        self.watch = Watch(state, jobs)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.applicationStateChanged.connect(self.look)

    def new(self) -> None:
        """An empty session."""
        self._jobs.cancel_all()
        self._show(Session(), None)

    def open(
        self, folder: Path, *, as_copy: bool = False, done: Callable[[], None] = lambda: None
    ) -> None:
        """Open a session's folder; the one shown stays until the new one is read.

        as_copy : read-only, since another process writes the folder: saved under another name

        Raises `Busy` where another process does, and `as_copy` is not said.
        """
        held = None if as_copy else _held(folder)
        read = opening.reader(folder, self._working)
        seen: list[Seen] = []

        def work(progress: Progress) -> Session:
            seen[:] = [Seen.of(folder)]
            return read(progress)

        def shown(session: Session) -> None:
            self._settings.add_recent(folder)
            self._show(session, None if as_copy else Path(folder), held, read_only=as_copy)
            self._copy_behind(session)
            self.watch.follow(seen[0])
            done()

        job = self._begin(f"Opening {Path(folder).name}", work, shown)
        _release_unless_shown(job, held)

    def open_demo(self, name: str, *, done: Callable[[], None] = lambda: None) -> None:
        """Open a precomputed result, or run a small one from nothing.

        Raises `InputError` where there is no such demo.
        """
        from seam_core.demos import demo_folder, find, toy_config

        if not find(name).precomputed:
            config = toy_config()
            self.new()
            self._state.set_config(config)
            self._state.run_requested.emit(STAGE_NAMES)
            return
        folder = demo_folder(name)

        def shown(session: Session) -> None:
            self._show(session, None)
            self._copy_behind(session)
            done()

        read = opening.reader(folder, self._working)
        self._begin(f"Opening the demo {name}", read, shown)

    def import_files(
        self,
        files: PeerFiles,
        *,
        done: Callable[[], None] = lambda: None,
        failed: Callable[[Failure], None] | None = None,
    ) -> None:
        """Make a session of the peer's files; sizes are checked before anything is shown."""
        notes: list[str] = []

        def work(progress: Progress) -> Session:
            from seam_core import store

            notes.clear()

            session = store.import_peer_files(
                files.mave,
                files.maps,
                embedding=files.embedding,
                linkage=files.linkage,
                reference=files.reference,
                map_start=files.map_start,
                map_stop=files.map_stop,
                columns=files.columns or None,
                alphabet=files.alphabet or None,
                name=files.name,
                key=files.maps_key,
                maps_layout=files.maps_layout,
                odd_letters=files.odd_letters,
                say=notes.append,
                progress=progress,
            )
            return opening.prepared(opening.private(session, self._working))

        def shown(session: Session) -> None:
            self._show(session, None)
            self._state.mark_unsaved()
            done()
            if notes:
                dialogs().message(None, "What was imported", "\n\n".join(notes))
            self._go_on(files.then)

        self._begin(f"Reading {files.mave.name}", work, shown, failed)

    def _go_on(self, then: Mapping[str, Parameters] | None) -> None:
        """Run what the user wants done with the files imported."""
        if then is not None:
            for stage, parameters in then.items():
                self._state.set_parameters(stage, parameters)
            self._state.run_requested.emit(AFTER_MAPS)

    def show(self, session: Session) -> None:
        """A session that is in memory already; it lies in no folder of the user's."""
        self._jobs.cancel_all()
        self._show(opening.prepared(session), None)

    def recover(self, folder: Path) -> None:
        """Open a recovery copy as unsaved work; it stays until that is saved elsewhere.

        Raises `Busy` where another window has just taken it.
        """
        taken = self._working.take(folder)

        def shown(session: Session) -> None:
            self._show(session, None)
            self._working.keep(folder, taken)
            self._state.mark_unsaved()

        job = self._begin("Recovering unsaved work", opening.reader(folder, self._working), shown)
        _release_unless_shown(job, taken)

    def close(self) -> None:
        """Other windows may have the session: this one is closed."""
        self._hold(None)

    def save(
        self, folder: Path, *, without_maps: bool = False, done: Callable[[], None] = lambda: None
    ) -> None:
        """Write the session into `folder`."""
        taken, has_maps = self._state.to_save(), self._state.session.maps is not None
        version = self._state.version

        def work(progress: Progress) -> Seen:
            from seam_core import store

            session = taken()
            if without_maps:
                session = replace(session, maps=None)
            store.save(session, folder, progress=progress)
            return Seen.of(folder)

        def saved(seen: Seen) -> None:
            self.watch.follow(seen)
            self._settings.add_recent(folder)
            self._state.mark_saved(folder, version)
            with contextlib.suppress(InputError):
                self._hold(_held(folder))
            if not self._state.dirty:
                self._working.all_saved()
            self._state.status_message.emit(f"Saved in {folder}")
            done()

        def failed(failure: Failure) -> None:
            from seam_core.store import ChangedFile

            if not isinstance(failure.error, ChangedFile) or without_maps or not has_maps:
                self._jobs.job_failed.emit(job, failure)
            elif dialogs().confirm(None, "Save without the maps?", _WITHOUT, "Save without maps"):
                self.save(folder, without_maps=True, done=done)

        job = self._jobs.submit("save", f"Saving {folder.name}", work, done=saved, failed=failed)

    def look(self, state: Qt.ApplicationState = Qt.ApplicationActive) -> None:
        """Has the session shown changed on the disk? Asked when the window comes to the front."""
        if state == Qt.ApplicationActive:
            self.watch.look()

    def autosave(self) -> None:
        """Write the recovery copy, if there is something that it would save."""
        state = self._state
        if not (self._settings.autosave and state.dirty) or state.session.is_empty:
            return
        if self._jobs.visible_jobs:
            return
        taken = state.to_save()

        def work(progress: Progress) -> None:
            from seam_core import store

            store.save(taken(), self._working.recovery, progress=progress)

        def failed(failure: Failure) -> None:
            state.status_message.emit(f"The recovery copy could not be written: {failure.error}")

        self._jobs.submit("autosave", "Autosave", work, failed=failed, quiet=True)

    def _begin(
        self,
        title: str,
        work: Callable[[Progress], Session],
        shown: Callable[[Session], None],
        failed: Callable[[Failure], None] | None = None,
    ) -> Job:
        """Only one session can come next: whatever was opening or running is dropped."""
        self._jobs.cancel_all()

        def prepared_first(progress: Progress) -> Session:
            self._prepare(progress)
            return work(progress)

        def ready(session: Session) -> None:
            self.result_coming.emit(lambda: job.finish(session))

        job = self._jobs.register("open", title, done=shown, failed=failed)
        self._jobs.in_thread(job, prepared_first, ready)
        return job

    def _show(
        self,
        session: Session,
        folder: Path | None,
        held: Claim | None = None,
        *,
        read_only: bool = False,
    ) -> None:
        self.watch.follow(None)
        self._working.forget_recovery()
        self._working.let_go()
        self._hold(held)
        self._state.open(session, folder, read_only=read_only)
        self._working.forget_opened(keep=files_of(self._state.sessions()))
        if self._state.unread:
            if self._state.read_only:
                self._hold(None)
            said = "\n".join(self._state.unread)
            dialogs().message(None, "Part of the work by hand cannot be read", f"{said}\n\n{_PART}")

    def _hold(self, held: Claim | None) -> None:
        """Hold the folder of the session shown, and no other."""
        if self._held is not None:
            self._held.release()
        self._held = held

    def _copy_behind(self, session: Session) -> None:
        """Its maps on a copy of ours, while it is shown already."""
        work = opening.copy_behind(session, self._working)
        self._jobs.submit("private", "Copying the maps", work, quiet=True)


def _held(folder: Path) -> Claim | None:
    """The folder for this window; None where nothing is, or can be written. Raises `Busy`."""
    from seam_core import store

    if not Path(folder).is_dir():
        return None
    try:
        return store.claim(folder, "seam-gui")
    except OSError:
        return None


def _release_unless_shown(job: Job, held: Claim | None) -> None:
    def over(ended: Job) -> None:
        if held is not None and (ended.stopped or ended.failure is not None):
            held.release()

    job.ended.connect(over)
