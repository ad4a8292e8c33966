"""Is a site one unit, or two that lie so near that few sequences tell them apart?

Replacing two letters of a unit that binds or does not takes no more than replacing one; of two
units it takes what both do. With e the loss of activity, r(p, q) = (e_p + e_q - e_pq) / min(e_p,
e_q) is 1 within a unit and 0 between units that add up. Graded binding adds up within a unit too:
there is then nothing to tell, and the site stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np

from seam_core.experiments.designs import Positions, Setting, others
from seam_core.experiments.questions import Block, Questions
from seam_core.experiments.scan import MIN_LENGTH
from seam_core.oracles.alike import Alike

DRAWS = 6
MOST_POSITIONS = 24
WITHIN, BETWEEN = 0.5, 0.2
"""Mean r within each of two units at least, and between them at most."""

TELLS = 0.1
"""Share of the largest loss that each position must have for its pairs to tell anything."""


def parts_of(
    questions: Questions, setting: Setting, site: Positions, rng: np.random.Generator
) -> list[Positions]:
    """The site, or the two units that it is made of; positions of both are in both."""
    if not 2 * MIN_LENGTH <= len(site) <= MOST_POSITIONS:
        return [site]
    redundancy = redundancies(questions, setting, site, rng)
    return [site] if redundancy is None else two_units(site, redundancy)


def redundancies(
    questions: Questions, setting: Setting, site: Positions, rng: np.random.Generator
) -> np.ndarray | None:
    """(n, n) r of each two positions; None where a position by itself does too little."""
    n, x = len(site), setting.reference
    letters = others(np.tile(x[list(site)], (DRAWS, 1)), setting.n_letters, rng)
    pairs = list(combinations(range(n), 2))
    asked: list[tuple[int, ...]] = [*((i,) for i in range(n)), *pairs]

    def blocks() -> Iterator[Block]:
        for which in asked:
            rows = np.tile(x, (DRAWS, 1))
            rows[:, [site[i] for i in which]] = letters[:, list(which)]
            yield Alike(rows, x)

    answers = questions.answers(blocks(), "Parts of sites").reshape(len(asked), DRAWS)
    loss = (setting.activity - answers).mean(axis=1)
    alone, size = loss[:n], np.abs(loss[:n])
    # nan of a table counts as too little; so do losses and gains in one site
    if not size.min() >= TELLS * size.max() > 0 or abs(np.sign(alone).sum()) < n:
        return None
    r = np.eye(n)
    for (i, j), both in zip(pairs, loss[n:], strict=True):
        r[i, j] = r[j, i] = np.sign(alone[i]) * (alone[i] + alone[j] - both) / min(size[i], size[j])
    return r


def two_units(site: Positions, redundancy: np.ndarray) -> list[Positions]:
    """The site in two where its positions are told apart so, else whole.

    Positions that go with all others are of both units.
    """
    from scipy.sparse.csgraph import connected_components

    together = redundancy > (WITHIN + BETWEEN) / 2
    own = np.flatnonzero(~together.all(axis=1))
    found: Any = connected_components(together[np.ix_(own, own)], directed=False)
    n_units, unit = found
    if n_units != 2:
        return [site]
    shared = np.flatnonzero(together.all(axis=1))
    units = [np.sort(np.append(own[unit == k], shared)) for k in (0, 1)]
    across = redundancy[np.ix_(own[unit == 0], own[unit == 1])].mean()
    inside = [redundancy[np.ix_(each, each)].mean() for each in units]
    told = min(inside) >= WITHIN and abs(across) <= BETWEEN
    if not told or min(len(each) for each in units) < MIN_LENGTH:
        return [site]
    places = np.array(site)
    return sorted(tuple(places[each].tolist()) for each in units)
