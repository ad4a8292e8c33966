"""Pictures and tables of Explore as files."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtWidgets import QWidget

from seam_gui.pictures.exports import ask_and_write
from seam_gui.pictures.figure_call import FigureCall
from seam_gui.pictures.figure_calls import figure_calls
from seam_gui.pictures.picture_exports import PictureExports
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
    ) -> None:
        """`shown` is what is on the screen."""
        super().__init__(state, jobs, parent, _FOCUS, "attribution_logo")
        self.shown = shown

    def drawings(self) -> dict[str, FigureCall]:
        return figure_calls(self.shown())

    def write(self, what: str) -> None:
        """One of the tables: "fasta", "indices", "sequences", "comparison"."""
        name = {"sequences": "table", "comparison": "clusters"}.get(what, what)
        ask_and_write(self._state, self._jobs, self._parent, name)
