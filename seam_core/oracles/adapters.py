"""Models whose inputs are not one (n, L, A) array: declared order of axes, and other inputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from seam_core.parameters import OracleParameters
from seam_core.readers.analysis import as_float32
from seam_core.readers.arrays import keys_of, read_array
from seam_core.validate import InputError

CHANNELS_FIRST = "channels_first"


@dataclass(frozen=True, eq=False)
class Adapter:
    """How one-hot sequences become the inputs of a model.

    channels_first : the model takes (n, A, L), and gives profiles as (n, T, B)
    sequence_input : index or name of the input that takes the sequence
    others : one row for each other input, (...) without the batch axis, by name or index;
        those that are not named are zeros
    """

    channels_first: bool = False
    sequence_input: str = "0"
    others: dict[str, np.ndarray] = field(default_factory=dict)

    def chosen_input(self, names: list[str], source: str = "") -> int:
        """Which of the inputs `names` takes the sequence; `InputError` when none does."""
        return chosen(self.sequence_input, names, "sequence_input", source)

    def row_for(self, name: str, index: int, shape: tuple[int | None, ...]) -> np.ndarray:
        """What an input other than the sequence is given for every sequence.

        Parameters
        ----------
        shape : of the input without the batch axis, as far as the model says

        Raises
        ------
        InputError
            The declared row has another shape, or none is declared and the model leaves a size
            open.
        """
        row = self.others.get(name, self.others.get(str(index)))
        if row is None:
            if any(size is None for size in shape):
                raise InputError(
                    "other_inputs",
                    f"nothing for input {name} of shape {shape}",
                    "an .npz file with its values, since the model leaves its size open",
                )
            return np.zeros([size for size in shape if size is not None], dtype=np.float32)
        fits = len(row.shape) == len(shape) and all(
            want is None or want == have for want, have in zip(shape, row.shape, strict=True)
        )
        if not fits:
            raise InputError("other_inputs", f"{name} of shape {row.shape}", f"shape {shape}")
        return row


def chosen(wanted: str | int, names: list[str], what: str, source: str = "") -> int:
    """Index of `wanted`, a name or an index, in `names`; `InputError` lists them."""
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
    """The adapter that `parameters` declare; reads the file of other inputs, if there is one."""
    others: dict[str, np.ndarray] = {}
    if parameters.other_inputs:
        path = Path(base or ".") / parameters.other_inputs
        others = {
            name: as_float32(read_array(path, field="other_inputs", key=name), name, path)
            for name in keys_of(path, "other_inputs")
        }
        if not others:
            raise InputError("other_inputs", "one array", "an .npz file of arrays", str(path))
    return Adapter(
        channels_first=parameters.layout == CHANNELS_FIRST,
        sequence_input=parameters.sequence_input,
        others=others,
    )
