"""The Attributer: runs a method over a library, batch by batch."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from seam_core.attributer.batches import BatchMaps, Method, rows_in_memory
from seam_core.attributer.gradients import integrated_gradients, saliency, trapezoid
from seam_core.oracles import DifferentiableOracle, Oracle
from seam_core.parameters import AttributerParameters
from seam_core.progress import SILENT, Progress
from seam_core.records import AttributionMaps, Library
from seam_core.sequences import UNKNOWN, one_hot
from seam_core.validate import InputError, check_finite


class Attributer:
    """One attribution map a sequence, by the method that the parameters name."""

    def __init__(self, oracle: Oracle, parameters: AttributerParameters | None = None) -> None:
        self.oracle = oracle
        self.parameters = parameters or AttributerParameters()

    def run(
        self, library: Library, *, out: Path | None = None, progress: Progress = SILENT
    ) -> tuple[AttributionMaps, np.ndarray]:
        """Maps and predictions of every sequence, in one pass.

        Parameters
        ----------
        library : N sequences of the length that the oracle takes
        out : a .npy file that the maps are written to as they come

        Returns
        -------
        maps : (N, W, A) float32; memory-mapped read-only where `out` is given
        predictions : (N,) float32

        Raises
        ------
        InputError
            A method that needs gradients with an oracle that has none; sequences of another
            length or alphabet, or with unknown letters; a window outside them.
        """
        start, stop = self._check(library)
        size = self.parameters.batch_size or rows_in_memory(self.oracle, library.length)
        shape = (len(library), stop - start, library.n_letters)
        maps = _new_array(out, shape)
        predictions = np.empty(len(library), dtype=np.float32)
        errors = np.full(len(library), np.nan, dtype=np.float32)
        method = self._method()
        began = time.monotonic()
        for first in range(0, len(library), size):
            progress.update(first, len(library), _speed(first, began))
            last = min(first + size, len(library))
            batch = method(one_hot(library.sequences[first:last], library.n_letters), first)
            check_finite(batch.maps, "attribution maps")
            maps[first:last] = batch.maps[:, start:stop]
            predictions[first:last] = batch.predictions
            if batch.error is not None:
                errors[first:last] = batch.error
        progress.update(len(library), len(library), _speed(len(library), began))
        if isinstance(maps, np.memmap):
            maps.flush()
            maps = np.load(out, mmap_mode="r", allow_pickle=False)  # type: ignore[arg-type]
        found = None if np.isnan(errors).all() else errors
        return AttributionMaps(maps, start, self.parameters, found), predictions

    def _check(self, library: Library) -> tuple[int, int]:
        """The window (start, stop), after checking that the library suits the oracle."""
        if library.n_letters != self.oracle.n_letters:
            raise InputError(
                "alphabet",
                f"{library.alphabet} ({library.n_letters} letters)",
                f"{self.oracle.n_letters} letters, the channels of the model's input",
            )
        if self.oracle.length not in (None, library.length):
            raise InputError(
                "Sequence",
                f"sequences of length {library.length}",
                f"length {self.oracle.length}, as the model takes",
            )
        for first in range(0, len(library), 10_000):
            unknown = np.argwhere(library.sequences[first : first + 10_000] == UNKNOWN)
            if len(unknown):
                row, position = (int(i) for i in unknown[0])
                raise InputError(
                    "Sequence",
                    f"an unknown letter at position {position} of row {first + row}",
                    f"letters of the alphabet {library.alphabet} only",
                )
        start = self.parameters.map_start or 0
        stop = library.length if self.parameters.map_stop is None else self.parameters.map_stop
        if not start < stop <= library.length:
            raise InputError(
                "map_start, map_stop",
                f"{start} to {stop}",
                f"a window within 0 to {library.length}",
            )
        return start, stop

    def _method(self) -> Method:
        oracle, wanted = self.oracle, self.parameters
        if not isinstance(oracle, DifferentiableOracle):
            raise InputError(
                "method",
                f"{wanted.method}, with an oracle that has no gradient",
                "a Keras or PyTorch model, or the method ism",
            )
        if wanted.method == "saliency":
            return lambda batch, first: saliency(oracle, batch)
        nodes, weights = trapezoid(wanted.intgrad_steps)

        def path(batch: np.ndarray, first: int) -> BatchMaps:
            return integrated_gradients(
                oracle,
                batch,
                np.zeros_like(batch),
                nodes,
                weights,
                multiply=wanted.multiply_by_inputs,
            )

        return path


def _new_array(out: Path | None, shape: tuple[int, ...]) -> np.ndarray:
    if out is None:
        return np.empty(shape, dtype=np.float32)
    try:
        return np.lib.format.open_memmap(out, mode="w+", dtype=np.float32, shape=shape)
    except OSError as error:
        raise InputError("maps", f"{error}", "a file that can be written", str(out)) from error


def _speed(done: int, began: float) -> str:
    seconds = time.monotonic() - began
    return f"{done / seconds:.0f} sequences/s" if done and seconds > 0 else "attribution maps"
