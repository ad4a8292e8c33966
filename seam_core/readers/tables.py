"""Readers of tables, maps, embeddings, linkages and FASTA, in the formats that the peer writes.

Each checks what it reads before it hands it on; messages name the file, the field, what came and
what was expected. Nothing is unpickled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.sequences import DNA, PROTEIN, RNA, strings_to_indices
from seam_core.store.files import read_array
from seam_core.validate import InputError, check_finite, check_shape

if TYPE_CHECKING:
    import pandas as pd

ACTIVITY_NAMES = ("Activity", "DNN")


@dataclass(frozen=True, eq=False)
class MaveTable:
    """What a table of sequences holds.

    sequences : (N, L) int8, positions in `alphabet`
    frame : `Activity` and the other columns, without the sequences
    """

    sequences: np.ndarray
    alphabet: str
    frame: pd.DataFrame
    path: Path

    def __len__(self) -> int:
        return len(self.sequences)


def read_mave(
    path: Path | str, *, columns: Mapping[str, str] | None = None, alphabet: str | None = None
) -> MaveTable:
    """A table with one row a sequence: `.csv`, or `.tsv`/`.txt` with tabs; also packed (.gz).

    Parameters
    ----------
    columns : our name -> the file's, where they differ: {"Sequence": "seq", "Activity": "log2"}.
        Without it `Sequence` and `Activity` (or `DNN`) are looked for.
    alphabet : letters in the order of the maps' channels; None: DNA, RNA or protein, whichever
        has the letters of all rows

    Raises
    ------
    InputError
        No such file, an empty one, a missing column, sequences that differ in length, letters
        outside the alphabet, activities that are not finite numbers.
    """
    path = Path(path)
    frame = _read_frame(path)
    frame = _renamed(frame, dict(columns or {}), path)
    strings = frame.pop("Sequence")
    if strings.isna().any():
        row = int(np.flatnonzero(strings.isna())[0])
        raise InputError("Sequence", f"nothing in row {row}", "a sequence in each row", str(path))
    texts = [str(text).strip() for text in strings]
    letters = alphabet or infer_alphabet(texts, source=str(path))
    sequences = strings_to_indices(texts, letters, source=str(path))
    for name in ("Activity", "GIA", "Hamming"):
        if name in frame:
            frame[name] = _numbers(frame, name, path)
    return MaveTable(sequences, letters, frame.reset_index(drop=True), path)


def _read_frame(path: Path) -> pd.DataFrame:
    import pandas as pd

    if not path.is_file():
        raise InputError("table", "no such file", "a .csv or .tsv file", str(path))
    suffixes = [suffix.lower() for suffix in path.suffixes]
    separator = "\t" if {".tsv", ".txt", ".tab"} & set(suffixes[-2:]) else ","
    try:
        frame = pd.read_csv(path, sep=separator, comment="#")
    except pd.errors.EmptyDataError as error:
        raise InputError("table", "an empty file", "a table with a header", str(path)) from error
    except (pd.errors.ParserError, UnicodeDecodeError, OSError) as error:
        raise InputError("table", f"unreadable text ({error})", "a table", str(path)) from error
    # numbered rows, as pandas writes them by default, are no column of the user's
    frame = frame.loc[:, [name for name in frame if not str(name).startswith("Unnamed: ")]]
    if len(frame) == 0:
        raise InputError("table", "a header without rows", "one row or more", str(path))
    return frame


def _renamed(frame: pd.DataFrame, columns: dict[str, str], path: Path) -> pd.DataFrame:
    have = ", ".join(str(name) for name in frame)
    for ours, theirs in columns.items():
        if theirs not in frame:
            raise InputError(
                f"column {theirs!r} (for {ours})", f"columns {have}", theirs, str(path)
            )
    if "Activity" not in columns:
        found = next((name for name in ACTIVITY_NAMES if name in frame), None)
        if found is None:
            expected = "a column Activity or DNN, or the name of yours"
            raise InputError("column Activity", f"columns {have}", expected, str(path))
        columns["Activity"] = found
    if "Sequence" not in columns and "Sequence" not in frame:
        expected = "a column Sequence, or the name of yours"
        raise InputError("column Sequence", f"columns {have}", expected, str(path))
    taken = {theirs: ours for ours, theirs in columns.items()}
    clashes = [name for name in columns if name in frame and name not in taken]
    return frame.drop(columns=clashes).rename(columns=taken)


def _numbers(frame: pd.DataFrame, name: str, path: Path) -> np.ndarray:
    import pandas as pd

    values = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=np.float64)
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        came = frame[name].iloc[int(bad[0])]
        raise InputError(name, f"{came} in row {bad[0]}", "finite numbers only", str(path))
    if name == "Hamming" and (values == np.rint(values)).all():
        return values.astype(np.int32)
    return values


def infer_alphabet(strings: list[str], *, source: str = "") -> str:
    """DNA, RNA or protein: the first that has all the letters of all rows (N, X: unknown)."""
    letters = set().union(*(set(text.upper()) for text in strings))
    for alphabet, unknown in ((DNA, "N"), (RNA, "N"), (PROTEIN, "X")):
        if letters <= set(alphabet + unknown):
            return alphabet
    for row, text in enumerate(strings):
        for position, letter in enumerate(text.upper()):
            if letter not in PROTEIN + "UX":
                raise InputError(
                    "Sequence",
                    f"letter {letter!r} at position {position} of row {row}",
                    f"letters of DNA ({DNA}), RNA ({RNA}) or protein ({PROTEIN}), or an alphabet",
                    source,
                )
    raise InputError(
        "Sequence", "letters " + "".join(sorted(letters)), "DNA, RNA or protein", source
    )


def read_maps(path: Path | str, *, key: str = "") -> np.ndarray:
    """(N, W, A) attribution maps from `.npy` (memory-mapped) or `.npz`; float32, all finite.

    Maps of another floating type are converted.
    """
    path = Path(path)
    maps = read_array(path, field="maps", key=key)
    if not np.issubdtype(maps.dtype, np.number) or np.issubdtype(maps.dtype, np.complexfloating):
        raise InputError("maps", f"type {maps.dtype}", "numbers", str(path))
    check_shape(maps, (None, None, None), "maps", str(path))
    check_finite(maps, "maps", str(path))
    return maps if maps.dtype == np.float32 else np.asarray(maps, dtype=np.float32)


def read_embedding(path: Path | str, n: int | None = None) -> np.ndarray:
    """(N, Z) float32 coordinates of at least two columns, all finite; `n`: rows expected."""
    path = Path(path)
    coordinates = read_array(path, field="embedding")
    check_shape(coordinates, (n, None), "embedding", str(path))
    if coordinates.shape[1] < 2:
        raise InputError("embedding", "one column", "two columns or more", str(path))
    _check_numeric(coordinates, "embedding", path)
    return np.asarray(coordinates, dtype=np.float32)


def read_linkage(path: Path | str, n: int | None = None) -> np.ndarray:
    """(N - 1, 4) float64 tree in SciPy's format, every merge possible; `n`: leaves expected."""
    path = Path(path)
    matrix = read_array(path, field="linkage")
    check_shape(matrix, (None if n is None else n - 1, 4), "linkage", str(path))
    _check_numeric(matrix, "linkage", path)
    matrix = np.asarray(matrix, dtype=np.float64)
    check_linkage(matrix, str(path))
    return matrix


