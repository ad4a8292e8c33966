"""Publication figures of what Identify shows, and the lines of Python that make them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PyQt5.QtWidgets import QWidget

from seam_gui.pictures.figure_call import FigureCall, figure_call, letter_colours
from seam_gui.pictures.picture_exports import PictureExports
from seam_gui.pictures.shown import SitesShown
from seam_gui.pictures.terms import terms_of
from seam_gui.state.app_state import AppState
from seam_gui.work.jobs import JobRunner

_FOCUS = {
    "covariance_view": "covariance",
    "position_tree": "tree",
    "identify_msm": "msm",
}
_PAGES = ("msm", "configuration", "terms", "activities", "terms", "drivers")  # below the pictures
_SHAPES = {"square": "square", "triangle": "triangular"}


class IdentifyPictures(PictureExports):
    """Covariance, tree, MSM with sites, configurations, interactions and drivers."""

    def __init__(
        self, state: AppState, jobs: JobRunner, parent: QWidget, shown: Callable[[], SitesShown]
    ) -> None:
        super().__init__(state, jobs, parent, _FOCUS, "covariance")
        self._shown = shown

    def note_page(self, index: int) -> None:
        """A page below the pictures came to the front; one without a picture changes nothing."""
        if index < len(_PAGES):
            self._current = _PAGES[index]

    def drawings(self) -> dict[str, FigureCall]:
        shown = self._shown()
        sites, explanation = shown.session.sites, shown.session.explanation
        if sites is None or explanation is None:
            return {}
        own = ("sites", sites, "session.sites")
        calls = {
            "covariance": figure_call(
                "Covariance of positions",
                "site_covariance",
                own,
                shape=_SHAPES[shown.shape],
                window=shown.window,
                **letter_colours(),
            ),
            "tree": figure_call("Tree of positions", "site_dendrogram", own, **letter_colours()),
            "msm": figure_call(
                "Clusters by position",
                "msm_heatmap",
                ("explanation", explanation, "session.explanation"),
                own,
                window=shown.window,
                labels=shown.labels,
                **letter_colours(),
            ),
        }
        if sites.sites:
            calls["configuration"] = figure_call(
                "Clusters by site",
                "configuration_matrix",
                own,
                binary=shown.binary,
                labels=shown.labels,
                **letter_colours(),
            )
            calls["activities"] = figure_call(
                "Activity of each configuration", "configuration_activities", own
            )
        if len(sites.sites) > 1:
            calls["pairs"] = figure_call(
                "Interactions of pairs", "epistasis", own, **letter_colours()
            )
        terms = terms_of(sites.epistasis)
        if any(term.order > 1 and not np.isnan(term.estimate) for term in terms):
            calls["terms"] = figure_call(
                "Interaction terms", "interaction_terms", own, lowest_order=2
            )
        if sites.drivers is not None and len(sites.drivers):
            calls["drivers"] = figure_call(
                "Driver mutations",
                "driver_mutations",
                own,
                alphabet=explanation.alphabet,
                **letter_colours(),
            )
        return calls
