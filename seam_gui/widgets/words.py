"""How parameters and their special values are written in forms."""

from __future__ import annotations

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
    "workers": "automatic",
    "wait": "as long as it takes",
    "time_limit": "no limit",
    "memory_limit": "no limit",
}

# what stands above a column, where its name in files says too little
_HEADINGS = {
    "n": "n",
    "low": "Low",
    "p": "p",
    "q": "q",
    "p_value": "p",
    "q_value": "q",
    "se": "± se",
    "called": "Significant",
    "order": "Sites in it",
    "n_clusters": "Clusters",
    "clusters_estimate": "Mean of clusters",
    "authors_estimate": "Authors' estimate",
    "assigned_median": "Its median",
    "assigned_shows": "It shows them",
}


def heading_of(name: str) -> str:
    """A column's name as a person writes it: "assigned_cluster" to "Assigned cluster"."""
    text = _HEADINGS.get(name) or name.replace("_", " ")
    return text if name in _HEADINGS else text[:1].upper() + text[1:]


def label_of(name: str) -> str:
    """A parameter's name as a person writes it: "n_clusters" to "Number of clusters"."""
    text = _LABELS.get(name) or " ".join(_WORDS.get(word, word) for word in name.split("_"))
    return text[0].upper() + text[1:] if text[:2] != "t-" else text


def lowest_text(name: str, *, optional: bool) -> str:
    """What a number field shows in place of its lowest value; "" for the number itself."""
    return _LOWEST.get(name, "automatic" if optional else "")
