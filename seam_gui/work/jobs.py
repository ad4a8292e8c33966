"""Work off the GUI thread, with progress and cancel.

Every job has a key: a new job of the same key supersedes the old one, which is asked to stop and
whose late result is dropped. `done` and `failed` run on the GUI thread.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from PyQt5 import sip
from PyQt5.QtCore import QObject, QRunnable, QThreadPool, QTimer, pyqtSignal

from seam_core.progress import Cancelled, Progress

Work = Callable[[Progress], Any]
_REPORT_EVERY_S = 0.05
_THREADS = 3


@dataclass(frozen=True)
class Failure:
    """Why a job ended without a result: the message for the user, and the traceback."""

    error: BaseException
    details: str


class _JobProgress:
    """The `Progress` of one job: raises `Cancelled` once the job should stop."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._last = 0.0

    def update(self, done: float, total: float, message: str = "") -> None:
        if self._job.stopped:
            raise Cancelled
        now = time.monotonic()
        if now - self._last >= _REPORT_EVERY_S or done >= total:
            self._last = now
            self._job.report(done / total if total else 1.0, message)


class _Post(QObject):
    """Brings what worker threads say of a job to the GUI thread.

    It is never deleted. A job would be, by the GUI thread, while a worker thread is still inside
    the `emit` of one of its signals: that ends the application.
    """

    _sent = pyqtSignal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._sent.connect(self._deliver)

    def send(self, job: Job, letter: Callable[[], None]) -> None:
        """Call `letter` on the GUI thread, where `job` is still there then; at once from there."""
        self._sent.emit(job, letter)

    def _deliver(self, job: Job, letter: Callable[[], None]) -> None:
        if not sip.isdeleted(job):
            letter()


@cache
def _post() -> _Post:
    """The one post office, made on the GUI thread by the first job."""
    return _Post()


