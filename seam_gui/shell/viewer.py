"""The window from Python: a session goes in, what the user selected and labelled comes out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PyQt5.QtCore import QEventLoop

from seam_core.progress import SILENT
from seam_core.selection import Gesture, Query, Rows, Selection, label_of_each, select
from seam_core.session import Session
from seam_core.validate import InputError
from seam_gui.pictures.scene import Scene
from seam_gui.shell.main_window import MainWindow
from seam_gui.shell.preparation import prepare_all, prepare_result
from seam_gui.shell.start import dress, leave_qt_whole, make_application, survive_exceptions
from seam_gui.state.display import has_display

if TYPE_CHECKING:
    import pandas as pd

_open: list[Viewer] = []  # windows live as long as they are open, whoever holds them


class Viewer:
    """A window that Python opened. What it says is as the window is now, and stays once it closes.

    window : the main window, for what is not here
    """

    def __init__(self, session: Session, theme: str | None = None) -> None:
        settings = dress(make_application(sys.argv or [""]), theme)
        leave_qt_whole()
        prepare_result(SILENT)
        self.window = window = MainWindow(settings)
        window.files.hands_back = True
        window.closed.connect(self._closed)
        self._hook = sys.excepthook
        self._loop: QEventLoop | None = None
        survive_exceptions(window)
        window.services.documents.show(session)
        window.show()
        window.services.jobs.submit(
            "prepare",
            "Prepare",
            prepare_all,
            done=lambda _: window.tabs.make_others_soon(),
            quiet=True,
        )
        _open.append(self)

    @property
    def is_open(self) -> bool:
        """True until the user, or `close`, closes the window."""
        return self in _open

    def wait(self) -> Viewer:
        """Come back once the window is closed."""
        if self.is_open:
            self._loop = QEventLoop()
            self._loop.exec()
        return self

    def close(self) -> None:
        """Close the window; nothing is asked, and nothing handed back is lost."""
        if self.is_open:
            self.window.files.leave()

    def _closed(self) -> None:
        _open.remove(self)
        sys.excepthook = self._hook
        if self._loop is not None:
            self._loop.quit()

    # what the user did

    @property
    def session(self) -> Session:
        """The session with all that the user did in its `state`: for `seam_core.store.save`."""
        return self.window.services.state.session_to_save()

    @property
    def curated_session(self) -> Session:
        """The session with the clusters as the user has them, explained anew where they differ."""
        from seam_core.handwork import as_curated

        return as_curated(self.session, self.window.services.state.curation)

    @property
    def selection(self) -> Selection | None:
        """What is selected: its `mask` (N,) bool, and the gestures that made it; None: nothing."""
        return self.window.services.state.selection

    @property
    def selected(self) -> np.ndarray:
        """(n,) int64: the sequences that are selected."""
        selection = self.selection
        return np.zeros(0, dtype=np.int64) if selection is None else selection.indices

    @property
    def kept(self) -> dict[str, np.ndarray]:
        """The selections kept side by side: name -> (n,) int64 sequences."""
        return {each.name: each.indices for each in self.window.services.state.kept}

    @property
    def labels(self) -> np.ndarray | None:
        """(N,) int32 cluster ids, as the user has them; None without clusters."""
        return self._scene.labels

    @property
    def names(self) -> dict[int, str]:
        """The labels that the user gave to clusters, by id."""
        curation = self.window.services.state.curation
        return {} if curation is None else dict(curation.names)

    def table(self) -> pd.DataFrame:
        """One row a sequence: `cluster`, `label`, `selected`, and `kept_A`, ... a kept selection.

        Rows are in the order of the session's library.
        """
        import pandas as pd

        scene = self._scene
        columns: dict[str, Any] = {}
        if scene.labels is not None:
            columns["cluster"] = scene.labels
            columns["label"] = label_of_each(scene.labels, self.names)
        mask = np.zeros(scene.n, dtype=bool)
        mask[self.selected] = True
        columns["selected"] = mask
        for each in self.window.services.state.kept:
            columns[f"kept_{each.name}"] = each.mask
        return pd.DataFrame(columns)

    # what Python does

    def select(self, what: str | Sequence[int] | np.ndarray | None) -> None:
        """Select in the window: a question ("Activity > 3"), sequences or a mask; None: nothing.

        Raises `InputError` where there is no such column or sequence.
        """
        state = self.window.services.state
        if what is None:
            state.change("Clear the selection", selection=None)
            return
        gesture = _gesture(what, self._scene.n)
        selection = select(self._scene.landscape, gesture, old=state.selection)
        state.change(f"Select {gesture.describe()}", selection=selection)

    @property
    def _scene(self) -> Scene:
        state = self.window.services.state
        return Scene(state.session, state.curation)


def explore(session: Session, *, block: bool | None = None, theme: str | None = None) -> Viewer:
    """Open the window on a session in memory, and hand back what the user selected and labelled.

    Parameters
    ----------
    session : the analysis, with clusters or without; its folder, if it has one, is not written
    block : True comes back once the window is closed, False at once. None: at once where an event
        loop of Qt already runs (a notebook after `%gui qt`), once it is closed otherwise
    theme : "light", "dark" or "system"; None: as the user has it

    Returns
    -------
    Viewer
        `selected`, `kept`, `labels`, `names`, `table()`, `session`

    Raises
    ------
    InputError
        Something else than a session, or no display to show it on.
    """
    if not isinstance(session, Session):
        raise InputError("session", type(session).__name__, "a Session, as store.load gives")
    if not has_display():
        raise InputError("display", "none", "a screen: this is a machine without one")
    viewer = Viewer(session, theme)
    if block or (block is None and not _loop_runs()):
        viewer.wait()
    return viewer


def _gesture(what: str | Sequence[int] | np.ndarray, n: int) -> Gesture:
    if isinstance(what, str):
        return Query(what)
    array = np.asarray(what)
    if array.dtype == bool:
        if array.shape != (n,):
            raise InputError("mask", f"shape {array.shape}", f"({n},), one a sequence")
        array = np.flatnonzero(array)
    return Rows(tuple(int(i) for i in array))


def _loop_runs() -> bool:
    """True in IPython after `%gui qt`, whose loop serves windows between two cells."""
    shell = sys.modules.get("IPython")
    running = None if shell is None else shell.get_ipython()
    return str(getattr(running, "active_eventloop", None) or "").startswith("qt")
