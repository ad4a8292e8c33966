"""Measures the stability of the clusters in the engine process."""

from __future__ import annotations

from pathlib import Path

from PyQt5.QtCore import QObject

from seam_core.parameters import ClustererParameters
from seam_core.progress import Progress
from seam_core.records import Clustering
from seam_core.registry import CLUSTERINGS
from seam_gui.state.app_state import AppState
from seam_gui.state.working_folder import WorkingFolder
from seam_gui.widgets.stability_page import N_RESAMPLES, StabilityPage
from seam_gui.work.engine import Engine
from seam_gui.work.jobs import JobRunner


class StabilityCheck(QObject):
    """Answers the page's "Measure"."""

    def __init__(
        self,
        state: AppState,
        jobs: JobRunner,
        engine: Engine,
        working: WorkingFolder,
        page: StabilityPage,
    ) -> None:
        super().__init__(page)
        self._state, self._jobs, self._engine, self._working = state, jobs, engine, working
        self._page = page
        page.asked.connect(self.measure)

    def measure(self) -> None:
        """Cluster subsets of the session's maps as its clusters were made."""
        session = self._state.session
        if session.maps is None or session.clustering is None:
            self._state.status_message.emit("There are no clusters to measure yet.")
            return
        parameters = as_shown(session.clustering, self._state.parameters("clusterer"))
        job = self._jobs.register("run", "Stability", done=self._page.show_stability)

        def save(progress: Progress) -> Path:
            from seam_core import store

            store.save(session, self._working.run_input, progress=progress)
            return self._working.run_input

        def ask(folder: Path) -> None:
            self._engine.drive(
                job,
                "stability",
                {
                    "session": str(folder),
                    "clusterer": parameters.to_dict(),
                    "n_resamples": N_RESAMPLES,
                },
            )

        self._jobs.in_thread(job, save, ask)


def as_shown(clustering: Clustering, asked: ClustererParameters) -> ClustererParameters:
    """The parameters that make as many clusters as there are, by the method they were made with.

    A cut that was dragged, or clusters from a file, have not the number that was asked for.
    """
    parameters = clustering.parameters or asked
    method = CLUSTERINGS.find(clustering.method)
    if method is not None and "n_clusters" in method.parameters:
        n = int((clustering.ids >= 0).sum())
        return parameters.replace(clustering=clustering.method, n_clusters=n, cut_height=None)
    return parameters
