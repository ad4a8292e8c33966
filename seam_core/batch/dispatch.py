"""Sends the loci of a batch to a cluster, a few at a time, and takes what comes back.

Client and scheduler hold only what is under way, however many loci there are.
"""

from __future__ import annotations

import itertools
import pickle
import queue
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from seam_core.batch.cluster import NoWorkers, WorkersLost, lost_connection, without_profile
from seam_core.batch.roster import Roster
from seam_core.batch.warming import wait_until_ready
from seam_core.batch.worker import run_locus
from seam_core.progress import duration

if TYPE_CHECKING:
    from distributed import Client, Future

# How often the cluster is looked at, and how long one of our own may be without a worker.
POLL_S = 2.0
LOST_AFTER_S = 20.0
# A locus that is under way for longer is named.
LONG_S = 60.0
# Loci that wait at the scheduler for each thread of a worker, and at the least.
WAITING_EACH, WAITING_LEAST = 3, 16
# Workers that a locus is tried on which some of them cannot do: no model, a full disk.
MOST_WORKERS = 4
# What keys begin with: the scheduler keeps a record of each kind of task for good.
_OF_ONE_KIND = "locus"
# What a worker evaluates: scheduler and worker may lack this product, so that nothing is named
# that they would have to import before it.
_SENT = "__import__('seam_core.batch.dispatch', fromlist=['at_worker']).at_worker(packed)"

Result = tuple[Any, dict[str, Any]]
# what a worker does with a job; gives a name, an error, and whether another worker may succeed
Task = Callable[[Any], dict[str, Any]]


@dataclass(frozen=True, eq=False)
class _Sent:
    """A job at the cluster; `to`: the workers that may take it, empty: any."""

    job: Any
    future: Future
    to: frozenset[str]


