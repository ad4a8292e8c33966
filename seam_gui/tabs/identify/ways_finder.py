"""Finds ways to other mechanisms in the engine process, and keeps them with the session."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PyQt5.QtCore import QObject

from seam_core.parameters import ReprogrammerParameters
from seam_core.progress import Progress
from seam_gui.services import Services
from seam_gui.tabs.identify.robustness_page import RobustnessPage

if TYPE_CHECKING:
    import pandas as pd


class WaysFinder(QObject):
    """Answers the page's "Find ways"."""

    def __init__(self, services: Services, page: RobustnessPage) -> None:
        super().__init__(page)
        self._services, self._page = services, page
        self._numbers = itertools.count(1)
        page.asked.connect(self.find)

    def find(self) -> None:
        """Ask the model that the session was made with."""
        services = self._services
        asked = services.state.session
        session = services.state.session_to_save()
        out = services.working.path / f"ways-{next(self._numbers)}"
        job = services.jobs.register("ways", "Ways to other mechanisms", done=self._read_of(asked))

        def save(progress: Progress) -> Path:
            from seam_core import store

            store.save(session, services.working.run_input, progress=progress)
            return services.working.run_input

        def ask(folder: Path) -> None:
            request = {
                "session": str(folder),
                "out": str(out),
                "parameters": ReprogrammerParameters().to_dict(),
            }
            services.engine.drive(job, "reprogram", request)

        services.jobs.in_thread(job, save, ask)

    def _read_of(self, asked: Any) -> Any:
        def answered(answer: dict[str, Any]) -> None:
            folder = Path(answer["folder"])
            self._services.jobs.submit(
                "ways_read",
                "Ways",
                lambda progress: _read(folder),
                done=lambda found: self._take(asked, *found),
                quiet=True,
            )

        return answered

    def _take(self, asked: Any, ways: pd.DataFrame, maps: np.ndarray, start: int) -> None:
        """Keep them with the session, unless it is about other clusters by now."""
        state = self._services.state
        session = state.session
        if session.trust is None or session.clustering is not asked.clustering:
            self._services.notify.message(
                "The ways found are of clusters that are not there any more"
            )
            return
        state.change("Find ways", session=replace(session, trust=replace(session.trust, ways=ways)))
        alphabet = "" if session.library is None else session.library.alphabet
        self._page.ways.show_ways(ways, alphabet)
        self._page.ways.set_maps(ways, maps, start)


def _read(folder: Path) -> tuple[pd.DataFrame, np.ndarray, int]:
    import pandas as pd

    about = json.loads((folder / "reprogramming.json").read_text(encoding="utf-8"))
    maps = np.load(folder / "paths_maps.npy", allow_pickle=False)
    return pd.read_parquet(folder / "paths.parquet"), maps, int(about["maps_start"])
