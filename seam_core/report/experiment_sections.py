"""The sections on what the model answered when it was asked again, and on trust."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seam_core.experiments.controls import FIRM_LENGTH, FIRM_MARGIN, MARGIN
from seam_core.figures.spacing import site_spacing
from seam_core.findings import Experiments, Trust, ways_in_short
from seam_core.intervals import span_text
from seam_core.report import html
from seam_core.report.contents import Contents, present
from seam_core.site_boxes import runs_of

TRUST_WORDS = {
    "good": "The numbers give no reason to doubt these findings.",
    "doubtful": "Read these findings with care.",
    "do_not_read": "Do not read these findings.",
}
SITE_HEADINGS = {
    "site": "Site",
    "verdict": "Verdict",
    "effect": "Knock-out",
    "se": "± se",
    "p": "p",
    "q": "q",
    "context_effect": "Among mutations",
    "context_se": "± se",
    "sufficiency": "Put in",
    "sufficiency_se": "± se",
    "with_partners": "Put in beside the others",
    "with_partners_se": "± se",
    "control_limit": "Least effect beside the controls",
    "origin": "Found by",
    "told_by": "Told by",
    "note": "Note",
}
INTERACTION_HEADINGS = {
    "sites": "Sites",
    "order": "Order",
    "activity": "Activity with these only",
    "estimate": "On the model's scale",
    "se": "± se",
    "q": "q",
    "called": "Significant",
    "latent_estimate": "With the link taken off",
    "latent_se": "± se",
    "saturation": "Explained by saturation",
}
WAY_HEADINGS = {
    "mechanism": "Mechanism",
    "path": "Way",
    "number": "Number",
    "substitutions": "Substitutions, in order",
}
_WAYS = (
    "Ways from the reference to other mechanisms: the fewest substitutions that were found, and "
    "those that mutation makes likeliest. Every step was asked of the model."
)
MOST_ROWS = 300


def trust(contents: Contents) -> str:
    """Whether to read what follows: the sentences and the numbers they come from."""
    record = contents.session.trust
    if record is None:
        return ""
    parts = [html.paragraph(" ".join([TRUST_WORDS[record.verdict], *record.sentences]))]
    parts.append(html.table(_trust_table(record)))
    if len(record.robustness):
        parts.append("<h3>Robust or reprogrammable</h3>")
        parts.append(html.paragraph(_robustness(record)))
        parts.append(
            contents.draw("robustness", "Sequences that keep the reference's mechanism, with 95 %.")
        )
    if record.ways is not None and len(record.ways):
        parts.append(html.paragraph(_WAYS))
        parts.append(html.table(ways_in_short(record.ways), headings=WAY_HEADINGS))
    if record.persistence["persistence"].notna().any():
        names = {"site": "Site", "persistence": "Share of cuts that show it", "n_cuts": "Cuts"}
        parts.append("<h3>The same sites at other numbers of clusters</h3>")
        parts.append(html.table(record.persistence, headings=names))
    return "\n".join(parts)


def _trust_table(record: Trust) -> pd.DataFrame:
    shares: list[tuple[str, Any]] = [
        ("Share of the activity that the sites explain", record.states_r2),
        ("Share that single positions explain", record.additive_r2),
        ("Share of sequences in the largest cluster", record.largest_cluster),
        ("Clusters of one sequence", record.clusters_of_one),
        ("Share of the library at the ends of the model's range", record.saturated),
        ("Median completeness error, in standard deviations of activity", record.completeness),
        ("Share of the sites that each half of the library shows", record.halves),
        ("Share of the confirmed sites that every fold or strand shows", record.members),
        ("Share of the maps' entries that were not measured but estimated", record.imputed),
        ("R² of such estimates", record.imputed_r2),
        ("Share of the library that keeps the reference's mechanism", record.kept),
        ("Robust (1) or reprogrammable (0)", record.robust),
        (
            "Share of the reference mechanism's attribution that is background",
            record.background_share,
        ),
    ]
    shown = [(name, f"{value:.3g}") for name, value in shares if value == value]
    return pd.DataFrame(shown, columns=["What", "Value"])


def _robustness(record: Trust) -> str:
    text = f"{record.kept:.0%} of the library keeps the reference's mechanism"
    if record.half_lost >= 0:
        text += f"; with {record.half_lost} substitutions half of it has left"
    others = record.reprogramming[record.reprogramming["distance"] > 0]
    if len(others):
        text += f"; the nearest other mechanism is {int(others['distance'].min())} away"
    if record.robust == record.robust:
        text += f". Robust (1) or reprogrammable (0): {record.robust:.2f}"
    if record.leaving is not None:
        away = record.leaving["position"][record.leaving["leaves"].astype(bool)]
        names = ", ".join(
            span_text(first, stop) for first, stop in runs_of([int(position) for position in away])
        )
        text += f". Positions whose mutation leaves it: {names or 'none'}"
    return text + "."


def experiments(contents: Contents) -> str:
    """Verdicts of the sites, and the interactions that the model gave."""
    record = contents.session.experiments
    if record is None:
        return ""
    if not record.asked:
        return html.paragraph(f"The model was not asked again: {record.note}.", kind="note")
    parts = [
        html.paragraph(_what_was_asked(record)),
        html.table(record.sites, headings=present(SITE_HEADINGS, record.sites)),
    ]
    if len(record.interactions):
        parts += [
            "<h3>Interactions, by experiment</h3>",
            html.paragraph(_scales(record)),
            html.table(
                record.interactions.head(MOST_ROWS),
                headings=present(INTERACTION_HEADINGS, record.interactions),
            ),
        ]
    if record.spacing is not None and len(record.spacing):
        parts.append("<h3>Distance and orientation</h3>")
        parts.append(
            html.paragraph(
                "Mean activity of the pair in shuffled backgrounds, by the letters between them; "
                "the model's own scale."
            )
        )
        parts.append(
            html.picture(
                site_spacing(record.spacing),
                "Lines: as found; dashes: the second site turned; bands: two standard errors.",
            )
        )
    return "\n".join(parts)


def _what_was_asked(record: Experiments) -> str:
    text = (
        "All numbers are differences of activity, on the model's own scale. Knock-out: the "
        "reference less the same with every letter of the site replaced by another; among "
        "mutations: the same with the rest mutated as in the library; put in: what the site adds "
        "to shuffled backgrounds. p: share of windows without a site that do as much; q: corrected "
        f"over the sites. Confirmed: q at most 0.05 and at least {MARGIN:g} times what 99 % of "
        f"those windows stay below ({FIRM_MARGIN:g} times where {FIRM_LENGTH} positions or more "
        f"matter, and all do). {record.n_questions:,} sequences were asked about."
    )
    return f"{text} {record.note.capitalize()}." if record.note else text


def _scales(record: Experiments) -> str:
    text = (
        "Every combination of confirmed sites kept and replaced. Interactions on the model's own "
        "scale are in units of activity. "
    )
    if record.link == "identity":
        return text + "Sites add up on that scale as it is: no link is taken off."
    return text + (
        f"With the link between the sum of sites and the activity taken off ({record.link}), an "
        "interaction that is gone is explained by saturation, not by the sites."
    )
