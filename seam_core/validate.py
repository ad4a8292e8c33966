"""Argument checks, and the exceptions that a user meets.

Every message names what was wrong (file, argument or column), what came and what was expected.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

# what code of others raises, a model that ends the program among it
FOREIGN = (Exception, SystemExit)
# what would move the cursor, colour the terminal or turn the order of letters around
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """A text that files or libraries say, with signs that steer a terminal written out."""
    return _UNPRINTABLE.sub(lambda sign: ascii(sign[0])[1:-1], text)


def _short(text: Any, letters: int = 1200) -> str:
    """What fits into a message of a text that a file may have made endless."""
    text = str(text)
    return text if len(text) <= letters else f"{text[:letters]}…"


class SeamError(Exception):
    """Base of all errors whose message is written for the user."""


class InputError(SeamError, ValueError):
    """Something given to the engine is not what it takes.

    Parameters
    ----------
    field : str
        The argument, column or array that is wrong.
    got, expected : str
        What came and what was wanted, in words.
    source : str, optional
        The file it came from.
    """

    def __init__(self, field: str, got: Any, expected: str, source: str = "") -> None:
        self.field = field
        self.got = str(got)
        self.expected = expected
        self.source = str(source)
        where = f"{self.source}: " if self.source else ""
        said = f"{_short(field, 200)}: got {_short(self.got, 600)}; expected {_short(expected)}"
        super().__init__(printable(where + said))


class UnreachedError(InputError):
    """A model has gradients, and none reaches the sequence."""

    def __init__(self, source: str = "") -> None:
        got = "an output that no gradient reaches (it is computed without, or from whole numbers)"
        super().__init__("model", got, "a differentiable one, or the method ism", source)


class OracleError(SeamError, RuntimeError):
    """The oracle failed while it was asked about a library.

    Parameters
    ----------
    message : what happened, and where
    finished : (m,) predictions of the first m sequences, which are good
    """

    def __init__(self, message: str, finished: np.ndarray | None = None) -> None:
        self.finished = np.empty(0, dtype=np.float32) if finished is None else finished
        super().__init__(message)


class MemoryBudgetError(SeamError, MemoryError):
    """A job would need more memory than it may take; the message says how much."""


class MissingPackageError(SeamError, ImportError):
    """An optional package is not installed; the message names the command that installs it."""


def check_shape(
    array: np.ndarray, shape: tuple[int | None, ...], field: str, source: str = ""
) -> None:
    """Raise `InputError` unless `array` has `shape`; None stands for any size."""
    wanted = "(" + ", ".join("any" if size is None else str(size) for size in shape) + ")"
    fits = array.ndim == len(shape) and all(
        want is None or have == want for have, want in zip(array.shape, shape, strict=True)
    )
    if not fits:
        raise InputError(field, f"shape {array.shape}", f"shape {wanted}", source)


def check_finite(
    array: np.ndarray, field: str, source: str = "", *, block_bytes: int = 1 << 26
) -> None:
    """Raise `InputError` with the first bad index when `array` holds NaN or infinity.

    Works block by block along axis 0, so that a memory-mapped array is never read whole.
    """
    if array.size == 0 or not np.issubdtype(array.dtype, np.inexact):
        return
    row_bytes = max(1, array.nbytes // len(array))
    step = max(1, block_bytes // row_bytes)
    for start in range(0, len(array), step):
        bad = ~np.isfinite(array[start : start + step])
        if bad.any():
            first = np.argwhere(bad)[0]
            first[0] += start
            index = tuple(int(i) for i in first)
            raise InputError(
                field,
                f"{array[index]} at index {index if len(index) > 1 else index[0]}",
                "finite numbers only",
                source,
            )


def check_range(
    value: float, field: str, low: float | None = None, high: float | None = None
) -> None:
    """Raise `InputError` unless `low <= value <= high` (None: no bound)."""
    too_low = low is not None and not value >= low
    too_high = high is not None and not value <= high
    if too_low or too_high:
        if low is not None and high is not None:
            wanted = f"a value from {low} to {high}"
        else:
            wanted = f"at least {low}" if low is not None else f"at most {high}"
        raise InputError(field, value, wanted)


def check_choice(value: Any, field: str, choices: tuple[str, ...]) -> None:
    """Raise `InputError` unless `value` is one of `choices`."""
    if value not in choices:
        raise InputError(field, repr(value), "one of " + ", ".join(choices))


def first_line(error: BaseException, limit: int = 300) -> str:
    """What a foreign error says in one line, for a message of ours."""
    text = str(error).strip()
    return (text.splitlines()[0] if text else type(error).__name__)[:limit]


def lacking_or_odd(error: BaseException) -> str:
    """What was wrong with plain values of a file, in words: a name that is not there, or a kind."""
    if isinstance(error, KeyError) and error.args:
        return f"no {error.args[0]!r}"
    if isinstance(error, TypeError | AttributeError):
        return "values of another kind"
    return first_line(error, 120)


# As PyTorch begins what goes wrong inside a TorchScript program.
_SCRIPT_FAILED = "The following operation failed in the TorchScript interpreter"


def said_by(error: BaseException, limit: int = 300) -> str:
    """What an exception inside foreign code says in one line, with the line that raised it.

    The kind, its message, and file, number and text of the last line that ran, unless that is a
    line of ours: then the call itself did not fit.
    """
    import linecache
    from pathlib import Path

    kind, message = type(error).__name__, first_line(error, limit) if str(error).strip() else ""
    if message.startswith(_SCRIPT_FAILED):  # a program's own error comes last, with its kind
        kind, _, message = str(error).strip().splitlines()[-1][:limit].partition(": ")
    said = printable(f"{kind}: {message}" if message else kind)
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return said
    code = trace.tb_frame.f_code
    file = Path(code.co_filename)
    text = linecache.getline(code.co_filename, trace.tb_lineno).strip()[:120].rstrip("(")
    if not text or file.is_relative_to(Path(__file__).parent):
        return said
    return f"{said} ({file.name}, line {trace.tb_lineno}: {text})"


_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_NO_CAUSE = ("config=", "Arguments received", "•", "Exception encountered when calling")


def cause_of(error: BaseException, limit: int = 300) -> str:
    """The cause at the end of a foreign error of many lines, in one line."""
    text = str(error).strip()
    if "Exception encountered:" in text:
        text = text.rsplit("Exception encountered:", 1)[1].strip()
    lines = [_COLOURS.sub("", line).strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith(_NO_CAUSE)]
    if len(lines) > 1 and lines[0].endswith(":"):  # the cause is still to come
        lines[0] += f" {lines[1]}"
    return (lines[0] if lines else type(error).__name__)[:limit]
