"""What the user did with a session, read from where it is saved with it, and put into effect."""

from __future__ import annotations

from dataclasses import dataclass, replace

from seam_core import curation as curating
from seam_core import selection as selecting
from seam_core.curation import Curation
from seam_core.progress import SILENT, Progress
from seam_core.selection import Selection
from seam_core.session import Session
from seam_core.tree_drawing import cut_of
from seam_core.validate import InputError


@dataclass(frozen=True, eq=False)
class HandWork:
    """The selection, those kept beside it, and what became of the clusters; None: nothing."""

    selection: Selection | None = None
    kept: tuple[Selection, ...] = ()
    curation: Curation | None = None


def saved_in(session: Session) -> HandWork:
    """What is saved with a session.

    Raises `InputError` where it cannot be read, or is about another number of sequences.
    """
    return HandWork(selection_in(session), kept_in(session), curation_in(session))


def selection_in(session: Session) -> Selection | None:
    """The selection saved with a session; raises as `saved_in`."""
    saved = session.state.get("selection")
    return None if saved is None else selecting.from_dict(saved, n_sequences(session), "state")


def kept_in(session: Session) -> tuple[Selection, ...]:
    """The selections kept beside it; raises as `saved_in`."""
    listed = session.state.get("kept", ())
    if not isinstance(listed, list | tuple):
        raise InputError("kept", repr(listed)[:60], "a list of selections", "state")
    n = n_sequences(session)
    return tuple(selecting.from_dict(one, n, "state") for one in listed)


def curation_in(session: Session) -> Curation | None:
    """What became of the clusters; raises as `saved_in`."""
    saved = session.state.get("curation")
    if saved is None or session.clustering is None:
        return None
    return curating.from_dict(saved, n_sequences(session), "state")


def n_sequences(session: Session) -> int:
    """N, of whichever record there is; 0 without any."""
    names = ("library", "table", "maps", "embedding", "clustering")
    records = (getattr(session, name) for name in names)
    return next((len(record) for record in records if record is not None), 0)


def as_curated(
    session: Session, curation: Curation | None, *, progress: Progress = SILENT
) -> Session:
    """The session with the clusters as the user has them, and what follows from these.

    After a merge or a split the explanation is brought up to date from the sums of the clusters
    before, and the sites, which stay where they are, are described anew. What cannot be made again
    (an explanation without maps) is left out, lest it be taken for that of the new clusters.
    """
    if curation is None or not curation.stale or session.clustering is None:
        return session
    from seam_core.identifier import Identifier
    from seam_core.meta_explainer import MetaExplainer

    cut = None if session.linkage is None else cut_of(session.linkage, session.clustering)
    clustering = replace(curation.as_clustering(), cut_height=cut)
    explanation = sites = None
    old, library, table, maps = session.explanation, session.library, session.table, session.maps
    if old is not None and library is not None and table is not None and maps is not None:
        explanation = MetaExplainer(old.parameters).update(
            old, session.clustering, library, table, maps, clustering, progress=progress
        )
    if explanation is not None and session.sites is not None:
        sites = Identifier(session.sites.parameters).describe(
            explanation,
            session.sites.sites,
            library=library,
            table=table,
            cut_height=session.sites.cut_height,
            maps=maps,
            progress=progress,
        )
    return replace(session, clustering=clustering, explanation=explanation, sites=sites)
