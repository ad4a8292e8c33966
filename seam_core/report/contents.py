"""What the sections of a report are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from seam_core.figures import overview
from seam_core.motifs.names import shown_matches
from seam_core.report import html

if TYPE_CHECKING:
    from seam_core.motifs import Motif
    from seam_core.session import Session


@dataclass(frozen=True)
class Naming:
    """What is known of the sites' names.

    matches : from `seam_core.motifs.match_motifs`, None where nothing was compared
    seqlets : matches of what stands out in one cluster's foreground, in positions
    source : what they were compared with
    note : why nothing was compared, in words
    """

    site_motifs: tuple[Motif, ...] = ()
    database: tuple[Motif, ...] = ()
    matches: pd.DataFrame | None = None
    seqlets: pd.DataFrame | None = None
    source: str = ""
    note: str = ""


@dataclass(frozen=True)
class Contents:
    """What the sections are made of."""

    session: Session
    naming: Naming

    def draw(self, name: str, caption: str = "") -> str:
        """A picture of the overview; "" where the session does not allow it."""
        if name not in overview.available(self.session):
            return ""
        text = caption or overview.pictures()[name].title
        return html.picture(overview.draw(self.session, name), text)


def best_matches(naming: Naming) -> dict[str, str]:
    """Query -> its best match, or that there is no confident one."""
    if naming.matches is None or len(naming.matches) == 0:
        return {}
    return shown_matches(naming.matches)


def row_of_pictures(*pictures: str) -> str:
    """Pictures side by side; nothing where there are none."""
    inside = "".join(pictures)
    return f'<div class="row">{inside}</div>' if inside else ""


def present(headings: dict[str, str], frame: pd.DataFrame) -> dict[str, str]:
    return {name: text for name, text in headings.items() if name in frame}
