"""Several maps of the same sequences beside each other: one selection, one colouring, one mouse."""

from __future__ import annotations

from functools import partial

from PyQt5.QtCore import QObject, pyqtSignal
from PyQt5.QtWidgets import QSplitter

from seam_core.manner import MapShown
from seam_core.parameters import ClustererParameters
from seam_core.progress import Progress
from seam_core.records import Embedding
from seam_core.registry import EMBEDDINGS
from seam_gui.pictures.scene import Scene
from seam_gui.state.app_state import AppState
from seam_gui.tabs.explore.map_view import MapView
from seam_gui.tabs.explore.scatter_panel import ScatterPanel
from seam_gui.widgets.basics import discard
from seam_gui.work.jobs import JobRunner

QUICK = "pca"  # the embedding that an added map shows: it is there at once
MOST = 3  # beside the scatter; more would be too small to be read


class MapsPanel(QSplitter):
    """The maps in a row; seen while there are any.

    gesture_made : gesture, mode
    """

    gesture_made = pyqtSignal(object, str)
    cleared = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("maps_beside")
        self.setChildrenCollapsible(False)
        self.maps: list[MapView] = []
        self.hide()

    def set_number(self, wanted: int) -> list[MapView]:
        """So many maps; those that are new."""
        while len(self.maps) > wanted:
            discard(self.maps.pop())
        fresh = []
        while len(self.maps) < wanted:
            one = MapView(len(self.maps))
            one.gesture_made.connect(self.gesture_made)
            one.cleared.connect(self.cleared)
            self.addWidget(one)
            self.maps.append(one)
            fresh.append(one)
        self.setVisible(bool(self.maps))
        return fresh


class LinkedMaps(QObject):
    """Shows in the panel what the state says, and makes the embeddings that it takes."""

    def __init__(
        self, state: AppState, jobs: JobRunner, panel: MapsPanel, scatter: ScatterPanel
    ) -> None:
        super().__init__(panel)
        self._state, self._jobs, self._panel, self._scatter = state, jobs, panel, scatter
        self._scene = Scene(state.session)
        self._made: dict[str, Embedding] = {}
        self._hovering = False
        scatter.redrawn.connect(self._follow)
        scatter.view.hovered.connect(partial(self._hover, scatter.view))
        state.maps_changed.connect(self._show)

    def add(self) -> None:
        """One more map: the next two axes of the embedding, else another embedding."""
        shown, embedding = self._state.maps_beside, self._scene.session.embedding
        if embedding is None or len(shown) >= MOST:
            words = "There is no embedding yet" if embedding is None else f"At most {MOST} maps"
            self._state.status_message.emit(words)
            return
        more = embedding.coordinates.shape[1] > 2 and not shown
        taken = {embedding.method, *(each.source for each in shown)}
        quick = self._scene.session.maps is not None and QUICK not in taken
        fresh = MapShown("", (0, 2)) if more else MapShown(QUICK if quick else "")
        self._state.change("Another map beside", maps_beside=(*shown, fresh))

    def set_scene(self, scene: Scene) -> None:
        """Other sequences or other clusters of them."""
        before, self._scene = self._scene, scene
        if before.session.maps is not scene.session.maps:
            self._made.clear()
        self._show()

    def _sources(self) -> dict[str, str]:
        """What can be shown: the session's own, and what can be made from its maps."""
        embedding = self._scene.session.embedding
        named = None if embedding is None else EMBEDDINGS.find(embedding.method)
        own = "as imported" if named is None else named.label
        sources = {"": f"This embedding ({own})"}
        if self._scene.session.maps is not None:
            sources |= {one.name: one.label for one in EMBEDDINGS if one is not named}
        return sources

    def _show(self) -> None:
        wanted = self._state.maps_beside if self._scene.session.embedding is not None else ()
        for one in self._panel.set_number(len(wanted)):
            one.changed.connect(self._chosen)
            one.dropped.connect(partial(self._drop, one))
            one.view.hovered.connect(partial(self._hover, one.view))
        sources = self._sources()
        for one, shown in zip(self._panel.maps, wanted, strict=True):
            one.offer(sources, shown)
            own = not shown.source or shown.source not in sources
            embedding = self._scene.session.embedding if own else self._of(shown.source)
            one.show_embedding(embedding, shown, self._scene, own=own)
            one.view.set_describer(self._scene.describe_point)
        self._follow()

    def _of(self, method: str) -> Embedding | None:
        """The embedding of a method; None while it is made."""
        maps, now = self._scene.session.maps, self._scene.session.embedding
        if method in self._made or maps is None:
            return self._made.get(method)
        parameters = (now.parameters if now is not None else None) or ClustererParameters()
        wanted = parameters.replace(embedding=method)

        def work(progress: Progress) -> Embedding:
            from seam_core.clusterer import Clusterer

            return Clusterer(wanted).embed(maps, progress=progress)

        def done(embedding: Embedding) -> None:
            if self._scene.session.maps is maps:
                self._made[method] = embedding
                self._show()

        label = EMBEDDINGS.get(method).label
        self._jobs.submit(f"map_{method}", f"Another map: {label}", work, done=done)
        return None

    def _chosen(self) -> None:
        shown = tuple(one.shown for one in self._panel.maps)
        if shown != self._state.maps_beside:
            self._state.change("Another map beside", maps_beside=shown)

    def _drop(self, dropped: MapView) -> None:
        kept = tuple(one.shown for one in self._panel.maps if one is not dropped)
        self._state.change("One map less", maps_beside=kept)

    def _follow(self) -> None:
        for one in self._panel.maps:
            one.follow(self._scatter.view)

    def _hover(self, leader: object, index: int) -> None:
        """The sequence under the mouse is ringed on every map."""
        views = (self._scatter.view, *(one.view for one in self._panel.maps))
        for view in views:
            if view is not leader:
                view.ring(index)
