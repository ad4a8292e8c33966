"""The standard set of pictures of a session: what a run without a display leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from seam_core.exports.files import made_folder
from seam_core.figures import (
    analysis,
    clusters,
    interactions,
    library,
    logos,
    robustness,
    sites,
    tracks,
    tree,
)
from seam_core.figures.analysis import Analysis
from seam_core.figures.style import save_figure
from seam_core.findings import verdicts_of
from seam_core.manner import CLUSTER
from seam_core.progress import SILENT, Progress
from seam_core.readers.tracks import Track, tracks_in
from seam_core.registry import FIGURES
from seam_core.validate import InputError, check_choice

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def _always(session: Analysis) -> bool:
    return True


class Picture(NamedTuple):
    """One picture of a session; other packages declare theirs as entry points `seam.figures`.

    title : what it is, for captions and menus
    needs : the records it takes
    draw : session -> Figure
    name : of a picture of another package, as in its entry point
    enough : whether those records hold anything to draw: a site, two clusters, a reference
    """

    title: str
    needs: tuple[str, ...]
    draw: Callable[..., Figure]
    name: str = ""
    enough: Callable[..., bool] = _always

    @property
    def label(self) -> str:
        """The title."""
        return self.title

    def is_in(self, session: Analysis) -> bool:
        """Whether the session has what it shows."""
        has_all = all(getattr(session, slot) is not None for slot in self.needs)
        return has_all and self.enough(session)


def pictures() -> dict[str, Picture]:
    """Name -> picture: `PICTURES`, then those of other packages."""
    others = {picture.name: picture for picture in FIGURES if picture.name not in PICTURES}
    return {**PICTURES, **others}


def available(session: Analysis) -> list[str]:
    """Names of the pictures that the session's records allow, in the order of the analysis."""
    return [name for name, picture in pictures().items() if picture.is_in(session)]


def draw(session: Analysis, name: str) -> Figure:
    """One picture of `PICTURES` by name.

    Raises `InputError` for an unknown name, or one whose records the session lacks.
    """
    known = pictures()
    check_choice(name, "figure", tuple(known))
    if not known[name].is_in(session):
        missing = [slot for slot in known[name].needs if getattr(session, slot) is None]
        raise InputError(
            f"figure {name}",
            "a session without " + (" and ".join(missing) or "what it shows"),
            "a session with " + " and ".join(known[name].needs),
        )
    with FIGURES.calling(name):
        return known[name].draw(session)


def save_overview(
    session: Analysis, folder: Path | str, *, dpi: float = 150.0, progress: Progress = SILENT
) -> list[Path]:
    """Write every picture that the session allows as PNG into `folder` (made where missing).

    Returns the files written, in the order of the analysis.
    """
    folder = made_folder(folder)
    names = available(session)
    written = []
    for index, name in enumerate(names):
        progress.update(index, len(names), f"Figure {name}")
        written.append(save_figure(draw(session, name), folder / f"{name}.png", dpi=dpi))
    return written


def tracks_of(session: Analysis) -> tuple[Track, ...]:
    """The annotation tracks kept with the session."""
    length = None if session.library is None else session.library.length
    return tracks_in(getattr(session, "state", {}), length)


def _has_sites(session: Analysis) -> bool:
    return session.sites is not None and len(session.sites.sites) > 0


def _has_reference(session: Analysis) -> bool:
    return analysis.reference_row(session) is not None


def _clusters_shown(session: Analysis) -> bool:
    """Whether any cluster is left that is not hidden."""
    return bool(analysis.clusters_beside(session))