class Job(QObject):
    """One piece of work under way.

    progressed : fraction 0..1 and a message
    cancelled : the user, or a newer job of its key, wants it to stop
    ended : this job, whatever its end (result, failure or cancel)
    """

    progressed = pyqtSignal(float, str)
    cancelled = pyqtSignal()
    ended = pyqtSignal(object)

    def __init__(self, key: str, title: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.key = key
        self.title = title
        self.started = time.monotonic()
        self.stopped = False
        self.over = False
        self.fraction = 0.0
        self.message = ""
        self.result: Any = None
        self.failure: Failure | None = None
        self.done: Callable[[Any], None] | None = None
        self.failed: Callable[[Failure], None] | None = None
        self._post = _post()

    def cancel(self) -> None:
        """Ask the work to stop; its result is dropped whenever it comes."""
        if not self.stopped:
            self.stopped = True
            self.cancelled.emit()

    def seconds_left(self) -> float | None:
        """Estimate from the speed so far; None before there is one."""
        elapsed = time.monotonic() - self.started
        if self.fraction < 0.02 or elapsed < 1.0:
            return None
        return elapsed * (1 - self.fraction) / self.fraction

    def report(self, fraction: float, message: str) -> None:
        """How far the work is, from any thread; a job that is over says nothing more."""
        if not self.over:
            self._post.send(self, partial(self._note_progress, fraction, message))

    def finish(self, result: Any = None, failure: Failure | None = None) -> None:
        """End the job; may be called from any thread, and twice: the first time counts."""
        if not self.over:
            self._post.send(self, partial(self._finish, result, failure))

    def _note_progress(self, fraction: float, message: str) -> None:
        if self.over:
            return
        self.fraction = fraction
        self.message = message or self.message
        self.progressed.emit(fraction, message)

    def _finish(self, result: Any, failure: Failure | None) -> None:
        if self.over:
            return
        self.over = True
        self.result, self.failure = result, failure
        self.ended.emit(self)
        if self.stopped:
            return
        if failure is not None:
            if self.failed is not None:
                self.failed(failure)
        elif self.done is not None:
            self.done(result)


class _Task(QRunnable):
    def __init__(self, job: Job, work: Work) -> None:
        super().__init__()
        self._job = job
        self._work = work

    def run(self) -> None:
        result, failure = run_guarded(self._work, self._job)
        self._job.finish(result, failure)


def run_guarded(work: Work, job: Job) -> tuple[Any, Failure | None]:
    """The result of `work`, or what went wrong; a cancelled job has neither."""
    if job.stopped:
        return None, None
    try:
        return work(_JobProgress(job)), None
    except Cancelled:
        job.stopped = True
        return None, None
    except Exception as error:
        return None, Failure(error, traceback.format_exc())


@dataclass
class _Running:
    visible: dict[str, Job] = field(default_factory=dict)
    quiet: dict[str, Job] = field(default_factory=dict)

    def all(self) -> list[Job]:
        return [*self.visible.values(), *self.quiet.values()]


class JobRunner(QObject):
    """Starts jobs in worker threads and tells the window how they fare."""

    job_started = pyqtSignal(object)  # a visible job began
    job_progressed = pyqtSignal(object)  # its fraction or message changed
    job_ended = pyqtSignal(object)  # it is over, whatever its end
    job_failed = pyqtSignal(object, object)  # Job, Failure that nobody else handles

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(_THREADS)
        self._running = _Running()
        self._closed = False
        self._leaving: list[Job] = []  # superseded jobs, kept alive until their thread returns

    @property
    def visible_jobs(self) -> list[Job]:
        """Jobs that the status bar shows, oldest first."""
        return list(self._running.visible.values())

    @property
    def running(self) -> list[Job]:
        """All jobs that have not ended, superseded ones included."""
        return [*self._running.all(), *self._leaving]

    @property
    def busy(self) -> bool:
        """True while any job runs, superseded ones included."""
        return bool(self.running)

    def submit(
        self,
        key: str,
        title: str,
        work: Work,
        *,
        done: Callable[[Any], None] | None = None,
        failed: Callable[[Failure], None] | None = None,
        quiet: bool = False,
    ) -> Job:
        """Run `work(progress)` in a thread.

        Parameters
        ----------
        key : a running job of the same key is superseded
        title : what the status bar says, e.g. "Opening eve_hk"
        done, failed : called on the GUI thread with the result or the `Failure`; without
            `failed` the window shows a message
        quiet : not shown in the status bar (short work that follows the mouse)
        """
        job = self.register(key, title, done=done, failed=failed, quiet=quiet)
        if not self._closed:
            self._pool.start(_Task(job, work))
        return job

    def register(
        self,
        key: str,
        title: str,
        *,
        done: Callable[[Any], None] | None = None,
        failed: Callable[[Failure], None] | None = None,
        quiet: bool = False,
    ) -> Job:
        """A job whose work somebody else drives, and ends with `Job.finish`."""
        self.cancel(key)
        job = Job(key, title, self)
        job.done = done
        job.failed = failed or (lambda failure: self.job_failed.emit(job, failure))
        group = self._running.quiet if quiet else self._running.visible
        group[key] = job
        job.ended.connect(self._forget)
        if not quiet:
            job.progressed.connect(lambda *_: self._tell_progress(job))
            self.job_started.emit(job)
        return job

    def in_thread(self, job: Job, work: Work, then: Callable[[Any], None]) -> None:
        """One threaded step of a registered job; `then` runs on the GUI thread."""
        step = Job(job.key, job.title, self)
        step.stopped = job.stopped
        step.progressed.connect(job.report)
        job.cancelled.connect(step.cancel)

        def over(_step: Job) -> None:
            self._leaving.remove(step)
            step.deleteLater()
            if job.stopped or step.failure is not None:
                job.finish(None, step.failure)
            else:
                then(step.result)

        step.ended.connect(over)
        self._leaving.append(step)
        self._pool.start(_Task(step, work))

    def cancel(self, key: str) -> None:
        """Cancel the running job of this key, if there is one."""
        for group in (self._running.visible, self._running.quiet):
            job = group.pop(key, None)
            if job is not None:
                self._leaving.append(job)
                job.cancel()
                if group is self._running.visible:
                    self.job_ended.emit(job)

    def cancel_all(self) -> None:
        """Cancel everything."""
        for job in self._running.all():
            self.cancel(job.key)

    def shut_down(self, timeout_ms: int = 10_000) -> bool:
        """Cancel everything and wait for the threads; True when all have returned.

        What a closing window still asks for, as when a field loses the focus, is not begun.
        """
        self._closed = True
        self.cancel_all()
        self._pool.clear()
        return self._pool.waitForDone(timeout_ms)

    def _tell_progress(self, job: Job) -> None:
        if not job.stopped:  # a report that comes late may find this runner deleted
            self.job_progressed.emit(job)

    def _forget(self, job: Job) -> None:
        for group in (self._running.visible, self._running.quiet):
            if group.get(job.key) is job:
                del group[job.key]
                if group is self._running.visible:
                    self.job_ended.emit(job)
        if job in self._leaving:
            self._leaving.remove(job)
        QTimer.singleShot(0, job.deleteLater)
