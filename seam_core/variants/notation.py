"""Variants as they are typed, and as the product names them."""

from __future__ import annotations

import re

from seam_core.validate import InputError
from seam_core.variants.alleles import Row

NONE, ANY = "-", "."
"""In place of letters: none at all; and in REF, whichever are there."""

EXAMPLES = "A85G, A85ATT, 85:AC:-, 85_87del, 84_85insTT, or chr2R:5876619:A:G; several joined by +"
_FARTHEST = 1 << 40
_MOST_DELETED = 100_000
_SHORT = re.compile(r"(?P<ref>[A-Za-z]*)(?P<pos>\d+)(?P<alt>[A-Za-z]+)")
_COUNTED = re.compile(r"(?P<pos>\d+):(?P<ref>[A-Za-z]+|-):(?P<alt>[A-Za-z]+|-)")
_CHANGED = re.compile(
    r"(?:[A-Z](?=\d+del))?(?P<pos>\d+)(?:_(?P<last>\d+))?"
    r"(?:del(?P<ref>[A-Z]*)(?:ins(?P<put>[A-Z]+))?|ins(?P<new>[A-Z]+))"
)
_PLACED = re.compile(
    r"(?P<chrom>[^\s:+]+):(?P<pos>[\d,]+)[:\s]?(?P<ref>[A-Za-z]+)[:>/\s](?P<alt>[A-Za-z]+)"
)
_JOINT = re.compile(r"\s*\+\s*|\s+(?=[A-Za-z]*\d)")


def typed(text: str) -> Row:
    """A variant as it is typed, or named by the product; its positions of the sequence from 0.

    A85G, A85ATT; 85:A:ATT, 85:AC:-, 85:-:TT (in front of position 85); 85delA, 85_87del,
    84_85insTT, 85_86delinsG; chr2R:5876619:A:G (from 1); several at once joined by + or blanks.

    Raises `InputError` for another form.
    """
    text = text.strip()
    row = _one(text)
    if row is not None:
        return row
    parts = [_one(part) for part in _JOINT.split(text)]
    several = tuple(part for part in parts if part is not None)
    if len(several) < 2 or len(several) < len(parts):
        raise InputError("variant", repr(text), EXAMPLES)
    first = min(several, key=lambda part: part.pos)
    return Row(1, first.chrom, first.pos, "", (), text, parts=several)


def whole(text: str) -> int:
    """A position; raises `InputError` for what is no whole number, or beyond all chromosomes."""
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        value = float("nan")
    if not (value.is_integer() and abs(value) <= _FARTHEST):
        raise InputError("position", repr(text), "a whole number")
    return int(value)


def name_of(pos: int, ref: str, alt: str) -> str:
    """What a variant that counts positions of the sequence is called; `typed` reads it."""
    if NONE in (ref, alt) or not ref or not alt:
        return f"{pos}:{ref or NONE}:{alt or NONE}"
    return f"{ref}{pos}{alt}"


def _one(text: str) -> Row | None:
    match = _CHANGED.fullmatch(text)
    if match is not None:
        return _changed(match, text)
    for form in (_SHORT, _COUNTED, _PLACED):
        match = form.fullmatch(text)
        if match is not None:
            said = match.groupdict()
            ref, alt = said["ref"].upper(), said["alt"].upper()
            return Row(1, said.get("chrom", ""), whole(said["pos"]), ref, (alt,), text)
    return None


def _changed(match: re.Match[str], text: str) -> Row:
    """del, ins and delins, as sequence variants are described, positions from 0."""
    pos, last = whole(match["pos"]), match["last"]
    if match["new"] is not None:
        if last is None or whole(last) != pos + 1:
            expected = f"two neighbours, as {pos}_{pos + 1}ins{match['new']}"
            raise InputError("variant", repr(text), expected)
        return Row(1, "", pos + 1, NONE, (match["new"],), text)
    stop = whole(last) + 1 if last is not None else pos + max(1, len(match["ref"]))
    n_deleted = stop - pos
    if not 0 < n_deleted <= _MOST_DELETED or len(match["ref"]) not in (0, n_deleted):
        raise InputError("variant", repr(text), "as many letters as positions, as 85_87delACG")
    return Row(1, "", pos, match["ref"] or ANY * n_deleted, (match["put"] or NONE,), text)
