"""Runs a batch: what is missing, on a cluster, whatever happens to single loci or workers."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from seam_core import models, recipes
from seam_core.batch.cluster import (
    CONNECT_S,
    Cluster,
    NoScheduler,
    NoWorkers,
    WorkersLost,
    client_of,
)
from seam_core.batch.dispatch import LOST_AFTER_S, POLL_S, Dispatch, Result
from seam_core.batch.inputs import input_sums, software
from seam_core.batch.log import Log
from seam_core.batch.tables import BATCH, collect_tables, described, forget_tables, write_tables
from seam_core.batch.worker import Job, reproducible
from seam_core.exports.files import write_text
from seam_core.locks import resolved
from seam_core.pipeline import RunConfig, claimed
from seam_core.progress import SILENT, Progress
from seam_core.readers.loci import Locus
from seam_core.recipes import Recipe
from seam_core.store.files import not_writable
from seam_core.validate import InputError, SeamError

KEPT = "Finished loci are kept; the same command goes on"
# Times that a cluster of our own is started in a row without a locus finishing.
START_ATTEMPTS = 10
LOCAL = Cluster()


@dataclass(frozen=True)
class BatchResult:
    """What became of a batch.

    done : names of all loci that have a result, those of earlier runs included
    failed : name -> error
    skipped : how many were done before
    waiting : how many are neither done nor failed (of other shards)
    """

    folder: Path
    done: tuple[str, ...]
    failed: dict[str, str]
    skipped: int
    waiting: int = 0


def run_batch(
    loci: Iterable[Locus],
    config: RunConfig,
    out: Path | str,
    *,
    recipe: Recipe | None = None,
    cluster: Cluster = LOCAL,
    shard: tuple[int, int] = (1, 1),
    full: bool = False,
    time_limit: float = 0.0,
    memory_limit: float = 0.0,
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
    shard : (i, n): only each n-th locus, from the i-th (1-based) on; `collect` writes the tables
        once all shards are done
    time_limit, memory_limit : seconds and MB that a locus may take; 0: any

    Raises
    ------
    InputError
        No model; a folder that cannot be written, or holds something else; a recipe that cannot be
        run at one locus after the other.
    SeamError
        The cluster was lost; what is finished is kept, and the same call goes on.
    """
    out = resolved(out)
    jobs = [
        replace(job, time_limit=time_limit, memory_limit=memory_limit)
        for job in _jobs_of(list(loci), config, recipe, out, full)
    ]
    name = _name_of(shard)
    with claimed(out.with_name(f"{out.name}.{name}") if name else out):
        return _run_missing(out, jobs, shard, cluster, progress)


def _run_missing(
    out: Path, jobs: list[Job], shard: tuple[int, int], cluster: Cluster, progress: Progress
) -> BatchResult:
    """What has no result yet, then the tables; this process alone writes these loci."""
    _prepare(out, jobs, shard)
    jobs = jobs[shard[0] - 1 :: shard[1]]
    loci = [job.locus for job in jobs]
    failed = {job.locus.name: job.locus.error for job in jobs if job.locus.error}
    todo = [job for job in jobs if not job.locus.error and not job.is_done()]
    skipped = len(jobs) - len(failed) - len(todo)
    if todo:
        forget_tables(out)
        before = len(failed) + skipped
        cluster = replace(cluster, workers=min(cluster.workers, len(todo)))
        failed.update(_run(todo, out, before, len(jobs), progress, cluster, _name_of(shard)))
    if shard[1] == 1:
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
    settings, inputs, here = config.to_dict(), input_sums(config), software()
    return [Job(locus, settings, str(out), inputs, here, full) for locus in loci]


def _with_model(config: RunConfig, located: str) -> RunConfig:
    model = located
    if Path(located).exists():
        model = str(Path(located).resolve())
    elif ":" in located and Path(located.rsplit(":", 1)[0]).exists():
        path, name = located.rsplit(":", 1)
        model = f"{Path(path).resolve()}:{name}"
    return replace(config, oracle=config.oracle.replace(model=model))


def _name_of(shard: tuple[int, int]) -> str:
    return "" if shard[1] == 1 else f"{shard[0]}-of-{shard[1]}"


