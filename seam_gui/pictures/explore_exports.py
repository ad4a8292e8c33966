"""Pictures and tables of Explore as files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PyQt5.QtWidgets import QWidget

from seam_core.progress import Progress
from seam_gui.dialogs import dialogs
from seam_gui.pictures.picture_exports import PictureExports
from seam_gui.pictures.recipe import Recipe
from seam_gui.pictures.recipes import recipes
from seam_gui.pictures.shown import Shown
from seam_gui.state.app_state import AppState
from seam_gui.work.jobs import JobRunner

_FOCUS = {
    "scatter_view": "scatter",
    "attribution_logo": "attribution_logo",
    "sequence_logo": "sequence_logo",
    "msm_view": "msm",
    "cluster_plot": "comparison",
    "dendrogram_view": "dendrogram",
    "selection_statistics": "members",
}


class ExploreExports(PictureExports):
    """Pictures, and tables that are written in a worker thread."""

    def __init__(
        self,
        state: AppState,
        jobs: JobRunner,
        parent: QWidget,
        shown: Callable[[], Shown],
        comparison_text: Callable[[], str],
    ) -> None:
        """`comparison_text` gives the table of clusters, `shown` what is on the screen."""
        super().__init__(state, jobs, parent, _FOCUS, "attribution_logo")
        self.shown, self._comparison_text = shown, comparison_text

    def recipes(self) -> dict[str, Recipe]:
        return recipes(self.shown())

    def write(self, what: str) -> None:
        """One of the tables: "fasta", "indices", "sequences", "comparison"."""
        from seam_gui.pictures import exports

        shown = self.shown()
        scene, selection = shown.scene, shown.selection
        if scene.session.library is None:
            self._state.status_message.emit("There are no sequences to write yet")
            return
        chosen = selection is not None and selection.count > 0
        rows = selection.indices if chosen else np.arange(scene.n)
        session = replace(scene.session, clustering=scene.clustering)
        endings = {"fasta": ".fa", "indices": ".indices.txt", "sequences": ".csv"}
        ending = endings.get(what, f".{what}.csv")
        name, kind = session.name + ending, f"*{Path(ending).suffix}"
        path = dialogs().save_file(self._parent, "Export", name, kind)
        if path is None:
            return
        text = self._comparison_text() if what == "comparison" else ""

        def work(progress: Progress) -> None:
            if what == "fasta":
                exports.write_fasta(session, rows, path)
            elif what == "indices":
                exports.write_indices(session, rows, path)
            elif what == "sequences":
                exports.write_table(session, rows, path)
            else:
                path.write_text(text, encoding="utf-8")

        self._jobs.submit(
            "export",
            f"Writing {path.name}",
            work,
            done=lambda _: self._state.status_message.emit(f"Written: {path}"),
        )
