"""Other sites than those found: described anew in a worker thread, then one undoable step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt5.QtCore import QObject

from seam_core import identifier as idf
from seam_core.handwork import as_curated
from seam_core.intervals import span_text
from seam_core.parameters import IdentifierParameters
from seam_core.progress import Progress
from seam_core.records import Explanation, Site, Sites
from seam_core.session import Session
from seam_core.validate import InputError
from seam_gui.look.words import in_words
from seam_gui.state.app_state import AppState
from seam_gui.work.jobs import JobRunner


class SiteEdits(QObject):
    """What the user does to the bounds of sites; what cannot be done is said in the status bar."""

    def __init__(self, state: AppState, jobs: JobRunner, parent: QObject) -> None:
        super().__init__(parent)
        self._state, self._jobs = state, jobs

    @property
    def _sites(self) -> tuple[Site, ...]:
        sites = self._state.session.sites
        return () if sites is None else sites.sites

    def set_bounds(self, name: str, start: int, stop: int) -> None:
        """A site from `start` to `stop`, exclusive."""
        self._change(
            f"Bounds of site {name}", lambda: idf.with_bounds(self._sites, name, start, stop)
        )

    def _parameters(self, session: Session) -> IdentifierParameters:
        known = session.sites.parameters if session.sites is not None else None
        return known or self._state.parameters("identifier")

    def _change(self, text: str, edit: Callable[[], tuple[Site, ...]]) -> None:
        session = self._state.session
        explanation, sites = session.explanation, session.sites
        if explanation is None or sites is None:
            self._say("There are no sites to edit yet")
            return
        try:
            edited = edit()
            width = explanation.entropy.shape[1]
            _check_inside(edited, explanation.start, explanation.start + width)
        except InputError as error:
            self._say(in_words(error))
            return

        def work(current: Session, explanation: Explanation, progress: Progress) -> Sites:
            return idf.Identifier(self._parameters(session)).describe(
                explanation,
                edited,
                library=current.library,
                table=current.table,
                cut_height=sites.cut_height,
                maps=current.maps,
                progress=progress,
            )

        self._submit(text, work)

    def _submit(self, text: str, work: Callable[[Session, Explanation, Progress], Sites]) -> None:
        """`work` is given the session with the clusters as the user has them."""
        session, curation = self._state.session, self._state.curation

        def whole(progress: Progress) -> Session:
            current = as_curated(session, curation, progress=progress)
            if current.explanation is None:
                raise InputError("sites", "edited clusters without maps", "maps of the sequences")
            return current.with_record("sites", work(current, current.explanation, progress))

        def done(edited: Session) -> None:
            now = self._state
            if now.session.explanation is not session.explanation or now.curation is not curation:
                return  # another step came between
            if curation is not None and curation.stale:
                now.take_result(text, edited, same_clusters=True)
            else:
                now.change(text, session=now.session.with_record("sites", edited.sites))

        self._jobs.submit("edit_sites", text, whole, done=done)

    def _say(self, text: str) -> None:
        self._state.status_message.emit(text)


def _check_inside(sites: Sequence[Site], start: int, stop: int) -> None:
    for site in sites:
        if site.start < start or site.stop > stop:
            raise InputError(
                f"site {site.name}",
                f"positions {span_text(site.start, site.stop)}",
                f"positions within {span_text(start, stop)}, which the maps cover",
            )
