"""Edits of the clusters, each one undoable step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PyQt5.QtCore import QObject

from seam_core import curation as cur
from seam_core.curation import Change, Curation
from seam_core.progress import Progress
from seam_core.readers.labels import ClusterTexts, read_cluster_texts
from seam_core.selection import Clusters, Selection, Step
from seam_core.validate import InputError
from seam_gui.dialogs import dialogs
from seam_gui.look.words import in_words
from seam_gui.pictures.scene import Scene
from seam_gui.state.app_state import AppState
from seam_gui.state.settings import Settings
from seam_gui.work.jobs import JobRunner

Edit = Callable[[Curation], tuple[Curation, Change]]


class Curator(QObject):
    """Applies edits to the state; what cannot be done is said in the status bar."""

    def __init__(
        self, state: AppState, jobs: JobRunner, scene: Callable[[], Scene], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._state, self._jobs, self._scene = state, jobs, scene

    def handlers(self, clusters: Callable[[], Sequence[int]]) -> dict[str, Callable[[], object]]:
        """What the commands of the Clusters menu do; `clusters` says to which clusters."""
        return {
            "cluster_merge": lambda: self.merge(clusters()),
            "cluster_split": lambda: self.ask_split(clusters()),
            "cluster_cut": self.cut_at_selection,
            "cluster_gather": self.gather,
            "cluster_label": lambda: self.ask_label(clusters()),
            "cluster_colour": lambda: self.ask_colour(clusters()),
            "cluster_hide": lambda: self.hide(clusters()),
            "cluster_show_all": self.show_all,
            "read_labels": self.ask_file,
            "cluster_up": lambda: self.move(clusters(), -1),
            "cluster_down": lambda: self.move(clusters(), 1),
        }

    def merge(self, ids: Sequence[int]) -> None:
        """Several clusters as one."""
        self._apply(lambda c: cur.merge(c, ids))

    def cut_at_selection(self) -> None:
        """Every cluster that the selection holds in part becomes two; only one is cut at a time."""
        mask, labels = self._mask(), self._scene().labels
        if mask is None or labels is None:
            self._state.status_message.emit("Draw a lasso through a cluster first")
            return
        inside = np.unique(labels[mask])
        split = [int(i) for i in inside if not mask[labels == i].all()]
        if len(split) != 1:
            self._state.status_message.emit(
                f"The selection goes through {len(split)} clusters; it has to go through one"
            )
            return
        self._apply(lambda c: cur.cut_out(c, mask, split[0]))

    def gather(self) -> None:
        """The selection as a new cluster."""
        mask = self._mask()
        if mask is None:
            self._state.status_message.emit("Select sequences first")
            return
        self._apply(lambda c: cur.gather(c, mask))

    def split(self, cluster_id: int, parts: int) -> None:
        """Cluster a cluster's maps again, by Ward, in a worker thread."""
        scene = self._scene()
        maps, curation = scene.session.maps, self._editable()
        if maps is None or curation is None:
            self._state.status_message.emit("There are no maps to cluster")
            return
        members = curation.members(cluster_id)

        def work(progress: Progress) -> np.ndarray:
            from seam_core.clusterer import cut_linkage, ward_linkage

            inside = np.ascontiguousarray(maps.maps[members], dtype=np.float32)
            return cut_linkage(ward_linkage(inside, progress=progress), parts).labels

        title = scene.title_of(cluster_id)

        def done(labels: np.ndarray) -> None:
            now = self._editable()
            if now is None or not np.array_equal(now.members(cluster_id), members):
                self._refuse(f"{title} changed while it was split: nothing was done")
            else:
                self._apply(lambda c: cur.split(c, cluster_id, labels))

        self._jobs.submit("split", f"Splitting {title}", work, done=done)

    def ask_split(self, ids: Sequence[int]) -> None:
        """Ask how many parts, then split."""
        if len(ids) != 1:
            self._state.status_message.emit("Select one cluster to split")
            return
        answer = dialogs().ask_text(None, "Split cluster", "Number of parts", "2")
        if answer is None:
            return
        if not answer.strip().isdigit() or int(answer) < 2:
            self._state.status_message.emit(f"Parts: got {answer!r}; expected 2 or more")
            return
        self.split(ids[0], int(answer))

    def label(self, cluster_id: int, text: str) -> None:
        """Name a cluster."""
        self._apply(lambda c: cur.label(c, cluster_id, text), select=False)

    def note(self, cluster_id: int, text: str) -> None:
        """Write a note to a cluster."""
        self._apply(lambda c: cur.note(c, cluster_id, text), select=False)

    def ask_label(self, ids: Sequence[int]) -> None:
        """Ask for the name of the first cluster; names given before are offered."""
        if ids:
            scene = self._scene()
            title = f"Label {scene.title_of(ids[0])}"
            settings = Settings()
            used = [] if scene.curation is None else sorted(set(scene.curation.names.values()))
            choices = list(dict.fromkeys([*settings.labels, *used]))
            text = dialogs().ask_text(None, title, "Label", scene.name_of(ids[0]), choices)
            if text is not None:
                if text.strip():
                    settings.add_label(text.strip())
                self.label(ids[0], text)

    def ask_file(self) -> None:
        """Ask for a table of labels, and take it."""
        kinds = "Tables (*.csv *.tsv *.txt *.parquet *.gz)"
        path = dialogs().open_file(None, "Read labels of clusters", kinds)
        if path is not None:
            self.read(path)

    def read(self, path: Path) -> None:
        """Labels, notes and colours from a table, in one step; of the clusters there are then."""
        clustering = self._state.session.clustering

        def work(_progress: Progress) -> ClusterTexts:
            return read_cluster_texts(path)

        def done(texts: ClusterTexts) -> None:
            if self._state.session.clustering is not clustering:
                self._refuse(f"The clusters were made anew while {path.name} was read: read again")
                return
            taken = (texts.names, texts.notes, texts.colours)
            said = self._apply(lambda c: cur.take_texts(c, *taken), select=False)
            self._state.status_message.emit(said)

        self._jobs.submit("labels", f"Reading {path.name}", work, done=done)

    def colour(self, ids: Sequence[int], value: str) -> None:
        """Colour clusters, "#rrggbb"."""
        if ids:
            self._apply(lambda c: cur.colour(c, ids, value), select=False)

    def ask_colour(self, ids: Sequence[int]) -> None:
        """Ask for the colour of clusters."""
        from PyQt5.QtGui import QColor
        from PyQt5.QtWidgets import QColorDialog

        if ids:
            now = QColor(*self._scene().colours(np.array(ids[:1]))[0].tolist())
            colour = QColorDialog.getColor(now, None, "Colour of the cluster")
            if colour.isValid():
                self.colour(ids, colour.name())

    def hide(self, ids: Sequence[int]) -> None:
        """Leave clusters out of the pictures."""
        if ids:
            self._apply(lambda c: cur.hide(c, ids), select=False)

    def hide_only(self, ids: Sequence[int]) -> None:
        """Leave these clusters out of the pictures, and no others."""
        self._apply(lambda c: cur.hide_only(c, ids), select=False)

    def show_all(self) -> None:
        """Draw all clusters again."""
        self._apply(lambda c: cur.show(c), select=False)

    def move(self, ids: Sequence[int], by: int) -> None:
        """Move the first cluster up or down."""
        order = self._scene().order
        if not ids or order.index(ids[0]) + by not in range(len(order)):
            self._refuse("That is the last row" if by > 0 else "That is the first row")
        else:
            self._apply(lambda c: cur.move(c, ids[0], by), select=False)

    def _editable(self) -> Curation | None:
        """The user's curation, or one that begins now; the scene may still be the one before."""
        session = self._state.session
        if self._state.curation is not None or session.clustering is None:
            return self._state.curation
        return cur.start(session.clustering, session.explanation)

    def _mask(self) -> np.ndarray | None:
        selection = self._state.selection
        return None if selection is None or selection.count == 0 else selection.mask

    def _apply(self, edit: Edit, *, select: bool = True) -> str:
        """Make an edit; returns what was done, or why not, which the status bar says, too."""
        before = self._editable()
        if before is None:
            return self._refuse("There are no clusters yet")
        try:
            after, change = edit(before)
        except InputError as error:
            return self._refuse(in_words(error))
        values: dict[str, object] = {"curation": after}
        old = self._state.selection
        if select and change.added:
            values["selection"] = _selection_of(after, change.added[:1], old)
        elif old is not None and any(i not in after.order for i in old.clusters()):
            values["selection"] = None
        self._state.change(change.text, **values)
        return change.text

    def _refuse(self, text: str) -> str:
        self._state.status_message.emit(text)
        return text


def _selection_of(curation: Curation, ids: tuple[int, ...], old: Selection | None) -> Selection:
    """The clusters that an edit made, selected; brushed positions stay."""
    new = Selection(np.isin(curation.labels, ids), (Step(Clusters(ids)),))
    return new if old is None else replace(new, positions=old.positions)
