"""Tables of measurements, read from files."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from seam_core.oracles.gaps import FilledTable
from seam_core.oracles.table import TableOracle
from seam_core.parameters import OracleParameters
from seam_core.readers.letters import infer_alphabet, letters_of, texts_of
from seam_core.readers.tables import read_frame
from seam_core.sequences import NAMED_ALPHABETS
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd

SEQUENCE_NAMES = ("Sequence", "sequence", "seq")
_UNNAMED = ("Unnamed: ", "index", "__index_level_")
_LOOKED_AT = 1_000
VALUE_NAMES = ("Activity", "DNN", "activity", "y", "value", "score", "fitness")


class Lack(NamedTuple):
    """What must be said of a table, in words, and the option that says it."""

    words: str
    option: str


def load_table_oracle(parameters: OracleParameters, *, base: Path | None = None) -> TableOracle:
    """The oracle of a `.csv`, `.tsv`, `.txt` (also packed) or Parquet file.

    The sequences are in `sequence_column`, else in a column Sequence or the first one of texts; the
    values in `measured_column`, else in Activity, DNN, y, ..., else in the only column of numbers.
    Rows without a value are sequences that were not measured, unless gaps are refused; those with
    letters that the alphabet lacks are treated as `odd_letters` says, and told in `note`.
    """
    path = Path(base or ".") / parameters.model
    frame = read_frame(path, field="model")
    refuse_lacks(lacks_of(frame, parameters, str(path)), frame, str(path))
    gaps = parameters.missing != "refuse"
    values = _values(frame, parameters.measured_column, str(path), gaps=gaps)
    alphabet = parameters.alphabet
    there = np.flatnonzero(~np.isnan(values)).tolist()
    column = frame[_sequence_column(frame, parameters.sequence_column, str(path))]
    letters = letters_of(
        texts_of(column.iloc[there], source=str(path), rows=there),
        alphabet,
        odd_letters=parameters.odd_letters,
        rows=there,
        source=str(path),
    )
    values = values[there] if letters.kept is None else values[there][letters.kept]
    kind = FilledTable if gaps else TableOracle
    return kind(letters.indices, values, alphabet=alphabet, source=str(path), note=letters.note)


def refuse_lacks(lacks: list[Lack], frame: pd.DataFrame, source: str) -> None:
    """Raise one `InputError` for all that must be said of a table, with the options to copy."""
    if lacks:
        got = f"a table (columns {', '.join(map(str, frame))}) with "
        got += "; ".join(lack.words for lack in lacks)
        raise InputError("model", got, " ".join(lack.option for lack in lacks), source)


def lacks_of(frame: pd.DataFrame, parameters: OracleParameters, source: str) -> list[Lack]:
    """What `parameters` leave open that the table does not tell by itself.

    Raises `InputError` for a column that is named and not there, and for a table without numbers.
    """
    lacks = []
    column = _sequence_column(frame, parameters.sequence_column, source)
    if column is None:
        column = _looks_like_sequences(frame)
        lacks.append(Lack("no column Sequence", _named("Sequence", column or "NAME")))
    if _value_column(frame, parameters.measured_column, source) is None:
        numbers = [str(name) for name in frame.select_dtypes("number")]
        words = f"several columns of numbers ({', '.join(numbers)})"
        lacks.append(Lack(words, _named("Activity", numbers[0])))
    named = None if column is None else _other_alphabet(frame[column], parameters.alphabet)
    if named is not None:
        lacks.append(Lack(f"letters of {named}", f"--alphabet {named}"))
    return lacks


def _named(ours: str, theirs: str) -> str:
    """The option that says how a column is called, as a shell takes it."""
    return f"--column {shlex.quote(f'{ours}={theirs}')}"


def letters_of_rows(frame: pd.DataFrame, parameters: OracleParameters, source: str) -> np.ndarray:
    """(N,) texts of the column of sequences, found or the one that looks like it."""
    column = _sequence_column(frame, parameters.sequence_column, source)
    column = column or _looks_like_sequences(frame)
    return np.array([] if column is None else [str(text) for text in frame[column]], dtype=object)


def most_active(frame: pd.DataFrame, parameters: OracleParameters, source: str) -> str:
    """The letters with the highest value; empty where the columns are not known."""
    texts = letters_of_rows(frame, parameters, source)
    column = _value_column(frame, parameters.measured_column, source)
    if column is None or not len(texts) or frame[column].isna().all():
        return ""
    return str(texts[int(np.nanargmax(frame[column].to_numpy(dtype=np.float64)))])


def _sequence_column(frame: pd.DataFrame, wanted: str, source: str) -> str | None:
    if wanted and wanted not in frame:
        expected = f"one of the columns {', '.join(map(str, frame))}"
        raise InputError("sequence_column", repr(wanted), expected, source)
    names = (wanted,) if wanted else SEQUENCE_NAMES
    column = next((name for name in names if name in frame), None)
    first = str(frame.columns[0]) if len(frame.columns) else ""
    if column is None and first.startswith(_UNNAMED):  # the index, as pandas writes it
        return first
    return column


def _looks_like_sequences(frame: pd.DataFrame) -> str | None:
    """The first column of texts of one length, each once, that are letters of an alphabet."""
    top = frame.iloc[:_LOOKED_AT]
    for name in top.columns.difference(top.select_dtypes("number").columns, sort=False):
        texts = [str(text) for text in top[name]]
        if len({len(text) for text in texts}) == 1 and len(set(texts)) == len(texts):
            try:
                infer_alphabet(texts)
            except InputError:
                continue
            return str(name)
    return None


def _other_alphabet(column: pd.Series, alphabet: str) -> str | None:
    """The name of the alphabet of nearly all letters, where `alphabet` lacks some of these."""
    texts = [str(text) for text in column.iloc[:_LOOKED_AT].dropna()]
    letters = set("".join(texts).upper())
    if letters <= {*alphabet, "N"}:
        return None
    try:
        found = infer_alphabet(texts)
    except InputError:
        return None
    names = (name for name, others in NAMED_ALPHABETS.items() if others == found)
    return next(names, None) if letters & (set(found) - set(alphabet)) else None


def _value_column(frame: pd.DataFrame, wanted: str, source: str) -> str | None:
    numeric = list(frame.select_dtypes("number").columns)
    names = [wanted] if wanted else [n for n in VALUE_NAMES if n in frame] or numeric
    if not numeric or (names[0] not in numeric):
        got = f"{names[0]!r}{_no_number(frame, names[0])}" if names else "nothing"
        expected = ", ".join(map(str, numeric)) or "there is none"
        raise InputError(
            "measured_column", got, f"one of the columns of numbers: {expected}", source
        )
    return names[0] if wanted or len(names) == 1 or names[0] in VALUE_NAMES else None


def _no_number(frame: pd.DataFrame, name: str) -> str:
    """What a column holds that is no number, in words; empty where there is no such column."""
    import pandas as pd

    if name not in frame:
        return ""
    wrong = frame[name].notna() & pd.to_numeric(frame[name], errors="coerce").isna()
    row = int(wrong.to_numpy().argmax())
    text = str(frame[name].iloc[row])
    comma = " (numbers are written with a point)" if re.fullmatch(r"-?\d*,\d+", text) else ""
    return f", which holds {text!r} in row {row}{comma}"


def _values(frame: pd.DataFrame, wanted: str, source: str, *, gaps: bool) -> np.ndarray:
    column = _value_column(frame, wanted, source)
    values = frame[column].to_numpy(dtype=np.float64)
    with np.errstate(over="ignore"):
        wrong = ~np.isfinite(values.astype(np.float32))
    rows = np.flatnonzero(wrong & ~np.isnan(values) if gaps else wrong)
    if len(rows):
        got = f"{values[rows[0]]:g} in row {rows[0]}"
        raise InputError(str(column), got, "finite numbers only, within float32", source)
    return values
