"""What a file that a user hands over may be for, told from what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from seam_core.readers.arrays import keys_of, shape_of
from seam_core.readers.door import decoded
from seam_core.readers.kinds import EMPTY, TEXT, kind_of, said
from seam_core.readers.loci import BED_SUFFIXES, FASTA_SUFFIXES, suffix_of
from seam_core.validate import InputError

_ELSEWHERE = {
    **dict.fromkeys(
        FASTA_SUFFIXES, "FASTA: for the reference (Library) or the loci of a batch (File)"
    ),
    **dict.fromkeys(BED_SUFFIXES, "loci: for a batch (File > New batch)"),
    ".meme": "motifs: for the names of sites (Identify)",
    ".toml": "a recipe: drop it alone, or choose it in File > Recipes",
    ".py": "Python code: for a model, as file.py:name (Library)",
}
_HEAD = 512  # bytes that tell text from none
_TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".tab", "")


class Role(NamedTuple):
    """part : "table", "maps", "embedding", "linkage", or "" where a file is none of them
    what : what it is instead, in words
    """

    part: str
    what: str = ""


def role_of(path: Path | str) -> Role:
    """The part of an analysis that a file seems to be; never raises."""
    path = Path(path)
    try:
        if path.is_dir():
            return Role("", "a folder that is no session")
        kind = kind_of(path)
    except OSError as error:
        return Role("", str(error.strerror or error))
    suffix = suffix_of(path)
    if suffix == ".npy" and kind == "gzip":
        return Role("maps")
    if kind in (TEXT, "gzip"):
        if suffix in _TABLE_SUFFIXES:
            return Role("table")
        what = said(kind) if kind != TEXT or _begins_as_text(path) else "no text, a file"
        return Role("", _ELSEWHERE.get(suffix, f"{what} of a kind that is not read here"))
    if kind == "parquet":
        return Role("table")
    if kind in ("npy", "zip", "hdf5"):
        return _role_of_arrays(path, kind)
    return Role("", said(kind) if kind != EMPTY else "an empty file")


def _begins_as_text(path: Path) -> bool:
    try:
        with open(path, "rb") as stream:
            decoded(stream.read(_HEAD), "file", "text", path)
    except (InputError, OSError):
        return False
    return True


def _role_of_arrays(path: Path, kind: str) -> Role:
    try:
        names = keys_of(path)
        if kind == "hdf5" and any(name.startswith("obsm/") for name in names):
            return Role("embedding")
        if kind != "npy" and len(names) != 1:
            return Role("maps")
        shape = shape_of(path)
    except InputError as error:
        keras = "Keras" in error.got
        return Role("", "a Keras model: for the model (Library)") if keras else Role("maps")
    if len(shape) == 2:
        named = path.name.lower()
        tree = shape[1] == 4 and ("link" in named or "embed" not in named)
        return Role("linkage" if tree else "embedding")
    return Role("maps")
