"""The Library's buttons: they run the recipe chosen, or the stages where there is none."""

from __future__ import annotations

from seam_core.stages import RUN_ORDER
from seam_gui.state.app_state import AppState
from seam_gui.widgets.stage_form import RunButtons
from seam_gui.windows.recipes.form import lacking
from seam_gui.work.jobs import JobRunner


class LibraryButtons(RunButtons):
    """Run the whole analysis, or make the library only."""

    def __init__(self, state: AppState, jobs: JobRunner) -> None:
        super().__init__(
            state,
            jobs,
            "library",
            "Run the whole analysis",
            "Library, maps, table, clusters, mechanisms and sites, one after another (Ctrl+R)",
            lambda: RUN_ORDER,
            [
                (
                    "library_only",
                    "Make the library only",
                    "The sequences alone; only the search of an optimized one asks the model",
                    ("mutagenizer",),
                )
            ],
        )
        state.recipe_changed.connect(self.refresh)

    def run(self) -> None:
        if self._state.recipe is None:
            super().run()
        else:
            self._state.recipe_requested.emit()

    def refresh(self) -> None:
        super().refresh()
        recipe = self._state.recipe
        self._run.setText("Run the recipe" if recipe else "Run the whole analysis")
        for push, _ in self._more:
            push.setVisible(recipe is None or not recipe.variants)

    def lacking(self, stages: tuple[str, ...]) -> str:
        if self._state.recipe is not None and stages == RUN_ORDER:
            return lacking(self._state)
        return super().lacking(stages)
