"""Candidates, and what the model said of them: only those with the mechanism asked for are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seam_core.progress import Progress

if TYPE_CHECKING:
    from seam_core.projection import Projection, Projector


@dataclass(frozen=True, eq=False)
class Answers:
    """What the model answers for n sequences; see `seam_core.projection.Projection`.

    sequences : (n, L) int8
    activity : (n,) float64
    mechanism : (n,) int32
    confidence : (n,) float64
    nearest : (n,) bool, no other mechanism is nearer; false for some of a library's own sequences,
        whose mechanism is that of their cluster
    outside : (n,) bool, like no mechanism of the session
    maps : (n, W, A) float32
    places : (n, Z) float32, or None without an embedding
    """

    sequences: np.ndarray
    activity: np.ndarray
    mechanism: np.ndarray
    confidence: np.ndarray
    nearest: np.ndarray
    outside: np.ndarray
    maps: np.ndarray
    places: np.ndarray | None

    def __len__(self) -> int:
        return len(self.sequences)

    def take(self, rows: np.ndarray) -> Answers:
        """Some of them."""
        places = None if self.places is None else self.places[rows]
        arrays = {name: getattr(self, name)[rows] for name in _ARRAYS}
        return Answers(places=places, **arrays)


_ARRAYS = ("sequences", "activity", "mechanism", "confidence", "nearest", "outside", "maps")


def answers_of(projection: Projection) -> Answers:
    """A projection, of which only what designs need."""
    told = projection.mechanisms
    return Answers(
        projection.sequences,
        projection.activity,
        told.ids,
        told.confidence,
        ~(told.second_distance < told.distance),
        told.outside,
        projection.maps,
        projection.places,
    )


def joined(parts: list[Answers]) -> Answers:
    """Several as one."""
    if len(parts) == 1:
        return parts[0]
    places = [part.places for part in parts if part.places is not None]
    arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _ARRAYS}
    return Answers(places=np.concatenate(places) if places else None, **arrays)


class Verifier:
    """Asks the model about sequences and keeps those of one mechanism within a range of activity.

    asked : of how many sequences that the library lacks
    seen : of how many sequences altogether
    nearest : activity nearest to the range among all sequences of the mechanism; NaN before one
    """

    def __init__(
        self,
        projector: Projector,
        mechanism: int,
        bounds: tuple[float, float],
        least_confidence: float,
        progress: Progress,
    ) -> None:
        self._projector, self._mechanism, self._bounds = projector, mechanism, bounds
        self._least_confidence = least_confidence
        self._progress = progress
        self.asked, self.seen, self.nearest = 0, 0, np.nan

    def predict(self, sequences: np.ndarray) -> np.ndarray:
        """(n,) activities, without maps."""
        return self._projector.predict(sequences)

    def all(self, sequences: np.ndarray) -> Answers:
        """What the model says, whatever it is."""
        projection = self._projector.project(sequences, progress=self._progress)
        self.asked += int((projection.members < 0).sum())
        self.seen += len(projection)
        return answers_of(projection)

    def kept(self, sequences: np.ndarray) -> Answers:
        """Those of the mechanism, like its own members, and with the activity asked for."""
        answers = self.all(sequences)
        own = (answers.mechanism == self._mechanism) & answers.nearest & ~answers.outside
        own &= answers.confidence >= self._least_confidence
        self._note_nearest(answers.activity[own])
        low, high = self._bounds
        own &= (answers.activity >= low) & (answers.activity <= high)
        return answers.take(np.flatnonzero(own))

    def missed_by(self, activity: np.ndarray) -> np.ndarray:
        """(n,) how far from the range each is; 0 within."""
        low, high = self._bounds
        return np.maximum(np.maximum(low - activity, activity - high), 0.0)

    def _note_nearest(self, activity: np.ndarray) -> None:
        if len(activity):
            known = activity if np.isnan(self.nearest) else np.append(activity, self.nearest)
            self.nearest = float(known[self.missed_by(known).argmin()])
