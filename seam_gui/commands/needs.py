"""What commands cannot do without, and what is said where it is lacking."""

from __future__ import annotations

from seam_gui.commands.record import Need
from seam_gui.state.app_state import AppState


def has(slot: str, otherwise: str) -> Need:
    return Need(lambda state: getattr(state.session, slot) is not None, otherwise)


def _some_selected(state: AppState) -> bool:
    return state.selection is not None and state.selection.count > 0


def _clusters_selected(state: AppState) -> bool:
    return state.selection is not None and bool(state.selection.clusters())


def _some_hidden(state: AppState) -> bool:
    return state.curation is not None and bool(state.curation.hidden)


SESSION = Need(lambda state: not state.session.is_empty, "There is nothing to save yet.")
SAVED = Need(
    lambda state: not (state.session.is_empty or state.read_only),
    "There is nothing to save yet, or the session is open read-only: Save as… writes it elsewhere.",
)
PLACE = Need(lambda state: not state.session.is_empty, "Open a session first.")
COMPARED = has("explanation", "A comparison needs clusters; open or run an analysis first.")
REPORTED = has("explanation", "A report needs clusters and their summary; run them first.")
LIBRARY = has("library", "Open a session first.")
POINTS = has("embedding", "There are no points yet: the Clusters tab makes an embedding")
MAPS = has("maps", "There are no attribution maps yet: the Attribution tab makes them")
MARKED = Need(lambda state: state.selection is not None, "Nothing is selected")
CHOSEN = Need(_clusters_selected, "Select a cluster first: click a point or a row of the table")
HIDDEN = Need(
    _some_hidden, "No cluster is hidden; names hidden in the legend come back with its Show all"
)
TRACKS = Need(lambda state: bool(state.tracks), "There are no tracks")
SELECTED = Need(_some_selected, "Select sequences first")
KEPT = Need(lambda state: bool(state.kept), "Keep a selection first (K)")
CLUSTERS = has("clustering", "There are no clusters yet")
SITES = has("sites", "There are no sites to edit yet")
MATCHED = has("sites", "There are no sites to name yet")
