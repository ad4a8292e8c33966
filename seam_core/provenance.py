"""What a reader needs to make a result again: files, versions, time and memory."""

from __future__ import annotations

import functools
import platform
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from seam_core import __version__
from seam_core.disk import names_file
from seam_core.frameworks.load import models_of, names_of_folds
from seam_core.oracles.protocol import Oracle, frameworks_of
from seam_core.parameters import OracleParameters
from seam_core.product import NAME
from seam_core.registry import (
    ATTRIBUTIONS,
    CLUSTERINGS,
    EMBEDDINGS,
    FRAMEWORKS,
    REDUCTIONS,
    Registry,
)
from seam_core.session import Session
from seam_core.stages import STAGES
from seam_core.store.files import sha256_of
from seam_core.validate import InputError

# Package -> version of what ran whatever was chosen.
ALWAYS = ("numpy",)


def packages_of(session: Session, stage: str, *, asked: Oracle | None) -> list[str]:
    """Packages, as pip knows them, whose version can have changed what a stage made.

    They are those of the stage, of the methods that its records were made by, of plug-ins, and of
    the frameworks that the model asked was loaded by.
    """
    choices = [*ALWAYS, *STAGES[stage].packages]
    for registry, name in _methods_of(session, stage, asked):
        record = registry.find(name)
        if record is not None:
            choices += [*record.packages, *registry.distribution_of(name)]
    if stage == "mutagenizer":
        choices += _of_generator(session)
    return sorted({name for choice in choices if (name := _installed(choice))})


def _methods_of(
    session: Session, stage: str, asked: Oracle | None
) -> Iterator[tuple[Registry[Any], str]]:
    if asked is not None:
        for framework in frameworks_of(asked):
            yield FRAMEWORKS, framework
        if session.oracle is not None:
            yield REDUCTIONS, session.oracle.reduction
    if stage == "attributer" and session.maps is not None and session.maps.parameters:
        yield ATTRIBUTIONS, session.maps.parameters.method
    if stage == "clusterer":
        for registry, record in (
            (EMBEDDINGS, session.embedding),
            (CLUSTERINGS, session.linkage),
            (CLUSTERINGS, session.clustering),
        ):
            if record is not None and record.parameters is not None:
                yield registry, record.method


def _of_generator(session: Session) -> list[str]:
    """The distribution that a library's generator came with."""
    parameters = None if session.library is None else session.library.parameters
    if parameters is None or parameters.library != "generator":
        return []
    module = parameters.generator.split(":")[0].split(".")[0]
    return list(metadata.packages_distributions().get(module, ()))


def package_versions() -> dict[str, str]:
    """`versions_of` every package that a stage, a method or a framework names, used or not."""
    named = {*ALWAYS, *(name for stage in STAGES.values() for name in stage.packages)}
    for registry in (ATTRIBUTIONS, EMBEDDINGS, CLUSTERINGS, REDUCTIONS, FRAMEWORKS):
        for record in registry:
            named |= {*record.packages, *registry.distribution_of(record.name)}
    return versions_of(sorted(map(_installed, named)))


def versions_of(packages: Iterable[str]) -> dict[str, str]:
    """Name -> version of Python, this package and those named; absent ones are left out."""
    return {
        "python": platform.python_version(),
        NAME: __version__,
        **{name: version for name in packages if (version := _version_of(name))},
    }


def _installed(choice: str) -> str:
    """The first installed package of "a or b"; "" where there is none."""
    return next((name for name in choice.split(" or ") if _version_of(name)), "")


@functools.cache
def _version_of(package: str) -> str:
    """Version of an installed package, read once a process; "" where it is absent."""
    if not package:
        return ""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def peak_memory_mb() -> float:
    """Largest resident memory of this process so far, in MB."""
    if sys.platform == "win32":
        import psutil

        return psutil.Process().memory_info().peak_wset / 1e6
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # kilobytes on Linux, bytes on macOS
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def input_files(oracle: OracleParameters, sequence: str) -> dict[str, Path]:
    """Role -> file of what a run reads: the model or the folds of one, weights, the FASTA file.

    oracle : its model located
    """
    models = _named_files(oracle.model)
    names = ["model"] if len(models) < 2 else [f"model {n}" for n in names_of_folds(models)]
    files = {name: Path(model) for name, model in zip(names, models, strict=False)}
    weights = _named_files(oracle.weights)
    if not oracle.weights and oracle.model.endswith(".json"):
        weights = [str(Path(oracle.model).with_suffix(".h5"))]
    names = ["weights"] if len(weights) < 2 else [f"weights {n}" for n in names_of_folds(weights)]
    files.update(
        (name, Path(each))
        for name, each in zip(names, weights, strict=False)
        if Path(each).is_file()
    )
    if names_file(sequence):
        files["sequence"] = Path(sequence)
    return files


def _named_files(text: str) -> list[str]:
    try:
        return models_of(text)
    except InputError:  # a pattern whose files are gone
        return []


def described_inputs(files: dict[str, Path]) -> dict[str, dict[str, str]]:
    """Role -> path and SHA-256 of each file or folder."""
    return {
        role: {"path": str(path), "sha256": sha256_of(path)}
        for role, path in files.items()
        if path.exists()
    }
