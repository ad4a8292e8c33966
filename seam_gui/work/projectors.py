"""A session opened in the engine to answer for other sequences than its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seam_core.curation import Curation
    from seam_core.progress import Progress
    from seam_core.projection import Projector
    from seam_core.session import Session


def opened(folder: str, progress: Progress) -> tuple[Session, Curation | None, Projector]:
    """The session of a folder with the user's clusters, what the user made, and its projector."""
    from seam_core import store
    from seam_core.handwork import as_curated, saved_in
    from seam_core.projection import Projector, oracle_of

    progress.update(0, 1, "Loading the model")
    session = store.load(Path(folder))
    curation = saved_in(session).curation
    session = as_curated(session, curation)
    progress.update(0.2, 1, "Loading the model")
    oracle = oracle_of(session)
    progress.update(0.7, 1, "Looking at the clusters")
    return session, curation, Projector(session, oracle)
