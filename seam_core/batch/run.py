"""Runs a batch: what is missing, on a cluster, whatever happens to single loci or workers."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seam_core import models, recipes
from seam_core.batch.cluster import WorkersLost, client_of
from seam_core.batch.log import Log
from seam_core.batch.tables import BATCH, described, forget_tables, write_tables
from seam_core.batch.worker import Job, model_sum, reproducible, run_on_worker
from seam_core.exports.files import write_text
from seam_core.pipeline import RunConfig, claimed
from seam_core.progress import SILENT, Progress
from seam_core.readers.loci import Locus
from seam_core.recipes import Recipe
from seam_core.store.files import not_writable
from seam_core.store.locks import resolved
from seam_core.validate import InputError, SeamError

if TYPE_CHECKING:
    from distributed import Client, Future

# How often the cluster is looked at, and how long it may be without a worker.
POLL_S = 2.0
LOST_AFTER_S = 20.0
# Times that a cluster of our own is started in a row without a locus finishing.
START_ATTEMPTS = 10
# Workers that a locus is tried on which some of them cannot do: no model, a full disk.
MOST_WORKERS = 4


@dataclass(frozen=True)
class BatchResult:
    """What became of a batch.

    done : names of all loci that have a result, those of earlier runs included
    failed : name -> error
    skipped : how many were done before
    """

    folder: Path
    done: tuple[str, ...]
    failed: dict[str, str]
    skipped: int


def run_batch(
    loci: Iterable[Locus],
    config: RunConfig,
    out: Path | str,
    *,
    recipe: Recipe | None = None,
    scheduler: str = "",
    workers: int = 0,
    host: str = "127.0.0.1",
    dashboard: str = "",
    full: bool = False,
    progress: Progress = SILENT,
) -> BatchResult:
    """Explain every locus that has no result in `out` yet; then write the tables over loci.

    Parameters
    ----------
    config : settings of each locus's run; sequence and name are the locus's
    out : folder that all workers see
    recipe : the recipe of which `config` is the configuration with the user's model and changes.
        Where its runs are compared, each is kept as if it were a locus of its own, "LOCUS RUN",
        from the same seed; where they are joined, they are one result.
    full : keep each locus's whole session
    scheduler, workers, host, dashboard : see `client_of`

    Raises
    ------
    InputError
        No model; a folder that cannot be written, or holds something else; a recipe that cannot be
        run at one locus after the other.
    SeamError
        The cluster was lost; what is finished is kept, and the same call goes on.
    """
    out = resolved(out)
    jobs = _jobs_of(list(loci), config, recipe, out, full)
    cluster = {"scheduler": scheduler, "host": host, "dashboard": dashboard, "workers": workers}
    with claimed(out):
        return _run_missing(out, jobs, cluster, progress)


def _run_missing(
    out: Path, jobs: list[Job], cluster: dict[str, Any], progress: Progress
) -> BatchResult:
    """What has no result yet, then the tables; this process alone writes the batch's folder."""
    loci = [job.locus for job in jobs]
    _prepare(out, jobs)
    failed = {job.locus.name: job.locus.error for job in jobs if job.locus.error}
    todo = [job for job in jobs if not job.locus.error and not job.is_done()]
    skipped = len(jobs) - len(failed) - len(todo)
    if todo:
        forget_tables(out)
        where = {**cluster, "workers": min(cluster["workers"], len(todo))}
        before = len(failed) + skipped
        failed.update(_run(todo, out, before, len(jobs), progress, **where))
    write_tables(out, loci, failed)
    progress.update(1, 1, "Batch finished")
    done = tuple(job.locus.name for job in jobs if job.locus.name not in failed)
    return BatchResult(out, done, failed, skipped)


def _jobs_of(
    loci: list[Locus], config: RunConfig, recipe: Recipe | None, out: Path, full: bool
) -> list[Job]:
    """What is to be done, locus by locus: one job each, or one of each run that is compared."""
    if recipe is None:
        return _jobs(loci, config, out, full)
    recipes.check_batch(recipe)
    if recipe.combine == "task":
        about = recipes.described(recipe)
        return [replace(job, recipe=about) for job in _jobs(loci, config, out, full)]
    runs = recipes.runs_of(recipe, config)
    made = [
        [_of_run(job, run) for job in _jobs(loci, settings, out, full)]
        for run, settings in runs.items()
    ]
    jobs = [job for of_locus in zip(*made, strict=True) for job in of_locus]
    for folder, number in Counter(job.locus.folder for job in jobs).items():
        if number > 1 and len(runs) > 1:
            expected = "other names of loci, or of the recipe's runs"
            raise InputError("loci", f"{folder} {number} times", expected)
    return jobs


def _of_run(job: Job, run: str) -> Job:
    """The job of a run of a name; "" where there is only one run."""
    name = job.locus.name
    return replace(job, locus=replace(job.locus, name=f"{name} {run}"), place=name) if run else job


