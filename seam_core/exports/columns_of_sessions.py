"""Columns of the tables inside a session's folder that no export has."""

from __future__ import annotations

from seam_core.exports.table_file import TableFile

_SE = "its standard error"
_Q = "corrected over the candidates (Benjamini-Hochberg)"

SESSIONS: dict[str, TableFile] = {
    "experiments.sites": TableFile(
        "`experiments.sites.parquet` of a session; Identify, Tested",
        "a candidate site",
        {
            "site": "its name",
            "origin": "library, or scan for one that the library missed",
            "verdict": "confirmed, weak, not_confirmed or not_asked",
            "effect": "knock-out: activity of the reference less that with the site replaced",
            "se": _SE,
            "p": "share of control windows whose effect is as large",
            "q": _Q,
            "context_effect": "the knock-out among mutations at the library's rate",
            "context_se": _SE,
            "sufficiency": "what the site alone adds to shuffled backgrounds",
            "sufficiency_se": _SE,
            "with_partners": "what all sites together add to them",
            "with_partners_se": _SE,
            "control_limit": "what 99 % of the controls stay below",
            "matter": "share of its positions that matter",
            "n_controls": "control windows",
            "told_by": "the experiment that the verdict rests on",
            "note": "what speaks against it, in words",
        },
    ),
    "experiments.interactions": TableFile(
        "`experiments.interactions.parquet` of a session; Identify, Tested interactions",
        "a subset of the confirmed sites",
        {
            "sites": 'the sites, "A+B"',
            "order": "how many sites those are",
            "activity": "these sites kept and all others replaced",
            "estimate": "what they add together beyond what fewer of them add",
            "se": _SE,
            "p": "two-sided",
            "q": _Q,
            "called": "significant after correction",
            "latent_estimate": "the same after the fitted link is taken off",
            "latent_se": _SE,
            "saturation": "called, and gone without the link",
        },
    ),
    "experiments.scan": TableFile(
        "`experiments.scan.parquet` of a session",
        "a window that was replaced",
        {
            "start": "first position, from 0",
            "stop": "end, exclusive",
            "effect": "activity of the reference less that with the window replaced",
            "se": _SE,
            "context_effect": "the same among mutations at the library's rate",
            "context_se": _SE,
            "stands_out": "more than windows without a site do",
        },
    ),
    "experiments.spacing": TableFile(
        "`experiments.spacing.parquet` of a session (`--spacing`)",
        "a pair of sites, a distance and an orientation",
        {
            "sites": 'the pair, "A+B"',
            "distance": "letters between them",
            "orientation": "as found, or second turned",
            "activity": "of the sequence so arranged",
            "se": _SE,
        },
    ),
    "experiments.members": TableFile(
        "`experiments.members.parquet` of a session (ensembles, both strands)",
        "a site and fold or strand",
        {
            "site": "its name",
            "member": "the fold or strand",
            "effect": "its knock-out there",
            "se": _SE,
        },
    ),
    "trust.persistence": TableFile(
        "`trust.persistence.parquet` of a session",
        "a site",
        {
            "site": "its name",
            "persistence": "share of the cuts of the tree that show it",
            "n_cuts": "cuts, into 5 to 200 clusters",
        },
    ),
    "trust.robustness": TableFile(
        "`trust.robustness.parquet` of a session",
        "a number of substitutions",
        {
            "mutations": "substitutions",
            "n": "sequences with as many",
            "kept": "share of them in the reference's cluster",
            "same_sites": "share in a cluster that shows the reference's sites",
        },
    ),
    "trust.reprogramming": TableFile(
        "`trust.reprogramming.parquet` of a session",
        "a cluster",
        {
            "cluster": "its id",
            "distance": "fewest substitutions of a sequence in it",
        },
    ),
    "trust.leaving": TableFile(
        "`trust.leaving.parquet` of a session",
        "a position",
        {
            "position": "in the sequence, from 0",
            "n": "sequences that are mutated there",
            "kept": "share of them in the reference's cluster",
            "kept_intact": "the same of those not mutated there",
            "leaves": "whether a mutation there leaves the reference's mechanism",
        },
    ),
}
