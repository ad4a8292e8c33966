"""The sections of a report, in the order of the analysis."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from seam_core.curation import CURATED
from seam_core.figures import analysis, logos, overview
from seam_core.findings import Experiments, verdicts_of
from seam_core.handwork import curation_in
from seam_core.motifs.names import NO_MATCH
from seam_core.parameters import describe, in_use
from seam_core.records import Sites
from seam_core.registry import FIGURES
from seam_core.report import html
from seam_core.report.contents import Contents, best_matches, row_of_pictures
from seam_core.report.experiment_sections import experiments, trust
from seam_core.report.methods import describe_methods
from seam_core.report.site_sections import configurations, drivers, outlines, sites
from seam_core.report.track_section import annotation_section
from seam_core.report.variant_section import panel, variants

_LONGEST_MSM = 400
_LONGEST_LOGO = 130


def sections() -> list[tuple[str, str, Callable[[Contents], str]]]:
    """Anchor, heading and maker of each section."""
    return [
        ("summary", "Summary", summary),
        ("trust", "Trust", trust),
        ("space", "Mechanism space", mechanism_space),
        ("clusters", "Clusters", clusters),
        ("msm", "Mechanism Summary Matrix", matrix),
        ("logos", "Attribution", attribution),
        ("sites", "Binding sites", sites),
        ("annotations", "Annotation", annotation_section),
        ("experiments", "Tested on the model", experiments),
        ("variants", "Variants", variants),
        ("designs", "Designed sequences", panel),
        ("configurations", "Configurations and interactions", configurations),
        ("drivers", "Driver mutations", drivers),
        ("others", "Other pictures", others),
        ("methods", "Methods", methods),
        ("run", "How this was run", run),
    ]


def others(contents: Contents) -> str:
    """Pictures that other packages declare (entry points `seam.figures`)."""
    return "\n".join(contents.draw(name) for name in FIGURES.names())


def summary(contents: Contents) -> str:
    """The numbers and the findings in sentences."""
    session = contents.session
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
    row = analysis.reference_row(session)
    if row is not None and session.table is not None:
        values.append(("reference activity", f"{session.table.activity[row]:.3g}"))
    parts = [html.facts(values)]
    if contents.session.locus is not None:
        parts.append(html.paragraph(f"Locus: {contents.session.locus}."))
    parts += [html.paragraph(sentence) for sentence in findings(contents)]
    parts.append(row_of_pictures(contents.draw("mutations"), contents.draw("activities")))
    return "\n".join(parts)


def findings(contents: Contents) -> list[str]:
    """What the analysis found, a sentence each."""
    record = contents.session.sites
    if record is None:
        return ["No sites were looked for."]
    if not record.sites:
        return ["No binding site was found: no group of positions stands out over the clusters."]
    best = best_matches(contents.naming)
    judged = contents.session.experiments
    verdicts = verdicts_of(contents.session.experiments)
    named = []
    for site in record.sites:
        like = best.get(site.name, "")
        like = like and f", {'' if like.startswith(NO_MATCH) else 'like '}{like}"
        verdict = verdicts.get(site.name, "").replace("_", " ")
        verdict = verdict and f", {verdict}"
        named.append(f"{site.name} ({site.start}-{site.stop}{like}{verdict})")
    noun = "site was" if len(named) == 1 else "sites were"
    sentences = [
        f"{len(named)} binding {noun} found: {', '.join(named)}. Positions are 0-based, the end "
        "exclusive."
    ]
    if judged is not None and judged.asked:
        return [*sentences, *_by_experiment(judged), *_warned(contents)]
    return [*sentences, *_in_library(record), *_warned(contents)]


def _warned(contents: Contents) -> list[str]:
    record = contents.session.trust
    return [] if record is None else list(record.warnings)


def _by_experiment(judged: Experiments) -> list[str]:
    """Interactions that the model gave, and those that its scale makes."""
    terms = judged.interactions
    called = terms[(terms["order"] > 1) & terms["called"]]
    if len(called) == 0:
        return ["No interaction between confirmed sites is significant by experiment."]
    strongest = called.loc[called["estimate"].abs().sort_values(ascending=False).index]
    said = [
        f"{row.sites.replace('+', ' x ')} {row.estimate:+.3g} (se {row.se:.2g}"
        + (", explained by saturation)" if row.saturation else ")")
        for row in strongest.head(5).itertuples()
    ]
    count = "1 interaction is" if len(called) == 1 else f"{len(called)} interactions are"
    return [
        f"{count} significant by experiment, in units of activity on the model's own scale: "
        f"{'; '.join(said)}."
    ]


def _none_called(record: Sites) -> str:
    terms = record.epistasis[record.epistasis["order"] > 1]
    if len(terms) and not terms["low"].notna().any():
        return "Whether interactions between sites are significant was not asked (no bootstrap)."
    return "No interaction between sites is significant."


def _in_library(record: Sites) -> list[str]:
    """Interactions between mutations at the library's rate."""
    if "called" not in record.epistasis:
        return []
    pairs = record.epistasis[(record.epistasis["order"] > 1) & record.epistasis["called"]]
    if len(pairs) == 0:
        return [_none_called(record)]
    strongest = pairs.loc[pairs["estimate"].abs().sort_values(ascending=False).index]
    terms = [
        f"{row.sites.replace('+', ' x ')} {row.estimate:+.2f} ({row.low:.2f} to {row.high:.2f})"
        for row in strongest.head(5).itertuples()
    ]
    count = f"{len(pairs)} interaction{'s are' if len(pairs) > 1 else ' is'} significant"
    return [f"{count}, in units of activity: {'; '.join(terms)}."]


