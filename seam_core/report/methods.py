"""The methods paragraph: what was done, in sentences, with the papers to cite."""

from __future__ import annotations

from seam_core.figures.overview import Analysis
from seam_core.parameters import AttributerParameters, ClustererParameters
from seam_core.product import TITLE

REFERENCES = {
    "seam": "Seitz EE, McCandlish DM, Kinney JB, Koo PK. Uncovering the mechanistic landscape of "
    "regulatory DNA with deep learning. bioRxiv 2025.10.07.681052 (2025).",
    "squid": "Seitz EE, McCandlish DM, Kinney JB, Koo PK. Interpreting cis-regulatory mechanisms "
    "from genomic deep neural networks using surrogate models. Nature Machine Intelligence 6, "
    "701-713 (2024).",
    "saliency": "Simonyan K, Vedaldi A, Zisserman A. Deep inside convolutional networks: "
    "visualising image classification models and saliency maps. arXiv:1312.6034 (2013).",
    "intgrad": "Sundararajan M, Taly A, Yan Q. Axiomatic attribution for deep networks. ICML "
    "(2017). arXiv:1703.01365.",
    "smoothgrad": "Smilkov D, Thorat N, Kim B, Viégas F, Wattenberg M. SmoothGrad: removing noise "
    "by adding noise. arXiv:1706.03825 (2017).",
    "ism": "Zhou J, Troyanskaya OG. Predicting effects of noncoding variants with deep "
    "learning-based sequence model. Nature Methods 12, 931-934 (2015).",
    "deepshap": "Shrikumar A, Greenside P, Kundaje A. Learning important features through "
    "propagating activation differences. ICML (2017). arXiv:1704.02685; Lundberg SM, Lee S-I. A "
    "unified approach to interpreting model predictions. NeurIPS (2017). arXiv:1705.07874.",
    "umap": "McInnes L, Healy J, Melville J. UMAP: uniform manifold approximation and projection "
    "for dimension reduction. arXiv:1802.03426 (2018).",
    "tsne": "van der Maaten L, Hinton G. Visualizing data using t-SNE. Journal of Machine Learning "
    "Research 9, 2579-2605 (2008).",
    "phate": "Moon KR et al. Visualizing structure and transitions in high-dimensional biological "
    "data. Nature Biotechnology 37, 1482-1492 (2019).",
    "diffusion": "Coifman RR, Lafon S. Diffusion maps. Applied and Computational Harmonic Analysis "
    "21, 5-30 (2006).",
    "ward": "Ward JH. Hierarchical grouping to optimize an objective function. Journal of the "
    "American Statistical Association 58, 236-244 (1963).",
    "kmeans": "Lloyd SP. Least squares quantization in PCM. IEEE Transactions on Information "
    "Theory 28, 129-137 (1982).",
    "dbscan": "Ester M, Kriegel H-P, Sander J, Xu X. A density-based algorithm for discovering "
    "clusters in large spatial databases with noise. KDD, 226-231 (1996).",
    "hdbscan": "Campello RJGB, Moulavi D, Sander J. Density-based clustering based on hierarchical "
    "density estimates. PAKDD, 160-172 (2013).",
    "leiden": "Traag VA, Waltman L, van Eck NJ. From Louvain to Leiden: guaranteeing "
    "well-connected communities. Scientific Reports 9, 5233 (2019).",
    "bootstrap": "Efron B. Bootstrap methods: another look at the jackknife. Annals of Statistics "
    "7, 1-26 (1979).",
    "logomaker": "Tareen A, Kinney JB. Logomaker: beautiful sequence logos in Python. "
    "Bioinformatics 36, 2272-2274 (2020).",
    "tomtom": "Gupta S, Stamatoyannopoulos JA, Bailey TL, Noble WS. Quantifying similarity between "
    "motifs. Genome Biology 8, R24 (2007).",
    "jaspar": "Rauluseviciute I et al. JASPAR 2024: 20th anniversary of the open-access database "
    "of transcription factor binding profiles. Nucleic Acids Research 52, D174-D182 (2024).",
    "fdr": "Benjamini Y, Hochberg Y. Controlling the false discovery rate: a practical and "
    "powerful approach to multiple testing. Journal of the Royal Statistical Society B 57, 289-300 "
    "(1995).",
}

