"""The oracle's answers for a whole library, batch by batch."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from seam_core.oracles.protocol import Oracle, ProfileOracle
from seam_core.oracles.reductions import first_component
from seam_core.oracles.steady import check_steady
from seam_core.progress import SILENT, Progress
from seam_core.records import Library
from seam_core.sequences import encode
from seam_core.validate import InputError, OracleError, SeamError

# Letters of one-hot made at a time: 512 sequences of 249 nt, few of 100,000 nt.
BATCH_LETTERS = 512 * 256
# Profiles that the first principal component is taken from, spread over the library.
COMPONENT_PROFILES = 4096


def automatic_batch(length: int) -> int:
    """How many sequences of `length` are predicted at a time unless the user says."""
    return max(1, min(512, BATCH_LETTERS // max(1, length)))


def predict_library(
    oracle: Oracle,
    library: Library,
    *,
    batch_size: int = 0,
    finished: np.ndarray | None = None,
    progress: Progress = SILENT,
) -> np.ndarray:
    """The oracle's prediction for every sequence.

    Parameters
    ----------
    batch_size : sequences at a time; 0: chosen from their length
    finished : (m,) predictions of the first m sequences from a run that stopped, not asked again

    Returns
    -------
    (N,) float32

    Raises
    ------
    InputError
        The library does not fit the oracle.
    OracleError
        The oracle failed or gave NaN; names the batch, and holds the predictions before it as
        `finished`.
    """
    check_fits(oracle, library)
    size = batch_size or automatic_batch(library.length)
    prepare(oracle, library, batch_size=size)
    n = len(library)
    predictions = np.empty(n, dtype=np.float32)
    first = 0
    if finished is not None:
        first = len(finished)
        if first > n:
            raise InputError("finished", f"{first} predictions", f"at most {n}, the sequences")
        predictions[:first] = finished
    began = time.perf_counter()
    for start in range(first, n, size):
        stop = min(n, start + size)
        batch = library.encode(start, stop)
        try:
            predictions[start:stop] = _checked(oracle.predict(batch), start, stop)
        except SeamError as error:
            raise OracleError(
                f"batch {start // size + 1} (sequences {start} to {stop - 1}): {error}",
                predictions[:start].copy(),
            ) from error
        rate = (stop - first) / max(time.perf_counter() - began, 1e-9)
        progress.update(stop, n, f"sequences predicted, {rate:,.0f}/s")
    return predictions


def predict_backgrounds(
    oracle: Oracle, library: Library, *, batch_size: int = 0, progress: Progress = SILENT
) -> np.ndarray:
    """(N,) float32: predictions of the backgrounds of a global library, for `GIA`."""
    if library.backgrounds is None:
        raise InputError("library", "a library without backgrounds", "a global library")
    backgrounds = replace(library, sequences=library.backgrounds, backgrounds=None)
    return predict_library(oracle, backgrounds, batch_size=batch_size, progress=progress)


def check_fits(oracle: Oracle, library: Library) -> None:
    """Raise `InputError` unless the library has the oracle's length and number of letters."""
    if oracle.n_letters != library.n_letters:
        raise InputError(
            "library",
            f"{library.n_letters} letters ({library.alphabet})",
            f"{oracle.n_letters}, as the model takes",
        )
    if oracle.length not in (None, library.length):
        raise InputError(
            "library", f"sequences of length {library.length}", f"length {oracle.length}"
        )


def prepare(oracle: Oracle, library: Library, *, batch_size: int = 0) -> None:
    """What precedes the oracle's answers about a library, whoever asks.

    An oracle whose scalar depends on the library ("first_pc") is shown it. One whose answers are
    random is refused (`OracleError`), see `check_steady`.
    """
    show(oracle, library, batch_size=batch_size)
    check_steady(oracle, library)


def show(oracle: Oracle, library: Library, *, batch_size: int = 0) -> None:
    """Show the library to an oracle whose scalar depends on it ("first_pc"); else do nothing.

    The component is taken from at most 4,096 profiles, evenly spread over the library.
    """
    if not isinstance(oracle, ProfileOracle) or not oracle.needs_component:
        return
    size = batch_size or automatic_batch(library.length)
    rows = np.unique(np.linspace(0, len(library) - 1, COMPONENT_PROFILES).round().astype(int))
    if len(library) <= COMPONENT_PROFILES:
        rows = np.arange(len(library))
    profiles = [
        oracle.profiles(encode(library.sequences[rows[start : start + size]], library.alphabet))
        for start in range(0, len(rows), size)
    ]
    oracle.set_component(first_component(np.concatenate(profiles)))


def _checked(values: np.ndarray, start: int, stop: int) -> np.ndarray:
    values = np.asarray(values)
    if values.shape != (stop - start,):
        raise InputError(
            "prediction", f"shape {values.shape}", f"({stop - start},): one number a sequence"
        )
    (bad,) = np.nonzero(~np.isfinite(values))
    if len(bad):
        raise InputError(
            "prediction", f"{values[bad[0]]} for sequence {start + bad[0]}", "finite numbers"
        )
    return values
