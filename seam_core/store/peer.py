"""The peer's files as a session: a table, maps, and an embedding or a linkage made elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seam_core.parameters import ClustererParameters
from seam_core.progress import SILENT, Progress
from seam_core.readers.analysis import read_embedding, read_linkage, read_maps
from seam_core.readers.arrays import split_key
from seam_core.readers.columns import OF_FILE
from seam_core.readers.door import Say, silent
from seam_core.readers.mave import MaveTable, read_mave
from seam_core.records import (
    AttributionMaps,
    Embedding,
    Library,
    Linkage,
    Provenance,
    Table,
)
from seam_core.sequences import hamming, strings_to_indices
from seam_core.session import Session
from seam_core.store.files import sha256_of
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd

FIRST_ROW = "first"
NO_REFERENCE = "none"


def grouping_of_files(*, embedding: bool, linkage: bool) -> ClustererParameters:
    """How maps are grouped by default: with an embedding and no tree, in it, as the peer does."""
    if embedding and not linkage:
        return ClustererParameters(clustering="kmeans", cluster_on="embedding")
    return ClustererParameters()


def import_peer_files(
    mave: Path | str,
    maps: Path | str | None = None,
    *,
    embedding: Path | str | None = None,
    linkage: Path | str | None = None,
    reference: str = "",
    map_start: int | None = None,
    map_stop: int | None = None,
    columns: Mapping[str, str] | None = None,
    alphabet: str | None = None,
    key: str = "",
    odd_letters: str = "refuse",
    maps_layout: str = "auto",
    linkage_method: str = "ward",
    name: str = "",
    say: Say = silent,
    progress: Progress = SILENT,
) -> Session:
    """A session from the files that the peer reads and writes, all checked against each other.

    Parameters
    ----------
    mave : table of N sequences, see `read_mave`
    maps : (N, W, A) `.npy`, `.npz` or HDF5, or `file:key`. W may be L (then `map_start` and
        `map_stop` cut a window out of them) or the width of the window that they cover (then
        either end places it).
    embedding : (N, Z) `.npy`, or AnnData (`.h5ad`)
    linkage : (N - 1, 4) `.npy`
    reference : letters, "first" (row 0) or "none". Empty: the row whose `Hamming` is 0 where the
        table has that column, otherwise none. Letters must be those of a row.
    columns, alphabet, odd_letters : see `read_mave`; with "drop" the maps and coordinates of the
        rows are dropped too
    key, maps_layout : which array of a file with several, and its order; see `read_maps`
    say : told what was taken, renamed, dropped or masked

    Raises
    ------
    InputError
        See `read_mave`, `read_maps`, `read_embedding`, `read_linkage`; sizes that disagree; a
        reference that is not in the table.
    """
    progress.update(0, 4, "Reading the table")
    table = read_mave(mave, columns=columns, alphabet=alphabet, odd_letters=odd_letters, say=say)
    reference_letters = _find_reference(table, reference)
    frame = table.frame
    if reference_letters is not None:
        frame = _with_distances(table, reference_letters, say)
    session = Session(
        name=name or Path(mave).name.split(".")[0],
        library=Library(
            table.sequences,
            alphabet=table.alphabet,
            reference=reference_letters,
            predictions=frame["Activity"].to_numpy(dtype=np.float32),
        ),
        table=Table(frame),
    )
    if maps is not None:
        progress.update(1, 4, "Reading the maps")
        array = read_maps(maps, key=key, layout=maps_layout, letters=len(table.alphabet), say=say)
        record = _window(array, Path(maps), table, map_start, map_stop)
        session = session.with_record("maps", record)
    if embedding is not None:
        progress.update(2, 4, "Reading the embedding")
        coordinates = _of_rows_kept(read_embedding(embedding, table.n_rows), table)
        session = session.with_record("embedding", Embedding(coordinates, "imported"))
    if linkage is not None:
        progress.update(3, 4, "Reading the linkage")
        if len(table) < table.n_rows:
            expected = "none, as rows are dropped and a tree of some rows is another one"
            raise InputError("linkage", "a tree of all rows", expected, str(linkage))
        tree = Linkage(read_linkage(linkage, len(table)), linkage_method)
        session = session.with_record("linkage", tree)
    inputs = {
        role: {"path": str(path), "sha256": sha256_of(split_key(path)[0])}
        for role, path in (
            ("table", mave),
            ("maps", maps),
            ("embedding", embedding),
            ("linkage", linkage),
        )
        if path is not None
    }
    if table.note:
        inputs["table"]["note"] = table.note
    progress.update(1, 1, "Files read")
    return replace(session, provenance=Provenance(inputs=inputs))


def _find_reference(table: MaveTable, reference: str) -> np.ndarray | None:
    if reference == NO_REFERENCE:
        return None
    if reference == FIRST_ROW:
        return table.sequences[0].copy()
    if not reference:
        if "Hamming" not in table.frame:
            return None
        (rows,) = np.nonzero(table.frame["Hamming"].to_numpy() == 0)
        return table.sequences[rows[0]].copy() if len(rows) else None
    letters = strings_to_indices([reference.strip()], table.alphabet, source="reference")[0]
    length = table.sequences.shape[1]
    if len(letters) != length:
        raise InputError(
            "reference", f"{len(letters)} letters", f"{length}, as in the table", str(table.path)
        )
    if not (table.sequences == letters).all(axis=1).any():
        raise InputError(
            "reference", "a sequence that no row has", "one of the table's", str(table.path)
        )
    return letters


def _with_distances(table: MaveTable, reference: np.ndarray, say: Say) -> pd.DataFrame:
    """The table with the distance of each row from the reference; the file's own is kept apart
    where it is another."""
    frame, distances = table.frame, hamming(table.sequences, reference)
    if "Hamming" in frame and not np.array_equal(frame["Hamming"], distances):
        own = f"{OF_FILE}Hamming"
        say(f"the column Hamming of {table.path.name} counts from another reference: it is {own}")
        frame = frame.rename(columns={"Hamming": own})
    return frame.assign(Hamming=distances)


def _of_rows_kept(array: np.ndarray, table: MaveTable) -> np.ndarray:
    return array if table.kept is None else array[table.kept]


def _window(
    maps: np.ndarray, path: Path, table: MaveTable, start: int | None, stop: int | None
) -> AttributionMaps:
    n, width, letters = maps.shape
    length = table.sequences.shape[1]
    if n != table.n_rows:
        expected = f"{table.n_rows}, one a row of {table.path}"
        raise InputError("maps", f"{n} maps", expected, str(path))
    maps = _of_rows_kept(maps, table)
    if letters != len(table.alphabet):
        expected = f"{len(table.alphabet)}, the letters {table.alphabet} of {table.path}"
        raise InputError("maps", f"{letters} letters", expected, str(path))
    for field, end in (("map_start", start), ("map_stop", stop)):
        if end is not None and not 0 <= end <= length:
            raise InputError(field, end, f"a position from 0 to {length}", str(path))
    if width == length:
        first, last = start or 0, length if stop is None else stop
        if first >= last:
            raise InputError("map_start", first, f"less than map_stop, {last}", str(path))
        return AttributionMaps(maps[:, first:last], start=first)
    if start is None and stop is None:
        expected = f"{length}, as the sequences, or where the window starts or stops"
        raise InputError("maps", f"{width} positions", expected, str(path))
    first = start if start is not None else stop - width  # type: ignore[operator]
    last = stop if stop is not None else first + width
    if last - first != width or first < 0 or last > length:
        raise InputError(
            "maps", f"{width} positions", f"a window {first}-{last} in {length}", str(path)
        )
    return AttributionMaps(maps, start=first)