def _jobs(loci: list[Locus], config: RunConfig, out: Path, full: bool) -> list[Job]:
    """One job a locus."""
    if not config.oracle.model:
        raise InputError("--model", "nothing", "a model")
    config = _with_model(reproducible(config), models.locate(config.oracle.model))
    total, settings = model_sum(config), config.to_dict()
    return [Job(locus, settings, str(out), total, full) for locus in loci]


def _with_model(config: RunConfig, located: str) -> RunConfig:
    model = located
    if Path(located).exists():
        model = str(Path(located).resolve())
    elif ":" in located and Path(located.rsplit(":", 1)[0]).exists():
        path, name = located.rsplit(":", 1)
        model = f"{Path(path).resolve()}:{name}"
    return replace(config, oracle=config.oracle.replace(model=model))


def _prepare(out: Path, jobs: list[Job]) -> None:
    """The batch's folder, marked as one, with what is to be done in it."""
    if out.is_dir() and any(out.iterdir()) and not (out / BATCH).is_file():
        expected = "a new or empty folder, or that of a batch"
        raise InputError("--out", "a folder with other files", expected, str(out))
    try:
        (out / "loci").mkdir(parents=True, exist_ok=True)
        for partial in (out / "loci").glob(".*.part"):
            # left by a worker that was killed while it wrote
            shutil.rmtree(partial, ignore_errors=True)
        loci = [described(job.locus, job.fingerprint) for job in jobs]
        about = {"format": "seam-batch", "format_version": 1, "loci": loci}
        write_text(out / BATCH, json.dumps(about, indent=1) + "\n")
    except OSError as error:
        raise not_writable(out, error) from error


def _run(
    jobs: list[Job],
    out: Path,
    before: int,
    total: int,
    progress: Progress,
    *,
    scheduler: str,
    **where: Any,
) -> dict[str, str]:
    """Run jobs on a cluster; name -> error of those that failed.

    A cluster of our own that loses all its workers is started again; another's is its owner's.
    """
    todo = {job.fingerprint: job for job in jobs}
    failed: dict[str, str] = {}
    fruitless = 0

    def tick() -> None:
        done = before + len(jobs) - len(todo)
        note = f", {len(failed)} failed" if failed else ""
        progress.update(done, total, f"{done} of {total} loci{note}")

    progress.update(before, total, "Starting the workers")
    with Log(out) as log:
        log.begin(before, total)
        while todo:
            left = len(todo)
            try:
                with client_of(scheduler, **where) as client:
                    for job, result in _results(client, todo, tick):
                        del todo[job.fingerprint]
                        log.add(result)
                        if result["error"]:
                            failed[job.locus.name] = result["error"]
                        tick()
            except WorkersLost as error:
                fruitless = fruitless + 1 if len(todo) == left else 0
                if scheduler or fruitless == START_ATTEMPTS:
                    raise SeamError(
                        "the workers were lost; finished loci are kept. The same command goes on"
                    ) from error
        log.end()
    return failed


def _results(
    client: Client, todo: dict[str, Job], tick: Callable[[], None]
) -> Iterator[tuple[Job, dict[str, Any]]]:
    """Each job with its result, as they come; calls `tick` now and then.

    Raises `WorkersLost` when there is no worker, or no scheduler, for some time.
    """
    # before Python 3.11 asyncio's, which is not the built-in
    from distributed import TimeoutError as WaitedInVain
    from distributed import wait

    pending = {
        client.submit(run_on_worker, job, key=key, pure=False): job for key, job in todo.items()
    }
    refused: dict[str, set[str]] = {}
    seen = time.monotonic()
    while pending:
        tick()
        try:
            finished = wait(list(pending), timeout=POLL_S, return_when="FIRST_COMPLETED").done
        except WaitedInVain:
            finished = set()
        if any(future.status == "cancelled" for future in finished):
            raise WorkersLost
        if finished or _has_workers(client):
            seen = time.monotonic()
        elif time.monotonic() - seen > LOST_AFTER_S:
            raise WorkersLost
        for future in finished:
            job = pending.pop(future)
            result = _result_of(future, job)
            future.release()
            again = _tried_elsewhere(client, job, result, refused)
            if again is None:
                yield job, result
            else:
                pending[again] = job


def _tried_elsewhere(
    client: Client, job: Job, result: dict[str, Any], refused: dict[str, set[str]]
) -> Future | None:
    """The locus on another worker, where one could not do it and others have not tried."""
    if not result.get("elsewhere"):
        return None
    tried = refused.setdefault(job.fingerprint, set())
    tried.add(result["worker"])
    others = [worker for worker in client.nthreads() if worker not in tried]
    if not others or len(tried) >= MOST_WORKERS:
        return None
    return client.submit(
        run_on_worker,
        job,
        key=f"{job.fingerprint}-{len(tried)}",
        pure=False,
        workers=others,
        allow_other_workers=True,  # else it would wait for ever once they are gone
    )


def _result_of(future: Future, job: Job) -> dict[str, Any]:
    error = future.exception()
    if error is None:
        return future.result()
    return {"name": job.locus.name, "error": f"{type(error).__name__}: {error}"}


def _has_workers(client: Client) -> bool:
    try:
        return bool(client.nthreads())
    except (OSError, TimeoutError):
        return False
