"""Columns of the tables inside a session's folder, and of comparisons, that no export has."""

from __future__ import annotations

from seam_core.exports.table_file import TableFile

_Q = "corrected over the rows (Benjamini-Hochberg)"
_SELECTIONS = {"first": "name of the first selection", "second": "name of the second"}

SESSIONS: dict[str, TableFile] = {
    "library.lineage": TableFile(
        "`library.lineage.parquet` of a session (libraries found by a search)",
        "a sequence",
        {
            "generation": "of the search in which it was made",
            "parent": "row of its nearest ancestor in the library, from 0; -1: none",
            "activity": "what the model answered",
        },
    ),
    "library.trajectory": TableFile(
        "`library.trajectory.parquet` of a session (libraries found by a search)",
        "a generation",
        {
            "generation": "its number",
            "evaluated": "sequences that the model was asked about",
            "lowest": "activity in it",
            "median": "activity in it",
            "highest": "activity in it",
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
            "kept": "share of them in a cluster that shows the reference's sites",
            "kept_intact": "the same of those not mutated there",
            "leaves": "whether a mutation there leaves the reference's mechanism",
        },
    ),
    "letters that differ": TableFile(
        "Selections, Export; sequences of both selections are left out, here and below",
        "a position and letter",
        {
            "position": "in the sequence, from 0",
            "letter": "that either selection has there",
            "count_first": "sequences of the first that have it",
            "count_second": "the same of the second",
            "share_first": "those in percent",
            "share_second": "those in percent",
            "log2_odds": "log2 of the odds ratio; positive: more in the first",
            "p_value": "of the counts (Fisher's exact test; chi-squared where they are large)",
            "q_value": _Q,
            "attribution_difference": "mean attribution in the first less that in the second",
            "attribution_p": "of that difference (Welch's t)",
            "attribution_q": _Q,
            **_SELECTIONS,
        },
    ),
    "positions that differ": TableFile(
        "Selections, Export",
        "a position",
        {
            "position": "in the sequence, from 0",
            "chi2": "of the letters there",
            "cramers_v": "how much they differ, 0 to 1",
            "p_value": "of chi2",
            "q_value": _Q,
            "attribution_distance": "between the two mean maps there (Euclidean)",
            **_SELECTIONS,
        },
    ),
    "columns that differ": TableFile(
        "Selections, Export",
        "a column of numbers of the table",
        {
            "column": "its name",
            "median_first": "of the first selection",
            "median_second": "of the second",
            "auc": "chance that one of the first has the larger value",
            "p_value": "Mann-Whitney U",
            "q_value": _Q,
            **_SELECTIONS,
        },
    ),
}
