"""What is asked about: rows of a file, alleles of a sequence, and why one cannot be answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

SINGLE, HAPLOTYPE, PAIR = "variant", "haplotype", "pair"

# why an allele is not answered; the rest of the sentence says which letters
REF_DIFFERS = "REF differs"
SYMBOLIC = "symbolic allele"
SPANNING = "spanning deletion"
NO_ALT = "no alternative allele"
UNKNOWN_LETTER = "unknown letter"
BEYOND = "beyond the window"
NO_GENOME = "needs the genome"
CHROMOSOME_ENDS = "the chromosome ends"
SAME = "same as the reference"
TOO_LONG = "longer than the window"
MISSING = "missing genotype"
OVERLAP = "overlapping variants"
UNREADABLE = "unreadable"
OUTSIDE = "outside the window"
REASONS = (
    REF_DIFFERS, SYMBOLIC, SPANNING, NO_ALT, UNKNOWN_LETTER, BEYOND, NO_GENOME, CHROMOSOME_ENDS,
    SAME, TOO_LONG, MISSING, OVERLAP, UNREADABLE, OUTSIDE,
)  # fmt: skip


class Genotype(NamedTuple):
    """Alleles of one sample at a row: 0 is REF, None is missing."""

    sample: str
    alleles: tuple[int | None, ...]
    phased: bool


@dataclass(frozen=True)
class Row:
    """One row of a file, as it is there.

    number : from 1
    chrom : "" where the file counts positions of the sequence
    pos : 1-based of the chromosome, or 0-based of the sequence where there is no `chrom`
    ref : "" where the file names no letters of the reference; "-" for none, "." for whichever
    parts : of several variants together, which have no letters of their own then
    """

    number: int
    chrom: str
    pos: int
    ref: str
    alts: tuple[str, ...]
    name: str = ""
    genotypes: tuple[Genotype, ...] = ()
    error: str = ""
    parts: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Edit:
    """Letters of the sequence replaced: `ref` from `start` by `alt`, what both share trimmed."""

    start: int
    ref: str
    alt: str

    @property
    def stop(self) -> int:
        return self.start + len(self.ref)

    @property
    def change(self) -> int:
        """By how many letters the sequence grows."""
        return len(self.alt) - len(self.ref)

    @property
    def text(self) -> str:
        """As it is typed: A85G; 85:AC:A for others."""
        if len(self.ref) == len(self.alt) == 1:
            return f"{self.ref}{self.start}{self.alt}"
        return f"{self.start}:{self.ref or '-'}:{self.alt or '-'}"


@dataclass(frozen=True)
class Allele:
    """One thing to answer: an alternative allele, a haplotype or a pair.

    edits : of the sequence, in its order; empty where `outcome` says why
    outcome : "" or one of `REASONS`, `detail` says the rest
    row : number of the row it came from, 0 for what several rows make together
    parts : names of the variants that it is made of
    """

    name: str
    chrom: str
    pos: int
    ref: str
    alt: str
    edits: tuple[Edit, ...] = ()
    kind: str = SINGLE
    outcome: str = ""
    detail: str = ""
    row: int = 0
    allele: int = 1
    parts: tuple[str, ...] = ()
    samples: tuple[str, ...] = field(default=())

    @property
    def position(self) -> int:
        """0-based position of the first letter changed; -1 where it cannot be answered."""
        return self.edits[0].start if self.edits else -1

    @property
    def why(self) -> str:
        """Why it is not answered, in words."""
        return f"{self.outcome}: {self.detail}" if self.detail else self.outcome
