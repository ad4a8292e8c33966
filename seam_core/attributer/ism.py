"""In-silico mutagenesis: what every single substitution does to the prediction."""

from __future__ import annotations

import numpy as np

from seam_core.attributer.batches import BatchMaps, Method
from seam_core.attributer.declared import AttributionJob, AttributionMethod, Calls
from seam_core.attributer.mutants import Keys, SharedPredictions, shared_keys
from seam_core.attributer.substitutions import Substitutions
from seam_core.attributer.trials import is_quicker
from seam_core.oracles import Oracle
from seam_core.oracles.capabilities import (
    MutantPredictor,
    capabilities_of,
    repays_tracing,
    rows_in_memory,
)
from seam_core.oracles.members import innermost
from seam_core.progress import Tick
from seam_core.validate import InputError

# Letters of one-hot made at a time for oracles that are not networks.
LETTERS_AT_A_TIME = 1 << 17
LARGEST_BATCH = 512
# Substitutions that are listed at once, a few tens of bytes each.
MUTANTS_AT_ONCE = 1 << 20


def mutant_predictor(oracle: Oracle, length: int, channels: np.ndarray) -> MutantPredictor:
    """The fastest predictor of mutants of sequences of `length` for this oracle.

    Parameters
    ----------
    channels : (C, A) float32, what the model is given for each letter
    """
    quick = capabilities_of(oracle).mutants(length, channels)
    return quick or WholeMutants(oracle, length, channels)


