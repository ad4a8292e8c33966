"""What a run found, in a line."""

from __future__ import annotations

from collections.abc import Collection

from seam_core.session import Session
from seam_core.stages import SLOTS
from seam_gui.look.text import counted

_NAMED = 8  # sites


def found_in(title: str, session: Session, written: Collection[str] = SLOTS) -> str:
    """ "Analysis: 10,000 sequences, 30 clusters, 3 sites (A, B, C)" of the records `written`."""
    parts = []
    if "library" in written and session.library is not None:
        parts.append(counted(len(session.library), "sequence"))
    if "maps" in written and session.maps is not None:
        parts.append(counted(len(session.maps.maps), "attribution map"))
    if "clustering" in written and session.clustering is not None:
        parts.append(counted(int((session.clustering.ids >= 0).sum()), "cluster"))
    if "sites" in written and session.sites is not None:
        parts.append(_sites([site.name for site in session.sites.sites]))
    return f"{title}: {', '.join(parts)}" if parts else f"{title}: done"


def _sites(names: list[str]) -> str:
    if not names:
        return "no sites found"
    more = ", …" if len(names) > _NAMED else ""
    return f"{counted(len(names), 'site')} ({', '.join(names[:_NAMED])}{more})"
