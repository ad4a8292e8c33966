"""What the window shows: one session, one selection, one history of undoable steps.

Everything kept here is a frozen value; a change swaps values, and undo swaps them back. Widgets
read the state and follow its signals; none of them keeps state that a user could lose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt5.QtCore import QObject, pyqtSignal
from PyQt5.QtWidgets import QUndoCommand, QUndoStack

from seam_core.handwork import HandWork
from seam_core.manner import Manner, manner_of
from seam_core.parameters import Parameters
from seam_core.pipeline import RunConfig
from seam_core.session import Session
from seam_core.stages import SLOTS
from seam_gui.look.theme import theme
from seam_gui.state.session_state import NOTHING, described, restored, restored_config

if TYPE_CHECKING:
    import numpy as np

    from seam_core.carrying import Carried
    from seam_core.curation import Curation
    from seam_core.manner import MapShown
    from seam_core.readers.tracks import Track
    from seam_core.recipes import Recipe
    from seam_core.selection import Selection

_UNDO_LIMIT = 500


class AppState(QObject):
    """The one object that tabs share.

    session : the analysis shown (a value; never None)
    folder : where the user keeps it, or None while it was never saved
    selection, kept, curation : the frozen values of `seam_core.selection` and
        `seam_core.curation`; None and () while there is nothing
    carried : what the last run's clusters did to labels and selections, a line each
    history : undo and redo of everything done through `change` and `take_result`
    """

    session_changed = pyqtSignal()  # another session was opened; read everything again
    record_changed = pyqtSignal(str)  # one slot of the session holds another record (or None)
    clustering_changed = pyqtSignal()  # labels differ: session.clustering or the curation
    selection_changed = pyqtSignal()  # selection or kept selections
    curation_changed = pyqtSignal()
    tracks_changed = pyqtSignal()  # annotation tracks
    maps_changed = pyqtSignal()  # maps beside the scatter
    dirty_changed = pyqtSignal(bool)  # unsaved changes, or none left
    theme_changed = pyqtSignal()
    status_message = pyqtSignal(str)  # one line for the status bar
    run_requested = pyqtSignal(tuple)  # names of the stages that the user wants run, in order
    config_changed = pyqtSignal()  # what the next run will take differs
    maps_coming = pyqtSignal(object)  # file that a run writes maps into; None when it is over
    recipe_changed = pyqtSignal()  # another recipe, or other runs of it
    recipe_requested = pyqtSignal()  # the user wants the recipe run

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = Session()
        self._folder: Path | None = None
        self._read_only = False
        self._unread: tuple[str, ...] = ()
        self._values: dict[str, Any] = dict(NOTHING)
        self._config = RunConfig()
        self._recipe: Recipe | None = None
        self._coming_maps: Path | None = None
        self._manner: Callable[[], Manner] = self._saved_manner
        self._dirty = False
        self._version = 0
        self.history = QUndoStack(self)
        self.history.setUndoLimit(_UNDO_LIMIT)
        theme().changed.connect(self.theme_changed)

    @property
    def session(self) -> Session:
        return self._session

    @property
    def folder(self) -> Path | None:
        return self._folder

    @property
    def read_only(self) -> bool:
        """True while the session shown can be saved elsewhere only."""
        return self._read_only

    @property
    def unread(self) -> tuple[str, ...]:
        """What was saved with the session and cannot be read, in words."""
        return self._unread

    @property
    def selection(self) -> Selection | None:
        return self._values["selection"]

    @property
    def kept(self) -> tuple[Any, ...]:
        """Selections kept side by side, in the order they were kept."""
        return self._values["kept"]

    @property
    def curation(self) -> Curation | None:
        return self._values["curation"]

    @property
    def carried(self) -> tuple[str, ...]:
        """What was carried over to these clusters, changed or lost, a line each."""
        return self._values["carried"]

    @property
    def tracks(self) -> tuple[Track, ...]:
        """Annotation tracks, in the order they were added."""
        return self._values["tracks"]

    @property
    def maps_beside(self) -> tuple[MapShown, ...]:
        """Maps beside the scatter, from left to right."""
        return self._values["maps_beside"]

    @property
    def hand_work(self) -> HandWork:
        """What the user made that no run makes again."""
        return HandWork(self.selection, self.kept, self.curation)

    @property
    def dirty(self) -> bool:
        """True when something would be lost by closing now."""
        return self._dirty

    def open(self, session: Session, folder: Path | None, *, read_only: bool = False) -> None:
        """Show another session; its history starts empty.

        read_only : another process has its folder. So is a session of whose hand-work not all can
            be read, lest the rest be saved over it
        """
        self._session = session
        self._values, self._unread = restored(session)
        part = bool(self._unread) and folder is not None
        self._folder, self._read_only = (None, True) if part else (folder, read_only)
        self._config = restored_config(session)
        self.history.clear()
        self._set_dirty(False)
        self.set_recipe(None)
        self.session_changed.emit()
        self.selection_changed.emit()
        self.tracks_changed.emit()

    def set_session(self, session: Session) -> None:
        """The same analysis, its sequences and clusters as they were, with other records; no step.

        Emits `record_changed` for every slot that differs.
        """
        self._swap({"session": session})

    def take_result(
        self,
        text: str,
        session: Session,
        *,
        same_clusters: bool = False,
        rows: np.ndarray | None = None,
        found: str = "",
        **more: Any,
    ) -> None:
        """What a run made, as one undoable step; hand work is carried over, and it is said.

        Parameters
        ----------
        text : what the step is called, as in `change`
        same_clusters : the clusters are those that the user sees: nothing is to be carried
        rows : of `seam_core.carrying.find_rows`, where the sequences are others
        found : what the run found, to be said, too
        more : "folder", where it is another analysis, to be read anew: as after `open`
        """
        from seam_core.carrying import carry  # slow, and not needed before the window is there

        if same_clusters:
            curation = self.curation
            fresh = None if curation is None else replace(curation, stale=False)
            self._push(text, {"session": session, "curation": fresh, **more})
            self._say(found)
            return
        carried = carry(self.hand_work, self._session, session, rows)
        self._push(
            text, {"session": session, "carried": carried.lines, **vars(carried.work), **more}
        )
        self._say(_told(carried) if carried.lines else "", found)

    def _say(self, *texts: str) -> None:
        if any(texts):
            self.status_message.emit(". ".join(text for text in texts if text))

    def show_beside(self, text: str, session: Session, folder: Path | None, **values: Any) -> None:
        """Another session that goes with this one (some of its sequences, and back), as one step.

        values : its selection, kept selections and curation; what is not given there is none of
        """
        self._push(
            text, {**NOTHING, "tracks": self.tracks, **values, "session": session, "folder": folder}
        )

    def sessions(self) -> Iterator[Session]:
        """The session shown, and those that undo and redo bring back."""
        yield self._session
        for i in range(self.history.count()):
            step = self.history.command(i)
            assert isinstance(step, _Change)
            yield from step.sessions()

    def set_record(self, slot: str, record: Any) -> None:
        """Put one record into the session, clearing what depended on the old one."""
        self.set_session(self._session.with_record(slot, record))

    def change(self, text: str, **values: Any) -> None:
        """One undoable step.

        Parameters
        ----------
        text : what it is called in the Edit menu, e.g. "Merge clusters 3 and 7"
        values : new values of any of `selection`, `kept`, `curation` and `session`
        """
        unknown = set(values) - {"session", *self._values}
        if unknown:
            raise ValueError(f"change: got {sorted(unknown)}; expected {sorted(self._values)}")
        self._push(text, values)

    def _push(self, text: str, values: Mapping[str, Any]) -> None:
        before = {name: getattr(self, name) for name in values}
        self.history.push(_Change(self, text, before, values))

    @property
    def config(self) -> RunConfig:
        """What the next run will take: the oracle's and the stages' parameters, the reference."""
        return self._config

    def parameters(self, stage: str) -> Any:
        """Parameters of one stage ("clusterer", ...) for the next run; "oracle" for the model's."""
        return getattr(self._config, stage)

    def set_parameters(self, stage: str, parameters: Parameters) -> None:
        """Remember what the user entered in a stage's form."""
        changed: dict[str, Any] = {stage: parameters}
        self.set_config(replace(self._config, **changed))

    def set_config(self, config: RunConfig) -> None:
        """Remember what the user entered in the forms."""
        if config != self._config:
            self._config = config
            self.config_changed.emit()

    @property
    def recipe(self) -> Recipe | None:
        """The recipe of the next whole run; its parameters are those of `config`."""
        return self._recipe

    def set_recipe(self, recipe: Recipe | None) -> None:
        """Make the next whole run that of a recipe, or of the stages alone."""
        if recipe != self._recipe:
            self._recipe = recipe
            self.recipe_changed.emit()

    @property
    def coming_maps(self) -> Path | None:
        """The file that a run writes maps into, while it runs."""
        return self._coming_maps

    def announce_maps(self, file: Path | None) -> None:
        """A run begins to write maps into `file`; None: it is over."""
        self._coming_maps = file
        self.maps_coming.emit(file)

    def tell_manner(self, tell: Callable[[], Manner]) -> None:
        """Who shows the pictures says how the user has them, whenever the session is saved."""
        self._manner = tell

    def _saved_manner(self) -> Manner:
        saved = manner_of(self._session.state)
        return replace(saved, colour_blind=theme().colour_blind)

    def to_save(self) -> Callable[[], Session]:
        """What makes the session as it is now, with what the user did in its `state`.

        For a worker: to pack a selection and the clusters of a million sequences takes a while.
        """
        session, values, config = self._session, dict(self._values), self._config
        pictures = self._manner().to_dict()

        def make() -> Session:
            state = {**described(values, config), "pictures": pictures}
            if "recipe" in session.state:
                state["recipe"] = session.state["recipe"]
            return replace(session, state=state)

        return make

    def session_to_save(self) -> Session:
        """The session with what the user did in its `state`."""
        return self.to_save()()

    @property
    def version(self) -> int:
        """Rises with every change that a save would keep."""
        return self._version

    def mark_saved(self, folder: Path, version: int) -> None:
        """What was shown at `version` now lies in `folder`."""
        self._folder, self._read_only = folder, False
        if version == self._version:
            self._set_dirty(False)

    def mark_unsaved(self) -> None:
        """What is shown lies in no folder of the user's."""
        self._version += 1
        self._set_dirty(True)

    def _swap(self, values: Mapping[str, Any]) -> None:
        """Put `values` in place, then emit what they changed."""
        old_session, old = self._session, dict(self._values)
        self._session = values.get("session", old_session)
        self._values.update({name: v for name, v in values.items() if name in self._values})
        changed = {name for name in self._values if self._values[name] is not old[name]}
        slots = [
            slot
            for slot in (*SLOTS, "locus")  # which pictures number their positions by
            if getattr(self._session, slot) is not getattr(old_session, slot)
        ]
        saved = {"kept", "curation", "carried", "tracks", "maps_beside"}
        if changed & saved or self._session is not old_session:
            self.mark_unsaved()
        if "folder" in values:  # another analysis
            self._folder = values["folder"]
            self.session_changed.emit()
            self.selection_changed.emit()
            self.tracks_changed.emit()
            return
        for slot in slots:
            self.record_changed.emit(slot)
        if "curation" in changed:
            self.curation_changed.emit()
        if "clustering" in slots or "curation" in changed:
            self.clustering_changed.emit()
        if "tracks" in changed:
            self.tracks_changed.emit()
        if "maps_beside" in changed:
            self.maps_changed.emit()
        if changed & {"selection", "kept"}:
            self.selection_changed.emit()

    def _set_dirty(self, dirty: bool) -> None:
        if dirty != self._dirty:
            self._dirty = dirty
            self.dirty_changed.emit(dirty)


class _Change(QUndoCommand):
    """Values before and after; `redo` runs once as the step is pushed."""

    def __init__(
        self, state: AppState, text: str, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> None:
        super().__init__(text)
        self._state = state
        self._before = before
        self._after = after

    def sessions(self) -> Iterator[Session]:
        """Those before and after the step, where it is about sessions."""
        for values in (self._before, self._after):
            if "session" in values:
                yield values["session"]

    def redo(self) -> None:
        self._state._swap(self._after)

    def undo(self) -> None:
        self._state._swap(self._before)


def _told(carried: Carried) -> str:
    back = "; Edit > Undo brings it back" if carried.lost else ""
    return f"{carried.summary()}{back} (the list is above the clusters in Explore)"
