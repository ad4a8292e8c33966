"""Features of the sequence on the positions of a profile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seam_core.oracles.reductions import Bins
from seam_core.validate import InputError

# Letters a position from which on it is asked how many each stands for.
MUCH_LONGER = 4


@dataclass(frozen=True)
class Placement:
    """Features on the model's input, and how a profile lies on it.

    stretches : 0-based, from and to
    length : of the input
    width : letters that a position of the profile stands for; 0 where nobody said
    source : the file of the features
    """

    stretches: Bins
    length: int
    width: int
    source: str

    def bins(self, positions: int) -> Bins:
        """Positions of a profile of so many that the features lie on, each once, in order.

        Raises `InputError` where none does, or where the width must be said.
        """
        width = self.width or 1
        if not self.width and self.length > MUCH_LONGER * positions:
            got = f"nothing, for a profile of {positions} positions of {self.length} letters"
            expected = "--bin-width: the letters that a position stands for (1, 32, 128, ...)"
            raise InputError("bin_width", got, expected)
        start = (self.length - positions * width) // 2
        if start < 0:
            got = f"{width}, for a profile of {positions} positions of {self.length} letters"
            raise InputError("bin_width", got, f"{self.length // positions} at most")
        covered = np.zeros(positions + 2, dtype=bool)
        for first, last in self.stretches:
            low = max(0, (first - start) // width)
            covered[1 + low : 1 + max(low, min(positions, -((start - last) // width)))] = True
        ends = np.flatnonzero(np.diff(covered))
        if not len(ends):
            expected = f"some within {start}:{start + positions * width} of the input, which the "
            expected += "profile is about"
            raise InputError("bins", f"no feature in {self.stretches[:4]}", expected, self.source)
        return tuple((int(first), int(last)) for first, last in ends.reshape(-1, 2))
