"""The session as the engine answers variants from it: written aside once, and prepared early.

What a first variant waits for (the model, the clusters, the sites) is done in the engine process
while the user looks at the session, so that a typed variant is answered at once.
"""

from __future__ import annotations

import itertools
import shutil
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt5.QtCore import QObject, QTimer, pyqtSignal

from seam_core.stages import SLOTS
from seam_gui.state.app_state import AppState
from seam_gui.state.working_folder import WorkingFolder
from seam_gui.work.engine import Engine
from seam_gui.work.jobs import Job, JobRunner

if TYPE_CHECKING:
    from seam_core.progress import Progress
    from seam_core.session import Session

SOON_MS = 1_500
"""After the last change of session or clusters; runs of the user's own come first."""
MOST_BYTES = 1 << 30
"""Of maps that are written aside unasked."""

_REQUEST = {"genome": "", "typed": "", "file": ""}


class AskedCopy:
    """A session in a folder of its own, which goes when nobody holds this any more.

    folder : where it is, or will be
    """

    def __init__(self, session: Session, folder: Path) -> None:
        self.folder = folder
        self._session: Session | None = session
        self._lock = threading.Lock()
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)

    def write(self, progress: Progress) -> Path:
        """Write it, unless it is written; on a worker thread. The folder."""
        from seam_core import store

        with self._lock:
            if self._session is not None:
                store.save(self._session, self.folder, progress=progress)
                self._session = None
        return self.folder


class VariantsAhead(QObject):
    """Prepares the engine for variants of the session shown, once it is told to begin.

    prepared : the engine answers for the session at once
    """

    prepared = pyqtSignal()

    def __init__(
        self,
        state: AppState,
        jobs: JobRunner,
        engine: Engine,
        working: WorkingFolder,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._state, self._users, self._engine, self._working = state, jobs, engine, working
        self._jobs = JobRunner(self)
        self._numbers = itertools.count(1)
        self._of: tuple[Any, ...] = ()
        self._copy: AskedCopy | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._prepare)

    def begin(self) -> None:
        """From now on, prepare for what is shown."""
        state = self._state
        for changed in (state.session_changed, state.record_changed, state.clustering_changed):
            changed.connect(lambda *_: self._again())
        self._again()

    def copy(self) -> AskedCopy:
        """The session as it is now; the same copy as long as nothing that is asked of differs."""
        session, curation = self._state.session, self._state.curation
        of = (*(getattr(session, slot) for slot in SLOTS), session.oracle, session.locus, curation)
        same = len(of) == len(self._of) and all(a is b for a, b in zip(of, self._of, strict=True))
        if self._copy is None or not same:
            folder = self._working.path / f"asked-{next(self._numbers)}"
            self._of, self._copy = of, AskedCopy(self._state.session_to_save(), folder)
        return self._copy

    def shut_down(self) -> None:
        """Prepare no more."""
        self._timer.stop()
        self._jobs.shut_down()

    def _again(self) -> None:
        """What is being prepared is not what is shown any more."""
        self._jobs.cancel_all()
        self._of, self._copy = (), None
        self._timer.start(SOON_MS)

    def _prepare(self) -> None:
        if self._users.visible_jobs or self._engine.busy:
            self._timer.start(SOON_MS)
            return
        if not can_be_asked(self._state.session):
            return
        copy = self.copy()
        job = self._jobs.register(
            "ahead",
            "Preparing for variants",
            done=lambda _: self.prepared.emit(),
            failed=lambda _: None,  # it is told where somebody asks
            quiet=True,
        )
        self._jobs.in_thread(job, copy.write, lambda folder: self._ask(job, folder))

    def _ask(self, job: Job, folder: Path) -> None:
        number = self._engine.request(
            "variants",
            {**_REQUEST, "session": str(folder)},
            done=job.finish,
            failed=lambda failure: job.finish(None, failure),
            stopped=job.finish,
            gives_way=True,
        )
        job.cancelled.connect(lambda: self._engine.ask_to_stop(number))
        job.cancelled.connect(job.finish)


def can_be_asked(session: Session) -> bool:
    """Is it worth trying: is there what variants are answered from, and a model at hand?"""
    library, maps, oracle = session.library, session.maps, session.oracle
    if library is None or library.reference is None or maps is None or session.clustering is None:
        return False
    if maps.parameters is None or maps.maps.nbytes > MOST_BYTES:
        return False
    return oracle is not None and bool(oracle.model)
