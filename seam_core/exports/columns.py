"""What the columns of every table that is written mean; the documentation is made from this.

Positions are 0-based and `Stop` is exclusive, everywhere.
"""

from __future__ import annotations

from seam_core.exports.columns_of_answers import ANSWERS
from seam_core.exports.columns_of_sessions import SESSIONS
from seam_core.exports.table_file import TableFile

_ERROR = "standard error of"
_CONFIDENCE = "95 % bootstrap interval of the estimate"

_MSM = {
    "Cluster": "id of the cluster; -1: noise",
    "Position": "in the sequence, from 0",
    "Entropy": "Shannon entropy of the cluster's letters there, bits",
}
_CONFIGURATIONS = {
    "sites": 'the sites of this configuration, "A+B"; "none" for no site',
    "order": "how many sites those are",
    "estimate": "mean activity of the sequences that show these sites and no others",
    "low": f"lower end of the {_CONFIDENCE}",
    "high": f"upper end of the {_CONFIDENCE}",
    "n": "those sequences",
    "represented": "whether there are enough of them for an estimate",
    "n_clusters": "clusters that show the configuration",
    "clusters_estimate": "mean of their median activities",
    "assigned_cluster": "the one cluster that the authors' method takes for it",
    "assigned_median": "that cluster's median activity",
    "assigned_shows": "whether that cluster shows the configuration",
    "note": "what speaks against the estimate, in words",
}
_EPISTASIS = {
    "sites": 'the sites that interact, "A+B"; a single one: its own effect',
    "order": "how many sites those are",
    "estimate": "what they add together beyond what fewer of them add, in the activity's unit",
    "low": f"lower end of the {_CONFIDENCE}",
    "high": f"upper end of the {_CONFIDENCE}",
    "p_value": "of the bootstrap, two-sided",
    "called": "significant after correction for the number of terms",
    "n": "sequences of the rarest configuration that the term rests on",
    "represented": "whether every configuration that it rests on has sequences",
    "authors_estimate": "the same from the medians of one cluster a configuration (seam-nn)",
    "note": "what speaks against the estimate, in words",
    "stability": "share of reclusterings that call the term alike; empty where not known",
}

