"""Runs a batch: what is missing, on a cluster, whatever happens to single loci or workers."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seam_core import models, recipes, trust
from seam_core.batch.cluster import (
    CONNECT_S,
    Cluster,
    NoScheduler,
    NoWorkers,
    WorkersLost,
    client_of,
)
from seam_core.batch.dispatch import LOST_AFTER_S, POLL_S, Dispatch, Result, Task
from seam_core.batch.inputs import input_sums, software, with_absolute_paths
from seam_core.batch.listing import BATCH, listing_of, write_listing
from seam_core.batch.log import Log
from seam_core.batch.mirror import Mirror, folder_of, mirror_of
from seam_core.batch.packing import Packing, name_of_shard
from seam_core.batch.parts import FINISHED, PARTS, fingerprints, keep
from seam_core.batch.rates import Pace, Rate
from seam_core.batch.tables import collect_tables, forget_tables, states_of, tables_there
from seam_core.batch.warming import warmed
from seam_core.batch.worker import Job, reproducible, run_locus, with_sums
from seam_core.pipeline import RunConfig, claimed
from seam_core.progress import SILENT, Progress
from seam_core.readers.loci import Locus
from seam_core.readers.remote import is_remote
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
    rate : how quickly loci were done; None where no worker did two of them now
    """

    folder: Path
    done: tuple[str, ...]
    failed: dict[str, str]
    skipped: int
    waiting: int = 0
    rate: Rate | None = None


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
    stage: str = "",
    progress: Progress = SILENT,
) -> BatchResult:
    """Explain every locus that has no result in `out` yet; then write the tables over loci.

    Parameters
    ----------
    config : settings of each locus's run; sequence and name are the locus's
    out : folder that all workers see; or a remote address, to which parts go as they are packed
    recipe : the recipe of which `config` is the configuration with the user's model and changes.
        Where its runs are compared, each is kept as if it were a locus of its own, "LOCUS RUN",
        from the same seed; where they are joined, they are one result.
    full : keep each locus's whole session
    shard : (i, n): only each n-th part of the loci, from the i-th (1-based) on; `collect` writes
        the tables once all shards are done
    time_limit, memory_limit : seconds and MB that a locus may take; 0: any
    stage : folder of this machine in which results for a remote `out` are put together; "": one
        in the temporary folder

    Raises
    ------
    TrustError
        The model runs code when it is opened, and the user was not asked.
    InputError
        No model; a folder that cannot be written, or holds something else; a recipe that cannot be
        run at one locus after the other.
    SeamError
        The cluster was lost; what is finished is kept, and the same call goes on.
    """
    address, out = str(out), folder_of(out, stage)
    carried = is_remote(address)
    if carried and full:
        raise InputError("--full", f"together with --out {address}", "a folder, as --out")
    jobs = _jobs_of(list(loci), config, recipe, out, full)
    jobs = with_sums(
        [
            replace(job, carried=carried, time_limit=time_limit, memory_limit=memory_limit)
            for job in jobs
        ]
    )
    name = name_of_shard(shard)
    with claimed(out.with_name(f"{out.name}.{name}") if name else out):
        return _run_missing(out, jobs, shard, cluster, progress, mirror_of(address, out))


def _run_missing(
    out: Path,
    jobs: list[Job],
    shard: tuple[int, int],
    cluster: Cluster,
    progress: Progress,
    mirror: Mirror | None = None,
) -> BatchResult:
    """What has no result yet, then the tables; this process alone writes these loci."""
    changed = _prepare(out, jobs, shard)
    packing = Packing(out, jobs, shard, mirror)
    jobs = packing.jobs
    _clear(packing, alone=shard[1] == 1)
    failed = {job.locus.name: job.locus.error for job in jobs if job.locus.error}
    there = fingerprints(out)
    todo = [
        job for job in jobs if not job.locus.error and there.get(job.locus.name) != job.fingerprint
    ]
    skipped = len(jobs) - len(failed) - len(todo)
    if todo or changed:
        forget_tables(out)
    if mirror is not None and (todo or changed or not mirror.is_finished()):
        mirror.begin()
    packing.wait_for(todo)
    rate = None
    if todo:
        before = len(failed) + skipped
        cluster = replace(cluster, workers=min(cluster.workers, len(todo)))
        errors, rate = _run(todo, packing, before, len(jobs), progress, cluster)
        failed.update(errors)
        _clear(packing, alone=shard[1] == 1)
    if shard[1] == 1 and not tables_there(out):
        collect_tables(out, failed, progress=progress)
    if mirror is not None:
        mirror.put_log(packing.shard)
        if shard[1] == 1 and not mirror.is_finished():
            mirror.finish()
    progress.update(1, 1, "Batch finished")
    done = tuple(job.locus.name for job in jobs if job.locus.name not in failed)
    return BatchResult(out, done, failed, skipped, rate=rate)


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
    by_run = [
        [_of_run(job, run) for job in _jobs(loci, settings, out, full)]
        for run, settings in runs.items()
    ]
    jobs = [job for of_locus in zip(*by_run, strict=True) for job in of_locus]
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
    config = replace(reproducible(config), oracle=models.located(config.oracle))
    config = with_absolute_paths(config)
    settings, inputs, here = config.to_dict(), input_sums(config), software()
    approved = tuple(filter(trust.is_approved, trust.subjects_of(config.oracle)))
    return [Job(locus, settings, str(out), inputs, here, full, approved=approved) for locus in loci]


