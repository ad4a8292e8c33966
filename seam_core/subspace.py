"""Some sequences of a session as a session of their own, embedded anew, and their way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from seam_core.curation import CURATED, Curation
from seam_core.parameters import ClustererParameters
from seam_core.progress import SILENT, PartOfProgress, Progress
from seam_core.records import Clustering, Library, Table
from seam_core.session import Session
from seam_core.validate import InputError

FEWEST = 10


def subspace(
    session: Session,
    rows: np.ndarray,
    labels: np.ndarray | None = None,
    *,
    progress: Progress = SILENT,
) -> Session:
    """A session of some of the sequences: their maps embedded anew, their clusters explained anew.

    Raises `InputError` without maps, or for fewer than `FEWEST` sequences.

    Parameters
    ----------
    rows : (n,) int64, ascending
    labels : (N,) cluster ids as the user has them; None: the session's
    """
    from seam_core.clusterer import Clusterer
    from seam_core.meta_explainer import MetaExplainer

    library, table, maps = session.library, session.table, session.maps
    if library is None or maps is None:
        raise InputError("session", "no maps", "a session with maps")
    if len(rows) < FEWEST:
        raise InputError("selection", f"{len(rows)} sequences", f"{FEWEST} or more")
    part = _library(library, rows)
    frame = None if table is None else Table(table.frame.iloc[rows].reset_index(drop=True))
    inside = replace(
        maps,
        maps=np.ascontiguousarray(maps.maps[rows], dtype=np.float32),
        completeness_error=_of(maps.completeness_error, rows),
    )
    whole = session.embedding
    parameters = (whole.parameters if whole is not None else None) or ClustererParameters(
        embedding="pca"
    )
    embedding = Clusterer(parameters).embed(inside, progress=PartOfProgress(progress, 0.0, 0.8))
    clustering = explanation = None
    if labels is None and session.clustering is not None:
        labels = session.clustering.labels
    if labels is not None:
        clustering = Clustering(labels[rows], CURATED, "maps")
    if clustering is not None and frame is not None:
        explained = session.explanation
        explanation = MetaExplainer(None if explained is None else explained.parameters).run(
            part, frame, inside, clustering, progress=PartOfProgress(progress, 0.8, 1.0)
        )
    return replace(
        session,
        name=f"{session.name} ({len(rows):,} of {len(library):,})",
        library=part,
        table=frame,
        maps=inside,
        embedding=embedding,
        linkage=None,
        clustering=clustering,
        explanation=explanation,
        sites=None,
        trust=None,
        experiments=None,
        state={},
    )


def brought_back(whole: Curation, rows: np.ndarray, inside: Curation) -> Curation:
    """The clusters of all sequences after those of some were edited apart.

    whole : as they were; rows : (n,) the sequences that `inside`, (n,) labels, is about
    """
    labels = whole.labels.copy()
    labels[rows] = inside.labels
    present = set(np.unique(labels).tolist())
    order = [i for i in whole.order if i in present]
    order += [i for i in inside.order if i in present and i not in whole.order]

    def joined(before: Mapping[int, str], after: Mapping[int, str]) -> dict[int, str]:
        kept = {i: text for i, text in before.items() if i not in inside.order}
        return {i: text for i, text in {**kept, **after}.items() if i in present}

    hidden = (whole.hidden - set(inside.order)) | inside.hidden
    return Curation(
        labels,
        max(whole.next_id, inside.next_id),
        tuple(order),
        joined(whole.names, inside.names),
        joined(whole.colours, inside.colours),
        joined(whole.notes, inside.notes),
        frozenset(hidden & present),
        whole.stale or not np.array_equal(labels, whole.labels),
    )


def _library(library: Library, rows: np.ndarray) -> Library:
    return replace(
        library,
        sequences=library.sequences[rows],
        predictions=_of(library.predictions, rows),
        backgrounds=_of(library.backgrounds, rows),
        lineage=None,
        trajectory=None,
    )


def _of(values: np.ndarray | None, rows: np.ndarray) -> np.ndarray | None:
    return None if values is None else values[rows]
