"""What a check of a model found, as the rows of one table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seam_core.oracles.resident import readable_growth
from seam_core.progress import readable_bytes

# Both strands are alike where their predictions differ by no more than this share.
ALIKE = 1e-2
# What is advised where a head is saturated, and what is asked where nothing is reduced.
LOGIT, NO_REDUCTION = "logit", "none"
SATURATED_SAID = (
    "if these are probabilities, nothing moves them: {} explains what the sigmoid was given"
)
# Of which nothing is left that a logit could be taken of: a yes or no, or a sigmoid's last digit.
TO_THE_LAST_DIGIT = (
    "0 or 1 to the last digit, which has no logit: give a model that ends before the sigmoid, or "
    "before the yes or no is decided, as --model file.py:function"
)
# How the logit is asked for, by how the number is made.
LOGIT_OF = {
    NO_REDUCTION: "--reduction logit",
    **dict.fromkeys(("sum", "mean"), "--reduction logit of one position (--bins)"),
}
# Probabilities so near to 0 or 1 hardly have a gradient; all near 0 may be rates as well, and
# are told only where they are as small as these.
SATURATED, NOTHING = 0.01, 1e-6


@dataclass(frozen=True, eq=False)
class ModelCheck:
    """What was found out about an oracle on two sequences, or on one where it is slow.

    input_shape : (L, A) of what it was given
    heads : (name, shape without the batch axis) of each output, where it says
    asked : (n, L, A) float32, what it was asked about
    predictions : (n,) float32, or None when the forward pass failed
    folds : (name, (n,) float32 predictions) of each model that they are the mean of
    has_gradient : whether it can be differentiated at all; None where that failed or was not tried
    unreached : it can, but no gradient reaches the sequence
    device : "CPU" or "GPU" where a framework runs it, else ""
    predict_s, gradient_s : seconds a sequence, in a batch of `batch_size`; NaN where it failed or
        was not asked
    n_sequences : of the library that the estimates are for
    inputs : (name, what it is given) of each input, where it says
    explained : the number explained, in words, where it says
    reduction : how it is made of the head's output, where it says
    note : what was left out or changed when the model's file was read, in words
    other_strand : (n,) float32 predictions of the reverse complements; None where there are none
    memory : bytes that a map of a sequence takes inside the model, where it is known
    measured : that is by how much the process grew, not counted
    steady : whether sequences are answered alike together, alone and again; None: not asked
    precision : of the model's numbers, where they have fewer digits than float32
    completeness : share by which DeepSHAP's contributions of such a model miss the difference
    unasked : what time did not suffice for, in words
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
    measured: bool = False
    steady: bool | None = None
    precision: str = ""
    completeness: float = float("nan")
    unasked: tuple[str, ...] = ()
    has_gradient: bool | None = None
    unreached: bool = False
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
        return [f"{what}: {said}" for what, said in self.rows()]

    def rows(self) -> list[tuple[str, str]]:
        """The same as (what, in words)."""
        rows = [("input", f"{self.input_shape[0]} positions x {self.input_shape[1]} letters")]
        rows += [(f"input {name}", given) for name, given in self.inputs]
        rows += [
            (f"head {i} ({name})", f"shape {shape}") for i, (name, shape) in enumerate(self.heads)
        ]
        if self.explained and self.predictions is not None:
            rows.append(("explained", self.explained))
        if self.note:
            rows.append(("table", self.note))
        if self.predictions is not None:
            rows.append(("predictions", _in_digits(self.predictions)))
        rows += [(f"predictions of {name}", _in_digits(each)) for name, each in self.folds]
        rows += self._other_strand() + self._saturated()
        if self.steady is not None and not self.problems:
            rows.append(("training mode", "no: alone, together and again it answers alike"))
        if self.has_gradient is not None:
            none = "none reaches the sequence" if self.unreached else "none"
            said = "yes" if self.has_gradient else f"{none} (in-silico mutagenesis)"
            rows.append(("gradient", said))
        return rows + self._precision() + self._means()

    def _means(self) -> list[tuple[str, str]]:
        """Memory, device, time; and what was not asked."""
        rows = []
        if self.memory:
            counted = f"about {readable_bytes(self.memory)}"
            size = readable_growth(self.memory) if self.measured else counted
            rows.append(("memory", f"{size} a sequence in the model"))
        if self.device:
            rows.append(("runs on", self.device))
        for what, each, total in (
            ("predict", self.predict_s, self.predict_estimate_s),
            ("gradient takes", self.gradient_s, self.gradient_estimate_s),
        ):
            if np.isfinite(each):
                took = f"{each * 1e3:.3g} ms" if each < 1 else readable_seconds(each)
                said = f"{took} a sequence, {readable_seconds(total)} for {self.n_sequences:,}"
                rows.append((what, said))
        if self.unasked:
            unasked = f"{', '.join(self.unasked)}: there was no time left (--seconds gives more)"
            rows.append(("not asked", unasked))
        return rows

    def _precision(self) -> list[tuple[str, str]]:
        if not self.precision:
            return []
        said = f"{self.precision}, of about three digits"
        if np.isfinite(self.completeness):
            said += f"; DeepSHAP's contributions miss their sum by {self.completeness:.1g} of it"
        return [("numbers", f"{said}; a model of float32 is more exact")]

    def _other_strand(self) -> list[tuple[str, str]]:
        if self.other_strand is None or self.predictions is None:
            return []
        apart = np.abs(self.other_strand - self.predictions).max()
        alike = apart <= ALIKE * max(np.abs(self.predictions).max(), 1e-6)
        said = "the model answers alike to both" if alike else "--strands both takes the mean"
        return [("other strand", f"{_in_digits(self.other_strand)} ({said})")]

    def _saturated(self) -> list[tuple[str, str]]:
        """Of probabilities that a sigmoid cannot bring nearer to 0 or 1."""
        if self.predictions is None:
            return []
        said = saturated_said(self.predictions, self.reduction)
        return [("saturated", said)] if said else []


def saturated_said(values: np.ndarray, reduction: str) -> str:
    """What is said where the numbers may be saturated probabilities, and how to ask; "" of others.

    Numbers that are no probability (a logit, a BPNet profile's) may happen to lie there.
    """
    way = LOGIT_OF.get(reduction)
    if way is None or not is_saturated(values):
        return ""
    return TO_THE_LAST_DIGIT if is_exact(values) else SATURATED_SAID.format(way)


def is_exact(values: np.ndarray) -> bool:
    """Are all of the numbers 0 or 1?"""
    return bool(np.isin(values, (0, 1)).all())


def is_saturated(values: np.ndarray) -> bool:
    """Are the numbers probabilities, all so near to 0 or 1 that their maps say nothing?"""
    if not ((values >= 0) & (values <= 1)).all():
        return False
    telling = (values > SATURATED).any() or (values < NOTHING).all()
    return bool(telling and (np.minimum(values, 1 - values) < SATURATED).all())


def _in_digits(values: np.ndarray) -> str:
    return ", ".join(f"{value:.4g}" for value in values)


def readable_seconds(seconds: float) -> str:
    """90 to "1.5 min"."""
    if seconds < 60:
        return f"{seconds:.2g} s"
    if seconds < 3600:
        return f"{seconds / 60:.1f} min"
    hours = seconds / 3600
    return f"{hours:.1f} h" if hours < 100 else f"{hours / 24:,.0f} days"
