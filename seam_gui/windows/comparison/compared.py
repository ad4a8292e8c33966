"""What is compared: sessions, how their clusters correspond, and their shared embedding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seam_core.handwork import as_curated, curation_in
from seam_core.progress import Progress
from seam_core.records import Embedding, Explanation
from seam_core.session import Session
from seam_gui.work.opening import prepared

if TYPE_CHECKING:
    from seam_core.comparison import Correspondence, SharedEmbedding


@dataclass(frozen=True, eq=False)
class Compared:
    """One of the sessions; `folder` is where the engine process finds it.

    labels : cluster id -> what the user called it
    """

    name: str
    session: Session
    folder: Path
    labels: Mapping[int, str] = field(default_factory=dict)

    @property
    def explanation(self) -> Explanation:
        """Its clusters; only sessions that have some are compared."""
        assert self.session.explanation is not None
        return self.session.explanation

    @property
    def cluster_labels(self) -> np.ndarray:
        """(N,) cluster ids of its sequences; what is explained was clustered."""
        assert self.session.clustering is not None
        return self.session.clustering.labels

    def title_of(self, cluster_id: int) -> str:
        """A cluster in words, with its size and median activity."""
        record = self.explanation
        row = record.row_of(cluster_id)
        name = "noise" if cluster_id < 0 else f"cluster {cluster_id}"
        if cluster_id in self.labels:
            name += f" “{self.labels[cluster_id]}”"
        star = " ★" if cluster_id == record.reference_cluster else ""
        median = f"median {record.medians[row]:.3g}"
        return f"{self.name}: {name}{star}   {record.sizes[row]:,} sequences   {median}"


def read(folder: Path, name: str, progress: Progress) -> Compared:
    """A session's folder. Raises `InputError` where it is none, or has no clusters."""
    from seam_core import store
    from seam_core.validate import InputError

    session = prepared(store.load(folder, progress=progress))
    if session.explanation is None or session.maps is None:
        expected = "one with maps and explained clusters"
        raise InputError("session", "one without clusters to compare", expected, str(folder))
    curation = curation_in(session)
    session = as_curated(replace(session, sites=None), curation, progress=progress)
    labels = {} if curation is None else dict(curation.names)
    return Compared(name or session.name or folder.name, session, folder, labels)


def keep(session: Session, folder: Path, progress: Progress) -> Compared:
    """The session of the main window as it is now, written aside for the engine process."""
    from seam_core import store

    store.save(session, folder, progress=progress)
    return read(folder, session.name, progress)


def names_told_apart(compared: list[Compared]) -> list[str]:
    """The sessions' names; those that several bear get their folder's name, else a number."""
    names = [each.name for each in compared]
    apart: list[str] = []
    for each in compared:
        name = each.name
        if names.count(name) > 1:
            name = f"{name} ({each.folder.name})"
        while name in apart:
            name += "′"
        apart.append(name)
    return apart


def correspond(left: Compared, right: Compared) -> Correspondence:
    """Which cluster is which."""
    from seam_core import comparison

    return comparison.correspond(left.session, right.session)


def read_embedding(folder: Path, method: str) -> SharedEmbedding:
    """What the engine process wrote, see `engine_process.embed_together`."""
    from seam_core.comparison import SharedEmbedding

    arrays = {
        name: np.load(folder / f"{name}.npy", allow_pickle=False)
        for name in ("coordinates", "session", "row")
    }
    embedding = Embedding(arrays["coordinates"], method)
    return SharedEmbedding(embedding, arrays["session"], arrays["row"])