def _prepare(out: Path, jobs: list[Job], shard: tuple[int, int] = (1, 1)) -> None:
    """The batch's folder, marked as one, with what is to be done in it."""
    if not 1 <= shard[0] <= shard[1]:
        raise InputError("--shard", f"{shard[0]}/{shard[1]}", "I/N with I from 1 to N")
    if out.is_dir() and any(out.iterdir()) and not (out / BATCH).is_file():
        expected = "a new or empty folder, or that of a batch"
        raise InputError("--out", "a folder with other files", expected, str(out))
    try:
        (out / "loci").mkdir(parents=True, exist_ok=True)
        _clear(out, jobs[shard[0] - 1 :: shard[1]])
        loci = [described(job.locus, job.fingerprint) for job in jobs]
        about = {"format": "seam-batch", "format_version": 1, "loci": loci}
        write_text(out / BATCH, json.dumps(about, indent=1) + "\n")
    except OSError as error:
        raise not_writable(out, error) from error


def _clear(out: Path, jobs: list[Job]) -> None:
    """Take away what a worker left that was killed while it worked on one of the jobs."""
    mine = {job.folder.name for job in jobs}
    for left in (out / "loci").glob(".*"):
        name = left.name[1:].rpartition(".")[0]
        if left.suffix == ".under_way" and name in mine:
            left.unlink(missing_ok=True)
        elif left.suffix == ".part" and any(name.startswith(own) for own in mine):
            shutil.rmtree(left, ignore_errors=True)


def _run(
    jobs: list[Job],
    out: Path,
    before: int,
    total: int,
    progress: Progress,
    cluster: Cluster,
    shard: str,
) -> dict[str, str]:
    """Run jobs on a cluster; name -> error of those that failed.

    A cluster of our own that loses all its workers is started again; another's is waited for.
    """
    todo = {job.fingerprint: job for job in jobs}
    failed: dict[str, str] = {}

    def tick(word: str = "") -> None:
        done = before + len(jobs) - len(todo)
        notes = [f"{len(failed)} failed"] if failed else []
        notes += [word] if word else []
        progress.update(done, total, ", ".join([f"{done} of {total} loci", *notes]))

    def take(results: Iterator[Result]) -> None:
        for job, result in results:
            del todo[job.fingerprint]
            log.add(result)
            if result["error"]:
                failed[job.locus.name] = result["error"]
            tick()

    progress.update(before, total, "Starting the workers")
    with Log(out, shard) as log:
        log.begin(before, total)
        _until_done(todo, take, tick, cluster)
        log.end()
    return failed


def _until_done(
    todo: dict[str, Job],
    take: Callable[[Iterator[Result]], None],
    tick: Callable[[str], None],
    cluster: Cluster,
) -> None:
    """Go on with what is left, whenever the cluster was lost and is there again."""
    connected, fruitless = False, 0
    patience = cluster.patience_s if cluster.scheduler else LOST_AFTER_S
    while todo:
        left = len(todo)
        try:
            with client_of(cluster) as client:
                connected = True
                take(Dispatch(client, tick, patience).results(list(todo.values())))
        except (WorkersLost, NoScheduler) as error:
            fruitless = fruitless + 1 if len(todo) == left else 0
            if isinstance(error, NoScheduler) and not connected:
                raise
            if _is_given_up(cluster, error, fruitless):
                raise SeamError(f"the cluster was lost: {error}. {KEPT}") from error
            tick(f"the cluster was lost ({error}); trying again")
            if cluster.scheduler:
                time.sleep(POLL_S)


def _is_given_up(cluster: Cluster, error: Exception, fruitless: int) -> bool:
    if not cluster.scheduler:
        return fruitless >= START_ATTEMPTS
    waited = fruitless * (POLL_S + CONNECT_S)
    return isinstance(error, NoWorkers) or bool(cluster.patience_s and waited > cluster.patience_s)


def collect(out: Path | str, *, progress: Progress = SILENT) -> BatchResult:
    """The tables over all loci of a batch that was run in shards, from what is there.

    Raises `InputError` where `out` is no batch, or tables cannot be written.
    """
    out = resolved(out)
    rows = collect_tables(out, progress=progress)
    failed = {row["locus"]: row["error"] for row in rows if row["error"]}
    done = tuple(row["locus"] for row in rows if not row["error"] and not row["waiting"])
    return BatchResult(out, done, failed, 0, waiting=len(rows) - len(done) - len(failed))
