"""What is ordered: adapter, sequence, barcode, adapter, and nothing forbidden across the joints."""

from __future__ import annotations

from dataclasses import dataclass

from seam_core.design.barcodes import Barcodes
from seam_core.design.forbidden import Forbidden, Found, outside
from seam_core.sequences import strings_to_indices


@dataclass(frozen=True)
class Oligo:
    """One ordered sequence and the barcode in it ("" without)."""

    letters: str
    barcode: str


class Assembly:
    """Puts sequences between adapters.

    What lies wholly inside an adapter is its author's, such as the site that it is cut at; anywhere
    else, across joints too, nothing forbidden is let in.

    Raises `InputError` for adapters with letters outside of the alphabet.
    """

    def __init__(
        self, left: str, right: str, forbidden: Forbidden, alphabet: str, *, barcoded: bool = False
    ) -> None:
        for name, adapter in (("left_adapter", left), ("right_adapter", right)):
            if adapter:
                strings_to_indices([adapter], alphabet, field=name)
        self.left, self.right, self.forbidden = left.upper(), right.upper(), forbidden
        self._barcoded = barcoded

    def found(self, sequence: str, barcode: str = "") -> list[Found]:
        """What is forbidden in the oligo; positions count from the sequence's first letter."""
        return self._found(self.left + sequence + barcode + self.right, self.right)

    def before_barcode(self, sequence: str) -> list[Found]:
        """What is forbidden whatever barcode comes: without barcodes, all of it."""
        return self._found(self.left + sequence, "") if self._barcoded else self.found(sequence)

    def _found(self, oligo: str, right: str) -> list[Found]:
        if not self.forbidden:
            return []
        n = len(self.left)
        spans = [(0, n)] + ([(len(oligo) - len(right), len(oligo))] if right else [])
        return [
            Found(one.name, one.start - n, one.stop - n)
            for one in outside(self.forbidden.find(oligo), spans)
        ]

    def with_barcode(self, sequence: str, barcodes: Barcodes) -> Oligo:
        """The oligo with the next barcode that lets nothing forbidden in. Raises `InputError`."""
        barcode = barcodes.draw(lambda text: not self.found(sequence, text))
        return Oligo(self.left + sequence + barcode + self.right, barcode)

    def notes(self) -> list[str]:
        """What adapters hold of the forbidden themselves, in words."""
        return [
            f"the {side} adapter holds {one.name} itself"
            for side, adapter in (("left", self.left), ("right", self.right))
            for one in self.forbidden.find(adapter)
        ]
