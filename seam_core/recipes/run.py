"""Runs recipes: one session, several joined to one with a column Task, or several compared."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seam_core import pipeline, store
from seam_core.comparison import correspond
from seam_core.pipeline import RunConfig
from seam_core.progress import SILENT, PartOfProgress, Progress
from seam_core.recipes.recipe import Recipe, with_recipe
from seam_core.records import AttributionMaps, Library, Provenance, Table
from seam_core.session import Session
from seam_core.store.files import write_text
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd

COMPARISON = "comparison.csv"
UNTIL_MAPS = ("mutagenizer", "attributer", "compiler")
AFTER_MAPS = ("clusterer", "meta_explainer", "identifier")


def run(
    recipe: Recipe,
    config: RunConfig,
    folder: Path | str,
    *,
    progress: Progress = SILENT,
) -> dict[str, Session]:
    """Run a recipe.

    Parameters
    ----------
    config : the recipe's configuration with the user's model, sequence and changes
    folder : the session's folder; for variants that are compared, one folder a variant in it, and
        `comparison.csv`: which clusters of one are which of another

    Returns
    -------
    dict
        Folder (relative to `folder`; "" for itself) -> session, which knows its recipe.
    """
    folder = Path(folder)
    _check_needs(recipe, config)
    if not config.name and not config.sequence:
        config = replace(config, name=recipe.title)
    new = with_recipe(Session(), recipe)
    if not recipe.variants:
        return {"": pipeline.run(config, folder=folder, session=new, progress=progress)}
    if recipe.combine == "task":
        return {"": _run_joined(recipe, config, folder, progress)}
    sessions = {}
    each = 1.0 / len(recipe.variants)
    for number, variant in enumerate(recipe.variants):
        sessions[variant.name] = pipeline.run(
            variant.applied(config),
            folder=folder / variant.name,
            session=new,
            progress=PartOfProgress(progress, each * number, each * (number + 1)),
        )
    write_text(folder / COMPARISON, _compared(sessions).to_csv(index=False))
    return sessions


def _compared(sessions: dict[str, Session]) -> pd.DataFrame:
    """Matched clusters of every pair of sessions, see `comparison.correspond`."""
    import pandas as pd

    frames = []
    for left, right in combinations(sessions, 2):
        found = correspond(sessions[left], sessions[right])
        frame = found.pairs.assign(adjusted_rand=found.adjusted_rand)
        frame.insert(0, "left_session", left)
        frame.insert(1, "right_session", right)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def _check_needs(recipe: Recipe, config: RunConfig) -> None:
    for need, given in (("model", config.oracle.model), ("sequence", config.sequence)):
        if need in recipe.needs and not given:
            raise InputError(need, "nothing", f"a {need}; the recipe {recipe.name} needs one")


def _run_joined(recipe: Recipe, config: RunConfig, folder: Path, progress: Progress) -> Session:
    """Maps of every variant, then clusters of all together."""
    store.check_target(folder)
    folder = Path(os.path.abspath(folder))
    scratch = folder.with_name(f".{folder.name}.variants")
    try:
        parts = []
        each = 0.6 / len(recipe.variants)
        for number, variant in enumerate(recipe.variants):
            part = pipeline.run(
                variant.applied(config),
                folder=scratch / str(number),
                stages=UNTIL_MAPS,
                progress=PartOfProgress(progress, each * number, each * (number + 1)),
            )
            parts.append(part)
        joined = join([variant.name for variant in recipe.variants], parts, scratch / "maps.npy")
        joined = with_recipe(replace(joined, name=config.name or recipe.title), recipe)
        return pipeline.run(
            config,
            folder=folder,
            session=joined,
            stages=AFTER_MAPS,
            progress=PartOfProgress(progress, 0.6, 1.0),
        )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def join(tasks: list[str], sessions: list[Session], out: Path) -> Session:
    """One session of the sequences, tables and maps of several, told apart by a column Task.

    Parameters
    ----------
    tasks : what the table says of each session's rows
    out : .npy file that the joined maps are written to

    Raises `InputError` where lengths, alphabets or windows differ.
    """
    import pandas as pd

    first = sessions[0]
    assert first.library is not None
    assert first.maps is not None
    for session, task in zip(sessions, tasks, strict=True):
        _check_like(session, first, task)
    libraries = [session.library for session in sessions if session.library is not None]
    frames = [
        session.table.frame.assign(Task=task)
        for session, task in zip(sessions, tasks, strict=True)
        if session.table is not None
    ]
    maps = [session.maps.maps for session in sessions if session.maps is not None]
    library = Library(
        np.concatenate([library.sequences for library in libraries]),
        alphabet=first.library.alphabet,
        reference=_common_reference(libraries),
        predictions=np.concatenate([np.asarray(library.predictions) for library in libraries]),
        parameters=first.library.parameters,
    )
    frame = pd.concat(frames, ignore_index=True)
    frame["Task"] = frame["Task"].astype("category")
    joined = Session(oracle=first.oracle, provenance=_added(sessions))
    joined = joined.with_record("library", library).with_record("table", Table(frame))
    return joined.with_record(
        "maps",
        AttributionMaps(_joined_maps(maps, out), first.maps.start, first.maps.parameters),
    )


def _check_like(session: Session, first: Session, task: str) -> None:
    assert session.library is not None
    assert session.maps is not None
    assert first.library is not None
    assert first.maps is not None
    for what, came, wanted in (
        ("length", session.library.length, first.library.length),
        ("alphabet", session.library.alphabet, first.library.alphabet),
        ("window", (session.maps.start, session.maps.stop), (first.maps.start, first.maps.stop)),
    ):
        if came != wanted:
            raise InputError(f"variant {task}", f"{what} {came}", f"{wanted}, as in the first")


def _common_reference(libraries: list[Library]) -> np.ndarray | None:
    first = libraries[0].reference
    same = first is not None and all(
        library.reference is not None and np.array_equal(library.reference, first)
        for library in libraries
    )
    return first if same else None


def _joined_maps(maps: list[np.ndarray], out: Path) -> np.ndarray:
    """All maps in one file, copied a part at a time."""
    n = sum(len(part) for part in maps)
    joined = np.lib.format.open_memmap(
        out, mode="w+", dtype=np.float32, shape=(n, *maps[0].shape[1:])
    )
    row = 0
    for part in maps:
        for start in range(0, len(part), 4096):
            block = part[start : start + 4096]
            joined[row : row + len(block)] = block
            row += len(block)
    joined.flush()
    return np.load(out, mmap_mode="r", allow_pickle=False)


def _added(sessions: list[Session]) -> Provenance:
    """The inputs of the first, and the time of all."""
    timings: dict[str, float] = {}
    for session in sessions:
        for stage, seconds in session.provenance.timings_s.items():
            timings[stage] = timings.get(stage, 0.0) + seconds
    first = sessions[0].provenance
    return replace(first, timings_s=timings)
