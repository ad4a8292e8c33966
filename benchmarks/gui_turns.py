"""How long the window cannot answer: the longest turn of its own thread after each act of the user.

Processor time, so that other programs on the machine count for little.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from typing import Any

from benchmarks.gui_shell import environment, session_folder
from benchmarks.runner import Action, Benchmark

LENGTH, CLUSTERS = 60, 2_000


def _opened(n: int) -> tuple[Any, Callable[[], None]]:
    """The window with the session in Explore, and what waits until all is done and drawn."""
    os.environ.update(environment(tempfile.mkdtemp()))
    from seam_gui.shell.preparation import prepare_all
    from seam_gui.shell.start import dress, make_application

    application = make_application([])
    settings = dress(application, "light")
    from seam_core.progress import SILENT
    from seam_gui.shell.main_window import MainWindow

    prepare_all(SILENT)
    window = MainWindow(settings)
    window.resize(1600, 1000)
    window.show()
    jobs = window.services.jobs

    def settle() -> None:
        for _ in range(5):
            application.processEvents()
            while jobs.busy:
                application.processEvents()
                time.sleep(0.001)

    window.services.documents.open(session_folder(n, LENGTH, CLUSTERS))
    settle()
    window.tabs.make_others_soon()
    settle()
    return window, settle


def turns(n: int) -> Action:
    """Each act once, as the first of its kind in this window."""
    import numpy as np

    from seam_core.selection import Clusters, Polygon

    window, settle = _opened(n)
    explore, undo = window.tab("Explore"), window.services.state.history.undo
    ids = [int(i) for i in explore.scene.order]
    points = explore.scene.session.embedding.coordinates
    (left, low), (_, high) = np.min(points, axis=0) - 1, np.max(points, axis=0) + 1
    middle = float(np.median(points[:, 0]))
    half = Polygon(((left, low), (middle, low), (middle, high), (left, high)))
    acts: dict[str, Callable[[], object]] = {
        "switch": lambda: explore.select(Clusters((ids[1],))),
        "hide": lambda: explore.curator.hide(ids[2:3]),
        "hide_undo": undo,
        "label": lambda: explore.curator.label(ids[3], "both sites"),
        "label_undo": undo,
        "merge": lambda: explore.curator.merge(ids[4:6]),
        "merge_undo": undo,
        "lasso": lambda: explore.select(half),
        "theme": lambda: window.set_theme("dark"),
        "theme_back": lambda: window.set_theme("light"),
    }

    def action() -> dict[str, Any]:
        figures: dict[str, Any] = {}
        for name, act in acts.items():
            figures[f"{name}_ms"] = _longest_turn(act, settle)
            if name == "lasso":
                figures["selected"] = window.services.state.selection.count
        return figures

    return action


def _longest_turn(act: Callable[[], object], settle: Callable[[], None]) -> int:
    from tests.gui.responsiveness import Turns

    with Turns() as watch:
        act()
        settle()
    return round(1000 * max(watch.seconds))


BENCHMARKS = {"gui_turns": Benchmark(ours=turns, default_n=300_000)}
