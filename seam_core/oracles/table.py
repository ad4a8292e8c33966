"""A table of measurements as an oracle: sequence -> value. It has no gradient."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from seam_core.oracles.capabilities import PlainCapabilities
from seam_core.sequences import DNA, UNKNOWN, indices_to_strings
from seam_core.validate import InputError, OracleError, check_finite, check_shape

# It answers at once, however many are asked.
LARGEST_BATCH = 2048


class TableCapabilities(PlainCapabilities):
    """A table has no gradient, but answers many at once."""

    largest_batch = LARGEST_BATCH


class TableOracle:
    """Looks a sequence up among those measured.

    Parameters
    ----------
    sequences : (N, L) int8, each once; one with an unknown letter answers where that is asked for
    values : (N,)
    source : the file, for messages
    note : what was left out or changed when it was read, in words

    Attributes
    ----------
    sequences : in an order of its own
    """

    def __init__(
        self,
        sequences: np.ndarray,
        values: np.ndarray,
        *,
        alphabet: str = DNA,
        source: str = "",
        note: str = "",
    ) -> None:
        check_shape(sequences, (None, None), "sequences", source)
        check_shape(values, (len(sequences),), "values", source)
        check_finite(values, "values", source)
        self.alphabet = alphabet
        self.n_letters = len(alphabet)
        self.length = sequences.shape[1]
        self.source = source
        self.note = note
        keys = _keys(sequences)
        order = np.argsort(keys)
        self._keys = keys[order]
        self.sequences = np.ascontiguousarray(sequences[order], dtype=np.int8)
        self._values = np.asarray(values, dtype=np.float32)[order]
        (twice,) = np.nonzero(self._keys[1:] == self._keys[:-1])
        if len(twice):
            (name,) = indices_to_strings(sequences[order[twice[0]]][None], alphabet)
            got = f"{name} more than once" + (f" ({note})" if note else "")
            raise InputError("Sequence", got, "each sequence once", source)

    @cached_property
    def capabilities(self) -> TableCapabilities:
        """What the table answers beside predictions."""
        return TableCapabilities(self)

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
        return self.values_of(_letters(one_hot))

    def values_of(self, letters: np.ndarray) -> np.ndarray:
        """(n, L) int8 to the values measured, (n,) float32, NaN where there is none."""
        keys = _keys(letters)
        rows = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where(self._keys[rows] == keys, self._values[rows], np.float32(np.nan))

    @cached_property
    def designed(self) -> np.ndarray:
        """(L, A) bool: letters that any sequence has. Of others nobody asked what they do."""
        there = np.zeros((self.length, self.n_letters), dtype=bool)
        for position in range(self.length):
            letters = np.unique(self.sequences[:, position])
            there[position, letters[letters != UNKNOWN]] = True
        return there

    def of_design(self, letters: np.ndarray) -> np.ndarray:
        """(n, L) int8 to (n,) bool: rows of letters that were measured where they stand."""
        there = self.designed[np.arange(self.length), letters]
        return (there & (letters != UNKNOWN)).all(axis=1)

    def _missing(self, one_hot: np.ndarray) -> str:
        letters = _letters(one_hot)
        first = indices_to_strings(letters[:3], self.alphabet)
        return (
            f"{self.source or 'the table'} lacks {len(letters)} of the sequences asked for: "
            + ", ".join(first)
            + (", ..." if len(letters) > 3 else "")
            + "; a measured table answers only what it holds (in-silico mutagenesis needs every "
            "single substitution of every sequence)"
        )


def _letters(one_hot: np.ndarray) -> np.ndarray:
    """(n, L, A) to (n, L) int8."""
    return np.where(one_hot.any(axis=2), one_hot.argmax(axis=2), UNKNOWN).astype(np.int8)


def _keys(indices: np.ndarray) -> np.ndarray:
    """(N,) sortable bytes, one a sequence; letters count from 1, since NumPy drops zeros."""
    shifted = np.ascontiguousarray(indices + 1, dtype=np.uint8)
    return shifted.view(f"S{indices.shape[1]}")[:, 0]
