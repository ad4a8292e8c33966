"""Where sites are in a picture: their stretches, and boxes around them in the rows with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seam_core.records import Site, Sites

Verdicts = Mapping[str, str]
"""Name of a site -> what experiments say of it; sites that are not named were not asked about."""
_LETTERS = 16  # of a name in pictures; those of most known motifs are shorter


def outline_of(site: str, verdicts: Verdicts | None) -> str:
    """How a site is outlined: "solid", "dashed" where it is weak, "dotted" where refuted."""
    outlines = {"weak": "dashed", "not_confirmed": "dotted"}
    return outlines.get((verdicts or {}).get(site, ""), "solid")


def written(name: str) -> str:
    """The name of a site, or of several joined by +, as pictures write it: a long one would cover
    those of its neighbours."""
    return "·".join(
        part if len(part) <= _LETTERS else f"{part[:_LETTERS].rstrip()}…"
        for part in name.split("+")
    )


@dataclass(frozen=True)
class SiteBox:
    """A stretch of a site in neighbouring clusters that show it; `stop` and `last` exclusive."""

    site: str
    start: int
    stop: int
    first: int
    last: int


def site_boxes(sites: Sites, clusters: Sequence[int] | np.ndarray) -> tuple[SiteBox, ...]:
    """Boxes around each stretch of each site in the rows whose clusters show it.

    clusters : ids of the rows, from the top; what `sites` does not know shows none
    """
    row_of = {int(cluster): row for row, cluster in enumerate(sites.cluster_ids)}
    rows = [row_of.get(int(cluster)) for cluster in clusters]
    none = np.zeros(len(sites.sites), dtype=bool)
    shown = [none if row is None else sites.active[row] for row in rows]
    return boxes_where(sites.sites, np.array(shown).reshape(len(rows), len(sites.sites)))


def boxes_where(sites: Sequence[Site], active: np.ndarray) -> tuple[SiteBox, ...]:
    """The same for (K, S) bool: which row shows which of the sites."""
    return tuple(
        SiteBox(site.name, start, stop, first, last)
        for index, site in enumerate(sites)
        for start, stop in runs_of(site.positions)
        for first, last in runs_of(np.flatnonzero(active[:, index]).tolist())
    )


def runs_of(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Sorted numbers as (start, stop) of their contiguous stretches."""
    stretches: list[tuple[int, int]] = []
    for number in numbers:
        if stretches and stretches[-1][1] == number:
            stretches[-1] = (stretches[-1][0], number + 1)
        else:
            stretches.append((number, number + 1))
    return stretches


def joined_runs(runs: Sequence[tuple[int, int]], gap: float) -> list[tuple[int, int]]:
    """Stretches, those less than `gap` positions apart as one: boxes as close as their own lines
    would hide what they are drawn around."""
    joined: list[tuple[int, int]] = []
    for start, stop in runs:
        if joined and start - joined[-1][1] < gap:
            joined[-1] = (joined[-1][0], stop)
        else:
            joined.append((start, stop))
    return joined


def places_of(boxes: Sequence[SiteBox], site: str, gap: float = 0.0) -> np.ndarray:
    """(4, B): start, stop, first and last row of the boxes of a site, those of the same rows that
    are less than `gap` positions apart as one."""
    places = [(b.first, b.last, b.start, b.stop) for b in boxes if b.site == site]
    first, last, start, stop = np.array(sorted(places), dtype=np.float64).reshape(-1, 4).T
    apart = (np.diff(first) != 0) | (np.diff(last) != 0) | (start[1:] - stop[:-1] >= gap)
    begins = np.flatnonzero(np.append(True, apart)[: len(start)])
    ends = np.append(begins[1:], len(start))[: len(begins)] - 1
    return np.array([start[begins], stop[ends], first[begins], last[begins]])


LEAST_GAP = 3.0  # points on paper, pixels on a screen, between the boxes of two stretches


def pairs_of_runs(
    runs: Sequence[tuple[int, int]],
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Every stretch of a site with every one: the boxes of the site in a matrix of positions."""
    return [(one, other) for one in runs for other in runs]


Outline = tuple[list[float], list[float]]
"""x and y of the corners, the first again at the end, in positions."""


def rectangle(one: tuple[int, int], other: tuple[int, int]) -> Outline:
    """Around the cells one x other of a square matrix of positions."""
    a, b, c, d = one[0] - 0.5, one[1] - 0.5, other[0] - 0.5, other[1] - 0.5
    return [a, b, b, a, a], [c, c, d, d, c]


def diamond(one: tuple[int, int], other: tuple[int, int]) -> Outline:
    """The same in the upper half, turned so that the diagonal lies below: cell (i, j) at
    ((i + j) / 2, (j - i) / 2). A triangle for a stretch with itself."""
    a, b, c, d = one[0] - 0.5, one[1] - 0.5, other[0] - 0.5, other[1] - 0.5
    corners = [(a, a), (a, b), (b, b), (a, a)]
    if one != other:
        corners = [(a, c), (a, d), (b, d), (b, c), (a, c)]
    return [(i + j) / 2 for i, j in corners], [(j - i) / 2 for i, j in corners]
