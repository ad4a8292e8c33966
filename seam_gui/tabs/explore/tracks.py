"""Annotation tracks of the session: added from files, shown below the matrix, taken away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain, count
from pathlib import Path

from PyQt5.QtCore import QObject, pyqtSignal
from PyQt5.QtWidgets import QWidget

from seam_core.progress import Progress
from seam_core.readers.tracks import SUFFIXES, Track, read_track
from seam_core.session import Session
from seam_core.validate import InputError
from seam_gui.dialogs import dialogs
from seam_gui.look.text import counted, listed
from seam_gui.state.app_state import AppState
from seam_gui.views.track_view import TrackView
from seam_gui.work.jobs import JobRunner

_PATTERNS = " ".join(f"*{suffix} *{suffix}.gz" for suffix in SUFFIXES)


class Tracks(QObject):
    """Reads files in a worker thread; each change is one undoable step.

    added : there are more than before, by the user's own doing
    """

    added = pyqtSignal()

    def __init__(self, state: AppState, jobs: JobRunner, view: TrackView, parent: QWidget) -> None:
        super().__init__(parent)
        self._state, self._jobs, self._view, self._parent = state, jobs, view, parent
        state.tracks_changed.connect(self.show)
        self.show()

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What its commands do."""
        return {"add_track": self.ask, "remove_track": self.ask_remove}

    def show(self) -> None:
        """The tracks as they are now."""
        self._view.set_tracks(self._state.tracks)

    def ask(self) -> None:
        """Ask for files and add them."""
        kinds = f"Tracks ({_PATTERNS})"
        self.add(dialogs().open_files(self._parent, "Add annotation tracks", kinds))

    def add(self, paths: list[Path]) -> None:
        """Read files and show them below those there are."""
        session: Session = self._state.session
        if not paths or session.library is None:
            return
        length, locus = session.library.length, session.locus

        def work(progress: Progress) -> tuple[list[Track], list[str]]:
            tracks, left = [], []
            for place, path in enumerate(paths):
                progress.update(place, len(paths), path.name)
                try:
                    tracks.append(read_track(path, length, locus))
                except InputError as error:
                    if len(paths) == 1:
                        raise
                    said = f"{error.field}: got {error.got}; expected {error.expected}"
                    left.append(f"{path.name}: {said}")
            return tracks, left

        def done(read: tuple[list[Track], list[str]]) -> None:
            if self._state.session.library is not session.library:
                return
            tracks, left = _told_apart(read[0], self._state.tracks), read[1]
            if tracks:
                names = ", ".join(track.name for track in tracks)
                self._state.change(f"Add {names}", tracks=(*self._state.tracks, *tracks))
                self.added.emit()
            if left:
                title = f"{len(left)} of {counted(len(paths), 'track')} not added"
                dialogs().message(self._parent, title, listed(left))
            empty = [track.name for track in tracks if track.is_empty]
            where = f"at {locus}" if locus is not None else "on the sequence"
            if empty:
                self._state.status_message.emit(f"{', '.join(empty)}: nothing lies {where}")

        self._jobs.submit("tracks", "Reading tracks", work, done=done)

    def ask_remove(self) -> None:
        """Ask which track to take away."""
        names = [track.name for track in self._state.tracks]
        if not names:
            self._state.status_message.emit("There are no tracks")
            return
        text = dialogs().ask_text(self._parent, "Remove a track", "Track", names[-1], names)
        if text in names:
            self.remove(text)

    def remove(self, name: str) -> None:
        """Take a track away."""
        rest = tuple(track for track in self._state.tracks if track.name != name)
        self._state.change(f"Remove {name}", tracks=rest)


def _told_apart(tracks: list[Track], known: Sequence[Track]) -> list[Track]:
    """Tracks each with a name of its own: with what the file is called, or numbered."""
    used, named = {track.name for track in known}, []
    for track in tracks:
        numbered = (f"{track.name} ({n})" for n in count(2))
        tried = chain((track.name, track.source), numbered)
        name = next(name for name in tried if name and name not in used)
        used.add(name)
        named.append(replace(track, name=name))
    return named
