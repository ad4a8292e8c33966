"""A look at the model before a long run."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from seam_core.oracles.array_ops import NUMPY
from seam_core.oracles.capabilities import capabilities_of, heads_of, inputs_of
from seam_core.oracles.checked import (
    LOGIT,
    NO_REDUCTION,
    TO_THE_LAST_DIGIT,
    ModelCheck,
    is_exact,
)
from seam_core.oracles.context import InContext
from seam_core.oracles.inputs import reverse_complement
from seam_core.oracles.members import folds_of, innermost, note_of
from seam_core.oracles.patience import Patience
from seam_core.oracles.predict import automatic_batch, check_fits, show
from seam_core.oracles.protocol import Oracle
from seam_core.oracles.resident import bytes_of_answer
from seam_core.oracles.steady import unsteady
from seam_core.oracles.strands import BothStrands
from seam_core.oracles.table import TableOracle
from seam_core.progress import SILENT, Progress
from seam_core.records import Library
from seam_core.sequences import DNA
from seam_core.validate import InputError, SeamError, UnreachedError

# A timed batch takes no longer than about this.
TIMED_S = 1.0
# Calls that are timed at most; a compiler that watches the first ones has done its work by then.
MOST_CALLS = 5
# Letters of a sequence that is made to ask about: more than any model takes.
LONGEST = 10_000_000
# A model whose prediction of a long sequence takes so many seconds is asked about one in place of
# two, which are so many letters.
SLOW_S, LONG = 10.0, 20_000
# A gradient takes about as long as so many predictions.
OF_A_GRADIENT = 3

Told = Callable[[ModelCheck], None]


def check_oracle(
    oracle: Oracle,
    library: Library | None = None,
    *,
    length: int | None = None,
    n_sequences: int | None = None,
    alphabet: str = DNA,
    gradients: bool = True,
    patience: Patience | None = None,
    told: Told | None = None,
    progress: Progress = SILENT,
) -> ModelCheck:
    """Ask the oracle about two sequences, forward and backward, and time it.

    Parameters
    ----------
    library : its first and last sequence are asked about; others where it has fewer than two:
        those of a table of measurements, else random ones
    length : of the random sequences; by default the length the oracle takes
    n_sequences : to estimate for; by default those of the library
    alphabet : of the random sequences
    gradients : False where maps are made without them: they are not asked for
    patience : nothing more is asked after its seconds, or where it would end after them; None: the
        usual ones, from now
    told : is given what is known so far after each answer

    Returns
    -------
    ModelCheck
        What the oracle does wrong is listed in `problems`, not raised; what there was no time for
        in `unasked`.

    Raises
    ------
    InputError
        Neither library nor length, and the oracle takes any length; an absurd length.
    """
    asked = _asked(oracle, library, length, alphabet)
    check = ModelCheck(
        input_shape=(asked.length, asked.n_letters),
        inputs=inputs_of(oracle),
        device=capabilities_of(oracle).device,
        n_sequences=n_sequences or len(asked if library is None else library),
    )
    asking = _Asking(oracle, asked, gradients, (patience or Patience()).begin())
    told = told or (lambda check: None)
    steps = asking.steps()
    for number, (what, predictions, step) in enumerate(steps):
        told(check)
        if asking.takes_too_long(predictions, check):
            check = replace(check, unasked=(*check.unasked, what))
            continue
        try:
            check = step(check)
        except SeamError as error:
            check = replace(check, **_said(oracle))
            return replace(check, problems=(*check.problems, str(error)))
        progress.update(number + 1, len(steps), "model checked")
    told(check)
    return check


class _Asking:
    """The questions to a model, in turn.

    seconds : that one prediction of one sequence took, the first; 0 before
    """

    def __init__(
        self, oracle: Oracle, library: Library, gradients: bool, patience: Patience
    ) -> None:
        self._oracle, self._library = oracle, library
        self._gradients = gradients
        self._patience = patience
        self.seconds = 0.0
        rows = [0, len(library) - 1]
        self._pair = np.stack([library.encode(row, row + 1)[0] for row in rows])

    def steps(self) -> list[tuple[str, int, Callable[[ModelCheck], ModelCheck]]]:
        """(what is asked, predictions that it takes about as long as, how)."""
        gradient = ("gradient", OF_A_GRADIENT, self._gradient)
        of_an_answer = OF_A_GRADIENT if self._gradients else 1
        return [
            ("memory", 0, self._memory),
            ("predictions", 0, self._forward),
            *([gradient] if self._gradients else []),
            ("memory of an answer", of_an_answer, self._measured),  # which larger ones keep
            ("training mode", 2, self._steady),
            ("the other strand", 1, self._other_strand),
            ("completeness", 2 * OF_A_GRADIENT, self._completeness),
            ("time", 0, self._timed),
        ]

    def takes_too_long(self, predictions: int, check: ModelCheck) -> bool:
        """By what a gradient took, once there was one, which may be more than usual."""
        gradients, rest = divmod(predictions, OF_A_GRADIENT)
        gradient_s = max(OF_A_GRADIENT * self.seconds, np.nan_to_num(check.gradient_s))
        each = gradients * gradient_s + rest * self.seconds
        return not self._patience.suffices(len(self._pair) * each)

    @property
    def _slow(self) -> bool:
        return self.seconds > SLOW_S

    def _memory(self, check: ModelCheck) -> ModelCheck:
        check_fits(self._oracle, self._library)
        known = capabilities_of(self._oracle).bytes_per_sequence(self._library.length)
        return replace(check, memory=known, heads=heads_of(self._oracle))

    def _forward(self, check: ModelCheck) -> ModelCheck:
        oracle, library = self._oracle, self._library
        show(oracle, library)
        pair = self._pair[:1] if library.length >= LONG else self._pair
        began = time.perf_counter()
        predictions = np.asarray(oracle.predict(pair))
        self.seconds = (time.perf_counter() - began) / len(pair)
        if self._slow:
            self._pair = pair
        elif len(pair) < len(self._pair):
            predictions = np.asarray(oracle.predict(self._pair))
        pair = self._pair
        if predictions.shape != (len(pair),):
            expected = f"({len(pair)},): one number a sequence"
            raise InputError("prediction", f"shape {predictions.shape}", expected)
        problems: tuple[str, ...] = ()
        if not np.isfinite(predictions).all():
            problems = (f"prediction: {predictions.tolist()}; expected finite numbers",)
        folds = () if self._slow else folds_of(oracle)
        return replace(
            check,
            **_said(oracle),
            asked=pair,
            predictions=predictions,
            folds=tuple((name, np.asarray(each.predict(pair))) for name, each in folds),
            precision=getattr(innermost(oracle)[0], "precision", ""),
            problems=problems,
        )

    def _steady(self, check: ModelCheck) -> ModelCheck:
        assert check.predictions is not None
        if not np.isfinite(check.predictions).all():
            return check
        problem = unsteady(self._oracle, self._pair)
        problems = (*check.problems, problem) if problem else check.problems
        return replace(check, steady=not problem, problems=problems)

    def _other_strand(self, check: ModelCheck) -> ModelCheck:
        turned = _of_other_strand(self._oracle, self._pair, self._library.alphabet)
        return replace(check, other_strand=turned)

    def _gradient(self, check: ModelCheck) -> ModelCheck:
        gradient, pair = capabilities_of(self._oracle).gradient, self._pair
        if gradient is None:
            return replace(check, has_gradient=False)
        began = time.perf_counter()
        try:
            _, gradients = gradient(pair)
        except UnreachedError:
            if check.predictions is None or np.ptp(check.predictions) == 0:
                raise  # whatever the sequence is
            return replace(check, has_gradient=False, unreached=True)
        check = replace(check, gradient_s=(time.perf_counter() - began) / len(pair))
        if gradients.shape != pair.shape:
            problem = f"gradient: got shape {gradients.shape}; expected {pair.shape}"
        elif not np.isfinite(gradients).all():
            problem = "gradient: got NaN or infinity; expected finite numbers"
        elif not gradients.any():
            differ = check.predictions is not None and np.ptp(check.predictions) > 0
            other = (
                "a layer passes none on (quantised, whole numbers: --method ism)"
                if differ
                else "the head does not depend on the sequence"
            )
            problem = (
                f"gradient: zero everywhere; {other}, or the head is saturated here "
                f"({_way_out(check.reduction, check.predictions)})"
            )
        else:
            return replace(check, has_gradient=True)
        return replace(check, problems=(*check.problems, problem))

    def _completeness(self, check: ModelCheck) -> ModelCheck:
        """How far contributions of a model of few digits miss what they add up to."""
        if not check.precision or not check.has_gradient or len(self._pair) < 2:
            return check
        try:
            multipliers = capabilities_of(self._oracle).multipliers()
            if multipliers is None:
                return check
            one, other = self._pair[:1], self._pair[1:]
            ours, theirs, slopes = multipliers(one, other)
        except SeamError:  # an operation without a rule, which is told with the methods
            return check
        difference = float(ours[0] - theirs[0])
        missed = abs(float((slopes[0] * (one[0] - other[0])).sum()) - difference)
        return replace(check, completeness=missed / max(abs(difference), 1e-12))

    def _measured(self, check: ModelCheck) -> ModelCheck:
        """Of models that do not say what they hold."""
        if check.memory or check.problems:
            return check
        gradients = self._gradients and check.has_gradient is not False
        taken = measured_bytes(self._oracle, self._pair[:1], gradients=gradients)
        return replace(check, memory=taken, measured=True)

    def _timed(self, check: ModelCheck) -> ModelCheck:
        oracle, pair = self._oracle, self._pair
        if self._slow or not self._patience.suffices(len(pair) * self.seconds):  # asked before
            return replace(check, predict_s=self.seconds, batch_size=1)
        predict_s, size = time_predictions(oracle, pair)
        gradient_s = check.gradient_s
        gradient = None if check.has_gradient is False else capabilities_of(oracle).gradient
        if gradient is not None and self._gradients and predict_s * size <= TIMED_S:
            few = np.resize(pair, (max(2, size // 4), *pair.shape[1:]))
            gradient_s = _best(lambda: gradient(few)) / len(few)
        return replace(check, predict_s=predict_s, gradient_s=gradient_s, batch_size=size)


def measured_bytes(oracle: Oracle, one: np.ndarray, *, gradients: bool) -> int | None:
    """Bytes that a map of a sequence takes in a model that does not say; None of a table.

    Parameters
    ----------
    one : (1, L, A), what is asked about
    gradients : whether maps are made of gradients, where the model has them
    """
    if isinstance(oracle, TableOracle):
        return None
    gradient = capabilities_of(oracle).gradient if gradients else None
    return bytes_of_answer(gradient or oracle.predict, one)


def time_predictions(oracle: Oracle, pair: np.ndarray) -> tuple[float, int]:
    """Seconds a sequence in a batch of the size that a run takes, or smaller if it is slow; and
    that size.

    Parameters
    ----------
    pair : (2, L, A), what is asked about
    """
    seconds = _seconds(lambda: oracle.predict(pair))
    size = int(min(automatic_batch(pair.shape[1]), max(2, 2 * TIMED_S / max(seconds, 1e-6))))
    batch = np.resize(pair, (size, *pair.shape[1:]))
    slow = seconds > TIMED_S
    return (seconds / len(pair) if slow else _best(lambda: oracle.predict(batch)) / size), size


def _asked(oracle: Oracle, library: Library | None, length: int | None, alphabet: str) -> Library:
    """Two sequences or more: the library's, with others in place of those it lacks."""
    if library is not None and len(library) > 1:
        return library
    if library is not None:
        length, alphabet = library.length, library.alphabet
    length = oracle.length if length is None else length
    if length is None:
        expected = (
            "a reference sequence, or how many letters it has (seam check --length N): the model "
            "takes any number of them, or does not say"
        )
        raise InputError("length", "nothing", expected)
    if not 1 <= length <= LONGEST:
        raise InputError("length", str(length), f"a value from 1 to {LONGEST}")
    letters = _others(oracle, length, len(alphabet))
    if library is not None:
        letters[: len(library)] = library.sequences
    return Library(letters, alphabet)


