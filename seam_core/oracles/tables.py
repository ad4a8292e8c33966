"""Tables of measurements, read from files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seam_core.oracles.gaps import FilledTable
from seam_core.oracles.table import TableOracle
from seam_core.parameters import OracleParameters
from seam_core.readers.letters import letters_of, texts_of
from seam_core.readers.tables import read_frame
from seam_core.validate import InputError, check_finite

if TYPE_CHECKING:
    import pandas as pd

SEQUENCE_NAMES = ("Sequence", "sequence", "seq")
_UNNAMED = ("Unnamed: ", "index", "__index_level_")
VALUE_NAMES = ("Activity", "DNN", "activity", "y", "value", "score", "fitness")


def load_table_oracle(parameters: OracleParameters, *, base: Path | None = None) -> TableOracle:
    """The oracle of a `.csv`, `.tsv`, `.txt` (also packed) or Parquet file.

    The sequences are in `sequence_column`, else in a column Sequence or the first one of texts; the
    values in `measured_column`, else in Activity, DNN, y, ..., else in the only column of numbers.
    Rows without a value are sequences that were not measured, unless gaps are refused; those with
    letters that the alphabet lacks are treated as `odd_letters` says, and told in `note`.
    """
    path = Path(base or ".") / parameters.model
    frame = read_frame(path, field="model")
    gaps = parameters.missing != "refuse"
    sequences = _sequence_column(frame, parameters.sequence_column, str(path))
    values = _value_column(frame, parameters.measured_column, str(path), gaps=gaps)
    alphabet = parameters.alphabet.upper()
    there = np.flatnonzero(~np.isnan(values)).tolist()
    letters = letters_of(
        texts_of(sequences.iloc[there], source=str(path), rows=there),
        alphabet,
        odd_letters=parameters.odd_letters,
        rows=there,
        source=str(path),
    )
    values = values[there] if letters.kept is None else values[there][letters.kept]
    kind = FilledTable if gaps else TableOracle
    return kind(letters.indices, values, alphabet=alphabet, source=str(path), note=letters.note)


def _sequence_column(frame: pd.DataFrame, wanted: str, source: str) -> pd.Series:
    have = f"columns {', '.join(map(str, frame))}"
    if wanted and wanted not in frame:
        raise InputError("sequence_column", repr(wanted), f"one of the {have}", source)
    names = (wanted,) if wanted else SEQUENCE_NAMES
    column = next((name for name in names if name in frame), None)
    first = frame.columns[0] if len(frame.columns) else ""
    if column is None and str(first).startswith(_UNNAMED):  # the index, as pandas writes it
        column = first
    if column is None:
        expected = "a column Sequence, or the name of yours (--column Sequence=NAME)"
        raise InputError("Sequence", have, expected, source)
    return frame[column]


def _value_column(frame: pd.DataFrame, name: str, source: str, *, gaps: bool) -> np.ndarray:
    numeric = list(frame.select_dtypes("number").columns)
    names = [name] if name else [n for n in VALUE_NAMES if n in frame]
    if not names and len(numeric) == 1:
        names = numeric
    if not names or names[0] not in numeric:
        raise InputError(
            "measured_column",
            repr(names[0]) if names else "nothing",
            "one of the columns of numbers: " + (", ".join(map(str, numeric)) or "there is none"),
            source,
        )
    values = frame[names[0]].to_numpy(dtype=np.float64)
    with np.errstate(over="ignore"):
        shown = values[~np.isnan(values)] if gaps else values
        check_finite(shown.astype(np.float32), names[0], source)
    return values
