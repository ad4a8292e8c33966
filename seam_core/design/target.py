"""What is designed for: a mechanism of a session, and what is asked of its sequences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seam_core.parameters import DesignerParameters
from seam_core.records import Library, Site
from seam_core.session import Session
from seam_core.validate import InputError


@dataclass(frozen=True, eq=False)
class Target:
    """A mechanism.

    mechanism : its id
    rows : (m,) its sequences in the library
    members : (m, L) int8, these
    library : of the session
    sites : those that the mechanism shows
    fixed : (L,) bool, positions that keep the reference's letters, and those that never varied
    kept : names of the sites whose letters stay
    """

    mechanism: int
    rows: np.ndarray
    members: np.ndarray
    library: Library
    sites: tuple[Site, ...]
    fixed: np.ndarray
    kept: tuple[str, ...]


def target_of(session: Session, parameters: DesignerParameters) -> Target:
    """The mechanism that is asked for.

    Raises `InputError`: no clusters; no such mechanism; a site that there is not, or whose letters
    no sequence of the mechanism has.
    """
    library, clustering = session.library, session.clustering
    if library is None or clustering is None:
        lacking = "sequences" if library is None else "clusters"
        raise InputError("session", f"no {lacking}", "a session with maps and clusters")
    mechanism = _mechanism(session, parameters.mechanism)
    (rows,) = np.nonzero(clustering.labels == mechanism)
    members = np.asarray(library.sequences[rows], np.int8)
    fixed = ~(library.sequences != library.sequences[0]).any(axis=0)
    kept = [name.strip() for name in parameters.keep.split(";") if name.strip()]
    for name in kept:
        members, rows = _keeping(session, name, fixed, members, rows, mechanism)
    return Target(mechanism, rows, members, library, _shown(session, mechanism), fixed, tuple(kept))


def _mechanism(session: Session, wanted: int | None) -> int:
    assert session.clustering is not None
    ids = [int(i) for i in session.clustering.ids if i >= 0]
    if wanted is None:
        explanation = session.explanation
        own = None if explanation is None else explanation.reference_cluster
        if own is None:
            raise InputError("mechanism", "nothing", "a cluster: the reference is in none")
        return int(own)
    if wanted not in ids:
        known = ", ".join(map(str, ids[:12])) + (", ..." if len(ids) > 12 else "")
        raise InputError("mechanism", wanted, f"one of the session's {len(ids)}: {known}")
    return wanted


def _keeping(
    session: Session,
    name: str,
    fixed: np.ndarray,
    members: np.ndarray,
    rows: np.ndarray,
    mechanism: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Members with a site's letters as in the reference; its positions are marked as fixed."""
    sites = () if session.sites is None else session.sites.sites
    site = next((site for site in sites if site.name == name), None)
    if site is None:
        known = ", ".join(each.name for each in sites) or "none: the session has no sites"
        raise InputError("keep", repr(name), f"a site of the session: {known}")
    assert session.library is not None
    reference = session.library.reference
    if reference is None:
        raise InputError("keep", repr(name), "a session with a reference, whose letters to keep")
    positions = list(site.positions)
    fixed[positions] = True
    same = (members[:, positions] == reference[positions]).all(axis=1)
    if not same.any():
        raise InputError(
            "keep",
            f"site {name}, whose letters no sequence of mechanism {mechanism} has as the reference",
            "a site that the mechanism shows",
        )
    return members[same], rows[same]


def _shown(session: Session, mechanism: int) -> tuple[Site, ...]:
    sites = session.sites
    if sites is None or not (sites.cluster_ids == mechanism).any():
        return ()
    (active,) = sites.active[sites.cluster_ids == mechanism]
    return tuple(site for site, there in zip(sites.sites, active, strict=True) if there)
