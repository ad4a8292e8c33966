"""Which group of JASPAR an organism, or the assembly of a genome, belongs to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from seam_core.motifs.database import TAXA
from seam_core.validate import InputError

ORGANISMS = {
    "vertebrates": "human homo_sapiens mouse mus_musculus rat rattus_norvegicus zebrafish "
    "danio_rerio chicken gallus_gallus frog xenopus pig cow dog chimp macaque",
    "insects": "fly fruit_fly drosophila drosophila_melanogaster bee apis_mellifera mosquito "
    "anopheles aedes tribolium",
    "plants": "arabidopsis arabidopsis_thaliana maize zea_mays rice oryza_sativa tomato wheat "
    "nicotiana",
    "fungi": "yeast budding_yeast saccharomyces_cerevisiae s288c fission_yeast "
    "schizosaccharomyces_pombe candida neurospora",
    "nematodes": "worm c_elegans caenorhabditis_elegans caenorhabditis",
    "urochordates": "ciona ciona_intestinalis sea_squirt",
    "diatoms": "phaeodactylum phaeodactylum_tricornutum thalassiosira",
}
ASSEMBLIES = {
    "vertebrates": "hg grch t2t chm mm grcm rn danrer grcz galgal xentro bostau susscr canfam "
    "pantro rhemac",
    "insects": "dm bdgp apimel anogam tricas",
    "plants": "tair araport irgsp agpv",
    "fungi": "saccer ef spombe asm",
    "nematodes": "ce wbcel",
    "urochordates": "ci",
    "diatoms": "phatr",
}


def taxon_of(name: str) -> str | None:
    """The group that an organism, an assembly (`hg38`) or the name of the group itself means."""
    word = re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")
    if word in TAXA:
        return word
    for taxon, names in ORGANISMS.items():
        if word in names.split():
            return taxon
    start = re.match(r"([a-z]+[a-z0-9]*?)[-_.v]?\d", word)
    for taxon, names in ASSEMBLIES.items():
        if start and start[1] in names.split():
            return taxon
    return None


def taxa_of(names: str) -> list[str]:
    """Groups of several names, separated by commas; `InputError` for an unknown one."""
    taxa = []
    for name in (part.strip() for part in names.split(",")):
        taxon = taxon_of(name) if name else None
        if name and taxon is None:
            expected = "an organism (human, fly, yeast), an assembly (hg38), or one of "
            raise InputError("organism", repr(name), expected + ", ".join(TAXA))
        if taxon is not None and taxon not in taxa:
            taxa.append(taxon)
    return taxa


def taxa_of_inputs(inputs: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The group of the first file read that is named by an assembly, such as `dm6.fa`, if one is.

    Parameters
    ----------
    inputs : as `Provenance.inputs`
    """
    for read in inputs.values():
        for word in re.split(r"[^A-Za-z0-9]+", Path(read["path"]).name):
            taxon = taxon_of(word) if re.search(r"\d", word) else None
            if taxon is not None:
                return [taxon]
    return []
