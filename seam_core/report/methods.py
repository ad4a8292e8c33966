"""The methods paragraph: what was done, in sentences, with the papers to cite."""

from __future__ import annotations

import re
from typing import Any

from seam_core.curation import CURATED
from seam_core.figures.analysis import Analysis
from seam_core.product import NAME, TITLE
from seam_core.registry import ATTRIBUTIONS, CLUSTERINGS, EMBEDDINGS, REDUCTIONS, Registry

REFERENCES = {
    "seam": "Seitz EE, McCandlish DM, Kinney JB, Koo PK. Uncovering the mechanistic landscape of "
    "regulatory DNA with deep learning. bioRxiv 2025.10.07.681052 (2025).",
    "squid": "Seitz EE, McCandlish DM, Kinney JB, Koo PK. Interpreting cis-regulatory mechanisms "
    "from genomic deep neural networks using surrogate models. Nature Machine Intelligence 6, "
    "701-713 (2024).",
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


class Methods:
    """Collects sentences and numbers the papers in the order in which they are cited."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self._cited: list[str] = []

    def say(self, text: str) -> None:
        """Add a sentence; `{key}` in it becomes the number of that paper of `REFERENCES`."""
        cited = re.sub(r"\{(\w+)\}", lambda key: self.cite(REFERENCES[key[1]]), text)
        self.sentences.append(cited)

    def cite(self, paper: str) -> str:
        """The number of a paper in brackets; "" for none."""
        if not paper:
            return ""
        if paper not in self._cited:
            self._cited.append(paper)
        return f"[{self._cited.index(paper) + 1}]"

    @property
    def references(self) -> list[str]:
        """The papers cited, in order."""
        return list(self._cited)


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
    _number_explained(methods, session)
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
    parameters = library.parameters
    if parameters is None:
        methods.say(f"The library of {size} was imported.")
    elif parameters.library == "local":
        methods.say(
            f"The library holds {size}: the reference and copies of it with substitutions at a "
            f"rate of {parameters.mutation_rate:g} per position, as in SQUID {{squid}} (seed "
            f"{parameters.seed})."
        )
    elif parameters.library == "generator":
        methods.say(
            f"The library holds {size}, made by {parameters.generator} (seed {parameters.seed})."
        )
    else:
        methods.say(f"The library ({parameters.library}) holds {size} (seed {parameters.seed}).")


def _number_explained(methods: Methods, session: Analysis) -> None:
    """Of a head that gives more than one number a sequence."""
    oracle = getattr(session, "oracle", None)
    record = None if oracle is None else REDUCTIONS.find(oracle.reduction)
    if oracle is None or (record is not None and not record.sentence):
        return
    how = _said(methods, REDUCTIONS, oracle.reduction, oracle)
    bins = f" {oracle.bins}" if oracle.bins else ""
    methods.say(f"The number explained is {how} of the model's head {oracle.head}{bins}.")


def _attribution(methods: Methods, session: Analysis) -> None:
    maps = session.maps
    if maps is None:
        return
    if maps.parameters is None:
        methods.say("Attribution maps were imported.")
        return
    how = _said(methods, ATTRIBUTIONS, maps.parameters.method, maps)
    methods.say(f"Attribution maps are {how}.")
    if "precision_said" in maps.ran:
        methods.say(f"{maps.ran['precision_said']}.")


def _clustering(methods: Methods, session: Analysis) -> None:
    embedding = session.embedding
    if (
        embedding is not None
        and embedding.parameters is None
        and not EMBEDDINGS.find(embedding.method)
    ):
        methods.say("The embedding was imported.")
    elif embedding is not None:
        how = _said(
            methods, EMBEDDINGS, embedding.method, embedding if embedding.parameters else None
        )
        methods.say(f"The maps were embedded by {how} for display.")
    clustering = session.clustering
    if clustering is None:
        return
    count = int((clustering.ids >= 0).sum())
    if clustering.method == CURATED:
        methods.say(f"The {count} clusters are as edited by hand: merged, split or drawn.")
        return
    if clustering.parameters is None:
        methods.say(f"The division into {count} clusters was imported.")
        return
    how = _said(methods, CLUSTERINGS, clustering.method, clustering)
    methods.say(f"They were divided into {count} clusters {how}.")
    if clustering.reason:
        methods.say(
            f"Their number was chosen: {clustering.reason[0].lower()}{clustering.reason[1:]}"
        )


def _said(methods: Methods, registry: Registry[Any], name: str, parameters: Any) -> str:
    """What the method's record says of how `parameters` was parameters; its citation gets a number.

    Of what was imported (None) only the method is known.
    """
    record = registry.find(name)
    if record is None:
        return f"'{name}', {registry.what} of a package that is not installed here"
    text = f"{record.label} {{cite}}" if parameters is None else record.said_of(parameters)
    package = registry.package_of(name)
    of_package = "" if package == NAME else f" ({package})"
    return text.replace("{cite}", methods.cite(record.citation)) + of_package


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
    parameters = sites.parameters
    if parameters is not None and parameters.detects:
        constants = sites.constants.items()
        said = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in constants)
        how = (
            "groups of positions whose conservation varies over clusters beyond sampling noise and "
            "together" + (f" ({said})" if said else "")
        )
    else:
        how = (
            "groups of positions whose entropies covary over clusters (average linkage of the "
            "covariance matrix)"
        )
    methods.say(
        f"Binding sites are {how}; a cluster shows a site where its mean entropy there is below "
        f"{parameters.active_multiplier if parameters else 0.5:g} times the background's."
    )
    if "estimate" in sites.epistasis:
        resamples = f"{parameters.n_bootstrap:,} " if parameters is not None else ""
        level = f"{100 * parameters.interval_level:g} % " if parameters is not None else ""
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
    parameters = judged.parameters
    methods.say(
        "Each site was tested on the model: knocked out of the reference and of mutated sequences "
        f"(every letter replaced by another, {parameters.n_draws:,} draws), and put into shuffles "
        "of the reference that keep its dinucleotides, beside "
        f"{parameters.n_controls:,} control windows; "
        "p-values are shares of controls at least as large, corrected over sites {fdr}. "
        "Interactions are Moebius inversions of the model's answers to every combination of "
        "confirmed sites kept and replaced"
        + ("" if judged.link == "identity" else f", also with a monotone link ({judged.link}) off")
        + "."
    )
