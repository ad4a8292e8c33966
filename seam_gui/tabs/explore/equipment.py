"""What stands beside the pictures and on them: legend, filters, names, logo, tracks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PyQt5.QtCore import QObject
from PyQt5.QtWidgets import QWidget

from seam_core.pictures import rows_named
from seam_core.progress import Progress
from seam_core.selection import Gesture, Rows, Selection
from seam_gui.pictures.scene import Scene
from seam_gui.services import Services
from seam_gui.tabs.explore.curator import Curator
from seam_gui.tabs.explore.maps_panel import LinkedMaps
from seam_gui.tabs.explore.panels import Panels
from seam_gui.tabs.explore.point_marks import CentroidNames, HoverLogo
from seam_gui.tabs.explore.tracks import Tracks

NEIGHBOURS = 25  # sequences, the one asked about among them


class Equipment(QObject):
    """Follows scene and selection; what it asks for goes through `select` and the curator."""

    def __init__(
        self,
        services: Services,
        panels: Panels,
        curator: Curator,
        select: Callable[[Gesture, str], None],
        clear: Callable[[], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._state, self._jobs, self._panels = services.state, services.jobs, panels
        self._select, self._scene, self._hovered = select, Scene(self._state.session), -1
        self.tracks = Tracks(self._state, self._jobs, panels.tracks, parent)
        services.navigator.tracks_wanted.connect(self.tracks.add)
        self.tracks.added.connect(lambda: panels.centre.column.reveal(panels.tracks))
        self.maps = LinkedMaps(self._state, self._jobs, panels.maps, panels.scatter)
        view = panels.scatter.view
        self.names, self.hover_logo = CentroidNames(view), HoverLogo(view)
        view.hovered.connect(self._note)
        panels.legend.clusters_hidden.connect(curator.hide_only)
        panels.legend.names_hidden.connect(panels.scatter.leave_out)
        panels.filters.gesture_made.connect(select)
        panels.filters.cleared.connect(clear)
        panels.legend.names_hidden.connect(lambda _: self._show_names())
        panels.scatter.axes_changed.connect(self._show_names)
        panels.scatter.redrawn.connect(self.names.place_again)

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What its commands do."""
        return {
            "next_names": self.next_names,
            "neighbours": self.select_neighbours,
            "map_beside": self.maps.add,
            **self.tracks.handlers(),
        }

    def set_scene(self, scene: Scene) -> None:
        """Show another scene."""
        self._scene = scene
        self._panels.legend.set_scene(scene)
        self._panels.filters.set_scene(scene)
        self.hover_logo.set_scene(scene)
        self.maps.set_scene(scene)
        self._show_names()

    def set_selection(self, selection: Selection | None) -> None:
        """Count what is selected."""
        self._panels.legend.set_selection(selection)
        self._panels.filters.set_selection(selection)

    def next_names(self) -> None:
        """Step through what is named in the scatter."""
        self._state.status_message.emit(self.names.next_mode())
        self._show_names()

    def _show_names(self) -> None:
        left_out = rows_named(self._scene.columns, self._panels.legend.left_out)
        self.names.show_scene(self._scene, self._panels.scatter.axes, left_out)

    def _note(self, index: int) -> None:
        if index >= 0:
            self._hovered = index

    @property
    def asked(self) -> int | None:
        """The sequence meant: the one selected alone, the last under the mouse, the reference."""
        selection = self._state.selection
        if selection is not None and selection.count == 1:
            return int(selection.indices[0])
        return self._hovered if 0 <= self._hovered < self._scene.n else self._scene.reference

    def select_neighbours(self) -> None:
        """The sequences whose maps are nearest to one sequence's, itself among them."""
        maps, index = self._scene.session.maps, self.asked
        if maps is None or index is None:
            self._state.status_message.emit("Point at a sequence in the scatter first")
            return

        def work(progress: Progress) -> np.ndarray:
            from seam_core.likeness import nearest_maps

            return nearest_maps(maps, index, NEIGHBOURS)[0]

        def done(nearest: np.ndarray) -> None:
            self._select(Rows(tuple(sorted(int(i) for i in nearest))), "replace")
            words = f"The {len(nearest)} sequences whose maps are nearest to that of #{index}"
            self._state.status_message.emit(words)

        self._jobs.submit("neighbours", "Nearest neighbours", work, done=done, quiet=True)
