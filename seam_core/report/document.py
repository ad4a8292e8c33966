"""The sections of a report, in the order of the analysis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seam_core.figures import logos, motifs, msm, overview
from seam_core.parameters import describe
from seam_core.report import html
from seam_core.report.methods import describe_methods
from seam_core.sequences import indices_to_strings

if TYPE_CHECKING:
    from seam_core.motifs import Locus, Motif
    from seam_core.session import Session

_MOST_ROWS = 500
_LONGEST_MSM = 400

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


@dataclass(frozen=True)
class Naming:
    """What is known of the sites' names.

    matches : from `seam_core.motifs.match_motifs`, None where nothing was compared
    source : what they were compared with
    note : why nothing was compared, in words
    """

    site_motifs: tuple[Motif, ...] = ()
    database: tuple[Motif, ...] = ()
    matches: pd.DataFrame | None = None
    source: str = ""
    note: str = ""


@dataclass(frozen=True)
class Material:
    """What the sections are made of."""

    session: Session
    naming: Naming
    locus: Locus | None

    @property
    def labels(self) -> dict[int, str]:
        """Cluster id -> the name that the user gave it."""
        names = self.session.state.get("curation", {}).get("names", {})
        return {int(cluster): f"{cluster} {name}" for cluster, name in names.items() if name}

    def draw(self, name: str, caption: str = "") -> str:
        """A picture of the overview; "" where the session does not allow it."""
        if name not in overview.available(self.session):
            return ""
        text = caption or overview.PICTURES[name].title
        return html.picture(overview.draw(self.session, name), text)


def sections() -> list[tuple[str, str, Callable[[Material], str]]]:
    """Anchor, heading and maker of each section."""
    return [
        ("summary", "Summary", summary),
        ("space", "Mechanism space", mechanism_space),
        ("clusters", "Clusters", clusters),
        ("msm", "Mechanism Summary Matrix", matrix),
        ("logos", "Attribution", attribution),
        ("sites", "Binding sites", sites),
        ("configurations", "Configurations and interactions", configurations),
        ("drivers", "Driver mutations", drivers),
        ("methods", "Methods", methods),
        ("run", "How this was run", run),
    ]


def summary(material: Material) -> str:
    """The numbers and the findings in sentences."""
    session = material.session
    values: list[tuple[str, str]] = []
    if session.library is not None:
        values += [
            ("sequences", html.shown(len(session.library))),
            ("letters each", html.shown(session.library.length)),
        ]
    if session.explanation is not None:
        values.append(("clusters", html.shown(int((session.explanation.ids >= 0).sum()))))
    if session.sites is not None:
        values.append(("sites", html.shown(len(session.sites.sites))))
    row = overview.reference_row(session)
    if row is not None and session.table is not None:
        values.append(("reference activity", f"{session.table.activity[row]:.3g}"))
    parts = [html.facts(values)]
    if material.locus is not None:
        parts.append(html.paragraph(f"Locus: {material.locus}."))
    parts += [html.paragraph(sentence) for sentence in findings(material)]
    parts.append(_row(material.draw("mutations"), material.draw("activities")))
    return "\n".join(parts)


def findings(material: Material) -> list[str]:
    """What the analysis found, a sentence each."""
    record = material.session.sites
    if record is None:
        return ["No sites were looked for."]
    if not record.sites:
        return ["No binding site was found: no group of positions stands out over the clusters."]
    best = _best_matches(material.naming)
    named = []
    for site in record.sites:
        like = f", like {best[site.name]}" if site.name in best else ""
        named.append(f"{site.name} ({site.start}-{site.stop}{like})")
    noun = "site was" if len(named) == 1 else "sites were"
    found = [f"{len(named)} binding {noun} found: {', '.join(named)}. Positions are 0-based, the "
             "end exclusive."]  # fmt: skip
    if "called" in record.epistasis:
        pairs = record.epistasis[(record.epistasis["order"] > 1) & record.epistasis["called"]]
        if len(pairs) == 0:
            found.append("No interaction between sites is significant.")
        else:
            strongest = pairs.loc[pairs["estimate"].abs().sort_values(ascending=False).index]
            terms = [
                f"{row.sites.replace('+', ' x ')} {row.estimate:+.2f} ({row.low:.2f} to "
                f"{row.high:.2f})"
                for row in strongest.head(5).itertuples()
            ]
            count = f"{len(pairs)} interaction{'s are' if len(pairs) > 1 else ' is'} significant"
            found.append(f"{count}, in units of activity: {'; '.join(terms)}.")
    return found


def mechanism_space(material: Material) -> str:
    """The embedding, by cluster and by activity, and the tree."""
    parts = [
        _row(
            material.draw("embedding_clusters", "Every point a sequence, coloured by cluster."),
            material.draw("embedding_activity", "Every point a sequence, coloured by activity."),
        ),
        material.draw("dendrogram", "The top of the tree of maps; the dashed line is the cut."),
        material.draw(
            "pca_spectrum", "Variance by principal component, and how many make 80 and 90 % of it."
        ),
    ]
    return "\n".join(parts)


def clusters(material: Material) -> str:
    """Statistics of clusters, and the table of them."""
    record = material.session.explanation
    if record is None:
        return ""
    parts = [
        _row(
            material.draw(
                "cluster_activity",
                "Activity by cluster: quartiles, whiskers to the extremes; red: the reference's.",
            ),
            material.draw("cluster_occupancy", "Sequences in each cluster."),
        ),
        html.table(cluster_table(material)),
    ]
    return "\n".join(parts)


def cluster_table(material: Material) -> pd.DataFrame:
    """One row a cluster: size, activity, the sites it shows, the user's name and note."""
    record, found = material.session.explanation, material.session.sites
    assert record is not None
    quartiles = record.activity_quartiles
    frame = pd.DataFrame(
        {
            "Cluster": [str(i) if i >= 0 else "noise" for i in record.ids],
            "Sequences": record.sizes,
            "Median activity": quartiles[:, 2],
            "IQR": quartiles[:, 3] - quartiles[:, 1],
            "Reference": np.where(record.ids == record.reference_cluster, "★", ""),
        }
    )
    if found is not None and np.array_equal(found.cluster_ids, record.ids):
        names = np.array([site.name for site in found.sites], dtype=object)
        frame["Sites shown"] = [" ".join(names[row]) for row in found.active]
    state = material.session.state.get("curation", {})
    for heading, key in (("Name", "names"), ("Note", "notes")):
        texts = state.get(key, {})
        if texts:
            frame[heading] = [str(texts.get(str(i), "")) for i in record.ids]
    return frame


