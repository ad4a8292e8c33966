"""Which number of a model's outputs is explained: written once, for every framework."""

from __future__ import annotations

import dataclasses
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Number
from typing import Any

import numpy as np

from seam_core.oracles.adapters import index_of
from seam_core.oracles.array_ops import ArrayOps
from seam_core.oracles.placement import Placement
from seam_core.oracles.reductions import (
    ALL_COLUMNS,
    Bins,
    Columns,
    ProfileComponent,
    check_output,
    chosen_profiles,
    reduce_output,
)
from seam_core.parameters import OracleParameters
from seam_core.registry import REDUCTIONS
from seam_core.validate import InputError

ONLY = "output"


@dataclass(frozen=True)
class Term:
    """A head and its columns; the number explained is one, or the first less the second."""

    head: str
    columns: Columns


class Explained:
    """Which number of a model's outputs is explained.

    Parameters
    ----------
    head : index or name (a path, such as human/rna); "a - b" the difference of two heads
    column : index, several (their mean), or a difference "a - b" of such; a name is a head's
    reduction, bins : how a profile becomes one number, and over which of its positions
    own : parameters that only the reduction has
    letters_first : the model gives profiles as (n, T, B)

    Attributes
    ----------
    heads : (name, shape without the batch axis) of each output, of the last call
    component : of "first_pc"
    unplaced : the file of features whose places in the profile are not known yet; "" of none
    placed_text : the positions that such a file came to, as text
    """

    def __init__(
        self,
        head: str | int = 0,
        column: str | int = "",
        reduction: str = "none",
        *,
        bins: str = "",
        own: Any = None,
        letters_first: bool = False,
        source: str = "",
    ) -> None:
        self.head = str(head)
        self.column = str(column)
        self.reduction = reduction
        self.own = own
        self.unplaced = bins.strip() if names_features(bins) else ""
        self.bins = () if self.unplaced else parse_bins(bins)
        self.placed_text = ""
        self._placement: Placement | None = None
        self.letters_first = letters_first
        self.source = source
        self.heads: tuple[tuple[str, tuple[int, ...]], ...] = ()
        self.component: ProfileComponent | None = None
        self._asked: tuple[int, dict[str, tuple[int, ...]]] = (0, {})

    @property
    def needs_component(self) -> bool:
        """True until a reduction that needs the library's component has it."""
        return self._needs_component and self.component is None

    @property
    def _needs_component(self) -> bool:
        return bool(REDUCTIONS.get(self.reduction).needs_component)

    def place(self, stretches: Bins, length: int, width: int = 0) -> None:
        """Explain the positions of a profile that `stretches` of the model's input lie on.

        Parameters
        ----------
        stretches : 0-based positions of the input, from and to
        length : of the input; the middle of the profile lies at its middle
        width : letters that a position stands for; 0: 1, unless the profile is much shorter
        """
        self._placement = Placement(stretches, length, width, self.unplaced)
        self.unplaced = ""
        shapes = dict(self.heads)
        for term in self.terms if shapes else ():  # else once it has answered
            self._find_bins((None, *shapes[term.head]))

    def output(
        self, outputs: Mapping[str, Any], n: int | None, ops: ArrayOps, length: int = 0
    ) -> Any:
        """The head's output, profiles as (n, positions, tracks), after checking that it fits.

        Of a number that several heads have a part in, the outputs of its terms in a tuple.

        Parameters
        ----------
        outputs : by name, as the model gives them; what is no array of n is passed over
        n : sequences asked about; None: not known
        length : theirs, where shapes must be those of the last time that it was as many
        """
        heads = {name: self._turned(each, ops) for name, each in outputs.items()}
        led = {name: each for name, each in heads.items() if _is_led(each, n)}
        if not led:
            self._refuse(heads, n)
        if n is not None or not self.heads:
            self.heads = tuple((name, tuple(each.shape)[1:]) for name, each in led.items())
        if length:
            self._check_unchanged(length, n)
        terms = self.terms
        for term in terms:
            self._check(term, tuple(led[term.head].shape))
        if len(terms) > 1 and self._needs_component:
            raise InputError(
                "reduction", f"{self.reduction} of a difference", "another", self.source
            )
        chosen_ones = [led[term.head] for term in terms]
        return chosen_ones[0] if len({term.head for term in terms}) == 1 else tuple(chosen_ones)

    def _check_unchanged(self, length: int, n: int | None) -> None:
        (before, shapes), self._asked = self._asked, (length, dict(self.heads))
        for name, shape in self.heads if before == length else ():
            if shape != shapes.get(name, shape):
                got = f"{name} of shape {shape} a sequence in a batch of {n}, {shapes[name]} before"
                raise InputError("prediction", got, "the same in every batch", self.source)

    def _check(self, term: Term, shape: tuple[int | None, ...]) -> None:
        self._find_bins(shape)
        try:
            check_output(shape, term.head, term.columns, self.reduction, self.source, self.bins)
        except InputError as error:
            others = [name for name, _ in self.heads if name != term.head]
            if not others or error.field not in ("column", "reduction"):
                raise
            expected = f"{error.expected}; or another --head: {', '.join(others)}"
            raise InputError(error.field, error.got, expected, error.source) from error

    def _find_bins(self, shape: tuple[int | None, ...]) -> None:
        """The positions that features lie on, where a profile of `shape` says how many it has."""
        if self._placement is not None and len(shape) > 1 and shape[1] is not None:
            self.bins = self._placement.bins(shape[1])
            self.placed_text = ",".join(f"{first}:{last}" for first, last in self.bins)

    @property
    def terms(self) -> tuple[Term, ...]:
        """What the number explained is made of; `InputError` for a head that there is not."""
        heads = [self.head] if self._is_head(self.head) else _difference(self.head)
        columns = _difference(self.column)
        if len(heads) > 1 and len(columns) > 1:
            raise InputError(
                "column", repr(self.column), "one column, for a difference of heads", self.source
            )
        if len(heads) > 1:
            of_both = parse_columns(columns[0], self.source)
            return tuple(Term(self._named(head), of_both) for head in heads)
        return tuple(
            Term(self._named_by_column(column), ())
            if self._is_name(column)
            else Term(self._named(heads[0]), parse_columns(column, self.source))
            for column in columns
        )

    @property
    def single(self) -> bool:
        """Is one head explained?"""
        if not self.heads:  # not asked yet
            return len(_difference(self.head)) == len(_difference(self.column)) == 1
        return len({term.head for term in self.terms}) == 1

    @property
    def name(self) -> str:
        """The head's name; of several, the first one's."""
        return self.terms[0].head

    def said(self) -> str:
        """The number in words: head, column, positions, reduction."""
        parts = [term.head + self._column_said(term) for term in self.terms]
        bins = ", ".join(f"{first}:{last}" for first, last in self.bins)
        said = " - ".join(parts) + (f", bins {bins}" if bins else "")
        return said + ("" if self.reduction == "none" else f", {self.reduction}")

    def _column_said(self, term: Term) -> str:
        """The columns in words: the first of several too, lest it pass for the whole head."""
        if term.columns:
            named = ("all" if c == ALL_COLUMNS else str(c) for c in term.columns)
            return f" column {','.join(named)}"
        width = self._n_columns(term)
        return f" column 0 of {width} (none was chosen)" if width > 1 else ""

    def _n_columns(self, term: Term) -> int:
        """How many columns, or tracks of a profile, the head has; 1 where that is not known."""
        shape = dict(self.heads).get(term.head, ())
        if REDUCTIONS.get(self.reduction).of_profiles or self.bins:
            return (shape[1] or 1) if len(shape) == 2 else 1
        return max((size or 1 for size in shape), default=1)

    def reduced(self, output: Any, ops: ArrayOps) -> Any:
        """(n,) numbers from what `output` gave; `InputError` before features have a place."""
        if self.unplaced:
            expected = "positions as 400:410, or a sequence that tells where the features lie"
            raise InputError("bins", self.unplaced, expected, self.source)
        numbers = [
            reduce_output(
                ops.widened(output[index] if isinstance(output, tuple) else output),
                column=term.columns,
                reduction=self.reduction,
                ops=ops,
                component=self.component,
                bins=self.bins,
                own=self.own,
            )
            for index, term in enumerate(self.terms)
        ]
        return numbers[0] if len(numbers) == 1 else numbers[0] - numbers[1]

    def profiles(self, output: np.ndarray) -> np.ndarray:
        """(n, B) float32: flattened profiles that "first_pc" works on."""
        return chosen_profiles(output, self.terms[0].columns, self.bins)

    def _named(self, head: str) -> str:
        """A head's name; who numbered the columns of the only one is told of them."""
        names = [name for name, _ in self.heads]
        try:
            return names[index_of(head, names, "head", self.source)]
        except InputError as error:
            if len(names) > 1 or not head.isdigit():
                raise
            shape = self.heads[0][1]
            expected = (
                f"{error.expected}; or, of its shape {shape}, --column {shlex.quote(self.head)}"
            )
            raise InputError(error.field, error.got, expected, error.source) from error

    def _named_by_column(self, column: str) -> str:
        """A head's name where columns stand; who wrote neither is told of both."""
        try:
            return self._named(column)
        except InputError as error:
            heads = ", ".join(name for name, _ in self.heads)
            expected = f"columns by number, as 0,2 or 0:5, or a head: {heads}"
            raise InputError("column", repr(column), expected, self.source) from error

    def _is_head(self, text: str) -> bool:
        return any(text == name for name, _ in self.heads)

    def _is_name(self, column: str) -> bool:
        return self._is_head(column) or bool(column and not _NUMBERS.fullmatch(column))

    def _turned(self, output: Any, ops: ArrayOps) -> Any:
        """Profiles as (n, positions, tracks), without axes of one beyond these."""
        while len(output.shape) > 3 and 1 in output.shape[1:]:
            last = max(axis for axis, size in enumerate(output.shape) if axis and size == 1)
            output = output[(slice(None),) * last + (0,)]
        if self.letters_first and len(output.shape) == 3:
            return ops.turned(output)
        return output

    def _refuse(self, outputs: Mapping[str, Any], n: int | None) -> None:
        each = next(iter(outputs.values()), None)
        kind = "nothing" if each is None else f"{each.dtype} of shape {tuple(each.shape)}"
        raise InputError(
            "prediction",
            f"{kind} for {n} sequences",
            f"numbers of shape ({n},) or ({n}, columns)",
            self.source,
        )


