"""FASTA: all records of a small file."""

from __future__ import annotations

import re
from pathlib import Path

from seam_core.readers.door import text_of
from seam_core.validate import InputError

_NO_LETTER = re.compile(r"[^A-Z*.-]")


def read_fasta(path: Path | str) -> dict[str, str]:
    """Record name (up to the first blank) -> letters in upper case; packed (.gz) or not.

    Raises `InputError` for a missing or empty file, text before the first `>`, a record without
    letters or with signs that are none, and two records of one name.
    """
    records: dict[str, str] = {}
    for name, letters in fasta_records(path):
        if not letters:
            raise InputError(f"record {name}", "no letters", "a sequence", str(path))
        if name in records:
            raise InputError(f"record {name}", "a second of the name", "one of a name", str(path))
        wrong = no_letter(letters)
        if wrong is not None:
            got = f"{letters[wrong]!r} at position {wrong}"
            raise InputError(f"record {name}", got, "letters only", str(path))
        records[name] = letters
    return records


def no_letter(letters: str) -> int | None:
    """Position of the first sign that is no letter; None where all are."""
    sign = _NO_LETTER.search(letters)
    return None if sign is None else sign.start()


def fasta_records(path: Path | str) -> list[tuple[str, str]]:
    """(name, letters) of each record as it is: letters may be missing, and names come twice.

    Raises `InputError` for a missing or empty file, and text before the first `>`.
    """
    text = text_of(path, "sequence", "a FASTA file")
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    if not text.strip():
        raise InputError("sequence", "an empty file", "a FASTA file", str(path))
    before, *parts = ("\n" + text).split("\n>")
    said = [line for line in before.splitlines() if line.strip() and not line.startswith(";")]
    if said or not parts:
        got = repr((said or [before.strip()])[0].strip()[:20])
        raise InputError("sequence", got, "a line with > first", str(path))
    records = []
    for number, part in enumerate(parts, 1):
        header, _, body = part.partition("\n")
        name = header.split()[0] if header.split() else f"record {number}"
        records.append((name, "".join(body.split()).upper()))
    return records
