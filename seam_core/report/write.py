"""Writing the report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seam_core import __version__
from seam_core.exports.files import write_text
from seam_core.handwork import as_curated, saved_in
from seam_core.motifs import (
    NAMING_FLANK,
    Motif,
    jaspar,
    jaspar_release,
    match_motifs,
    seqlet_motifs,
    seqlets,
    shown_matches,
    site_motifs,
)
from seam_core.product import TITLE
from seam_core.progress import SILENT, PartOfProgress, Progress
from seam_core.report import html
from seam_core.report.contents import Contents, Naming
from seam_core.report.document import sections
from seam_core.validate import InputError, MissingPackageError

if TYPE_CHECKING:
    import pandas as pd

    from seam_core.records import Explanation
    from seam_core.session import Session


def write_report(
    session: Session,
    out: Path | str,
    *,
    database: Sequence[Motif] | None = None,
    database_name: str = "",
    taxa: Sequence[str] = (),
    progress: Progress = SILENT,
) -> Path:
    """Write a session as one self-contained HTML page: pictures, tables, methods, manifest.

    Sections whose records the session lacks are left out. The file is written whole or not at all.

    Parameters
    ----------
    database : known motifs to compare the sites with; None: JASPAR, where pyjaspar is installed and
        the letters are DNA; an empty list: no comparison
    database_name : what to call a given database
    taxa : of JASPAR; none: all

    Returns
    -------
    The path written.

    Raises
    ------
    InputError
        A path that cannot be written; a session without any record; unknown taxa.
    """
    if session.is_empty:
        raise InputError("session", "an empty session", "a session with a library or maps")
    session = as_curated(session, saved_in(session).curation)
    naming = name_sites(
        session,
        database,
        database_name=database_name,
        taxa=taxa,
        progress=PartOfProgress(progress, 0.0, 0.2, "Motifs"),
    )
    contents = Contents(session, naming)
    parts, links = [], []
    chapters = sections()
    for index, (anchor, heading, make) in enumerate(chapters):
        progress.update(0.2 + 0.8 * index / len(chapters), 1.0, heading)
        body = make(contents)
        if body.strip():
            links.append(f'<a href="#{anchor}">{heading}</a>')
            parts.append(f'<section id="{anchor}"><h2>{heading}</h2>\n{body}\n</section>')
    title = session.name or "SEAM"
    header = f"<h1>{html.escape(title)}</h1>" + html.paragraph(
        f"SEAM report, made by {TITLE} {__version__}.", kind="muted"
    )
    page = html.PAGE.format(
        version=__version__,
        title=html.escape(title),
        style=html.CSS,
        links="".join(links),
        body=header + "\n".join(parts),
    )
    write_text(out, page, what="report")
    progress.update(1.0, 1.0, "Report")
    return Path(out)


def name_sites(
    session: Session,
    database: Sequence[Motif] | None = None,
    *,
    database_name: str = "",
    taxa: Sequence[str] = (),
    top: int = 5,
    progress: Progress = SILENT,
) -> Naming:
    """Compare the session's sites with known motifs; says why where nothing can be compared."""
    record, explanation = session.sites, session.explanation
    if record is None or explanation is None or not record.sites:
        return Naming()
    source = database_name or "the motifs given"
    if database is None:
        if explanation.alphabet != "ACGT":
            return Naming(note="Sites were not compared with JASPAR, which holds DNA motifs only.")
        try:
            database = jaspar(taxa)
        except MissingPackageError as error:
            return Naming(note=f"Sites were not compared with known motifs. {error}")
        source = (
            jaspar_release().replace("JASPAR", "JASPAR ") + f" ({', '.join(taxa) or 'all taxa'})"
        )
    if len(database) == 0:
        return Naming()
    motifs = site_motifs(explanation, record, flank=NAMING_FLANK)
    matches = match_motifs(
        motifs, database, top=top, progress=PartOfProgress(progress, 0.0, 0.5, "Motifs of sites")
    )
    named = _seqlets(explanation, database, PartOfProgress(progress, 0.5, 1.0, "Seqlets"))
    return Naming(tuple(motifs), tuple(database), matches, named, source)


def _seqlets(
    explanation: Explanation, database: Sequence[Motif], progress: Progress
) -> pd.DataFrame:
    """What stands out in the foreground of the reference's cluster, or of the most active one, and
    the best match of each; columns Cluster, Start, Stop, Letters and those of the match."""
    import pandas as pd

    cluster = explanation.reference_cluster
    if cluster is None:
        cluster = int(explanation.ids[explanation.medians.argmax()])
    of_cluster = seqlets(explanation, cluster)
    motifs = seqlet_motifs(explanation, of_cluster)
    nearest = match_motifs(motifs, database, top=1, progress=progress)
    like, best = shown_matches(nearest), nearest.set_index("query")
    rows = []
    for seqlet, motif in zip(of_cluster, motifs, strict=True):
        match = best.loc[motif.name]
        rows.append(
            {
                "Cluster": str(seqlet.cluster),
                "Start": seqlet.start,
                "Stop": seqlet.stop,
                "Letters": motif.consensus,
                "Most like": like[motif.name],
                "Identifier": match["target"],
                "p": match["p_value"],
                "q": match["q_value"],
            }
        )
    return pd.DataFrame(rows)
