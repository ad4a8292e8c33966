"""How a library's sequences become the inputs of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from seam_core.oracles.array_ops import ArrayOps
from seam_core.oracles.inputs import (
    InputRule,
    numbers,
    parse_rule,
    parse_rules,
    unasked,
    values_rule,
)
from seam_core.oracles.layouts import (
    as_shape,
    fitting,
    laid_out,
    length_in,
    letters_come_first,
    looks_like_sequence,
)
from seam_core.parameters import OracleParameters
from seam_core.readers.arrays import keys_of, read_array
from seam_core.sequences import DNA, PROTEIN
from seam_core.validate import InputError

Shape = tuple[int | None, ...]
# What nothing but the model's maker knows: which of the two it is.
_MEANING = {
    "flat": " (the letters of a position side by side)",
    "flat_first": " (the positions of a letter side by side)",
}


@dataclass(frozen=True, eq=False)
class Adapter:
    """What a model's inputs are given for one-hot sequences.

    layout : order of the axes of its sequences, see `layouts.AXES`
    sequence_input : index or name of the input that takes the sequence; "": the first that looks
        like one, else the first
    others : what each other input is given, by name or index: an `InputRule`, or one row (...)
        without the batch axis
    alphabet : letters in the order of the channels
    channels : (L, C) float32, more channels of each position, after the letters
    """

    layout: str = "channels_last"
    sequence_input: str = ""
    others: Mapping[str, Any] = field(default_factory=dict)
    alphabet: str = DNA
    channels: np.ndarray | None = None

    @property
    def n_channels(self) -> int:
        """C beside the letters."""
        return 0 if self.channels is None else self.channels.shape[1]

    @property
    def letters_first(self) -> bool:
        """Does the model have its channels before its positions?"""
        return letters_come_first(self.layout)

    def laid_out(self, sequences: Any, ops: ArrayOps, layout: str = "") -> Any:
        """(n, L, A) as the model takes them, or in another layout; with the channels beside,
        (n, L, A + C)."""
        return laid_out(self.with_channels(sequences, ops), layout or self.layout, ops)

    def with_channels(self, sequences: Any, ops: ArrayOps) -> Any:
        """(n, L, A) with the channels beside the letters; `InputError` for another length."""
        if self.channels is None:
            return sequences
        length = sequences.shape[1]
        if length is not None and length != len(self.channels):
            raise InputError(
                "channels",
                f"channels of {len(self.channels)} positions",
                f"{length}, those of the sequence",
            )
        channels = ops.constant(self.channels[None], sequences)
        nothing = ops.total(sequences, 2)[:, :, None] * 0.0  # of the batch's size
        return ops.joined([sequences, nothing + channels], 2)

    def chosen_input(
        self,
        names: Sequence[str],
        shapes: Sequence[Shape | None] = (),
        source: str = "",
        n_letters: int = 4,
    ) -> int:
        """Which of the inputs `names` takes the sequence; `InputError` when none does.

        shapes : of the inputs without the batch axis, as far as the model says
        """
        if self.sequence_input:
            return index_of(self.sequence_input, names, "sequence_input", source)
        n_letters += self.n_channels
        for index, shape in enumerate(shapes):
            fits = shape is not None and length_in(shape, self.layout, n_letters) is not False
            if fits and self.rule_named(names[index], index) is None:
                return index
        for index, shape in enumerate(shapes):
            if shape is not None and looks_like_sequence(shape, n_letters):
                return index
        return 0

    def rule_named(self, name: str, index: int) -> InputRule | None:
        """What the user wants for an input; None: nothing was said."""
        wanted = self.others.get(name, self.others.get(str(index)))
        return None if wanted is None else values_rule(wanted)

    def rule_for(
        self, name: str, index: int, shape: Shape, n_letters: int, source: str = "", *, first: str
    ) -> InputRule:
        """What an input of `shape` is given: zeros where nothing was said and it is no sequence.

        first : the input that takes the sequence
        """
        rule = self.rule_named(name, index)
        return rule or unasked(name, shape, n_letters, source, first=first)

    def check_names(self, names: Sequence[str], source: str = "") -> None:
        """Raise `InputError` for a rule of an input that there is not."""
        for name in self.others:
            index_of(name, names, "input", source)

    def length_of(
        self,
        shape: Shape | None,
        n_letters: int,
        source: str = "",
        looked_up: bool | None = None,
    ) -> int | None:
        """L of the sequence input, after checking that it takes one-hot sequences.

        looked_up : are the input's numbers indices of an embedding? None: not known
        """
        if shape is None:
            return None
        n_letters += self.n_channels
        length = length_in(shape, self.layout, n_letters)
        if length is not False:
            return length
        wanted = as_shape(self.layout, None, n_letters)
        fits = fitting(shape, n_letters, looked_up)
        others = [f"--layout {name}{_MEANING.get(name, '')}" for name in fits]
        advice = f"; for this input: {' or '.join(others)}" if others else ""
        more = self._more_channels(shape, n_letters)
        given = "(" + ", ".join(["N", *(str(size or "any") for size in shape)]) + ")"
        raise InputError(
            "layout",
            f"{self.layout}, for a model with an input of shape {given}",
            f"{wanted}, one channel a letter of the alphabet{advice or more}",
            source,
        )

    def _more_channels(self, shape: Shape, n_letters: int) -> str:
        """What to say where the model takes more channels than letters."""
        width = shape[-1] if shape else None
        if len(shape) != 2 or self.channels is not None or width is None or width <= n_letters:
            return ""
        return f"; {for_other_channels(width, n_letters)}"


def for_other_channels(width: int, n_letters: int) -> str:
    """What to add for a model that takes more channels than there are letters."""
    if width == n_letters + 1:
        letter = ", or --alphabet ACGTN" if n_letters == len(DNA) else ""
        return f"for the channel beside them: --channels FILE.npy{letter}"
    others = f"for the other {width - n_letters} channels: --channels FILE.npy of them"
    if n_letters > 4 or width < len(PROTEIN):
        return others
    letters = "protein" if width == len(PROTEIN) else f"with its {width} letters in their order"
    return f"if it reads amino acids: --alphabet {letters}; else {others}"


def index_of(wanted: str | int, names: Sequence[str], what: str, source: str = "") -> int:
    """Index of `wanted`, a name or an index, in `names`; `InputError` lists them."""
    names = list(names)
    if str(wanted) in names:
        return names.index(str(wanted))
    try:
        index = int(wanted)
    except ValueError:
        index = -1
    if not 0 <= index < len(names):
        listed = ", ".join(f"{i} ({name})" for i, name in enumerate(names))
        raise InputError(what, repr(wanted), f"one of: {listed}", source)
    return index


def load_adapter(parameters: OracleParameters, base: Path | None = None) -> Adapter:
    """The adapter that `parameters` declare; reads the files of other inputs, if there are any."""
    others: dict[str, Any] = dict(_rows(parameters.other_inputs, base))
    others |= parse_rules(parameters.input, base)
    return Adapter(
        layout=parameters.layout,
        sequence_input=parameters.sequence_input,
        others=others,
        alphabet=parameters.alphabet,
        channels=_channels(parameters.channels, base),
    )


def _channels(name: str, base: Path | None) -> np.ndarray | None:
    """The channels beside the letters, (L, C)."""
    if not name:
        return None
    values = parse_rule(name, base).values
    if values is None or values.ndim != 2:
        got = name if values is None else f"an array of shape {values.shape}"
        raise InputError("channels", got, "a .npy file of shape (length, channels)", name)
    return np.asarray(values, dtype=np.float32)


def _rows(name: str, base: Path | None) -> dict[str, np.ndarray]:
    """The rows of a file of other inputs, by the inputs' names."""
    if not name:
        return {}
    path = Path(base or ".") / name
    field = "other_inputs"
    rows = {
        key: numbers(read_array(path, field=field, key=key), path) for key in keys_of(path, field)
    }
    if not rows:
        raise InputError(field, "one array", "an .npz file of arrays", str(path))
    return rows
