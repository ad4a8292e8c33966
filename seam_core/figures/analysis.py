"""Pictures of one analysis, drawn from its records as the user has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from seam_core import selection as selecting
from seam_core.figures import logos, msm, scatter
from seam_core.findings import Experiments, Trust, verdicts_of
from seam_core.manner import DENSITY, Manner, manner_of
from seam_core.pictures import kept_arrows, rows_named
from seam_core.point_marks import Sight, cluster_name
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
    def experiments(self) -> Experiments | None: ...
    @property
    def trust(self) -> Trust | None: ...


def reference_row(session: Analysis) -> int | None:
    """Row of the unmutated reference in the library; None where it is not in it."""
    if session.library is None or session.library.reference is None:
        return None
    same = (session.library.sequences == session.library.reference).all(axis=1)
    return int(same.argmax()) if same.any() else None


def _sites(session: Analysis) -> tuple:
    return () if session.sites is None else session.sites.sites


def _reference_cluster(session: Analysis) -> int | None:
    assert session.explanation is not None
    return session.explanation.reference_cluster


def shown_clusters(session: Analysis) -> list[int]:
    """The reference's cluster and those spread evenly over the others, in their order."""
    ids = clusters_beside(session)
    kept = [cluster for cluster in ids if cluster >= 0] or ids
    spread = np.linspace(0, len(kept) - 1, min(_LOGOS, len(kept))).round().astype(int)
    wanted = {kept[row] for row in spread.tolist()} | {_reference_cluster(session)}
    return [cluster for cluster in kept if cluster in wanted]


def manner(session: Analysis) -> Manner:
    """How the user has the pictures, as saved with the session."""
    return manner_of(getattr(session, "state", {}))


def clusters_beside(session: Analysis) -> list[int]:
    """The clusters that are shown, from the top."""
    assert session.explanation is not None
    return manner(session).beside(session.explanation.ids)


def named(session: Analysis) -> dict[str, Any]:
    """What the user said of clusters, and whether colours are for colour-blind eyes."""
    return {"labels": dict(manner(session).labels), **safe(session)}


def safe(session: Analysis) -> dict[str, Any]:
    """Whether colours are for colour-blind eyes."""
    return {"colour_blind": manner(session).colour_blind}


def beside(session: Analysis) -> dict[str, Any]:
    """Which clusters stand beside each other, in which order and colours."""
    return {
        **named(session),
        "colours": dict(manner(session).colours),
        "clusters": clusters_beside(session),
        "reference_cluster": _reference_cluster(session),
    }


def reference_activity(session: Analysis) -> float | None:
    """The activity of the unmutated reference, where it is known."""
    row = reference_row(session)
    if session.table is None or row is None:
        return None
    return float(session.table.activity[row])


def scatter_as_shown(session: Analysis) -> Figure:
    """Points as the user has them; where some are selected the others are pale."""
    look = manner(session)
    by = look.colour_by
    mask = None if by == DENSITY else selected(session)
    return embedded(session, by, selected=mask, as_shown=True)


def selected(session: Analysis) -> np.ndarray | None:
    """(N,) bool: the sequences that the user selected, as saved; None: nothing is selected."""
    saved, record = getattr(session, "state", {}).get("selection"), session.embedding
    if saved is None or record is None:
        return None
    selection = selecting.from_dict(saved, len(record.coordinates), "state")
    return selection.mask if selection.count else None


def embedded(
    session: Analysis,
    by: str,
    order: str | None = None,
    selected: np.ndarray | None = None,
    *,
    as_shown: bool = False,
) -> Figure:
    """Points coloured as said, else as the user has them.

    as_shown : the reference marked, clusters named and the part in sight as the user has them, and
        arrows to the variants that are kept
    """
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
    axes = wanted.axes if max(wanted.axes) < record.coordinates.shape[1] else (0, 1)
    if session.table is not None:
        options["left_out"] = rows_named(session.table.frame, wanted.left_out)
    if as_shown:
        options["star"] = wanted.star
        options["arrows"] = kept_arrows(record, session.experiments, axes)
        options |= {"naming": wanted.naming, "letter": wanted.letter}
        options["labels"] = dict(wanted.labels)
    return scatter.embedding_scatter(
        record,
        clustering=session.clustering,
        components=axes,
        hidden=wanted.hidden,
        reference_row=reference_row(session),
        selected=selected,
        point_size=wanted.marker,
        sight=in_sight(wanted.sight, record.coordinates[:, list(axes)]) if as_shown else None,
        **options,
        **safe(session),
    )


def in_sight(sight: Sight | None, points: np.ndarray) -> Sight | None:
    """The part that was looked at, unless none of the points lies there: another embedding's."""
    if sight is None:
        return None
    low, high = np.transpose(sight)
    return sight if bool(((points >= low) & (points <= high)).all(axis=1).any()) else None


def scatter_by_activity(session: Analysis) -> Figure:
    """Points coloured by activity, the most active on top where the user chose no order."""
    look = manner(session)
    return embedded(session, "Activity", None if look.colour_by == "Activity" else "ascending")


def reference_comparison(session: Analysis, window: tuple[int, int] | None = None) -> Figure:
    """The reference beside its cluster: mean, foreground, background; see `logos.comparison`."""
    row = reference_row(session)
    return logos.comparison(
        np.asarray(session.maps.maps[row]),  # type: ignore[union-attr]
        session.explanation,  # type: ignore[arg-type]
        int(session.clustering.labels[row]),  # type: ignore[union-attr]
        sites=_sites(session),
        verdicts=verdicts_of(session.experiments),
        window=window,
        **safe(session),
    )


def cluster_logos(session: Analysis, window: tuple[int, int] | None = None) -> Figure:
    """Mean maps of some clusters, as `shown_clusters` chooses them."""
    return logos.cluster_logos(
        session.explanation,  # type: ignore[arg-type]
        clusters=shown_clusters(session),
        sites=_sites(session),
        verdicts=verdicts_of(session.experiments),
        window=window,
        **named(session),
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
        verdicts=verdicts_of(session.experiments),
        clusters=clusters_beside(session),
        window=window,
        limits=manner(session).matrix_limits if wanted == manner(session).quantity else None,
        **named(session),
    )


def attribution_logo(session: Analysis) -> Figure:
    """The mean map of the reference's cluster."""
    return _top_logo(session, logos.attribution_logo, "average", "mean attribution map")


def sequence_logo(session: Analysis) -> Figure:
    """The letters of the reference's cluster."""
    return _top_logo(session, logos.sequence_logo, "pwm", "sequences")


def _top_logo(session: Analysis, draw: Callable[..., Figure], kind: str, words: str) -> Figure:
    record = session.explanation
    assert record is not None
    cluster = _top_cluster(record)
    return draw(
        record.logos(kind)[record.row_of(cluster)],
        alphabet=record.alphabet,
        start=record.start,
        sites=_sites(session),
        verdicts=verdicts_of(session.experiments),
        reference=record.reference,
        per_row=_per_row(record),
        title=f"{_title_of(session, cluster)}: {words}",
        outlines=True,
        **_lettering(session),
    )


def _lettering(session: Analysis) -> dict[str, Any]:
    """Which letters have their colours, where there is a reference to compare them with."""
    look, record = manner(session), session.explanation
    known = record is not None and record.reference is not None
    letters = {"letters": look.letters} if known else {}
    return {**letters, "shaded": look.shaded, **safe(session)}


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
