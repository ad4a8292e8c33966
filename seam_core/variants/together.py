"""Alleles that lie together: phased genotypes as haplotypes, and pairs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from seam_core.validate import InputError
from seam_core.variants.alleles import HAPLOTYPE, MISSING, PAIR, Allele, Row

MOST_PAIRS = 200_000
_NAMED = 5


def haplotypes(rows: Sequence[Row], alleles: Iterable[Allele]) -> list[Allele]:
    """Each set of two alleles or more that a chromosome of a sample carries, once.

    Genotypes must be phased, or the same on both copies. A chromosome with a missing genotype, or
    one that is not phased, is not known: it is listed once with the reason.
    """
    by_place = {(a.row, a.allele): a for a in alleles if a.edits}
    carried: dict[tuple[tuple[int, int], ...], list[str]] = {}
    unknown: dict[str, list[str]] = {}
    for sample, copies in _copies(rows).items():
        for number, (places, missing) in enumerate(copies, 1):
            name = f"{sample}|{number}"
            if missing:
                unknown.setdefault(missing, []).append(name)
                continue
            usable = tuple(place for place in places if place in by_place)
            if len(usable) >= 2:
                carried.setdefault(usable, []).append(name)
    alleles_together = [_together([by_place[p] for p in places], HAPLOTYPE, names)
             for places, names in carried.items()]  # fmt: skip
    for why, names in unknown.items():
        alleles_together.append(
            Allele(_names(names), "", 0, "", "", (), HAPLOTYPE, MISSING, why, samples=tuple(names))
        )
    return alleles_together


def pairs(alleles: Iterable[Allele]) -> list[Allele]:
    """Every two variants together, where they do not overlap.

    Raises `InputError` for more than 200,000.
    """
    single = [allele for allele in alleles if allele.edits]
    n = len(single) * (len(single) - 1) // 2
    if n > MOST_PAIRS:
        raise InputError("combine", f"{n:,} pairs of {len(single):,}", f"at most {MOST_PAIRS:,}")
    return [
        _together([one, other], PAIR, [])
        for one, other in combinations(single, 2)
        if one.row != other.row or not one.row
    ]


def _copies(
    rows: Sequence[Row],
) -> dict[str, list[tuple[list[tuple[int, int]], str]]]:
    """Sample -> of each copy, the (row, allele) that it carries, and what is not known of it."""
    carried: dict[str, list[tuple[list[tuple[int, int]], str]]] = {}
    for row in rows:
        for sample, alleles, phased in row.genotypes:
            copies = carried.setdefault(sample, [([], "") for _ in alleles])
            while len(copies) < len(alleles):
                copies.append(([], ""))
            known = phased or len(alleles) < 2 or len(set(alleles)) == 1
            for number, allele in enumerate(alleles):
                places, missing = copies[number]
                where = f"{row.chrom}:{row.pos}"
                if allele is None:
                    missing = missing or f"no genotype at {where}"
                elif not known:
                    missing = missing or f"not phased at {where}"
                elif allele > 0:
                    places.append((row.number, allele))
                copies[number] = (places, missing)
    return carried


def _together(parts: list[Allele], kind: str, samples: list[str]) -> Allele:
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


def _names(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
