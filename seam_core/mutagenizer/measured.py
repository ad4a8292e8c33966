"""Libraries drawn from what was measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from seam_core.oracles.gaps import measured_rows
from seam_core.oracles.table import TableOracle
from seam_core.records import Library

LEAST_NEIGHBOURS = 0.25
"""Share of the single substitutions of a sequence that must be measured: fewer say nothing of its
map."""

MOST_TIMES = 20
"""Times as many sequences as are wanted that are drawn to find so many measured ones."""


def drawn_from(oracle: TableOracle, make: Callable[[int], Library], wanted: int | None) -> Library:
    """The sequences of a library that are measured; how many are not is kept with it.

    Sequences with letters that the design never had are not counted: none could be measured.

    Parameters
    ----------
    make : draws so many sequences
    wanted : how many the library is to have; None where it is what it is
    """
    library = make(wanted or 0)
    kept = measured_rows(oracle, library.sequences, LEAST_NEIGHBOURS)
    if wanted is not None and not kept.all():
        times = min(MOST_TIMES, 1.1 * len(kept) / kept.sum())
        library = make(int(np.ceil(wanted * times)))
        kept = measured_rows(oracle, library.sequences, LEAST_NEIGHBOURS)
    (rows,) = np.nonzero(kept)
    rows = rows[:wanted]
    looked_at = library.sequences[: int(rows[-1]) + 1]
    could_be = int(oracle.of_design(looked_at).sum())
    taken = {
        name: getattr(library, name)[rows]
        for name in ("sequences", "backgrounds")
        if getattr(library, name) is not None
    }
    return replace(library, **taken, left_out=could_be - len(rows))
