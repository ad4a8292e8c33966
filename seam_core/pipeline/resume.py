"""What an earlier run left in a folder, and what is still to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from seam_core import models, store
from seam_core.parameters import AttributerParameters, MutagenizerParameters
from seam_core.pipeline.config import Reference, RunConfig, read_reference
from seam_core.pipeline.engine import SEARCHING_LIBRARIES
from seam_core.provenance import described_inputs, input_files
from seam_core.records import Library
from seam_core.session import Session
from seam_core.stages import RUN_ORDER, STAGE_NAMES, STAGES, in_run_order


def earlier(
    folder: Path | str, config: RunConfig, stages: Iterable[str] = STAGE_NAMES
) -> tuple[Session, tuple[str, ...]] | None:
    """The session in `folder`, and which of `stages` it lacks: () where it is finished.

    None where there is no session, or one that was not made by a run of these very settings, from
    this very reference, with this very model.
    """
    if not store.is_session(folder):
        return None
    session = store.load(folder)
    if session.library is None or session.oracle != config.oracle:
        return None
    if not made_with(session, config, RUN_ORDER):
        return None
    reference = read_reference(config)
    if not _same_reference(session.library, reference) or not _same_model(session, config):
        return None
    session = replace(session, name=reference.name, locus=reference.locus)
    return session, lacking(session, stages)


def unfinished(folder: Path | str, config: RunConfig) -> tuple[Session, tuple[str, ...]] | None:
    """`earlier`, where stages are lacking: what a run of `config` that was stopped left."""
    left = earlier(folder, config)
    return left if left and left[1] else None


def lacking(session: Session, stages: Iterable[str]) -> tuple[str, ...]:
    """Those of `stages` whose record is not there, in the order in which they run."""
    return tuple(
        stage for stage in in_run_order(stages) if getattr(session, STAGES[stage].record) is None
    )


def made_with(session: Session, config: RunConfig, stages: Iterable[str]) -> bool:
    """True where the records of `stages` that are there were made with these settings."""
    for stage in stages:
        parameters = getattr(getattr(session, STAGES[stage].record), "parameters", None)
        if parameters is not None and parameters != _as_run(getattr(config, stage), parameters):
            return False
    return True


def _as_run(wanted: Any, ran: Any) -> Any:
    """The settings with what a run fills in itself, and what changes only how it went."""
    wanted = wanted.replace(**{name: getattr(ran, name) for name in wanted.names_of_how()})
    if isinstance(wanted, MutagenizerParameters) and wanted.sequence_length is None:
        return wanted.replace(sequence_length=ran.sequence_length)
    if isinstance(wanted, AttributerParameters) and wanted.map_flank is not None:
        return wanted.replace(map_start=ran.map_start, map_stop=ran.map_stop)
    return wanted


def _same_reference(library: Library, reference: Reference) -> bool:
    if reference.letters is None:
        return library.reference is None
    if library.reference is not None:
        return np.array_equal(reference.letters, library.reference)
    drawn_by = library.parameters
    if drawn_by is None or drawn_by.library in SEARCHING_LIBRARIES:
        return False
    # a library that keeps no reference was made from this one if it is made again
    from seam_core.mutagenizer import Mutagenizer

    again = Mutagenizer(drawn_by).run(reference.letters, alphabet=library.alphabet)
    return np.array_equal(again.sequences, library.sequences)


def _same_model(session: Session, config: RunConfig) -> bool:
    """False where the files of the model are others than those that the session read."""
    if not config.oracle.model:
        return True
    now = described_inputs(input_files(models.located(config.oracle), ""))
    read = session.provenance.inputs
    return all(
        role not in read or read[role]["sha256"] == file["sha256"] for role, file in now.items()
    )