_EMBEDDINGS = {
    "umap": "UMAP",
    "tsne": "t-SNE",
    "pca": "principal component analysis",
    "phate": "PHATE",
    "diffusion": "diffusion maps",
}


class Methods:
    """Collects sentences and numbers the papers in the order in which they are cited."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self._cited: list[str] = []

    def say(self, text: str) -> None:
        """Add a sentence; `{key}` in it becomes the number of that paper."""
        self.sentences.append(text.format_map(_Numbers(self._cited)))

    @property
    def references(self) -> list[str]:
        """The papers cited, in order."""
        return [REFERENCES[key] for key in self._cited]


class _Numbers(dict):
    def __init__(self, cited: list[str]) -> None:
        super().__init__()
        self._cited = cited

    def __missing__(self, key: str) -> str:
        if key not in REFERENCES:
            raise KeyError(key)
        if key not in self._cited:
            self._cited.append(key)
        return f"[{self._cited.index(key) + 1}]"


def describe_methods(session: Analysis, *, motif_source: str = "") -> Methods:
    """What was done to make the session, as far as its records know.

    Parameters
    ----------
    motif_source : what sites were compared with; "" when they were not
    """
    methods = Methods()
    methods.say(
        f"Mechanisms were analysed with SEAM {{seam}} as implemented in {TITLE}: a library of "
        "mutated sequences is grouped by the similarity of the model's attribution maps, and each "
        "group is summarised."
    )
    _library(methods, session)
    _attribution(methods, session)
    _clustering(methods, session)
    _summaries(methods, session)
    if motif_source:
        source = motif_source + (" {jaspar}" if "JASPAR" in motif_source else "")
        methods.say(
            f"Motifs of sites (letters that the clusters showing the site kept, over the library's)"
            f" were compared with {source} as TOMTOM does {{tomtom}}, columns weighted by their "
            "information, with false-discovery rates after {fdr}."
        )
    methods.say("Logos follow the layout of Logomaker {logomaker}.")
    return methods


def _library(methods: Methods, session: Analysis) -> None:
    library = session.library
    if library is None:
        return
    size = f"{len(library):,} sequences of {library.length:,} letters"
    made = library.parameters
    if made is None:
        methods.say(f"The library of {size} was imported.")
    elif made.library == "local":
        methods.say(
            f"The library holds {size}: the reference and copies of it with substitutions at a "
            f"rate of {made.mutation_rate:g} per position, as in SQUID {{squid}} (seed "
            f"{made.seed})."
        )
    else:
        methods.say(f"The library ({made.library}) holds {size} (seed {made.seed}).")


def _attribution(methods: Methods, session: Analysis) -> None:
    maps = session.maps
    if maps is None:
        return
    made = maps.parameters
    if made is None:
        methods.say("Attribution maps were imported.")
        return
    methods.say(f"Attribution maps are {_map_words(made)}.")


def _map_words(made: AttributerParameters) -> str:
    if made.method == "saliency":
        return "the gradient of the output with respect to the one-hot sequence {saliency}"
    if made.method == "intgrad":
        times = ", times the difference from the baseline" if made.multiply_by_inputs else ""
        return (
            f"integrated gradients {{intgrad}} from {_baseline_words(made.baseline)} "
            f"({made.intgrad_rule} rule){times}"
        )
    if made.method == "smoothgrad":
        return (
            f"gradients averaged over {made.noise_samples} noisy copies {{smoothgrad}} (standard "
            f"deviation {made.noise_sd:g})"
        )
    if made.method == "ism":
        return "in-silico mutagenesis of every letter {ism}" + (
            ", as log2 fold changes" if made.ism_score == "log2fc" else ""
        )
    return (
        f"DeepSHAP contributions {{deepshap}} against {made.n_backgrounds} backgrounds "
        f"('{made.baseline}')"
    )


def _baseline_words(baseline: str) -> str:
    words = {
        "auto": "an all-zero baseline",
        "zeros": "an all-zero baseline",
        "shuffle": "shuffles of each sequence",
        "dinucleotide": "dinucleotide-preserving shuffles of each sequence",
    }
    return words.get(baseline, "given baselines")


def _clustering(methods: Methods, session: Analysis) -> None:
    if session.embedding is not None:
        name = session.embedding.method
        cite = f" {{{name}}}" if name in REFERENCES else ""
        if name in _EMBEDDINGS:
            methods.say(f"The maps were embedded by {_EMBEDDINGS[name]}{cite} for display.")
        else:
            methods.say("The embedding was imported.")
    clustering = session.clustering
    if clustering is None:
        return
    count = int((clustering.ids >= 0).sum())
    made = clustering.parameters
    if made is None:
        methods.say(f"The division into {count} clusters was imported.")
        return
    methods.say(
        f"They were divided into {count} clusters {_cluster_words(clustering.method, made)}."
    )


def _cluster_words(method: str, made: ClustererParameters) -> str:
    seed = f" (seed {made.seed})"
    words = {
        "ward": "by Ward's hierarchical clustering {ward} of the maps",
        "kmeans": "by k-means {kmeans}" + seed,
        "dbscan": "by DBSCAN {dbscan}",
        "hdbscan": "by HDBSCAN {hdbscan}",
        "leiden": "by the Leiden algorithm {leiden}" + seed,
    }
    return words.get(method, f"by hierarchical clustering ({method} linkage) of the maps")


def _summaries(methods: Methods, session: Analysis) -> None:
    explanation = session.explanation
    if explanation is None:
        return
    multiplier = 0.5
    if explanation.parameters is not None:
        multiplier = explanation.parameters.entropy_multiplier
    methods.say(
        f"Each cluster was summarised by its mean map and by the entropy of its letters at each "
        f"position (Mechanism Summary Matrix). A position whose entropy exceeds {multiplier:g} "
        f"times the {explanation.expected_entropy:.3f} bits that a mutation rate of "
        f"{explanation.mutation_rate:g} alone gives belongs to the cluster's background; the mean "
        "background was subtracted for the foreground."
    )
    sites = session.sites
    if sites is None:
        return
    made = sites.parameters
    if made is not None and made.site_detection == "automatic" and made.n_sites is None:
        how = (
            "groups of positions whose conservation varies over clusters beyond sampling noise and "
            "together"
        )
    else:
        how = (
            "groups of positions whose entropies covary over clusters (average linkage of the "
            "covariance matrix)"
        )
    methods.say(
        f"Binding sites are {how}; a cluster shows a site where its mean entropy there is below "
        f"{made.active_multiplier if made else 0.5:g} times the background's."
    )
    if "estimate" in sites.epistasis:
        resamples = f"{made.n_bootstrap:,} " if made is not None else ""
        level = f"{100 * made.interval_level:g} % " if made is not None else ""
        methods.say(
            "Activities of configurations of sites and their interactions were estimated from all "
            f"sequences by each one's own site states, with {level}confidence intervals from "
            f"{resamples}bootstrap samples {{bootstrap}}."
        )
    _experiments(methods, session)


def _experiments(methods: Methods, session: Analysis) -> None:
    judged = getattr(session, "experiments", None)
    if judged is None or not judged.asked or judged.parameters is None:
        return
    made = judged.parameters
    methods.say(
        "Each site was tested on the model: knocked out of the reference and of mutated sequences "
        f"(every letter replaced by another, {made.n_draws:,} draws), and put into shuffles of the "
        f"reference that keep its dinucleotides, beside {made.n_controls:,} control windows; "
        "p-values are shares of controls at least as large, corrected over sites {fdr}. "
        "Interactions are Moebius inversions of the model's answers to every combination of "
        "confirmed sites kept and replaced"
        + ("" if judged.link == "identity" else f", also with a monotone link ({judged.link}) off")
        + "."
    )