def _prepare(out: Path, jobs: list[Job], shard: tuple[int, int] = (1, 1)) -> bool:
    """The batch's folder, marked as one of these loci; False where it was that already."""
    if not 1 <= shard[0] <= shard[1]:
        raise InputError("--shard", f"{shard[0]}/{shard[1]}", "I/N with I from 1 to N")
    if out.is_dir() and any(out.iterdir()) and not (out / BATCH).is_file():
        expected = "a new or empty folder, or that of a batch"
        raise InputError("--out", "a folder with other files", expected, str(out))
    try:
        out.mkdir(parents=True, exist_ok=True)
        changed = write_listing(out, listing_of(jobs))
    except OSError as error:
        raise not_writable(out, error) from error
    return changed


def _clear(packing: Packing, alone: bool) -> None:
    """Take away what was left by a process that was killed while it wrote one of the jobs.

    alone : nobody else has loci in the folder, so that all that is left is ours
    """
    mine = {job.locus.folder for job in packing.jobs}
    for left in (packing.out / FINISHED).glob(".*"):
        if alone or left.name[1:].removesuffix(".under_way").partition(".zip.")[0] in mine:
            left.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # not there, or others' loci are in it
        (packing.out / FINISHED).rmdir()
    own = {f"{number:04d}" for number in packing.numbers}
    for left in (packing.out / PARTS).glob(".*"):
        if left.name[1:5] not in own:
            continue
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def _run(
    jobs: list[Job],
    packing: Packing,
    before: int,
    total: int,
    progress: Progress,
    cluster: Cluster,
) -> tuple[dict[str, str], Rate | None]:
    """Run jobs on a cluster; name -> error of those that failed, and how quickly it went.

    A cluster of our own that loses all its workers is started again; another's is waited for.
    """
    todo = {job.fingerprint: job for job in jobs}
    failed: dict[str, str] = {}
    pace = Pace()
    said = ""

    def tick(word: str | None = None) -> None:
        """Say how far the batch is, and the last word on what is waited for."""
        nonlocal said
        said = said if word is None else word
        done = before + len(jobs) - len(todo)
        notes = [f"{len(failed)} failed"] if failed else []
        notes += [said] if said else []
        progress.update(done, total, ", ".join([f"{done} of {total} loci", *notes]))
        log.beat(said)

    def take(results: Iterator[Result]) -> None:
        for job, result in results:
            if "trust" in result:  # it is the same for all of them
                log.add({"trust": result["trust"]})
                raise trust.TrustError(**result["trust"])
            del todo[job.fingerprint]
            packed = result.pop("packed", None)
            if packed is not None:
                keep(packing.out, job.locus, packed)
            log.took(result)
            pace.add(result)
            if result["error"]:
                failed[job.locus.name] = result["error"]
            packing.ended(job)
            tick()

    progress.update(before, total, "Starting the workers")
    with Log(packing.out, packing.shard) as log:
        log.begin(before, total)
        until_done(todo, take, tick, cluster)
        log.end(pace.rate)
    return failed, pace.rate


def until_done(
    todo: dict[str, Any],
    take: Callable[[Iterator[Result]], None],
    tick: Callable[[str], None],
    cluster: Cluster,
    task: Task = run_locus,
) -> None:
    """Go on with what is left, whenever the cluster was lost and is there again.

    todo : fingerprint -> job; `take` takes out what came back
    """
    connected, fruitless = False, 0
    patience = cluster.patience_s if cluster.scheduler else LOST_AFTER_S
    while todo:
        left = len(todo)
        try:
            with client_of(cluster) as client:
                connected = True
                jobs = list(todo.values())
                with warmed(client, jobs[0]) if task is run_locus else contextlib.nullcontext():
                    take(Dispatch(client, tick, patience, task).results(jobs))
        except (WorkersLost, NoScheduler) as error:
            fruitless = fruitless + 1 if len(todo) == left else 0
            if isinstance(error, NoScheduler) and not connected:
                raise
            if is_given_up(cluster, error, fruitless):
                said = str(error).rstrip(".")
                raise SeamError(f"the cluster was lost: {said}. {KEPT}") from error
            tick(f"the cluster was lost ({error}); trying again")
            if cluster.scheduler:
                time.sleep(POLL_S)


def is_given_up(cluster: Cluster, error: Exception, fruitless: int) -> bool:
    """Was the cluster lost for longer, or more often, than is borne?"""
    if not cluster.scheduler:
        return fruitless >= START_ATTEMPTS
    waited = fruitless * (POLL_S + CONNECT_S)
    return isinstance(error, NoWorkers) or bool(cluster.patience_s and waited > cluster.patience_s)


def collect(out: Path | str, *, stage: str = "", progress: Progress = SILENT) -> BatchResult:
    """The tables over all loci of a batch that was run in shards, from what is there.

    Raises `InputError` where `out` is no batch, or tables cannot be written.
    """
    address, out = str(out), folder_of(out, stage)
    mirror = mirror_of(address, out)
    loci = collect_tables(out, progress=progress)
    if mirror is not None:
        mirror.finish()
    names, states = loci["locus"], states_of(loci)
    failed = dict(zip(names[states == "failed"], loci["error"][states == "failed"], strict=True))
    waiting = int((states == "waiting").sum())
    return BatchResult(out, tuple(names[states == "done"]), failed, 0, waiting=waiting)
