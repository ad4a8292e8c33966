"""The selection as a space of its own, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PyQt5.QtCore import QObject

from seam_core import curation as cur
from seam_core.curation import Curation
from seam_core.handwork import HandWork
from seam_core.progress import Progress
from seam_core.selection import Rows, Selection, Step
from seam_core.session import Session
from seam_gui.look.text import counted
from seam_gui.state.app_state import AppState
from seam_gui.work.jobs import JobRunner


@dataclass(frozen=True, eq=False)
class _Above:
    """Where a sub-space was entered from."""

    inside: Session
    session: Session
    folder: Path | None
    work: HandWork
    rows: np.ndarray


class Subspaces(QObject):
    """Each way is a step of the history. The session above keeps its folder; a sub-space has none,
    so that saving it never replaces what it was taken from."""

    def __init__(self, state: AppState, jobs: JobRunner, parent: QObject) -> None:
        super().__init__(parent)
        self._state, self._jobs = state, jobs
        self._above: list[_Above] = []

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What its commands do."""
        return {"subspace": self.enter, "subspace_back": self.back}

    @property
    def inside(self) -> _Above | None:
        """Where what is shown was taken from; None where it was not."""
        library = self._state.session.library
        levels = (each for each in self._above if each.inside.library is library)
        return next(levels, None) if library is not None else None

    def enter(self) -> None:
        """Embed the selected sequences anew and show them alone."""
        state = self._state
        selection, session = state.selection, state.session
        if selection is None or session.maps is None:
            state.status_message.emit("Select sequences first")
            return
        rows, labels = selection.indices, None if state.curation is None else state.curation.labels
        curation = state.curation

        def work(progress: Progress) -> Session:
            from seam_core.subspace import subspace

            return subspace(session, rows, labels, progress=progress)

        def done(part: Session) -> None:
            self._above.append(_Above(part, session, state.folder, state.hand_work, rows))
            words = f"Zoom into {counted(len(rows), 'sequence')}"
            state.show_beside(words, part, None, curation=_part(curation, part))
            state.status_message.emit(f"{words}; Select > Back to all sequences leaves")

        self._jobs.submit(
            "subspace", f"Embedding {counted(len(rows), 'sequence')}", work, done=done
        )

    def back(self) -> None:
        """The session it was taken from, with what was done to its clusters meanwhile."""
        above = self.inside
        if above is None:
            self._state.status_message.emit("All sequences are shown")
            return
        from seam_core.subspace import brought_back

        edited, whole = self._state.curation, above.work.curation
        if edited is not None and above.session.clustering is not None:
            before = whole or cur.start(above.session.clustering, above.session.explanation)
            whole = brought_back(before, above.rows, edited)
        mask = np.zeros(_length(above), dtype=bool)
        mask[above.rows] = True
        selection = Selection(mask, (Step(Rows(tuple(above.rows.tolist()))),))
        self._state.show_beside(
            "Back to all sequences",
            above.session,
            above.folder,
            selection=selection,
            kept=above.work.kept,
            curation=whole,
        )
        self._state.status_message.emit(f"Back to {counted(_length(above), 'sequence')}")


def _length(above: _Above) -> int:
    assert above.session.library is not None
    return len(above.session.library)


def _part(curation: Curation | None, part: Session) -> Curation | None:
    """Labels, colours and notes of the clusters that a sub-space has; ids stay told apart."""
    if curation is None or part.clustering is None:
        return None
    ids = {int(i) for i in part.clustering.ids}

    def of(texts: Mapping[int, str]) -> dict[int, str]:
        return {i: text for i, text in texts.items() if i in ids}

    return Curation(
        part.clustering.labels,
        curation.next_id,
        tuple(i for i in curation.order if i in ids),
        of(curation.names),
        of(curation.colours),
        of(curation.notes),
        curation.hidden & ids,
    )
