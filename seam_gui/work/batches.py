"""Batches that the window started: a child process each, which does what `seam batch` does."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5 import sip
from PyQt5.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, pyqtSignal

from seam_core import trust
from seam_core.interpreter import own_process
from seam_core.parameters import (
    BatchParameters,
    MutagenizerParameters,
    OracleParameters,
    describe,
)
from seam_core.validate import SeamError
from seam_gui.state.working_folder import WorkingFolder
from seam_gui.work.engine import agreed
from seam_gui.work.jobs import Failure
from seam_gui.work.notify import Notify

if TYPE_CHECKING:
    from seam_core.pipeline import RunConfig
    from seam_core.recipes import Recipe

_STDERR_LINES = 40
_INTERRUPTED = 130
_GRACE_MS = 15_000  # a batch that does not end by itself within this is killed


@dataclass(frozen=True)
class BatchRequest:
    """What a batch is to do; see `seam batch`.

    settings : the configuration, or a recipe with it, as TOML; `model` is that of it
    how : where it runs, what a locus may take
    """

    loci: Path
    out: Path
    settings: str
    model: str
    genome: Path | None = None
    full: bool = False
    is_recipe: bool = False
    width: int | None = None
    how: BatchParameters = field(default_factory=BatchParameters)

    def arguments(self, settings: Path) -> list[str]:
        """Of the `seam` command; `settings` is the file with the configuration."""
        kind = "--recipe" if self.is_recipe else "--config"
        words = ["batch", str(self.loci), kind, str(settings), "--out", str(self.out)]
        if self.genome is not None:
            words += ["--genome", str(self.genome)]
        if self.width is not None:
            words += ["--width", str(self.width)]
        for declared in describe(BatchParameters):
            value = getattr(self.how, declared.name)
            if value != declared.default and declared.name not in self.how.idle:
                words += [f"--{declared.name.replace('_', '-')}", str(value)]
        return words + ["--full"] * self.full + ["--quiet"]


@dataclass
class _Run:
    process: QProcess
    errors: deque[str] = field(default_factory=lambda: deque(maxlen=_STDERR_LINES))
    cancelled: bool = False
    failed_to_start: bool = False


def _may_run(model: str) -> bool:
    """Has the user agreed to the code that a batch names, if it names any?"""
    try:
        trust.require_all(OracleParameters(model=model), MutagenizerParameters())
    except trust.TrustError as error:
        return agreed(error)
    return True


class Batches(QObject):
    """changed : a batch was started, or came to its end."""

    changed = pyqtSignal()

    def __init__(
        self, working: WorkingFolder, notify: Notify, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._working, self._notify = working, notify
        self._runs: dict[Path, _Run] = {}
        self._requests: dict[Path, BatchRequest] = {}

    @property
    def running(self) -> list[Path]:
        """Folders of the batches under way."""
        return list(self._runs)

    def is_running(self, folder: Path) -> bool:
        """True while a batch that was started here writes into a folder."""
        return folder in self._runs

    def knows(self, folder: Path) -> bool:
        """True when the batch was started here, so that it can be started again."""
        return folder in self._requests

    def model_of(self, folder: Path) -> str:
        """The model of a batch that was started here; "" where that is not known."""
        request = self._requests.get(folder)
        return "" if request is None else request.model

    def start(self, request: BatchRequest) -> None:
        """Start a batch, or go on with one."""
        if request.out in self._runs or not _may_run(request.model):
            return
        settings = self._working.path / f"batch-{len(self._requests)}.toml"
        settings.write_text(request.settings, encoding="utf-8")
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("TF_CPP_MIN_LOG_LEVEL", "3")
        process.setProcessEnvironment(environment)
        process.setStandardOutputFile(QProcess.nullDevice())
        run = self._runs[request.out] = _Run(process)
        self._requests[request.out] = request
        process.readyReadStandardError.connect(lambda: _read(run))
        process.finished.connect(lambda *_: self._ended(request.out, run))
        process.errorOccurred.connect(lambda error: self._failed(request.out, run, error))
        program, first = own_process("seam_core")
        process.start(program, [*first, *request.arguments(settings)])
        self.changed.emit()

    def go_on(self, folder: Path) -> None:
        """Do what is missing of a batch that was started here."""
        self.start(self._requests[folder])

    def cancel(self, folder: Path) -> None:
        """Stop a batch; what is finished stays."""
        run = self._runs.get(folder)
        if run is not None:
            run.cancelled = True
            run.process.terminate()
            QTimer.singleShot(_GRACE_MS, lambda: self._kill_if_stuck(folder, run))

    def shut_down(self) -> None:
        """Stop all of them at once; a batch that is killed goes on where it was."""
        runs, self._runs = self._runs, {}
        for run in runs.values():
            run.process.disconnect()
            run.process.kill()
            run.process.waitForFinished(2_000)

    def _asked(self, folder: Path) -> bool:
        """Did the batch end since its model runs code, and did the user say yes now?"""
        from seam_core.batch import last_question

        question = last_question(folder)
        if question is None or trust.is_approved(question["subject"]):
            return False
        return agreed(trust.TrustError(**question))

    def _kill_if_stuck(self, folder: Path, run: _Run) -> None:
        if self._runs.get(folder) is run:
            run.process.kill()

    def _failed(self, folder: Path, run: _Run, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            run.failed_to_start = True
            self._ended(folder, run)

    def _ended(self, folder: Path, run: _Run) -> None:
        if sip.isdeleted(run.process) or self._runs.get(folder) is not run:
            return
        _read(run)
        del self._runs[folder]
        code = run.process.exitCode()
        crashed = run.process.exitStatus() != QProcess.ExitStatus.NormalExit
        run.process.deleteLater()
        self.changed.emit()
        if run.cancelled or code == _INTERRUPTED:
            self._notify.message(f"The batch {folder.name} was stopped")
        elif code and self._asked(folder):
            self.go_on(folder)
        elif code or crashed or run.failed_to_start:
            said = [line for line in run.errors if line.startswith("seam: ")]
            text = said[-1].removeprefix("seam: ") if said else "its process ended unexpectedly"
            failure = Failure(SeamError(text), "\n".join(run.errors))
            self._notify.error(f"The batch {folder.name} did not end well", failure)
        else:
            self._notify.message(f"The batch {folder.name} is finished")


def settings_text(config: RunConfig) -> str:
    """A configuration as the command reads it; the sequence is each locus's own."""
    import tomli_w

    values = {
        part: {name: value for name, value in own.items() if value is not None}
        for part, own in config.to_dict().items()
        if isinstance(own, dict)
    }
    return tomli_w.dumps(values)


def recipe_text(recipe: Recipe, config: RunConfig) -> str:
    """A recipe of several runs with the settings of the tabs, as the command reads it."""
    from seam_core import recipes

    return recipes.as_toml(
        replace(recipe, config=replace(config, sequence="", record="", locus=""))
    )


def _read(run: _Run) -> None:
    text = bytes(run.process.readAllStandardError()).decode(errors="replace")
    run.errors.extend(text.splitlines())
