"""The sections on sites: where they are, what they are called, how they interact."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seam_core.exports.sites import site_letters, stability_in_words
from seam_core.figures import motifs
from seam_core.findings import terms_in_words, verdicts_of
from seam_core.report import html
from seam_core.report.contents import Contents, best_matches, present, row_of_pictures
from seam_core.session import Session

_MOST_ROWS = 500
CONFIGURATION_HEADINGS = {
    "sites": "Sites",
    "estimate": "Activity",
    "low": "from",
    "high": "to",
    "n": "Sequences",
    "represented": "Represented",
    "n_clusters": "Clusters",
    "clusters_estimate": "Mean of their medians",
    "assigned_cluster": "Cluster assigned",
    "assigned_median": "Its median",
    "assigned_shows": "Shows it",
    "note": "Note",
}
INTERACTION_HEADINGS = {
    "sites": "Sites",
    "order": "Order",
    "estimate": "Interaction",
    "low": "from",
    "high": "to",
    "p_value": "p",
    "called": "Significant",
    "n": "Fewest sequences",
    "represented": "Represented",
    "authors_estimate": "From one-cluster medians",
    "stability": "Stability",
    "note": "Note",
}
DRIVER_HEADINGS = {
    "site": "Site",
    "position": "Position",
    "reference": "From",
    "letter": "To",
    "verdict": "Verdict",
    "effect": "Effect on activity",
    "low": "from",
    "high": "to",
    "enrichment": "Enrichment (log2)",
    "n": "Sequences",
}
MATCH_HEADINGS = {
    "query": "Site",
    "name": "Motif",
    "target": "Identifier",
    "p_value": "p",
    "e_value": "E",
    "q_value": "q",
    "offset": "Offset",
    "overlap": "Overlap",
    "strand": "Strand",
}


def sites(contents: Contents) -> str:
    """Where the sites are, what they look like, and how they were found."""
    record = contents.session.sites
    if record is None:
        return ""
    parts = []
    if record.sites:
        parts.append(html.table(site_table(contents)))
    naming = contents.naming
    if naming.note:
        parts.append(html.paragraph(naming.note, kind="note"))
    if naming.matches is not None and len(naming.matches):
        parts.append("<h3>Known motifs that the sites resemble</h3>")
        parts.append(
            html.paragraph(
                f"Compared with {naming.source}. q: false-discovery rate over "
                "all comparisons made; above 0.05 a match gives no name."
            )
        )
        aligned = [
            html.picture(
                motifs.motif_alignment(motif, naming.matches, naming.database),
                f"Site {motif.label} and its best matches, aligned.",
            )
            for motif in naming.site_motifs
        ]
        parts += [row_of_pictures(*aligned), html.table(naming.matches, headings=MATCH_HEADINGS)]
    if naming.seqlets is not None and len(naming.seqlets):
        parts.append("<h3>Seqlets</h3>")
        parts.append(
            html.paragraph(
                "Stretches that stand out in the foreground of one cluster (the reference's, or "
                "the most active), and the known motif that each resembles most. Capitals: letters "
                "that the foreground prefers clearly."
            )
        )
        parts.append(html.table(naming.seqlets))
    parts += [
        row_of_pictures(
            contents.draw(
                "site_covariance",
                "How positions gain and lose conservation together over clusters; boxes: sites."
                + outlines(contents.session),
            ),
            contents.draw("configuration_matrix", "How strongly each cluster shows each site."),
        ),
        contents.draw("site_dendrogram", "The tree of positions and its cut."),
    ]
    return "\n".join(parts)


def outlines(session: Session) -> str:
    """How the boxes of the pictures tell what experiments say; "" where there are none."""
    if not verdicts_of(session.experiments):
        return ""
    return " Broken lines: weak by experiment; dotted and grey: not confirmed."


def site_table(contents: Contents) -> pd.DataFrame:
    """One row a site."""
    session = contents.session
    record = session.sites
    assert record is not None
    best = best_matches(contents.naming)
    verdicts = verdicts_of(session.experiments)
    rows = []
    for index, site in enumerate(record.sites):
        row: dict[str, Any] = {
            "Site": site.name,
            "Start": site.start,
            "Stop": site.stop,
            "Positions": len(site.positions),
        }
        if session.library is not None and session.library.reference is not None:
            row["Reference"] = site_letters(session.library, site)
        if site.name in verdicts:
            row["Verdict"] = verdicts[site.name].replace("_", " ")
        if record.stability is not None:
            row["Stability"] = stability_in_words(session, index)
        row["Clusters that show it"] = int(record.active[:, index].sum())
        if contents.session.locus is not None:
            row["Genome"] = str(contents.session.locus.part(site.start, site.stop))
        if contents.naming.matches is not None:
            row["Resembles"] = best.get(site.name, "")
        rows.append(row)
    return pd.DataFrame(rows)


def configurations(contents: Contents) -> str:
    """Activity of every configuration, and the interactions with their intervals."""
    record = contents.session.sites
    if record is None or not record.sites:
        return ""
    parts = [
        contents.draw(
            "configuration_activities",
            "Activity of each configuration of sites with its confidence interval; above: the "
            "sequences that show it; diamonds: the median of the one cluster that the authors' "
            "rule assigns.",
        ),
        row_of_pictures(
            contents.draw(
                "epistasis",
                "Pairwise interactions with confidence intervals; a star: significant after "
                "correction.",
            ),
            contents.draw(
                "interaction_terms",
                "Effects and interactions of all orders with confidence intervals; filled: "
                "significant.",
            ),
        ),
    ]
    for heading, frame, names in (
        ("Configurations", record.configurations, CONFIGURATION_HEADINGS),
        (
            "Effects of mutations at the library's rate",
            terms_in_words(record.epistasis),
            INTERACTION_HEADINGS,
        ),
    ):
        count = "" if len(frame) <= _MOST_ROWS else f" (the first {_MOST_ROWS} of {len(frame):,})"
        shown = html.table(frame.head(_MOST_ROWS), headings=present(names, frame))
        parts.append(f"<details open><summary>{heading}{count}</summary>{shown}</details>")
    return "\n".join(parts)


def drivers(contents: Contents) -> str:
    """What single substitutions do."""
    record = contents.session.sites
    if record is None or record.drivers is None or len(record.drivers) == 0:
        return ""
    strongest = record.drivers.loc[
        record.drivers["effect"].abs().sort_values(ascending=False, kind="stable").index
    ]
    counts = record.drivers["verdict"].value_counts()
    text = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    return "\n".join(
        [
            html.paragraph(f"Substitutions by what they do to a site: {text}."),
            contents.draw(
                "driver_mutations",
                "Effect of each substitution on activity; b breaks a site, s strengthens it, c "
                "creates one.",
            ),
            f"<details><summary>The {min(100, len(strongest))} strongest</summary>"
            f"{html.table(strongest.head(100), headings=present(DRIVER_HEADINGS, strongest))}"
            "</details>",
        ]
    )