def matrix(material: Material) -> str:
    """The MSM in entropy and in change from the background."""
    record = material.session.explanation
    if record is None:
        return ""
    window = None
    if record.entropy.shape[1] > _LONGEST_MSM and material.session.sites is not None:
        window = _around_sites(material)
    parts = []
    for quantity, caption in (
        (
            "entropy",
            "Entropy of the letters of each cluster at each position; boxes: the sites, in the "
            "clusters that show them. Dark: conserved.",
        ),
        (
            "entropy_change",
            "The same less what the mutation rate alone gives. Blue: conserved; red: more mutated "
            "than by chance, because the cluster lost a site there.",
        ),
    ):
        figure = msm.msm_heatmap(
            record,
            quantity=quantity,
            sites=material.session.sites,
            window=window,
            labels=material.labels,
        )
        parts.append(html.picture(figure, caption))
    return "\n".join(parts)


def attribution(material: Material) -> str:
    """Logos: the reference's comparison, clusters, variability, background."""
    record = material.session.explanation
    if record is None:
        return ""
    found = () if material.session.sites is None else material.session.sites.sites
    parts = [
        material.draw(
            "reference_comparison",
            "The reference's own attribution map, the mean of its cluster, and that mean taken "
            "apart into foreground and background; one y-axis.",
        ),
        material.draw("cluster_logos", "Mean attribution maps of clusters, most active first."),
        html.picture(
            logos.variability_logo(record, sites=found),
            "All clusters' mean maps over one another: where letters blur, mechanisms differ.",
        ),
        material.draw("background", "The background that all clusters share."),
        material.draw(
            "sequence_logo", "Letters of the sequences in the reference's cluster, in bits."
        ),
    ]
    return "\n".join(part for part in parts if part)


