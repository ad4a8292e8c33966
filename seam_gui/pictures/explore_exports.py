"""Pictures and tables of Explore as files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seam_core.progress import Progress
from seam_gui.dialogs import dialogs
from seam_gui.pictures.picture_exports import PictureExports
from seam_gui.pictures.recipe import Recipe, Shown
from seam_gui.pictures.recipes import recipes

if TYPE_CHECKING:
    from seam_gui.tabs.explore_tab import ExploreTab

_FOCUS = {
    "scatter_view": "scatter",
    "attribution_logo": "attribution_logo",
    "sequence_logo": "sequence_logo",
    "msm_view": "msm",
    "cluster_plot": "comparison",
    "selection_statistics": "members",
}


class ExploreExports(PictureExports):
    """Pictures, and tables that are written in a worker thread."""

    def __init__(self, tab: ExploreTab) -> None:
        super().__init__(tab, _FOCUS, "attribution_logo")
        self._tab = tab

    def shown(self) -> Shown:
        """What the tab shows."""
        tab = self._tab
        scatter = tab.scatter
        return Shown(
            tab.scene,
            tab.state.selection,
            tab.logos.options,
            tab.axis.window(),
            scatter.colour_by,
            scatter.order,
            scatter.axes,
            tab.msm.quantity,
            tab.comparison.kind,
        )

    def recipes(self) -> dict[str, Recipe]:
        return recipes(self.shown())

    def write(self, what: str) -> None:
        """One of the tables: "fasta", "indices", "sequences", "comparison"."""
        from seam_gui.pictures import exports

        tab = self._tab
        scene, selection = tab.scene, tab.state.selection
        if scene.session.library is None:
            tab.state.status_message.emit("There are no sequences to write yet")
            return
        chosen = selection is not None and selection.count > 0
        rows = selection.indices if chosen else np.arange(scene.n)
        session = replace(scene.session, clustering=scene.clustering)
        endings = {"fasta": ".fa", "indices": ".indices.txt", "sequences": ".csv"}
        ending = endings.get(what, f".{what}.csv")
        path = dialogs().save_file(tab, "Export", session.name + ending, f"*{Path(ending).suffix}")
        if path is None:
            return
        text = tab.clusters.table.clusters.as_text() if what == "comparison" else ""

        def work(progress: Progress) -> None:
            if what == "fasta":
                exports.write_fasta(session, rows, path)
            elif what == "indices":
                exports.write_indices(session, rows, path)
            elif what == "sequences":
                exports.write_table(session, rows, path)
            else:
                path.write_text(text, encoding="utf-8")

        tab.jobs.submit(
            "export",
            f"Writing {path.name}",
            work,
            done=lambda _: tab.state.status_message.emit(f"Written: {path}"),
        )
