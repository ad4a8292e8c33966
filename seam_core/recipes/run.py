"""Runs recipes: one session, several joined to one with a column Task, or several compared.

A recipe that was stopped goes on when it is run again into the same folder: runs that are finished
are not repeated, and one that was under way goes on as `pipeline.run` does.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seam_core import pipeline, store
from seam_core.comparison import correspond
from seam_core.exports.tables import write_table
from seam_core.pipeline import RunConfig
from seam_core.progress import SILENT, PartOfProgress, Progress
from seam_core.recipes.join import join
from seam_core.recipes.recipe import Recipe, of_session, with_recipe
from seam_core.session import Session
from seam_core.stages import AFTER_MAPS, UNTIL_MAPS
from seam_core.validate import InputError, OracleError

if TYPE_CHECKING:
    import pandas as pd

    from seam_core.oracles import Oracle

COMPARISON = "comparison.csv"


def run(
    recipe: Recipe,
    config: RunConfig,
    folder: Path | str,
    *,
    afresh: bool = False,
    load: Callable[[RunConfig], Oracle] | None = None,
    progress: Progress = SILENT,
) -> dict[str, Session]:
    """Run a recipe, or what is missing of it.

    Parameters
    ----------
    config : the recipe's configuration with the user's model, sequence and changes
    folder : the session's folder; for variants that are compared, one folder a variant in it, and
        `comparison.csv`: which clusters of one are which of another
    afresh : make no use of what an earlier run left in `folder`
    load : gives the oracle of each run's settings, where a caller keeps them; None: they are loaded

    Returns
    -------
    dict
        Folder (relative to `folder`; "" for itself) -> session, which knows its recipe.

    Raises
    ------
    InputError and kin
        See `pipeline.run`.
    Cancelled
        What is finished stays; the same call goes on.
    """
    folder = store.resolved(folder)
    config = _named(recipe, config)
    _check_needs(recipe, config)
    with pipeline.claimed(folder):
        return _run(recipe, config, folder, afresh, load, progress)


def _run(
    recipe: Recipe,
    config: RunConfig,
    folder: Path,
    afresh: bool,
    load: Callable[[RunConfig], Oracle] | None,
    progress: Progress,
) -> dict[str, Session]:
    if recipe.combine == "task":
        return {"": _run_joined(recipe, config, folder, afresh, load, progress)}
    runs = runs_of(recipe, config)
    sessions = {}
    each = 1.0 / len(runs)
    for number, (name, settings) in enumerate(runs.items()):
        sessions[name] = _run_missing(
            recipe,
            settings,
            folder / name,
            pipeline.STAGE_NAMES,
            afresh,
            load,
            PartOfProgress(progress, each * number, each * (number + 1)),
        )
    if recipe.combine == "compare":
        write_table(_compared(sessions), folder / COMPARISON)
    return sessions


def started(recipe: Recipe, config: RunConfig, folder: Path | str) -> dict[str, tuple[str, ...]]:
    """What an earlier run of the recipe left in `folder`, so that `run` goes on with it.

    Returns
    -------
    dict
        Name of each run that has a session ("" for the recipe's own) -> the stages that it lacks.
        Empty where nothing was begun, or all is finished.
    """
    folder = Path(folder)
    config = _named(recipe, config)
    joins = recipe.combine == "task"
    parent, stages = (runs_folder(folder), UNTIL_MAPS) if joins else (folder, pipeline.STAGE_NAMES)
    runs = runs_of(recipe, config)
    lacking = {}
    for number, (name, settings) in enumerate(runs.items()):
        left = pipeline.earlier(parent / (str(number) if joins else name), settings, stages)
        if left is not None:
            lacking[name] = left[1]
    whole = len(lacking) == len(runs) and not any(lacking.values())
    if joins:
        session = _saved(recipe, config, folder) if whole else None
        return (
            lacking if session is None else {**lacking, "": pipeline.lacking(session, AFTER_MAPS)}
        )
    compared = recipe.combine != "compare" or (folder / COMPARISON).is_file()
    return {} if whole and compared else lacking


def _named(recipe: Recipe, config: RunConfig) -> RunConfig:
    untitled = not config.name and not config.sequence
    return replace(config, name=recipe.title) if untitled else config


def runs_of(recipe: Recipe, config: RunConfig) -> dict[str, RunConfig]:
    """Name -> settings of each run; one without a name where the recipe has no variants."""
    if not recipe.variants:
        return {"": config}
    return {variant.name: variant.applied(config) for variant in recipe.variants}


def _run_missing(
    recipe: Recipe,
    config: RunConfig,
    folder: Path,
    stages: tuple[str, ...],
    afresh: bool,
    load: Callable[[RunConfig], Oracle] | None,
    progress: Progress,
) -> Session:
    """One run, or what it lacks."""
    earlier = None if afresh else pipeline.earlier(folder, config, stages)
    session, left = earlier or (Session(), stages)
    session = with_recipe(session, recipe)
    if not left:
        progress.update(1, 1, "Finished before")
        return session
    oracle = None if load is None else load(config)
    return pipeline.run(
        config, folder=folder, session=session, stages=left, oracle=oracle, progress=progress
    )


def _compared(sessions: dict[str, Session]) -> pd.DataFrame:
    """Matched clusters of every pair of sessions, see `comparison.correspond`."""
    import pandas as pd

    frames = []
    for left, right in combinations(sessions, 2):
        match = correspond(sessions[left], sessions[right])
        frame = match.pairs.assign(adjusted_rand=match.adjusted_rand)
        frame.insert(0, "left_session", left)
        frame.insert(1, "right_session", right)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def _check_needs(recipe: Recipe, config: RunConfig) -> None:
    for need, given in (("model", config.oracle.model), ("sequence", config.sequence)):
        if need in recipe.needs and not given:
            raise InputError(need, "nothing", f"a {need}; the recipe {recipe.name} needs one")


def runs_folder(folder: Path) -> Path:
    """Where the runs of a session are until they are joined to it: beside its folder."""
    folder = store.resolved(folder)
    return folder.with_name(f".{folder.name}.variants")


def _run_joined(
    recipe: Recipe,
    config: RunConfig,
    folder: Path,
    afresh: bool,
    load: Callable[[RunConfig], Oracle] | None,
    progress: Progress,
) -> Session:
    """Maps of every variant, then clusters of all together."""
    store.check_target(folder)
    scratch = runs_folder(folder)
    if afresh:
        shutil.rmtree(scratch, ignore_errors=True)
    worth_keeping, began = scratch.exists(), time.monotonic()
    finished = False
    try:
        parts = []
        each = 0.6 / len(recipe.variants)
        for number, settings in enumerate(runs_of(recipe, config).values()):
            part = PartOfProgress(progress, each * number, each * (number + 1))
            where = scratch / str(number)
            parts.append(_run_missing(recipe, settings, where, UNTIL_MAPS, False, load, part))
        joined = join([variant.name for variant in recipe.variants], parts, scratch / "maps.npy")
        joined = with_recipe(replace(joined, name=config.name or recipe.title), recipe)
        session = None if afresh else _saved(recipe, config, folder)
        if session is None or not _same_rows(session, joined):
            session = joined
        session = pipeline.run(
            config,
            folder=folder,
            session=session,
            stages=pipeline.lacking(session, AFTER_MAPS),
            progress=PartOfProgress(progress, 0.6, 1.0),
        )
        finished = True
    except OracleError:
        worth_keeping = True
        raise
    finally:
        worth_keeping = worth_keeping or time.monotonic() - began > pipeline.SAVE_AFTER_S
        if finished or not worth_keeping:
            shutil.rmtree(scratch, ignore_errors=True)
    return session


def _saved(recipe: Recipe, config: RunConfig, folder: Path) -> Session | None:
    """The joined session in `folder`, where a run of these settings stopped after joining."""
    if not store.is_session(folder):
        return None
    session = store.load(folder)
    made_by = of_session(session)
    if made_by is None or made_by.variants != recipe.variants:
        return None
    known = pipeline.made_with(session, config, AFTER_MAPS)
    return session if known and pipeline.lacking(session, AFTER_MAPS) else None


def _same_rows(left: Session, right: Session) -> bool:
    """True where two joined sessions have the same sequences, tables and maps."""
    if left.library is None or left.maps is None or left.table is None:
        return False
    assert right.library is not None
    assert right.maps is not None
    assert right.table is not None
    return (
        np.array_equal(left.library.sequences, right.library.sequences)
        and list(left.table.frame["Task"]) == list(right.table.frame["Task"])
        and left.maps.start == right.maps.start
        and _equal(left.maps.maps, right.maps.maps)
    )


def _equal(left: np.ndarray, right: np.ndarray) -> bool:
    """True where two memory maps hold the same, read a part at a time."""
    if left.shape != right.shape:
        return False
    starts: Iterable[int] = range(0, len(left), 4096)
    return all(np.array_equal(left[row : row + 4096], right[row : row + 4096]) for row in starts)