def _others(oracle: Oracle, length: int, n_letters: int) -> np.ndarray:
    """(2, length) int8: the first and last that a table holds, which answers no others; random."""
    measured = getattr(oracle, "sequences", None)
    if measured is not None and measured.shape[1] == length:
        return np.array(measured[[0, -1]])
    return np.random.default_rng(0).integers(0, n_letters, (2, length), dtype=np.int8)


def _of_other_strand(oracle: Oracle, pair: np.ndarray, alphabet: str) -> np.ndarray | None:
    """Predictions of the reverse complements; None where they say nothing of the model."""
    if isinstance(oracle, (BothStrands, InContext, TableOracle)):
        return None
    try:
        turned = np.ascontiguousarray(reverse_complement(pair, alphabet, NUMPY))
        return np.asarray(oracle.predict(turned))
    except SeamError:  # letters without partners, or a model that refuses these
        return None


def _said(oracle: Oracle) -> dict[str, Any]:
    """What the oracle says of itself once it was asked."""
    explained = getattr(innermost(oracle)[0], "explained", None)
    said = ""
    if explained is not None and explained.heads:
        with suppress(SeamError):  # a head that there is not, which is told as a problem
            said = explained.said()
    return {
        "heads": heads_of(oracle),
        "inputs": inputs_of(oracle),
        "explained": said,
        "reduction": "" if explained is None else explained.reduction,
        "note": note_of(oracle),
    }


def _way_out(reduction: str, values: np.ndarray | None) -> str:
    """What to ask of a saturated head, besides what is asked already."""
    if reduction == LOGIT or (
        reduction == NO_REDUCTION and values is not None and is_exact(values)
    ):
        return TO_THE_LAST_DIGIT
    if reduction != NO_REDUCTION:
        return "an activation that is flat there: give a model that ends before it"
    return "a sigmoid at 0 or 1 explains nothing: --reduction logit, or a model that ends before it"


def _best(call: Callable[[], object]) -> float:
    """Seconds of the quickest call: of two, or of more that fit the time; first ones compile."""
    taken: list[float] = []
    while len(taken) < 2 or (len(taken) < MOST_CALLS and sum(taken) < TIMED_S):
        taken.append(_seconds(call))
    return min(taken)


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
