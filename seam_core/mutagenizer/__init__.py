"""Stage 1: the library of mutated sequences that the oracle is asked about."""

from __future__ import annotations

import numpy as np

from seam_core.mutagenizer.substitutions import local_library
from seam_core.oracles import Oracle
from seam_core.parameters import MutagenizerParameters
from seam_core.progress import SILENT, Progress
from seam_core.records import Library
from seam_core.sequences import DNA, UNKNOWN, check_alphabet
from seam_core.validate import InputError, check_shape

__all__ = ["Mutagenizer"]


class Mutagenizer:
    """Makes a library as its parameters say; equal parameters and seed give the same library."""

    def __init__(self, parameters: MutagenizerParameters | None = None) -> None:
        self.parameters = parameters or MutagenizerParameters()

    def run(
        self,
        reference: np.ndarray | None,
        *,
        alphabet: str = DNA,
        oracle: Oracle | None = None,
        progress: Progress = SILENT,
    ) -> Library:
        """The library, without predictions.

        Parameters
        ----------
        reference : (L,) int8 letter indices
        oracle : asked only by libraries that search

        Raises
        ------
        InputError
            The reference is missing or holds an unknown letter; a window outside it.
        """
        alphabet = check_alphabet(alphabet)
        parameters = self.parameters
        reference = check_reference(reference, alphabet)
        start, stop = check_window(
            parameters.mutate_start, parameters.mutate_stop, len(reference), "mutate"
        )
        sequences = local_library(
            reference,
            parameters.n_sequences,
            n_letters=len(alphabet),
            rate=parameters.mutation_rate,
            uniform=parameters.uniform,
            start=start,
            stop=stop,
            rng=np.random.default_rng(parameters.seed),
            progress=progress,
        )
        return Library(sequences, alphabet, reference, parameters=parameters)


def check_reference(reference: np.ndarray | None, alphabet: str) -> np.ndarray:
    """`reference` as (L,) int8; `InputError` when it is missing, empty or holds unknown letters."""
    if reference is None:
        raise InputError("reference", "nothing", "a sequence to mutate")
    reference = np.asarray(reference)
    check_shape(reference, (None,), "reference")
    if len(reference) == 0:
        raise InputError("reference", "an empty sequence", "one letter or more")
    (bad,) = np.nonzero((reference < 0) | (reference >= len(alphabet)))
    if len(bad):
        unknown = reference[bad[0]] == UNKNOWN
        what = "an unknown letter (N)" if unknown else f"letter index {reference[bad[0]]}"
        raise InputError(
            "reference",
            f"{what} at position {bad[0]} ({len(bad)} such positions)",
            f"letters of the alphabet {alphabet} only",
        )
    return reference.astype(np.int8)


def check_window(start: int | None, stop: int | None, length: int, name: str) -> tuple[int, int]:
    """A window with its open ends filled in; `InputError` unless 0 <= start < stop <= length."""
    first = 0 if start is None else start
    last = length if stop is None else stop
    if not 0 <= first < last <= length:
        raise InputError(
            f"{name}_start, {name}_stop",
            f"positions {first} to {last}",
            f"a window of one position or more within 0 to {length}",
        )
    return first, last
