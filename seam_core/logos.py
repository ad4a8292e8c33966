"""Logo matrices, from sums over any set of sequences: one cluster, all clusters or a selection.

Every function takes (..., W, A) arrays and returns one such array: leading axes are clusters.
"""

from __future__ import annotations

import numpy as np

from seam_core.validate import InputError, check_choice

KINDS = ("average", "foreground", "contribution", "pwm", "enrichment", "frequency")

PSEUDOCOUNT = 0.5


def average(sums: np.ndarray, sizes: np.ndarray | int) -> np.ndarray:
    """Sums (..., W, A) over `sizes` (...) sequences to their means; of no sequence, zeros."""
    return sums / np.maximum(np.asarray(sizes), 1)[..., None, None]


def frequency(letter_counts: np.ndarray, pseudocount: float = 0.0) -> np.ndarray:
    """Share of each letter among the known letters at a position; zeros where there are none.

    Examples
    --------
    >>> frequency(np.array([[3, 1, 0, 0]])).tolist()
    [[0.75, 0.25, 0.0, 0.0]]
    """
    counts = letter_counts + pseudocount
    return counts / np.maximum(counts.sum(axis=-1, keepdims=True), np.finfo(float).tiny)


def pwm(letter_counts: np.ndarray, pseudocount: float = PSEUDOCOUNT) -> np.ndarray:
    """Letter frequencies scaled by the information content of their position, in bits.

    Information is against equal letter frequencies, 1 / A. Parity with seam-nn within 1e-5: it adds
    1e-6 to the frequencies against log(0), which the pseudocount already rules out.
    """
    share = frequency(letter_counts, pseudocount)
    information = (share * np.log2(share * share.shape[-1])).sum(axis=-1, keepdims=True)
    return share * information


def enrichment(
    letter_counts: np.ndarray,
    library_counts: np.ndarray,
    pseudocount: float = PSEUDOCOUNT,
    *,
    of: str = "counts",
) -> np.ndarray:
    """log2 of a cluster's letters over the library's.

    Parameters
    ----------
    library_counts : (W, A)
    of : "counts" as the authors define it, so that the size of the cluster shifts all values;
        "frequencies" compares shares of letters, 0 where a cluster is like the library
    """
    check_choice(of, "of", ("counts", "frequencies"))
    if of == "counts":
        ratio = (letter_counts + pseudocount) / (library_counts + pseudocount)
    else:
        ratio = frequency(letter_counts, pseudocount) / frequency(library_counts, pseudocount)
    return np.log2(ratio)


def centre(matrices: np.ndarray) -> np.ndarray:
    """The same logos with the mean over letters subtracted at every position.

    Examples
    --------
    >>> centre(np.array([[3.0, 1.0, 0.0, 0.0]])).tolist()
    [[2.0, 0.0, -1.0, -1.0]]
    """
    return matrices - matrices.mean(axis=-1, keepdims=True)


def y_limits(matrices: np.ndarray) -> tuple[float, float]:
    """Lowest and highest stack of letters among logos: the axis that they can all be drawn on."""
    if matrices.size == 0:
        return 0.0, 0.0
    lowest = np.minimum(matrices, 0).sum(axis=-1).min()
    highest = np.maximum(matrices, 0).sum(axis=-1).max()
    return float(lowest), float(highest)


def make(
    kind: str,
    *,
    letter_counts: np.ndarray,
    library_counts: np.ndarray,
    map_sums: np.ndarray,
    sizes: np.ndarray | int,
    contribution_sums: np.ndarray | None = None,
    background: np.ndarray | None = None,
    background_scale: np.ndarray | float = 1.0,
) -> np.ndarray:
    """A logo of any kind from the sums of one set of sequences, or of many at once.

    Parameters
    ----------
    kind : one of `KINDS`: "average" attribution map; "foreground", the average less the scaled
        background; "contribution", the average of map x one-hot (what the letters present
        contribute); "pwm"; "enrichment"; "frequency" of letters
    letter_counts, map_sums, contribution_sums : (..., W, A)
    library_counts, background : (W, A)
    sizes, background_scale : (...)

    Raises
    ------
    InputError
        Unknown kind, or sums that the kind needs are missing.
    """
    check_choice(kind, "kind", KINDS)
    if kind == "average":
        return average(map_sums, sizes)
    if kind == "foreground":
        if background is None:
            raise InputError("background", "none", "the average background of the library")
        return average(map_sums, sizes) - np.asarray(background_scale)[..., None, None] * background
    if kind == "contribution":
        if contribution_sums is None:
            raise InputError("contribution_sums", "none", "sums of map x one-hot")
        return average(contribution_sums, sizes)
    if kind == "pwm":
        return pwm(letter_counts)
    if kind == "enrichment":
        return enrichment(letter_counts, library_counts)
    return frequency(letter_counts)
