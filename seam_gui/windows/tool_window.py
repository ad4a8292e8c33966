"""A window beside the main one, with work and a status line of its own."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QMetaObject, QObject, Qt, QTimer, pyqtBoundSignal
from PyQt5.QtGui import QKeyEvent, QShowEvent
from PyQt5.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from seam_gui.look.theme import SPACING
from seam_gui.services import Services
from seam_gui.widgets.accessible import make_accessible
from seam_gui.widgets.basics import button, label
from seam_gui.work.errors import explained
from seam_gui.work.jobs import Failure, Job, JobRunner


class ToolWindow(QDialog):
    """Opening another session in the main window does not stop its jobs; closing it does.

    name : of its widgets; page : of the help that F1 shows
    """

    def __init__(
        self, services: Services, parent: QWidget, *, name: str, title: str, page: str
    ) -> None:
        super().__init__(parent, Qt.Window)
        self.setObjectName(f"{name}_window")
        self.setWindowTitle(f"{title} – SEAM")
        self.setAttribute(Qt.WA_DeleteOnClose)
        self.resize(1200, 760)
        self.services = services
        self._page = page
        self.jobs = JobRunner(self)
        self.jobs.job_failed.connect(self._explain)
        self.content = QVBoxLayout()
        self.content.setContentsMargins(0, 0, 0, 0)
        self.content.setSpacing(0)
        self._message = label("", "muted", f"{name}_status")
        self._message.setWordWrap(False)
        self._bar = QProgressBar()
        self._bar.setObjectName(f"{name}_progress")
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._bar.setFixedSize(160, 6)
        self._stop = button("Cancel", f"{name}_stop", "Stop this work", self.jobs.cancel_all)
        for widget in (self._bar, self._stop):
            widget.hide()
        foot = QHBoxLayout()
        foot.setContentsMargins(SPACING * 2, SPACING // 2, SPACING * 2, SPACING // 2)
        foot.setSpacing(SPACING)
        foot.addWidget(self._message)
        foot.addWidget(self._bar)
        foot.addWidget(self._stop)
        foot.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self.content, 1)
        layout.addLayout(foot)
        self.jobs.job_started.connect(lambda _job: self._show_jobs())
        self.jobs.job_ended.connect(lambda _job: self._show_jobs())
        self.jobs.job_progressed.connect(lambda _job: self._show_jobs())
        self._ties: list[QMetaObject.Connection] = []

    def follow(self, signal: pyqtBoundSignal, slot: Callable[..., object]) -> None:
        """Connect a signal of what outlives this window, until it is closed."""
        self._ties.append(signal.connect(slot))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        make_accessible(self)

    def say(self, text: str) -> None:
        """A line at the foot of the window."""
        self._message.setText(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key_F1:
            self.services.navigator.show_help(self._page)
        elif event.key() != Qt.Key_Escape:  # a dialog would close, with all that was computed
            super().keyPressEvent(event)

    def done(self, result: int) -> None:
        """The window is closed; it may be asked to a second time before Qt deletes it."""
        while self._ties:
            QObject.disconnect(self._ties.pop())
        self.jobs.shut_down()
        super().done(result)

    def _show_jobs(self) -> None:
        jobs = self.jobs.visible_jobs
        for widget in (self._bar, self._stop):
            widget.setVisible(bool(jobs))
        if jobs:
            job = jobs[-1]
            self._bar.setValue(round(job.fraction * 1000))
            self.say(f"{job.title} · {job.message}" if job.message else job.title)
        else:
            self.say("")

    def _explain(self, job: Job, failure: Failure) -> None:
        self.say(explained(failure)[0].splitlines()[0])
        # outside the signal: a box runs an event loop of its own
        title = f"{job.title} did not finish"
        QTimer.singleShot(0, lambda: self.services.notify.error(title, failure, self))


def close_all(main: QWidget) -> None:
    """Close every tool window of the main window, and stop its work."""
    for window in main.findChildren(ToolWindow):
        window.close()
