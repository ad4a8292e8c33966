"""Two-hot libraries: unphased diploid genotypes, one letter (IUPAC code) for both copies."""

from __future__ import annotations

import numpy as np

from seam_core.mutagenizer.blocks import rows_in_block
from seam_core.mutagenizer.substitutions import mutation_counts, random_positions
from seam_core.progress import SILENT, Progress


def genotype_library(
    reference: np.ndarray,
    n: int,
    *,
    n_codes: int,
    rate: float,
    uniform: bool,
    start: int,
    stop: int,
    rng: np.random.Generator,
    progress: Progress = SILENT,
) -> np.ndarray:
    """The reference in row 0, and n - 1 copies with random genotypes at random positions.

    As `squid.mutagenizer.TwoHotMutagenesis`: one position more than in a local library, and any
    of the ten genotypes at each, the one that was there among them.

    Parameters
    ----------
    reference : (L,) int8 in a diploid alphabet of `n_codes` letters

    Returns
    -------
    (n, L) int8
    """
    sequences = np.empty((n, len(reference)), dtype=np.int8)
    sequences[:] = reference
    rows = rows_in_block(len(reference))
    length = stop - start
    for first in range(1, n, rows):
        last = min(n, first + rows)
        counts = mutation_counts(last - first, rate, length, uniform=uniform, rng=rng) + 1
        mask, _ = random_positions(np.minimum(counts, length), length, rng)
        drawn = rng.integers(0, n_codes, mask.shape, dtype=np.int8)
        np.copyto(sequences[first:last, start:stop], drawn, where=mask)
        progress.update(last, n, "sequences made")
    return sequences
