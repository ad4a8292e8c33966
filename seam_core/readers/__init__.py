"""Files of other programs: one door, behind which nothing is believed unchecked."""

from seam_core.readers.analysis import (
    LAYOUTS,
    TransposedError,
    read_embedding,
    read_linkage,
    read_maps,
)
from seam_core.readers.arrays import keys_of, read_array
from seam_core.readers.fasta import read_fasta
from seam_core.readers.genome import Genome, genome_at
from seam_core.readers.loci import Locus, read_loci
from seam_core.readers.mave import MaveTable, read_mave
from seam_core.readers.roles import role_of
from seam_core.readers.settings import read_json, read_toml
from seam_core.readers.tables import header_of

__all__ = [
    "LAYOUTS",
    "Genome",
    "Locus",
    "MaveTable",
    "TransposedError",
    "genome_at",
    "header_of",
    "keys_of",
    "read_array",
    "read_embedding",
    "read_fasta",
    "read_json",
    "read_linkage",
    "read_loci",
    "read_maps",
    "read_mave",
    "read_toml",
    "role_of",
]
