"""A look at the model before a long run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from seam_core.oracles.array_ops import NUMPY
from seam_core.oracles.capabilities import capabilities_of, heads_of, inputs_of
from seam_core.oracles.context import InContext
from seam_core.oracles.inputs import reverse_complement
from seam_core.oracles.members import folds_of, innermost, note_of
from seam_core.oracles.predict import automatic_batch, check_fits, show
from seam_core.oracles.protocol import Oracle
from seam_core.oracles.steady import unsteady
from seam_core.oracles.strands import BothStrands
from seam_core.oracles.table import TableOracle
from seam_core.progress import SILENT, Progress
from seam_core.records import Library
from seam_core.sequences import DNA
from seam_core.validate import InputError, SeamError

# A timed batch takes no longer than about this.
TIMED_S = 1.0
# Calls that are timed at most; a compiler that watches the first ones has done its work by then.
MOST_CALLS = 5
# Letters of a sequence that is made to ask about: more than any model takes.
LONGEST = 10_000_000
# Both strands are alike where their predictions differ by no more than this share.
ALIKE = 1e-2
# What is advised where a head is saturated, and what is asked where nothing is reduced.
LOGIT, NO_REDUCTION = "logit", "none"
# Probabilities so near to 0 or 1 hardly have a gradient; all near 0 may be rates as well, and
# are told only where they are as small as these.
SATURATED, NOTHING = 0.01, 1e-6


@dataclass(frozen=True, eq=False)
class ModelCheck:
    """What was found out about an oracle on two sequences.

    input_shape : (L, A) of what it was given
    heads : (name, shape without the batch axis) of each output, where it says
    asked : (2, L, A) float32, what it was asked about
    predictions : (2,) float32, or None when the forward pass failed
    folds : (name, (2,) float32 predictions) of each model that they are the mean of
    has_gradient : whether it can be differentiated at all; None where that failed or was not tried
    device : "CPU" or "GPU" where a framework runs it, else ""
    predict_s, gradient_s : seconds a sequence, in a batch of `batch_size`; NaN where it failed
    n_sequences : of the library that the estimates are for
    inputs : (name, what it is given) of each input, where it says
    explained : the number explained, in words, where it says
    reduction : how it is made of the head's output, where it says
    note : what was left out or changed when the model's file was read, in words
    other_strand : (2,) float32 predictions of the reverse complements; None where there are none
    memory : bytes that a sequence takes inside the model, where it says
    problems : what is wrong, a message each; none of them when it may run
    """

    input_shape: tuple[int, int]
    heads: tuple[tuple[str, tuple[int, ...]], ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()
    explained: str = ""
    reduction: str = ""
    note: str = ""
    asked: np.ndarray | None = None
    predictions: np.ndarray | None = None
    folds: tuple[tuple[str, np.ndarray], ...] = ()
    other_strand: np.ndarray | None = None
    memory: int | None = None
    has_gradient: bool | None = None
    device: str = ""
    predict_s: float = float("nan")
    gradient_s: float = float("nan")
    batch_size: int = 2
    n_sequences: int = 0
    problems: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """True when nothing is wrong."""
        return not self.problems

    @property
    def predict_estimate_s(self) -> float:
        """Seconds for the predictions of the library."""
        return self.predict_s * self.n_sequences

    @property
    def gradient_estimate_s(self) -> float:
        """Seconds for one gradient of each sequence of the library."""
        return self.gradient_s * self.n_sequences

    def lines(self) -> list[str]:
        """The check in words, a line each: its answers, and what is wrong."""
        return self.answers() + [f"problem: {problem}" for problem in self.problems]

    def answers(self) -> list[str]:
        """What the model takes and gives, and how fast, a line each."""
        lines = [f"input: {self.input_shape[0]} positions x {self.input_shape[1]} letters"]
        lines += [f"input {name}: {given}" for name, given in self.inputs]
        lines += [f"head {i} ({name}): shape {shape}" for i, (name, shape) in enumerate(self.heads)]
        if self.explained and self.predictions is not None:
            lines.append(f"explained: {self.explained}")
        if self.note:
            lines.append(f"table: {self.note}")
        if self.predictions is not None:
            lines.append(f"predictions: {_in_digits(self.predictions)}")
        lines += [f"predictions of {name}: {_in_digits(each)}" for name, each in self.folds]
        lines += self._other_strand() + self._saturated()
        if self.has_gradient is not None:
            said = "yes" if self.has_gradient else "none (in-silico mutagenesis)"
            lines.append(f"gradient: {said}")
        if self.memory:
            lines.append(f"memory: about {self.memory / 1e6:.3g} MB a sequence")
        if self.device:
            lines.append(f"runs on: {self.device}")
        for what, each, total in (
            ("predict", self.predict_s, self.predict_estimate_s),
            ("gradient", self.gradient_s, self.gradient_estimate_s),
        ):
            if np.isfinite(each):
                lines.append(
                    f"{what}: {each * 1e3:.3g} ms a sequence, "
                    f"{readable_seconds(total)} for {self.n_sequences:,}"
                )
        return lines

    def _other_strand(self) -> list[str]:
        if self.other_strand is None or self.predictions is None:
            return []
        apart = np.abs(self.other_strand - self.predictions).max()
        alike = apart <= ALIKE * max(np.abs(self.predictions).max(), 1e-6)
        said = "the model answers alike to both" if alike else "--strands both takes the mean"
        return [f"predictions of the other strand: {_in_digits(self.other_strand)} ({said})"]

    def _saturated(self) -> list[str]:
        """Of probabilities that a sigmoid cannot bring nearer to 0 or 1."""
        values = self.predictions
        if values is None or not ((values >= 0) & (values <= 1)).all():
            return []
        to_end = np.minimum(values, 1 - values)
        telling = (values > SATURATED).any() or (values < NOTHING).all()
        if not (telling and (to_end < SATURATED).all()):
            return []
        if self.reduction == LOGIT:  # a logit that happens to lie there
            return []
        return [
            "saturated: if these are probabilities, nothing moves them: --reduction logit explains "
            "what the sigmoid was given"
        ]


def _in_digits(values: np.ndarray) -> str:
    return ", ".join(f"{value:.4g}" for value in values)


def check_oracle(
    oracle: Oracle,
    library: Library | None = None,
    *,
    length: int | None = None,
    n_sequences: int | None = None,
    alphabet: str = DNA,
    gradients: bool = True,
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

    Returns
    -------
    ModelCheck
        What the oracle does wrong is listed in `problems`, not raised.

    Raises
    ------
    InputError
        Neither library nor length, and the oracle takes any length; an absurd length.
    """
    asked = _asked(oracle, library, length, alphabet)
    check = ModelCheck(
        input_shape=(asked.length, asked.n_letters),
        device=capabilities_of(oracle).device,
        memory=capabilities_of(oracle).bytes_per_sequence,
        n_sequences=n_sequences or len(asked if library is None else library),
    )
    pair = np.stack([asked.encode(0, 1)[0], asked.encode(len(asked) - 1, len(asked))[0]])
    steps: list[Callable[[], ModelCheck]] = [
        lambda: _checked_forward(oracle, asked, pair, check),
        *([lambda: _checked_gradient(oracle, pair, check)] if gradients else []),
        lambda: _timed(oracle, pair, check, gradients=gradients),
    ]
    for number, step in enumerate(steps):
        try:
            check = step()
        except SeamError as error:
            check = replace(check, **_said(oracle))
            return replace(check, problems=(*check.problems, str(error)))
        progress.update(number + 1, len(steps), "model checked")
    return check


