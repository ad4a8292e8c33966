"""Publication figures of what Identify shows, and the lines of Python that make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PyQt5.QtWidgets import QAction

from seam_gui.pictures.picture_exports import PictureExports
from seam_gui.pictures.recipe import Recipe, figure_call, letter_colours
from seam_gui.tabs.explore.actions import Offer, make_actions
from seam_gui.tabs.identify.results_panel import terms_of

if TYPE_CHECKING:
    from seam_gui.tabs.identify_tab import IdentifyTab

_FOCUS = {
    "covariance_view": "covariance",
    "position_tree": "tree",
    "identify_msm": "msm",
}
_PAGES = ("msm", "configuration", "terms", "activities", "terms", "drivers")  # below the pictures
_SHAPES = {"square": "square", "triangle": "triangular"}


class IdentifyPictures(PictureExports):
    """Covariance, tree, MSM with sites, configurations, interactions and drivers."""

    def __init__(self, tab: IdentifyTab) -> None:
        super().__init__(tab, _FOCUS, "covariance")
        self._tab = tab
        tab.results.pages.currentChanged.connect(self._note_page)

    def _note_page(self, index: int) -> None:
        self._current = _PAGES[index]

    def actions(self) -> dict[str, list[QAction]]:
        """Entries of the window's menus."""
        return make_actions(
            self._tab,
            [
                Offer(
                    "File",
                    "export_sites_picture",
                    "Export picture of sites…",
                    "Ctrl+E",
                    "Covariance, tree, summary matrix, interactions as PNG, SVG or PDF",
                    self.ask,
                ),
                Offer(
                    "Edit",
                    "copy_sites_python",
                    "Copy picture of sites as Python",
                    "Ctrl+Shift+C",
                    "The lines that draw the current figure of Identify from the session",
                    self.copy_python,
                ),
            ],
        )

    def recipes(self) -> dict[str, Recipe]:
        tab = self._tab
        session, curation = tab.state.session, tab.state.curation
        sites, explanation = session.sites, session.explanation
        if sites is None or explanation is None:
            return {}
        labels = {} if curation is None else dict(curation.names)
        window = tab.axis.window()
        own = ("sites", sites, "session.sites")
        found = {
            "covariance": figure_call(
                "Covariance of positions",
                "site_covariance",
                own,
                shape=_SHAPES[tab.covariance.shape],
                window=window,
            ),
            "tree": figure_call("Tree of positions", "site_dendrogram", own, **letter_colours()),
            "msm": figure_call(
                "Clusters by position",
                "msm_heatmap",
                ("explanation", explanation, "session.explanation"),
                own,
                window=window,
                labels=labels,
                **letter_colours(),
            ),
        }
        if sites.sites:
            found["configuration"] = figure_call(
                "Clusters by site",
                "configuration_matrix",
                own,
                binary=tab.results.binary,
                labels=labels,
                **letter_colours(),
            )
            found["activities"] = figure_call(
                "Activity of each configuration", "configuration_activities", own
            )
        if len(sites.sites) > 1:
            found["pairs"] = figure_call("Interactions of pairs", "epistasis", own)
        terms = terms_of(sites.epistasis)
        if any(term.order > 1 and not np.isnan(term.estimate) for term in terms):
            found["terms"] = figure_call(
                "Interaction terms", "interaction_terms", own, lowest_order=2
            )
        if sites.drivers is not None and len(sites.drivers):
            found["drivers"] = figure_call(
                "Driver mutations", "driver_mutations", own, alphabet=explanation.alphabet
            )
        return found