PICTURES: dict[str, Picture] = {
    "mutations": Picture(
        "Mutations from the reference",
        ("library",),
        lambda session: library.mutation_histogram(session.library),
        enough=_has_reference,
    ),
    "activities": Picture(
        "Activities of the library",
        ("table",),
        lambda session: library.activity_histogram(
            session.table.activity, reference_row=analysis.reference_row(session)
        ),
    ),
    "search_trajectory": Picture(
        "Search by generation",
        ("library",),
        lambda session: library.search_trajectory(session.library),
        enough=lambda session: session.library.trajectory is not None,
    ),
    "embedding_clusters": Picture(
        "Mechanism space by cluster",
        ("embedding", "clustering"),
        lambda session: analysis.embedded(session, CLUSTER),
    ),
    "embedding_activity": Picture(
        "Mechanism space by activity", ("embedding", "table"), analysis.scatter_by_activity
    ),
    "embedding_shown": Picture(
        "Mechanism space as it was looked at",
        ("embedding",),
        analysis.scatter_as_shown,
    ),
    "embedding_task": Picture(
        "Mechanism space by task",
        ("embedding", "table"),
        lambda session: analysis.embedded(session, "Task"),
        enough=lambda session: "Task" in session.table.frame,
    ),
    "pca_spectrum": Picture(
        "Principal components",
        ("embedding",),
        lambda session: library.pca_spectrum(session.embedding),
        enough=lambda session: session.embedding.variance_ratio is not None,
    ),
    "dendrogram": Picture(
        "Tree of maps",
        ("linkage",),
        lambda session: tree.dendrogram(
            session.linkage,
            clustering=session.clustering,
            colours=dict(analysis.manner(session).colours),
            **analysis.safe(session),
        ),
    ),
    "cluster_activity": Picture(
        "Activity by cluster",
        ("explanation",),
        lambda session: clusters.cluster_activity(
            session.explanation,
            reference_activity=analysis.reference_activity(session),
            **analysis.beside(session),
        ),
        enough=_clusters_shown,
    ),
    "cluster_occupancy": Picture(
        "Sequences by cluster",
        ("explanation",),
        lambda session: clusters.cluster_occupancy(session.explanation, **analysis.beside(session)),
        enough=_clusters_shown,
    ),
    "attribution_logo": Picture(
        "Attribution logo of the reference's cluster", ("explanation",), analysis.attribution_logo
    ),
    "sequence_logo": Picture(
        "Sequence logo of the reference's cluster", ("explanation",), analysis.sequence_logo
    ),
    "cluster_logos": Picture(
        "Logos of clusters",
        ("explanation",),
        lambda session: analysis.cluster_logos(session),
        enough=_clusters_shown,
    ),
    "reference_comparison": Picture(
        "Reference map, cluster mean, foreground and background",
        ("library", "maps", "clustering", "explanation"),
        analysis.reference_comparison,
        enough=_has_reference,
    ),
    "background": Picture(
        "Average background",
        ("explanation",),
        lambda session: logos.background_logo(
            session.explanation, outlines=True, **analysis.safe(session)
        ),
    ),
    "msm": Picture(
        "Mechanism Summary Matrix",
        ("explanation",),
        lambda session: analysis.matrix(session),
        enough=_clusters_shown,
    ),
    "site_covariance": Picture(
        "Covariance of positions",
        ("sites",),
        lambda session: sites.site_covariance(
            session.sites, verdicts=verdicts_of(session.experiments), **analysis.safe(session)
        ),
    ),
    "site_dendrogram": Picture(
        "Tree of positions",
        ("sites",),
        lambda session: sites.site_dendrogram(session.sites, **analysis.safe(session)),
    ),
    "configuration_matrix": Picture(
        "Which cluster shows which site",
        ("sites",),
        lambda session: sites.configuration_matrix(
            session.sites, binary=False, **analysis.named(session)
        ),
        enough=_has_sites,
    ),
    "configuration_activities": Picture(
        "Activity of each configuration of sites",
        ("sites",),
        lambda session: interactions.configuration_activities(session.sites),
        enough=_has_sites,
    ),
    "epistasis": Picture(
        "Pairwise interactions of sites",
        ("sites",),
        lambda session: interactions.epistasis(session.sites, **analysis.safe(session)),
        enough=lambda session: len(session.sites.sites) > 1,
    ),
    "interaction_terms": Picture(
        "Effects and interactions of all orders",
        ("sites",),
        lambda session: interactions.interaction_terms(session.sites),
        enough=lambda session: _has_sites(session) and len(session.sites.epistasis) > 0,
    ),
    "driver_mutations": Picture(
        "Driver mutations",
        ("library", "sites"),
        lambda session: interactions.driver_mutations(
            session.sites, alphabet=session.library.alphabet, **analysis.safe(session)
        ),
        enough=lambda session: session.sites.drivers is not None,
    ),
    "tracks": Picture(
        "Annotation tracks",
        ("library",),
        lambda session: tracks.annotation_tracks(
            tracks_of(session),
            0,
            session.library.length,
            sites=session.sites.sites if session.sites is not None else (),
            **analysis.safe(session),
        ),
        enough=lambda session: bool(tracks_of(session)),
    ),
    "robustness": Picture(
        "Robust or reprogrammable: who keeps the reference's mechanism",
        ("trust",),
        lambda session: robustness.robustness_curve(session.trust),
        enough=lambda session: len(session.trust.robustness) > 1,
    ),
}