def sites(material: Material) -> str:
    """Where the sites are, what they look like, and how they were found."""
    record = material.session.sites
    if record is None:
        return ""
    parts = []
    if record.sites:
        parts.append(html.table(site_table(material)))
    naming = material.naming
    if naming.note:
        parts.append(html.paragraph(naming.note, kind="note"))
    if naming.matches is not None and len(naming.matches):
        parts.append("<h3>Known motifs that the sites resemble</h3>")
        parts.append(
            html.paragraph(
                f"Compared with {naming.source}. q: false-discovery rate over all of it."
            )
        )
        aligned = [
            html.picture(
                motifs.motif_alignment(motif, naming.matches, naming.database),
                f"Site {motif.label} and its best matches, aligned.",
            )
            for motif in naming.site_motifs
        ]
        parts += [_row(*aligned), html.table(naming.matches, headings=MATCH_HEADINGS)]
    parts += [
        _row(
            material.draw(
                "site_covariance",
                "How positions gain and lose conservation together over clusters; boxes: sites.",
            ),
            material.draw("configuration_matrix", "How strongly each cluster shows each site."),
        ),
        material.draw("site_dendrogram", "The tree of positions and its cut."),
    ]
    return "\n".join(parts)


def site_table(material: Material) -> pd.DataFrame:
    """One row a site."""
    session = material.session
    record = session.sites
    assert record is not None
    best = _best_matches(material.naming)
    rows = []
    for index, site in enumerate(record.sites):
        row: dict[str, Any] = {
            "Site": site.name,
            "Start": site.start,
            "Stop": site.stop,
            "Positions": len(site.positions),
        }
        if session.library is not None and session.library.reference is not None:
            letters = session.library.reference[site.start : site.stop]
            row["Reference"] = indices_to_strings(letters[None], session.library.alphabet)[0]
        row["Clusters that show it"] = int(record.active[:, index].sum())
        if material.locus is not None:
            row["Genome"] = genome_span(material.locus, site.start, site.stop)
        if material.naming.matches is not None:
            row["Resembles (q ≤ 0.05)"] = best.get(site.name, "")
        rows.append(row)
    return pd.DataFrame(rows)


def genome_span(locus: Locus, start: int, stop: int) -> str:
    """Positions start..stop of the sequence as a genome browser writes them."""
    first, last = locus.start + start, locus.start + stop
    if locus.strand == "-":
        first, last = locus.stop - stop, locus.stop - start
    return f"{locus.chromosome}:{first + 1}-{last}"


def configurations(material: Material) -> str:
    """Activity of every configuration, and the interactions with their intervals."""
    record = material.session.sites
    if record is None or not record.sites:
        return ""
    parts = [
        material.draw(
            "configuration_activities",
            "Activity of each configuration of sites with its confidence interval; above: the "
            "sequences that show it; diamonds: the median of the one cluster that the authors' "
            "rule assigns.",
        ),
        _row(
            material.draw(
                "epistasis",
                "Pairwise interactions with confidence intervals; a star: significant after "
                "correction.",
            ),
            material.draw(
                "interaction_terms",
                "Effects and interactions of all orders with confidence intervals; filled: "
                "significant.",
            ),
        ),
    ]
    for heading, frame, names in (
        ("Configurations", record.configurations, CONFIGURATION_HEADINGS),
        ("Interactions", record.epistasis, INTERACTION_HEADINGS),
    ):
        count = "" if len(frame) <= _MOST_ROWS else f" (the first {_MOST_ROWS} of {len(frame):,})"
        shown = html.table(frame.head(_MOST_ROWS), headings=_present(names, frame))
        parts.append(f"<details open><summary>{heading}{count}</summary>{shown}</details>")
    return "\n".join(parts)


