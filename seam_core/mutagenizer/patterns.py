"""Global libraries: a pattern in many backgrounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seam_core.intervals import span_text
from seam_core.mutagenizer.backgrounds import random_backgrounds, shuffled_backgrounds
from seam_core.mutagenizer.blocks import rows_in_block
from seam_core.mutagenizer.checks import check_reference, check_window, parse_windows
from seam_core.mutagenizer.substitutions import mutation_counts, substitute
from seam_core.parameters import MutagenizerParameters
from seam_core.progress import SILENT, PartOfProgress, Progress
from seam_core.sequences import UNKNOWN, strings_to_indices
from seam_core.validate import InputError


@dataclass(frozen=True, eq=False)
class Layout:
    """What every sequence of a global library has in common.

    fixed : (L,) int8 letter kept at each position, -1 where the background shows
    start, stop : where the pattern is
    """

    fixed: np.ndarray
    start: int
    stop: int


def plan_layout(
    parameters: MutagenizerParameters, reference: np.ndarray | None, alphabet: str
) -> Layout:
    """Where the pattern, its flanks and the free positions are.

    Positions are those of the reference, where there is one: flanks are the reference's letters
    beside the place where the pattern is put.

    Raises
    ------
    InputError
        No pattern and no reference to take it from; a pattern longer than the sequence; a window
        or flank outside the sequence; a length that is not the reference's.
    """
    length = _length(parameters, reference)
    letters, start = _pattern(parameters, reference, alphabet, length)
    stop = start + len(letters)
    if stop > length:
        raise InputError(
            "pattern", f"positions {start}-{stop}", f"within {span_text(0, length)}, the sequence"
        )
    fixed = np.full(length, UNKNOWN, dtype=np.int8)
    flank = parameters.pattern_flank
    if flank:
        if reference is None:
            raise InputError("pattern_flank", flank, "0, as there is no reference to take it from")
        if start - flank < 0 or stop + flank > length:
            raise InputError(
                "pattern_flank",
                f"{flank}: positions {start - flank}-{stop + flank}",
                f"positions within {span_text(0, length)}",
            )
        fixed[start - flank : stop + flank] = reference[start - flank : stop + flank]
    fixed[start:stop] = letters
    for first, last in parse_windows(parameters.inter_windows, length, "inter_windows"):
        if first < start - flank or last > stop + flank:
            raise InputError(
                "inter_windows",
                f"{first}-{last}",
                f"windows within {start - flank}-{stop + flank}, the pattern and its flanks",
            )
        fixed[first:last] = UNKNOWN
    if (fixed == UNKNOWN).all():
        raise InputError("pattern", "free positions only", "a letter or more that stays")
    return Layout(fixed, start, stop)


def pattern_span(parameters: MutagenizerParameters, length: int) -> tuple[int, int]:
    """Start and stop of the pattern in a library that was made with these parameters."""
    width = len(parameters.pattern.strip())
    if not width:
        assert parameters.pattern_start is not None
        assert parameters.pattern_stop is not None
        return parameters.pattern_start, parameters.pattern_stop
    start = parameters.pattern_start
    start = (length - width) // 2 if start is None else start
    return start, start + width


def _length(parameters: MutagenizerParameters, reference: np.ndarray | None) -> int:
    if reference is None and parameters.sequence_length is None:
        raise InputError("sequence_length", "nothing", "a length, as there is no reference")
    if reference is None:
        assert parameters.sequence_length is not None
        return parameters.sequence_length
    if parameters.sequence_length not in (None, len(reference)):
        raise InputError(
            "sequence_length", parameters.sequence_length, f"{len(reference)}, as the reference"
        )
    return len(reference)


def _pattern(
    parameters: MutagenizerParameters, reference: np.ndarray | None, alphabet: str, length: int
) -> tuple[np.ndarray, int]:
    """The pattern's letters, -1 where free, and its start."""
    if not parameters.pattern:
        if reference is None or parameters.pattern_start is None or parameters.pattern_stop is None:
            raise InputError(
                "pattern",
                "nothing",
                "letters, or pattern_start and pattern_stop in the reference",
            )
        start, stop = check_window(
            parameters.pattern_start, parameters.pattern_stop, length, "pattern"
        )
        return reference[start:stop], start
    (letters,) = strings_to_indices([parameters.pattern.strip()], alphabet, field="pattern")
    if len(letters) > length:
        raise InputError("pattern", f"{len(letters)} letters", f"at most {length}, the sequence's")
    return letters, pattern_span(parameters, length)[0]


def global_library(
    parameters: MutagenizerParameters,
    reference: np.ndarray | None,
    alphabet: str,
    *,
    rng: np.random.Generator,
    progress: Progress = SILENT,
) -> tuple[np.ndarray, np.ndarray]:
    """A pattern in `n_sequences` backgrounds.

    Returns
    -------
    sequences, backgrounds : (N, L) int8, with and without the pattern
    """
    if reference is not None:
        reference = check_reference(reference, alphabet)
    layout = plan_layout(parameters, reference, alphabet)
    n, n_letters = parameters.n_sequences, len(alphabet)
    if parameters.background == "dinucleotide":
        source = check_reference(reference, alphabet)
        part = PartOfProgress(progress, 0.0, 0.8, "backgrounds shuffled")
        backgrounds = shuffled_backgrounds(source, n, n_letters, rng, progress=part)
    else:
        backgrounds = random_backgrounds(n, len(layout.fixed), n_letters, rng)
    sequences = backgrounds.copy()
    kept = layout.fixed != UNKNOWN
    rows = rows_in_block(len(layout.fixed))
    for first in range(0, n, rows):
        block = sequences[first : first + rows]
        block[:, kept] = layout.fixed[kept]
        if parameters.pattern_rate:
            _mutate_pattern(block, layout, parameters.pattern_rate, n_letters, rng)
        progress.update(min(n, first + rows), n, "sequences made")
    return sequences, backgrounds


def _mutate_pattern(
    block: np.ndarray, layout: Layout, rate: float, n_letters: int, rng: np.random.Generator
) -> None:
    (positions,) = np.nonzero(layout.fixed[layout.start : layout.stop] != UNKNOWN)
    positions = positions + layout.start
    pattern = np.ascontiguousarray(block[:, positions])
    counts = mutation_counts(len(block), rate, len(positions), uniform=False, rng=rng)
    substitute(pattern, counts, n_letters, rng)
    block[:, positions] = pattern
