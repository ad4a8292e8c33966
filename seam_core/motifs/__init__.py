"""Names for sites and seqlets from a motif database.

from seam_core import motifs
queries = motifs.site_motifs(session.explanation, session.sites, flank=motifs.NAMING_FLANK)
matches = motifs.match_motifs(queries, motifs.jaspar(["insects"]))
"""

from seam_core.motifs.compare import match_motifs
from seam_core.motifs.database import TAXA, jaspar, jaspar_release
from seam_core.motifs.extract import NAMING_FLANK, Seqlet, seqlet_motifs, seqlets, site_motifs
from seam_core.motifs.files import read_motifs
from seam_core.motifs.meme import Motif, meme_text, motif_of_counts, read_meme
from seam_core.motifs.names import NO_MATCH, shown_matches, suggested_names
from seam_core.motifs.organisms import taxa_of, taxa_of_inputs

__all__ = [
    "NAMING_FLANK",
    "NO_MATCH",
    "TAXA",
    "Motif",
    "Seqlet",
    "jaspar",
    "jaspar_release",
    "match_motifs",
    "meme_text",
    "motif_of_counts",
    "read_meme",
    "read_motifs",
    "seqlet_motifs",
    "seqlets",
    "shown_matches",
    "site_motifs",
    "suggested_names",
    "taxa_of",
    "taxa_of_inputs",
]
