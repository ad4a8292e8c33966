"""The section on annotations: tracks that the user added, and the sites that lie on them."""

from __future__ import annotations

from seam_core.figures.tracks import annotation_tracks
from seam_core.readers.tracks import sites_on_tracks, tracks_in
from seam_core.report import html
from seam_core.report.contents import Contents

_HEADINGS = {
    "site": "Site",
    "track": "Track",
    "feature": "Feature",
    "start": "from",
    "stop": "to",
    "shared": "Positions shared",
    "score": "Score or mean",
}


def annotation_section(contents: Contents) -> str:
    """The tracks drawn, and which site lies on what; nothing without tracks."""
    session = contents.session
    if session.library is None:
        return ""
    tracks = tracks_in(session.state, session.library.length)
    if not tracks:
        return ""
    sites = () if session.sites is None else session.sites.sites
    figure = annotation_tracks(tracks, 0, session.library.length, sites=sites)
    names = ", ".join(track.source or track.name for track in tracks)
    parts = [html.paragraph(f"Files: {names}."), html.picture(figure, "Annotation tracks")]
    table = sites_on_tracks(sites, tracks)
    if len(table):
        parts.append(html.table(table, headings=_HEADINGS))
    return "\n".join(parts)
