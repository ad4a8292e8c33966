"""Variants: what alleles of a session's sequence do to its activity, sites and mechanism.

interpreter = Interpreter(Projector(session, oracle_of(session)), Ground(reference, alphabet))
alleles = list(place_rows([typed("A85G")], interpreter.ground))
(answer,) = interpreter.answer(alleles)
answer.effect, answer.verdict, answer.fates
"""

from seam_core.variants.alleles import Allele, Edit, Genotype, Row
from seam_core.variants.asked import Asked
from seam_core.variants.interpreter import Answer, Interpreter
from seam_core.variants.notation import typed
from seam_core.variants.placing import Ground, check_assembly, place_rows
from seam_core.variants.reading import Counts, read_variants
from seam_core.variants.table import COLUMNS, sites_frame, variants_frame
from seam_core.variants.together import haplotypes, pairs
from seam_core.variants.windows import Altered, altered

__all__ = [
    "COLUMNS",
    "Allele",
    "Altered",
    "Answer",
    "Asked",
    "Counts",
    "Edit",
    "Genotype",
    "Ground",
    "Interpreter",
    "Row",
    "altered",
    "check_assembly",
    "haplotypes",
    "pairs",
    "place_rows",
    "read_variants",
    "sites_frame",
    "typed",
    "variants_frame",
]
