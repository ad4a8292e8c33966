"""Trees of the maps (hierarchical clustering), in SciPy's format."""

from __future__ import annotations

import numpy as np

from seam_core.clusterer.inputs import as_rows
from seam_core.progress import SILENT, Progress
from seam_core.records import AttributionMaps
from seam_core.validate import MemoryBudgetError


def ward_linkage(
    maps: AttributionMaps | np.ndarray,
    *,
    progress: Progress | None = None,
    memory_limit_gb: float = 8.0,
) -> np.ndarray:
    """Ward's tree of maps: (N - 1, 4) float64 in SciPy's format."""
    return matrix_linkage(as_rows(maps), "ward", memory_limit_gb, progress or SILENT)


def matrix_linkage(
    rows: np.ndarray, method: str, memory_limit_gb: float, progress: Progress
) -> np.ndarray:
    """A tree by way of SciPy's condensed distance matrix, where that fits the memory allowed."""
    from scipy.cluster.hierarchy import linkage

    n = len(rows)
    if n == 1:
        return np.empty((0, 4))
    # SciPy holds the distances twice, and a float64 copy of the rows
    needed_gb = (2 * 4.0 * n * (n - 1) + 8.0 * rows.size) / 1e9
    if needed_gb > memory_limit_gb:
        raise MemoryBudgetError(
            f"{method} linkage of {n:,} maps needs {needed_gb:.1f} GB for their distances; "
            f"memory_limit_gb allows {memory_limit_gb:g}. Take fewer maps or raise the limit."
        )
    progress.update(0, n - 1, f"{method} linkage")
    return linkage(rows.astype(np.float64), method)