def mechanism_space(contents: Contents) -> str:
    """The embedding, by cluster and by activity, and the tree."""
    parts = [
        row_of_pictures(
            contents.draw("embedding_clusters", "Every point a sequence, coloured by cluster."),
            contents.draw("embedding_activity", "Every point a sequence, coloured by activity."),
        ),
        _as_shown(contents),
        contents.draw("dendrogram", "The top of the tree of maps; the dashed line is the cut."),
        contents.draw(
            "pca_spectrum", "Variance by principal component, and how many make 80 and 90 % of it."
        ),
    ]
    return "\n".join(parts)


def _as_shown(contents: Contents) -> str:
    """Coloured as the user had it, where that is another picture than those above."""
    by = analysis.manner(contents.session).colour_by
    selected = analysis.selected(contents.session) is not None
    if by in ("cluster", "Activity") and not selected:
        return ""
    pale = " Pale: what is not selected." if selected else ""
    return contents.draw("embedding_shown", f"Every point a sequence, coloured by {by}.{pale}")


def clusters(contents: Contents) -> str:
    """Statistics of clusters, and the table of them."""
    record = contents.session.explanation
    if record is None:
        return ""
    parts = [
        row_of_pictures(
            contents.draw(
                "cluster_activity",
                "Activity by cluster: quartiles, whiskers to the extremes; red: the reference's.",
            ),
            contents.draw("cluster_occupancy", "Sequences in each cluster."),
        ),
        by_hand(contents),
        html.table(cluster_table(contents)),
    ]
    return "\n".join(parts)


def by_hand(contents: Contents) -> str:
    """What the user made of the clusters."""
    session = contents.session
    saved = session.state.get("curation", {})
    said = []
    if session.clustering is not None and session.clustering.method == CURATED:
        said.append(
            "clusters merged, split or drawn (what follows is of the clusters as edited; a new one "
            "has a new number)"
        )
    for key, word in (("names", "label"), ("notes", "note"), ("colours", "colour")):
        number = sum(bool(text) for text in saved.get(key, {}).values())
        if number:
            said.append(f"{number:,} {word}{'s' * (number > 1)}")
    hidden = ", ".join(str(cluster) for cluster in saved.get("hidden", ()))
    if hidden:
        said.append(f"not drawn: {hidden}")
    return html.paragraph(f"By hand: {'; '.join(said)}.", kind="note") if said else ""


def cluster_table(contents: Contents) -> pd.DataFrame:
    """One row a cluster: size, activity, the sites it shows, the user's name and note."""
    record, sites = contents.session.explanation, contents.session.sites
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
    if sites is not None and np.array_equal(sites.cluster_ids, record.ids):
        names = np.array([site.name for site in sites.sites], dtype=object)
        frame["Sites shown"] = [" ".join(names[row]) for row in sites.active]
    work = curation_in(contents.session)
    for heading, texts in () if work is None else (("Name", work.names), ("Note", work.notes)):
        if texts:
            frame[heading] = [texts.get(int(i), "") for i in record.ids]
    return frame


