"""What is selected in Explore: each gesture one step of the history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from seam_core import selection as sel
from seam_core.selection import Clusters, Everything, Gesture
from seam_core.validate import InputError
from seam_gui.look.text import counted
from seam_gui.look.words import in_words
from seam_gui.pictures.scene import Scene
from seam_gui.state.app_state import AppState
from seam_gui.tabs.explore.scatter_panel import ScatterPanel
from seam_gui.views.cluster_table import ClusterTable


class Selector:
    """Selects what gestures say, and answers beside the scatter's question."""

    def __init__(
        self,
        state: AppState,
        scene: Callable[[], Scene],
        scatter: ScatterPanel,
        table: ClusterTable,
    ) -> None:
        self._state, self._scene, self._table = state, scene, table
        self._answer = scatter.answer

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What its commands do."""
        return {
            "select_all": self.select_all,
            "invert": self.invert,
            "clear": self.clear,
            "next": lambda: self.step(1),
            "previous": lambda: self.step(-1),
        }

    def select(self, gesture: Gesture, mode: str = "replace") -> None:
        """One gesture, one step of the history."""
        asked = isinstance(gesture, sel.Query)
        try:
            new = sel.select(self._scene().landscape, gesture, mode, self._state.selection)
        except InputError as error:
            self._answer(f"{error.got}; expected {error.expected}", wrong=True)
            self._state.status_message.emit(in_words(error))
            return
        self._answer(counted(new.count, "sequence") if asked else "")
        self._state.change(f"Select {gesture.describe()}", selection=new)

    def clear(self) -> None:
        """Nothing selected, nothing brushed."""
        if self._state.selection is not None:
            self._answer("")
            self._state.change("Clear the selection", selection=None)

    def select_all(self) -> None:
        """Every sequence."""
        if self._scene().n:
            self.select(Everything())

    def invert(self) -> None:
        """What is not selected."""
        if self._scene().n:
            self.select(Everything(), "except")

    def brush(self, positions: tuple[int, int] | None) -> None:
        """Positions highlighted in logos and MSM."""
        old = self._state.selection
        if positions != (None if old is None else old.positions):
            new = replace(old or sel.nothing(self._scene().n), positions=positions)
            self._state.change("Brush positions", selection=new)

    def clusters(self) -> tuple[int, ...]:
        """Ids of the clusters that are selected, as they are arranged."""
        selection = self._state.selection
        ids = frozenset(() if selection is None else selection.clusters())
        return tuple(i for i in self._scene().order if i in ids)

    def step(self, by: int) -> None:
        """The next or the former cluster in the order of the table."""
        shown = [row.cluster_id for row in self._table.clusters.clusters]
        if not shown:
            return
        now = self._table.chosen()
        at = shown.index(now[-1]) + by if now and now[-1] in shown else 0
        self.select(Clusters((shown[at % len(shown)],)))

    def choose_rows(self, ids: tuple[int, ...], mode: str) -> None:
        """Rows of the table of clusters; none clears."""
        if ids:
            self.select(Clusters(ids), mode)
        else:
            self.clear()

    def choose_cell(self, cluster_id: int, position: int, mode: str) -> None:
        """A cell selects its cluster and marks its column, in one step."""
        old = self._state.selection
        new = sel.select(self._scene().landscape, Clusters((cluster_id,)), mode, old)
        new = replace(new, positions=(position, position + 1))
        self._state.change(f"Select cluster {cluster_id}", selection=new)
