"""Motifs as other programs write them: JASPAR, TRANSFAC, HOCOMOCO and HOMER; matrices of counts or
probabilities. MEME's own format is read in `seam_core.motifs.meme`.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from seam_core.readers.door import lines_of, reading
from seam_core.validate import InputError

EXPECTED = "motifs in MEME, JASPAR, TRANSFAC, HOCOMOCO or HOMER format"
_JASPAR = re.compile(r"^\s*[ACGT]\s*\[", re.MULTILINE)
_TRANSFAC = re.compile(r"^P[0O]\s+A\s+C\s+G\s+T", re.MULTILINE)
_MOST_POSITIONS = 10_000
_MOST_MOTIFS = 50_000


class MotifEntry(NamedTuple):
    """counts : (w, 4) counts or probabilities of A, C, G and T"""

    name: str
    alternate: str
    counts: np.ndarray


def motif_entries(text: str, path: Path | str) -> list[MotifEntry]:
    """The motifs of a file's text in any of the formats.

    Raises `InputError` for another format, a matrix that is no counts, and for no motifs.
    """
    with reading(path, "motif file", EXPECTED):
        entries = list(islice(_entries(text, str(path)), _MOST_MOTIFS + 1))
    if len(entries) > _MOST_MOTIFS:
        got = f"more than {_MOST_MOTIFS:,} motifs"
        raise InputError("motif file", got, "those of a database", str(path))
    if not entries:
        raise InputError("motif file", "no motifs", EXPECTED, str(path))
    for entry in entries:
        _check(entry, str(path))
    return entries


def _entries(text: str, source: str) -> Iterator[MotifEntry]:
    if _TRANSFAC.search(text):
        return _by_biopython(text, "transfac")
    if _JASPAR.search(text):
        return _by_biopython(text, "jaspar")
    if text.lstrip().startswith(">"):
        return _of_numbers(text, source)
    first = next((line.strip() for line in lines_of(text) if line.strip()), "an empty file")
    raise InputError("motif file", repr(first[:60]), EXPECTED, source)


def _by_biopython(text: str, format: str) -> Iterator[MotifEntry]:
    from Bio import motifs

    options = {"strict": False} if format == "transfac" else {}
    for number, motif in enumerate(motifs.parse(io.StringIO(text), format, **options), 1):
        if format == "jaspar":
            names = [motif.matrix_id, motif.name]
        else:
            names = [motif.get(key) for key in ("AC", "ID", "NA")]
        said = [str(name).strip() for name in names if name and str(name).strip() != "None"]
        counts = np.array([motif.counts[letter] for letter in "ACGT"], dtype=np.float64).T
        yield MotifEntry(said[0] if said else f"motif_{number}", said[-1] if said else "", counts)


def _of_numbers(text: str, source: str) -> Iterator[MotifEntry]:
    """A line with > and then numbers: a row a position (HOMER, HOCOMOCO), or a row a letter."""
    blocks: list[tuple[str, list[list[float]]]] = []
    for number, line in enumerate(lines_of(text), 1):
        if line.startswith(">"):
            blocks.append((line[1:].strip(), []))
        elif line.strip() and not line.startswith("#"):
            blocks[-1][1].append(_numbers(line, number, source))
    by_letter = any(len(row) != 4 for _, rows in blocks for row in rows)
    for number, (title, rows) in enumerate(blocks, 1):
        widths = {len(row) for row in rows}
        if len(widths) != 1 or (by_letter and len(rows) != 4):
            got = f"{len(rows)} rows of {', '.join(map(str, sorted(widths))) or 'no'} numbers"
            expected = "four numbers a position, or four rows, one a letter"
            raise InputError(f"motif {title[:40] or number}", got, expected, source)
        matrix = np.array(rows, dtype=np.float64)
        yield MotifEntry(*_names(title, number), matrix.T if by_letter else matrix)


def _numbers(line: str, number: int, source: str) -> list[float]:
    words = re.sub(r"^\s*[ACGT]\s*[|:]?\s+", "", line).split()
    try:
        return [float(word) for word in words]
    except ValueError:
        expected = "numbers, as HOMER and HOCOMOCO write a matrix"
        raise InputError(f"line {number}", repr(line.strip()[:60]), expected, source) from None


def _names(title: str, number: int) -> tuple[str, str]:
    """HOMER: consensus, name, threshold, ... with tabs; others: identifier and name."""
    fields = [field.strip() for field in title.split("\t")]
    if len(fields) > 2 and fields[1]:
        return fields[1], fields[1].split("/")[0]
    words = title.split()
    return (words[0] if words else f"motif_{number}"), " ".join(words[1:2])


def _check(entry: MotifEntry, source: str) -> None:
    field = f"motif {entry.name}"
    if not 1 <= len(entry.counts) <= _MOST_POSITIONS:
        raise InputError(
            field, f"{len(entry.counts):,} positions", f"1 to {_MOST_POSITIONS:,}", source
        )
    if (entry.counts < 0).any():
        expected = "counts or probabilities; log-odds cannot be turned back"
        raise InputError(field, "negative numbers", expected, source)
    sums = entry.counts.sum(axis=1)
    if not np.isfinite(sums).all() or (sums <= 0).any():
        raise InputError(field, "a position without counts", "counts or probabilities", source)
