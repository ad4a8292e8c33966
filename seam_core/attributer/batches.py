"""What a method gives for a batch, and how large a batch may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from seam_core.oracles import Oracle

# Share of the free memory that the model's working set of one batch may take.
MEMORY_SHARE = 0.25
# Floats alive a sequence, for each of its one-hot values, where the oracle does not say.
GUESSED_WIDTH = 500

# Told which share of a batch is done; raises `Cancelled` when the user asked to stop.
Tick = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class BatchMaps:
    """Maps of n sequences.

    maps : (n, L, A) float32
    predictions : (n,) float32
    error : (n,) float32 completeness error, or None where the method has none
    """

    maps: np.ndarray
    predictions: np.ndarray
    error: np.ndarray | None = None


# Rows first to last of the library -> their maps.
Method = Callable[[int, int, Tick], BatchMaps]


def rows_in_memory(oracle: Oracle, length: int, largest: int) -> int:
    """How many sequences fit through the model at once, at most `largest`.

    An oracle may say what one sequence takes in an attribute `bytes_per_sequence`.
    """
    import psutil

    guess = GUESSED_WIDTH * length * oracle.n_letters * 4
    each = getattr(oracle, "bytes_per_sequence", None) or guess
    free = psutil.virtual_memory().available * MEMORY_SHARE
    return int(max(1, min(largest, free // each)))


def kept(oracle: Any, name: str, make: Callable[[], Any]) -> Any:
    """What was made of an oracle's network before, or is made now; tracing takes seconds."""
    if name not in oracle.compiled:
        oracle.compiled[name] = make()
    return oracle.compiled[name]
