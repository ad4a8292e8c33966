"""Controls: a design with one of its sites broken, with all of them, and shuffled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from seam_core.design.verified import Verifier
from seam_core.experiments.designs import replaced, shuffles
from seam_core.records import Site

TRIES = 40
"""Random versions of a control, of which the one of median activity is taken: a typical one."""

SITE, ALL, SHUFFLED = "site_broken", "all_broken", "shuffled"


@dataclass(frozen=True, eq=False)
class Control:
    """One control sequence.

    kind : `SITE`, `ALL` or `SHUFFLED`
    of : index of the design
    broken : names of the sites whose letters are all replaced
    """

    kind: str
    of: int
    broken: tuple[str, ...]
    sequence: np.ndarray


def controls_of(
    designs: np.ndarray,
    sites: tuple[Site, ...],
    verifier: Verifier,
    allowed: Callable[[np.ndarray], bool],
    n_letters: int,
    rng: np.random.Generator,
) -> Iterator[Control]:
    """The controls of each design (n, L); one that may not be ordered, however drawn, is left out.

    Parameters
    ----------
    allowed : whether a sequence may be ordered
    """
    for index, design in enumerate(designs):
        for kind, broken in _kinds(sites):
            drawn = _drawn(design, broken, n_letters, rng)
            fine = [row for row in drawn if allowed(row) and (row != design).any()]
            if fine:
                rows = np.array(fine)
                activity = verifier.predict(rows)
                middle = np.argsort(activity, kind="stable")[(len(rows) - 1) // 2]
                names = tuple(site.name for site in broken)
                yield Control(kind, index, names, rows[middle])


def _kinds(sites: tuple[Site, ...]) -> list[tuple[str, tuple[Site, ...]]]:
    kinds: list[tuple[str, tuple[Site, ...]]] = [(SITE, (site,)) for site in sites]
    if len(sites) > 1:
        kinds.append((ALL, sites))
    return [*kinds, (SHUFFLED, ())]


def _drawn(
    design: np.ndarray, broken: tuple[Site, ...], n_letters: int, rng: np.random.Generator
) -> np.ndarray:
    if not broken:
        return shuffles(design, TRIES, n_letters, rng)
    positions = tuple(sorted({position for site in broken for position in site.positions}))
    return replaced(design, positions, design, TRIES, n_letters, rng)
