"""What a PyTorch module offers to attribution methods."""

from __future__ import annotations

from typing import Any

import numpy as np

from seam_core.frameworks.network import check_any_number
from seam_core.frameworks.torch.runtime import import_torch
from seam_core.oracles.capabilities import (
    Gradient,
    Multipliers,
    MutantPredictor,
    PathSecants,
    PathSums,
)
from seam_core.oracles.layouts import TOKENS


class TorchCapabilities:
    """Those of a `TorchOracle`; what takes seconds to make is made once."""

    batches_at_once = 1
    reuses_memory = secants_at_once = True
    largest_batch: int | None = None

    def __init__(self, oracle: Any) -> None:
        self._oracle = oracle

    @property
    def device(self) -> str:
        return "CPU" if self._oracle.device.type == "cpu" else "GPU"

    def draws(self) -> list[bytes]:
        """States of the generators that a module draws random numbers from."""
        torch = import_torch()
        states = [torch.get_rng_state()]
        if self.device == "GPU":
            states.append(torch.cuda.get_rng_state(self._oracle.device))
        return [state.numpy().tobytes() for state in states]

    def bytes_per_sequence(self, length: int) -> int | None:
        from seam_core.frameworks.torch.memory import bytes_of_map

        oracle = self._oracle
        known: int | None = oracle.kept.get(f"bytes {length}", lambda: bytes_of_map(oracle, length))
        return known

    @property
    def gradient(self) -> Gradient | None:
        return None if self._oracle.adapter.layout == TOKENS else self._oracle.gradient

    def gradient_in(self, length: int, window: range) -> Gradient | None:
        return None

    def path_sums(self, length: int) -> PathSums | None:
        return None

    def mutants(self, length: int, channels: np.ndarray, width: int = 1) -> MutantPredictor | None:
        from seam_core.frameworks.torch.mutants import local_mutants

        return self._oracle.local_mutants(local_mutants, length, channels, width)

    def multipliers(self) -> Multipliers | None:
        from seam_core.frameworks.torch.rescale import multipliers_of_torch

        check_any_number(self._oracle.fixed_batch)
        return multipliers_of_torch(self._oracle) if self.gradient is not None else None

    def secants(self, length: int, window: range) -> PathSecants | None:
        from seam_core.frameworks.torch.rescale import secants_of_torch

        oracle = self._oracle
        # recurrent layers are written out step by step for their rules: 20 times a gradient's time
        recurrent = any(isinstance(m, import_torch().nn.RNNBase) for m in oracle.module.modules())
        has_rules = oracle.fixed_batch is None and self.gradient is not None
        return secants_of_torch(oracle) if has_rules and not recurrent else None
