"""Checks a model in the engine process, so that a wrong file is told before a run."""

from __future__ import annotations

from dataclasses import replace

from PyQt5.QtCore import QObject

from seam_gui.state.app_state import AppState
from seam_gui.widgets.model_answer import ModelAnswer
from seam_gui.work.engine import Engine
from seam_gui.work.jobs import JobRunner


class ModelCheck(QObject):
    """Asks the model that the forms name, and lets `answer` show what it says."""

    def __init__(
        self,
        state: AppState,
        jobs: JobRunner,
        engine: Engine,
        answer: ModelAnswer,
        *,
        maps: bool = False,
    ) -> None:
        """With `maps`, a few maps are made and timed."""
        super().__init__(answer)
        self._state, self._jobs, self._engine = state, jobs, engine
        self._answer, self._maps = answer, maps

    def check(self) -> None:
        """Load the model that the form names."""
        config, answer = self._state.config, self._answer
        session = self._state.session
        if not config.oracle.model and session.oracle is not None:
            config = replace(config, oracle=session.oracle)
        answer.begin()
        if not config.oracle.model:
            answer.show_problem("Choose a model file first.")
            return
        library = session.library if self._maps else None
        n = config.mutagenizer.n_sequences if library is None else len(library)
        request = {"config": config.to_dict(), "n_sequences": n, "maps": self._maps}
        job = self._jobs.register(
            "model_check",
            "Checking the model",
            done=answer.show_answer,
            failed=lambda failure: answer.show_problem(str(failure.error)),
        )
        job.cancelled.connect(answer.show_stopped)
        self._engine.drive(job, "check_model", request, told=lambda row: answer.add(*row))
