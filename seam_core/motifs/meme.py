"""Motifs as matrices of letter probabilities, and the MEME text format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seam_core.readers.door import lines_of, reading, text_of
from seam_core.sequences import DNA, PROTEIN, RNA, check_alphabet
from seam_core.validate import InputError, check_finite, check_shape

_WIDTH = re.compile(r"\bw=\s*(\d+)")
_SITES = re.compile(r"\bnsites=\s*([\d.eE+]+)")
_ROW_SUM_TOLERANCE = 0.02


STRONGEST_ODDS = np.log(100.0)
"""Log-odds of two letters at the strongest position of a motif that stands for a site."""


@dataclass(frozen=True, eq=False)
class Motif:
    """A motif.

    name : identifier, "MA0529.3" or "A"
    matrix : (w, A) float64, letter probabilities; every row sums to 1
    alternate : a name for people, "BEAF-32"
    n_sites : sequences it was made from, where known
    """

    name: str
    matrix: np.ndarray
    alphabet: str = DNA
    alternate: str = ""
    n_sites: float = 20.0

    def __post_init__(self) -> None:
        check_shape(self.matrix, (None, len(self.alphabet)), f"motif {self.name}")
        check_finite(self.matrix, f"motif {self.name}")
        sums = self.matrix.sum(axis=1)
        if len(sums) == 0 or (self.matrix < 0).any() or np.abs(sums - 1).max() > 1e-6:
            raise InputError(
                f"motif {self.name}", "rows that are not probabilities", "rows that sum to 1"
            )

    def __len__(self) -> int:
        return len(self.matrix)

    @property
    def consensus(self) -> str:
        """Most likely letter of each position; lower case below 50 %."""
        best = self.matrix.argmax(axis=1)
        return "".join(
            self.alphabet[letter] if row[letter] >= 0.5 else self.alphabet[letter].lower()
            for letter, row in zip(best, self.matrix, strict=True)
        )

    @property
    def label(self) -> str:
        """The name for people where there is one, else the identifier."""
        return self.alternate or self.name

    def reverse_complement(self) -> Motif:
        """The motif as the other strand reads it; raises `InputError` unless DNA or RNA."""
        if self.alphabet not in ("ACGT", "ACGU"):
            raise InputError("alphabet", self.alphabet, "DNA or RNA, to be reverse-complemented")
        return Motif(
            self.name, self.matrix[::-1, ::-1], self.alphabet, self.alternate, self.n_sites
        )

    def information(self) -> np.ndarray:
        """(w,) bits against equal letter frequencies."""
        share = np.where(self.matrix > 0, self.matrix, 1.0)
        return np.log2(len(self.alphabet)) + (self.matrix * np.log2(share)).sum(axis=1)


def motif_of_counts(
    name: str, counts: np.ndarray, *, alphabet: str = DNA, alternate: str = ""
) -> Motif:
    """A motif of (w, A) letter counts or weights; rows without any become equal frequencies."""
    counts = np.asarray(counts, dtype=np.float64)
    sums = counts.sum(axis=1, keepdims=True)
    matrix = np.where(sums > 0, counts / np.where(sums > 0, sums, 1.0), 1.0 / counts.shape[1])
    return Motif(name, matrix, alphabet, alternate, float(sums.max(initial=0.0)))


def is_meme(text: str) -> bool:
    """Does a file's text say that it is MEME's?"""
    return any(line.startswith("MEME version") for line in lines_of(text)[:50])


def read_meme(path: Path | str) -> list[Motif]:
    """Motifs of a MEME file (minimal or full text format, version 4 and later), packed or not.

    Raises
    ------
    InputError
        Not a MEME file; no motifs; a matrix that is cut short, has another number of letters than
        the alphabet, or rows that do not sum to 1. The message names the line.
    """
    text = text_of(path, "motif file", "a MEME text file")
    if not is_meme(text):
        first = next((line.strip() for line in lines_of(text) if line.strip()), "an empty file")
        raise InputError(
            "motif file", repr(first[:60]), "a MEME file, with a line 'MEME version 4'", str(path)
        )
    return meme_motifs(text, path)


def meme_motifs(text: str, path: Path | str) -> list[Motif]:
    """Motifs of the text of a MEME file; see `read_meme`."""
    lines = lines_of(text)
    with reading(path, "motif file", "a MEME text file"):
        alphabet = _alphabet_of(lines, str(path))
        motifs = list(_motifs_of(lines, alphabet, str(path)))
    if not motifs:
        raise InputError("MOTIF", "no motifs", "at least one MOTIF with its matrix", str(path))
    return motifs


def meme_text(motifs: Iterable[Motif]) -> str:
    """Motifs of one alphabet in the minimal MEME format; letters in MEME's order, its alphabets.

    Raises `InputError` for no motifs, for two alphabets, or for one that MEME does not have.
    """
    motifs = list(motifs)
    alphabets = {motif.alphabet for motif in motifs}
    if len(alphabets) != 1:
        got = " and ".join(sorted(alphabets)) or "no motifs"
        raise InputError("motifs", got, "at least one motif, all of one alphabet")
    (alphabet,) = alphabets
    letters = "".join(sorted(alphabet))
    if letters not in (DNA, RNA, PROTEIN):
        raise InputError("alphabet", alphabet, "DNA, RNA or protein, which MEME's format has")
    order = [alphabet.index(letter) for letter in letters]
    even = " ".join(f"{letter} {1 / len(letters):.5f}" for letter in letters)
    parts = [f"MEME version 4\n\nALPHABET= {letters}\n"]
    if letters == DNA:
        parts.append("strands: + -\n")
    parts.append(f"Background letter frequencies\n{even}\n")
    for motif in motifs:
        rows = "\n".join(" ".join(f"{x:.6f}" for x in row) for row in motif.matrix[:, order])
        title = " ".join(_word(part) for part in (motif.name, motif.alternate) if part)
        parts.append(
            f"MOTIF {title}\nletter-probability matrix: alength= {len(letters)} "
            f"w= {len(motif)} nsites= {motif.n_sites:g} E= 0\n{rows}\n"
        )
    return "\n".join(parts)


def _word(text: str) -> str:
    return "_".join(text.split())


def _alphabet_of(lines: list[str], source: str) -> str:
    """The ALPHABET line's letters; DNA where there is none, as MEME has it."""
    for line in lines:
        if line.startswith("ALPHABET="):
            return check_alphabet(line.split("=", 1)[1].strip())
        if line.startswith("ALPHABET"):
            known = {"DNA": DNA, "RNA": "ACGU"}
            for name, letters in known.items():
                if name in line:
                    return letters
            raise InputError(
                "ALPHABET", repr(line[:60]), "DNA, RNA or 'ALPHABET= ' and letters", source
            )
        if line.startswith("MOTIF"):
            break
    return DNA


