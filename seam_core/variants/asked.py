"""What is asked about a file: its alleles, haplotypes and pairs, none of them held in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from seam_core.parameters import VariantParameters
from seam_core.variants.alleles import Allele, Row
from seam_core.variants.placing import Assembly, Ground, place_rows
from seam_core.variants.reading import Counts, read_variants
from seam_core.variants.spool import Spool
from seam_core.variants.together import Haplotypes, Pairs


class Asked:
    """The alleles of a file that touch the window, then haplotypes and pairs as wanted.

    The file is read once; its rows wait in a temporary file. Haplotypes alone stay in memory.

    counts : filled in as the file is read

    Raises
    ------
    InputError
        A file that cannot be read, one of another assembly, too many pairs.
    """

    def __init__(
        self,
        path: Path | str,
        ground: Ground,
        parameters: VariantParameters,
        counts: Counts | None = None,
    ) -> None:
        self._ground, self._rows, self._n = ground, Spool(), 0
        assembly, haplotypes, pairs = Assembly(), Haplotypes(), Pairs()
        for row in read_variants(path, ground.locus, counts):
            placed = list(place_rows([row], ground))
            assembly.add(placed)
            if parameters.haplotypes:
                haplotypes.add(row, placed)
            if parameters.combine:
                pairs.add(placed)
            self._rows.add(_packed(row))
            self._n += len(placed)
        assembly.check(str(path))
        self._haplotypes, self._pairs = haplotypes.found(), pairs
        self._n += len(self._haplotypes) + len(pairs)

    def __len__(self) -> int:
        return self._n

    def __iter__(self) -> Iterator[Allele]:
        for values in self._rows:
            yield from place_rows([_unpacked(values)], self._ground)
        yield from self._haplotypes
        yield from self._pairs


def _packed(row: Row) -> list[Any]:
    """Without its genotypes, which haplotypes were made of."""
    parts = [_packed(part) for part in row.parts]
    return [row.number, row.chrom, row.pos, row.ref, row.alts, row.name, row.error, parts]


def _unpacked(values: Sequence[Any]) -> Row:
    number, chrom, pos, ref, alts, name, error, parts = values
    row = Row(number, chrom, pos, ref, tuple(alts), name, error=error)
    return replace(row, parts=tuple(map(_unpacked, parts))) if parts else row
