"""Sums of what is selected, and the logos made from them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PyQt5.QtCore import QObject
from PyQt5.QtGui import QColor

from seam_core.meta_explainer import Sums
from seam_core.selection import Selection
from seam_gui.look.text import counted
from seam_gui.pictures.scene import Scene
from seam_gui.state.app_state import AppState
from seam_gui.tabs.explore.logo_maker import LogoMaker
from seam_gui.tabs.explore.logo_panel import LogoPanel
from seam_gui.tabs.explore.logo_rows import MOST_CLUSTERS, ClusterRow
from seam_gui.tabs.explore.workings import Workings
from seam_gui.views.logo_painting import Logo
from seam_gui.work.jobs import JobRunner


class SelectionLogos(QObject):
    """Logos of the selection, of each selected cluster and of the kept selections.

    `summed` is called once the sums of the selection are known; None while they are on their way.
    """

    def __init__(
        self,
        state: AppState,
        jobs: JobRunner,
        workings: Workings,
        panel: LogoPanel,
        summed: Callable[[], None],
    ) -> None:
        super().__init__(panel)
        self._state, self._jobs, self._workings, self._panel = state, jobs, workings, panel
        self._summed = summed
        self._scene: Scene | None = None
        self._maker: LogoMaker | None = None
        self.sums: Sums | None = None
        self._kept_sums: dict[int, tuple[Selection, Sums]] = {}
        panel.options_changed.connect(self.show)

    def forget(self) -> None:
        """Another session was opened."""
        self._kept_sums.clear()

    def set_scene(self, scene: Scene) -> None:
        """The clusters that logos are made from."""
        self._scene, self._maker = scene, None
        if scene.explanation is not None and scene.total is not None:
            self._maker = LogoMaker(scene.explanation, scene.total)
            self._panel.set_defined(scene.explanation.contribution_sums is not None)

    def follow(self, scene: Scene, selection: Selection | None) -> bool:
        """Sums of a selection; False while they are on their way."""
        self.sums = self._workings.sums(scene, selection)
        if self.sums is None and selection is not None and selection.count > 0:
            self._workings.ask_sums(
                "explore_sums", scene, selection, lambda sums: self._take(selection, sums)
            )
            return False
        self._jobs.cancel("explore_sums")
        return True

    def _take(self, selection: Selection, sums: Sums) -> None:
        if self._state.selection is selection:
            self.sums = sums
            self._summed()

    def show(self) -> None:
        """Draw the logos as the panel has its options."""
        panel, maker, sums = self._panel, self._maker, self.sums
        if maker is None or sums is None:
            panel.set_logos(None, None)
            panel.rows.set_clusters([])
            panel.rows.set_kept([(kept, self.words(kept), None) for kept in self._state.kept])
            return
        selection, options = self._state.selection, panel.options
        ids = selection.clusters() if selection is not None else ()
        alone = len(ids) == 1 and ids[0] in maker.explanation.ids
        row = maker.explanation.row_of(ids[0]) if alone else None
        panel.set_logos(maker.attribution(sums, options, row), maker.sequence(sums, options))
        panel.rows.set_clusters(self._cluster_rows(maker, ids))
        panel.rows.set_kept(
            [(kept, self.words(kept), self._kept_logo(maker, kept)) for kept in self._state.kept]
        )

    def words(self, kept: Selection) -> str:
        """How a kept selection was made; a cluster with its label."""
        return kept.describe() if self._scene is None else self._scene.words_of(kept)

    def _cluster_rows(self, maker: LogoMaker, ids: tuple[int, ...]) -> list[ClusterRow]:
        """Several clusters, a logo each in its own colour."""
        scene, explanation = self._scene, maker.explanation
        known = [i for i in ids if i in explanation.ids]
        if scene is None or scene.sums is None or not self._panel.apart or len(known) < 2:
            return []
        rows = []
        for cluster in known[:MOST_CLUSTERS]:
            at = explanation.row_of(cluster)
            logo = maker.attribution(scene.sums.rows(np.array([at])), self._panel.options, at)
            title = f"{scene.title_of(cluster)}   {counted(int(explanation.sizes[at]), 'sequence')}"
            colour = QColor(*scene.colours(explanation.ids[at : at + 1])[0].tolist())
            rows.append(ClusterRow(cluster, title, colour, logo))
        return rows

    def _kept_logo(self, maker: LogoMaker, kept: Selection) -> Logo | None:
        entry = self._kept_sums.get(id(kept))
        assert self._scene is not None, "its clusters made the logos"
        sums = entry[1] if entry is not None else self._workings.sums(self._scene, kept)
        if sums is None:
            self._workings.ask_sums(
                f"explore_kept_{kept.name}",
                self._scene,
                kept,
                lambda sums: self._kept_summed(kept, sums),
            )
            return None
        return maker.attribution(sums, self._panel.options)

    def _kept_summed(self, kept: Selection, sums: Sums) -> None:
        self._kept_sums[id(kept)] = (kept, sums)
        self.show()
