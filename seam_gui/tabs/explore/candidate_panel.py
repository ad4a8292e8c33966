"""Clusters that are alike: candidates to merge, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QCheckBox, QToolButton, QVBoxLayout, QWidget

from seam_gui.commands import CANDIDATE_BUTTONS
from seam_gui.look.text import PlainLabel, counted
from seam_gui.look.theme import SPACING
from seam_gui.pictures.scene import Scene
from seam_gui.tabs.explore.lazy_panel import LazyPanel
from seam_gui.widgets.fields import ComboBox
from seam_gui.widgets.flow_row import FlowRow
from seam_gui.widgets.frame_table import Column, FrameTable
from seam_gui.work.jobs import JobRunner

if TYPE_CHECKING:
    import pandas as pd

    from seam_core.progress import Progress
    from seam_core.records import Explanation

_JOB = "explore_candidates"
_BY = {"map": "Mean maps", "msm": "MSM rows"}


class CandidatePanel(LazyPanel):
    """Pairs of clusters, the most alike first; a row selects both, keys step, merge and skip.

    pair_chosen : the two ids
    asked : name of a command of `CANDIDATE_BUTTONS`
    """

    pair_chosen = pyqtSignal(object)
    asked = pyqtSignal(str)

    def __init__(self, jobs: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("candidate_panel")
        self._jobs = jobs
        self._compared: tuple[Explanation, str, pd.DataFrame] | None = None
        self._steps = 0  # asked for while the pairs are on their way
        self._scene: Scene | None = None
        self._chosen: tuple[int, ...] = ()
        self._skipped: set[frozenset[int]] = set()
        self._frame: pd.DataFrame | None = None
        self._library: object = None
        self._by = ComboBox()
        self._by.setObjectName("candidate_by")
        self._by.setToolTip("Alike by their mean attribution maps, or by which positions they keep")
        for data, text in _BY.items():
            self._by.addItem(text, data)
        self._by.currentIndexChanged.connect(lambda _: self.draw_again())
        self._own = QCheckBox("of the selected cluster")
        self._own.setObjectName("candidate_own")
        self._own.setToolTip("Only pairs that the selected cluster is in: the ones most like it")
        self._own.toggled.connect(lambda _: self.draw_again())
        buttons = []
        for command in CANDIDATE_BUTTONS:
            button = QToolButton()
            button.setObjectName(command.name.replace("cluster_", "candidate_"))
            button.setText(command.button_text)
            button.setToolTip(command.button_tip)
            button.clicked.connect(lambda _checked, name=command.name: self.asked.emit(name))
            buttons.append(button)
        self._count = PlainLabel()
        self._count.setObjectName("candidate_count")
        self._count.setProperty("role", "muted")
        self.table = FrameTable("candidate_table")
        self.table.setSelectionMode(FrameTable.SingleSelection)
        self.table.horizontalHeader().setStretchLastSection(False)
        self.table.rows_selected.connect(self._choose)
        line = FlowRow(self._by, self._own, *buttons, None, self._count)
        line.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        layout.addWidget(self.table, 1)

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What its commands do; merging and labelling are the curator's."""
        return {
            "candidate_next": lambda: self.step(1),
            "candidate_previous": lambda: self.step(-1),
            "candidate_skip": self.skip,
        }

    def set_scene(self, scene: Scene) -> None:
        """Show the candidates of other clusters; those skipped stay skipped."""
        if scene.session.library is not self._library:
            self._library = scene.session.library
            self._skipped.clear()
        if self._scene is None or scene.explanation is not self._scene.explanation:
            self._scene = scene
            self.draw_again()
        self._scene = scene

    def set_chosen(self, ids: tuple[int, ...]) -> None:
        """The clusters that are selected."""
        if ids != self._chosen:
            self._chosen = ids
            if self._own.isChecked() and len(ids) == 1:
                self.draw_again()

    def refresh(self) -> None:
        scene, by = self._scene, self._by.currentData()
        if scene is None or scene.explanation is None:
            self._jobs.cancel(_JOB)
            self._compared, self._steps = None, 0
            self._say("")
            return
        if self._pairs is None:
            self._ask(scene.explanation, by)
        else:
            self._jobs.cancel(_JOB)
            self._show(scene, self._pairs)

    @property
    def _pairs(self) -> pd.DataFrame | None:
        """All pairs of the clusters shown; None while they are on their way."""
        compared, scene = self._compared, self._scene
        if compared is None or scene is None or compared[0] is not scene.explanation:
            return None
        return compared[2] if compared[1] == self._by.currentData() else None

    def _ask(self, explanation: Explanation, by: str) -> None:
        """Compare the clusters in a worker: 2,000 have two million pairs."""

        def work(_progress: Progress) -> pd.DataFrame:
            from seam_core.likeness import merge_candidates

            return merge_candidates(explanation, by)

        def done(pairs: pd.DataFrame) -> None:
            self._compared = (explanation, by, pairs)
            self.draw_again()
            steps, self._steps = self._steps, 0
            if steps:
                self.step(steps)

        self._steps = 0
        self._say("comparing the clusters")
        self._jobs.submit(_JOB, "Comparing clusters", work, done=done, quiet=True)

    def _say(self, text: str) -> None:
        """Words in place of the pairs."""
        self._frame = None
        self.table.set_columns([], 0)
        self._count.setText(text)

    def _show(self, scene: Scene, pairs: pd.DataFrame) -> None:
        ids = zip(pairs["left"].tolist(), pairs["right"].tolist(), strict=True)
        keep = [frozenset(pair) not in self._skipped for pair in ids]
        frame = pairs[np.array(keep, dtype=bool)]
        if self._own.isChecked() and len(self._chosen) == 1:
            (own,) = self._chosen
            frame = frame[(frame["left"] == own) | (frame["right"] == own)]
        self._frame = frame
        skipped = f"   {len(self._skipped)} skipped" if self._skipped else ""
        self._count.setText(f"{counted(len(frame), 'pair')}{skipped}")
        self.table.set_columns(_columns(frame, scene), len(frame))

    @property
    def pair(self) -> tuple[int, int] | None:
        """The pair that is marked."""
        rows = self.table.selected_rows()
        if self._frame is None or len(rows) != 1:
            return None
        row = self._frame.iloc[int(rows[0])]
        return int(row["left"]), int(row["right"])

    def step(self, by: int) -> str:
        """The next or the former candidate; why not, where there is none."""
        if self._behind:
            self.draw_now()
        if self._pairs is None:
            self._steps += by
            return "Comparing the clusters first"
        n = self.table.frame.rowCount()
        now = self.table.currentIndex().row() if self.pair is not None else -1
        if not 0 <= now + by < n:
            return f"There is no {'further' if by > 0 else 'former'} pair"
        self.table.selectRow(now + by)
        return ""

    def skip(self) -> str:
        """Offer this pair no more, and go on to the next."""
        pair = self.pair
        if pair is None:
            return self.step(1)
        at = self.table.currentIndex().row()
        self._skipped.add(frozenset(pair))
        self.draw_now()
        n = self.table.frame.rowCount()
        if n:
            self.table.selectRow(min(at, n - 1))
        return ""

    def _choose(self, rows: np.ndarray) -> None:
        pair = self.pair
        if pair is not None and set(pair) != set(self._chosen):
            self.pair_chosen.emit(pair)


def _columns(frame: pd.DataFrame, scene: Scene) -> list[Column]:
    def titles(side: str) -> np.ndarray:
        return np.array([scene.title_of(int(i)) for i in frame[side]], dtype=str)

    return [
        Column("Larger", titles("left")),
        Column("Smaller", titles("right")),
        Column("Likeness", frame["likeness"].to_numpy(), ".3f", "Correlation, 1: the same"),
        Column("Larger n", frame["left_size"].to_numpy(), tip="Sequences in the larger"),
        Column("Smaller n", frame["right_size"].to_numpy(), tip="Sequences in the smaller"),
        Column(
            "Δ median",
            frame["median_difference"].to_numpy(),
            ".3g",
            "Median activity of the larger less that of the smaller",
        ),
    ]
