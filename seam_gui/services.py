"""What every part of the window is given: the window itself is given to nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, pyqtSignal
from PyQt5.QtWidgets import QWidget

from seam_gui.state.app_state import AppState
from seam_gui.state.settings import Settings
from seam_gui.state.working_folder import WorkingFolder
from seam_gui.work.batches import Batches
from seam_gui.work.documents import Documents
from seam_gui.work.engine import Engine
from seam_gui.work.jobs import JobRunner
from seam_gui.work.notify import Notify
from seam_gui.work.recipe_runs import RecipeRuns
from seam_gui.work.runs import Runs
from seam_gui.work.variants_ahead import VariantsAhead

if TYPE_CHECKING:
    from seam_core.pipeline import RunConfig
    from seam_core.progress import Progress
    from seam_core.recipes import Recipe


class Navigator(QObject):
    """Where a part of the window wants the user to go; the shell answers.

    tab_wanted : title of a tab
    path_wanted : folder of a session or of a batch
    analysis_wanted : `RunConfig`, and `Recipe` or None, of a new analysis
    help_wanted : name of a page
    command_wanted : name of a command of the window
    demo_wanted : name of a demo
    tracks_wanted : files to show below the logos
    """

    tab_wanted = pyqtSignal(str)
    path_wanted = pyqtSignal(object)
    analysis_wanted = pyqtSignal(object, object)
    help_wanted = pyqtSignal(str)
    command_wanted = pyqtSignal(str)
    demo_wanted = pyqtSignal(str)
    tracks_wanted = pyqtSignal(object)

    def show_tab(self, title: str) -> None:
        """Bring a tab to the front."""
        self.tab_wanted.emit(title)

    def open_path(self, folder: Path) -> None:
        """Open a session's folder, or that of a batch."""
        self.path_wanted.emit(folder)

    def start_from(self, config: RunConfig, recipe: Recipe | None = None) -> None:
        """An empty session whose forms are filled, at the Library."""
        self.analysis_wanted.emit(config, recipe)

    def show_help(self, page: str) -> None:
        """A page of Help."""
        self.help_wanted.emit(page)

    def open_demo(self, name: str) -> None:
        """Open, or run, a demo."""
        self.demo_wanted.emit(name)

    def show_tracks(self, paths: list[Path]) -> None:
        """Files of annotations, below the logos of Explore."""
        self.show_tab("Explore")
        self.tracks_wanted.emit(paths)

    def trigger(self, command: str) -> None:
        """What an entry of the window's menus does."""
        self.command_wanted.emit(command)


@dataclass(frozen=True)
class Services:
    """Made once; handed to tabs, tool windows and dialogs as `(services, parent)`."""

    state: AppState
    jobs: JobRunner
    engine: Engine
    settings: Settings
    working: WorkingFolder
    documents: Documents
    runs: Runs
    recipe_runs: RecipeRuns
    batches: Batches
    ahead: VariantsAhead
    notify: Notify
    navigator: Navigator

    def shut_down(self) -> None:
        """End what runs, and leave no file behind that nobody asked for."""
        self.batches.shut_down()
        self.ahead.shut_down()
        self.jobs.shut_down()
        self.engine.shut_down()
        self.documents.close()
        self.working.remove()


def make_services(
    window: QWidget, settings: Settings, prepare: Callable[[Progress], None]
) -> Services:
    """`prepare` is done in a worker thread before the first result is shown."""
    state, jobs, engine = AppState(window), JobRunner(window), Engine(window)
    working, notify = WorkingFolder(), Notify(state, window)
    return Services(
        state,
        jobs,
        engine,
        settings,
        working,
        Documents(state, jobs, settings, working, window, prepare=prepare),
        Runs(state, jobs, engine, working, window),
        RecipeRuns(state, jobs, engine, working, window, prepare=prepare),
        Batches(working, notify, window),
        VariantsAhead(state, jobs, engine, working, window),
        notify,
        Navigator(window),
    )
