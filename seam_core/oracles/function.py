"""Any Python callable as an oracle."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from seam_core.oracles.array_ops import NUMPY
from seam_core.oracles.explained import Explained, named_outputs, number_explained
from seam_core.oracles.layouts import laid_out, letters_come_first, running
from seam_core.oracles.protocol import is_out_of_memory, no_memory
from seam_core.oracles.reductions import ProfileComponent
from seam_core.parameters import OracleParameters
from seam_core.validate import FOREIGN, InputError, OracleError, said_by


class FunctionOracle:
    """A callable `predict(one_hot) -> (n,)`, `(n, T)`, `(n, B, T)`, or a list or dict of these.

    Parameters
    ----------
    function : takes (n, L, A) float32, laid out as `layout` says
    gradient : takes the same; gives predictions (n,) and gradients of the shape that it is given
    multipliers : takes sequences of n and references of n R; gives predictions (n,), (n R,) and
        DeepLIFT's multipliers of the shape of the references
    head, column, reduction, bins, own : the number explained, see `Explained`
    length : L, or None where the callable takes any
    source : its name, for messages
    """

    def __init__(
        self,
        function: Callable[[np.ndarray], Any],
        *,
        gradient: Callable[[np.ndarray], Any] | None = None,
        multipliers: Callable[[np.ndarray, np.ndarray], Any] | None = None,
        n_letters: int = 4,
        length: int | None = None,
        head: str | int = 0,
        column: str | int = "",
        reduction: str = "none",
        bins: str = "",
        own: Any = None,
        layout: str = "channels_last",
        source: str = "",
    ) -> None:
        if not callable(function):
            raise InputError(
                "model",
                f"a {type(function).__name__}",
                "a callable, or an object with predict",
                source,
            )
        self.function = function
        self._gradient = gradient
        self._tried = False
        if gradient is not None:
            self.gradient = self._checked_gradient
        self._multipliers = multipliers
        if multipliers is not None:
            self.multipliers = self._checked_multipliers
        self.n_letters = n_letters
        self.length = length
        self.layout = layout
        self.source = source or getattr(function, "__name__", type(function).__name__)
        self.explained = Explained(
            head,
            column,
            reduction,
            bins=bins,
            own=own,
            letters_first=letters_come_first(layout),
            source=self.source,
        )

    @classmethod
    def from_parameters(cls, model: Any, parameters: OracleParameters) -> FunctionOracle:
        """The oracle that `parameters` describe, of a callable or an object that predicts.

        An object has `predict`, and may have `gradient`, `multipliers` and `length`.
        """
        return cls(
            getattr(model, "predict", model),
            gradient=getattr(model, "gradient", None),
            multipliers=getattr(model, "multipliers", None),
            n_letters=len(parameters.alphabet),
            length=_whole(getattr(model, "length", None), parameters.model),
            **number_explained(parameters),
            layout=parameters.layout,
            source=parameters.model,
        )

    def predict(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) to (n,) float32; `OracleError` with the callable's own error when it raises."""
        scalars = self.explained.reduced(self._output(one_hot), NUMPY)
        return np.asarray(scalars, dtype=np.float32)

    @property
    def heads(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """(name, shape without the batch axis) of each output, once it was asked."""
        return self.explained.heads

    @property
    def needs_component(self) -> bool:
        """True until a "first_pc" has its component."""
        return self.explained.needs_component

    def profiles(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) to flattened profiles, (n, B) float32."""
        return self.explained.profiles(self._output(one_hot))

    def set_component(self, component: ProfileComponent) -> None:
        """Project on this component from now on."""
        self.explained.component = component

    def _checked_gradient(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(n, L, A) to predictions (n,) and gradients (n, L, A).

        Of an object that gives gradients alone the predictions are asked.
        """
        assert self._gradient is not None
        given = self._as_given(inputs)
        try:
            answer = self._gradient(given)
            given_back = answer if isinstance(answer, (tuple, list)) else (answer,)
            arrays = [_array(each) for each in given_back]
        except FOREIGN as error:
            raise self._failed(error, len(inputs)) from error
        if len(arrays) == 1:
            arrays = [self.predict(inputs), *arrays]
            self._check_one_number()
        if [each.shape for each in arrays] != [(len(inputs),), given.shape]:
            raise InputError(
                "gradient",
                "shapes " + " and ".join(str(each.shape) for each in arrays),
                f"predictions ({len(inputs)},) and gradients {given.shape}",
                self.source,
            )
        predictions, gradients = arrays
        if not self._tried:
            self._try(inputs, predictions)
        return predictions.astype(np.float32), self._as_asked(gradients, inputs)

    def _as_asked(self, slopes: np.ndarray, inputs: np.ndarray) -> np.ndarray:
        """What is laid out as the callable's input, as (n, L, A) float32."""
        if letters_come_first(self.layout):
            slopes = slopes.reshape(len(inputs), inputs.shape[2], -1).swapaxes(1, 2)
        return slopes.reshape(inputs.shape).astype(np.float32)

    def _checked_multipliers(
        self, sequences: np.ndarray, references: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """See `seam_core.oracles.capabilities.Multipliers`."""
        assert self._multipliers is not None
        given = self._as_given(references)
        try:
            answer = [_array(each) for each in self._multipliers(self._as_given(sequences), given)]
        except FOREIGN as error:
            raise self._failed(error, len(references)) from error
        wanted = [(len(sequences),), (len(references),), given.shape]
        if [each.shape for each in answer] != wanted:
            got = "shapes " + " and ".join(str(each.shape) for each in answer)
            expected = "predictions {}, theirs {} and multipliers {}".format(*wanted)
            raise InputError("multipliers", got, expected, self.source)
        ours, theirs, slopes = answer
        if not self._tried:
            self._try(sequences, ours)
        return (
            ours.astype(np.float32),
            theirs.astype(np.float32),
            self._as_asked(slopes, references),
        )

    def _check_one_number(self) -> None:
        """Raise `InputError` where gradients alone do not tell which number they are of."""
        if len(self.heads) > 1 or any(shape not in ((), (1,)) for _, shape in self.heads):
            got = f"gradients alone, of a model of {len(self.heads)} heads or several columns"
            expected = "predictions and gradients, of the number that is explained"
            raise InputError("gradient", got, expected, self.source)

    def _try(self, inputs: np.ndarray, predictions: np.ndarray) -> None:
        """Raise `InputError` where the gradient is that of another number, once."""
        ours = self.predict(inputs)
        if not np.allclose(ours, predictions, rtol=1e-2, atol=1e-3):
            got = f"that of a number which is {predictions[:2]}, where {ours[:2]} is explained"
            expected = "the gradient of this head and column, which the object must know itself"
            raise InputError("gradient", got, expected, self.source)
        self._tried = True

    def _as_given(self, one_hot: np.ndarray) -> np.ndarray:
        """The sequences as the callable takes them, in memory of its own: some write into it."""
        return np.array(laid_out(one_hot, self.layout, NUMPY))

    def _failed(self, error: BaseException, n: int) -> OracleError:
        if is_out_of_memory(error):
            return OracleError(no_memory(self.source, n))
        return OracleError(f"{self.source} raised {said_by(error)}")

    def _advice(self, one_hot: np.ndarray) -> str:
        """The layouts that it runs with, in words, where it has never answered."""
        if self.explained.heads:
            return ""
        few = one_hot[:2]
        found = running(lambda name: self.function(laid_out(few, name, NUMPY)), self.layout)
        layouts = " or ".join(f"--layout {each}" for each in found)
        return f"; it runs with {layouts}" if layouts else ""

    def _output(self, one_hot: np.ndarray) -> Any:
        """The head's output, profiles as (n, positions, tracks); of several heads a tuple."""
        outputs = self._asked(one_hot)
        if len(one_hot) == 1 and any(value.shape[:1] != (1,) for value in outputs.values()):
            # a batch of one is squeezed away by some
            twice = self._asked(np.concatenate([one_hot, one_hot]))
            outputs = {name: value[:1] for name, value in twice.items() if value.shape[:1] == (2,)}
        output = self.explained.output(outputs, len(one_hot), NUMPY, one_hot.shape[1])
        for each in output if isinstance(output, tuple) else (output,):
            if each.dtype.kind not in "biuf":
                got = f"{each.dtype} of shape {each.shape}"
                raise InputError("prediction", got, "numbers", self.source)
        return output

    def _asked(self, one_hot: np.ndarray) -> dict[str, np.ndarray]:
        try:
            outputs = named_outputs(self.function(self._as_given(one_hot)))
            return {name: _array(value) for name, value in outputs.items()}
        except FOREIGN as error:
            raise OracleError(
                f"{self._failed(error, len(one_hot))}{self._advice(one_hot)}"
            ) from error


def _array(value: Any) -> np.ndarray:
    """A value as an array: of a tensor with a graph its numbers, of what is masked NaN."""
    if callable(getattr(value, "detach", None)):  # PyTorch's
        value = value.detach().cpu()
    if isinstance(value, np.ma.MaskedArray):
        value = np.ma.filled(value.astype(float), np.nan)
    return np.asarray(value)


def _whole(length: Any, source: str) -> int | None:
    """The length that an object says, as a whole number; `InputError` for another thing."""
    try:
        return None if length is None else operator.index(length)
    except TypeError as error:
        expected = "a whole number of letters, or None"
        raise InputError("length", repr(length), expected, source) from error