def _check_numeric(array: np.ndarray, field: str, path: Path) -> None:
    if not np.issubdtype(array.dtype, np.floating) and not np.issubdtype(array.dtype, np.integer):
        raise InputError(field, f"type {array.dtype}", "numbers", str(path))
    check_finite(array, field, str(path))


def check_linkage(matrix: np.ndarray, source: str = "") -> None:
    """Raise `InputError` naming the first merge that no tree can have."""
    n = len(matrix) + 1
    if n < 2:
        raise InputError("linkage", "no merges", "one merge or more", source)
    children = matrix[:, :2]
    made = n + np.arange(n - 1)[:, None]
    sizes = np.concatenate([np.ones(n), matrix[:, 3]])
    inside = (children >= 0) & (children < made) & (children == np.rint(children))
    _first_bad(~inside.all(axis=1), matrix, "clusters that exist by then", source)
    ids = children.astype(np.int64)
    used = np.bincount(ids.ravel(), minlength=2 * n - 1)[ids]
    _first_bad((used > 1).any(axis=1), matrix, "each cluster merged once", source)
    _first_bad(matrix[:, 2] < 0, matrix, "a height of 0 or more", source)
    wrong_size = sizes[ids].sum(axis=1) != matrix[:, 3]
    _first_bad(wrong_size, matrix, "the sum of the merged sizes in column 3", source)


def _first_bad(bad: Any, matrix: np.ndarray, expected: str, source: str) -> None:
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        values = ", ".join(f"{value:g}" for value in matrix[row])
        raise InputError("linkage", f"({values}) in row {row}", expected, source)


def read_fasta(path: Path | str) -> dict[str, str]:
    """Record name (up to the first blank) -> letters in upper case.

    Raises `InputError` for a missing or empty file, text before the first `>`, a record without
    letters, and two records of one name.
    """
    records: dict[str, str] = {}
    for name, letters in fasta_records(path):
        if not letters:
            raise InputError(f"record {name}", "no letters", "a sequence", str(path))
        if name in records:
            raise InputError(f"record {name}", "a second of the name", "one of a name", str(path))
        records[name] = letters
    return records


def fasta_records(path: Path | str) -> list[tuple[str, str]]:
    """(name, letters) of each record as it is: letters may be missing, and names come twice.

    Raises `InputError` for a missing or empty file, and text before the first `>`.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError("sequence", "no such file", "a FASTA file", str(path))
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("sequence", f"unreadable ({error})", "FASTA text", str(path)) from error
    if not text.strip():
        raise InputError("sequence", "an empty file", "a FASTA file", str(path))
    before, *parts = ("\n" + text).split("\n>")
    if before.strip():
        raise InputError("sequence", repr(before.strip()[:20]), "a line with > first", str(path))
    records = []
    for number, part in enumerate(parts, 1):
        header, _, body = part.partition("\n")
        name = header.split()[0] if header.split() else f"record {number}"
        records.append((name, "".join(body.split()).upper()))
    return records
