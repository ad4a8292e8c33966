"""The alphabet of sequences that others wrote, and what to do with letters that it lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from seam_core.parameters.oracle import ODD_LETTERS
from seam_core.sequences import DNA, PROTEIN, RNA, strings_to_indices
from seam_core.validate import InputError, check_choice

if TYPE_CHECKING:
    import pandas as pd

_NEARLY_ALL = 0.9
_MOST_NAMED = 5


class Letters(NamedTuple):
    """Sequences as they were read.

    indices : (n, L) int8 of the rows kept
    kept : (N,) bool, None where all are
    note : what was dropped or masked, in words
    """

    indices: np.ndarray
    kept: np.ndarray | None = None
    note: str = ""


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


def texts_of(
    column: pd.Series, *, source: str = "", rows: Sequence[int] | None = None
) -> list[str]:
    """The sequences of a table's column; raises `InputError` where a row has none.

    rows : (N,) their numbers in the file, where these are not all
    """
    gaps = np.flatnonzero(column.isna())
    if len(gaps):
        row = int(gaps[0] if rows is None else rows[gaps[0]])
        raise InputError("Sequence", f"nothing in row {row}", "a sequence in each row", source)
    return [str(text).strip() for text in column]


def letters_of(
    strings: list[str],
    alphabet: str,
    *,
    odd_letters: str = "refuse",
    rows: Sequence[int] | None = None,
    source: str = "",
) -> Letters:
    """Sequences as letter indices; rows with letters that the alphabet lacks as the user chose.

    Raises `InputError` for lengths that differ, no rows left, and with "refuse" for odd letters.

    Parameters
    ----------
    odd_letters : "refuse": raise, naming rows and positions; "drop": leave the rows out; "mask":
        the letters are unknown (all zeros to a model)
    rows : (N,) their numbers in the file, where these are not all
    """
    check_choice(odd_letters, "odd_letters", ODD_LETTERS)
    usual = frozenset(alphabet.upper())
    rows = range(len(strings)) if rows is None else rows
    _check_lengths(strings, rows, source)
    counts = _counts(strings)
    if counts.sum() == sum(counts[ord(letter)] for letter in usual):
        return Letters(strings_to_indices(strings, alphabet, source=source))
    odd = [row for row, text in enumerate(strings) if not usual.issuperset(text.upper())]
    named = _named(strings, odd, rows, usual)
    if odd_letters == "refuse":
        expected = f"letters of the alphabet {alphabet}; choose to drop these rows or to mask the "
        expected += "letters (odd_letters drop or mask)"
        raise InputError("Sequence", named, expected, source)
    if odd_letters == "mask":
        unknown = "X" if "N" in usual else "N"
        masked = list(strings)
        for row in odd:
            text = strings[row].upper()
            masked[row] = "".join(c if c in usual else unknown for c in text)
        indices = strings_to_indices(masked, alphabet, source=source)
        return Letters(indices, note=f"{_counted(odd, strings)} masked as unknown: {named}")
    kept = np.ones(len(strings), dtype=bool)
    kept[odd] = False
    if not kept.any():
        raise InputError("Sequence", named, "a row that is not dropped", source)
    left = [text for text, keep in zip(strings, kept, strict=True) if keep]
    indices = strings_to_indices(left, alphabet, source=source)
    return Letters(indices, kept, f"{_counted(odd, strings)} dropped: {named}")


def _counted(odd: list[int], strings: list[str]) -> str:
    return f"{len(odd):,} of {len(strings):,} rows"


def _check_lengths(strings: list[str], rows: Sequence[int], source: str) -> None:
    """Raise `InputError` for lengths that differ, by the file's rows."""
    length = len(strings[0]) if strings else 0
    other = next((i for i, text in enumerate(strings) if len(text) != length), None)
    if other is not None:
        got = f"length {len(strings[other])} in row {rows[other]}"
        expected = f"length {length}, as in row {rows[0]} (all sequences have one length)"
        raise InputError("Sequence", got, expected, source)


def _named(strings: list[str], odd: list[int], rows: Sequence[int], usual: frozenset[str]) -> str:
    """ "letter 'R' at position 4 of row 7, ... (12 rows in all)" """
    parts = []
    for row in odd[:_MOST_NAMED]:
        text = strings[row].upper()
        position = next(i for i, letter in enumerate(text) if letter not in usual)
        parts.append(f"letter {text[position]!r} at position {position} of row {rows[row]}")
    more = f" and {len(odd) - _MOST_NAMED:,} rows more" if len(odd) > _MOST_NAMED else ""
    return ", ".join(parts) + more
