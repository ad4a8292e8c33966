"""From parameters to what computes the maps of a batch."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from seam_core.attributer.batches import BatchMaps, Method
from seam_core.attributer.deepshap import PAIRS, deepshap, multipliers_of
from seam_core.attributer.gradients import integrated_gradients, saliency, smoothgrad
from seam_core.attributer.ism import mutagenesis, mutant_predictor
from seam_core.attributer.mutants import Keys, SharedPredictions, shared_keys
from seam_core.attributer.nodes import CALIBRATION_ROWS, calibrated, trapezoid
from seam_core.attributer.substitutions import Substitutions
from seam_core.oracles import Oracle
from seam_core.oracles.capabilities import Gradient, capabilities_of, rows_in_memory
from seam_core.parameters import AttributerParameters
from seam_core.progress import Tick
from seam_core.records import Library
from seam_core.sequences import encode, is_diploid
from seam_core.shuffles import dinucleotide_shuffles, position_shuffles, row_generators
from seam_core.validate import InputError, check_finite

# Batches larger than these are no faster, and make cancelling and resuming coarser.
LARGEST_BATCH = {"saliency": 128, "intgrad": 128, "smoothgrad": 128, "ism": 32, "deepshap": 16}
USUAL_BASELINE = {"intgrad": "zeros", "deepshap": "dinucleotide"}


def usual_batch(method: str, oracle: Oracle, length: int) -> int:
    """Sequences at a time where the user does not say, as far as memory allows."""
    largest = capabilities_of(oracle).largest_batch
    return largest or rows_in_memory(oracle, length, LARGEST_BATCH[method])


def batches_at_once(method: str, oracle: Oracle) -> int:
    """How many batches are best computed side by side."""
    # the predictors of mutagenesis keep the activations of one batch
    return 1 if method == "ism" else capabilities_of(oracle).batches_at_once


def make_method(
    oracle: Oracle,
    parameters: AttributerParameters,
    library: Library,
    window: range,
    *,
    baselines: np.ndarray | None,
    scratch: Path | None,
    tick: Tick,
) -> Method:
    """The method that `parameters` name, for rows of `library`.

    Parameters
    ----------
    window : positions whose maps are wanted
    baselines : used where the baseline is "given", in place of the file
    scratch : a file that a method may keep what it shares between batches in
    tick : called while the method prepares itself
    """
    if parameters.method == "ism":
        return _ism(oracle, parameters, library, window, scratch, tick)
    gradient = capabilities_of(oracle).gradient
    if gradient is None:
        raise InputError(
            "method",
            f"{parameters.method}, with an oracle that has no gradient",
            "a Keras or PyTorch model, or the method ism",
        )
    if parameters.method in ("saliency", "smoothgrad"):
        gradient = capabilities_of(oracle).gradient_in(library.length, window) or gradient
    if parameters.method == "saliency":
        return lambda first, last, _: saliency(gradient, _one_hot(library, first, last))
    if parameters.method == "smoothgrad":
        return _smoothgrad(oracle, gradient, parameters, library)
    if parameters.method == "deepshap":
        return _deepshap(oracle, parameters, library, baselines)
    return _intgrad(oracle, gradient, parameters, library, baselines, tick)


def _one_hot(library: Library, first: int, last: int) -> np.ndarray:
    return encode(library.sequences[first:last], library.alphabet)


def _smoothgrad(
    oracle: Oracle, gradient: Gradient, parameters: AttributerParameters, library: Library
) -> Method:
    def method(first: int, last: int, tick: Tick) -> BatchMaps:
        return smoothgrad(
            oracle.predict,
            gradient,
            _one_hot(library, first, last),
            row_generators(parameters.seed, first, last - first),
            samples=parameters.noise_samples,
            sd=parameters.noise_sd,
            tick=tick,
        )

    return method


def _intgrad(
    oracle: Oracle,
    gradient: Gradient,
    parameters: AttributerParameters,
    library: Library,
    given: np.ndarray | None,
    tick: Tick,
) -> Method:
    baseline = Baselines(parameters, library, given, n_each=1)
    along = None
    if parameters.intgrad_rule == "trapezoid":
        nodes, weights = trapezoid(parameters.intgrad_steps)
    else:
        rows = np.unique(np.linspace(0, len(library) - 1, CALIBRATION_ROWS).astype(int))
        sample = encode(library.sequences[rows], library.alphabet)
        starts = np.concatenate([baseline(row, row + 1)[:, 0] for row in rows])
        nodes, weights = calibrated(
            oracle, gradient, sample, starts, parameters.intgrad_nodes, tick
        )
        # Even steps are the authors' to the last digit; these are ours.
        along = capabilities_of(oracle).path_sums(library.length)

    def method(first: int, last: int, tick: Tick) -> BatchMaps:
        return integrated_gradients(
            oracle.predict,
            gradient,
            _one_hot(library, first, last),
            baseline(first, last)[:, 0],
            nodes,
            weights,
            multiply=parameters.multiply_by_inputs,
            along=along,
            tick=tick,
        )

    return method


def _ism(
    oracle: Oracle,
    parameters: AttributerParameters,
    library: Library,
    window: range,
    scratch: Path | None,
    tick: Tick,
) -> Method:
    moves = Substitutions.of(library.alphabet)
    predictor = mutant_predictor(oracle, library.length, moves.channels)
    keys = Keys(library.length, len(library.alphabet))
    shared = SharedPredictions(shared_keys(library, window, moves.wanted, tick), scratch)

    def part(first: int, last: int, tick: Tick) -> BatchMaps:
        return mutagenesis(
            predictor,
            library.sequences[first:last],
            window,
            moves,
            keys,
            shared,
            log2fc=parameters.ism_score == "log2fc",
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


def _deepshap(
    oracle: Oracle, parameters: AttributerParameters, library: Library, given: np.ndarray | None
) -> Method:
    references = Baselines(parameters, library, given, n_each=parameters.n_backgrounds)
    multipliers = multipliers_of(oracle)
    # A pair is two sequences, and its rules hold their activations about twice more.
    pairs = max(1, rows_in_memory(oracle, library.length, 4 * PAIRS) // 4)

    def method(first: int, last: int, tick: Tick) -> BatchMaps:
        return deepshap(
            multipliers,
            _one_hot(library, first, last),
            references(first, last),
            hypothetical=parameters.hypothetical,
            copies=2 if is_diploid(library.alphabet) else 1,
            pairs=pairs,
            tick=tick,
        )

    return method


class Baselines:
    """The baselines of rows of a library.

    Parameters
    ----------
    given : in place of the file
    n_each : baselines for each sequence

    Attributes
    ----------
    n_each : baselines for each sequence; of "zeros" and given ones as many as there are
    shared : (1, R, L, A) where all sequences have the same, else None
    """

    def __init__(
        self,
        parameters: AttributerParameters,
        library: Library,
        given: np.ndarray | None,
        n_each: int,
    ) -> None:
        self._library = library
        self._seed = parameters.seed
        self._kind = parameters.baseline
        if self._kind == "auto":
            self._kind = USUAL_BASELINE[parameters.method]
        self.n_each = n_each
        self.shared: np.ndarray | None = None
        self._by_row: np.ndarray | None = None
        if self._kind == "zeros":
            self.n_each = 1
            self.shared = np.zeros((1, 1, library.length, library.n_letters), dtype=np.float32)
        elif self._kind == "given":
            self._take(given, parameters)

    def __call__(self, first: int, last: int) -> np.ndarray:
        """(n, R, L, A) float32, or (1, R, L, A) where all sequences have the same."""
        if self.shared is not None:
            return self.shared
        if self._by_row is not None:
            return np.asarray(self._by_row[first:last, None], dtype=np.float32)
        sequences = self._library.sequences[first:last]
        generators = row_generators(self._seed, first, len(sequences))
        n_letters = len(self._library.alphabet)
        if self._kind == "shuffle":
            shuffles = position_shuffles(sequences, self.n_each, generators)
        else:
            shuffles = dinucleotide_shuffles(sequences, n_letters, self.n_each, generators)
        return encode(shuffles, self._library.alphabet)

    def _take(self, given: np.ndarray | None, parameters: AttributerParameters) -> None:
        source = parameters.baseline_file
        if given is None:
            given = _read_baselines(source)
        shape = (self._library.length, self._library.n_letters)
        if given.ndim == 2:
            given = given[None]
        if given.ndim != 3 or given.shape[1:] != shape or len(given) == 0:
            raise InputError(
                "baseline_file",
                f"shape {given.shape}",
                f"({shape[0]}, {shape[1]}), or several of it",
                source,
            )
        check_finite(given, "baseline_file", source)
        several = len(given) > 1 and parameters.method == "intgrad"
        if several and len(given) != len(self._library):
            raise InputError(
                "baseline_file",
                f"{len(given)} baselines",
                f"one, or one for each of the {len(self._library)} sequences",
                source,
            )
        if several:
            self._by_row = given
        else:
            self.shared = given[None].astype(np.float32)
            self.n_each = len(given)


def _read_baselines(source: str) -> np.ndarray:
    if not source:
        raise InputError("baseline_file", "nothing", "a .npy file of baselines (L, A)")
    try:
        return np.load(source, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError("baseline_file", str(error), "a .npy file of numbers", source) from error