def _asked(oracle: Oracle, library: Library | None, length: int | None, alphabet: str) -> Library:
    """Two sequences or more: the library's, with others in place of those it lacks."""
    if library is not None and len(library) > 1:
        return library
    if library is not None:
        length, alphabet = library.length, library.alphabet
    length = oracle.length if length is None else length
    if length is None:
        expected = (
            "--length N or a --sequence: the model takes any number of letters, or does not say"
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


def _checked_forward(
    oracle: Oracle, library: Library, pair: np.ndarray, check: ModelCheck
) -> ModelCheck:
    check_fits(oracle, library)
    show(oracle, library)
    predictions = np.asarray(oracle.predict(pair))
    if predictions.shape != (2,):
        raise InputError("prediction", f"shape {predictions.shape}", "(2,) for two sequences")
    problems = []
    if not np.isfinite(predictions).all():
        problems.append(f"prediction: {predictions.tolist()}; expected finite numbers")
    else:
        problems += filter(None, [unsteady(oracle, pair)])
    return replace(
        check,
        **_said(oracle),
        asked=pair,
        predictions=predictions,
        folds=tuple((name, np.asarray(each.predict(pair))) for name, each in folds_of(oracle)),
        other_strand=_of_other_strand(oracle, pair, library.alphabet),
        problems=tuple(problems),
    )


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
    said = explained.said() if explained is not None and explained.heads else ""
    return {
        "heads": heads_of(oracle),
        "inputs": inputs_of(oracle),
        "explained": said,
        "reduction": "" if explained is None else explained.reduction,
        "note": note_of(oracle),
    }


def _checked_gradient(oracle: Oracle, pair: np.ndarray, check: ModelCheck) -> ModelCheck:
    gradient = capabilities_of(oracle).gradient
    if gradient is None:
        return replace(check, has_gradient=False)
    _, gradients = gradient(pair)
    if gradients.shape != pair.shape:
        problem = f"gradient: got shape {gradients.shape}; expected {pair.shape}"
    elif not np.isfinite(gradients).all():
        problem = "gradient: got NaN or infinity; expected finite numbers"
    elif not gradients.any():
        problem = (
            "gradient: zero everywhere; the head does not depend on the sequence, or is saturated "
            f"here ({_way_out(check.reduction)})"
        )
    else:
        return replace(check, has_gradient=True)
    return replace(check, problems=(*check.problems, problem))


def _way_out(reduction: str) -> str:
    """What to ask of a saturated head, besides what is asked already."""
    if reduction == LOGIT:
        return (
            "its probability is 0 or 1 to the last digit, and so has no logit: give a model that "
            "ends before the sigmoid, as --model file.py:function"
        )
    if reduction != NO_REDUCTION:
        return "an activation that is flat there: give a model that ends before it"
    return "a sigmoid at 0 or 1 explains nothing: --reduction logit, or a model that ends before it"


def _timed(oracle: Oracle, pair: np.ndarray, check: ModelCheck, *, gradients: bool) -> ModelCheck:
    """Seconds a sequence in a batch of the size that a run takes, or smaller if it is slow."""
    seconds = _seconds(lambda: oracle.predict(pair))
    slow = seconds > TIMED_S  # its batch is the pair, which was asked about before
    size = int(min(automatic_batch(pair.shape[1]), max(2, 2 * TIMED_S / max(seconds, 1e-6))))
    batch = np.resize(pair, (size, *pair.shape[1:]))
    gradient_s = float("nan")
    predict_s = (seconds if slow else _best(lambda: oracle.predict(batch))) / size
    gradient = capabilities_of(oracle).gradient
    if gradient is not None and gradients:
        few = batch[: max(2, size // 4)]
        timed = _seconds if slow else _best
        gradient_s = timed(lambda: gradient(few)) / len(few)
    return replace(check, predict_s=predict_s, gradient_s=gradient_s, batch_size=size)


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


def readable_seconds(seconds: float) -> str:
    """90 to "1.5 min"."""
    if seconds < 60:
        return f"{seconds:.2g} s"
    if seconds < 3600:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:.1f} h"