def _motifs_of(lines: list[str], alphabet: str, source: str) -> Iterator[Motif]:
    name, alternate = "", ""
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if line.startswith("MOTIF"):
            words = line.split()[1:] or [f"motif_{at}"]
            name, alternate = words[0], " ".join(words[1:2])
        elif line.startswith("letter-probability matrix"):
            width_given = _WIDTH.search(line)
            width = int(width_given.group(1)) if width_given else _rows_that_follow(lines, at)
            sites = _SITES.search(line)
            matrix = np.array(
                [
                    _row(lines, at + row, len(alphabet), f"motif {name}", source)
                    for row in range(width)
                ]
            )
            if width:
                yield Motif(
                    name, matrix, alphabet, alternate, float(sites.group(1)) if sites else 20.0
                )
            at += width


def _rows_that_follow(lines: list[str], at: int) -> int:
    count = 0
    while at + count < len(lines) and re.match(r"\s*[\d.]", lines[at + count]):
        count += 1
    return count


def _row(lines: list[str], at: int, letters: int, field: str, source: str) -> np.ndarray:
    """One row of a matrix, rescaled to sum to 1 exactly."""
    where = f"{field}, line {at + 1}"
    text = lines[at] if at < len(lines) else "the end of the file"
    try:
        values = np.array([float(word) for word in text.split()])
    except ValueError:
        raise InputError(where, repr(text[:60]), f"{letters} probabilities", source) from None
    if len(values) != letters:
        raise InputError(where, f"{len(values)} numbers", f"{letters} probabilities", source)
    total = values.sum()
    if not abs(total - 1.0) <= _ROW_SUM_TOLERANCE or (values < 0).any():
        raise InputError(
            where, f"a row that sums to {total:.3g}", "probabilities that sum to 1", source
        )
    return values / total