@dataclass
class Dispatch:
    """Jobs on their way through a cluster.

    tick : called now and then, with a word on what is waited for
    patience_s : how long the cluster may be without a worker; 0: as long as it takes
    task : what is done with each job, which has a `locus`, a `fingerprint` and the `software` that
        its worker must have
    """

    client: Client
    tick: Callable[[str], None]
    patience_s: float = 0.0
    task: Task = run_locus
    _pending: dict[str, _Sent] = field(default_factory=dict)
    _finished: queue.SimpleQueue[Future | None] = field(default_factory=queue.SimpleQueue)
    _refused: dict[str, set[str]] = field(default_factory=dict)
    _begun: dict[str, float] = field(default_factory=dict)  # key -> when it was seen under way
    _again: deque[Any] = field(default_factory=deque)  # what a worker sent back unseen
    _number: Iterator[int] = field(default_factory=itertools.count)
    _looked: float | None = None

    def results(self, jobs: list[Any]) -> Iterator[Result]:
        """Each job with its result, as they come.

        Raises `WorkersLost` where the scheduler is gone, or no worker was there for too long.
        """
        self._roster = Roster(self.client, jobs[0].software, lambda: self._finished.put(None))
        with lost_connection():
            yield from self._results(deque(jobs))

    def _results(self, waiting: deque[Any]) -> Iterator[Result]:
        seen = time.monotonic()
        while waiting or self._again or self._pending:
            now = time.monotonic()
            if self._looked is None or now - self._looked > POLL_S:
                self._roster.look()
                self._looked = now
                seen = now if self._roster.threads or self._roster.asked else seen
                self._send_again()
                self._say(now - seen)
            self._fill(waiting)
            try:
                future = self._finished.get(timeout=POLL_S)
            except queue.Empty:
                continue
            if future is None:
                self._looked = None  # workers have answered
            else:
                yield from self._taken(future)

    def _say(self, without_s: float) -> None:
        """A word to the user; raises `WorkersLost` when patience has an end."""
        refused = self._roster.words()
        if self._roster.threads:
            self.tick(_joined(self._longest(time.monotonic()), refused))
            return
        since = time.strftime("%H:%M:%S", time.localtime(time.time() - without_s))
        may = " that may do it" if refused else ""
        none = f"no worker{may} since {since}; waiting for one"
        self.tick(
            _joined("waiting for the answer of a worker" if self._roster.asked else none, refused)
        )
        if self.patience_s and without_s > self.patience_s:
            why = f": {refused}" if refused else ""
            raise NoWorkers(f"no worker for {without_s:.0f} s{why}")

    def _longest(self, now: float) -> str:
        """The locus that is under way longest, once it takes its time.

        Loci are begun in the order in which they were sent: as many of the first as there are
        threads are under way.
        """
        first = itertools.islice(self._pending, sum(self._roster.threads.values()))
        self._begun = {key: self._begun.get(key, now) for key in first}
        if not self._begun:
            return ""
        key = min(self._begun, key=self._begun.__getitem__)
        seconds = now - self._begun[key]
        if seconds < LONG_S:
            return ""
        return f"longest under way: {self._pending[key].job.locus.name}, {duration(seconds)}"

    def _fill(self, waiting: deque[Any]) -> None:
        """Where nobody is, some are sent all the same: there are clusters that grow by need."""
        threads = sum(self._roster.threads.values())
        most = max(WAITING_LEAST, WAITING_EACH * threads)
        most = most if threads or self._roster.is_empty else 0
        while (self._again or waiting) and len(self._pending) < most:
            if self._again:
                job = self._again.popleft()
                self._submit(job, f"{_OF_ONE_KIND}-{job.fingerprint}-{next(self._number)}")
            else:
                job = waiting.popleft()
                self._submit(job, f"{_OF_ONE_KIND}-{job.fingerprint}")

    def _submit(self, job: Any, key: str, to: list[str] | None = None) -> None:
        where = self._roster.where if to is None else {"workers": to}
        # packed, as the scheduler keeps its last thousand messages to each worker
        packed = {"packed": pickle.dumps((self.task, job))}
        future = self.client.submit(eval, _SENT, packed, key=key, pure=False, **where)
        self._pending[key] = _Sent(job, future, frozenset(where.get("workers", ())))
        future.add_done_callback(self._finished.put)

    def _send_again(self) -> None:
        """What waits for workers that are gone waits no more."""
        there = set(self._roster.threads)
        for key, sent in [*self._pending.items()]:
            if sent.to and not sent.to & there:
                del self._pending[key]
                sent.future.cancel()
                self._again.append(sent.job)

    def _taken(self, future: Future) -> Iterator[Result]:
        sent = self._pending.pop(str(future.key), None)
        if sent is None:
            return
        if future.status in ("cancelled", "lost"):
            raise WorkersLost("the scheduler is gone")
        result = _result_of(future, sent.job)
        future.release()
        if result.pop("unfit", False):
            self._again.append(sent.job)  # it came there before the worker was asked
            self._looked = None
        elif not self._tried_elsewhere(sent.job, result):
            yield sent.job, result

    def _tried_elsewhere(self, job: Any, result: dict[str, Any]) -> bool:
        """Is the locus on another worker, since one could not do it and others have not tried?"""
        if not result.get("elsewhere"):
            return False
        tried = self._refused.setdefault(job.fingerprint, set())
        tried.add(result["worker"])
        others = [worker for worker in self._roster.threads if worker not in tried]
        if not others or len(tried) >= MOST_WORKERS:
            del self._refused[job.fingerprint]
            return False
        self._submit(job, f"{_OF_ONE_KIND}-{job.fingerprint}-{next(self._number)}", others)
        return True


def _joined(*words: str) -> str:
    return "; ".join(word for word in words if word)


def at_worker(packed: bytes) -> dict[str, Any]:
    """What the task gives for the job, and the `worker` (its address) that did it.

    packed : both, pickled
    """
    from distributed import get_worker

    worker = get_worker()
    without_profile(worker)
    wait_until_ready()
    task, job = pickle.loads(packed)
    return {**task(job), "worker": worker.address}


def _result_of(future: Future, job: Any) -> dict[str, Any]:
    """What came back; `unfit`: nothing, as the worker lacks this product."""
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, ImportError) and str(error.name).startswith("seam_core"):
        return {"unfit": True}
    return {"name": job.locus.name, "error": f"{type(error).__name__}: {error}"}
