"""Joins the runs of a recipe to one session, told apart by a column Task."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from seam_core import disk, mapping
from seam_core.records import AttributionMaps, Library, Provenance, Table
from seam_core.session import Session
from seam_core.store.files import not_writable
from seam_core.validate import InputError


def join(tasks: list[str], sessions: list[Session], out: Path) -> Session:
    """One session of the sequences, tables and maps of several, told apart by a column Task.

    Raises `InputError` where lengths, alphabets or windows differ.

    Parameters
    ----------
    tasks : what the table says of each session's rows
    out : .npy file that the joined maps are written to
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
        AttributionMaps(
            _joined_maps(maps, out), first.maps.start, first.maps.parameters, ran=first.maps.ran
        ),
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
    try:
        joined = disk.new_mapped(out, (n, *maps[0].shape[1:]))
    except OSError as error:
        raise not_writable(out, error) from error
    row = 0
    for part in maps:
        for start in range(0, len(part), 4096):
            block = part[start : start + 4096]
            joined[row : row + len(block)] = block
            row += len(block)
    mapping.check(joined, "maps")
    joined.flush()  # type: ignore[attr-defined]
    return mapping.mapped(out)


def _added(sessions: list[Session]) -> Provenance:
    """The inputs of the first, and the time of all."""
    timings: dict[str, float] = {}
    for session in sessions:
        for stage, seconds in session.provenance.timings_s.items():
            timings[stage] = timings.get(stage, 0.0) + seconds
    first = sessions[0].provenance
    return replace(first, timings_s=timings)
