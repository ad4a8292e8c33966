"""The variants of a file at each locus of a batch; one table and one VCF over all loci."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seam_core import models, store, trust
from seam_core.batch.cluster import Cluster
from seam_core.batch.parts import fingerprints, session_folder
from seam_core.batch.run import until_done
from seam_core.exports.files import replacing, write_text
from seam_core.exports.tables import write_table
from seam_core.oracles import Oracle
from seam_core.parameters import OracleParameters, VariantParameters
from seam_core.progress import SILENT, PartOfProgress, Progress
from seam_core.readers.loci import Locus
from seam_core.readers.settings import read_object
from seam_core.validate import SeamError

if TYPE_CHECKING:
    import pandas as pd

FOLDER, STATE = "variants", "answered.json"
_oracles: dict[str, Oracle] = {}


@dataclass(frozen=True)
class VariantJob:
    """A locus whose variants are answered, as sent to a worker.

    made_from : fingerprint of the locus's session
    approved : what the user agreed to run; see `seam_core.trust`
    """

    locus: Locus
    out: str
    file: str
    genome: str | None
    parameters: VariantParameters
    made_from: str
    sum_of_file: str
    approved: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where the answers are written."""
        return Path(self.out) / FOLDER / self.locus.folder

    @property
    def fingerprint(self) -> str:
        """What answers must have been made from to be kept."""
        parameters = json.dumps(self.parameters.to_dict(), sort_keys=True)
        text = "\n".join([self.locus.name, parameters, self.made_from, self.sum_of_file])
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def is_done(self) -> bool:
        """Was it answered, from the very same?"""
        state = self.folder / STATE
        return state.is_file() and read_object(state, "variants").get("key") == self.fingerprint


def answer_variants(
    out: Path,
    names: Sequence[str],
    file: Path | str,
    genome: Path | str | None = None,
    parameters: VariantParameters | None = None,
    *,
    cluster: Cluster | None = None,
    progress: Progress = SILENT,
) -> dict[str, str]:
    """Answer the variants of `file` at each locus; name -> error of those where that failed.

    A locus whose variants were answered before, of the same file and session, is kept. Writes
    `variants.csv`, `variants.parquet` and `variants.vcf.gz` with its index into `out`; what is of
    one locus lies in `variants/LOCUS`.

    Parameters
    ----------
    names : of loci that are done, with their whole sessions
    cluster : whose workers answer; None, or one worker of this machine: this process does
    """
    from seam_core.variants.vcf import merge_vcf

    jobs = _jobs(out, names, file, genome, parameters or VariantParameters())
    todo = [job for job in jobs if not job.is_done]
    failed = _answer_all(todo, cluster, PartOfProgress(progress, 0.0, 0.95))
    folders = {job.locus.name: job.folder for job in jobs if job.locus.name not in failed}
    frame = _together(folders)
    with replacing(out / "variants.parquet", what="variants") as partial:
        frame.to_parquet(partial)
    write_table(frame, out / "variants.csv", what="variants")
    merge_vcf([f / "variants.vcf.gz" for f in folders.values()], out / "variants.vcf.gz")
    progress.update(1, 1, "Variants")
    return failed


def _jobs(
    out: Path,
    names: Sequence[str],
    file: Path | str,
    genome: Path | str | None,
    parameters: VariantParameters,
) -> list[VariantJob]:
    made_from, sum_of_file = fingerprints(out), _sum(Path(file))
    where = None if genome is None else str(Path(genome).absolute())
    approved: dict[str, tuple[str, ...]] = {}
    jobs = []
    for name in names:
        locus = Locus(name)
        folder = session_folder(out, locus)
        oracle = store.read_manifest(folder).get("oracle") if store.is_session(folder) else None
        key = json.dumps(oracle, sort_keys=True)
        if key not in approved:
            approved[key] = _approved(oracle)
        place = (locus, str(out), str(Path(file).absolute()), where)
        jobs.append(VariantJob(*place, parameters, made_from[name], sum_of_file, approved[key]))
    return jobs


def _approved(oracle: dict[str, Any] | None) -> tuple[str, ...]:
    """What of a model the user agreed to run."""
    if not oracle:
        return ()
    parameters = OracleParameters.from_dict(oracle)
    parameters = parameters.replace(model=models.locate(parameters.model))
    return tuple(filter(trust.is_approved, trust.subjects_of(parameters)))


def _answer_all(
    todo: list[VariantJob], cluster: Cluster | None, progress: Progress
) -> dict[str, str]:
    left = {job.fingerprint: job for job in todo}
    failed: dict[str, str] = {}

    def tick(word: str = "") -> None:
        done = f"variants of {len(todo) - len(left)} of {len(todo)} loci"
        progress.update(len(todo) - len(left), max(1, len(todo)), f"{done} {word}".strip())

    def take(results: Iterator[tuple[VariantJob, dict[str, Any]]]) -> None:
        for job, result in results:
            del left[job.fingerprint]
            if result["error"]:
                failed[job.locus.name] = result["error"]
            tick()

    if cluster is None or len(todo) < 2 or (not cluster.scheduler and cluster.workers == 1):
        take((job, answer_locus(job)) for job in todo)
    else:
        until_done(left, take, tick, cluster, answer_on_worker)
    return failed


def answer_on_worker(job: VariantJob) -> dict[str, Any]:
    """`answer_locus` in a worker of a Dask cluster; its address is added as `worker`."""
    from distributed import get_worker

    return {**answer_locus(job), "worker": get_worker().address}


def answer_locus(job: VariantJob) -> dict[str, Any]:
    """Answer one locus into its folder; `error` is returned, so that the others go on."""
    for subject in job.approved:
        trust.approve(subject, remember=False)
    try:
        _answered(job)
    except SeamError as error:
        return {"name": job.locus.name, "error": str(error)}
    except (OSError, ArithmeticError, ValueError, RuntimeError) as error:
        return {"name": job.locus.name, "error": f"{type(error).__name__}: {error}"}
    return {"name": job.locus.name, "error": ""}


def _answered(job: VariantJob) -> None:
    from seam_core.projection import Projector, check_model, oracle_of
    from seam_core.variants.whole import ground_of, interpret, write

    session = store.load(session_folder(Path(job.out), job.locus))
    model = json.dumps(None if session.oracle is None else session.oracle.to_dict())
    if model not in _oracles:
        _oracles[model] = oracle_of(session)
    check_model(session, _oracles[model])
    projector = Projector(session, _oracles[model])
    write(
        interpret(projector, ground_of(session, job.genome), job.file, job.parameters), job.folder
    )
    write_text(job.folder / STATE, json.dumps({"key": job.fingerprint}) + "\n", what="variants")


def _sum(file: Path) -> str:
    digest = hashlib.sha256()
    with open(file, "rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _together(folders: dict[str, Path]) -> pd.DataFrame:
    import pandas as pd

    from seam_core.variants import COLUMNS

    frames = []
    for name, folder in folders.items():
        frame = pd.read_parquet(folder / "variants.parquet")
        frame.insert(0, "locus", name)
        if len(frame):
            frames.append(frame)
    if not frames:
        return pd.DataFrame(columns=["locus", *COLUMNS])
    return pd.concat(frames, ignore_index=True)
