"""Signals of bigWig files, by pyBigWig."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np

from seam_core.intervals import Interval
from seam_core.readers.apart import read_apart
from seam_core.validate import InputError


def signal_of(
    path: Path, place: Interval, *, placed: bool, field: str, expected: str
) -> np.ndarray:
    """(L,) float64 along the forward strand of `place`, NaN where the file has none.

    placed : False: on the file's first chromosome, whatever its name
    """
    if importlib.util.find_spec("pyBigWig") is None:
        needed = "the package pyBigWig, which reads bigWig: pip install pyBigWig"
        raise InputError(field, path.name, needed)
    name = place.chromosome if placed else ""
    # pyBigWig believes the places that a file names, and falls over those of damaged ones
    found = read_apart(
        "bigwig", path, name, place.start, place.stop, field=field, expected=expected
    )
    values = np.full(len(place), np.nan)
    signal = np.frombuffer(found, "<f8")
    values[: len(signal)] = signal
    return values
