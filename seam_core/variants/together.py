"""Alleles that lie together: phased genotypes as haplotypes, and pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from seam_core.validate import InputError
from seam_core.variants.alleles import HAPLOTYPE, MISSING, PAIR, Allele, Row

MOST_PAIRS = 200_000
_MOST_SINGLE = 1_000
_NAMED = 5


@dataclass
class _Copy:
    """A chromosome of a sample: the (row, allele) that it carries, and what is not known of it."""

    places: list[tuple[int, int]] = field(default_factory=list)
    missing: str = ""

    def carries(self, row: Row, allele: int | None, known: bool) -> None:
        if allele is None or not known:
            why = "no genotype" if allele is None else "not phased"
            self.missing = self.missing or f"{why} at {row.chrom}:{row.pos}"
        elif allele > 0:
            self.places.append((row.number, allele))


class Haplotypes:
    """Collects what the chromosomes of the samples carry, a row at a time."""

    def __init__(self) -> None:
        self._alleles: dict[tuple[int, int], Allele] = {}
        self._copies: dict[str, list[_Copy]] = {}

    def add(self, row: Row, alleles: Iterable[Allele]) -> None:
        """A row, and its alleles."""
        for sample, carried, phased in row.genotypes:
            copies = self._copies.setdefault(sample, [])
            copies += [_Copy() for _ in carried[len(copies) :]]
            known = phased or len(carried) < 2 or len(set(carried)) == 1
            for copy, number in zip(copies, carried, strict=False):
                copy.carries(row, number, known)
        if row.genotypes:
            there = {carried for each in row.genotypes for carried in each.alleles}
            for allele in alleles:
                if allele.edits and allele.allele in there:
                    self._alleles[allele.row, allele.allele] = allele

    def found(self) -> list[Allele]:
        """Each set of two alleles or more that a chromosome of a sample carries, once.

        Genotypes must be phased, or the same on both copies. A chromosome with a missing genotype,
        or one that is not phased, is not known: it is listed once with the reason.
        """
        carried: dict[tuple[tuple[int, int], ...], list[str]] = {}
        unknown: dict[str, list[str]] = {}
        for sample, copies in self._copies.items():
            for number, copy in enumerate(copies, 1):
                name = f"{sample}|{number}"
                if copy.missing:
                    unknown.setdefault(copy.missing, []).append(name)
                    continue
                usable = tuple(place for place in copy.places if place in self._alleles)
                if len(usable) >= 2:
                    carried.setdefault(usable, []).append(name)
        known = [joined([self._alleles[p] for p in places], HAPLOTYPE, names)
                 for places, names in carried.items()]  # fmt: skip
        return [*known, *(_not_known(why, names) for why, names in unknown.items())]


class Pairs:
    """Every two variants together, in order, made as they are gone through."""

    def __init__(self, alleles: Iterable[Allele] = ()) -> None:
        self._single: list[Allele] = []
        self._n = 0
        self.add(alleles)

    def add(self, alleles: Iterable[Allele]) -> None:
        """The alleles of a row, or of several."""
        for allele in alleles:
            if allele.edits:
                self._n += 1
                self._single.append(allele)
                del self._single[_MOST_SINGLE:]  # more are refused anyhow

    def __len__(self) -> int:
        """How many; raises `InputError` for more than 200,000."""
        n = self._n * (self._n - 1) // 2
        if n > MOST_PAIRS:
            expected = f"at most {MOST_PAIRS:,}"
            raise InputError("combine", f"{n:,} pairs of {self._n:,}", expected)
        return sum(1 for _ in self._apart())

    def __iter__(self) -> Iterator[Allele]:
        return (joined(two, PAIR) for two in self._apart())

    def _apart(self) -> Iterator[tuple[Allele, Allele]]:
        return ((a, b) for a, b in combinations(self._single, 2) if a.row != b.row or not a.row)


def haplotypes(rows: Iterable[Row], alleles: Iterable[Allele]) -> list[Allele]:
    """Those of all rows, see `Haplotypes`."""
    found, of_rows = Haplotypes(), list(alleles)
    for row in rows:
        found.add(row, [allele for allele in of_rows if allele.row == row.number])
    return found.found()


def pairs(alleles: Iterable[Allele]) -> list[Allele]:
    """Every two variants together, where they do not overlap.

    Raises `InputError` for more than 200,000.
    """
    found = Pairs(alleles)
    return list(found) if len(found) else []


def _not_known(why: str, names: Sequence[str]) -> Allele:
    samples = tuple(names)
    return Allele(_names(names), "", 0, "", "", (), HAPLOTYPE, MISSING, why, samples=samples)


def joined(parts: Sequence[Allele], kind: str, samples: Sequence[str] = ()) -> Allele:
    """One allele of several."""
    edits = tuple(sorted((e for part in parts for e in part.edits), key=lambda e: e.start))
    names = tuple(part.name for part in parts)
    name = "+".join(names)
    first = min(parts, key=lambda part: part.pos)
    return Allele(
        name,
        first.chrom,
        first.pos,
        "+".join(part.ref for part in parts),
        "+".join(part.alt for part in parts),
        edits,
        kind,
        parts=names,
        samples=tuple(samples),
    )


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
