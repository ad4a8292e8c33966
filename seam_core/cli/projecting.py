"""`seam project`: other sequences in a session's space."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seam_core import store
from seam_core.cli.configuration import config_from
from seam_core.cli.folders import free_folder
from seam_core.cli.options import add_device, add_overwrite, add_quiet
from seam_core.cli.terminal import shown
from seam_core.handwork import HandWork, as_curated, saved_in
from seam_core.pipeline import RunConfig
from seam_core.readers import read_fasta
from seam_core.sequences import strings_to_indices
from seam_core.session import Session
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd

    from seam_core.projection import Projector

_SHOWN = ("name", "activity", "mechanism", "mechanism_label", "confidence", "outside", "note")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options besides those of the oracle."""
    parser.add_argument("session", metavar="SESSION")
    parser.add_argument(
        "--sequences", metavar="FASTA", required=True, help="sequences of the session's length"
    )
    parser.add_argument(
        "--out", metavar="DIR", help="write projection.csv, projection.parquet and maps.npy there"
    )
    add_overwrite(parser, "what is")
    add_device(parser)
    add_quiet(parser)


def project(options: argparse.Namespace) -> None:
    """Print where each sequence falls; a sequence that cannot be projected says why."""
    from seam_core.projection import projection_frame

    out = _free(options)
    session, hand_work = opened(options.session)
    names, letters, notes = _read(options.sequences, session)
    projector = projector_of(session, options)
    frames, maps = [], [np.zeros((0, *_map_shape(session)), np.float32)]
    labels = dict(hand_work.curation.names) if hand_work.curation is not None else {}
    with shown(options) as progress:
        for at, block in _blocks(letters):
            projection = projector.project(block, progress=progress)
            of_block = names[at : at + len(block)]
            frames.append(projection_frame(projector, projection, of_block, labels))
            maps.append(projection.maps)
    table = _with_notes(frames, notes)
    print(table[[n for n in _SHOWN if n in table]].to_string(index=False))
    if out is not None:
        _write(table, np.concatenate(maps), out)


def _free(options: argparse.Namespace) -> Path | None:
    if options.out is None:
        return None
    overwrite = options.overwrite
    return free_folder(options.out, "projection.csv", "a projection", overwrite=overwrite)


def _map_shape(session: Session) -> tuple[int, ...]:
    """(W, A), as of the session's maps."""
    assert session.maps is not None  # a projector has asked for them
    return session.maps.maps.shape[1:]


def opened(folder: str) -> tuple[Session, HandWork]:
    """A session with its clusters as the user has them, and what the user did."""
    session = store.load(folder)
    hand_work = saved_in(session)
    return as_curated(session, hand_work.curation), hand_work


def projector_of(session: Session, options: argparse.Namespace) -> Projector:
    """The session's model, or that of the options, checked to be the same; see `oracle_of`."""
    from seam_core.projection import Projector, oracle_of

    base = RunConfig() if session.oracle is None else RunConfig(oracle=session.oracle)
    asked = config_from(options, base).oracle
    return Projector(session, oracle_of(session, asked, device=getattr(options, "device", "auto")))


def _read(path: str, session: Session) -> tuple[list[str], np.ndarray, list[tuple[str, str]]]:
    """Names and letters of what can be projected; (name, why not) of the rest."""
    if session.library is None:
        raise InputError("session", "no sequences", "a session with maps and clusters")
    length, alphabet = session.library.length, session.library.alphabet
    names, rows, notes = [], [], []
    for name, letters in read_fasta(path).items():
        if len(letters) != length:
            notes.append((name, f"{len(letters)} letters; the session's have {length}"))
            continue
        try:
            (row,) = strings_to_indices([letters], alphabet)
        except InputError as error:
            notes.append((name, f"{error.got}; expected {error.expected}"))
            continue
        if (row < 0).any():
            notes.append((name, f"an unknown letter at position {int((row < 0).argmax())}"))
            continue
        names.append(name)
        rows.append(row)
    return names, np.array(rows, np.int8).reshape(len(rows), length), notes


def _blocks(letters: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    from seam_core.projection.projector import BATCH

    for first in range(0, len(letters), BATCH):
        yield first, letters[first : first + BATCH]


def _with_notes(frames: list[pd.DataFrame], notes: list[tuple[str, str]]) -> pd.DataFrame:
    import pandas as pd

    if not notes:
        return pd.concat(frames, ignore_index=True)
    left_out = pd.DataFrame(notes, columns=["name", "note"])
    rows = [_with_gaps(frame).assign(note="") for frame in frames]
    return pd.concat([*rows, left_out], ignore_index=True)


def _with_gaps(frame: pd.DataFrame) -> pd.DataFrame:
    """With whole numbers that stay whole beside rows that have none."""
    return frame.astype(dict.fromkeys(frame.select_dtypes("integer"), "Int64"))


def _write(table: pd.DataFrame, maps: np.ndarray, out: Path) -> None:
    from seam_core.exports.arrays import blocks_of, write_npy
    from seam_core.exports.files import made_folder
    from seam_core.exports.tables import write_parquet, write_table

    made_folder(out, what="--out")
    write_table(table, out / "projection.csv", what="projection")
    write_parquet(table, out / "projection.parquet", what="projection")
    write_npy(out / "maps.npy", blocks_of(maps), maps.shape, np.float32)
    print(f"projection: {out}")
