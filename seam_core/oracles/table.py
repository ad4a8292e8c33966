"""A table of measurements as an oracle: sequence -> value. It has no gradient."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seam_core.oracles.capabilities import PlainCapabilities
from seam_core.parameters import OracleParameters
from seam_core.readers.tables import read_frame
from seam_core.sequences import DNA, UNKNOWN, indices_to_strings, strings_to_indices
from seam_core.validate import InputError, OracleError, check_finite, check_shape

if TYPE_CHECKING:
    import pandas as pd

SEQUENCE_NAMES = ("Sequence", "sequence", "seq")
_UNNAMED = ("Unnamed: ", "index", "__index_level_")
VALUE_NAMES = ("Activity", "DNN", "activity", "y", "value", "score", "fitness")


# It answers at once, however many are asked.
LARGEST_BATCH = 2048


class TableCapabilities(PlainCapabilities):
    """A table has no gradient, but answers many at once."""

    largest_batch = LARGEST_BATCH


class TableOracle:
    """Looks a sequence up among those measured.

    Parameters
    ----------
    sequences : (N, L) int8, each once
    values : (N,)
    source : the file, for messages
    """

    def __init__(
        self, sequences: np.ndarray, values: np.ndarray, *, alphabet: str = DNA, source: str = ""
    ) -> None:
        check_shape(sequences, (None, None), "sequences", source)
        check_shape(values, (len(sequences),), "values", source)
        check_finite(values, "values", source)
        if (sequences == UNKNOWN).any():
            row = int(np.nonzero((sequences == UNKNOWN).any(axis=1))[0][0])
            raise InputError("Sequence", f"an unknown letter in row {row}", alphabet, source)
        self.alphabet = alphabet
        self.n_letters = len(alphabet)
        self.length = sequences.shape[1]
        self.source = source
        self.capabilities = TableCapabilities(self)
        keys = _keys(sequences)
        order = np.argsort(keys)
        self._keys = keys[order]
        self._values = np.asarray(values, dtype=np.float32)[order]
        (twice,) = np.nonzero(self._keys[1:] == self._keys[:-1])
        if len(twice):
            (name,) = indices_to_strings(sequences[order[twice[0]]][None], alphabet)
            raise InputError("Sequence", f"{name} more than once", "each sequence once", source)

    def predict(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) to the values measured, (n,) float32; `OracleError` names what is missing."""
        values = self.measured(one_hot)
        missing = np.isnan(values)
        if missing.any():
            raise OracleError(self._missing(one_hot[missing]))
        return values

    def measured(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) to the values measured, (n,) float32, NaN where there is none."""
        if one_hot.shape[1:] != (self.length, self.n_letters):
            raise InputError(
                "sequences",
                f"one-hot of shape {one_hot.shape}",
                f"(n, {self.length}, {self.n_letters}), as measured",
                self.source,
            )
        keys = _keys(one_hot.argmax(axis=2).astype(np.int8))
        known = np.all(one_hot.any(axis=2), axis=1)
        rows = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where((self._keys[rows] == keys) & known, self._values[rows], np.float32(np.nan))

    def _missing(self, one_hot: np.ndarray) -> str:
        letters = one_hot.argmax(axis=2).astype(np.int8)
        letters[~one_hot.any(axis=2)] = UNKNOWN
        first = indices_to_strings(letters[:3], self.alphabet)
        return (
            f"{self.source or 'the table'} lacks {len(letters)} of the sequences asked for: "
            + ", ".join(first)
            + (", ..." if len(letters) > 3 else "")
            + "; a measured table answers only what it holds (in-silico mutagenesis needs every "
            "single substitution of every sequence)"
        )


def load_table_oracle(parameters: OracleParameters, *, base: Path | None = None) -> TableOracle:
    """The oracle of a `.csv`, `.tsv`, `.txt` (also packed) or Parquet file.

    The sequences are in `sequence_column`, else in a column Sequence or the first one of texts; the
    values in `measured_column`, else in Activity, DNN, y, ..., else in the only column of numbers.
    """
    path = Path(base or ".") / parameters.model
    frame = read_frame(path, field="model")
    sequences = _sequence_column(frame, parameters.sequence_column, str(path))
    values = _value_column(frame, parameters.measured_column, str(path))
    alphabet = parameters.alphabet
    indices = strings_to_indices(sequences, alphabet, source=str(path))
    return TableOracle(indices, values, alphabet=alphabet, source=str(path))


def _sequence_column(frame: pd.DataFrame, chosen: str, source: str) -> list[str]:
    have = f"columns {', '.join(map(str, frame))}"
    if chosen and chosen not in frame:
        raise InputError("sequence_column", repr(chosen), f"one of the {have}", source)
    names = (chosen,) if chosen else SEQUENCE_NAMES
    found = next((name for name in names if name in frame), None)
    first = frame.columns[0] if len(frame.columns) else ""
    if found is None and str(first).startswith(_UNNAMED):  # the index, as pandas writes it
        found = first
    if found is None:
        expected = "a column Sequence, or the name of yours (--column Sequence=NAME)"
        raise InputError("Sequence", have, expected, source)
    return [str(value) for value in frame[found]]


def _value_column(frame: pd.DataFrame, name: str, source: str) -> np.ndarray:
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
        check_finite(values.astype(np.float32), names[0], source)
    return values


def _keys(indices: np.ndarray) -> np.ndarray:
    """(N,) sortable bytes, one a sequence; letters count from 1, since NumPy drops zeros."""
    shifted = np.ascontiguousarray(indices + 1, dtype=np.uint8)
    return shifted.view(f"S{indices.shape[1]}")[:, 0]
