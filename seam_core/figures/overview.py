"""The standard set of pictures of a session: what a run without a display leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from seam_core.figures import (
    clusters,
    interactions,
    library,
    logos,
    msm,
    robustness,
    scatter,
    sites,
    tree,
)
from seam_core.figures.style import cluster_name, save_figure
from seam_core.findings import Trust
from seam_core.manner import CLUSTER, DENSITY, Manner, manner_of
from seam_core.progress import SILENT, Progress
from seam_core.records import (
    AttributionMaps,
    Clustering,
    Embedding,
    Explanation,
    Library,
    Linkage,
    Sites,
    Table,
)
from seam_core.registry import FIGURES
from seam_core.validate import InputError, check_choice

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LOGOS = 8
_LONGEST_ROW = 130
_OF_CLUSTERS = ("cluster_activity", "cluster_occupancy", "cluster_logos", "msm")


class Analysis(Protocol):
    """What is drawn: a `Session`, or anything with the same records (None where there is none)."""

    @property
    def library(self) -> Library | None: ...
    @property
    def table(self) -> Table | None: ...
    @property
    def maps(self) -> AttributionMaps | None: ...
    @property
    def embedding(self) -> Embedding | None: ...
    @property
    def linkage(self) -> Linkage | None: ...
    @property
    def clustering(self) -> Clustering | None: ...
    @property
    def explanation(self) -> Explanation | None: ...
    @property
    def sites(self) -> Sites | None: ...
    @property
    def trust(self) -> Trust | None: ...


class Picture(NamedTuple):
    """One picture of a session; other packages declare theirs as entry points `seam.figures`.

    title : what it is, for captions and menus
    needs : the records it takes
    draw : session -> Figure
    name : of a picture of another package, as in its entry point
    """

    title: str
    needs: tuple[str, ...]
    draw: Callable[..., Figure]
    name: str = ""

    @property
    def label(self) -> str:
        """The title."""
        return self.title


def pictures() -> dict[str, Picture]:
    """Name -> picture: `PICTURES`, then those of other packages."""
    others = {picture.name: picture for picture in FIGURES if picture.name not in PICTURES}
    return {**PICTURES, **others}


def available(session: Analysis) -> list[str]:
    """Names of the pictures that the session's records allow, in the order of the analysis."""
    return [
        name
        for name, picture in pictures().items()
        if all(getattr(session, slot) is not None for slot in picture.needs)
        and _enough(name, session)
    ]


def draw(session: Analysis, name: str) -> Figure:
    """One picture of `PICTURES` by name.

    Raises `InputError` for an unknown name, or one whose records the session lacks.
    """
    known = pictures()
    check_choice(name, "figure", tuple(known))
    if name not in available(session):
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
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("folder", str(error), "a folder that can be made", str(folder)) from error
    names = available(session)
    written = []
    for index, name in enumerate(names):
        progress.update(index, len(names), f"Figure {name}")
        written.append(save_figure(draw(session, name), folder / f"{name}.png", dpi=dpi))
    return written


def reference_row(session: Analysis) -> int | None:
    """Row of the unmutated reference in the library; None where it is not in it."""
    if session.library is None or session.library.reference is None:
        return None
    same = (session.library.sequences == session.library.reference).all(axis=1)
    return int(same.argmax()) if same.any() else None


def _enough(name: str, session: Analysis) -> bool:
    """Whether there is anything in the records to draw: a site, two clusters, a reference."""
    if name in _OF_CLUSTERS and not clusters_beside(session):
        return False  # all are hidden
    if name in ("configuration_matrix", "configuration_activities", "interaction_terms"):
        if session.sites is None or not session.sites.sites:
            return False
        return name != "interaction_terms" or len(session.sites.epistasis) > 0
    if name == "epistasis":
        return session.sites is not None and len(session.sites.sites) > 1
    if name == "driver_mutations":
        return session.sites is not None and session.sites.drivers is not None
    if name == "pca_spectrum":
        return session.embedding is not None and session.embedding.variance_ratio is not None
    if name == "search_trajectory":
        return session.library is not None and session.library.trajectory is not None
    if name == "robustness":
        return session.trust is not None and len(session.trust.robustness) > 1
    if name in ("mutations", "reference_comparison"):
        return reference_row(session) is not None
    return True


def _sites(session: Analysis) -> tuple:
    return () if session.sites is None else session.sites.sites


def _reference_cluster(session: Analysis) -> int | None:
    assert session.explanation is not None
    return session.explanation.reference_cluster


def shown_clusters(session: Analysis) -> list[int]:
    """The reference's cluster and those spread evenly over the others, in their order."""
    ids = clusters_beside(session)
    kept = [cluster for cluster in ids if cluster >= 0] or ids
    chosen = np.linspace(0, len(kept) - 1, min(_LOGOS, len(kept))).round().astype(int)
    wanted = {kept[row] for row in chosen.tolist()} | {_reference_cluster(session)}
    return [cluster for cluster in kept if cluster in wanted]


