"""Rows of a file -> alleles of the sequence, each with its place or with why it has none."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from seam_core.intervals import COMPLEMENT, Interval, same_chromosome, span_text
from seam_core.readers.genome import Genome
from seam_core.sequences import indices_to_strings
from seam_core.validate import InputError
from seam_core.variants.alleles import (
    BEYOND,
    HAPLOTYPE,
    NO_ALT,
    OUTSIDE,
    REF_DIFFERS,
    SAME,
    SPANNING,
    SYMBOLIC,
    UNKNOWN_LETTER,
    UNREADABLE,
    Allele,
    Edit,
    Row,
)
from seam_core.variants.notation import ANY, NONE, name_of
from seam_core.variants.together import joined

ANOTHER_ASSEMBLY = 0.1
"""Where more than this share of the REF letters differ, and two or more, none is used."""

_NAMED = 5


@dataclass(frozen=True, eq=False)
class Ground:
    """The sequence that variants change.

    reference : (L,) int8; `letters` the same as text
    locus : where it lies; None: only variants that count its positions
    genome : for flanks; None: no deletions
    """

    reference: np.ndarray
    alphabet: str
    locus: Interval | None = None
    genome: Genome | None = None

    def __post_init__(self) -> None:
        self._check_genome()

    @cached_property
    def letters(self) -> str:
        return indices_to_strings(self.reference[None], self.alphabet)[0]

    @property
    def chromosome(self) -> str:
        """As the genome's file calls it."""
        assert self.locus is not None
        name = self.locus.chromosome
        return name if self.genome is None else self.genome.name_of(name)

    def _check_genome(self) -> None:
        if self.genome is None or self.locus is None:
            return
        there = self.genome.fetch(replace(self.locus, chromosome=self.chromosome))
        there = there.replace("T", "U") if "U" in self.alphabet else there
        differ = sum(a != b for a, b in zip(there, self.letters, strict=True))
        if differ:
            raise InputError(
                "genome",
                f"{differ} other letters at {self.locus}",
                "the genome that the session's sequence is from",
                str(self.genome.path),
            )


def place_rows(rows: Iterable[Row], ground: Ground) -> Iterator[Allele]:
    """An allele for each alternative of each row; those that have no place say why."""
    for row in rows:
        if row.error:
            yield _without(row, "", 1, UNREADABLE, row.error)
            continue
        if row.parts:
            yield _joined(row, ground)
            continue
        if not row.chrom and not row.ref:
            row = replace(row, ref=_filled(row.pos, ANY, ground))
        if not row.alts or row.alts == (".",):
            yield _without(row, ".", 1, NO_ALT, "")
            continue
        for number, alt in enumerate(row.alts, 1):
            yield _placed(row, alt, number, ground)


def _joined(row: Row, ground: Ground) -> Allele:
    """Several variants as one allele, or why one of them has no place."""
    parts = list(place_rows(row.parts, ground))
    wrong = next((part for part in parts if part.outcome), None)
    if wrong is not None:
        detail = f"{wrong.name}: {wrong.detail}" if wrong.detail else wrong.name
        return _without(row, "+".join(p.alt for p in parts), 1, wrong.outcome, detail)
    return replace(joined(parts, HAPLOTYPE), name=row.name, row=row.number)


def _filled(start: int, ref: str, ground: Ground) -> str:
    """REF with the sequence's letters where it says any."""
    length = len(ground.reference)
    return "".join(
        ground.letters[start + i] if letter == ANY and 0 <= start + i < length else letter
        for i, letter in enumerate(ref)
    )


class Assembly:
    """Counts rows whose REF differs, to tell another assembly by."""

    def __init__(self) -> None:
        self._rows = self._differ = 0
        self._which: list[str] = []

    def add(self, alleles: Iterable[Allele]) -> None:
        """The alleles of one row."""
        told = [a for a in alleles if a.row and (a.edits or a.outcome == REF_DIFFERS)]
        if not told:
            return
        self._rows += 1
        if told[-1].outcome == REF_DIFFERS:
            self._differ += 1
            if len(self._which) < _NAMED:
                self._which.append(f"{told[-1].name} ({told[-1].detail})")

    def check(self, source: str = "") -> None:
        """Raise `InputError` where so many REF letters differ that it is another assembly."""
        if self._differ < 2 or self._differ <= ANOTHER_ASSEMBLY * self._rows:
            return
        unnamed = self._differ - len(self._which)
        more = f"; and {unnamed} more" if unnamed else ""
        raise InputError(
            "variants",
            f"{self._differ} of {self._rows} with another REF than the sequence: "
            f"{'; '.join(self._which)}{more}",
            "variants of the sequence's own assembly; none was used",
            source,
        )


