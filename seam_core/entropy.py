"""How freely the letters of a position vary, in bits."""

from __future__ import annotations

import numpy as np

from seam_core import logos
from seam_core.validate import check_range


def entropy(letter_counts: np.ndarray) -> np.ndarray:
    """Shannon entropy of the letters at each position, in bits: (..., W, A) -> (..., W).

    Exactly 0 where one letter is alone (seam-nn adds 1e-10 inside the logarithm and gets -1e-10).
    NaN where no letter was counted.

    Examples
    --------
    >>> entropy(np.array([[8, 0, 0, 0], [2, 2, 2, 2], [4, 4, 0, 0]])).tolist()
    [0.0, 2.0, 1.0]
    """
    total = letter_counts.sum(axis=-1)
    share = logos.frequency(letter_counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(share > 0, share * np.log2(share), 0.0)
    bits = np.abs(terms.sum(axis=-1))
    return np.where(total > 0, bits, np.nan)


def background_entropy(mutation_rate: float, n_letters: int) -> float:
    """H0(r): entropy in bits of a position that only the mutation rate shapes.

    Of [1 - r, r / (A - 1), ...], for any alphabet (seam-nn divides by 3).

    Examples
    --------
    >>> round(background_entropy(0.1, 4), 3)
    0.627
    >>> background_entropy(0.0, 4)
    0.0
    """
    check_range(mutation_rate, "mutation_rate", 0.0, 1.0)
    share = np.full(n_letters, mutation_rate / (n_letters - 1))
    share[0] = 1.0 - mutation_rate
    share = share[share > 0]
    return float(abs((share * np.log2(share)).sum()))
