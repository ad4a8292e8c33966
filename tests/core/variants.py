"""A planted oracle at a place of the genome, and variants of it as rows, text and VCF."""

import functools
from dataclasses import replace

from seam_core.intervals import Interval
from seam_core.projection import Projector
from seam_core.sequences import indices_to_strings
from seam_core.variants import Ground, Interpreter, Row
from tests.core.projecting import analysed

LOCUS = Interval("chr7", 1_000, 1_120)

HEADER = "##fileformat=VCFv4.2\n##contig=<ID={0},length=100000>\n"


@functools.cache
def located():
    """The planted oracle, and its session with a place in the genome."""
    made, session = analysed("all_or_none")
    return made, replace(session, locus=LOCUS)


def interpreting():
    """What answers variants of `located`."""
    made, session = located()
    return Interpreter(Projector(session, made), Ground(made.reference, "ACGT", LOCUS))


def letters_of(made):
    return indices_to_strings(made.reference[None], made.alphabet)[0]


def other(letter):
    return "CGTA"["ACGT".index(letter)]


def rows_of(made, *changes):
    """(position, ref, alt) of the sequence as rows of the chromosome."""
    return [
        Row(i, "chr7", LOCUS.start + p + 1, ref, (alt,))
        for i, (p, ref, alt) in enumerate(changes, 1)
    ]


def vcf_text(made, chrom="chr7", extra=""):
    letters = letters_of(made)
    lines = [HEADER.format(chrom) + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]
    for p, alt in ((5, None), (60, None), (113, None)):
        ref = letters[p]
        lines.append(f"{chrom}\t{LOCUS.start + p + 1}\trs{p}\t{ref}\t{alt or other(ref)}\t.\t.\t.")
    return "\n".join(lines) + "\n" + extra
