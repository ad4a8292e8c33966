"""Stage 1: the library of mutated sequences that the oracle is asked about."""

from seam_core.mutagenizer.combinatorial import count_variants, variant_blocks
from seam_core.mutagenizer.mutagenizer import Mutagenizer

__all__ = ["Mutagenizer", "count_variants", "variant_blocks"]
