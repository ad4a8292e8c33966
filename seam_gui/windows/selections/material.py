"""What the window of selections draws: each kept selection, its sums, and logos of these."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from seam_core import logos
from seam_core.entropy import entropy
from seam_core.meta_explainer import Sums, consensus_match, reference_mismatch, subset_sums
from seam_core.progress import Progress
from seam_core.selection import Selection
from seam_core.session import Session

if TYPE_CHECKING:
    from seam_core.contrast import Contrast

KINDS = {
    "average": ("Average map", "a.u."),
    "contribution": ("Contribution", "a.u."),
    "pwm": ("Information", "bits"),
    "frequency": ("Frequency", "share"),
}
QUANTITIES = {
    "entropy": ("Entropy", "bits"),
    "reference": ("Mismatch", "%"),
    "consensus": ("Consensus", "%"),
}
REST = "all others"  # what a selection can be compared with, beside other selections


@dataclass(frozen=True, eq=False)
class Summed:
    """One selection and its sums, as one row."""

    selection: Selection
    sums: Sums

    @property
    def name(self) -> str:
        """The name it was kept under."""
        return self.selection.name

    def logo(self, kind: str, library: np.ndarray, *, centred: bool = False) -> np.ndarray:
        """(W, A) logo; `library` is the (W, A) letter counts of all sequences."""
        matrix = logos.make(
            kind,
            letter_counts=self.sums.letter_counts[0],
            library_counts=library,
            map_sums=self.sums.map_sums[0],
            sizes=int(self.sums.sizes[0]),
            contribution_sums=self.sums.contribution_sums[0],
        )
        return logos.centre(matrix) if centred else matrix

    def msm_row(self, quantity: str, reference: np.ndarray | None) -> np.ndarray:
        """(W,) one of `QUANTITIES`; `reference` has the letters of these positions."""
        counts = self.sums.letter_counts[0]
        if quantity == "reference":
            return reference_mismatch(counts, reference)
        return consensus_match(counts) if quantity == "consensus" else entropy(counts)


def summed(
    session: Session,
    kept: tuple[Selection, ...],
    known: dict[int, Summed],
    progress: Progress,
) -> list[Summed]:
    """Each selection with its sums; `known` are those made before, by the identity of the mask."""
    assert session.library is not None
    assert session.maps is not None
    entries = []
    for place, selection in enumerate(kept):
        progress.update(place, len(kept), selection.name)
        before = known.get(id(selection.mask))
        if before is not None and before.selection.mask is selection.mask:
            entries.append(replace(before, selection=selection))
        else:
            sums = subset_sums(session.library, session.maps, selection.mask)
            entries.append(Summed(selection, sums))
    return entries


def nested(first: Selection, second: Selection | None) -> int | None:
    """Which of the two lies wholly in the other: 0 or 1, None: neither."""
    if second is None:
        return None
    own = first.mask & ~second.mask, second.mask & ~first.mask
    return next((place for place, mask in enumerate(own) if not mask.any()), None)


def contrasted(
    session: Session, first: Selection, second: Selection | None, progress: Progress
) -> Contrast:
    """What tells two selections apart, or one (with None) from all others."""
    from seam_core.contrast import contrast
    from seam_core.readers.columns import frame_apart

    assert session.library is not None
    assert session.maps is not None
    frame = None if session.table is None else frame_apart(session.table.frame)
    columns = {} if frame is None else {str(name): frame[name].to_numpy() for name in frame}
    other = ~first.mask if second is None else second.mask
    return contrast(
        session.library, session.maps, first.mask, other, columns=columns, progress=progress
    )
