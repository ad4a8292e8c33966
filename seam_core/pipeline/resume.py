"""What a stopped run left, and what is still to do."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from seam_core import store
from seam_core.pipeline.config import RunConfig, read_reference
from seam_core.pipeline.engine import RUN_ORDER, SLOT_OF
from seam_core.session import Session


def unfinished(folder: Path | str, config: RunConfig) -> tuple[Session, tuple[str, ...]] | None:
    """The session in `folder` and the stages that it lacks, where a run of `config` stopped.

    None where there is no session, where it is finished, or where it was not made by a run of
    these very settings.
    """
    if not store.is_session(folder):
        return None
    session = store.load(folder)
    records = {stage: getattr(session, SLOT_OF[stage]) for stage in RUN_ORDER}
    lacking = tuple(stage for stage, record in records.items() if record is None)
    if not lacking or session.library is None or session.oracle != config.oracle:
        return None
    for stage, record in records.items():
        made_with = getattr(record, "parameters", None)
        if record is not None and made_with not in (None, getattr(config, stage)):
            return None
    letters = read_reference(config).letters
    reference = session.library.reference
    if letters is not None and (reference is None or not np.array_equal(letters, reference)):
        return None
    return session, lacking
