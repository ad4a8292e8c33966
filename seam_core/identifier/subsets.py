"""Subsets of sites as bit masks, and sums over the subsets of a subset."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import comb

import numpy as np

from seam_core.records import NO_SITES, Site

MOST_ENUMERATED = 12
"""Up to this many sites every configuration is listed (4,096); above, those of low order."""

MOST_TERMS = 1_000
"""Interactions estimated together; each resampling solves for all of them."""


def estimated_order(n_sites: int, wanted: int) -> int:
    """Most sites in one interaction: as many as wanted, or what `MOST_TERMS` allow, at least 1."""
    order, terms = 1, 1 + n_sites
    while order < min(wanted, n_sites):
        terms += comb(n_sites, order + 1)
        if terms > MOST_TERMS:
            break
        order += 1
    return order


def subset_masks(n_sites: int, max_order: int) -> np.ndarray:
    """(n,) int64 masks (bit s: site s), by order, the empty one first.

    All of them for up to `MOST_ENUMERATED` sites, else those of up to `max_order` sites. Either way
    every subset of a listed subset is listed.

    Examples
    --------
    >>> subset_masks(3, 2).tolist()
    [0, 1, 2, 4, 3, 5, 6, 7]
    """
    highest = n_sites if n_sites <= MOST_ENUMERATED else max_order
    return np.array(
        [
            sum(1 << site for site in kept)
            for order in range(highest + 1)
            for kept in combinations(range(n_sites), order)
        ],
        dtype=np.int64,
    )


def members(masks: np.ndarray, n_sites: int) -> np.ndarray:
    """(n, S) bool: which sites each mask holds."""
    return (masks[:, None] >> np.arange(n_sites)) & 1 == 1


def mask_name(mask: int, sites: Sequence[Site]) -> str:
    """ "A+B"; "none" for the configuration without sites."""
    return "+".join(site.name for s, site in enumerate(sites) if mask >> s & 1) or NO_SITES


def moebius(values: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Interactions by inclusion and exclusion: I_S = sum over T in S of (-1)^(|S|-|T|) y_T.

    NaN in a configuration gives NaN in every interaction that rests on it. Interactions of an odd
    number of sites have this formula's sign; seam-nn multiplies by (-1)^|T| and returns them with
    the opposite sign, against its own documentation (I_ABC = y_ABC - y_AB - ...).

    Parameters
    ----------
    values : (..., n), y of the configuration `masks[i]`
    masks : (n,), with every subset of a listed subset

    Examples
    --------
    Two sites that add 1 and 2, and 4 more where both are there:

    >>> moebius(np.array([0.0, 1.0, 2.0, 7.0]), np.array([0b00, 0b01, 0b10, 0b11])).tolist()
    [0.0, 1.0, 2.0, 4.0]
    """
    result = np.array(values, dtype=np.float64)
    for with_bit, without in subset_pairs(masks):
        result[..., with_bit] -= result[..., without]
    return result


def subset_pairs(masks: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each site: rows of the masks that hold it, and rows of the same masks without it."""
    order = np.argsort(masks)
    highest = int(masks.max(initial=0)).bit_length()
    pairs = []
    for bit in (1 << np.arange(highest, dtype=np.int64)).tolist():
        (rows,) = np.nonzero(masks & bit)
        pairs.append((rows, order[np.searchsorted(masks, masks[rows] ^ bit, sorter=order)]))
    return pairs
