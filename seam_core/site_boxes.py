"""Where sites are in a picture: their stretches, and boxes around them in the rows with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seam_core.records import Site, Sites


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


def pairs_of_runs(
    runs: Sequence[tuple[int, int]],
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Every stretch of a site with every one: the boxes of the site in a matrix of positions."""
    return [(one, other) for one in runs for other in runs]
