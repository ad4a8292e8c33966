"""The variants of a file at each locus of a batch; one table and one VCF over all loci."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seam_core import store, trust
from seam_core.batch.cluster import Cluster
from seam_core.batch.dispatch import Result
from seam_core.batch.inputs import software
from seam_core.batch.parts import fingerprints, session_folder
from seam_core.batch.run import LOCAL, until_done
from seam_core.exports.files import write_text
from seam_core.exports.parts import parquet_in_parts
from seam_core.exports.tables import table_in_parts
from seam_core.oracles import Oracle
from seam_core.parameters import VariantParameters
from seam_core.progress import SILENT, Progress
from seam_core.readers.loci import Locus
from seam_core.readers.settings import read_object
from seam_core.readers.tables import header_of, read_parquet
from seam_core.validate import InputError, SeamError

FOLDER, STATE = "variants", "answered.json"
_oracles: dict[str, Oracle] = {}


@dataclass(frozen=True)
class _Question:
    """The variants of a file at one locus, as sent to a worker.

    fingerprint : of the session, the file and the parameters
    software : see `seam_core.batch.worker.Job`
    approved : what the user agreed to run; see `seam_core.trust`
    """

    locus: Locus
    out: str
    file: str
    genome: str
    parameters: VariantParameters
    fingerprint: str
    software: dict[str, str]
    approved: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        return Path(self.out) / FOLDER / self.locus.folder


def answer_variants(
    out: Path,
    names: Sequence[str],
    file: Path | str,
    genome: Path | str | None = None,
    parameters: VariantParameters | None = None,
    *,
    cluster: Cluster = LOCAL,
    progress: Progress = SILENT,
) -> dict[str, str]:
    """Answer the variants of `file` at each locus; name -> error of those where that failed.

    A locus whose variants were answered before, of the same file and session, is kept. Writes
    `variants.csv`, `variants.parquet` and `variants.vcf.gz` with its index into `out`; what is of
    one locus lies in `variants/LOCUS`.

    Parameters
    ----------
    names : of loci that are done, with their whole sessions
    cluster : where it is computed, as for the loci
    """
    from seam_core.variants.vcf import VcfRows

    settings, made_from = parameters or VariantParameters(), fingerprints(out)
    place = "" if genome is None else str(Path(genome).resolve())
    about = str(out), str(Path(file).resolve()), place, settings
    of_file = _sum_of(file, settings)
    questions = [
        _Question(Locus(name), *about, f"{of_file}-{made_from[name]}", software(), trust.approved())
        for name in names
    ]
    todo = {each.fingerprint: each for each in questions if not _is_answered(each)}
    failed = _asked(todo, len(questions), cluster, progress) if todo else {}
    folders = {each.locus.name: each.folder for each in questions if each.locus.name not in failed}
    _write_tables(folders, out)
    rows = VcfRows()
    for folder in folders.values():
        rows.add_file(folder / "variants.vcf.gz")
    rows.write(out / "variants.vcf.gz")
    progress.update(1, 1, "Variants")
    return failed


def _asked(
    todo: dict[str, _Question], total: int, cluster: Cluster, progress: Progress
) -> dict[str, str]:
    """Name -> error of the loci where it failed."""
    failed: dict[str, str] = {}

    def tick(word: str = "") -> None:
        done = total - len(todo)
        said = f"Variants: {done} of {total} loci"
        progress.update(done, total, f"{said}, {word}" if word else said)

    def take(results: Iterator[Result]) -> None:
        for question, result in results:
            del todo[question.fingerprint]
            if result["error"]:
                failed[question.locus.name] = result["error"]
            tick()

    tick()
    workers = min(cluster.workers, len(todo))
    until_done(todo, take, tick, replace(cluster, workers=workers), answer_locus)
    return failed


def answer_locus(question: _Question) -> dict[str, Any]:
    """Answer one locus; `name` and `error`, which is "" where there is none."""
    for subject in question.approved:
        trust.approve(subject, remember=False)
    error, elsewhere = "", False
    try:
        _answer(question)
    except OSError as problem:
        error, elsewhere = f"{type(problem).__name__}: {problem}", True
    except (SeamError, ArithmeticError, ValueError, RuntimeError) as problem:
        error = str(problem)
    return {"name": question.locus.name, "error": error, "elsewhere": elsewhere}


def _answer(question: _Question) -> None:
    from seam_core.projection import Projector, check_model, oracle_of
    from seam_core.variants.whole import ground_of, interpret

    session = store.load(session_folder(Path(question.out), question.locus))
    model = json.dumps(None if session.oracle is None else session.oracle.to_dict())
    if model not in _oracles:
        _oracles[model] = oracle_of(session)
    check_model(session, _oracles[model])
    ground = ground_of(session, question.genome or None)
    projector = Projector(session, _oracles[model])
    interpret(projector, ground, question.file, question.folder, question.parameters)
    state = json.dumps({"key": question.fingerprint}) + "\n"
    write_text(question.folder / STATE, state, what="variants")


def _is_answered(question: _Question) -> bool:
    """Was the locus answered from the very same?"""
    state = question.folder / STATE
    with contextlib.suppress(InputError):
        return state.is_file() and read_object(state, "variants").get("key") == question.fingerprint
    return False


def _sum_of(file: Path | str, parameters: VariantParameters) -> str:
    digest = hashlib.sha256(json.dumps(parameters.to_dict(), sort_keys=True).encode())
    with open(file, "rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _write_tables(folders: dict[str, Path], out: Path) -> None:
    """One table of all loci, a locus at a time; columns that only some have are empty elsewhere."""
    import pandas as pd

    from seam_core.variants import COLUMNS

    columns = dict.fromkeys(["locus", *COLUMNS])
    for folder in folders.values():
        columns |= dict.fromkeys(header_of(folder / "variants.parquet", field="variants"))
    with (
        parquet_in_parts(out / "variants.parquet", what="variants") as parquet,
        table_in_parts(out / "variants.csv", what="variants") as table,
    ):
        empty = pd.DataFrame(columns=list(columns))
        table(empty)
        some = False
        for name, folder in folders.items():
            frame = read_parquet(folder / "variants.parquet", "variants")
            if len(frame):
                some = True
                whole = frame.assign(locus=name).reindex(columns=list(columns))
                parquet(whole)
                table(whole)
        if not some:
            parquet(empty)
