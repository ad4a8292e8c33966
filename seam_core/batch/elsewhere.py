"""One run on a worker of a Dask cluster: its progress is seen here, and its session comes home."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seam_core import models, pipeline, store, trust
from seam_core.batch.cluster import (
    Cluster,
    NoScheduler,
    NoWorkers,
    WorkersLost,
    client_of,
    lost_connection,
)
from seam_core.batch.dispatch import POLL_S
from seam_core.batch.inputs import input_sums, software, with_absolute_paths
from seam_core.batch.run import is_given_up
from seam_core.batch.worker import NotHere, check_software
from seam_core.pipeline import RunConfig
from seam_core.progress import SILENT, Cancelled, PartOfProgress, Progress
from seam_core.sequences import indices_to_strings
from seam_core.session import Session
from seam_core.store.swap import folder_written_whole
from seam_core.validate import SeamError

if TYPE_CHECKING:
    from distributed import Client, Future

# Bytes that come home at a time where worker and client have no disk in common.
PIECE = 1 << 25
# How often a worker says how far it is, and how often that is looked at.
SAY_S, LOOK_S = 0.5, 0.2
# Share of the progress bar that is the run's; the rest is the session's way home.
RUN_SHARE = 0.95
# What a worker leaves beside a session, by which a client knows the folder for the same one.
TOKEN = "token"


@dataclass(frozen=True)
class Errand:
    """A run, as sent to a worker.

    config : `RunConfig.to_dict()`; the reference in letters, files by their absolute paths
    inputs, software, approved : see `seam_core.batch.worker.Job`
    """

    config: dict[str, Any]
    inputs: dict[str, str] = field(default_factory=dict)
    software: dict[str, str] = field(default_factory=dict)
    approved: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """A name for the run that is the same whenever it is sent again."""
        text = json.dumps(asdict(self), sort_keys=True)
        return f"seam-run-{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def errand_of(config: RunConfig) -> Errand:
    """What a worker needs to run `config`; reads the reference here."""
    reference = pipeline.read_reference(config)
    config = replace(config, record="", name=reference.name)
    if reference.letters is not None:
        (letters,) = indices_to_strings(reference.letters[None], config.oracle.alphabet)
        locus = "" if reference.locus is None else str(reference.locus)
        config = replace(config, sequence=letters, locus=locus)
    oracle = models.located(config.oracle)
    config = with_absolute_paths(replace(config, oracle=oracle))
    approved = tuple(filter(trust.is_approved, trust.subjects_of(config.oracle)))
    return Errand(config.to_dict(), input_sums(config), software(), approved)


def run_elsewhere(
    config: RunConfig, out: Path | str, *, cluster: Cluster, progress: Progress = SILENT
) -> Session:
    """All stages of `config` on a worker of the cluster; the session is then in `out`.

    A worker or scheduler that is lost is waited for, as long as `cluster.patience_s` says; a
    worker of the same machine goes on with the maps that it finds there.

    Parameters
    ----------
    config : its model and files lie on the worker's machine where they lie here, or the model is
        one of those installed there

    Raises
    ------
    Cancelled
        The user asked to stop; the worker stops too. `out` is as it was.
    TrustError
        The model runs code when it is opened, and the user was not asked.
    SeamError
        The run failed, with the worker's words; or the cluster was lost for too long.
    """
    errand, connected, fruitless = errand_of(config), False, 0
    while True:
        try:
            with client_of(cluster) as client:
                connected = True
                return _Sent(client, errand, progress, cluster.patience_s).session(Path(out))
        except (WorkersLost, NoScheduler) as error:
            fruitless += 1
            if isinstance(error, NoScheduler) and not connected:
                raise
            if is_given_up(cluster, error, fruitless):
                raise SeamError(f"the cluster was lost: {error}") from error
            progress.update(0, 1, f"the cluster was lost ({error}); trying again")
            time.sleep(POLL_S)


class _Sent:
    """An errand on its way through a cluster."""

    def __init__(
        self, client: Client, errand: Errand, progress: Progress, patience_s: float
    ) -> None:
        self._client = client
        self._errand = errand
        self._progress = progress
        self._patience_s = patience_s
        self._share, self._message = 0.0, "waiting for a worker"

    def session(self, out: Path) -> Session:
        """What comes of it, in `out`."""
        over = threading.Event()
        with lost_connection():
            self._client.subscribe_topic(self._errand.key, self._hear)
            future = self._client.submit(work, self._errand, key=self._errand.key, pure=False)
            future.add_done_callback(lambda _: over.set())
        try:
            self._wait(over)
            answer = self._answer(future)
            self._bring_home(answer, out)
        finally:
            with lost_connection():
                future.cancel()
        return store.load(out)

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        self._share, self._message = event[1]["share"], event[1]["message"]

    def _wait(self, over: threading.Event) -> None:
        """Until the worker is done; raises `WorkersLost` where the scheduler is gone."""
        looked, seen, workers = 0.0, time.monotonic(), 1
        while not over.wait(LOOK_S):
            now = time.monotonic()
            if now - looked > POLL_S:
                with lost_connection():
                    workers, looked = len(self._client.nthreads()), now
                seen = now if workers else seen
            if workers:
                self._progress.update(RUN_SHARE * self._share, 1, self._message)
                continue
            since = time.strftime("%H:%M:%S", time.localtime(time.time() - (now - seen)))
            self._progress.update(0, 1, f"no worker since {since}; waiting for one")
            if self._patience_s and now - seen > self._patience_s:
                raise NoWorkers(f"no worker for {now - seen:.0f} s")

    def _answer(self, future: Future) -> dict[str, Any]:
        if future.status in ("cancelled", "lost"):
            raise WorkersLost("the scheduler is gone")
        error = future.exception()
        if error is not None:
            raise SeamError(f"the workers: {type(error).__name__}: {error}")
        answer: dict[str, Any] = future.result()
        if "trust" in answer:
            raise trust.TrustError(**answer["trust"])
        if answer["stopped"]:
            raise WorkersLost(f"{answer['worker']} stopped")
        if answer["error"]:
            raise SeamError(f"{answer['worker']}: {answer['error']}")
        return answer

    def _bring_home(self, answer: dict[str, Any], out: Path) -> None:
        """The files of the session, from a disk in common or in pieces."""
        progress = PartOfProgress(self._progress, RUN_SHARE, 1.0)
        total = max(1, sum(size for _, size in answer["files"]))
        shared, done = is_shared(answer), 0
        with folder_written_whole(store.resolved(out), replaceable=store.is_session) as folder:
            for name, size in answer["files"]:
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as file:
                    for offset in range(0, size, PIECE):
                        progress.update(done, total, f"bringing the session from {answer['host']}")
                        piece = (
                            read_piece(answer["folder"], name, offset)
                            if shared
                            else self._there(answer, read_piece, name, offset)
                        )
                        done += file.write(piece)
        self._there(answer, forget)

    def _there(self, answer: dict[str, Any], function: Any, *given: Any) -> Any:
        """What the function says on the worker that has the session."""
        with lost_connection():
            future = self._client.submit(
                function, answer["folder"], *given, workers=[answer["worker"]], pure=False
            )
            return future.result()


def is_shared(answer: dict[str, Any]) -> bool:
    """Does this process see the very folder that the worker has written?"""
    path = Path(answer["folder"]) / TOKEN
    return path.is_file() and path.read_text(encoding="ascii") == answer["token"]


# -- on the worker ------------------------------------------------------------------------------


def work(errand: Errand) -> dict[str, Any]:
    """Run an errand in a folder of this machine; what there is to bring home.

    Errors are returned, not raised: `error` in words, `trust` as in `run_locus`; `stopped` where
    the run was told to stop.
    """
    import platform

    from distributed import get_worker

    folder = Path(tempfile.gettempdir()) / "seam-runs" / errand.key
    answer: dict[str, Any] = {"worker": get_worker().address, "host": platform.node()}
    answer |= {"folder": str(folder), "error": "", "stopped": False}
    try:
        check_software(errand.software)
        for subject in errand.approved:
            trust.approve(subject, remember=False)
        _run(RunConfig.from_dict(errand.config), folder, _OnWorker(errand.key))
        return answer | _left_in(folder)
    except trust.TrustError as problem:
        return answer | {"trust": problem.question()}
    except Cancelled:
        return answer | {"stopped": True}
    except (SeamError, NotHere) as problem:
        return answer | {"error": str(problem)}
    except (OSError, ArithmeticError, ValueError, RuntimeError) as problem:
        return answer | {"error": f"{type(problem).__name__}: {problem}"}


def _run(config: RunConfig, folder: Path, progress: Progress) -> None:
    """What is not there yet, of a run that was stopped or whose client went away."""
    oracle = models.located(config.oracle)
    config = replace(config, oracle=oracle)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with pipeline.claimed(folder):
        session, stages = pipeline.earlier(folder, config) or (None, pipeline.STAGE_NAMES)
        if stages:
            pipeline.run(config, folder=folder, session=session, stages=stages, progress=progress)


def _left_in(folder: Path) -> dict[str, Any]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != TOKEN]
    token = secrets.token_hex(16)
    (folder / TOKEN).write_text(token, encoding="ascii")
    sizes = [(path.relative_to(folder).as_posix(), path.stat().st_size) for path in files]
    return {"files": sizes, "token": token}


def read_piece(folder: str, name: str, offset: int) -> bytes:
    """Up to `PIECE` bytes of a file of a session."""
    with (Path(folder) / name).open("rb") as file:
        file.seek(offset)
        return file.read(PIECE)


def forget(folder: str) -> None:
    """Remove a session that has come home."""
    shutil.rmtree(folder, ignore_errors=True)


class _OnWorker:
    """A run's progress, told to whoever listens; stops the run when client or scheduler is gone."""

    def __init__(self, key: str) -> None:
        import platform

        from distributed import get_worker

        self._worker, self._key = get_worker(), key
        self._where, self._said = platform.node(), 0.0

    def update(self, done: float, total: float, message: str = "") -> None:
        task = self._worker.state.tasks.get(self._key)
        if task is None or task.state != "executing" or self._worker.status.name != "running":
            raise Cancelled
        now = time.monotonic()
        if now - self._said > SAY_S:
            self._said = now
            share = done / total if total else 1.0
            told = {"share": share, "message": f"on {self._where}: {message}"}
            self._worker.log_event(self._key, told)
