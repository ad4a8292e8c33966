"""A table of measurements with gaps: what it lacks is estimated from what it holds."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from seam_core.oracles.capabilities import MutantPredictor
from seam_core.oracles.table import TableCapabilities, TableOracle
from seam_core.progress import Tick
from seam_core.sequences import UNKNOWN, encode
from seam_core.validate import InputError

MOST_FEATURES = 2_000
AT_ONCE, ROWS = 1 << 20, 1 << 16
TESTED = 1_000


class FilledTable(TableOracle):
    """A table that estimates the mutants that it lacks, by what differs from them in one letter.

    Such an estimate is what letters add up to over all the table (least squares), and the mean over
    the m measured neighbours of what they are beyond that, times m / (m + 1). Only mutants for maps
    are estimated; `predict` and `measured` answer what was measured alone. Of a
    letter that no sequence has at a position (see `designed`) an estimate says nothing: maps leave
    it out, and it is not counted as lacking.
    """

    _effects: np.ndarray | None = None

    @cached_property
    def capabilities(self) -> FilledCapabilities:
        """Mutants with estimates of what was not measured."""
        return FilledCapabilities(self)

    def filled(self, letters: np.ndarray) -> np.ndarray:
        """(n, L) int8 to (n,) float32: measured, or estimated."""
        values = self.values_of(letters)
        missing = np.isnan(values)
        if missing.any():
            different, place = np.unique(letters[missing], axis=0, return_inverse=True)
            values[missing] = self.estimates(different)[place.ravel()]
        return values

    def estimates(self, letters: np.ndarray) -> np.ndarray:
        """(n, L) int8 to (n,) float32 from the neighbours of each, itself left out."""
        values = self._added_up(letters)
        at_once = max(1, AT_ONCE // (self.length * self.n_letters * self.length))
        for first in range(0, len(letters), at_once):
            rows = letters[first : first + at_once]
            beside = neighbours(rows, self.n_letters).reshape(-1, self.length)
            beyond = (self.values_of(beside) - self._added_up(beside)).reshape(len(rows), -1)
            n = np.isfinite(beyond).sum(axis=1)
            values[first : first + at_once] += np.nansum(beyond, axis=1) / (n + 1)
        return values.astype(np.float32)

    def reliability(self) -> float:
        """R^2 of estimates of sequences that were measured, each from its neighbours alone."""
        rng = np.random.default_rng(0)
        rows = rng.permutation(len(self.sequences))[:TESTED]
        true = self.values_of(self.sequences[rows]).astype(np.float64)
        total = float(((true - true.mean()) ** 2).sum())
        wrong = float(((self.estimates(self.sequences[rows]) - true) ** 2).sum())
        return 1.0 - wrong / total if total > 0 else np.nan

    def share_of_neighbours(self, letters: np.ndarray) -> np.ndarray:
        """(n, L) int8 to (n,): which share of the single substitutions of each is measured.

        Of those by letters of the design; all of them where it has a single letter everywhere.
        """
        asked = max(1, int(self.designed.sum()) - self.length)
        return 1.0 - self.lacking(letters).sum(axis=(1, 2)) / asked

    def lacking(self, letters: np.ndarray) -> np.ndarray:
        """(n, L) int8 to (n, L, A) bool: substitutions by letters of the design, not measured."""
        absent = np.zeros((*letters.shape, self.n_letters), dtype=bool)
        at_once = max(1, AT_ONCE // (self.length * self.n_letters * self.length))
        for first in range(0, len(letters), at_once):
            rows = letters[first : first + at_once]
            beside = neighbours(rows, self.n_letters)
            there = self.values_of(beside.reshape(-1, self.length))
            shift = np.isnan(there).reshape(beside.shape[:3])
            other = (rows[:, :, None] + np.arange(1, self.n_letters)) % self.n_letters
            np.put_along_axis(absent[first : first + at_once], other.astype(np.intp), shift, axis=2)
        return absent & self.designed

    def _added_up(self, letters: np.ndarray) -> np.ndarray:
        """(n,) float64: the sum of the letters' effects."""
        if self._effects is None:
            self._effects = self._fitted()
        return self._effects[np.arange(self.length), letters].sum(axis=1)  # of UNKNOWN the last

    def _fitted(self) -> np.ndarray:
        """(L, A + 1) effects by least squares; the mean alone where there are too many letters.

        The last is an unknown letter's: the mean of all.
        """
        values = self.values_of(self.sequences).astype(np.float64)
        mean = np.full((self.length, self.n_letters + 1), values.mean() / self.length)
        whole = np.eye(self.n_letters)
        shares = np.vstack([whole, whole.mean(axis=0)])
        size = self.length * self.n_letters
        if size > min(MOST_FEATURES, len(values)):
            return mean
        gram, along = np.zeros((size, size)), np.zeros(size)
        for first in range(0, len(values), 10_000):
            rows = self.sequences[first : first + 10_000]
            features = shares[rows].reshape(len(rows), size)
            gram += features.T @ features
            along += features.T @ (values[first : first + 10_000] - values.mean())
        effects = np.linalg.solve(gram + np.eye(size), along)
        return mean + effects.reshape(self.length, self.n_letters) @ shares.T


