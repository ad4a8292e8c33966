"""What a library can be made of, and how large it may be."""

from __future__ import annotations

import re

import numpy as np

from seam_core.intervals import span_text
from seam_core.progress import readable_bytes
from seam_core.sequences import UNKNOWN
from seam_core.validate import InputError, MemoryBudgetError, check_shape


def check_reference(reference: np.ndarray | None, alphabet: str) -> np.ndarray:
    """`reference` as (L,) int8; `InputError` when it is missing, empty or holds unknown letters."""
    if reference is None:
        raise InputError("reference", "nothing", "a sequence to mutate")
    reference = np.asarray(reference)
    check_shape(reference, (None,), "reference")
    if len(reference) == 0:
        raise InputError("reference", "an empty sequence", "one letter or more")
    (bad,) = np.nonzero((reference < 0) | (reference >= len(alphabet)))
    if len(bad):
        unknown = reference[bad[0]] == UNKNOWN
        what = "an unknown letter (N)" if unknown else f"letter index {reference[bad[0]]}"
        more = f" and at {len(bad) - 1} more" if len(bad) > 1 else ""
        raise InputError(
            "reference",
            f"{what} at position {bad[0]}{more}",
            f"letters of the alphabet {alphabet} only",
        )
    return reference.astype(np.int8)


def check_window(start: int | None, stop: int | None, length: int, name: str) -> tuple[int, int]:
    """A window with its open ends filled in; `InputError` unless 0 <= start < stop <= length."""
    first = 0 if start is None else start
    last = length if stop is None else stop
    if not 0 <= first < last <= length:
        raise InputError(
            f"{name}_start, {name}_stop",
            f"positions {first}-{last}",
            f"a window of one position or more within {span_text(0, length)}",
        )
    return first, last


def parse_windows(text: str, length: int, name: str) -> list[tuple[int, int]]:
    """ "12-20, 33-40" to [(12, 20), (33, 40)], each within the sequence."""
    windows = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = re.fullmatch(r"(\d+)\s*-\s*(\d+)", part)
        if match is None:
            raise InputError(name, repr(part), "start-stop, such as 12-20")
        start, stop = int(match[1]), int(match[2])
        if not start < stop <= length:
            raise InputError(name, repr(part), f"start before stop, within {span_text(0, length)}")
        windows.append((start, stop))
    return windows


def check_memory(n: int, length: int, limit_gb: float, copies: int = 1) -> None:
    """Raise `MemoryBudgetError` when `n` sequences, one byte a letter, exceed `limit_gb`."""
    needed = n * length * copies
    if needed > limit_gb * 1e9:
        raise MemoryBudgetError(
            f"library: {n:,} sequences of {length} letters need {readable_bytes(needed)}; "
            f"library_limit_gb allows {limit_gb:g} GB"
        )
