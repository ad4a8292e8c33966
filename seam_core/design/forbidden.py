"""What an ordered sequence may not hold: sites of enzymes, on either strand, and long runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from seam_core.sequences import DNA
from seam_core.validate import InputError

SHORTEST = 3
"""Letters that a pattern has at least: shorter ones are nearly everywhere."""


@dataclass(frozen=True)
class Found:
    """Where something forbidden lies: positions `start` to `stop` (exclusive)."""

    name: str
    start: int
    stop: int


class Forbidden:
    """Patterns and the longest run, found wherever they are.

    Raises `InputError` for what is neither a pattern nor an enzyme.

    Parameters
    ----------
    avoid : patterns and enzymes, separated by ";"
    longest_run : of one letter; 0: any
    alphabet : of the sequences; the other strand is read where it is that of nucleotides
    """

    def __init__(self, avoid: str = "", longest_run: int = 0, alphabet: str = DNA) -> None:
        self.longest_run = longest_run
        self._nucleotides = set(alphabet.replace("U", "T")) == set(DNA)
        wanted = [part.strip() for part in avoid.split(";") if part.strip()]
        self._patterns = [pattern for part in wanted for pattern in self._compiled(part, alphabet)]

    def __bool__(self) -> bool:
        return bool(self._patterns) or self.longest_run > 0

    def find(self, letters: str) -> list[Found]:
        """All of it in one sequence, overlapping ones too, from the left."""
        read = letters.replace("U", "T") if self._nucleotides else letters
        stretches = [
            Found(name, match.start(), match.start() + len(match.group(1)))
            for name, pattern in self._patterns
            for match in pattern.finditer(read)
        ]
        if self.longest_run:
            runs = re.finditer(r"(.)\1{" + str(self.longest_run) + ",}", read)
            stretches += [Found(f"a run of {m.group(1)}", m.start(), m.end()) for m in runs]
        return sorted(set(stretches), key=lambda one: (one.start, one.stop, one.name))

    def holds(self, letters: str) -> bool:
        """True where there is any of it."""
        return bool(self.find(letters))

    def _compiled(self, text: str, alphabet: str) -> list[tuple[str, re.Pattern[str]]]:
        """The pattern, and that of the other strand where it is another."""
        if not self._nucleotides:
            if not set(text.upper()) <= set(alphabet) or len(text) < SHORTEST:
                raise InputError("avoid", repr(text), f"{SHORTEST} or more letters of {alphabet}")
            return [(text.upper(), _looking_ahead(re.escape(text.upper())))]
        from Bio.Data.IUPACData import ambiguous_dna_values
        from Bio.Seq import reverse_complement

        letters = _letters_of(text, set(ambiguous_dna_values) - {"X"})
        strands = dict.fromkeys((letters, str(reverse_complement(letters))))
        name = text if text.upper() == letters else f"{text} ({letters})"
        return [
            (name, _looking_ahead("".join(f"[{ambiguous_dna_values[c]}]" for c in strand)))
            for strand in strands
        ]


def _letters_of(text: str, codes: set[str]) -> str:
    """A pattern's letters, or those that an enzyme recognises."""
    upper = text.upper().replace("U", "T")
    if len(upper) >= SHORTEST and set(upper) <= codes and set(upper) != {"N"}:
        return upper
    from Bio import Restriction

    enzymes: Any = Restriction.AllEnzymes  # type: ignore[attr-defined]
    for enzyme in enzymes:
        if str(enzyme).lower() == text.lower():
            return str(enzyme.site)
    raise InputError(
        "avoid",
        repr(text),
        f"{SHORTEST} or more letters (IUPAC codes too), as GAATTC, or an enzyme, as EcoRI",
    )


def _looking_ahead(pattern: str) -> re.Pattern[str]:
    return re.compile(f"(?=({pattern}))")


def outside(patterns: Sequence[Found], spans: Sequence[tuple[int, int]]) -> list[Found]:
    """What does not lie wholly within one of the `spans` (start, stop)."""
    return [one for one in patterns if not any(a <= one.start and one.stop <= b for a, b in spans)]
