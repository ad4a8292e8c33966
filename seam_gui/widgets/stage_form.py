"""A stage's form bound to the state, and the buttons that run stages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PyQt5.QtWidgets import QWidget

from seam_core.parameters import (
    MutagenizerParameters,
    Parameters,
)
from seam_core.pipeline import RunConfig
from seam_core.pipeline.engine import SEARCHING_LIBRARIES
from seam_core.stages import PARTS, maker
from seam_gui.look.theme import SPACING
from seam_gui.state.app_state import AppState
from seam_gui.widgets.basics import button, column, label
from seam_gui.widgets.parameter_form import ParameterForm
from seam_gui.work.jobs import JobRunner
from seam_gui.work.runs import missing_for, only_tests


class StageForm(ParameterForm):
    """Edits `state.parameters(stage)`; several forms may share a stage, each with its rows."""

    def __init__(
        self,
        state: AppState,
        stage: str,
        *,
        prefix: str = "",
        only: Sequence[str] = (),
        leave_out: Sequence[str] = (),
    ) -> None:
        cls: type[Parameters] = PARTS[stage]
        super().__init__(cls, prefix or stage, only=only, leave_out=leave_out)
        self._state, self._stage = state, stage
        self.changed.connect(lambda value: state.set_parameters(stage, value))
        state.config_changed.connect(self._show_state)
        state.session_changed.connect(lambda: self.set_value(state.parameters(stage)))
        self._show_state()

    def _show_state(self) -> None:
        """What the next run takes; what cannot be and was not taken stays, with its message."""
        value = self._state.parameters(self._stage)
        if value != self.value:
            self.set_value(value)


class RunButtons(QWidget):
    """One primary button that runs a tab's stages, others for more; says what is missing."""

    def __init__(
        self,
        state: AppState,
        jobs: JobRunner,
        name: str,
        text: str,
        tip: str,
        stages: Callable[[], tuple[str, ...]],
        more: Sequence[tuple[str, str, str, tuple[str, ...]]] = (),
    ) -> None:
        """`stages` says what the first button runs; more: (name, text, tip, stages) each."""
        super().__init__()
        self.setObjectName(f"{name}_buttons")
        self._state, self._jobs, self._stages = state, jobs, stages
        self._missing = label("", "muted", f"{name}_missing")
        self._run = button(text, f"{name}_run", tip, self.run, primary=True)
        self._more = [
            (button(t, n, tip_, partial(state.run_requested.emit, w)), w) for n, t, tip_, w in more
        ]
        self.setLayout(
            column(self._missing, self._run, *(push for push, _ in self._more), spacing=SPACING)
        )
        for signal in (state.session_changed, state.config_changed):
            signal.connect(self.refresh)
        state.record_changed.connect(lambda _slot: self.refresh())
        jobs.job_started.connect(lambda _job: self.refresh())
        jobs.job_ended.connect(lambda _job: self.refresh())
        self.refresh()

    def run(self) -> None:
        """What the primary button does."""
        self._state.run_requested.emit(self._stages())

    def run_or_say(self) -> str:
        """The same for a command; why not, where it can start nothing."""
        if self._run.isEnabled():
            self.run()
            return ""
        return self._missing.text() or "Something runs already: wait for it, or cancel it"

    def refresh(self) -> None:
        """Enable what can run now."""
        lacking = self.lacking(self._stages())
        busy = any(job.key in ("run", "open") for job in self._jobs.visible_jobs)
        self._missing.setText(f"Needs {lacking}{self._where(lacking)}." if lacking else "")
        self._missing.setVisible(bool(lacking))
        self._run.setEnabled(not lacking and not busy)
        for push, stages in self._more:
            push.setEnabled(not self.lacking(stages) and not busy)

    def _where(self, lacking: str) -> str:
        elsewhere = self.objectName() != "library_buttons" and "a model" in lacking
        return " (see the Library tab)" if elsewhere else ""

    def lacking(self, stages: tuple[str, ...]) -> str:
        """What these stages cannot start without, in words; "" when they can."""
        missing = missing_for(stages, self._state.session)
        words = [maker(slot).words for slot in missing]
        config, session = self._state.config, self._state.session
        has_model = bool(config.oracle.model or (session.oracle and session.oracle.model))
        asks = "attributer" in stages or only_tests(stages) or _searches(config, stages)
        if asks and not has_model:
            words.append("a model")
        if "mutagenizer" in stages and not config.sequence:
            words += _instead_of_reference(config.mutagenizer, has_model=has_model)
        return in_a_row(words)


def _searches(config: RunConfig, stages: tuple[str, ...]) -> bool:
    return "mutagenizer" in stages and config.mutagenizer.library in SEARCHING_LIBRARIES


def in_a_row(words: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join([*([", ".join(words[:-1])] if words[1:] else []), *words[-1:]])


def _instead_of_reference(asked: MutagenizerParameters, *, has_model: bool) -> list[str]:
    """What a library without a reference cannot do without."""
    if asked.needs_reference:
        return ["a reference sequence"]
    if asked.sequence_length is None and not has_model:
        return ["a reference sequence or a sequence length"]
    return []
