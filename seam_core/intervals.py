"""Stretches of a sequence and of a genome, and the text that says them.

Positions of a sequence count from 0 and a stretch `85-91` ends before 91, as in BED and Python.
Places in a genome are written as genome browsers do: from 1, both ends included.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from seam_core.validate import InputError

# said wherever positions are written
CONVENTION = "positions count from 0, stop is exclusive"
COMPLEMENT = str.maketrans("ACGTURYSWKMBDHVN", "TGCAAYRSWMKVHDBN")

_PATTERN = re.compile(
    r"(?P<chromosome>\S+?):(?P<first>[\d,_]+)\s*(?:-|\.\.)\s*(?P<last>[\d,_]+)"
    r"\s*:?(?:\((?P<bracketed>[+-])\)|(?P<strand>[+-]))?"
)
# what a FASTA record is named after its place by: bedtools getfasta, samtools faidx, browsers
_OF_RECORD = re.compile(
    r"(?:\S*::)?(?P<chromosome>[^\s:]\S*?):(?P<first>\d[\d,]*)-(?P<last>\d[\d,]*)"
    r"(?:\((?P<strand>[+.-])\))?"
)
# chr2R_5876534_5876782: only of what certainly is a chromosome, as my_enh_1_249 is none
_UNDERSCORED = re.compile(
    r"(?P<chromosome>chr(?:\d{1,2}[LRABab]?|[XYZWM]|MT|[IVX]{1,4}))_(?P<first>\d+)_(?P<last>\d+)"
    r"(?P<strand>)"
)
_EXPECTED = "chromosome:first-last, as chr2R:5876534-5876782 or chr1:1,001-1,249(-)"


def span_text(start: int, stop: int) -> str:
    """A stretch of a sequence as it is written everywhere: `85-91`; one position: `88`.

    Examples
    --------
    >>> span_text(85, 91), span_text(88, 89)
    ('85-91', '88')
    """
    return f"{start}-{stop}" if stop - start > 1 else f"{start}"


def same_chromosome(one: str, other: str) -> bool:
    """True for one chromosome under two names, as assemblies and tools write them.

    Examples
    --------
    >>> same_chromosome("chr2R", "2R"), same_chromosome("chrM", "MT"), same_chromosome("2", "2R")
    (True, True, False)
    """
    return _plain(one) == _plain(other)


@lru_cache(1024)
def _plain(name: str) -> str:
    plain = re.sub(r"^chr", "", name.strip(), flags=re.IGNORECASE).upper()
    return "M" if plain == "MT" else plain


@dataclass(frozen=True)
class Interval:
    """A stretch of a chromosome: 0-based, `stop` exclusive.

    strand : "+", or "-" where the sequence is the reverse complement
    """

    chromosome: str
    start: int
    stop: int
    strand: str = "+"

    def __len__(self) -> int:
        return self.stop - self.start

    def __str__(self) -> str:
        """As a genome browser writes it: 1-based, both ends included."""
        suffix = "" if self.strand == "+" else "(-)"
        return f"{self.chromosome}:{self.start + 1}-{self.stop}{suffix}"

    def part(self, start: int, stop: int) -> Interval:
        """Where positions `start` to `stop` (exclusive) of the sequence lie."""
        if self.strand == "-":
            return Interval(self.chromosome, self.stop - stop, self.stop - start, "-")
        return Interval(self.chromosome, self.start + start, self.start + stop)

    def number_of(self, position: int) -> int:
        """A position of the sequence as a genome browser counts it, from 1."""
        return self.stop - position if self.strand == "-" else self.start + position + 1

    def position_of(self, number: int) -> int:
        """The position of the sequence at a place that a genome browser numbers so."""
        return self.stop - number if self.strand == "-" else number - self.start - 1

    def check_length(self, length: int) -> None:
        """Raise `InputError` unless the interval has `length` positions, as its sequence."""
        if len(self) != length:
            raise InputError("locus", f"{self}, {len(self)} letters", f"{length}, as the sequence")


def parse_interval(text: str) -> Interval:
    """`chr2R:5,876,534-5,876,782`, 1-based, both ends included; `(-)` behind it: other strand.

    Raises `InputError` for another form, or a first position beyond the last.

    Examples
    --------
    >>> parse_interval("chr2R:5,876,534-5,876,782")
    Interval(chromosome='chr2R', start=5876533, stop=5876782, strand='+')
    >>> len(parse_interval("chr2R:5,876,534-5,876,782"))
    249
    """
    match = _PATTERN.fullmatch(text.strip())
    if match is None:
        raise InputError("locus", repr(text), _EXPECTED)
    first, last = (int(re.sub(r"[,_]", "", match[key])) for key in ("first", "last"))
    if not 1 <= first <= last:
        raise InputError("locus", repr(text), _EXPECTED + ", first at least 1 and at most last")
    strand = match["bracketed"] or match["strand"] or "+"
    return Interval(match["chromosome"], first - 1, last, strand)


_PLACES = re.compile(
    r"(?:(?P<chromosome>[^\s:]+):)?\s*(?P<first>[\d,_]+)\s*(?:(?:-|–|\.\.)\s*(?P<last>[\d,_]+))?"
)


def places_in(text: str, start: int, stop: int, locus: Interval | None = None) -> tuple[int, int]:
    """First and last position that a text names: `85-110` (to 109), `88`, `chr2R:5,876,620`.

    Raises `InputError` for another form, another chromosome, or places outside.

    Parameters
    ----------
    start, stop : positions that there are, `stop` exclusive; part of the text's must be among them
    locus : where the sequence lies; its places are counted from 1, as in a genome browser
    """
    expected = f"positions within {start}-{stop}, as {start}-{stop}"
    if locus is not None:
        whole = locus.part(start, stop)
        expected += f", or places in {whole.chromosome}:{whole.start + 1:,}-{whole.stop:,}"
    match = _PLACES.fullmatch(text.strip())
    if match is None:
        raise InputError("position", repr(text), expected)
    first = int(re.sub(r"[,_]", "", match["first"]))
    end = int(re.sub(r"[,_]", "", match["last"])) if match["last"] else first + 1
    last = end - 1
    outside = first >= stop or last >= stop
    if match["chromosome"] or (locus is not None and outside):
        if locus is None or (match["chromosome"] or locus.chromosome) != locus.chromosome:
            raise InputError("position", repr(text), expected)
        end = end if match["last"] else first
        first, last = sorted((locus.position_of(first), locus.position_of(end)))
    if first > last or first >= stop or last < start:
        raise InputError("position", repr(text), expected)
    return max(first, start), min(last, stop - 1)


class NamedPlace(NamedTuple):
    """The interval that a record is named after, and how the name was read, for the user."""

    interval: Interval
    form: str


def place_of_record(name: str, length: int) -> NamedPlace | None:
    """The interval that a FASTA record is named after; None where the name is not certainly one.

    Taken are `chr2R:1000-1060`, `chr2R:1000-1060(+)`, the same behind `name::`, as `bedtools
    getfasta -name` writes it, and `chr2R_1001_1060` of what certainly is a chromosome. The length
    tells which convention the name follows: 1-based with both ends included, as genome browsers and
    samtools write, or 0-based with the stop excluded, as bedtools does.
    """
    match = _OF_RECORD.fullmatch(name.strip()) or _UNDERSCORED.fullmatch(name.strip())
    if match is None:
        return None
    start, stop = (int(match[key].replace(",", "")) for key in ("first", "last"))
    strand = "-" if match["strand"] == "-" else "+"
    if start >= 1 and stop - start + 1 == length:
        form = "1-based, both ends included (genome browsers, samtools)"
        return NamedPlace(Interval(match["chromosome"], start - 1, stop, strand), form)
    if stop - start == length:
        form = "0-based, the end excluded (bedtools)"
        return NamedPlace(Interval(match["chromosome"], start, stop, strand), form)
    return None
