"""What is shown, as a script names it: clusters, their explanation, the selection.

Each function gives the name in a script, and the lines of Python that the script takes to have it.
"""

from __future__ import annotations

from typing import Any

from seam_core.records import Clustering
from seam_gui.pictures.shown import Shown


def clusters_in(shown: Shown) -> tuple[Clustering | None, str, list[str]]:
    """The clusters shown, their name in a script, and the lines that it takes."""
    curation = shown.scene.curation
    if curation is None or not curation.stale:
        return shown.session.clustering, "session.clustering", []
    lines = [
        "from seam_core import curation",
        'curated = curation.from_dict(session.state["curation"], len(session.clustering))',
        "clustering = curated.as_clustering()",
    ]
    return shown.session.clustering, "clustering", lines


def explanation_in(shown: Shown) -> tuple[str, list[str]]:
    """Name of the explanation of the clusters shown, and the lines that it takes."""
    _, clusters, lines = clusters_in(shown)
    if not lines:
        return "session.explanation", []
    return "explanation", [
        *lines,
        "from seam_core.meta_explainer import MetaExplainer",
        "explainer = MetaExplainer(session.explanation.parameters)",
        f"explanation = explainer.run(session.library, session.table, session.maps, {clusters})",
    ]


def selection_in(shown: Shown) -> tuple[Any, str, list[str]]:
    """Mask of the selection (None: all), its name in a script, the lines that it takes."""
    selection = shown.selection
    if selection is None or not selection.count:
        return None, "None", []
    kinds = sorted({type(step.gesture).__name__ for step in selection.steps})
    _, name, lines = clusters_in(shown)
    curation = shown.scene.curation
    asked = any("label" in getattr(step.gesture, "text", "").lower() for step in selection.steps)
    names = f", {dict(curation.names)}" if asked and curation is not None else ""
    return (
        selection.mask,
        "selected.mask",
        [
            *lines,
            f"from seam_core.selection import Step, landscape_of, repeat, {', '.join(kinds)}",
            "landscape = landscape_of(",
            f"    session.library, session.table, session.embedding, {name},",
            f"    session.linkage{names},",
            ")",
            f"selected = repeat({selection.steps!r}, landscape)",
        ],
    )
