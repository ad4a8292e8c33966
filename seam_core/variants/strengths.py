"""How strong a site is by a map: what its letters contribute beyond the mean letter there.

c(p) = map[p, letter] - mean over letters of map[p]; a site's strength is the sum over its
positions. For mutagenesis it is what replacing each letter takes away on average; for gradients and
hypothetical contributions the same to first order. Only ratios of strengths are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seam_core.records import AttributionMaps, Library, Site
from seam_core.variants.windows import Altered

_MOST_ROWS = 5_000
_LEAST_INTACT = 10


def contributions(maps: np.ndarray, letters: np.ndarray) -> np.ndarray:
    """(M, W) of (M, W, A) maps and the (M, W) letters that are there."""
    own = np.take_along_axis(maps, letters[..., None].astype(np.int64), axis=2)[..., 0]
    return own - maps.mean(axis=2)


def strengths(given: np.ndarray, sites: Sequence[Site], start: int) -> np.ndarray:
    """(M, S) of (M, W) contributions that begin at position `start`."""
    inside = [_inside(site, start, given.shape[1]) for site in sites]
    sums = np.zeros((len(given), len(sites)))
    for index, columns in enumerate(inside):
        sums[:, index] = given[:, columns].sum(axis=1)
    return sums


def strengths_where_they_are_now(
    given: np.ndarray, sequence: Altered, sites: Sequence[Site], start: int
) -> np.ndarray:
    """(S,) of the (W,) contributions of an altered sequence, sites where their letters are now."""
    sums = np.zeros(len(sites))
    for index, site in enumerate(sites):
        inside = [p - start for p in positions_now(sequence, site.positions)]
        sums[index] = given[[p for p in inside if 0 <= p < len(given)]].sum()
    return sums


def positions_now(sequence: Altered, positions: Sequence[int]) -> tuple[int, ...]:
    """Where the letters of these positions of the reference are in an altered sequence."""
    return tuple(sorted(p for p in sequence.places[list(positions)].tolist() if p >= 0))


@dataclass(frozen=True, eq=False)
class Usual:
    """What the library's sequences say of each site that they have whole.

    low, median, high : (S,) 2.5, 50 and 97.5 % of the strengths; NaN where few have it whole
    """

    low: np.ndarray
    median: np.ndarray
    high: np.ndarray


def usual_strengths(
    library: Library, maps: AttributionMaps, sites: Sequence[Site], reference: np.ndarray
) -> Usual:
    """Strengths over sequences of the library that have all letters of a site."""
    rows = np.unique(np.linspace(0, len(library) - 1, min(len(library), _MOST_ROWS)).astype(int))
    letters = library.sequences[rows]
    window = letters[:, maps.start : maps.stop]
    given = contributions(maps.maps[rows], np.maximum(window, 0))
    of_sites = strengths(given, sites, maps.start)
    quantiles = np.full((3, len(sites)), np.nan)
    for index, site in enumerate(sites):
        columns = list(site.positions)
        whole = (letters[:, columns] == reference[columns]).all(axis=1)
        if whole.sum() >= _LEAST_INTACT:
            quantiles[:, index] = np.quantile(of_sites[whole, index], [0.025, 0.5, 0.975])
    return Usual(*quantiles)


def _inside(site: Site, start: int, width: int) -> list[int]:
    return [p - start for p in site.positions if start <= p < start + width]
