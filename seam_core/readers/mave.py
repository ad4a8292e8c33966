"""Tables of measured or predicted sequences: letters, activities and whatever else a row has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seam_core.readers.columns import OF_FILE, kept_apart
from seam_core.readers.door import Say, reading, silent
from seam_core.readers.letters import infer_alphabet, letters_of, texts_of
from seam_core.readers.tables import EXPECTED, read_frame
from seam_core.sequences import check_alphabet
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd

ACTIVITY_NAMES = ("Activity", "DNN")


@dataclass(frozen=True, eq=False)
class MaveTable:
    """What a table of sequences holds.

    sequences : (N, L) int8, positions in `alphabet`
    frame : `Activity` and the other columns, without the sequences; those of the file that have a
        name of the application's are called `file:Cluster` and so on
    kept : (rows of the file,) bool, those that are here; None: all
    note : which rows were dropped, or had letters masked, in words
    """

    sequences: np.ndarray
    alphabet: str
    frame: pd.DataFrame
    path: Path
    kept: np.ndarray | None = None
    note: str = ""

    def __len__(self) -> int:
        return len(self.sequences)

    @property
    def n_rows(self) -> int:
        """Rows of the file."""
        return len(self) if self.kept is None else len(self.kept)


def read_mave(
    path: Path | str,
    *,
    columns: Mapping[str, str] | None = None,
    alphabet: str | None = None,
    odd_letters: str = "refuse",
    say: Say = silent,
) -> MaveTable:
    """A table with one row a sequence: text with commas or tabs, also packed (.gz), or Parquet.

    Parameters
    ----------
    columns : our name -> the file's, where they differ: {"Sequence": "seq", "Activity": "log2"}.
        Without it `Sequence` and `Activity` (or `DNN`) are looked for.
    alphabet : letters in the order of the maps' channels; None: DNA, RNA or protein, whichever
        has nearly all letters
    odd_letters : what to do with rows that have others: "refuse", "drop" or "mask"
    say : told once what was renamed, dropped or masked

    Raises
    ------
    InputError
        No such file, an empty one, a missing column, sequences that differ in length, letters
        outside the alphabet, activities that are not finite numbers of float32.
    """
    path = Path(path)
    with reading(path, "table", EXPECTED):
        return _read(path, dict(columns or {}), alphabet, odd_letters, say)


def _read(
    path: Path, columns: dict[str, str], alphabet: str | None, odd_letters: str, say: Say
) -> MaveTable:
    frame = _renamed(read_frame(path), columns, path, say)
    texts = texts_of(frame.pop("Sequence"), source=str(path))
    letters = check_alphabet(alphabet or infer_alphabet(texts, source=str(path)))
    sequences = letters_of(texts, letters, odd_letters=odd_letters, source=str(path))
    if sequences.note:
        say(sequences.note)
    if sequences.kept is not None:
        frame = frame[sequences.kept]
    for name in ("Activity", "GIA", "Hamming"):
        if name in frame:
            frame = frame.assign(**{name: _numbers(frame, name, path)})
    frame = frame.reset_index(drop=True)
    return MaveTable(sequences.indices, letters, frame, path, sequences.kept, sequences.note)


def _renamed(frame: pd.DataFrame, columns: dict[str, str], path: Path, say: Say) -> pd.DataFrame:
    have = ", ".join(str(name) for name in frame)
    for ours, theirs in columns.items():
        if theirs not in frame:
            raise InputError(
                f"column {theirs!r} (for {ours})", f"columns {have}", theirs, str(path)
            )
    if "Activity" not in columns:
        activity = next((name for name in ACTIVITY_NAMES if name in frame), None)
        if activity is None:
            expected = "a column Activity or DNN, or the name of yours (--column Activity=NAME)"
            raise InputError("column Activity", f"columns {have}", expected, str(path))
        columns["Activity"] = activity
    if "Sequence" not in columns:
        if "Sequence" not in frame:
            expected = "a column Sequence, or the name of yours (--column Sequence=NAME)"
            raise InputError("column Sequence", f"columns {have}", expected, str(path))
        columns["Sequence"] = "Sequence"
    taken = {theirs: ours for ours, theirs in columns.items()}
    if len(taken) < len(columns):
        raise InputError("column", f"{columns}", "a column of its own for each name", str(path))
    others = [name for name in frame if name not in taken]
    apart = {name: OF_FILE + name for name in others if name in columns} | kept_apart(others)
    if apart:
        pairs = ", ".join(f"{theirs} is {ours}" for theirs, ours in apart.items())
        say(f"columns of {path.name} with names of the application's are kept apart: {pairs}")
    return frame.rename(columns={**apart, **taken})


def _numbers(frame: pd.DataFrame, name: str, path: Path) -> np.ndarray:
    values = _as_floats(frame[name])
    with np.errstate(over="ignore"):
        bad = np.flatnonzero(~np.isfinite(values.astype(np.float32)))
    if len(bad):
        came = f"{frame[name].iloc[int(bad[0])]} in row {frame.index[bad[0]]}"
        raise InputError(name, came, "finite numbers only, as 1.5, within float32", str(path))
    if name == "Hamming" and (values == np.rint(values)).all():
        return values.astype(np.int32)
    return values


def _as_floats(column: pd.Series) -> np.ndarray:
    """(n,) float64, NaN for what is no number; pandas raises for whole numbers beyond float64."""
    import pandas as pd

    try:
        return pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
    except OverflowError:
        return np.array([_as_float(value) for value in column])


def _as_float(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        return np.inf
    except (TypeError, ValueError):
        return np.nan
