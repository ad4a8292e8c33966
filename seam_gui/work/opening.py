"""Reading a session for the window: shown as soon as it is read, its maps copied behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from seam_core.session import Session
from seam_gui.state.working_folder import WorkingFolder

if TYPE_CHECKING:
    from seam_core.progress import Progress


def reader(folder: Path, working: WorkingFolder) -> Callable[[Progress], Session]:
    """What reads a session; maps that `copy_behind` cannot take are copied first."""

    def work(progress: Progress) -> Session:
        from seam_core import store

        session = prepared(store.load(folder, progress=progress))
        return session if store.can_wait(session) else private(session, working)

    return work


def prepared(session: Session) -> Session:
    """Read ahead, in the worker thread, what the window touches first."""
    if session.table is not None:
        _ = session.table.activity
    if session.embedding is not None:
        session.embedding.axis_name(0)  # the method's module is slow to import
    return session


def private(session: Session, working: WorkingFolder) -> Session:
    """Maps that no other program can change while they are shown."""
    from seam_core import store

    return store.private_copy(session, working.new_opened())


def copy_behind(session: Session, working: WorkingFolder) -> Callable[[Progress], None]:
    """What gives a session that is shown already such maps."""

    def work(progress: Progress) -> None:
        from seam_core import store

        store.copy_behind(session, working.new_opened(), progress)

    return work
