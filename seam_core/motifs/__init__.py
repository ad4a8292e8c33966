"""Names for sites and seqlets from a motif database.

from seam_core import motifs
matches = motifs.match_motifs(
    motifs.site_motifs(session.explanation, session.sites), motifs.jaspar(["insects"])
)
"""

from seam_core.motifs.compare import match_motifs
from seam_core.motifs.database import TAXA, jaspar, jaspar_release
from seam_core.motifs.extract import Seqlet, seqlet_motifs, seqlets, site_motifs
from seam_core.motifs.files import read_motifs
from seam_core.motifs.meme import Motif, meme_text, motif_of_counts, read_meme
from seam_core.motifs.names import suggested_names

__all__ = [
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
    "site_motifs",
    "suggested_names",
]
