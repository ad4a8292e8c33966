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
from seam_core.figures.style import save_figure
from seam_core.findings import Trust
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
    """The reference's cluster and those spread evenly over the explanation's order."""
    assert session.explanation is not None
    ids = session.explanation.ids[session.explanation.ids >= 0]
    ids = session.explanation.ids if len(ids) == 0 else ids
    chosen = set(np.linspace(0, len(ids) - 1, min(_LOGOS, len(ids))).round().astype(int).tolist())
    kept = [int(ids[row]) for row in sorted(chosen)]
    reference = _reference_cluster(session)
    if reference is not None and reference not in kept:
        kept.append(reference)
    return sorted(kept, key=lambda cluster: -session.explanation.row_of(cluster))  # type: ignore[union-attr]


def _curated(session: Analysis) -> dict[str, Any]:
    """What the user said of clusters: `colours` and `labels`, and those `hidden`."""
    state = getattr(session, "state", {}).get("curation", {})
    names = {int(i): str(text) for i, text in state.get("names", {}).items() if text}
    colours = {int(i): str(text) for i, text in state.get("colours", {}).items()}
    return {"labels": names, "colours": colours, "hidden": tuple(state.get("hidden", ()))}


def _beside(session: Analysis) -> dict[str, Any]:
    """Which clusters stand beside each other, in which order and colours."""
    assert session.explanation is not None
    curated = _curated(session)
    hidden = curated.pop("hidden")
    order = getattr(session, "state", {}).get("curation", {}).get("order", ())
    place = {int(cluster): i for i, cluster in enumerate(order)}
    ids = [int(i) for i in session.explanation.ids if int(i) not in hidden]
    ids.sort(key=lambda cluster: place.get(cluster, len(place)))
    return {
        **curated,
        "clusters": ids,
        "reference_cluster": session.explanation.reference_cluster,
    }


def _reference_activity(session: Analysis) -> float | None:
    row = reference_row(session)
    if session.table is None or row is None:
        return None
    return float(session.table.activity[row])


def _scatter_by_cluster(session: Analysis) -> Figure:
    return scatter.embedding_scatter(
        session.embedding,  # type: ignore[arg-type]
        clustering=session.clustering,
        reference_row=reference_row(session),
        **_curated(session),
    )


def _scatter_by_activity(session: Analysis) -> Figure:
    return scatter.embedding_scatter(
        session.embedding,  # type: ignore[arg-type]
        values=session.table.activity,  # type: ignore[union-attr]
        order="ascending",
        reference_row=reference_row(session),
    )


def reference_comparison(session: Analysis, window: tuple[int, int] | None = None) -> Figure:
    """The reference beside its cluster: mean, foreground, background; see `logos.comparison`."""
    row = reference_row(session)
    return logos.comparison(
        np.asarray(session.maps.maps[row]),  # type: ignore[union-attr]
        session.explanation,  # type: ignore[arg-type]
        int(session.clustering.labels[row]),  # type: ignore[union-attr]
        sites=_sites(session),
        window=window,
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
        title=f"Cluster {cluster}: mean attribution map",
        outlines=True,
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
        title=f"Cluster {cluster}: sequences",
        outlines=True,
    )


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
        "Mechanism space by cluster", ("embedding", "clustering"), _scatter_by_cluster
    ),
    "embedding_activity": Picture(
        "Mechanism space by activity", ("embedding", "table"), _scatter_by_activity
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
            session.linkage, clustering=session.clustering, colours=_curated(session)["colours"]
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
        lambda session: logos.cluster_logos(
            session.explanation, clusters=shown_clusters(session), sites=_sites(session)
        ),
    ),
    "reference_comparison": Picture(
        "Reference map, cluster mean, foreground and background",
        ("library", "maps", "clustering", "explanation"),
        reference_comparison,
    ),
    "background": Picture(
        "Average background",
        ("explanation",),
        lambda session: logos.background_logo(session.explanation, outlines=True),
    ),
    "msm": Picture(
        "Mechanism Summary Matrix",
        ("explanation",),
        lambda session: msm.msm_heatmap(session.explanation, sites=session.sites),
    ),
    "site_covariance": Picture(
        "Covariance of positions",
        ("sites",),
        lambda session: sites.site_covariance(session.sites),
    ),
    "site_dendrogram": Picture(
        "Tree of positions", ("sites",), lambda session: sites.site_dendrogram(session.sites)
    ),
    "configuration_matrix": Picture(
        "Which cluster shows which site",
        ("sites",),
        lambda session: sites.configuration_matrix(session.sites, binary=False),
    ),
    "configuration_activities": Picture(
        "Activity of each configuration of sites",
        ("sites",),
        lambda session: interactions.configuration_activities(session.sites),
    ),
    "epistasis": Picture(
        "Pairwise interactions of sites",
        ("sites",),
        lambda session: interactions.epistasis(session.sites),
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
            session.sites, alphabet=session.library.alphabet
        ),
    ),
    "robustness": Picture(
        "Robust or reprogrammable: who keeps the reference's mechanism",
        ("trust",),
        lambda session: robustness.robustness_curve(session.trust),
    ),
}
