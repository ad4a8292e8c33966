"""The session with the clusters as the user has them, for what follows from all of them."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import QObject, pyqtSignal

from seam_core.curation import Curation
from seam_core.handwork import as_curated
from seam_core.progress import Progress
from seam_core.session import Session
from seam_gui.state.app_state import AppState
from seam_gui.work.jobs import JobRunner


class Curated(QObject):
    """What exports and reports are made of; made anew, off the GUI thread, after an edit.

    changed : `session` has come
    """

    changed = pyqtSignal()

    def __init__(self, state: AppState, jobs: JobRunner, parent: QObject) -> None:
        super().__init__(parent)
        self._state, self._jobs = state, jobs
        self._last: tuple[Session, np.ndarray, Session] | None = None
        self._asked: tuple[Session, np.ndarray] | None = None

    @property
    def session(self) -> Session:
        """As curated; while that is being made, as it was before the last edit."""
        session, curation = self._state.session, self._state.curation
        if curation is None or not curation.stale:
            self._last = self._asked = None
            return session
        last = self._last
        if last is not None and last[0] is session and last[1] is curation.labels:
            return last[2]
        asked = self._asked
        if asked is None or asked[0] is not session or asked[1] is not curation.labels:
            self._make(session, curation)
        return last[2] if last is not None and last[0] is session else session

    def _make(self, session: Session, curation: Curation) -> None:
        self._asked = asked = session, curation.labels

        def work(progress: Progress) -> Session:
            return as_curated(session, curation, progress=progress)

        def done(curated: Session) -> None:
            if self._asked is asked:
                self._last = *asked, curated
                self.changed.emit()

        title = "Bringing the sites up to date"
        self._jobs.submit("as_curated", title, work, done=done, quiet=True)
