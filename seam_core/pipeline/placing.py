"""Where a sequence lies in what the model reads: its context, and the parts of a profile on it."""

from __future__ import annotations

from typing import Any

import numpy as np

from seam_core import models
from seam_core.disk import names_file
from seam_core.intervals import Interval
from seam_core.oracles import Oracle
from seam_core.oracles.members import innermost
from seam_core.oracles.reductions import Bins
from seam_core.parameters import AttributerParameters, OracleParameters
from seam_core.pipeline.config import Reference
from seam_core.readers.fasta import read_fasta
from seam_core.readers.genome import Genome, genome_at
from seam_core.readers.tracks import read_track
from seam_core.records import Library
from seam_core.sequences import indices_to_strings, strings_to_indices
from seam_core.validate import InputError

# A context that is all padding.
PADDING = "N"


def opened(
    asked: OracleParameters, how: AttributerParameters, reference: Reference
) -> tuple[Oracle, AttributerParameters]:
    """The oracle that is asked for, and how maps are made with the context's letters.

    Raises
    ------
    InputError, TrustError, MissingPackageError
        As `load_oracle`, `in_context` and `place_bins`.
    """
    from seam_core.frameworks import load_oracle

    located = models.located(asked)
    oracle = load_oracle(_sized(located, reference, how.context), device=how.device)
    if asked.input_length and oracle.length not in (None, asked.input_length):
        raise InputError(
            "input_length", asked.input_length, f"nothing, or {oracle.length}: the model reads that"
        )
    _check_read(asked.input_length, how.context, reference)
    how = in_context(how, asked, oracle, reference)
    place_bins(asked, oracle, reference, how)
    return oracle, how


def asked_about(reference: Reference, alphabet: str) -> Library | None:
    """The sequence at hand as a library; None where there is none."""
    return None if reference.letters is None else Library(reference.letters[None], alphabet)


def _sized(parameters: OracleParameters, reference: Reference, context: str) -> OracleParameters:
    """The parameters with the length of the sequence at hand, for models that take any."""
    if parameters.input_length or context or reference.letters is None:
        return parameters
    return parameters.replace(input_length=len(reference.letters))


def _check_read(size: int, context: str, reference: Reference) -> None:
    """Raise `InputError` where a sequence is not as long as what the model is said to read."""
    if reference.letters is None or context or size in (0, len(reference.letters)):
        return
    expected = f"{size:,} (--input-length), or what lies around it: --context genome.fa, or N"
    raise InputError("sequence", f"{len(reference.letters):,} letters", expected)


def around_pattern(how: AttributerParameters, library: Library | None) -> AttributerParameters:
    """The parameters, with `map_flank` turned into a window of a global library."""
    if how.map_flank is None or library is None:
        return how
    drawn_by = library.parameters
    if drawn_by is None or drawn_by.library != "global":
        raise InputError("map_flank", how.map_flank, "nothing, unless the library is global")
    from seam_core.mutagenizer.patterns import pattern_span

    start, stop = pattern_span(drawn_by, library.length)
    start = max(0, start - how.map_flank)
    return how.replace(map_start=start, map_stop=min(library.length, stop + how.map_flank))


def in_context(
    how: AttributerParameters, asked: OracleParameters, oracle: Oracle, reference: Reference
) -> AttributerParameters:
    """The parameters with the letters of the context that they name.

    A FASTA of a genome is read around the locus; of another FASTA the record that has the
    sequence in it, or a stretch of N of its length; `N` stands for padding on both sides.

    Raises
    ------
    InputError
        The model's length is not known; the sequence is not there, or more than once.
    """
    text = how.context.strip()
    is_file = text != PADDING and names_file(text)
    if reference.letters is None or not (text == PADDING or is_file):
        return how
    size = oracle.length or asked.input_length
    if text == PADDING:
        letters, start = _padded("", 0, _known(size), len(reference.letters)), None
    else:
        letters, start = _of_file(text, size, reference, asked.alphabet)
    start = (len(letters) - len(reference.letters)) // 2 if start is None else start
    return how.replace(context=letters, context_start=start)


def _known(size: int | None) -> int:
    if not size:
        expected = "the letters that the model reads, since it takes any number: as 196608"
        raise InputError("input_length", "nothing, for a context", expected)
    return size


