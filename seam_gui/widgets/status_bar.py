"""The status bar: what runs, how far it is, when it will be done, Cancel; memory in use."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtWidgets import QLabel, QProgressBar, QPushButton, QStatusBar, QWidget

from seam_core.progress import duration
from seam_gui.look.text import PlainLabel, plain
from seam_gui.widgets.elided_label import ElidedLabel
from seam_gui.work.jobs import Job, JobRunner

_MEMORY_EVERY_MS = 2_000


class StatusBar(QStatusBar):
    """Follows a `JobRunner`; messages show while no job does."""

    def __init__(
        self, jobs: JobRunner, memory_mb: Callable[[], float], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._memory_mb = memory_mb
        self.setSizeGripEnabled(False)
        self.setContentsMargins(8, 0, 8, 0)
        self.job_label = ElidedLabel()  # titles name files and sites, which may be long
        self.job_label.setObjectName("job_label")
        self.progress = QProgressBar()
        self.progress.setObjectName("job_progress")
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(160, 6)
        self.percent = _figure("job_percent", "100 %")
        self.left = _figure("job_left", "59 min 59 s left")
        self.cancel = QPushButton("Cancel")
        self.cancel.setObjectName("job_cancel")
        self.cancel.setToolTip("Stop the running job; everything stays as it was before (Ctrl+.)")
        self.cancel.clicked.connect(lambda _checked: jobs.cancel_all())
        self.memory = PlainLabel()
        self.memory.setObjectName("memory")
        self.memory.setProperty("role", "muted")
        self.memory.setToolTip("Memory that the application uses, its engine process included")
        self._of_job = (self.job_label, self.progress, self.percent, self.left, self.cancel)
        for widget in self._of_job:
            self.addWidget(widget)
        self.addPermanentWidget(self.memory)
        jobs.job_started.connect(lambda _job: self._show_jobs())
        jobs.job_ended.connect(lambda _job: self._show_jobs())
        jobs.job_progressed.connect(self._show_job)
        timer = QTimer(self)
        timer.timeout.connect(self._tick)
        timer.start(_MEMORY_EVERY_MS)
        QTimer.singleShot(0, self._tick)
        self._show_jobs()

    def _show_jobs(self) -> None:
        jobs = self._jobs.visible_jobs
        for widget in self._of_job:
            widget.setVisible(bool(jobs))
        if jobs:
            self.clearMessage()
            self._show_job(jobs[-1])

    def _show_job(self, job: Job) -> None:
        if job not in self._jobs.visible_jobs[-1:]:
            return
        more = job.message and job.message != job.title
        text = f"{job.title} · {job.message}" if more else job.title
        others = len(self._jobs.visible_jobs) - 1
        whole = f"{text} (+{others} more)" if others else text
        self.job_label.setText(whole)
        self.job_label.setToolTip(plain(whole))
        self.progress.setValue(round(job.fraction * 1000))
        self.percent.setText(f"{job.fraction:.0%}".replace("%", " %"))
        left = job.seconds_left()
        self.left.setText("" if left is None else f"{duration(max(1, left))} left")

    def _tick(self) -> None:
        self.memory.setText(f"{self._memory_mb() / 1000:.1f} GB")
        jobs = self._jobs.visible_jobs
        if jobs:
            self._show_job(jobs[-1])


def _figure(name: str, widest: str) -> QLabel:
    """A label that keeps its width while its figure changes."""
    figure = PlainLabel()
    figure.setObjectName(name)
    figure.setAlignment(Qt.AlignRight | Qt.AlignVCenter)
    figure.setMinimumWidth(figure.fontMetrics().horizontalAdvance(widest))
    figure.setProperty("role", "muted")
    return figure
