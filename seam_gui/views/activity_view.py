"""Activities of the selection over the library's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seam_gui.views.overlaid_view import outline
from seam_gui.views.plot import Mark, Plot

_BINS = 60


class ActivityView(Plot):
    """Two histograms on one axis, each as a share of its own sequences."""

    def __init__(self) -> None:
        self._edges = np.zeros(0)
        self._all, self._chosen = np.zeros(0), np.zeros(0)
        self._parts: list[tuple[np.ndarray, np.ndarray]] = []
        self._reference: float | None = None
        super().__init__("activity_view", "Activity", "activity", "share (%)", hint="No numbers")
        self.setMinimumSize(240, 100)

    @property
    def has_data(self) -> bool:
        return len(self._all) > 0

    def set_values(
        self,
        activity: np.ndarray,
        selected: np.ndarray | None,
        reference: float | None,
        parts: Sequence[tuple[np.ndarray, np.ndarray]] = (),
    ) -> None:
        """(N,) activities, (N,) bool of the selection, the reference's activity.

        parts : of the selection, each (N,) bool and its (3,) uint8 colour, as outlines
        """
        known = np.isfinite(activity)
        self._all = self._chosen = np.zeros(0)
        self._parts = []
        if known.any():
            low, high = float(activity[known].min()), float(activity[known].max())
            self._edges = np.linspace(low, high if high > low else low + 1, _BINS + 1)
            self._all = _shares(activity[known], self._edges)
            inside = activity[known] if selected is None else activity[known & selected]
            self._chosen = _shares(inside, self._edges)
            self._parts = [(_shares(activity[known & m], self._edges), c) for m, c in parts]
        self._reference = reference
        self.note = "grey: the library" if selected is not None else ""
        words = "" if reference is None else f"reference {reference:.3g}; "
        self.setToolTip(f"{words}bars: share of the sequences in each bin")
        self.show_data()

    def add_items(self) -> None:
        self.add_bars(self._edges, self._all, "muted", 90)
        if not self._parts:
            self.add_bars(self._edges, self._chosen, "accent", 150)
        for shares, colour in self._parts:
            self.plot.addItem(outline(self._edges, shares, colour))
        if self._reference is not None:
            self.add_mark(Mark(self._reference, "reference"))
        shown = [self._all, *([part for part, _ in self._parts] or [self._chosen])]
        top = max(float(each.max()) for each in shown) * 1.08 or 1.0
        self.set_range((float(self._edges[0]), float(self._edges[-1])), (0.0, top))


def _shares(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return 100.0 * np.histogram(values, edges)[0] / max(len(values), 1)
