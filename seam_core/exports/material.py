"""What an export is made from: a session, the user's hand work on it, and the rows meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.colours import cluster_rgb
from seam_core.curation import Curation
from seam_core.handwork import HandWork, as_curated, n_sequences, saved_in
from seam_core.progress import SILENT, Progress
from seam_core.selection import Selection
from seam_core.session import Session
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd

SELECTED, ALL = "selection", "all"


@dataclass(frozen=True, eq=False)
class Material:
    """One session as its user has it.

    session : with the clusters as curated, and the explanation and sites of these
    rows : (n,) int64, the sequences meant, ascending
    curation : labels, colours, order and notes of the clusters; None where nobody touched them
    kept : selections kept, by name
    matches : what a motif database says of the sites (`seam_core.motifs.match_motifs`), or None
    """

    session: Session
    rows: np.ndarray
    curation: Curation | None = None
    kept: Mapping[str, np.ndarray] = field(default_factory=dict)
    matches: pd.DataFrame | None = None

    def need(self, slot: str) -> Any:
        """A record of the session; `InputError` where there is none."""
        record = getattr(self.session, slot)
        if record is None:
            raise InputError("session", f"no {slot}", f"a session with {slot}")
        return record

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Ids of the clusters from top to bottom, as the user arranged them."""
        if self.curation is not None:
            return self.curation.order
        if self.session.explanation is not None:
            return tuple(int(i) for i in self.session.explanation.ids)
        clustering = self.session.clustering
        return () if clustering is None else tuple(int(i) for i in clustering.ids)

    @property
    def names(self) -> Mapping[int, str]:
        """Cluster id -> the label that the user gave."""
        return {} if self.curation is None else self.curation.names

    def colour_of(self, ids: np.ndarray) -> list[str]:
        """Colour of each cluster, "#rrggbb": the user's, else its own."""
        given = None if self.curation is None else self.curation.colours
        return [f"#{bytes(colour).hex()}" for colour in cluster_rgb(ids, given)]


def material_of(
    session: Session,
    work: HandWork | None = None,
    *,
    rows: str = SELECTED,
    matches: pd.DataFrame | None = None,
    progress: Progress = SILENT,
) -> Material:
    """What is exported of a session.

    Raises `InputError` for another name, or a saved state that cannot be read.

    Parameters
    ----------
    work : what the user did; None: as saved with the session
    rows : "selection" (all sequences where nothing is selected), "all", or the name of a kept
        selection
    """
    work = saved_in(session) if work is None else work
    kept = {_name(one, at): one.indices for at, one in enumerate(work.kept)}
    return Material(
        as_curated(session, work.curation, progress=progress),
        _rows(n_sequences(session), work.selection, kept, rows),
        work.curation,
        kept,
        matches,
    )


def _name(kept: Selection, at: int) -> str:
    return kept.name or chr(ord("A") + at % 26)


def _rows(
    n: int, selection: Selection | None, kept: Mapping[str, np.ndarray], rows: str
) -> np.ndarray:
    if rows == SELECTED:
        some = selection is not None and selection.count > 0
        return selection.indices if some and selection is not None else np.arange(n)
    if rows == ALL:
        return np.arange(n)
    if rows not in kept:
        known = ", ".join((SELECTED, ALL, *kept))
        raise InputError("rows", repr(rows), f"one of {known}")
    return kept[rows]
