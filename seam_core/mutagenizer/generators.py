"""Libraries made by a callable from elsewhere, such as the generators of squid-nn."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from seam_core.oracles.objects import load_object
from seam_core.sequences import (
    diploid_alphabet,
    encode,
    one_hot_to_indices,
    two_hot_to_indices,
)
from seam_core.validate import InputError, check_shape

# (one-hot of the window (l, A), number of sequences) -> one-hot (N, l, A)
Generator = Callable[[np.ndarray, int], Any]

_NAMED = re.compile(r"(?P<object>.+:[A-Za-z_][\w.]*)\s*(?P<arguments>\(.*\))?")


def load_generator(text: str) -> Generator:
    """The generator that a text names: `module:object`, or a class and what to make one with.

    `squid.mutagenizer:RandomMutagenesis(mut_rate=0.1)` is one of those, made anew. Values are
    plain ones: numbers, texts, True and False, tuples, lists.

    Raises `InputError` where it cannot be imported or made.
    """
    match = _NAMED.fullmatch(text.strip())
    if match is None:
        raise InputError(
            "generator", repr(text) if text else "nothing", "module:object or module:class(name=1)"
        )
    loaded = load_object(match["object"], field="generator")
    if not isinstance(loaded, type):
        if match["arguments"]:
            raise InputError("generator", repr(text), "no arguments, as it is not a class")
        return loaded  # type: ignore[no-any-return]
    arguments = _arguments(match["arguments"] or "()")
    try:
        return loaded(**arguments)  # type: ignore[no-any-return]
    except Exception as error:
        raise InputError(
            "generator",
            f"{type(error).__name__}: {error}",
            f"arguments that {loaded.__name__} takes",
        ) from error


def _arguments(text: str) -> dict[str, Any]:
    """ "(rate=0.1)" to {"rate": 0.1}."""
    try:
        call = ast.parse(f"f{text}", mode="eval").body
        if not isinstance(call, ast.Call) or call.args:
            raise ValueError("an argument without a name")
        return {str(item.arg): ast.literal_eval(item.value) for item in call.keywords}
    except (SyntaxError, ValueError) as error:
        raise InputError(
            "generator", text, "named plain values in brackets, such as (mut_rate=0.1)"
        ) from error


def generated_library(
    generator: Generator,
    reference: np.ndarray,
    n: int,
    *,
    alphabet: str,
    start: int,
    stop: int,
    seed: int,
) -> tuple[np.ndarray, str]:
    """What `generator` makes of the reference's window, in its context.

    squid-nn draws from NumPy's global random numbers: they are seeded here and put back as they
    were. A generator that answers in two-hot (a row sums to 2) is asked in two-hot, and gives
    genotypes.

    Returns
    -------
    sequences : (N, L) int8; N is what the generator makes, `n` or not
    alphabet : `alphabet`, or its diploid one

    Raises
    ------
    InputError
        It is not callable, raises, or returns anything but one-hot or two-hot of this window.
    """
    if not callable(generator):
        raise InputError("generator", f"a {type(generator).__name__}", "a callable")
    with _seeded_globally(seed):
        window, letters = _asked(generator, reference[start:stop], n, alphabet)
    sequences = np.empty((len(window), len(reference)), dtype=np.int8)
    sequences[:] = reference
    sequences[:, start:stop] = window
    return sequences, letters


def _asked(
    generator: Generator, window: np.ndarray, n: int, alphabet: str
) -> tuple[np.ndarray, str]:
    name = type(generator).__name__
    if "twohot" in name.lower().replace("_", ""):
        letters = diploid_alphabet(alphabet)
        array = _called(generator, encode(window, letters, np.int64), n)
        return two_hot_to_indices(array, letters, name), letters
    array = _called(generator, encode(window, alphabet, np.uint8), n)
    return one_hot_to_indices(array, name), alphabet


def _called(generator: Generator, window: np.ndarray, n: int) -> np.ndarray:
    name = type(generator).__name__
    try:
        array = np.asarray(generator(window, n))
    except Exception as error:
        raise InputError(
            "generator", f"{type(error).__name__}: {error}", f"sequences from {name}"
        ) from error
    check_shape(array, (None, *window.shape), f"result of {name}")
    return array


@contextmanager
def _seeded_globally(seed: int) -> Iterator[None]:
    import random

    numpy_state, python_state = np.random.get_state(), random.getstate()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(numpy_state)  # noqa: NPY002
        random.setstate(python_state)