def _of_file(
    path: str, size: int | None, reference: Reference, alphabet: str
) -> tuple[str, int | None]:
    """Letters around the sequence, and where in them it begins (None: in the middle)."""
    letters, locus = reference.letters, reference.locus
    assert letters is not None
    genome = genome_at(path) if locus is not None else None
    if locus is not None and genome is not None and locus.chromosome in genome:
        return _around(genome, locus, _known(size), letters, alphabet, path), None
    (sequence,) = indices_to_strings(letters[None], alphabet)
    record, start = _record_with(sequence, read_fasta(path), path)
    if not size or size == len(record):
        return record, start
    first = start + len(sequence) // 2 - size // 2
    return _padded(record, first, first + size, 0), start - first


def _around(
    genome: Genome, locus: Interval, size: int, letters: np.ndarray, alphabet: str, path: str
) -> str:
    """`size` letters of the locus's strand with the locus in their middle, N beyond the ends."""
    before = (size - len(locus)) // 2
    whole = locus.part(-before, size - before)
    inside = Interval(
        whole.chromosome,
        max(0, whole.start),
        min(genome.length(whole.chromosome), whole.stop),
        whole.strand,
    )
    text = genome.fetch(inside)
    ends = (inside.start - whole.start, whole.stop - inside.stop)
    left, right = ends if whole.strand == "+" else ends[::-1]
    text = PADDING * left + text + PADDING * right
    here = strings_to_indices([text[before : before + len(locus)]], alphabet, source=path)[0]
    if len(here) != len(letters) or (here != letters).any():
        got = f"other letters than the sequence's at {locus}"
        raise InputError("context", got, "the genome that the sequence is of", path)
    return text


def _record_with(sequence: str, records: dict[str, str], path: str) -> tuple[str, int]:
    """The record that has the sequence, or a stretch of N for it, and where."""
    for wanted in (sequence, PADDING * len(sequence)):
        places = [(text, text.find(wanted)) for text in records.values() if wanted in text]
        if len(places) == 1 and _occurs_once(*places[0], wanted):
            return places[0]
        if places:
            expected = "a record with the sequence in it once; or --locus, and a genome"
            raise InputError("context", "the sequence more than once", expected, path)
    expected = "a record with the sequence in it, or with as many N in its place; or --locus"
    raise InputError("context", "records without the sequence", expected, path)


def _occurs_once(text: str, start: int, wanted: str) -> bool:
    return text.find(wanted, start + 1) < 0


def _padded(text: str, first: int, last: int, least: int) -> str:
    """Positions `first` to `last` of a text, N where it has none."""
    if last - first < least:
        raise InputError("input_length", last - first, f"{least} or more, as the sequence has")
    inside = text[max(0, first) : max(0, last)]
    left = min(max(0, -first), last - first)
    return PADDING * left + inside + PADDING * (last - first - left - len(inside))


def place_bins(
    asked: OracleParameters, oracle: Oracle, reference: Reference, how: AttributerParameters
) -> None:
    """Tell the oracle which positions of a profile the features of a BED file lie on.

    Raises
    ------
    InputError
        No sequence; a file that has nothing there.
    """
    explained = [part for part in map(_explained, innermost(oracle)) if part is not None]
    if not any(part.unplaced for part in explained):
        return
    if reference.letters is None:
        raise InputError("bins", asked.bins, "a --sequence, which tells where its features lie")
    stretches, length = stretches_of(asked.bins, reference, how)
    for part in explained:
        part.place(stretches, length, asked.bin_width)


def stretches_of(path: str, reference: Reference, how: AttributerParameters) -> tuple[Bins, int]:
    """Where in what the model reads the features of a file lie, and its length.

    With the locus they are places in the genome, without it positions of the sequence.
    """
    assert reference.letters is not None
    length, locus, shift = len(reference.letters), reference.locus, 0
    if how.context:
        start, size = how.context_start, len(how.context)
        if locus is None:
            shift = start
        else:
            locus, length = locus.part(-start, size - start), size
    track = read_track(path, length, locus)
    if not track.features:
        where = str(locus) if locus is not None else f"positions 0 to {length} of the sequence"
        raise InputError("bins", f"no feature on {where}", "one feature or more there", path)
    stretches = tuple((each.start + shift, each.stop + shift) for each in track.features)
    return stretches, len(how.context) if how.context else length


def resolved(asked: OracleParameters, oracle: Oracle) -> OracleParameters:
    """The parameters with the positions of a profile in the place of a file of features."""
    for part in map(_explained, innermost(oracle)):
        if part is not None and part.placed_text:
            return asked.replace(bins=part.placed_text)
    return asked


def _explained(oracle: Any) -> Any:
    return getattr(oracle, "explained", None)
