"""How parameters and their special values are written in forms."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection

from seam_core.parameters import (
    DesignerParameters,
    Parameter,
    ReprogrammerParameters,
    VariantParameters,
    describe,
)
from seam_core.parameters.naming import with_labels, with_names
from seam_core.stages import PARTS

SITES_BEFORE = "Sites were found before your edits"

# words that a parameter's name writes small
_WORDS = {
    "umap": "UMAP",
    "pca": "PCA",
    "tsne": "t-SNE",
    "phate": "PHATE",
    "dbscan": "DBSCAN",
    "hdbscan": "HDBSCAN",
    "ism": "ISM",
    "sd": "SD",
    "neighbors": "neighbours",
    "min": "least",
    "max": "largest",
    "n": "number of",
}
# names that say too little or too much beside the fields around them
_LABELS = {
    "uniform": "Uniform number of mutations",
    "inter_windows": "Inter-site windows",
    "library_limit_gb": "Library limit",
    "memory_limit_gb": "Memory limit",
    "background_effect": "Background effect (GIA)",
    "intgrad_rule": "Path",
    "intgrad_nodes": "Nodes on the path",
    "intgrad_steps": "Steps of the path",
    "hypothetical": "Hypothetical contributions",
    "umap_min_dist": "UMAP least distance",
    "umap_densmap": "Keep densities (densMAP)",
    "umap_init": "UMAP start",
    "dbscan_eps": "DBSCAN radius",
    "dbscan_min_samples": "DBSCAN least neighbours",
    "site_max_gap": "Largest gap",
    "site_min_length": "Least length",
    "n_bootstrap": "Bootstrap",
    "interval_level": "Confidence level",
    "cluster_threads": "Threads",
    "n_controlled": "Designs with controls",
    "workers": "Processes",
    "wait": "Wait for workers",
    "tls_ca": "Certificates trusted",
    "tls_cert": "Certificate",
    "tls_key": "Private key",
    "fail_on": "Fail on",
    "stage": "Put together in",
}
# what the lowest value of a number stands for, or none where it may be empty
_LOWEST = {
    "mutate_start": "the first",
    "mutate_stop": "the end",
    "max_order": "every sequence",
    "pattern_start": "in the middle",
    "sequence_length": "as the reference",
    "intgrad_nodes": "automatic",
    "map_start": "the first",
    "map_stop": "the end",
    "map_flank": "all positions",
    "batch_size": "automatic",
    "diffusion_time": "automatic",
    "pca_before": "none",
    "cut_height": "by number",
    "cluster_threads": "one a core",
    "background_rate": "the library's",
    "n_sites": "as found",
    "n_bootstrap": "no intervals",
    "n_trees": "the one clustering",
    "longest_run": "any",
    "barcode_length": "none",
    "site_draws": "not asked",
    "workers": "automatic",
    "wait": "as long as it takes",
    "time_limit": "no limit",
    "memory_limit": "no limit",
}

# what stands above a column, where its name in files says too little
_HEADINGS = {
    "n": "n",
    "p": "p",
    "q": "q",
    "p_value": "p",
    "q_value": "q",
    "se": "± se",
    "called": "Significant",
    "order": "Sites in it",
    "n_sequences": "Sequences",
    "n_clusters": "Clusters",
    "n_sites": "Sites",
    "n_confirmed": "Sites confirmed",
    "clusters_estimate": "Mean of clusters",
    "authors_estimate": "Authors' estimate",
    "assigned_median": "Its median",
    "assigned_shows": "It shows them",
    "reference_activity": "Activity of the reference",
    "mean_cluster_iqr": "Spread inside clusters",
    "activity_iqr": "Spread of all",
    "median_completeness_error": "Completeness error",
    "states_r2": "R² of the sites",
    "additive_r2": "R² of single positions",
    "task_separation": "Separation of the runs",
    "chromosome_start": "Chromosome from",
    "chromosome_stop": "Chromosome to",
    "knockout_effect": "Knock-out",
    "knockout_se": "± se",
    "knockout_q": "q of the knock-out",
    "quartile_1": "Lower quartile",
    "quartile_3": "Upper quartile",
    "mechanism_alt": "Mechanism",
}
_RAW = re.compile(r"[a-z][a-z0-9]*(_[A-Za-z0-9]+)*")
# columns whose texts are names of values
_NAMED = {"verdict"}


def heading_of(name: str) -> str:
    """A column's name as a person writes it: "assigned_cluster" to "Assigned cluster".

    One that is in a person's words already stays as it is.
    """
    if name in _HEADINGS or not _RAW.fullmatch(name):
        return _HEADINGS.get(name, name)
    text = name.replace("_", " ")
    return text[:1].upper() + text[1:]


def value_of(column: str, text: str, *, named: bool = False) -> str:
    """A cell's text as a person writes it: "not_confirmed" to "not confirmed", where `named`."""
    return text.replace("_", " ") if named or column in _NAMED else text


def meaning_of(text: str, columns: Collection[str]) -> str:
    """What a column holds, of a table's documentation: its columns and values in words."""
    text = with_names(
        text.replace("`", ""),
        lambda name: f"“{heading_of(name)}”" if name in columns else name.replace("_", " "),
    )
    return text[:1].upper() + text[1:]


def label_of(name: str) -> str:
    """A parameter's name as a person writes it: "n_clusters" to "Number of clusters"."""
    text = _LABELS.get(name) or " ".join(_WORDS.get(word, word) for word in name.split("_"))
    return text[0].upper() + text[1:] if text[:2] != "t-" else text


def lowest_text(name: str, *, optional: bool) -> str:
    """What a number field shows in place of its lowest value; "" for the number itself."""
    return _LOWEST.get(name, "automatic" if optional else "")


def empty_text(item: Parameter) -> str:
    """What an empty text field stands for, as the parameter's help says; "" for one that is
    needed."""
    said = re.search(r"\(empty: ([^)]*)\)", item.help)
    if said:
        return said.group(1)
    return "none" if item.default in ("", None) and item.kind != "path" else ""


def in_words(error: object) -> str:
    """A message with parameters and options named as forms name them: n_clusters and --n-clusters
    as “Number of clusters”."""
    said = with_labels(str(error), _quoted)
    return with_names(said, lambda name: _quoted(name) or name)


def _quoted(name: str) -> str:
    return f"“{label_of(name)}”" if name in _known() else ""


@functools.cache
def _known() -> frozenset[str]:
    """Names of all parameters."""
    parts = (*PARTS.values(), DesignerParameters, ReprogrammerParameters, VariantParameters)
    return frozenset(item.name for part in parts for item in describe(part))