TABLES: dict[str, TableFile] = {
    "sequences": TableFile(
        "`seam export --what table`; Table and Explore, Export; `table.frame.parquet` of a session",
        "a sequence",
        {
            "Index": "row of the library, from 0",
            "Sequence": "its letters; N (X in proteins) unknown",
            "Activity": "what the model predicts, or what was measured",
            "Spread": "standard deviation of the predictions over the folds (ensembles)",
            "Hamming": "letters that differ from the reference (libraries with a reference)",
            "GIA": "prediction less that of the background (global libraries)",
            "Task": "the run or task that the row is of (joined runs)",
            "...": "all other columns of the table; those of a reserved name (above) "
            "are written as `file:Cluster` and so on",
            "Cluster": "id of its cluster as you have them; -1: noise",
            "Label": "your name for the cluster (where there are labels)",
        },
    ),
    "clusters": TableFile(
        "`seam export --what clusters`; Explore, table of the clusters",
        "a cluster, in the order on the screen",
        {
            "Cluster": "its id; -1: noise",
            "Label": "your name for it",
            "n": "sequences",
            "Median": "median activity",
            "IQR": "spread of the middle half of its activities (Q75 - Q25)",
            "Sites": "sites that it shows, with spaces between",
            "Note": "your note",
            "Minimum": "lowest activity",
            "Q25": "lower quartile of activity",
            "Q75": "upper quartile of activity",
            "Maximum": "highest activity",
            "Holds reference": "whether the unmutated sequence is in it",
            "Hidden": "whether you hid it in the pictures",
            "Colour": "its colour, #rrggbb",
        },
    ),
    "msm": TableFile(
        "`seam export --what msm`; File, Export",
        "a cluster and position",
        {
            "Cluster": _MSM["Cluster"],
            "Label": "your name for it (where there are labels)",
            "Position": _MSM["Position"],
            "Entropy": _MSM["Entropy"],
            "Entropy change": "less what the mutation rate alone gives, bits",
            "Mismatch to reference": "percent of sequences that differ from the reference there",
            "Match to consensus": "percent with the cluster's most frequent letter",
        },
    ),
    "sites": TableFile(
        "`seam export --what sites`; Identify, table of the sites",
        "a site",
        {
            "Site": "its name",
            "Start": "first position, from 0",
            "Stop": "end, exclusive",
            "Length": "positions that belong to it",
            "Letters": "the reference's letters there; a middle dot (·) in a gap",
            "Clusters": "clusters that show it",
            "Effect": "what it alone adds to the activity; empty where not represented",
            "Effect low": f"lower end of the {_CONFIDENCE}",
            "Effect high": f"upper end of the {_CONFIDENCE}",
            "Positions": "all of them, from 0, with spaces between",
            "Stability": "share of reclusterings that have it; unstable below 0.5 (where known; "
            "empty where the scan found the site)",
            "Found by": "`library`: its clusters, or drawn by hand; `scan`: missed there and "
            "found by replacing windows (where tested)",
            "Verdict": "by experiment: confirmed, weak, not confirmed or not asked (where tested)",
            "Knock-out": "activity of the reference less that with the site replaced",
            "Knock-out se": "its standard error",
            "Knock-out q": "beside windows without a site, corrected over the sites",
            "Note": "why the verdict, and what is open",
            "Chromosome": "where the locus of the session is known",
            "Chromosome start": "first position on the chromosome, from 0",
            "Chromosome stop": "end on the chromosome, exclusive",
            "Strand": "strand of the sequence",
            "Motif": "best match among known motifs, or that none is confident",
            "Motif id": "identifier of the nearest in the database",
            "q": "its q-value",
        },
    ),
    "configurations": TableFile(
        "`seam export --what configurations`; Identify; `sites.configurations.parquet` of a "
        "session, `configurations.parquet` of a locus",
        "a subset of the sites",
        _CONFIGURATIONS,
    ),
    "epistasis": TableFile(
        "`seam export --what interactions`; Identify, Terms; `sites.epistasis.parquet` of a "
        "session; `epistasis.csv` and `.parquet` of a batch, with `locus` first",
        "a subset of one site or more",
        _EPISTASIS,
    ),
    "drivers": TableFile(
        "`seam export --what drivers`; Identify, Drivers; `sites.drivers.parquet` of a session",
        "a substitution",
        {
            "site": "the site that it is in; empty outside of sites",
            "position": "in the sequence, from 0",
            "reference": "the reference's letter",
            "letter": "the letter in its place",
            "verdict": "`breaks`, `keeps`, `strengthens` or `creates` the site",
            "enrichment": "of the letter in clusters that show the site, log2 over the library",
            "effect": "on the activity",
            "low": "lower end of its 95 % interval",
            "high": "upper end of its 95 % interval",
            "n": "sequences that have the letter",
        },
    ),
    "tested": TableFile(
        "`seam export --what tested`; `experiments.sites.parquet` of a session",
        "a site",
        {
            "site": "its name",
            "origin": "library, or scan: missed by the library and found by replacing windows",
            "verdict": "confirmed, weak, not_confirmed or not_asked",
            "effect": "what replacing the whole site takes from the reference's activity",
            "se": f"{_ERROR} effect",
            "p": "share of control windows that do at least as much, itself counted in; the least "
            "of the experiments that may confirm it",
            "q": "the same, corrected for the number of sites",
            "context_effect": "the knock-out among mutations at the library's rate",
            "context_se": f"{_ERROR} context_effect",
            "sufficiency": "what the site adds to shuffles of the reference",
            "sufficiency_se": f"{_ERROR} sufficiency",
            "with_partners": "what it adds to shuffles that hold all other sites",
            "with_partners_se": f"{_ERROR} with_partners",
            "control_limit": "the knock-out that a confirmed site has at least",
            "matter": "share of its positions that matter each by itself",
            "n_controls": "control windows",
            "told_by": "the experiment that the verdict rests on",
            "note": "what there is to say of it, in words: why it is not confirmed, what is open",
        },
    ),
    "tested_interactions": TableFile(
        "`seam export --what tested_interactions`; `experiments.interactions.parquet` of a session",
        "a subset of the confirmed sites",
        {
            "sites": 'the sites, "A+B"; a single one: its effect on none of the others',
            "order": "how many sites those are",
            "activity": "these sites kept and all other confirmed ones replaced",
            "estimate": "what they add together beyond what fewer of them add",
            "se": f"{_ERROR} estimate",
            "p": "of the estimate, two-sided",
            "q": "the same, corrected for the number of terms; single sites apart",
            "called": "whether it is there: significant after correction, and not negligible",
            "latent_estimate": "the same on the scale of the link",
            "latent_se": f"{_ERROR} latent_estimate",
            "saturation": "called, and gone on the scale of the link",
        },
    ),
    "scan": TableFile(
        "`seam export --what scan`; `experiments.scan.parquet` of a session",
        "a window",
        {
            "start": "first position, from 0",
            "stop": "one past the last",
            "effect": "what replacing it takes from the reference's activity",
            "se": f"{_ERROR} effect",
            "context_effect": "the same among mutations at the library's rate",
            "context_se": f"{_ERROR} context_effect",
            "joint_effect": "what its letters do one by one, added up, less what they do together",
            "joint_se": f"{_ERROR} joint_effect",
            "stands_out": "beyond the windows without a site",
        },
    ),
    "spacing": TableFile(
        "`seam export --what spacing`; `experiments.spacing.parquet` of a session (`--spacing`)",
        "a pair of sites, distance and orientation",
        {
            "sites": 'the pair, "A+B"',
            "distance": "letters between the two",
            "orientation": "as found, or second turned",
            "activity": "mean over shuffled backgrounds that hold the pair so",
            "se": f"{_ERROR} activity",
        },
    ),
    "members": TableFile(
        "`seam export --what members`; "
        "`experiments.members.parquet` of a session (ensembles, both strands)",
        "a site and fold of an ensemble, or strand",
        {
            "site": "its name",
            "member": "the fold or strand asked by itself",
            "effect": "the site's knock-out there",
            "se": f"{_ERROR} effect",
        },
    ),
    "batch loci": TableFile(
        "`loci.csv` and `.parquet` of a batch",
        "a locus",
        {
            "locus": "its name",
            "chromosome": "empty where the place is not known",
            "start": "first position on the chromosome, from 0; -1 where not known",
            "stop": "end on the chromosome, exclusive; -1 where not known",
            "strand": "of the sequence",
            "error": "why it failed; empty where it did not",
            "n_sequences": "of its library",
            "n_clusters": "mechanisms",
            "n_sites": "binding sites",
            "reference_activity": "prediction for the unmutated sequence",
            "median_activity": "of the library",
            "mean_cluster_iqr": "spread of activity inside a cluster, mean over clusters by size",
            "activity_iqr": "spread of activity over the library",
            "median_completeness_error": "of the maps, where the method defines it",
            "verdict": "whether to read the locus: `good`, `doubtful` or `do_not_read`",
            "n_confirmed": "sites confirmed by experiment",
            "states_r2": "share of the activity that the sites explain",
            "additive_r2": "share that single positions explain",
            "largest_cluster": "share of the sequences in it",
            "saturated": "share of the library at the ends of the model's range",
            "robust": "1: robust to mutation, 0: reprogrammable",
            "background_share": "share of the reference mechanism's attribution that is background",
            "kept": "share of the library in the reference's cluster",
            "half_lost": "fewest substitutions at which half have left it; -1: at none",
            "warnings": "what speaks against reading it, in sentences",
            "task_separation": "0 where joined runs share their clusters, 1 where they do not "
            "(adjusted mutual information; joined runs only)",
        },
        whole=("n_sequences", "n_clusters", "n_sites", "n_confirmed", "half_lost"),
    ),
    "batch sites": TableFile(
        "`sites.csv` and `.parquet` of a batch",
        "a site of a locus",
        {
            "locus": "name of the locus",
            "site": "name of the site there",
            "start": "first position in the sequence, from 0",
            "stop": "end in the sequence, exclusive",
            "positions": "all of them; in the CSV with spaces between, in Parquet a list",
            "letters": "the sequence from start to stop",
            "chromosome": "empty where the place is not known",
            "chromosome_start": "first position on the chromosome, from 0; -1 where not known",
            "chromosome_stop": "end on the chromosome, exclusive; -1 where not known",
            "strand": "of the sequence; empty where not known",
            "active_clusters": "clusters that show the site",
            "verdict": "by experiment: `confirmed`, `weak`, `not_confirmed` or `not_asked`",
            "origin": "`library`, or `scan` for a site that was missed there",
            "knockout_effect": "activity of the reference less that with the site replaced",
            "knockout_se": "its standard error",
            "knockout_q": "beside windows without a site, corrected over the sites",
        },
    ),
    "locus clusters": TableFile(
        "`clusters.parquet` of a locus of a batch",
        "a cluster",
        {
            "cluster": "its id; -1: noise",
            "size": "sequences",
            "minimum": "lowest activity",
            "quartile_1": "lower quartile of activity",
            "median": "median activity",
            "quartile_3": "upper quartile of activity",
            "maximum": "highest activity",
            "holds_reference": "whether the unmutated sequence is in it",
            "size_...": "sequences of each joined run",
            "site_...": "activity of each site in it, 0 to 1",
            "shows_...": "whether it shows each site, as the Identifier says",
        },
    ),
    "locus msm": TableFile(
        "`msm.parquet` of a locus of a batch (columns as in seam-nn)",
        "a cluster and position",
        {
            "Cluster": _MSM["Cluster"],
            "Position": _MSM["Position"],
            "Reference": "percent of sequences that differ from the reference there",
            "Consensus": "percent with the cluster's most frequent letter",
            "Entropy": _MSM["Entropy"],
        },
    ),
    "locus logos": TableFile(
        "`logos.parquet` of a locus of a batch",
        "a position and letter",
        {
            "position": "in the sequence, from 0",
            "letter": "of the alphabet",
            "reference_cluster_mean": "mean map of the reference's cluster",
            "background": "average background",
        },
    ),
    "comparison": TableFile(
        "`seam compare --out`; Comparison, Export; `comparison.csv` of a recipe that compares",
        "a matched pair of clusters, or every pair",
        {
            "left_session": "name of the first session (recipes that compare)",
            "right_session": "name of the second session (recipes that compare)",
            "left": "cluster of the first session",
            "right": "cluster of the second session",
            "matched": "whether they are partners (in the table of every pair)",
            "shared": "sequences in both (sessions of the same sequences)",
            "jaccard": "shared over all in either (sessions of the same sequences)",
            "likeness": "correlation of their mean maps",
            "adjusted_rand": "agreement of the two clusterings (written by the window)",
        },
    ),
    **ANSWERS,
    **SESSIONS,
}


def undocumented(table: str, columns: list[str]) -> list[str]:
    """Columns that the documentation of a table does not have."""
    known = TABLES[table].columns
    stems = tuple(name.removesuffix("...") for name in known if name.endswith("..."))
    return [c for c in columns if c not in known and not (stems and c.startswith(stems))]