def number_explained(parameters: OracleParameters) -> dict[str, Any]:
    """What says which number is explained, as `Explained` and the oracles take it by keyword."""
    return {
        "head": parameters.head,
        "column": parameters.column,
        "reduction": parameters.reduction,
        "bins": parameters.bins,
        "own": parameters.of(REDUCTIONS.get(parameters.reduction)),
    }


_NUMBERS = re.compile(r"\s*(-1|all|[\d\s,:]+)\s*")


def parse_columns(text: str, source: str = "") -> Columns:
    """Columns from "3", "0,2", "0:5" or "all" (-1); () of an empty text."""
    text = text.strip()
    if not text:
        return ()
    if text in ("all", str(ALL_COLUMNS)):
        return (ALL_COLUMNS,)
    try:
        return tuple(each for first, last in _ranges(text) for each in range(first, last))
    except ValueError as error:
        expected = "an index, several as 0,2 or 0:5, all, or a difference as 0 - 1"
        raise InputError("column", repr(text), expected, source) from error


def names_features(bins: str) -> bool:
    """Is it a file of features, and no positions?"""
    return any(each.isalpha() for each in bins)


def parse_bins(text: str) -> Bins:
    """Positions of a profile from "400:410", "7" or "0:10,50:60"."""
    try:
        return tuple(_ranges(text)) if text.strip() else ()
    except ValueError as error:
        expected = "positions of the profile as 400:410, or several, separated by commas"
        raise InputError("bins", repr(text), expected) from error


