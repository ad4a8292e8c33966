"""DeepLIFT's rescale rule for PyTorch modules.

The module runs twice: for the sequences, noting what every non-linear function is given and
returns, and for the references, where those functions get the rules of `torch_rules` as their
gradients. No hooks are left on the module.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from seam_core.frameworks.network import step_of_the_sequence, without_rule
from seam_core.frameworks.torch.calls import (
    AS_NUMBERS,
    by_place,
    call_name,
    handing,
    in_module,
    is_in_place,
    not_in_place,
    tensors_in,
    writes,
)
from seam_core.frameworks.torch.rescale_composites import WRITTEN_OUT
from seam_core.frameworks.torch.rescale_graph import Makers, check_rules
from seam_core.frameworks.torch.rescale_rules import (
    BILINEAR_CALLS,
    MASKED,
    first_value,
    has_rule,
    masked,
    with_rule,
)
from seam_core.frameworks.torch.runtime import import_torch
from seam_core.frameworks.torch.unread import spared
from seam_core.oracles.capabilities import CellByCell, Multipliers, PathSecants
from seam_core.validate import InputError, OracleError, SeamError, said_by

# What a call was given and returned: its name; its tensors, and last its value.
Note = tuple[str, list[Any]]

# What writes into a tensor linearly; also a product with a number, which needs no rule.
WRITES = ("add", "sub", "mul", "div", "copy", "fill", "zero", "neg", "__setitem__")


def multipliers_of_torch(oracle: Any) -> Multipliers:
    """DeepLIFT multipliers of a `TorchOracle`.

    It raises `InputError` for a function that there is no rule for, named.

    Returns
    -------
    A function (sequences (n, L, A), references (n R, L, A)) -> predictions (n,), theirs (n R,),
    multipliers (n R, L, A).
    """
    torch = import_torch()
    mixing = False

    def of(sequences: np.ndarray, references: np.ndarray) -> tuple[Any, Any, Any]:
        notes: list[Note] = []
        makers: Makers = {}
        start = oracle.tensor(references).requires_grad_(True)
        without_others = spared(oracle, start)
        with torch.no_grad(), without_others, _mode(noted=notes):
            ours = oracle.scalar(oracle.tensor(sequences))
        n, repeats = len(sequences), len(references) // len(sequences)
        with _once():
            mode = _mode(twins=notes, n=n, repeats=repeats, makers=makers, held_as_sequences=True)
            with without_others, mode:
                theirs = oracle.scalar(start.clone())  # some modules write into their input
            gradients = _gradients(oracle, theirs, start, makers)
        return ours, theirs, gradients

    def multipliers(
        sequences: np.ndarray, references: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        nonlocal mixing
        repeats = len(references) // len(sequences)
        if not mixing:
            try:
                values = of(sequences, references)
            except MixedRowsError:
                mixing = True
        if mixing:  # a sequence for each reference, wherever the model puts its rows
            ours, *rest = of(np.repeat(sequences, repeats, axis=0), references)
            values = (ours[::repeats], *rest)
        first, second, third = (v.detach().float().cpu().numpy() for v in values)
        return first, second, third

    return multipliers


def secants_of_torch(oracle: Any) -> PathSecants:
    """Mean gradients of a `TorchOracle` in the cells of straight paths, by the same rules.

    The module runs once for each edge: the rules of one are given what the one before it noted.
    The function raises `InputError` for a function that there is no rule for, named.
    """
    torch = import_torch()

    def secants(
        one_hot: np.ndarray, baseline: np.ndarray, edges: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        difference = one_hot - baseline
        before: list[Note] | None = None
        for edge in edges:
            noted: list[Note] = []
            point = oracle.tensor(baseline + np.float32(edge) * difference)
            point.requires_grad_(before is not None)
            makers: Makers = {}
            known = before is not None
            noting = _mode(twins=before, noted=noted, makers=makers)
            with torch.set_grad_enabled(known), spared(oracle, point), noting:
                values = oracle.scalar(point.clone())
            if before is not None:
                gradients = _gradients(oracle, values, point, makers)
                yield oracle.finite(values, "prediction"), oracle.finite(gradients, "gradient")
            before = noted

    return CellByCell(secants)


def _gradients(oracle: Any, values: Any, start: Any, makers: Makers) -> Any:
    oracle.check_reached(values)
    check_rules(values, oracle.module, makers)
    try:
        return import_torch().autograd.grad(values.sum(), start)[0]
    except RuntimeError as error:  # of a module that has no gradient of its own either
        raise OracleError(f"{oracle.source}: no gradient: {said_by(error)}") from error


@contextmanager
def _once() -> Iterator[None]:
    """Raise `InputError` where a model runs parts of itself again for its gradient."""
    again = import_torch().utils.checkpoint.CheckpointError
    try:
        yield
    except (again, SeamError) as error:
        if not isinstance(error, again) and not isinstance(error.__cause__, again):
            raise
        got = "deepshap, for a model that computes parts again (torch.utils.checkpoint)"
        expected = "a model without checkpoints while it is evaluated, or another method"
        raise InputError("method", got, expected) from error


def _mode(
    *,
    twins: list[Note] | None = None,
    n: int = 0,
    repeats: int = 1,
    noted: list[Note] | None = None,
    makers: Makers | None = None,
    held_as_sequences: bool = False,
) -> Any:
    """A context in which PyTorch's functions have rules, or note what they do, or both.

    Parameters
    ----------
    twins : what the same calls were given and returned elsewhere, for `n` sequences; each of their
        rows belongs to `repeats` rows here
    noted : where calls are added
    makers : where the calls are added that made nodes of the gradient's graph
    held_as_sequences : see `with_rule`
    """
    remaining = None if twins is None else iter(twins)
    makers = {} if makers is None else makers
    return handing(_Rules(remaining, n, repeats, noted, held_as_sequences, makers).called)


@dataclass(frozen=True, eq=False)
class _Rules:
    """See `_mode`."""

    remaining: Iterator[Note] | None
    n: int
    repeats: int
    noted: list[Note] | None
    held_as_sequences: bool
    makers: Makers
    # by `_place`, what no gradient flows through though it differs from its twin, and who made it
    steps: dict[tuple[bool, int], tuple[Any, str]] = field(default_factory=dict)
    # by id, truth and whole numbers made of numbers, or of such
    counted: dict[int, Any] = field(default_factory=dict)

    def called(self, func: Any, args: Any, kwargs: Any) -> Any:
        name, given = call_name(func), list(tensors_in((args, kwargs)))
        if given and writes(func, kwargs):
            self._keep_notes_of(given[0])
        self._note_maker("", given)
        output = self._by_rule(func, by_place(name, args, kwargs), kwargs)
        self._note_maker(name, tensors_in(output))
        self._follow_steps(name, given, output)
        return output

    def _note_maker(self, name: str, tensors: Iterable[Any]) -> None:
        if self.remaining is not None:
            for tensor in tensors:
                if tensor.grad_fn is not None:
                    self.makers.setdefault(tensor.grad_fn, name)

    def _follow_steps(self, name: str, given: list[Any], output: Any) -> None:
        """Raise `InputError` where what has a gradient is made with the help of a step.

        A step makes truth or whole numbers of numbers (`<`, `bool`, `argmax`): the difference that
        it makes between sequence and reference is nobody's contribution.
        """
        made = given[:1] if name == "__setitem__" else list(tensors_in(output))
        steps = (self.steps.get(_place(each)) for each in given if self.steps)
        origin = next((step[1] for step in steps if step is not None), "")
        if origin and name in AS_NUMBERS:  # where they go cannot be followed
            raise step_of_the_sequence(origin)
        follows = any(t.is_floating_point() or id(t) in self.counted for t in given)
        for tensor in made:
            if not (tensor.is_floating_point() or tensor.is_complex()):
                if follows:
                    self._note_step(name, tensor, origin or f"{in_module()} ({name.strip('_')})")
            elif origin and tensor.requires_grad:
                raise step_of_the_sequence(origin)
            elif origin:
                self.steps[_place(tensor)] = tensor, origin

    def _note_step(self, name: str, made: Any, origin: str) -> None:
        """It is one where it differs from its twin: most masks are the same for all sequences."""
        self.counted[id(made)] = made
        self.steps.pop(_place(made), None)
        if self.remaining is not None:
            _, other = self._twin(name)
            if other.shape != made.shape:  # of every sequence, for each of its references
                other = other.repeat_interleave(self.repeats, dim=0)
            if not import_torch().equal(other, made):
                self.steps[_place(made)] = made, origin
        if self.noted is not None:
            self.noted.append((name, [made.detach()]))

    def _keep_notes_of(self, tensor: Any) -> None:
        """Copy what was noted of memory that is about to be written into."""
        memory = tensor.untyped_storage().data_ptr()
        for _, held in self.noted or ():
            for place, each in enumerate(held):
                if each.untyped_storage().data_ptr() == memory:
                    held[place] = each.clone()

    def _by_rule(self, func: Any, args: Any, kwargs: Any) -> Any:
        name = call_name(func)
        if name in ("max", "min") and len(args) > 1 and isinstance(args[1], import_torch().Tensor):
            name += "imum"
        if kwargs.get("rounding_mode") and any(t.requires_grad for t in tensors_in(args)):
            raise without_rule(f"the operation {name} with rounding_mode")
        if name in WRITTEN_OUT:
            own = (args[0].clone(), *args[1:]) if is_in_place(func) else args
            with handing(self.called):
                output = WRITTEN_OUT[name](own, kwargs)
            if output is None:
                return func(*args, **kwargs)
            return args[0].copy_(output) if is_in_place(func) else output
        if not has_rule(name, args, kwargs):
            self._check_written(func, name, args, kwargs)
            return func(*args, **kwargs)
        if kwargs.pop("inplace", False) or is_in_place(func):  # others may read what is written
            values = self._ruled(name, not_in_place(func), (args[0].clone(), *args[1:]), kwargs)
            return args[0].copy_(values)
        return self._ruled(name, func, args, kwargs)

    def _check_written(self, func: Any, name: str, args: Any, kwargs: Any) -> None:
        """Raise `InputError` for what the gradient's graph does not name: it says CopySlices."""
        if self.remaining is None or name in WRITES or not args or not writes(func, kwargs):
            return
        if args[0]._is_view() and any(t.requires_grad for t in tensors_in((args, kwargs))):
            raise without_rule(f"the operation {name} into a part of a tensor")

    def _ruled(self, name: str, func: Any, args: Any, kwargs: Any) -> Any:
        if name in MASKED:
            return func(*args, **kwargs) if self.remaining is None else masked(name, args, kwargs)
        tensors = [arg for arg in args if isinstance(arg, import_torch().Tensor)]
        recorded = None if self.remaining is None else self._twin(name)
        bare = name in BILINEAR_CALLS and not all(tensor.requires_grad for tensor in tensors)
        if recorded is None or bare:
            output = func(*args, **kwargs)
        else:
            self._check_rows(recorded[0], tensors)
            twin = _repeated(recorded, self.repeats)
            held = self.held_as_sequences
            output = with_rule(func, name, args, kwargs, twin, held_as_sequences=held)
        if self.noted is not None:
            self.noted.append((name, [t.detach() for t in (*tensors, first_value(output))]))
        return output

    def _twin(self, name: str) -> tuple[list[Any], Any]:
        """What the same call was given and returned for the sequences."""
        assert self.remaining is not None
        recorded, held = next(self.remaining, ("nothing", [None]))
        if recorded != name:
            raise self._other_call()
        return held[:-1], held[-1]

    def _check_rows(self, theirs: list[Any], tensors: list[Any]) -> None:
        """Raise unless all that depends on the sequences has a row for each reference."""
        for other, own in zip(theirs, tensors, strict=True):
            if other.shape == own.shape and (self.repeats == 1 or not own.requires_grad):
                continue
            each = (self.n * self.repeats, *other.shape[1:])
            if self.repeats == 1 or other.shape[:1] != (self.n,) or own.shape != each:
                raise self._other_call()

    def _other_call(self) -> InputError:
        """For a call that is not its twin's: may be one of each sequence, or of parts of them."""
        kind = MixedRowsError if self.repeats > 1 else InputError
        got = "deepshap, for a model that differs from call to call"
        return kind("method", got, "another method")


def _place(tensor: Any) -> tuple[bool, int]:
    """What names a tensor while it is held: of numbers their memory, parts of which are written
    into; of truth and whole numbers, which may be the same for all in a part, the tensor."""
    numbers = tensor.is_floating_point() or tensor.is_complex()
    shared = numbers and tensor.layout == import_torch().strided
    return shared, tensor.untyped_storage().data_ptr() if shared else id(tensor)


class MixedRowsError(InputError):
    """A model puts positions, strands or parts of the sequences into the rows of its batch."""


def _repeated(recorded: tuple[list[Any], Any], repeats: int) -> tuple[list[Any], Any]:
    """The same with a row for each reference."""
    if repeats == 1:
        return recorded
    tensors, output = recorded

    def rows(tensor: Any) -> Any:
        if len(tensor) == 1:  # the same memory for all
            return tensor.expand(repeats, *tensor.shape[1:])
        return tensor.repeat_interleave(repeats, dim=0)

    return [rows(t) if t.ndim else t for t in tensors], rows(output)
