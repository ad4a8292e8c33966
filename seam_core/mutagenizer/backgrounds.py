"""Random sequences to put patterns into."""

from __future__ import annotations

import numpy as np

from seam_core.mutagenizer.blocks import rows_in_block
from seam_core.progress import SILENT, Progress
from seam_core.shuffles import dinucleotide_shuffles


def random_backgrounds(n: int, length: int, n_letters: int, rng: np.random.Generator) -> np.ndarray:
    """(n, length) int8, every letter as likely."""
    return rng.integers(0, n_letters, (n, length), dtype=np.int8)


def shuffled_backgrounds(
    sequence: np.ndarray,
    n: int,
    n_letters: int,
    rng: np.random.Generator,
    *,
    progress: Progress = SILENT,
) -> np.ndarray:
    """(n, L) int8 shuffles of one sequence, (L,), that keep its dinucleotides."""
    backgrounds = np.empty((n, len(sequence)), dtype=np.int8)
    rows = rows_in_block(len(sequence))
    for start in range(0, n, rows):
        stop = min(n, start + rows)
        (block,) = dinucleotide_shuffles(sequence[None], n_letters, stop - start, [rng])
        backgrounds[start:stop] = block
        progress.update(stop, n, "backgrounds shuffled")
    return backgrounds
