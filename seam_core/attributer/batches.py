"""What a method gives for a batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from seam_core.progress import Tick


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
