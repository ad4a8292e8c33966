"""Runs a recipe in the engine process, as `seam run --recipe` does, and shows what came out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt5.QtCore import QObject, pyqtSignal

from seam_core.session import Session
from seam_gui.dialogs import dialogs
from seam_gui.state.app_state import AppState
from seam_gui.state.working_folder import WorkingFolder
from seam_gui.work.engine import Engine
from seam_gui.work.found import found_in
from seam_gui.work.hand_work import may_lose
from seam_gui.work.jobs import Job, JobRunner
from seam_gui.work.opening import prepared
from seam_gui.work.runs import (
    GOING_ON,
    STOPPING,
    RunResult,
    is_begun,
    read_result,
    what_is_kept,
)

if TYPE_CHECKING:
    from seam_core.progress import Progress
    from seam_core.recipes import Recipe


class RecipeRuns(QObject):
    """Answers `AppState.recipe_requested`.

    several_made : folders of sessions that a recipe made to be compared
    result_coming : a session has been read; its argument is called to show it, once what shows it
        is made
    """

    several_made = pyqtSignal(object)
    result_coming = pyqtSignal(object)

    def __init__(
        self,
        state: AppState,
        jobs: JobRunner,
        engine: Engine,
        working: WorkingFolder,
        parent: QObject | None = None,
        *,
        prepare: Callable[[Progress], None],
    ) -> None:
        super().__init__(parent)
        self._state, self._jobs, self._engine = state, jobs, engine
        self._working, self._prepare = working, prepare
        state.recipe_requested.connect(self.run)

    def run(self) -> None:
        """Run the recipe chosen; one of several sessions asks for the folder that keeps them."""
        recipe = self._state.recipe
        if recipe is None:
            return
        if recipe.combine != "compare" and not may_lose(self._state):
            return
        if recipe.combine == "compare":
            out = dialogs().save_file(
                None, f"A folder for the {len(recipe.variants)} sessions of the recipe", recipe.name
            )
            if out is None:
                return
        else:
            out = self._working.folder_of_run((recipe, self._state.config))
        job = self._jobs.register("run", recipe.title, done=lambda run: self._show(run, recipe))
        if _is_begun(recipe, out):
            job.title += GOING_ON
        job.cancelled.connect(self._say_stopped)
        self._engine.drive(
            job,
            "run_recipe",
            self._request(recipe, out),
            done=lambda answer: self._read(job, recipe, answer["folders"]),
            stopped=lambda: self._state.status_message.emit(what_is_kept(_folders(recipe, out))),
        )

    def _say_stopped(self) -> None:
        self._state.status_message.emit(STOPPING)

    def _request(self, recipe: Recipe, out: Path) -> dict[str, Any]:
        from seam_core import recipes

        return {
            "recipe": recipes.to_dict(recipe),
            "name": recipe.name,
            "config": self._state.config.to_dict(),
            "out": str(out),
        }

    def _read(self, job: Job, recipe: Recipe, folders: dict[str, str]) -> None:
        if recipe.combine == "compare":
            job.finish([Path(folder) for folder in folders.values()])
            return
        (folder,) = folders.values()

        read_result(
            self._jobs,
            self._working,
            self._state,
            job,
            Path(folder),
            load=self._load,
            finish=lambda run: self.result_coming.emit(lambda: job.finish(run)),
        )

    def _load(self, folder: Path, progress: Progress) -> Session:
        from seam_core import store

        self._prepare(progress)
        return prepared(store.load(folder, progress=progress))

    def _show(self, run: RunResult | list[Path], recipe: Recipe) -> None:
        if isinstance(run, list):
            self.several_made.emit(run)
        else:
            state = self._state
            rows = run.rows_in(state.session)
            found = found_in(recipe.title, run.session)
            if recipe.look_at:
                found += f". Look at: {recipe.look_at}"
            state.take_result(
                f"Run: {recipe.title}", run.session, rows=rows, found=found, folder=None
            )
            return
        if recipe.look_at:
            self._state.status_message.emit(f"Look at: {recipe.look_at}")


def _is_begun(recipe: Recipe, out: Path) -> bool:
    """True where a run of the recipe into `out` was stopped, and left something to go on with."""
    return any(is_begun(folder) for folder in _folders(recipe, out))


def _folders(recipe: Recipe, out: Path) -> list[Path]:
    """Where a run of the recipe writes, one folder after the other."""
    from seam_core.recipes import runs_folder

    if recipe.combine == "compare":
        return [out / variant.name for variant in recipe.variants]
    return [*(runs_folder(out) / str(i) for i in range(len(recipe.variants))), out]
