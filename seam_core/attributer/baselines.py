"""What sequences are compared with: zeros, shuffles of themselves, or arrays of the user's."""

from __future__ import annotations

import numpy as np

from seam_core.attributer.declared import Beside
from seam_core.parameters import AttributerParameters
from seam_core.readers.arrays import read_array
from seam_core.records import Library
from seam_core.sequences import encode
from seam_core.shuffles import (
    dinucleotide_shuffles,
    generators_of_rows,
    position_shuffles,
)
from seam_core.validate import InputError, check_finite

_WORDS = {
    "zeros": "an all-zero baseline",
    "shuffle": "shuffles of each sequence",
    "dinucleotide": "dinucleotide-preserving shuffles of each sequence",
    "given": "given baselines",
}


def in_words(kind: str) -> str:
    """A kind of baseline, for the methods paragraph."""
    return _WORDS[kind]


class Baselines:
    """The baselines of rows of a library.

    Parameters
    ----------
    given : in place of the file
    n_each : baselines for each sequence
    usual : the kind of "auto"
    beside : the library that this one's sequences are mapped beside

    Attributes
    ----------
    kind : where they come from, one of `seam_core.parameters.attributer.BASELINES` but "auto"
    n_each : baselines for each sequence; of "zeros" and given ones as many as there are
    shared : (1, R, L, A) where all sequences have the same, else None
    """

    def __init__(
        self,
        parameters: AttributerParameters,
        library: Library,
        given: np.ndarray | None,
        n_each: int,
        usual: str,
        beside: Beside | None = None,
    ) -> None:
        self._library = library
        self._beside = beside
        self._seed = parameters.seed
        self.kind = usual if parameters.baseline == "auto" else parameters.baseline
        self.n_each = n_each
        self.shared: np.ndarray | None = None
        self._by_row: np.ndarray | None = None
        if self.kind == "zeros":
            self.n_each = 1
            self.shared = np.zeros((1, 1, library.length, library.n_letters), dtype=np.float32)
        elif self.kind == "given":
            self._take(given, parameters)

    def __call__(self, first: int, last: int) -> np.ndarray:
        """(n, R, L, A) float32, or (1, R, L, A) where all sequences have the same."""
        if self.shared is not None:
            return self.shared
        if self._by_row is not None:
            rows = self._by_row[self._rows(first, last)]
            return np.asarray(rows[:, None], dtype=np.float32)
        sequences = self._library.sequences[first:last]
        generators = generators_of_rows(self._seed, self._rows(first, last))
        n_letters = len(self._library.alphabet)
        if self.kind == "shuffle":
            shuffles = position_shuffles(sequences, self.n_each, generators)
        else:
            shuffles = dinucleotide_shuffles(sequences, n_letters, self.n_each, generators)
        return encode(shuffles, self._library.alphabet)

    def _rows(self, first: int, last: int) -> np.ndarray:
        """(n,) the rows, of the library that they are mapped beside where there is one."""
        return np.arange(first, last) if self._beside is None else self._beside.rows[first:last]

    def _take(self, given: np.ndarray | None, parameters: AttributerParameters) -> None:
        source = parameters.baseline_file
        if given is None:
            given = _read_baselines(source)
        shape = (self._library.length, self._library.n_letters)
        if given.ndim == 2:
            given = given[None]
        if given.ndim != 3 or given.shape[1:] != shape or len(given) == 0:
            raise InputError(
                "baseline_file",
                f"shape {given.shape}",
                f"({shape[0]}, {shape[1]}), or several of it",
                source,
            )
        check_finite(given, "baseline_file", source)
        several = len(given) > 1 and parameters.method == "intgrad"
        whole = self._library if self._beside is None else self._beside.library
        if several and len(given) != len(whole):
            raise InputError(
                "baseline_file",
                f"{len(given)} baselines",
                f"one, or one for each of the {len(whole)} sequences",
                source,
            )
        if several:
            self._by_row = given
        else:
            self.shared = given[None].astype(np.float32)
            self.n_each = len(given)


def _read_baselines(source: str) -> np.ndarray:
    if not source:
        raise InputError("baseline_file", "nothing", "a .npy file of baselines (L, A)")
    return read_array(source, field="baseline_file")
