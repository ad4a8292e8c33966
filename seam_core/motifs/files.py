"""Motif files of any of the usual formats."""

from __future__ import annotations

from pathlib import Path

from seam_core.motifs.meme import Motif, is_meme, meme_motifs, motif_of_counts
from seam_core.readers.door import text_of
from seam_core.readers.motif_files import EXPECTED, motif_entries

_UNKNOWN_SITES = 20.0


def read_motifs(path: Path | str) -> list[Motif]:
    """Motifs of a file in MEME, JASPAR, TRANSFAC, HOCOMOCO or HOMER format, packed or not.

    Raises `InputError` for another format, and for matrices that are no counts or probabilities.
    """
    text = text_of(path, "motif file", EXPECTED)
    if is_meme(text):
        return meme_motifs(text, path)
    return [_motif(*entry) for entry in motif_entries(text, path)]


def _motif(name: str, alternate: str, counts: object) -> Motif:
    motif = motif_of_counts(name, counts, alternate=alternate)  # type: ignore[arg-type]
    if motif.n_sites > 1.5:
        return motif
    return Motif(motif.name, motif.matrix, motif.alphabet, alternate, _UNKNOWN_SITES)
