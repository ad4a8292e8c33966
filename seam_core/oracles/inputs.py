"""What the inputs of a model other than the sequence are given: one rule for each, by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from seam_core.oracles.array_ops import ArrayOps
from seam_core.oracles.layouts import looks_like_sequence
from seam_core.readers.arrays import keys_of, read_array
from seam_core.sequences import DNA
from seam_core.validate import InputError, check_finite

SEQUENCE = "sequence"
REVERSE_COMPLEMENT = "reverse_complement"
ZEROS = "zeros"
RULES = (
    "reverse_complement, sequence, zeros, a number or several (0,1,0; 1:200 is 200 ones), or "
    "FILE.npz:KEY"
)
_SEVERAL = re.compile(r"\s*;\s*|\n+")
_SHAPE = re.compile(r"^(zeros|[-+.\de]+)\s*:\s*(\d+(?:x\d+)*)$")
_ARRAY_FILE = re.compile(r"^(?P<path>.+\.np[yz])(?::(?P<key>[^:/\\]+))?$", re.IGNORECASE)
_COMPLEMENT = {"A": "T", "C": "G", "G": "C", "T": "A", "U": "A", "N": "N"}


@dataclass(frozen=True, eq=False)
class InputRule:
    """What an input is given for every sequence.

    text : as the user wrote it
    kind : "sequence", "reverse_complement", "zeros" or "values"
    values : one row, (...) without the batch axis, of its own type; of a single number ()
    """

    text: str
    kind: str
    values: np.ndarray | None = None

    @property
    def follows_sequence(self) -> bool:
        """Does it change with the sequence? Gradients flow through it then."""
        return self.kind in (SEQUENCE, REVERSE_COMPLEMENT)

    def row(self, name: str, shape: tuple[int | None, ...] | None) -> np.ndarray:
        """The row for an input of `shape` without the batch axis, as far as the model says."""
        if self.values is None:
            return _zeros(name, shape)
        row = self.values
        if row.ndim == 0 and shape is not None and None not in shape:
            return np.full([size or 0 for size in shape], row)
        if row.ndim and shape is not None and len(shape) + 1 == row.ndim and len(row) == 1:
            row = row[0]  # a batch of one
        if shape is not None and not _fits(row.shape, shape):
            raise InputError("input", f"{name} of shape {row.shape}", f"shape {shape}")
        return row

    def said(self) -> str:
        """In words, for the check."""
        words = {
            SEQUENCE: "the sequence again",
            REVERSE_COMPLEMENT: "its reverse complement",
            ZEROS: "zeros",
        }
        return words.get(self.kind, self.text or "values given")


def parse_rules(text: str, base: Path | None = None) -> dict[str, InputRule]:
    """The rules of "NAME=RULE; NAME=RULE", by name; `InputError` for what is none."""
    return {name: parse_rule(rule, base) for name, rule in _written(text).items()}


def with_rules(text: str, more: str) -> str:
    """The rules of both texts as one; `more` wins, and what is no rule in `text` is left out."""
    try:
        rules = _written(text)
    except InputError:
        rules = {}
    return "; ".join(f"{name}={rule}" for name, rule in {**rules, **_written(more)}.items())


def _written(text: str) -> dict[str, str]:
    """Rules by name, as they are written."""
    rules = {}
    for part in _SEVERAL.split(text):
        if not part.strip():
            continue
        name, equals, rule = part.partition("=")
        if not equals or not name.strip() or not rule.strip():
            raise InputError("input", repr(part), f"NAME=RULE, where a rule is {RULES}")
        rules[name.strip()] = rule.strip()
    return rules


def parse_rule(text: str, base: Path | None = None) -> InputRule:
    """One rule; a whole number stays whole, several are a vector, arrays keep their type."""
    if text in (SEQUENCE, REVERSE_COMPLEMENT, ZEROS):
        return InputRule(text, text)
    sized = _SHAPE.match(text)
    if sized:
        number = parse_rule("0.0" if sized[1] == ZEROS else sized[1]).values
        shape = [int(n) for n in sized[2].split("x")]
        return InputRule(text, "values", np.full(shape, number))
    file = _ARRAY_FILE.match(text)
    if file:
        path = Path(base or ".") / file["path"]
        return InputRule(text, "values", _from_file(path, file["key"]))
    try:
        numbers = [_number(part) for part in text.split(",")]
    except ValueError as error:
        raise InputError("input", repr(text), RULES) from error
    if len(numbers) > 1:
        return InputRule(text, "values", np.array(numbers, dtype=np.float32))
    whole = isinstance(numbers[0], int)
    return InputRule(text, "values", np.array(numbers[0], dtype=np.int64 if whole else np.float32))


def _number(text: str) -> int | float:
    return int(text) if re.fullmatch(r"\s*[+-]?\d+\s*", text) else float(text)


def _from_file(path: Path, key: str | None) -> np.ndarray:
    keys = keys_of(path, "input") if path.suffix.lower() == ".npz" else []
    if key is None and len(keys) > 1:
        listed = ", ".join(f"{path.name}:{name}" for name in keys)
        raise InputError("input", f"{len(keys)} arrays", listed, str(path))
    return numbers(read_array(path, field="input", key=key or ""), path)


def numbers(values: np.ndarray, path: Path) -> np.ndarray:
    """The array, as it is where it holds whole numbers, else as float32; both finite."""
    if values.dtype.kind not in "biuf":
        raise InputError("input", f"an array of {values.dtype}", "numbers", str(path))
    if values.dtype.kind != "f":
        return np.asarray(values)
    with np.errstate(over="ignore"):
        floats = np.asarray(values, dtype=np.float32)
    check_finite(floats, "input", str(path))
    return floats


def values_rule(values: Any) -> InputRule:
    """The rule of an array given in Python: one row, (...) without the batch axis."""
    if isinstance(values, InputRule):
        return values
    array = np.asarray(values)
    return InputRule(f"values of shape {array.shape}", "values", array)


def unasked(
    name: str, shape: tuple[int | None, ...], n_letters: int, source: str, *, first: str
) -> InputRule:
    """What an input is given that no rule names: zeros, unless it may be a sequence.

    first : the input that takes the sequence
    """
    if looks_like_sequence(shape, n_letters):
        raise InputError(
            "input",
            f"nothing for input {name} of shape {shape}, which looks like a sequence",
            f"--input {name}=RULE, where a rule is {RULES}; the sequence goes to {first}, unless "
            f"--sequence-input {name} is asked for",
            source,
        )
    return InputRule("", ZEROS)


def reverse_complement(sequences: Any, alphabet: str, ops: ArrayOps) -> Any:
    """(n, L, A) of the other strand, as operations that gradients flow through."""
    order = complement_order(alphabet)
    turned = ops.flipped(sequences, 1)
    if order == list(range(len(alphabet)))[::-1]:
        return ops.flipped(turned, 2)
    return turned @ ops.constant(np.eye(len(alphabet), dtype=np.float32)[order], turned)


def complement_order(alphabet: str) -> list[int]:
    """Where in the alphabet the complement of each letter is; `InputError` where it has none."""
    partners = [_COMPLEMENT.get(letter, "") for letter in alphabet]
    if "U" in alphabet:
        partners = ["U" if partner == "T" else partner for partner in partners]
    if sorted(partners) != sorted(alphabet):
        raise InputError("input", f"reverse_complement of the alphabet {alphabet}", DNA)
    return [alphabet.index(partner) for partner in partners]


def _zeros(name: str, shape: tuple[int | None, ...] | None) -> np.ndarray:
    if shape is None or None in shape:
        raise InputError(
            "input",
            f"zeros for input {name}, whose size the model does not say",
            f"--input {name}=zeros:AxB with its size, or FILE.npz with its values",
        )
    return np.zeros([size or 0 for size in shape], dtype=np.float32)


def _fits(have: tuple[int, ...], want: tuple[int | None, ...]) -> bool:
    return len(have) == len(want) and all(
        size is None or size == here for size, here in zip(want, have, strict=True)
    )
