"""Logos made from the sums over maps and letters of a selection."""

from __future__ import annotations

import numpy as np

from seam_core import logos
from seam_core.meta_explainer import Sums
from seam_core.records import Explanation
from seam_gui.pictures.shown import LogoOptions
from seam_gui.views.logo_painting import Logo

SEQUENCES = {"pwm": "Information", "enrichment": "Enrichment", "frequency": "Frequency"}
_UNITS = {"pwm": "bits", "enrichment": "log2 of selection / library", "frequency": "share"}
MOST_OVERLAID = 30  # more would be drawn too slowly to move


class LogoMaker:
    """Logos from sums; keeps the limits of all clusters for the fixed axis."""

    def __init__(self, explanation: Explanation, library_sums: Sums) -> None:
        self.explanation = explanation
        self._library = library_sums
        self._limits: dict[tuple[str, bool], tuple[float, float]] = {}

    def attribution(self, sums: Sums, options: LogoOptions, row: int | None = None) -> Logo:
        """The attribution logo of one row of sums; `row` of the explanation where it is that."""
        explanation = self.explanation
        kind = options.attribution
        behind: tuple[np.ndarray, ...] = ()
        if kind == "background":
            matrix = explanation.background
        elif kind == "variability":
            matrix = np.zeros_like(explanation.background)
            largest = np.argsort(-explanation.sizes, kind="stable")[:MOST_OVERLAID]
            behind = tuple(self._centred(explanation.mean_maps[np.sort(largest)], options))
        else:
            scale = 1.0 if row is None else float(explanation.background_scale[row])
            matrix = self._matrix(kind, sums, scale)[0]
        return self._logo(self._centred(matrix, options), "a.u.", options, kind, behind)

    def sequence(self, sums: Sums, options: LogoOptions) -> Logo:
        """The sequence logo of one row of sums."""
        kind = options.sequence
        matrix = self._matrix(kind, sums)[0]
        return self._logo(matrix, _UNITS[kind], options, kind)

    def _matrix(self, kind: str, sums: Sums, scale: float | np.ndarray = 1.0) -> np.ndarray:
        return logos.make(
            kind,
            letter_counts=sums.letter_counts,
            library_counts=self._library.letter_counts[0],
            map_sums=sums.map_sums,
            sizes=sums.sizes,
            contribution_sums=sums.contribution_sums,
            background=self.explanation.background,
            background_scale=scale,
        )

    @staticmethod
    def _centred(matrix: np.ndarray, options: LogoOptions) -> np.ndarray:
        return logos.centre(matrix) if options.centred else matrix

    def _logo(
        self,
        matrix: np.ndarray,
        unit: str,
        options: LogoOptions,
        kind: str,
        behind: tuple[np.ndarray, ...] = (),
    ) -> Logo:
        explanation = self.explanation
        shared = options.fixed and kind not in ("background", "variability")
        return Logo(
            matrix,
            explanation.start,
            explanation.alphabet,
            unit,
            explanation.reference,
            self._all_limits(kind, options) if shared else None,
            options.letters,
            options.shaded,
            behind,
        )

    def _all_limits(self, kind: str, options: LogoOptions) -> tuple[float, float]:
        """Lowest and highest of all clusters' logos of a kind."""
        centred = options.centred and kind not in SEQUENCES
        key = (kind, centred)
        if key not in self._limits:
            explanation = self.explanation
            sums = Sums(
                explanation.sizes,
                explanation.letter_counts,
                explanation.map_sums,
                explanation.map_sums,
                explanation.map_sums
                if explanation.contribution_sums is None
                else explanation.contribution_sums,
            )
            matrices = self._matrix(kind, sums, explanation.background_scale)
            self._limits[key] = logos.y_limits(logos.centre(matrices) if centred else matrices)
        return self._limits[key]
