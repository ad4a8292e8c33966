"""Which clusters of before became which of now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt5.QtWidgets import QVBoxLayout, QWidget

from seam_core.progress import Progress
from seam_core.records import Clustering
from seam_gui.look.theme import SPACING
from seam_gui.state.app_state import AppState
from seam_gui.widgets.basics import label
from seam_gui.widgets.frame_table import Column, FrameTable
from seam_gui.work.jobs import JobRunner

if TYPE_CHECKING:
    from seam_core.clusterer.comparison import Agreement

_HINT = "Cluster again, or cut the tree elsewhere: the clusters before and after are compared here."


class AgreementPage(QWidget):
    """The adjusted Rand index in words, and the cross-table."""

    def __init__(self, state: AppState, jobs: JobRunner) -> None:
        super().__init__()
        self._state, self._jobs = state, jobs
        self._before: Clustering | None = state.session.clustering
        self._words = label(_HINT, "muted", "cluster_agreement")
        self.table = FrameTable("cluster_cross_table")
        layout = self._layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self._words)
        layout.addWidget(self.table, 1)
        state.session_changed.connect(self._forget)
        state.record_changed.connect(lambda slot: self._compare() if slot == "clustering" else None)
        self._show(None)

    def _forget(self) -> None:
        self._before = self._state.session.clustering
        self._show(None)

    def _compare(self) -> None:
        before, now = self._before, self._state.session.clustering
        self._before = now or before
        if before is None or now is None or len(before) != len(now):
            self._show(None)
            return

        def work(progress: Progress) -> Agreement:
            from seam_core.clusterer.comparison import agreement

            return agreement(before, now)

        self._jobs.submit("agreement", "Agreement", work, done=self._show, quiet=True)

    def _show(self, agreement: Agreement | None) -> None:
        self.table.setVisible(agreement is not None)
        self._layout.setStretch(0, int(agreement is None))
        if agreement is None:
            self._words.setText(_HINT)
            return
        self._words.setText(
            f"Agreement with the clusters before: adjusted Rand index {agreement.rand:.2f} "
            "(1: the same groups, 0: as by chance). Maps of each cluster before (rows) that are in "
            "each cluster now (columns):"
        )
        columns = [
            Column("before", agreement.table.index.to_numpy(), tip="Cluster before; -1: noise")
        ]
        columns += [
            Column(str(now), agreement.table[now].to_numpy(), tip=f"Maps in cluster {now} now")
            for now in agreement.table.columns
        ]
        self.table.set_columns(columns, len(agreement.table))
