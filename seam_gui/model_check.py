"""Checks a model in the engine process, so that a wrong file is told before a run."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QObject

from seam_gui.app_state import AppState
from seam_gui.engine import Engine
from seam_gui.jobs import Failure, JobRunner
from seam_gui.widgets.model_form import ModelForm


class ModelCheck(QObject):
    """Answers the form's "Check the model"."""

    def __init__(self, state: AppState, jobs: JobRunner, engine: Engine, form: ModelForm) -> None:
        super().__init__(form)
        self._state, self._jobs, self._engine, self._form = state, jobs, engine, form
        form.check_requested.connect(self.check)

    def check(self) -> None:
        """Load the model that the form names."""
        config, form = self._state.config, self._form
        if not config.oracle.model:
            form.show_problem("Choose a model file first.")
            return

        def failed(failure: Failure) -> None:
            form.show_problem(str(failure.error))

        def answered(answer: dict[str, Any]) -> None:
            form.show_answer(answer)

        form.show_waiting()
        job = self._jobs.register("model_check", "Loading the model", done=answered, failed=failed)
        self._engine.drive(job, "check_model", {"config": config.to_dict()})
