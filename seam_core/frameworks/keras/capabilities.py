"""What a Keras model offers to attribution methods."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.frameworks.keras.runtime import is_single_threaded, runs_on_cpu
from seam_core.frameworks.network import check_any_number
from seam_core.oracles.capabilities import (
    Gradient,
    Multipliers,
    MutantPredictor,
    PathSecants,
    PathSums,
)

if TYPE_CHECKING:
    from seam_core.frameworks.keras.affine_start import AffineStart

# Bytes that whole mutants take in the model, one after another, from which a quicker way that is
# traced first saves more than it costs: seconds of a core.
WORTH_TRACING = 16 << 30


class KerasCapabilities:
    """Those of a `KerasOracle`; what takes seconds to make is made once."""

    largest_batch: int | None = None

    def __init__(self, oracle: Any) -> None:
        self._oracle = oracle
        self._bytes_of_mutants = 0

    @property
    def batches_at_once(self) -> int:
        """Two: operations leave cores idle at their ends, where another batch can go on."""
        return 1 if is_single_threaded() else 2

    def bytes_per_sequence(self, length: int) -> int | None:
        from seam_core.frameworks.keras.memory import bytes_of_map

        oracle = self._oracle
        return oracle.kept.get(f"bytes {length}", lambda: bytes_of_map(oracle, length))

    @property
    def device(self) -> str:
        return "CPU" if runs_on_cpu(self._oracle.device) else "GPU"

    @property
    def gradient(self) -> Gradient | None:
        return self._oracle.gradient if self._oracle.has_gradient else None

    def gradient_in(self, length: int, window: range) -> Gradient | None:
        from seam_core.frameworks.keras.window_gradient import window_gradient

        if len(window) == length or not self._oracle.is_local:
            return None
        name = f"gradient of {window.start} to {window.stop} of {length}"
        return self._oracle.kept.get(name, lambda: window_gradient(self._oracle, length, window))

    def path_sums(self, length: int) -> PathSums | None:
        split = self._affine_start(length, None) if self._oracle.is_local else None
        return None if split is None else split.along

    def path_sums_in(self, length: int, window: range) -> PathSums | None:
        """As `path_sums`, quicker, and 0 outside the window."""
        split = self._affine_start(length, window)
        return None if split is None else split.along

    def secants(self, length: int, window: range) -> PathSecants | None:
        """0 outside the window; None where its gradient is not. For all positions nodes are
        quicker: there a gradient takes most of the time."""
        from seam_core.frameworks.keras.path_cells import path_cells

        if self.gradient_in(length, window) is None:
            return None
        split = self._affine_start(length, window)
        if split is None:
            return None
        make = partial(path_cells, self._oracle, split, length, window)
        return self._oracle.kept.get(f"cells {length}, {window}", make)

    def _affine_start(self, length: int, window: range | None) -> AffineStart | None:
        from seam_core.frameworks.keras.affine_start import affine_start

        make = partial(affine_start, self._oracle, length, window)
        return self._oracle.kept.get(f"affine start {length}, {window}", make)

    def mutants(self, length: int, channels: np.ndarray, width: int = 1) -> MutantPredictor | None:
        from seam_core.frameworks.keras.mutants import local_mutants

        return self._oracle.local_mutants(local_mutants, length, channels, width)

    def repays_tracing(self, n_bytes: int) -> bool:
        """Whether all mutants asked for so far, these included, take longer than tracing does."""
        self._bytes_of_mutants += n_bytes
        return self._bytes_of_mutants >= WORTH_TRACING

    def multipliers(self) -> Multipliers | None:
        from seam_core.frameworks.keras.rescale import multipliers_of_keras

        check_any_number(self._oracle.fixed_batch)
        if self.gradient is None:
            return None
        return self._oracle.kept.get("multipliers", lambda: multipliers_of_keras(self._oracle))