def whole_at_a_time(oracle: Oracle, length: int) -> int:
    """Whole mutants that are predicted at once."""
    if capabilities_of(oracle).bytes_per_sequence(length) is not None:
        # half of what gradients take: with more, predictions alone are the slower
        return max(1, rows_in_memory(oracle, length, LARGEST_BATCH) // 2)
    return max(1, LETTERS_AT_A_TIME // length)


class WholeMutants:
    """Mutants predicted from their whole sequences: for every oracle."""

    is_shortcut = False
    width = 1

    def __init__(self, oracle: Oracle, length: int, channels: np.ndarray) -> None:
        self._oracle = oracle
        self._channels = channels
        self.at_a_time = whole_at_a_time(oracle, length)
        self.batch = max(1, (MUTANTS_AT_ONCE // len(channels)) // length)

    def start(self, sequences: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        self._sequences = sequences
        own = np.full(np.count_nonzero(wanted), 0)
        (rows,) = np.nonzero(wanted)
        return self.mutants(rows, own, sequences[rows, own], lambda share: None)

    def mutants(
        self, rows: np.ndarray, positions: np.ndarray, letters: np.ndarray, tick: Tick
    ) -> np.ndarray:
        values = np.empty(len(rows), dtype=np.float32)
        for first in range(0, len(rows), self.at_a_time):
            tick(first / len(rows))
            part = slice(first, first + self.at_a_time)
            mutated = self._sequences[rows[part]]
            mutated[np.arange(len(mutated)), positions[part]] = letters[part]
            values[part] = self._oracle.predict(self._channels[mutated])
        (bad,) = np.nonzero(~np.isfinite(values))
        if len(bad):
            raise InputError(
                "prediction",
                f"{values[bad[0]]} with another letter at position {positions[bad[0]]}",
                "finite numbers",
            )
        return values


def mutagenesis(
    predictor: MutantPredictor,
    sequences: np.ndarray,
    window: range,
    moves: Substitutions,
    keys: Keys,
    shared: SharedPredictions,
    *,
    log2fc: bool,
    tick: Tick,
) -> BatchMaps:
    """Change of the prediction for each letter at each position; 0 for the letters present.

    Of diploid genotypes for each nucleotide, see `Substitutions`.

    Parameters
    ----------
    sequences : (n, L) int8
    window : positions that are mutated; the others are 0
    keys, shared : which mutants are members of the library or mutants of others too; each of these
        is predicted once
    log2fc : log2((mutant + c) / (sequence + c)) with c = |least prediction of the sequence and its
        mutants| + 1, in place of the difference
    """
    n, length = sequences.shape
    here = slice(window.start, window.stop)
    unasked = ~moves.wanted[sequences[:, here]]
    predictions = _members(predictor, sequences, keys, shared)
    places = shared.places(keys.of_substitutions(sequences, window))
    table = np.full(places.shape, np.nan, dtype=np.float32)
    table[places >= 0] = shared.values[places[places >= 0]]
    np.copyto(table, predictions[:, None, None], where=unasked)
    todo = _first_of_each(np.isnan(table), places)
    rows, offsets, letters = np.nonzero(todo)
    values = predictor.mutants(rows, offsets + window.start, letters, tick)
    table[todo] = values
    at = places[todo]
    shared.values[at[at >= 0]] = values[at >= 0]
    again = np.isnan(table)
    table[again] = shared.values[places[again]]
    values = _scores(table, predictions, unasked, log2fc)
    if moves.shares is not None:
        values = np.einsum("nwac,nwc->nwa", moves.shares[sequences[:, here]], values)
    scores = np.zeros((n, length, moves.channels.shape[1]), dtype=np.float32)
    scores[:, here] = values
    return BatchMaps(scores, predictions)


def _members(
    predictor: MutantPredictor, sequences: np.ndarray, keys: Keys, shared: SharedPredictions
) -> np.ndarray:
    """Predictions of the sequences themselves."""
    at = shared.places(keys.of(sequences))
    predictions = np.full(len(sequences), np.nan, dtype=np.float32)
    predictions[at >= 0] = shared.values[at[at >= 0]]
    open_ones = _first_of_each(np.isnan(predictions), at)
    predictions[open_ones] = predictor.start(sequences, open_ones)
    known = (at >= 0) & ~np.isnan(predictions)
    shared.values[at[known]] = predictions[known]
    again = np.isnan(predictions)
    predictions[again] = shared.values[at[again]]
    return predictions


def _first_of_each(todo: np.ndarray, places: np.ndarray) -> np.ndarray:
    """`todo` with only the first of those that are the same sequence."""
    todo = todo.copy()
    (flat,) = np.nonzero((todo & (places >= 0)).ravel())
    if len(flat):
        _, first = np.unique(places.ravel()[flat], return_index=True)
        again = np.ones(len(flat), dtype=bool)
        again[first] = False
        todo.ravel()[flat[again]] = False
    return todo


def _scores(
    table: np.ndarray, predictions: np.ndarray, unasked: np.ndarray, log2fc: bool
) -> np.ndarray:
    """(n, W, C) of the predictions of all substitutions (n, W, C)."""
    own = predictions[:, None, None]
    if log2fc:
        least = np.minimum(table.min(axis=(1, 2)), predictions)[:, None, None]
        offset = np.abs(least) + 1
        scores = np.log2(table + offset) - np.log2(own + offset)
    else:
        scores = table - own
    scores[unasked] = 0
    return scores


def _chosen(job: AttributionJob, channels: np.ndarray) -> MutantPredictor:
    """The quicker predictor for this job, what making and trying it takes included."""
    oracle, library = job.oracle, job.library
    if job.parameters.batch_size:
        # a size that is given stands for the same digits every time: nothing is then measured
        return mutant_predictor(oracle, library.length, channels)
    whole = WholeMutants(oracle, library.length, channels)
    n_mutants = len(job.whole) * len(job.window) * (len(library.alphabet) - 1)
    n_bytes = n_mutants * (capabilities_of(oracle).bytes_per_sequence(library.length) or 0)
    repaid = [repays_tracing(each, n_bytes) for each in innermost(oracle)]
    if not all(repaid):
        return whole
    quick = mutant_predictor(oracle, library.length, channels)
    if not quick.is_shortcut or is_quicker(quick, whole, library.sequences, job.window):
        return quick
    return whole


def _prepare(job: AttributionJob) -> Method:
    library, window = job.library, job.window
    moves = Substitutions.of(library.alphabet)
    predictor = _chosen(job, moves.channels)
    job.ran["whole_mutants"] = not predictor.is_shortcut
    keys = Keys(library.length, len(library.alphabet))
    wanted = shared_keys(library, window, moves.wanted, job.tick)
    shared = SharedPredictions(wanted, job.scratch)

    def part(first: int, last: int, tick: Tick) -> BatchMaps:
        return mutagenesis(
            predictor,
            library.sequences[first:last],
            window,
            moves,
            keys,
            shared,
            log2fc=job.parameters.ism_score == "log2fc",
            tick=tick,
        )

    def method(first: int, last: int, tick: Tick) -> BatchMaps:
        """In parts that the predictor can hold, however large the batch."""
        parts = []
        for start in range(first, last, predictor.batch):
            stop = min(start + predictor.batch, last)
            done, share = (start - first) / (last - first), (stop - start) / (last - first)
            parts.append(part(start, stop, _within(tick, done, share)))
        return BatchMaps(
            np.concatenate([each.maps for each in parts]),
            np.concatenate([each.predictions for each in parts]),
        )

    return method


def _within(tick: Tick, start: float, share: float) -> Tick:
    return lambda done: tick(start + share * done)


ISM = AttributionMethod(
    name="ism",
    label="In-silico mutagenesis",
    parameters=("ism_score",),
    prepare=_prepare,
    calls=lambda settings, length, letters: Calls(predictions=length * (letters - 1) + 1),
    held=whole_at_a_time,
    side_by_side=False,  # the predictors keep the activations of one batch
    sentence=lambda maps: (
        "in-silico mutagenesis of every letter {cite}"
        + (", as log2 fold changes" if maps.parameters.ism_score == "log2fc" else "")
    ),
    citation="Zhou J, Troyanskaya OG. Predicting effects of noncoding variants with deep "
    "learning-based sequence model. Nature Methods 12, 931-934 (2015).",
)
