"""What a library looks like: mutations, activities, positions, and the search that found it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt5.QtWidgets import QVBoxLayout, QWidget

from seam_core.progress import Progress
from seam_core.records import Library
from seam_core.session import Session
from seam_gui.look.theme import SPACING
from seam_gui.views.curves import Histogram
from seam_gui.views.plot import Mark
from seam_gui.views.trajectory_view import Trajectory, TrajectoryView
from seam_gui.widgets.basics import row

_BLOCK_LETTERS = 1 << 23
_NOT_ASKED = "The model has not been asked yet"


@dataclass(frozen=True, eq=False)
class LibraryNumbers:
    """What the pictures show.

    mutations : (N,) from the reference; None without one
    per_position : (L,) percent mutated; without a reference, percent of the commonest letter
    activity : (N,), None before the model was asked
    reference_activity : of the reference, where it is in the library
    trajectory : of the search, where there was one
    """

    mutations: np.ndarray | None
    per_position: np.ndarray
    activity: np.ndarray | None
    reference_activity: float | None
    trajectory: Trajectory | None


class LibraryPictures(QWidget):
    """Histograms, and the search of an optimized library."""

    def __init__(self) -> None:
        super().__init__()
        self.mutations = Histogram(
            "mutation_histogram", "Mutations", "mutations from the reference", "sequences"
        )
        self.activities = Histogram(
            "activity_histogram", "Activity", "activity (the model's output)", "sequences"
        )
        self.activities.hint = _NOT_ASKED
        self.positions = Histogram("position_histogram", "", "position (0-based)", "")
        self.search = TrajectoryView("search_trajectory")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING * 2)
        layout.addLayout(row(self.mutations, self.activities, spacing=SPACING * 3), 3)
        layout.addWidget(self.positions, 3)
        layout.addWidget(self.search, 4)

    def show_numbers(self, numbers: LibraryNumbers) -> None:
        """Draw what `numbers_of` counted."""
        counts = numbers.mutations
        self.mutations.setVisible(counts is not None)
        if counts is not None:
            self.mutations.set_values(counts, whole=True)
            self.mutations.note = f"median {np.median(counts):.0f}   ·   most {counts.max()}"
        self._show_activities(numbers)
        share = numbers.per_position
        known = counts is not None
        self.positions.title = "Mutated positions" if known else "Letters in common"
        self.positions.set_labels("position (0-based)", "mutated (%)" if known else "commonest (%)")
        self.positions.note = (
            f"mean {share.mean():.3g} %"
            if known
            else "share of the sequences that have the commonest letter there"
        )
        self.positions.set_counts(share, np.arange(len(share) + 1) - 0.5)
        self.search.setVisible(numbers.trajectory is not None)
        self.search.set_trajectory(numbers.trajectory)

    def _show_activities(self, numbers: LibraryNumbers) -> None:
        values = np.zeros(0) if numbers.activity is None else numbers.activity
        values = values[np.isfinite(values)]
        self.activities.note = ""
        if len(values):
            self.activities.note = (
                f"median {np.median(values):.3g}   ·   {values.min():.3g} to {values.max():.3g}"
            )
        marks: tuple[Mark, ...] = ()
        if numbers.reference_activity is not None:
            value = numbers.reference_activity
            marks = (Mark(value, f"reference {value:.3g}"),)
        self.activities.set_values(values, marks)


def numbers_of(session: Session, progress: Progress) -> LibraryNumbers:
    """Count what the pictures show, block by block; for a worker thread."""
    library = session.library
    assert library is not None
    activity = _activity(session, library)
    if library.reference is None:
        share = _commonest(library, progress)
        return LibraryNumbers(None, share, activity, None, _trajectory(library))
    mutations, share = _mutations(library, library.reference, progress)
    unmutated = np.flatnonzero(mutations == 0)
    known = activity is not None and len(unmutated) > 0
    value = float(activity[unmutated[0]]) if known and activity is not None else None
    return LibraryNumbers(mutations, share, activity, value, _trajectory(library))


def _activity(session: Session, library: Library) -> np.ndarray | None:
    if session.table is not None:
        return session.table.activity
    if library.predictions is None and library.lineage is not None:
        return library.lineage["activity"].to_numpy()
    return library.predictions


def _rows_at_once(library: Library) -> int:
    return max(1, _BLOCK_LETTERS // library.length)


def _mutations(
    library: Library, reference: np.ndarray, progress: Progress
) -> tuple[np.ndarray, np.ndarray]:
    n, rows = len(library), _rows_at_once(library)
    mutations = np.empty(n, dtype=np.int32)
    mutated = np.zeros(library.length, dtype=np.int64)
    for first in range(0, n, rows):
        differs = library.sequences[first : first + rows] != reference
        mutations[first : first + rows] = differs.sum(axis=1)
        mutated += differs.sum(axis=0)
        progress.update(min(n, first + rows), n)
    return mutations, 100.0 * mutated / n


def _commonest(library: Library, progress: Progress) -> np.ndarray:
    n, rows = len(library), _rows_at_once(library)
    counts = np.zeros((len(library.alphabet), library.length), dtype=np.int64)
    for first in range(0, n, rows):
        block = library.sequences[first : first + rows]
        for letter in range(len(library.alphabet)):
            counts[letter] += (block == letter).sum(axis=0)
        progress.update(min(n, first + rows), n)
    return 100.0 * counts.max(axis=0) / n


def _trajectory(library: Library) -> Trajectory | None:
    frame, lineage = library.trajectory, library.lineage
    if frame is None or lineage is None or len(frame) == 0 or len(lineage) == 0:
        return None
    return Trajectory(
        frame["generation"].to_numpy(),
        frame["lowest"].to_numpy(),
        frame["median"].to_numpy(),
        frame["highest"].to_numpy(),
        lineage["generation"].to_numpy(),
        lineage["activity"].to_numpy(),
    )