def manner(session: Analysis) -> Manner:
    """How the user has the pictures, as saved with the session."""
    return manner_of(getattr(session, "state", {}))


def clusters_beside(session: Analysis) -> list[int]:
    """The clusters that are shown, from the top."""
    assert session.explanation is not None
    return manner(session).beside(session.explanation.ids)


def _named(session: Analysis) -> dict[str, Any]:
    """What the user said of clusters, and whether colours are for colour-blind eyes."""
    return {"labels": dict(manner(session).labels), **_safe(session)}


def _safe(session: Analysis) -> dict[str, Any]:
    return {"colour_blind": manner(session).colour_blind}


def _beside(session: Analysis) -> dict[str, Any]:
    """Which clusters stand beside each other, in which order and colours."""
    return {
        **_named(session),
        "colours": dict(manner(session).colours),
        "clusters": clusters_beside(session),
        "reference_cluster": _reference_cluster(session),
    }


def _reference_activity(session: Analysis) -> float | None:
    row = reference_row(session)
    if session.table is None or row is None:
        return None
    return float(session.table.activity[row])


def _scatter(session: Analysis, by: str, order: str | None = None) -> Figure:
    """Points coloured as said, else as the user has them."""
    record, wanted = session.embedding, manner(session)
    assert record is not None
    options: dict[str, Any] = {"order": order or wanted.order, "density": by == DENSITY}
    if session.table is not None and by == "Activity":
        options |= {"values": session.table.activity, "value_name": by}
    elif session.table is not None and by in session.table.frame:
        options |= {"values": session.table.frame[by].to_numpy(), "value_name": by}
    elif session.clustering is not None:
        options |= {"labels": dict(wanted.labels), "colours": dict(wanted.colours)}
    if by == wanted.colour_by and "values" in options:
        options["limits"] = wanted.limits
    fits = max(wanted.axes) < record.coordinates.shape[1]
    return scatter.embedding_scatter(
        record,
        clustering=session.clustering,
        components=wanted.axes if fits else (0, 1),
        hidden=wanted.hidden,
        reference_row=reference_row(session),
        **options,
        **_safe(session),
    )


def _scatter_by_activity(session: Analysis) -> Figure:
    chosen = manner(session)
    return _scatter(session, "Activity", None if chosen.colour_by == "Activity" else "ascending")


def reference_comparison(session: Analysis, window: tuple[int, int] | None = None) -> Figure:
    """The reference beside its cluster: mean, foreground, background; see `logos.comparison`."""
    row = reference_row(session)
    return logos.comparison(
        np.asarray(session.maps.maps[row]),  # type: ignore[union-attr]
        session.explanation,  # type: ignore[arg-type]
        int(session.clustering.labels[row]),  # type: ignore[union-attr]
        sites=_sites(session),
        window=window,
        **_safe(session),
    )


def cluster_logos(session: Analysis, window: tuple[int, int] | None = None) -> Figure:
    """Mean maps of some clusters, as `shown_clusters` chooses them."""
    return logos.cluster_logos(
        session.explanation,  # type: ignore[arg-type]
        clusters=shown_clusters(session),
        sites=_sites(session),
        window=window,
        **_named(session),
    )


def matrix(session: Analysis, quantity: str = "", window: tuple[int, int] | None = None) -> Figure:
    """The Mechanism Summary Matrix; `quantity` "": the one that the user looked at."""
    record, wanted = session.explanation, quantity or manner(session).quantity
    assert record is not None
    if wanted not in msm.QUANTITIES or (wanted == "reference" and record.reference is None):
        wanted = "entropy"
    return msm.msm_heatmap(
        record,
        quantity=wanted,
        sites=session.sites,
        clusters=clusters_beside(session),
        window=window,
        **_named(session),
    )


def _attribution_logo(session: Analysis) -> Figure:
    record = session.explanation
    assert record is not None
    cluster = _top_cluster(record)
    return logos.attribution_logo(
        record.logos("average")[record.row_of(cluster)],
        alphabet=record.alphabet,
        start=record.start,
        sites=_sites(session),
        reference=record.reference,
        per_row=_per_row(record),
        title=f"{_title_of(session, cluster)}: mean attribution map",
        outlines=True,
        **_lettering(session),
    )


def _sequence_logo(session: Analysis) -> Figure:
    record = session.explanation
    assert record is not None
    cluster = _top_cluster(record)
    return logos.sequence_logo(
        record.logos("pwm")[record.row_of(cluster)],
        alphabet=record.alphabet,
        start=record.start,
        sites=_sites(session),
        reference=record.reference,
        per_row=_per_row(record),
        title=f"{_title_of(session, cluster)}: sequences",
        outlines=True,
        **_lettering(session),
    )


