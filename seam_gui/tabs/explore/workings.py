"""What Explore computes off the GUI thread: the clusters as edited, and sums of a selection."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PyQt5.QtCore import QObject

from seam_core.meta_explainer import MetaExplainer, Sums, subset_sums, warm_up
from seam_core.progress import Progress
from seam_core.records import Explanation
from seam_core.selection import Selection
from seam_gui.pictures.scene import Scene
from seam_gui.work.jobs import JobRunner

_KEPT = 24  # explanations of former clusterings, so that undo is at once


class Workings(QObject):
    """Quick answers at once, slow ones when they come."""

    def __init__(self, jobs: JobRunner, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._explained: dict[int, tuple[np.ndarray, Explanation]] = {}
        self._warm = False

    def forget(self) -> None:
        """Another session was opened."""
        self._explained.clear()
        for key in ("explore_sums", "explore_explain"):
            self._jobs.cancel(key)

    def warm_up(self, n_letters: int) -> None:
        """Load the compiled sums before the first lasso needs them."""
        if not self._warm:
            self._warm = True
            self._jobs.submit(
                "explore_warm_up", "", lambda progress: warm_up(n_letters), quiet=True
            )

    def remember(self, labels: np.ndarray, explanation: Explanation) -> None:
        """Keep what is known of a clustering."""
        if len(self._explained) >= _KEPT:
            del self._explained[next(iter(self._explained))]
        self._explained[id(labels)] = (labels, explanation)

    def explanation_of(self, labels: np.ndarray | None) -> Explanation | None:
        """What is known of exactly this clustering."""
        entry = self._explained.get(id(labels))
        return entry[1] if entry is not None and entry[0] is labels else None

    def explain(self, old: Scene, new: Scene, done: Callable[[Explanation], None]) -> bool:
        """Explain the clusters of `new`, from the sums of `old` where there are; False when the
        session lacks what that takes."""
        session, clustering = new.session, new.clustering
        library, table, maps = session.library, session.table, session.maps
        if library is None or table is None or maps is None or clustering is None:
            return False
        known = session.explanation
        explainer = MetaExplainer(None if known is None else known.parameters)
        before, before_clusters = old.explanation, old.clustering
        same = old.session.maps is maps and before is not None

        def work(progress: Progress) -> Explanation:
            if same and before is not None and before_clusters is not None:
                return explainer.update(
                    before, before_clusters, library, table, maps, clustering, progress=progress
                )
            return explainer.run(library, table, maps, clustering, progress=progress)

        self._jobs.submit("explore_explain", "Explaining clusters", work, done=done, quiet=same)
        return True

    def sums(self, scene: Scene, selection: Selection | None) -> Sums | None:
        """Sums of the selection where they follow from those of the clusters, else None."""
        if scene.sums is None or scene.explanation is None:
            return None
        if selection is None or selection.count == 0:
            return scene.total
        clusters = selection.clusters()
        if not clusters:
            return None
        rows = np.flatnonzero(np.isin(scene.explanation.ids, clusters))
        if int(scene.sums.sizes[rows].sum()) != selection.count:
            return None  # the clusters were edited since they were selected
        return scene.sums.rows(rows).total()

    def ask_sums(
        self, key: str, scene: Scene, selection: Selection, done: Callable[[Sums], None]
    ) -> None:
        """Sums of any selection, read from the maps in a worker thread."""
        library, maps = scene.session.library, scene.session.maps
        if library is None or maps is None:
            return
        clusters = scene.sums

        def work(progress: Progress) -> Sums:
            return subset_sums(
                library, maps, selection.mask, clusters=clusters, rows=scene.rows, progress=progress
            )

        self._jobs.submit(key, "Summing the selection", work, done=done, quiet=True)