def matrix(contents: Contents) -> str:
    """The MSM in entropy and in change from the background."""
    record = contents.session.explanation
    if record is None or not analysis.clusters_beside(contents.session):
        return ""
    window = None
    if record.entropy.shape[1] > _LONGEST_MSM and contents.session.sites is not None:
        window = around_sites(contents)
    parts = []
    for quantity, caption in (
        (
            "entropy",
            "Entropy of the letters of each cluster at each position; boxes: the sites, in the "
            "clusters that show them. Dark: conserved." + outlines(contents.session),
        ),
        (
            "entropy_change",
            "The same less what the mutation rate alone gives. Blue: conserved; red: more mutated "
            "than by chance, because the cluster lost a site there.",
        ),
    ):
        parts.append(html.picture(analysis.matrix(contents.session, quantity, window), caption))
    return "\n".join(parts)


def attribution(contents: Contents) -> str:
    """Logos: the reference's comparison, clusters, variability, background."""
    session = contents.session
    record = session.explanation
    if record is None:
        return ""
    sites = () if session.sites is None else session.sites.sites
    window = around_sites(contents) if record.entropy.shape[1] > _LONGEST_LOGO else None
    where = "" if window is None else f" Positions {window[0]} to {window[1]}, around the sites."
    parts = []
    if "reference_comparison" in overview.available(session):
        parts.append(
            html.picture(
                analysis.reference_comparison(session, window),
                "The reference's own attribution map, the mean of its cluster, and that mean taken "
                "apart into foreground and background; one y-axis." + where,
            )
        )
    if analysis.clusters_beside(session):
        figure = analysis.cluster_logos(session, window)
        caption = "Mean attribution maps of clusters, in their order."
        parts.append(html.picture(figure, caption + where))
    parts += [
        html.picture(
            logos.variability_logo(
                record,
                sites=sites,
                verdicts=verdicts_of(session.experiments),
                colour_blind=analysis.manner(session).colour_blind,
            ),
            "All clusters' mean maps over one another: where letters blur, mechanisms differ.",
        ),
        contents.draw("background", "The background that all clusters share."),
        contents.draw(
            "sequence_logo", "Letters of the sequences in the reference's cluster, in bits."
        ),
    ]
    return "\n".join(part for part in parts if part)


def methods(contents: Contents) -> str:
    """The paragraph to put in a paper, and what it cites."""
    described = describe_methods(contents.session, motif_source=contents.naming.source)
    cited = "".join(f"<li>{html.escape(text)}</li>" for text in described.references)
    return html.paragraph(" ".join(described.sentences)) + (f'<ol class="references">{cited}</ol>')


def run(contents: Contents) -> str:
    """Parameters, versions, files and times."""
    session = contents.session
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
        used = in_use(parameters)
        for declared in describe(type(parameters)):
            if declared.name not in used:
                continue
            value = getattr(parameters, declared.name)
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
    provenance = session.provenance
    for heading, pairs in (
        ("Versions", provenance.versions),
        ("Seconds", {stage: f"{seconds:.1f}" for stage, seconds in provenance.timings_s.items()}),
    ):
        if pairs:
            frame = pd.DataFrame({"": list(pairs), heading: list(pairs.values())})
            parts.append(f"<h3>{heading}</h3>" + html.table(frame))
    if provenance.inputs:
        files = pd.DataFrame(
            [
                {
                    "File": role,
                    "Path": file.get("path", ""),
                    "SHA-256": file.get("sha256", ""),
                    "Note": file.get("note", ""),
                }
                for role, file in provenance.inputs.items()
            ]
        )
        parts.append("<h3>Files read</h3>" + html.table(files))
    if provenance.peak_mb:
        parts.append(html.paragraph(f"Largest memory in use: {provenance.peak_mb:,.0f} MB."))
    return "\n".join(parts)


def around_sites(contents: Contents) -> tuple[int, int] | None:
    """The stretch of a long sequence that the sites take up, with a margin."""
    record, explanation = contents.session.sites, contents.session.explanation
    assert record is not None
    assert explanation is not None
    if not record.sites:
        return None
    first, stop = explanation.start, explanation.start + explanation.entropy.shape[1]
    low = min(site.start for site in record.sites) - 20
    high = max(site.stop for site in record.sites) + 20
    return max(first, low), min(stop, high)
