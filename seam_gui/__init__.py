"""The window. `seam_gui.explore(session)` opens it from Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seam_core.session import Session
    from seam_gui.shell.viewer import Viewer

__all__ = ["explore"]


def explore(session: Session, *, block: bool | None = None, theme: str | None = None) -> Viewer:
    """Open the window on a session in memory; see `seam_gui.shell.viewer.explore`."""
    from seam_gui.shell.viewer import explore as opened

    return opened(session, block=block, theme=theme)
