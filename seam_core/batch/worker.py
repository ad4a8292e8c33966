"""One locus, in a worker process. A worker loads the model once and keeps it."""

from __future__ import annotations

import hashlib
import json
import platform
import tempfile
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from seam_core import pipeline, recipes, trust
from seam_core.batch.essentials import write_essentials
from seam_core.batch.inputs import difference, software
from seam_core.batch.limits import limited
from seam_core.batch.parts import finished_file
from seam_core.oracles import Oracle
from seam_core.pipeline import RunConfig
from seam_core.provenance import peak_memory_mb
from seam_core.readers.loci import Locus
from seam_core.registry import CLUSTERINGS
from seam_core.scratch import Scratch
from seam_core.session import Session
from seam_core.stages import PARTS
from seam_core.validate import InputError, SeamError

# A batch's size must not depend on the memory that happens to be free: last digits would.
BATCH_SIZE = 128

PATHS = {"oracle": ("model", "weights")}

# How long a worker remembers that it could not load a model, lest every locus waits for it again.
REMEMBER_S = 60.0

_oracles: dict[str, Oracle] = {}
_failures: dict[str, tuple[float, str]] = {}


class NotHere(Exception):
    """This worker cannot do it, another may: no model, no room on the disk."""


class Unfit(NotHere):
    """This worker may not do it: what computes here is not what computes where it was sent from."""


@dataclass(frozen=True)
class Job:
    """A locus and how to run it, as sent to a worker.

    config : `RunConfig.to_dict()`; its sequence and name are the locus's
    out : folder of the batch, which all workers see
    inputs, software : see `seam_core.batch.inputs`; part of the fingerprint
    place : name of the locus as its file has it, where several runs are made of it; they get the
        same seed
    recipe : `recipes.described` of a recipe whose runs are joined to one result; else empty
    approved : what the user agreed to run, by its content; see `seam_core.trust`
    time_limit, memory_limit : seconds and MB that the locus may take; 0: any
    settings_sum : `sum_of_settings`, made once for many jobs; "": not made yet
    carried : the result goes back to who runs the batch, as `out` is not seen by the workers
    """

    locus: Locus
    config: dict[str, Any]
    out: str
    inputs: dict[str, str] = field(default_factory=dict)
    software: dict[str, str] = field(default_factory=dict)
    full: bool = False
    place: str = ""
    recipe: dict[str, Any] = field(default_factory=dict)
    approved: tuple[str, ...] = ()
    time_limit: float = 0.0
    memory_limit: float = 0.0
    settings_sum: str = ""
    carried: bool = False

    @property
    def seed(self) -> int:
        """The locus's own seed: of the batch's seed and its name, not of its place in the file."""
        text = f"{self.config['mutagenizer']['seed']}:{self.place or self.locus.name}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1

    @property
    def fingerprint(self) -> str:
        """What a finished locus must have been made from to be kept."""
        of_locus = [asdict(self.locus), self.settings_sum or sum_of_settings(self)]
        return hashlib.sha256(json.dumps(of_locus, sort_keys=True).encode()).hexdigest()


def sum_of_settings(job: Job) -> str:
    """SHA-256 of what the result of a job is made from, but for its locus."""
    made_from: list[Any] = [
        _without(_of_result(job.config), job.inputs),
        job.full,
        job.inputs,
        job.software,
    ]
    if job.recipe:
        made_from.append(job.recipe["variant"])
    return hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()


def with_sums(jobs: list[Job]) -> list[Job]:
    """The jobs with the sums of their settings, which many of them share."""
    sums: dict[tuple[int, ...], str] = {}
    done = []
    for job in jobs:
        parts = (job.config, job.inputs, job.software, job.recipe)
        shared = (*(id(part) if part else 0 for part in parts), int(job.full))
        if shared not in sums:
            sums[shared] = sum_of_settings(job)
        done.append(replace(job, settings_sum=sums[shared]))
    return done


def _of_result(config: dict[str, Any]) -> dict[str, Any]:
    """The settings that make the result; where files lie, and how the run goes, does not.

    The batch's size stays: the same bytes need the same size.
    """
    kept = {part: dict(values) for part, values in config.items() if isinstance(values, dict)}
    for part, values in kept.items():
        for name in [*PARTS[part].names_of_how(), *PATHS.get(part, ())]:
            if name != "batch_size":
                values.pop(name, None)
    return kept


def _without(config: dict[str, Any], inputs: dict[str, str]) -> dict[str, Any]:
    """The settings but for names of files: their sums stand for them."""
    named = {tuple(name.split(".", 1)) for name in inputs}
    return {
        part: {name: value for name, value in own.items() if (part, name) not in named}
        for part, own in config.items()
    }


def reproducible(config: RunConfig) -> RunConfig:
    """The settings under which a worker's result does not depend on its machine's load."""
    attributer = config.attributer
    if attributer.batch_size == 0:
        attributer = attributer.replace(batch_size=BATCH_SIZE)
    clusterer = config.clusterer.replace(cluster_threads=1)
    if clusterer.cluster_on != "embedding" or CLUSTERINGS.get(clusterer.clustering).is_tree:
        # nothing that is kept of a locus is drawn from the picture
        clusterer = clusterer.replace(embedding="none")
    return replace(config, attributer=attributer, clusterer=clusterer)


