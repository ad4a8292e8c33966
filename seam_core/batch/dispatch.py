"""Sends the loci of a batch to a cluster, a few at a time, and takes what comes back.

Client and scheduler hold only what is under way, however many loci there are.
"""

from __future__ import annotations

import itertools
import pickle
import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from seam_core.batch.cluster import NoWorkers, WorkersLost, lost_connection, without_profile
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

Result = tuple[Any, dict[str, Any]]
# what a worker does with a job; gives a name, an error, and whether another worker may succeed
Task = Callable[[Any], dict[str, Any]]


@dataclass
class Dispatch:
    """Jobs on their way through a cluster.

    tick : called now and then, with a word on what is waited for
    patience_s : how long the cluster may be without a worker; 0: as long as it takes
    task : what is done with each job, which has a `locus` and a `fingerprint`
    """

    client: Client
    tick: Callable[[str], None]
    patience_s: float = 0.0
    task: Task = run_locus
    _pending: dict[str, Any] = field(default_factory=dict)
    _finished: queue.SimpleQueue[Future] = field(default_factory=queue.SimpleQueue)
    _refused: dict[str, set[str]] = field(default_factory=dict)
    _threads: dict[str, int] = field(default_factory=dict)
    _begun: dict[str, float] = field(default_factory=dict)  # key -> when it was seen under way

    def results(self, jobs: list[Any]) -> Iterator[Result]:
        """Each job with its result, as they come.

        Raises `WorkersLost` where the scheduler is gone, or no worker was there for too long.
        """
        with lost_connection():
            yield from self._results(iter(jobs))

    def _results(self, waiting: Iterator[Any]) -> Iterator[Result]:
        seen = looked = 0.0
        while True:
            now = time.monotonic()
            if now - looked > POLL_S or not looked:
                self._threads, looked = dict(self.client.nthreads()), now
                seen = now if self._threads or not seen else seen
                self._say(now - seen)
            self._fill(waiting)
            if not self._pending:
                return
            try:
                future = self._finished.get(timeout=POLL_S)
            except queue.Empty:
                continue
            yield from self._taken(future)

    def _say(self, without_s: float) -> None:
        """A word to the user; raises `WorkersLost` when patience has an end."""
        if self._threads:
            self.tick(self._longest(time.monotonic()))
            return
        since = time.strftime("%H:%M:%S", time.localtime(time.time() - without_s))
        self.tick(f"no worker since {since}; waiting for one")
        if self.patience_s and without_s > self.patience_s:
            raise NoWorkers(f"no worker for {without_s:.0f} s")

    def _longest(self, now: float) -> str:
        """The locus that is under way longest, once it takes its time.

        Loci are begun in the order in which they were sent: as many of the first as there are
        threads are under way.
        """
        first = itertools.islice(self._pending, sum(self._threads.values()))
        self._begun = {key: self._begun.get(key, now) for key in first}
        if not self._begun:
            return ""
        key = min(self._begun, key=self._begun.__getitem__)
        seconds = now - self._begun[key]
        if seconds < LONG_S:
            return ""
        return f"longest under way: {self._pending[key].locus.name}, {duration(seconds)}"

    def _fill(self, waiting: Iterator[Any]) -> None:
        most = max(WAITING_LEAST, WAITING_EACH * sum(self._threads.values()))
        while len(self._pending) < most:
            job = next(waiting, None)
            if job is None:
                return
            self._submit(job, f"{_OF_ONE_KIND}-{job.fingerprint}")

    def _submit(self, job: Any, key: str, **where: Any) -> None:
        # packed, as the scheduler keeps its last thousand messages to each worker
        packed = pickle.dumps(job)
        future = self.client.submit(_on_worker, self.task, packed, key=key, pure=False, **where)
        self._pending[key] = job
        future.add_done_callback(self._finished.put)

    def _taken(self, future: Future) -> Iterator[Result]:
        job = self._pending.pop(str(future.key), None)
        if job is None:
            return
        if future.status in ("cancelled", "lost"):
            raise WorkersLost("the scheduler is gone")
        result = _result_of(future, job)
        future.release()
        if not self._tried_elsewhere(job, result):
            yield job, result

    def _tried_elsewhere(self, job: Any, result: dict[str, Any]) -> bool:
        """Is the locus on another worker, since one could not do it and others have not tried?"""
        if not result.get("elsewhere"):
            return False
        tried = self._refused.setdefault(job.fingerprint, set())
        tried.add(result["worker"])
        others = [worker for worker in self._threads if worker not in tried]
        if not others or len(tried) >= MOST_WORKERS:
            del self._refused[job.fingerprint]
            return False
        key = f"{_OF_ONE_KIND}-{job.fingerprint}-{len(tried)}"
        # other workers are allowed, else it would wait for ever once these are gone
        self._submit(job, key, workers=others, allow_other_workers=True)
        return True


def _on_worker(task: Task, packed: bytes) -> dict[str, Any]:
    """What the task gives, and the `worker` (its address) that did it."""
    from distributed import get_worker

    worker = get_worker()
    without_profile(worker)
    return {**task(pickle.loads(packed)), "worker": worker.address}


def _result_of(future: Future, job: Any) -> dict[str, Any]:
    error = future.exception()
    if error is None:
        return future.result()
    return {"name": job.locus.name, "error": f"{type(error).__name__}: {error}"}
