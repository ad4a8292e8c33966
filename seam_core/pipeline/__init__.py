"""The order of the stages. The only caller of stages: command line and application ask here.

    reference + oracle -> mutagenizer -> attributer -> compiler -> clusterer -> meta_explainer
                                                                             -> identifier

The oracle's predictions come from the same pass as the maps, so in a whole run the table is
compiled after the maps. A stage that is run alone asks the oracle for what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from seam_core.disk import is_full
from seam_core.oracles import Oracle
from seam_core.pipeline import placing
from seam_core.pipeline.config import (
    RunConfig,
    chosen_record,
    config_of,
    names_a_file,
    read_reference,
)
from seam_core.pipeline.engine import SAVE_AFTER_S, Engine, lacking_records
from seam_core.pipeline.folders import claimed, maps_file
from seam_core.pipeline.resume import earlier, lacking, made_with, unfinished
from seam_core.pipeline.shares import share_left
from seam_core.progress import SILENT, PartOfProgress, Progress, tell
from seam_core.session import Session
from seam_core.stages import STAGE_NAMES, in_run_order
from seam_core.store.files import not_writable
from seam_core.validate import InputError, OracleError

__all__ = [
    "SAVE_AFTER_S",
    "STAGE_NAMES",
    "RunConfig",
    "chosen_record",
    "claimed",
    "config_of",
    "earlier",
    "lacking",
    "lacking_records",
    "made_with",
    "maps_file",
    "names_a_file",
    "read_reference",
    "run",
    "run_stage",
    "unfinished",
]


def run(
    config: RunConfig,
    *,
    folder: Path | str | None = None,
    session: Session | None = None,
    stages: Iterable[str] = STAGE_NAMES,
    oracle: Oracle | None = None,
    progress: Progress = SILENT,
) -> Session:
    """Run stages in their order, each on what the earlier ones made.

    Parameters
    ----------
    folder : where the session is saved at the end, and between stages as soon as more than a
        few seconds of work would be lost. None: nothing is written.
    session : where to start from; None: a new one
    stages : names out of `STAGE_NAMES`, in any order
    oracle : the loaded oracle of `config`, where a caller runs many; None: it is loaded

    Raises
    ------
    InputError and kin
        Something given is not right; checked before anything is computed where it can be.
    OracleError
        The oracle failed. `folder` holds the session up to the last finished stage where its maps
        are among them (see `unfinished`); else the same run goes on with the maps it has.
    Cancelled
        `folder` is as it was, or holds the session up to a finished stage (see `unfinished`). A
        run that is started again with the same `config` and `folder` goes on with the maps it has.
    """
    wanted = set(stages)
    unknown = wanted - set(STAGE_NAMES)
    if unknown:
        raise InputError("stages", ", ".join(sorted(unknown)), "some of " + ", ".join(STAGE_NAMES))
    order = in_run_order(wanted)
    session = session or Session()
    engine = Engine(config, folder, oracle)
    finished = False
    try:
        engine.check_before(session, order)
        done = 0.0
        for stage in order:
            if stage == "attributer" and "clusterer" in order:
                _check_clusterer(config, session, progress)
            share = (1 - done) * share_left(stage, order, config, session.library)
            session = engine.run_stage(stage, session, PartOfProgress(progress, done, done + share))
            done += share
        session = engine.save(session)
        finished = True
    except OracleError as error:
        # what the oracle answered before it failed is good: the next try goes on from there
        finished = engine.keep(session, error)
        raise
    except OSError as error:
        if folder is None or not is_full(error):
            raise
        raise not_writable(Path(folder), error) from error
    finally:
        engine.close(finished=finished)
    progress.update(1, 1, "Finished")
    return session


def _check_clusterer(config: RunConfig, session: Session, progress: Progress) -> None:
    """Raise what is known to be wrong with the clusterer before maps are made, which take long;
    say what may turn out to be."""
    from seam_core.clusterer import check_clusterer, memory_at_most

    library = session.library
    assert library is not None
    check_clusterer(config.clusterer, len(library))
    how = placing.around_pattern(config.attributer, library)
    stop = library.length if how.map_stop is None else how.map_stop
    n_numbers = (stop - (how.map_start or 0)) * library.n_letters
    said = memory_at_most(config.clusterer, len(library), n_numbers)
    if said:
        tell(progress, said)


def run_stage(
    stage: str,
    session: Session,
    config: RunConfig,
    *,
    folder: Path | str | None = None,
    progress: Progress = SILENT,
) -> Session:
    """Run one stage on a session; what depended on its old result is cleared.

    See `run` for `folder` and what it raises.
    """
    return run(config, folder=folder, session=session, stages=(stage,), progress=progress)