def drivers(material: Material) -> str:
    """What single substitutions do."""
    record = material.session.sites
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
            material.draw(
                "driver_mutations",
                "Effect of each substitution on activity; b breaks a site, s strengthens it, c "
                "creates one.",
            ),
            f"<details><summary>The {min(100, len(strongest))} strongest</summary>"
            f"{html.table(strongest.head(100), headings=_present(DRIVER_HEADINGS, strongest))}"
            "</details>",
        ]
    )


def methods(material: Material) -> str:
    """The paragraph to put in a paper, and what it cites."""
    described = describe_methods(material.session, motif_source=material.naming.source)
    cited = "".join(f"<li>{html.escape(text)}</li>" for text in described.references)
    return html.paragraph(" ".join(described.sentences)) + (f'<ol class="references">{cited}</ol>')


def run(material: Material) -> str:
    """Parameters, versions, files and times."""
    session = material.session
    rows = []
    records = {
        "Oracle": session.oracle,
        "Mutagenizer": getattr(session.library, "parameters", None),
        "Attributer": getattr(session.maps, "parameters", None),
        "Embedding": getattr(session.embedding, "parameters", None),
        "Clusterer": getattr(session.clustering, "parameters", None),
        "MetaExplainer": getattr(session.explanation, "parameters", None),
        "Identifier": getattr(session.sites, "parameters", None),
    }
    for stage, parameters in records.items():
        if parameters is None:
            continue
        values = parameters.to_dict()
        for declared in describe(type(parameters)):
            if declared.when is not None and values[declared.when[0]] not in declared.when[1]:
                continue
            value = values[declared.name]
            rows.append(
                {
                    "Stage": stage,
                    "Parameter": declared.name,
                    "Value": html.shown(value) if value is not None else "not set",
                    "Meaning": declared.help,
                }
            )
    parts = ["<h3>Parameters</h3>"]
    parts.append(
        html.table(pd.DataFrame(rows))
        if rows
        else html.paragraph("The records were imported; no parameters are known.", kind="muted")
    )
    made = session.provenance
    for heading, pairs in (
        ("Versions", made.versions),
        ("Seconds", {stage: f"{seconds:.1f}" for stage, seconds in made.timings_s.items()}),
    ):
        if pairs:
            frame = pd.DataFrame({"": list(pairs), heading: list(pairs.values())})
            parts.append(f"<h3>{heading}</h3>" + html.table(frame))
    if made.inputs:
        files = pd.DataFrame(
            [
                {"File": role, "Path": file.get("path", ""), "SHA-256": file.get("sha256", "")}
                for role, file in made.inputs.items()
            ]
        )
        parts.append("<h3>Files read</h3>" + html.table(files))
    if made.peak_mb:
        parts.append(html.paragraph(f"Largest memory in use: {made.peak_mb:,.0f} MB."))
    return "\n".join(parts)


def _row(*pictures: str) -> str:
    """Pictures side by side; nothing where there are none."""
    inside = "".join(pictures)
    return f'<div class="row">{inside}</div>' if inside else ""


def _present(headings: dict[str, str], frame: pd.DataFrame) -> dict[str, str]:
    return {name: text for name, text in headings.items() if name in frame}


def _best_matches(naming: Naming) -> dict[str, str]:
    if naming.matches is None or len(naming.matches) == 0:
        return {}
    good = naming.matches[naming.matches["q_value"] <= 0.05]
    best = good.drop_duplicates("query")
    return dict(zip(best["query"], best["name"], strict=True))


def _around_sites(material: Material) -> tuple[int, int] | None:
    """The stretch of a long sequence that the sites take up, with a margin."""
    record, explanation = material.session.sites, material.session.explanation
    assert record is not None
    assert explanation is not None
    if not record.sites:
        return None
    first, stop = explanation.start, explanation.start + explanation.entropy.shape[1]
    low = min(site.start for site in record.sites) - 20
    high = max(site.stop for site in record.sites) + 20
    return max(first, low), min(stop, high)
