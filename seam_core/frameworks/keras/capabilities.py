"""What a Keras model offers to attribution methods."""

from __future__ import annotations

from typing import Any

import numpy as np

from seam_core.frameworks.keras.runtime import is_single_threaded, runs_on_cpu
from seam_core.oracles.capabilities import Gradient, Multipliers, MutantPredictor, PathSums


class KerasCapabilities:
    """Those of a `KerasOracle`; what takes seconds to make is made once."""

    largest_batch: int | None = None

    def __init__(self, oracle: Any) -> None:
        self._oracle = oracle

    @property
    def batches_at_once(self) -> int:
        """Two: operations leave cores idle at their ends, where another batch can go on."""
        return 1 if is_single_threaded() else 2

    @property
    def bytes_per_sequence(self) -> int | None:
        return self._oracle.bytes_per_sequence

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
        from seam_core.frameworks.keras.affine_start import affine_start

        if not self._oracle.is_local:
            return None
        name = f"affine start {length}"
        split = self._oracle.kept.get(name, lambda: affine_start(self._oracle, length))
        return None if split is None else split.along

    def path_sums_in(self, length: int, window: range) -> PathSums | None:
        """As `path_sums`, quicker, and 0 outside the window."""
        from seam_core.frameworks.keras.affine_start import affine_start

        name = f"affine start {length}, {window.start} to {window.stop}"
        split = self._oracle.kept.get(name, lambda: affine_start(self._oracle, length, window))
        return None if split is None else split.along

    def mutants(self, length: int, channels: np.ndarray, width: int = 1) -> MutantPredictor | None:
        from seam_core.frameworks.keras.mutants import local_mutants

        return self._oracle.local_mutants(local_mutants, length, channels, width)

    def multipliers(self) -> Multipliers | None:
        from seam_core.frameworks.keras.rescale import multipliers_of_keras

        if self._oracle.fixed_batch is not None or self.gradient is None:
            return None
        return self._oracle.kept.get("multipliers", lambda: multipliers_of_keras(self._oracle))
