"""Runs a batch: what is missing, on a cluster, whatever happens to single loci or workers."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seam_core import models
from seam_core.batch.cluster import client_of
from seam_core.batch.loci import Locus
from seam_core.batch.tables import write_tables
from seam_core.batch.worker import Job, model_sum, reproducible, run_locus
from seam_core.pipeline import RunConfig
from seam_core.progress import SILENT, Progress
from seam_core.store.files import not_writable, write_text
from seam_core.validate import InputError, SeamError

LOG = "log.jsonl"
BATCH = "batch.json"


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
    full : keep each locus's whole session
    scheduler, workers, host, dashboard : see `client_of`

    Raises
    ------
    InputError
        No model; a folder that cannot be written, or holds something else.
    SeamError
        The cluster was lost; what is finished is kept, and the same call goes on.
    """
    loci, out = list(loci), Path(os.path.abspath(out))
    if not config.oracle.model:
        raise InputError("--model", "nothing", "a model")
    config = reproducible(config)
    located = models.locate(config.oracle.model)
    config = _with_model(config, located)
    _prepare(out)
    total = model_sum(config)
    jobs = [Job(locus, config.to_dict(), str(out), total, full) for locus in loci]
    failed = {job.locus.name: job.locus.error for job in jobs if job.locus.error}
    todo = [job for job in jobs if not job.locus.error and not job.is_done()]
    skipped = len(jobs) - len(failed) - len(todo)
    if todo:
        failed.update(
            _run(todo, out, len(failed) + skipped, len(jobs), progress, scheduler=scheduler,
                 workers=min(workers, len(todo)) if workers else 0, host=host, dashboard=dashboard)
        )  # fmt: skip
    write_tables(out, loci, failed)
    progress.update(1, 1, "Batch finished")
    done = tuple(job.locus.name for job in jobs if job.locus.name not in failed)
    return BatchResult(out, done, failed, skipped)


def _with_model(config: RunConfig, located: str) -> RunConfig:
    from dataclasses import replace

    model = located
    if Path(located).exists():
        model = str(Path(located).resolve())
    elif ":" in located and Path(located.rsplit(":", 1)[0]).exists():
        path, name = located.rsplit(":", 1)
        model = f"{Path(path).resolve()}:{name}"
    return replace(config, oracle=config.oracle.replace(model=model))


def _prepare(out: Path) -> None:
    """The batch's folder, marked as one."""
    if out.is_dir() and any(out.iterdir()) and not (out / BATCH).is_file():
        expected = "a new or empty folder, or that of a batch"
        raise InputError("--out", "a folder with other files", expected, str(out))
    try:
        (out / "loci").mkdir(parents=True, exist_ok=True)
        for partial in (out / "loci").glob(".*.part"):
            # left by a worker that was killed while it wrote
            _remove(partial)
        write_text(out / BATCH, json.dumps({"format": "seam-batch", "format_version": 1}) + "\n")
    except OSError as error:
        raise not_writable(out, error) from error


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def _run(
    jobs: list[Job], out: Path, before: int, total: int, progress: Progress, **where: Any
) -> dict[str, str]:
    """Run jobs on a cluster; name -> error of those that failed."""
    from distributed import as_completed
    from distributed.client import FutureCancelledError

    failed: dict[str, str] = {}
    done = before
    progress.update(done, total, "Starting the workers")
    with client_of(where.pop("scheduler"), **where) as client:
        futures = {
            client.submit(run_locus, job, key=f"{job.fingerprint}", pure=False): job for job in jobs
        }
        with open(out / LOG, "a", encoding="utf-8") as log:
            for future in as_completed(futures):
                job = futures[future]
                if future.status == "cancelled":
                    raise SeamError(
                        "the scheduler was lost; finished loci are kept. The same command goes on"
                    )
                try:
                    result = future.result()
                except FutureCancelledError as error:
                    raise SeamError(
                        "the scheduler was lost; finished loci are kept. The same command goes on"
                    ) from error
                except Exception as error:
                    result = {"name": job.locus.name, "error": f"{type(error).__name__}: {error}"}
                log.write(json.dumps(result) + "\n")
                log.flush()
                if result["error"]:
                    failed[job.locus.name] = result["error"]
                done += 1
                note = f", {len(failed)} failed" if failed else ""
                progress.update(done, total, f"{done} of {total} loci{note}")
                future.release()
    return failed