def _lettering(session: Analysis) -> dict[str, Any]:
    """Which letters have their colours, where there is a reference to compare them with."""
    chosen, record = manner(session), session.explanation
    known = record is not None and record.reference is not None
    letters = {"letters": chosen.letters} if known else {}
    return {**letters, "shaded": chosen.shaded, **_safe(session)}


def _title_of(session: Analysis, cluster: int) -> str:
    return f"Cluster {cluster_name(cluster, manner(session).labels)}"


def _per_row(record: Explanation) -> int | None:
    """Rows of equal length, so that letters of a long sequence can be read on a page."""
    width = record.entropy.shape[1]
    return None if width <= _LONGEST_ROW else -(-width // -(-width // _LONGEST_ROW))


def _top_cluster(record: Explanation) -> int:
    """The reference's cluster, or the most active one where there is no reference."""
    if record.reference_cluster is not None:
        return int(record.reference_cluster)
    return int(record.ids[record.medians.argmax()])


PICTURES: dict[str, Picture] = {
    "mutations": Picture(
        "Mutations from the reference",
        ("library",),
        lambda session: library.mutation_histogram(session.library),
    ),
    "activities": Picture(
        "Activities of the library",
        ("table",),
        lambda session: library.activity_histogram(
            session.table.activity, reference_row=reference_row(session)
        ),
    ),
    "search_trajectory": Picture(
        "Search by generation",
        ("library",),
        lambda session: library.search_trajectory(session.library),
    ),
    "embedding_clusters": Picture(
        "Mechanism space by cluster",
        ("embedding", "clustering"),
        lambda session: _scatter(session, CLUSTER),
    ),
    "embedding_activity": Picture(
        "Mechanism space by activity", ("embedding", "table"), _scatter_by_activity
    ),
    "embedding_shown": Picture(
        "Mechanism space as it was looked at",
        ("embedding",),
        lambda session: _scatter(session, manner(session).colour_by),
    ),
    "pca_spectrum": Picture(
        "Principal components",
        ("embedding",),
        lambda session: library.pca_spectrum(session.embedding),
    ),
    "dendrogram": Picture(
        "Tree of maps",
        ("linkage",),
        lambda session: tree.dendrogram(
            session.linkage,
            clustering=session.clustering,
            colours=dict(manner(session).colours),
            **_safe(session),
        ),
    ),
    "cluster_activity": Picture(
        "Activity by cluster",
        ("explanation",),
        lambda session: clusters.cluster_activity(
            session.explanation,
            reference_activity=_reference_activity(session),
            **_beside(session),
        ),
    ),
    "cluster_occupancy": Picture(
        "Sequences by cluster",
        ("explanation",),
        lambda session: clusters.cluster_occupancy(session.explanation, **_beside(session)),
    ),
    "attribution_logo": Picture(
        "Attribution logo of the reference's cluster", ("explanation",), _attribution_logo
    ),
    "sequence_logo": Picture(
        "Sequence logo of the reference's cluster", ("explanation",), _sequence_logo
    ),
    "cluster_logos": Picture(
        "Logos of clusters",
        ("explanation",),
        lambda session: cluster_logos(session),
    ),
    "reference_comparison": Picture(
        "Reference map, cluster mean, foreground and background",
        ("library", "maps", "clustering", "explanation"),
        reference_comparison,
    ),
    "background": Picture(
        "Average background",
        ("explanation",),
        lambda session: logos.background_logo(session.explanation, outlines=True, **_safe(session)),
    ),
    "msm": Picture(
        "Mechanism Summary Matrix",
        ("explanation",),
        lambda session: matrix(session),
    ),
    "site_covariance": Picture(
        "Covariance of positions",
        ("sites",),
        lambda session: sites.site_covariance(session.sites, **_safe(session)),
    ),
    "site_dendrogram": Picture(
        "Tree of positions",
        ("sites",),
        lambda session: sites.site_dendrogram(session.sites, **_safe(session)),
    ),
    "configuration_matrix": Picture(
        "Which cluster shows which site",
        ("sites",),
        lambda session: sites.configuration_matrix(session.sites, binary=False, **_named(session)),
    ),
    "configuration_activities": Picture(
        "Activity of each configuration of sites",
        ("sites",),
        lambda session: interactions.configuration_activities(session.sites),
    ),
    "epistasis": Picture(
        "Pairwise interactions of sites",
        ("sites",),
        lambda session: interactions.epistasis(session.sites, **_safe(session)),
    ),
    "interaction_terms": Picture(
        "Effects and interactions of all orders",
        ("sites",),
        lambda session: interactions.interaction_terms(session.sites),
    ),
    "driver_mutations": Picture(
        "Driver mutations",
        ("library", "sites"),
        lambda session: interactions.driver_mutations(
            session.sites, alphabet=session.library.alphabet, **_safe(session)
        ),
    ),
    "robustness": Picture(
        "Robust or reprogrammable: who keeps the reference's mechanism",
        ("trust",),
        lambda session: robustness.robustness_curve(session.trust),
    ),
}
