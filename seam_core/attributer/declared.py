"""How an attribution method is declared, and what its function is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from seam_core.attributer.batches import Method as BatchMethod
from seam_core.oracles import Oracle
from seam_core.oracles.capabilities import LARGEST_ON_CPU, Gradient, capabilities_of
from seam_core.parameters import AttributerParameters
from seam_core.progress import Tick
from seam_core.records import Library
from seam_core.registry import Method
from seam_core.shuffles import generators_of_rows
from seam_core.validate import InputError


@dataclass(frozen=True, eq=False)
class Beside:
    """The library that other sequences are mapped beside, as if they had been rows of it.

    library : what a method finds out on the sequences that it is given, it finds out on these
    rows : (n,) the row of `library` whose random numbers each sequence gets, so that a map does
        not depend on which others are made with it
    known : what a method found out on `library`, for the next sequences
    """

    library: Library
    rows: np.ndarray
    known: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class AttributionJob:
    """What a method is given to prepare itself for the rows of a library.

    own : parameters that only the method has, as the dataclass that declares them; None without
    window : positions whose maps are wanted; maps may cover all positions all the same
    baselines : used where the baseline is "given", in place of the file
    scratch : a file that a method may keep what it shares between batches in
    tick : called while the method prepares itself
    ran : what the method says of how it ran, by name; kept with the maps and told to `sentence`
    beside : the library that this one's sequences are mapped beside; None: it stands by itself
    known : what was found out on the library, for who needs it again
    half : the model's gradients are in bfloat16: quicker ways of its own and the predictions that
        come with gradients are not looked at
    """

    oracle: Oracle
    parameters: AttributerParameters
    library: Library
    window: range
    own: Any = None
    baselines: np.ndarray | None = None
    scratch: Path | None = None
    tick: Tick = lambda share: None
    ran: dict[str, Any] = field(default_factory=dict)
    beside: Beside | None = None
    known: dict[str, Any] = field(default_factory=dict)
    half: bool = False

    @property
    def whole(self) -> Library:
        """The library that a method finds out on how to compute maps."""
        return self.library if self.beside is None else self.beside.library

    def generators(self, first: int, last: int) -> list[np.random.Generator]:
        """A random generator a row."""
        rows = range(first, last) if self.beside is None else self.beside.rows[first:last]
        return generators_of_rows(self.parameters.seed, rows)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What is found out on the whole library, once."""
        kept = self.known if self.beside is None else self.beside.known
        if name not in kept:
            kept[name] = make()
        return kept[name]

    def one_hot(self, first: int, last: int) -> np.ndarray:
        """(n, L, A) float32: what the model is given for these rows."""
        return self.library.encode(first, last)

    def gradient(self, *, in_window: bool = False) -> Gradient:
        """The model's gradient; the quicker one of the window alone where there is one.

        Raises `InputError` for an oracle that has none.
        """
        known = capabilities_of(self.oracle)
        if known.gradient is None:
            raise InputError(
                "method",
                f"{self.parameters.method}, with an oracle that has no gradient",
                "a Keras, PyTorch or JAX model, or the method ism",
            )
        return (self.gradient_in_window() if in_window else None) or known.gradient

    def gradient_in_window(self) -> Gradient | None:
        """The quicker gradient that is 0 outside the window, where the model has one."""
        if self.half:
            return None
        return capabilities_of(self.oracle).gradient_in(self.library.length, self.window)


@dataclass(frozen=True)
class Calls:
    """How often a model is asked about one sequence."""

    predictions: int = 0
    gradients: int = 0


@dataclass(frozen=True, kw_only=True)
class AttributionMethod(Method):
    """A way to one map a sequence. The record that `sentence` is given are the maps.

    prepare : job -> (first row, last row, tick) -> maps and predictions of these rows
    largest_batch : larger ones are no faster, and make cancelling and resuming coarser
    largest_on_cpu : bytes of a working set beyond which a processor is the slower for it
    side_by_side : False where it keeps what belongs to one batch
    needs_gradient : told before a run on a model that has none
    calls : parameters, L, A -> what a map asks of the model at most; None: the method does not say
    held : model, L -> sequences that it holds at once, where that is not a batch
    trial : asks the model about (2, L, A) as maps would, and raises what maps would; None where a
        model that predicts, and has a gradient where one is needed, is enough
    """

    prepare: Callable[[AttributionJob], BatchMethod]
    largest_batch: int = 32
    largest_on_cpu: int = LARGEST_ON_CPU
    side_by_side: bool = True
    needs_gradient: bool = False
    calls: Callable[[AttributerParameters, int, int], Calls] | None = None
    held: Callable[[Oracle, int], int] | None = None
    trial: Callable[[Oracle, np.ndarray], object] | None = None
