"""What the views of Explore say while they have nothing to show, and what to do about it."""

from __future__ import annotations

from seam_gui.pictures.scene import Scene
from seam_gui.views.msm_view import SUMMARY
from seam_gui.views.scatter_parts import ALL_HIDDEN


def empty_words(scene: Scene, *, running: bool) -> tuple[str, str, str]:
    """In the scatter, in logos, in the matrix and between clusters; `running`: an analysis is."""
    session = scene.session
    if running:
        return (
            "The analysis is under way: points appear here with the embedding",
            "The analysis is under way: logos appear here with the clusters",
            "The analysis is under way: the clusters' summary appears here",
        )
    points = "No embedding yet: compute one on the Clusters tab"
    logos = "No clusters yet: make them on the Clusters tab, logos follow"
    clusters = "No clusters yet: make them on the Clusters tab"
    if session.maps is None:
        points = "No attribution maps yet: compute them on the Attribution tab"
        logos = "Logos appear here once there are attribution maps"
    if session.is_empty:
        points, clusters = "Open a demo, drop files here, or start a new analysis", SUMMARY
    elif scene.order and scene.hidden.issuperset(scene.order):
        clusters = ALL_HIDDEN
    elif scene.labels is not None:
        clusters = SUMMARY if session.maps is not None else "The summary needs attribution maps"
    return points, logos, clusters