def run_locus(job: Job) -> dict[str, Any]:
    """Explain one locus and leave it in the batch's folder.

    Returns `name`, `error` ("" where there is none), `elsewhere` (True where another worker may
    succeed; `unfit` where that is for other software here), `at` (the time it began), `seconds`,
    those of them that the attribution took (`attribution_s`) and `peak_mb`. An error of the locus
    is returned, not raised, so that the others go on. `trust`, where the model needs the user's yes
    first: what `TrustError` is made of. `packed`, where the job is carried: the bytes of the
    finished file.
    """
    at, began = time.time(), time.perf_counter()
    error, elsewhere = job.locus.error, False
    more: dict[str, Any] = {}
    if not error:
        try:
            check_software(job.software)
            with limited(_mark(job), seconds=job.time_limit, memory_mb=job.memory_limit):
                more = _explain(job)
        except trust.TrustError as problem:
            error, more = str(problem), {"trust": problem.question()}
        except NotHere as problem:
            error, elsewhere = str(problem), True
            more = {"unfit": True} if isinstance(problem, Unfit) else {}
        except SeamError as problem:
            error = str(problem)
        except (OSError, ArithmeticError, ValueError, RuntimeError) as problem:
            error = f"{type(problem).__name__}: {problem}"
    return {
        "name": job.locus.name,
        "error": error,
        "elsewhere": elsewhere,
        "at": at,
        "seconds": time.perf_counter() - began,
        "peak_mb": peak_memory_mb(),
        **more,
    }


def _mark(job: Job) -> Path:
    """The file that says that the locus is under way; see `limited`."""
    if job.carried:
        return Path(tempfile.gettempdir()) / "seam-loci" / f".{job.fingerprint}.under_way"
    file = finished_file(Path(job.out), job.locus)
    return file.with_name(f".{file.stem}.under_way")


def check_software(wanted: dict[str, str]) -> None:
    """Raise `Unfit` unless what computes here is what computes where the work was sent from."""
    differs = difference(wanted, software()) if wanted else ""
    if differs:
        here = f"the worker on {platform.node()}"
        raise Unfit(f"{here} differs from where it was started: {differs}")


def _explain(job: Job) -> dict[str, Any]:
    """Explain a locus; `attribution_s`, and `packed` of a job that is carried."""
    config = config_of(job)
    oracle = oracle_of(config)
    in_context = bool(config.attributer.context)
    if not in_context and oracle.length not in (None, len(job.locus.sequence)):
        raise InputError(
            "sequence",
            f"{len(job.locus.sequence)} letters",
            f"{oracle.length}, the length that the model takes",
        )
    about = {
        "fingerprint": job.fingerprint,
        "seed": job.seed,
        "parameters": _of_result(config.to_dict()),
        "inputs": job.inputs,
    }
    if job.recipe:
        about["recipe"] = job.recipe
    with Scratch("seam-locus-") as scratch:
        session = _run(job, config, oracle, scratch)
        out = scratch / "carried" if job.carried else Path(job.out)
        try:
            write_essentials(session, job.locus, out, about=about, full=job.full)
            more: dict[str, Any] = {
                "attribution_s": session.provenance.timings_s.get("attributer", 0.0)
            }
            if job.carried:
                more["packed"] = finished_file(out, job.locus).read_bytes()
            return more
        except (OSError, InputError) as error:
            # a full disk, mostly; `InputError` is what writing makes of it
            raise NotHere(str(error)) from error


def config_of(job: Job) -> RunConfig:
    """How the job's locus is run; what the user agreed to run is agreed to here."""
    for subject in job.approved:
        trust.approve(subject, remember=False)
    place = job.locus.interval
    config = replace(
        RunConfig.from_dict(job.config),
        name=job.locus.name,
        sequence=job.locus.sequence,
        record="",
        locus="" if place is None else str(place),
    )
    return config.with_seed(job.seed)


def _run(job: Job, config: RunConfig, oracle: Oracle, scratch: Path) -> Session:
    """The locus's session; that of joined runs needs `scratch` as long as it is used."""
    if not job.recipe:
        return pipeline.run(config, oracle=oracle)
    recipe = recipes.parse(job.recipe, "recipe")
    return recipes.run(recipe, config, scratch / "session", load=oracle_of)[""]


def oracle_of(config: RunConfig) -> Oracle:
    """The model of the batch, loaded by this process when its first locus comes.

    Raises `NotHere` where it cannot be loaded.
    """
    from seam_core import models
    from seam_core.frameworks import load_oracle
    from seam_core.oracles.explained import names_features
    from seam_core.pipeline.placing import opened

    if names_features(config.oracle.bins):  # they lie elsewhere at every locus
        return opened(config.oracle, config.attributer, pipeline.read_reference(config))[0]
    key = json.dumps(config.oracle.to_dict(), sort_keys=True)
    when, said = _failures.get(key, (-REMEMBER_S, ""))
    if time.monotonic() - when < REMEMBER_S:
        raise NotHere(said)
    if key not in _oracles:
        try:
            parameters = models.located(config.oracle)
            _oracles[key] = load_oracle(parameters, device=config.attributer.device)
        except trust.TrustError:
            raise
        except (SeamError, OSError, ValueError, RuntimeError) as error:
            _failures[key] = time.monotonic(), str(error)
            raise NotHere(str(error)) from error
    return _oracles[key]
