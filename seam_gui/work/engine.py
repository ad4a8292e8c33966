"""The window's side of the engine process: starts it, talks to it, kills it when it must."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PyQt5 import sip
from PyQt5.QtCore import QObject, QProcess, QProcessEnvironment, QTimer

from seam_core.interpreter import own_process
from seam_gui.dialogs import dialogs
from seam_gui.work.jobs import Failure, Job

_GRACE_MS = 2_000  # a job that does not stop by itself within this is stopped with its process
_STDERR_LINES = 60


class EngineError(Exception):
    """An error inside the engine process; its message is the original one.

    expected : the message was written for the user (bad input, no disk, no memory)
    subject, why : of what needs the user's yes first, see `seam_core.trust`
    """

    def __init__(
        self, message: str, kind: str, expected: bool, subject: str = "", why: str = ""
    ) -> None:
        self.kind = kind
        self.expected = expected
        self.subject, self.why = subject, why
        super().__init__(message)


def agreed(error: BaseException) -> bool:
    """Ask the user about what would run code; True: yes, and it is remembered."""
    subject = getattr(error, "subject", "")
    if not subject:
        return False
    from seam_core import trust

    why = getattr(error, "why", "")
    text = (
        f"{why[:1].upper()}{why[1:]}. It can read, change and send whatever you can.\n\n"
        "Open it only if you know who made it. The answer is remembered for this very content."
    )
    if not dialogs().confirm(None, "Run code that comes with this model?", text, "Run it"):
        return False
    trust.approve(subject)
    return True


@dataclass
class _Request:
    line: bytes
    done: Callable[[dict[str, Any]], None]
    failed: Callable[[Failure], None]
    progress: Callable[[float, str], None]
    stopped: Callable[[], None]
    told: Callable[[Any], None]
    gives_way: bool = False
    session: str = ""
    cancelled: bool = False


class Engine(QObject):
    """One long-lived child process; requests are answered one after another."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._requests: dict[int, _Request] = {}
        self._next = 1
        self._stderr: deque[str] = deque(maxlen=_STDERR_LINES)
        self._warm: set[str] = set()
        self._closed = False

    @property
    def busy(self) -> bool:
        """True while a request is unanswered."""
        return bool(self._requests)

    @property
    def pid(self) -> int | None:
        """Process id, while the process runs."""
        return int(self._process.processId()) if self._process is not None else None

    def warm_up(self, *modules: str) -> None:
        """Import slow packages ahead of their use; nothing is said where that fails."""
        missing = [name for name in modules if name not in self._warm]
        if missing:
            self._warm.update(missing)
            self.request("warm", {"modules": missing})

    def request(
        self,
        do: str,
        values: dict[str, Any],
        *,
        done: Callable[[dict[str, Any]], None] = lambda result: None,
        failed: Callable[[Failure], None] = lambda failure: None,
        progress: Callable[[float, str], None] = lambda fraction, message: None,
        stopped: Callable[[], None] = lambda: None,
        told: Callable[[Any], None] = lambda part: None,
        gives_way: bool = False,
    ) -> int:
        """Send one request; the callbacks run on the GUI thread. Returns its number.

        stopped : it was cancelled, and nothing is written any more
        told : parts of the answer that are known before its end, of requests that have such
        gives_way : nobody waits for it: it is asked to stop where a job's request about another
            session comes
        """
        number = self._next
        self._next += 1
        if self._closed:  # a closing window still asks for things
            return number
        process = self._started()
        line = (json.dumps({"id": number, "do": do, **values}) + "\n").encode()
        about = str(values.get("session") or "")
        self._requests[number] = _Request(
            line, done, failed, progress, stopped, told, gives_way, about
        )
        process.write(line)
        return number

    def drive(
        self,
        job: Job,
        do: str,
        values: dict[str, Any],
        done: Callable[[dict[str, Any]], None] | None = None,
        stopped: Callable[[], None] = lambda: None,
        told: Callable[[Any], None] = lambda part: None,
    ) -> None:
        """A request whose progress, failure and cancel are those of a registered job.

        done : what to do with the answer; by default it is the job's result
        stopped, told : see `request`

        What needs the user's yes first is asked, and the request sent again after one.
        """

        def failed(failure: Failure) -> None:
            if agreed(failure.error):
                self.drive(job, do, values, done, stopped=stopped, told=told)
            else:
                job.finish(None, failure)

        for waiting, request in self._requests.items():
            if request.gives_way and request.session != str(values.get("session") or ""):
                self.ask_to_stop(waiting)
        number = self.request(
            do,
            values,
            done=done or job.finish,
            failed=failed,
            progress=job.report,
            stopped=stopped,
            told=told,
        )

        def stop() -> None:
            if number in self._requests:
                self.cancel(number)
            else:  # it has answered, and what it said was being read
                stopped()
            job.finish()

        job.cancelled.connect(stop)

    def ask_to_stop(self, number: int) -> bool:
        """Stop a request at the next step of its work; False where nothing is to be stopped."""
        request = self._requests.get(number)
        if request is None or self._process is None:
            return False
        request.cancelled = True
        self._process.write((json.dumps({"id": number, "do": "cancel"}) + "\n").encode())
        return True

    def cancel(self, number: int) -> None:
        """Stop a request: gently, and after two seconds by ending the process."""
        if not self.ask_to_stop(number):
            return
        process = self._process
        assert process is not None
        QTimer.singleShot(_GRACE_MS, lambda: self._kill_if_stuck(number, process))

    def shut_down(self) -> None:
        """End the process at once; unanswered and later requests are dropped."""
        self._closed = True
        self._requests.clear()
        process, self._process = self._process, None
        if process is not None:
            process.disconnect()
            process.closeWriteChannel()
            process.kill()
            process.waitForFinished(2_000)

    def _started(self) -> QProcess:
        if self._process is not None:
            return self._process
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("TF_CPP_MIN_LOG_LEVEL", "3")
        environment.insert("PYTHONUNBUFFERED", "1")
        process.setProcessEnvironment(environment)
        process.readyReadStandardOutput.connect(self._read_lines)
        process.readyReadStandardError.connect(self._read_errors)
        process.finished.connect(lambda *_: self._ended(process))
        process.errorOccurred.connect(lambda *_: self._ended(process))
        self._process = process
        self._warm.clear()
        process.start(*own_process("seam_gui.work.engine_process"))
        return process

    def _read_lines(self) -> None:
        while self._process is not None and self._process.canReadLine():
            self._take(json.loads(bytes(self._process.readLine())))

    def _read_errors(self) -> None:
        if self._process is not None:
            text = bytes(self._process.readAllStandardError()).decode(errors="replace")
            self._stderr.extend(text.splitlines())

    def _take(self, message: dict[str, Any]) -> None:
        number = message["id"]
        request = self._requests.get(number)
        if request is None:
            return
        if "progress" in message:
            request.progress(*message["progress"])
            return
        if "told" in message:
            if not request.cancelled:
                request.told(message["told"])
            return
        del self._requests[number]
        if request.cancelled:
            request.stopped()
            return
        if "error" in message:
            described = message["error"]
            error = EngineError(
                described["message"],
                described["type"],
                described["expected"],
                described.get("subject", ""),
                described.get("why", ""),
            )
            request.failed(Failure(error, described["details"]))
        else:
            request.done(message.get("result", {}))

    def _kill_if_stuck(self, number: int, process: QProcess) -> None:
        if number not in self._requests or process is not self._process:
            return
        self._process = None
        process.disconnect()
        process.finished.connect(process.deleteLater)
        given_up = [r for r in self._requests.values() if r.cancelled]
        process.finished.connect(lambda *_: self._tell_stopped(given_up))
        process.kill()
        # what waited behind the stuck request starts over in a fresh process
        self._requests = {n: r for n, r in self._requests.items() if not r.cancelled}
        for request in self._requests.values():
            self._started().write(request.line)

    def _tell_stopped(self, requests: list[_Request]) -> None:
        if not (self._closed or sip.isdeleted(self)):
            for request in requests:
                request.stopped()

    def _ended(self, process: QProcess) -> None:
        """The process is gone: killed by us, by the system, or never started."""
        # a process deleted with its window still tells that it ended
        if process is not self._process or sip.isdeleted(process):
            return
        self._read_lines()
        self._process = None
        process.deleteLater()
        left, self._requests = self._requests, {}
        error = EngineError(
            "The engine process ended unexpectedly. Most often the memory ran out: "
            "try fewer sequences or a smaller batch.",
            "EngineError",
            True,
        )
        for request in left.values():
            if request.cancelled:
                request.stopped()
            else:
                request.failed(Failure(error, "\n".join(self._stderr)))
