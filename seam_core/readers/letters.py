"""The alphabet of sequences that others wrote, and what to do with letters that it lacks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from seam_core.readers.door import Say, silent
from seam_core.sequences import DNA, PROTEIN, RNA, strings_to_indices
from seam_core.validate import InputError, check_choice

# what to do with rows that have a letter outside the alphabet
ODD_LETTERS = ("refuse", "drop", "mask")
_NEARLY_ALL = 0.9
_MOST_NAMED = 5


class Letters(NamedTuple):
    """indices : (n, L) int8 of the rows kept; kept : (N,) bool, None where all are"""

    indices: np.ndarray
    kept: np.ndarray | None = None


def infer_alphabet(strings: list[str], *, source: str = "") -> str:
    """DNA, RNA or protein: the first that has nearly all letters (N, X: unknown) of all rows.

    Raises `InputError` where none has: numbers, or another script.
    """
    counts = _counts(strings)
    total = int(counts.sum())
    rna = counts[ord("U")] > counts[ord("T")]
    for alphabet, unknown in ((RNA if rna else DNA, "N"), (PROTEIN, "X")):
        share = sum(int(counts[ord(letter)]) for letter in alphabet + unknown)
        if total and share >= _NEARLY_ALL * total:
            return alphabet
    known = {*PROTEIN, "U", "X"}
    for row, text in enumerate(strings):
        for position, letter in enumerate(text.upper()):
            if letter not in known:
                raise InputError(
                    "Sequence",
                    f"letter {letter!r} at position {position} of row {row}",
                    f"letters of DNA ({DNA}), RNA ({RNA}) or protein ({PROTEIN}), or an alphabet",
                    source,
                )
    signs = "".join(sorted(set().union(*strings)))[:40]
    raise InputError("Sequence", f"letters {signs}", "DNA, RNA or protein", source)


def _counts(strings: list[str]) -> np.ndarray:
    """(256,) how often each letter comes, in upper case; those that are not ASCII as "?"."""
    data = "".join(strings).upper().encode("ascii", "replace")
    return np.bincount(np.frombuffer(data, dtype=np.uint8), minlength=256)


def letters_of(
    strings: list[str],
    alphabet: str,
    *,
    odd_letters: str = "refuse",
    source: str = "",
    say: Say = silent,
) -> Letters:
    """Sequences as letter indices; rows with letters that the alphabet lacks as the user chose.

    Parameters
    ----------
    odd_letters : "refuse": raise, naming rows and positions; "drop": leave the rows out; "mask":
        the letters are unknown (all zeros to a model)
    say : told what was dropped or masked

    Raises `InputError` for lengths that differ, no rows left, and with "refuse" for odd letters.
    """
    check_choice(odd_letters, "odd_letters", ODD_LETTERS)
    usual = frozenset(alphabet.upper())
    counts = _counts(strings)
    if counts.sum() == sum(counts[ord(letter)] for letter in usual):
        return Letters(strings_to_indices(strings, alphabet, source=source))
    odd = [row for row, text in enumerate(strings) if not usual.issuperset(text.upper())]
    _same_lengths(strings, alphabet, source)
    named = _named(strings, odd, usual)
    if odd_letters == "refuse":
        expected = f"letters of the alphabet {alphabet}; choose to drop these rows or to mask the "
        expected += "letters (--odd-letters drop or mask)"
        raise InputError("Sequence", named, expected, source)
    if odd_letters == "mask":
        say(f"masked as unknown: {named}")
        unknown = "X" if "N" in usual else "N"
        masked = list(strings)
        for row in odd:
            text = strings[row].upper()
            masked[row] = "".join(c if c in usual else unknown for c in text)
        return Letters(strings_to_indices(masked, alphabet, source=source))
    kept = np.ones(len(strings), dtype=bool)
    kept[odd] = False
    if not kept.any():
        raise InputError("Sequence", named, "a row that is not dropped", source)
    say(f"{len(odd):,} of {len(strings):,} rows dropped: {named}")
    left = [text for text, keep in zip(strings, kept, strict=True) if keep]
    return Letters(strings_to_indices(left, alphabet, source=source), kept)


def _same_lengths(strings: list[str], alphabet: str, source: str) -> None:
    """Raise as `strings_to_indices` does for lengths that differ."""
    if len({len(text) for text in strings}) > 1 or not strings[0]:
        strings_to_indices([alphabet[0] * len(text) for text in strings], alphabet, source=source)


def _named(strings: list[str], odd: list[int], usual: frozenset[str]) -> str:
    """ "letter 'R' at position 4 of row 7, ... (12 rows in all)" """
    parts = []
    for row in odd[:_MOST_NAMED]:
        text = strings[row].upper()
        position = next(i for i, letter in enumerate(text) if letter not in usual)
        parts.append(f"letter {text[position]!r} at position {position} of row {row}")
    more = f" and {len(odd) - _MOST_NAMED:,} rows more" if len(odd) > _MOST_NAMED else ""
    return ", ".join(parts) + more