class FilledCapabilities(TableCapabilities):
    """A table that has all mutants."""

    def __init__(self, oracle: FilledTable) -> None:
        super().__init__(oracle)
        self._oracle = oracle

    def mutants(self, length: int, channels: np.ndarray, width: int = 1) -> MutantPredictor | None:
        if len(channels) != self._oracle.n_letters or width > 1:
            return None
        return FilledMutants(self._oracle)


class FilledMutants:
    """Mutants looked up, and estimated where they are not there."""

    at_a_time = ROWS
    is_shortcut = False
    width = 1

    def __init__(self, oracle: FilledTable) -> None:
        self._oracle = oracle
        self.batch = max(1, AT_ONCE // (oracle.length * oracle.n_letters))

    def start(self, sequences: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """Predictions of the sequences wanted, which are measured; `OracleError` else."""
        self._sequences = sequences
        return self._oracle.predict(encode(sequences[wanted], self._oracle.alphabet))

    def mutants(
        self, rows: np.ndarray, positions: np.ndarray, letters: np.ndarray, tick: Tick
    ) -> np.ndarray:
        """(n,) float32, each row of the sequences with one letter replaced."""
        values = np.empty(len(rows), dtype=np.float32)
        for first in range(0, len(rows), ROWS):
            tick(first / len(rows))
            part = slice(first, first + ROWS)
            mutated = self._sequences[rows[part]]
            mutated[np.arange(len(mutated)), positions[part]] = letters[part]
            values[part] = self._oracle.filled(mutated)
        return values


def neighbours(letters: np.ndarray, n_letters: int) -> np.ndarray:
    """(n, L) to (n, L, A - 1, L) int8: every sequence with one letter replaced."""
    n, length = letters.shape
    mutants = np.broadcast_to(letters[:, None, None], (n, length, n_letters - 1, length)).copy()
    shift = np.arange(1, n_letters, dtype=np.int8)
    for position in range(length):
        other = (letters[:, position, None] + shift) % n_letters
        mutants[:, position, :, position] = other
    return mutants


def measured_rows(oracle: TableOracle, sequences: np.ndarray, least: float) -> np.ndarray:
    """(N,) bool: sequences that are measured, and of which enough substitutions are.

    Parameters
    ----------
    least : share of the substitutions

    Raises
    ------
    InputError
        None is.
    """
    kept = np.isfinite(oracle.values_of(sequences)) & (sequences != UNKNOWN).all(axis=1)
    if isinstance(oracle, FilledTable):
        kept[kept] = oracle.share_of_neighbours(sequences[kept]) >= least
    if not kept.any():
        raise InputError(
            "library",
            f"{len(sequences)} sequences, none of which is measured with {least:.0%} of its "
            "single substitutions",
            f"some of the {len(oracle.sequences)} sequences of the table",
            oracle.source,
        )
    return kept