def check_assembly(alleles: Iterable[Allele], source: str = "") -> None:
    """Raise `InputError` where so many REF letters differ that it is another assembly.

    alleles : those of a row one after another
    """
    assembly = Assembly()
    for _, of_row in itertools.groupby(alleles, key=lambda allele: allele.row):
        assembly.add(of_row)
    assembly.check(source)


def _placed(row: Row, alt: str, number: int, ground: Ground) -> Allele:
    if alt == "*":
        return _without(row, alt, number, SPANNING, "")
    if alt in ("", "."):
        return _without(row, alt or ".", number, NO_ALT, "")
    counted = not row.chrom and (alt == NONE or row.ref == NONE)
    if not re.fullmatch(r"[A-Z]+", alt) and not counted:
        return _without(row, alt, number, SYMBOLIC, alt)
    start, ref, new = row.pos, row.ref, alt
    if row.chrom:
        if ground.locus is None or not same_chromosome(row.chrom, ground.locus.chromosome):
            return _without(row, alt, number, OUTSIDE, row.chrom)
        start, ref, new = _on_strand(row, alt, ground.locus)
    else:
        ref = _filled(start, ref.replace(NONE, ""), ground)
        new = new.replace(NONE, "")
    ref, new = (_in_alphabet(text, ground.alphabet) for text in (ref, new))
    return _checked(row, alt, number, ground, (start, ref, new))


def _on_strand(row: Row, alt: str, locus: Interval) -> tuple[int, str, str]:
    start, stop = row.pos - 1, row.pos - 1 + len(row.ref)
    if locus.strand == "+":
        return start - locus.start, row.ref, alt
    turned = (text.translate(COMPLEMENT)[::-1] for text in (row.ref, alt))
    return locus.stop - stop, *turned  # type: ignore[return-value]


def _in_alphabet(text: str, alphabet: str) -> str:
    if "U" in alphabet and "T" not in alphabet:
        return text.replace("T", "U")
    return text.replace("U", "T") if alphabet == "ACGT" else text


def _checked(
    row: Row, alt: str, number: int, ground: Ground, placed: tuple[int, str, str]
) -> Allele:
    start, ref, new = placed
    length = len(ground.reference)
    stop = start + len(ref)
    beyond = not 0 <= start <= length if not ref else stop <= 0 or start >= length
    if beyond:
        return _without(row, alt, number, OUTSIDE, f"position {start} of {span_text(0, length)}")
    wrong = [letter for letter in ref + new if letter not in ground.alphabet]
    if wrong:
        return _without(row, alt, number, UNKNOWN_LETTER, wrong[0])
    inside = slice(max(0, start), min(length, stop))
    there = ground.letters[inside]
    named = ref[inside.start - start : inside.stop - start]
    if there != named:
        return _without(row, alt, number, REF_DIFFERS, _how(ground, start, named, there, row))
    if start < 0 or stop > length:
        detail = f"positions {span_text(start, stop)} of {span_text(0, length)}"
        return _without(row, alt, number, BEYOND, detail)
    start, ref, new = _trimmed(start, ref, new)
    if ref == new:
        return _without(row, alt, number, SAME, "")
    return replace(_bare(row, alt, number), edits=(Edit(start, ref, new),))


def _how(ground: Ground, start: int, named: str, there: str, row: Row) -> str:
    said = f"{named}, the sequence has {there}"
    if row.chrom or len(named) != 1:
        return said
    near = [
        place
        for place in (start - 1, start + 1)
        if 0 <= place < len(ground.reference) and ground.letters[place] == named
    ]
    hint = f"; positions count from 0, {named} is at {near[0]}" if near else ""
    return said + hint


def _trimmed(start: int, ref: str, alt: str) -> tuple[int, str, str]:
    """Without the letters that both share, first those at the end."""
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        start, ref, alt = start + 1, ref[1:], alt[1:]
    return start, ref, alt


def _bare(row: Row, alt: str, number: int) -> Allele:
    place = name_of(row.pos, row.ref, alt)
    if row.chrom:
        place = f"{row.chrom}:{row.pos}:{row.ref}:{alt}"
    several = len(row.alts) > 1
    name = f"{row.name}:{alt}" if row.name and several else row.name or place
    return Allele(name, row.chrom, row.pos, row.ref, alt, row=row.number, allele=number)


def _without(row: Row, alt: str, number: int, outcome: str, detail: str) -> Allele:
    return replace(_bare(row, alt, number), outcome=outcome, detail=detail)