def _ranges(text: str) -> Iterator[tuple[int, int]]:
    for part in text.split(","):
        first, colon, last = part.partition(":")
        start = int(first)
        stop = int(last) if colon else start + 1
        if not 0 <= start < stop:
            raise ValueError(part)
        yield start, stop


def _difference(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"\s+-\s+", text.strip(), maxsplit=1)]


def _is_led(output: Any, n: int | None) -> bool:
    """Has it a row for each of n sequences?"""
    return len(output.shape) > 0 and (n is None or output.shape[0] in (None, n))


def named_outputs(outputs: Any) -> dict[str, Any]:
    """A model's outputs by their path, such as `human/rna`; what is no array is passed over.

    Of a list at the top the parts are output_0, output_1, ...; a single output is "output".
    """
    if _parts(outputs) is None:
        return {ONLY: outputs}
    is_list = isinstance(outputs, (list, tuple)) and not hasattr(outputs, "_fields")
    return {
        "/".join([f"output_{path[0]}" if is_list else path[0], *path[1:]]): value
        for path, value in _leaves(outputs, ())
    }


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    parts = _parts(value)
    if parts is None:
        if value is not None and not isinstance(value, (str, bytes, Number)):
            yield path, value
        return
    for name, part in parts.items():
        yield from _leaves(part, (*path, name))


def _parts(value: Any) -> dict[str, Any] | None:
    """What a container holds, by name; None of anything else, a list of numbers or words too."""
    if isinstance(value, Mapping):
        return {str(name): value for name, value in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return dict(zip(value._fields, value, strict=True))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        return _attributes(value)
    if value and all(_is_scalar(each) for each in value):
        return None
    return {str(index): value for index, value in enumerate(value)}


def _attributes(value: Any) -> dict[str, Any] | None:
    """Arrays that an object of somebody's own class has (a distribution's loc and scale)."""
    if hasattr(value, "shape") or callable(value):
        return None
    own = getattr(value, "__dict__", {}).items()
    return {n: each for n, each in own if n[:1] != "_" and hasattr(each, "shape")} or None


def _is_scalar(value: Any) -> bool:
    return isinstance(value, (Number, str)) or getattr(value, "ndim", None) == 0
