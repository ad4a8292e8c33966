"""Clusters: how maps are embedded and grouped, seen at once."""

from __future__ import annotations

from PyQt5.QtWidgets import QSplitter, QVBoxLayout, QWidget

from seam_gui.app_state import AppState
from seam_gui.jobs import JobRunner
from seam_gui.runs import from_stage_on
from seam_gui.widgets.basics import EmptyState, Page, SidePanel
from seam_gui.widgets.stage_form import RunButtons, StageForm


class ClusterTab(QWidget):
    """Forms on the left; scatter, tree and spectrum on the right."""

    def __init__(self, state: AppState, jobs: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cluster_tab")
        self._state, self._jobs = state, jobs
        splitter = QSplitter()
        splitter.setObjectName("cluster_splitter")
        splitter.addWidget(self._make_panel())
        splitter.addWidget(self._make_page())
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)

    def _make_panel(self) -> SidePanel:
        panel = SidePanel("cluster_panel")
        panel.add_section("Clusters", StageForm(self._state, "clusterer"))
        panel.finish()
        self.run_buttons = RunButtons(
            self._state,
            self._jobs,
            "cluster",
            "Embed and cluster",
            "",
            lambda: from_stage_on("clusterer"),
        )
        panel.buttons.addWidget(self.run_buttons)
        return panel

    def _make_page(self) -> Page:
        empty = EmptyState("cluster_empty", "No clusters yet", "")
        self._page = Page(QWidget(), empty)
        return self._page
