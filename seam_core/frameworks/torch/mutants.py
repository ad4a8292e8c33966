"""Mutants of PyTorch modules predicted from what changes.

The module runs as ever, while every function that it calls is looked at. First for two sequences,
to find which of the calls are local (`torch_rules`); then for each batch of sequences,
noting what their mutants will need of their activations; then for the mutants, whose tensors are
stand-ins without numbers: of a local call only the positions reached are computed, and where a
call is not local its tensors are put together whole. No tracing: control flow may be any that
does not depend on numbers.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import numpy as np

from seam_core.frameworks.reach import (
    LARGEST_BATCH,
    Reach,
    Sliding,
    Work,
    agrees,
    mutants_at_a_time,
    neighbours,
    start_reach,
    trial_sequences,
)
from seam_core.frameworks.torch.calls import (
    NUMBERS,
    call_name,
    handing,
    is_in_place,
    not_in_place,
    tensors_in,
)
from seam_core.frameworks.torch.local_rules import MERGES, Call, Local, Summary, reach_of, rule_for
from seam_core.frameworks.torch.placeholders import (
    Apart,
    Mutants,
    Originals,
    Step,
    Together,
    blank_of,
    is_known,
    known,
    mark,
    originals_of,
    placeholder,
)
from seam_core.frameworks.torch.runtime import import_torch, one_thread
from seam_core.oracles.capabilities import rows_in_memory
from seam_core.progress import Tick
from seam_core.validate import OracleError, SeamError

# Bytes of what is put together whole for the mutants of one call.
WHOLE_BYTES = 1 << 26
# What a network's calls take beside what they do, in multiplications.
WORK_OF_CALLS = 2e7
# Share of a mutant's work up to which mutants are made together.
PAYS = 0.1
# Calls that ask about a tensor, not for its numbers.
ABOUT = (
    *("size", "dim", "ndimension", "numel", "nelement", "__len__", "stride", "is_floating_point"),
    *("is_complex", "get_device", "new_tensor", "new_zeros", "new_ones", "new_full", "new_empty"),
    *("zeros_like", "ones_like", "full_like", "empty_like", "is_contiguous", "element_size"),
    *("shape", "dtype", "device", "layout", "ndim", "requires_grad", "grad_fn", "is_leaf"),
    *("is_cuda", "is_cpu", "is_nested", "is_sparse", "is_quantized", "is_meta", "itemsize"),
    *("is_mkldnn", "is_mps", "is_xpu", "names"),
)


class _NotLocal(Exception):
    """This module is better predicted whole."""


def local_mutants(
    oracle: Any, length: int, channels: np.ndarray, width: int = 1
) -> LocalMutants | None:
    """A predictor for a `TorchOracle`, else None.

    None where too little of the network is local to be worth it, and where a trial does not give
    what the whole network gives.

    Parameters
    ----------
    channels : (C, A) float32, what the model is given for each letter
    width : neighbouring letters that a mutant may have exchanged
    """
    torch = import_torch()
    failures = (_NotLocal, SeamError, RuntimeError, ValueError, TypeError, IndexError, KeyError)
    try:
        with torch.no_grad():
            plan = _Plan(oracle, length, channels, width)
        if not plan.work.worth_it:
            return None
        predictor = LocalMutants(oracle, plan, channels)
        return predictor if agrees(predictor, oracle, length, channels) else None
    except (*failures, AttributeError, NotImplementedError):
        return None


def _local_inputs(args: Any, kwargs: Any) -> list[Any]:
    """The tensors among the arguments of which something is known, each once."""
    tensors = {id(t): t for t in tensors_in((args, kwargs)) if is_known(t)}
    return list(tensors.values())


def _out_of_place(func: Any, kwargs: dict[str, Any]) -> Any:
    """The function that leaves its arguments as they are: they are needed again."""
    if kwargs.pop("inplace", False) or is_in_place(func):
        func = not_in_place(func)
        if func is None:
            raise _NotLocal
    return func


class _Plan:
    """Which calls of a module are local, found by running it once."""

    def __init__(self, oracle: Any, length: int, channels: np.ndarray, width: int) -> None:
        self.steps: list[Step] = []
        self.work = Work(width)
        self._spent: list[tuple[int, float, Reach | None]] = []  # step or -1, work, reach
        self._made_by: dict[int, tuple[Any, int, list[Any]]] = {}  # tensor, its step, from which
        self._sources: list[list[int]] = []  # of each step, the steps that made its tensors
        self.reach = start_reach(length, width)
        self.largest = 1  # bytes of a tensor that is put together whole
        self.widest = 1  # bytes of what of a tensor is reached
        sequences = channels[trial_sequences(length, len(channels))]
        self._n = len(sequences)
        inputs = mark(oracle.tensor(sequences), Local(self.reach, 1))
        with handing(self._handle):
            explained = oracle.scalar(inputs)
        self._leave_out(self._needed(explained))

    def _needed(self, explained: Any) -> set[int]:
        """Steps that the number explained is made of."""
        needed, seen, todo = set(), set(), [explained]
        while todo:
            tensor = todo.pop()
            if id(tensor) in seen or id(tensor) not in self._made_by:
                continue
            seen.add(id(tensor))
            _, step, sources = self._made_by[id(tensor)]
            needed.add(step)
            todo.extend(sources)
        return needed

    def _leave_out(self, needed: set[int]) -> None:
        """Mark steps that are not needed, such as those of another head; add up the work."""
        reads: dict[int, range] = {}
        for index in reversed(range(len(self.steps))):
            step = replace(self.steps[index], needed=index in needed, read=reads.get(index))
            self.steps[index] = step
            if step.needed:
                self._reads(step, self._sources[index], reads)
        for index, work, reach in self._spent:
            self.work.add(work, reach, needed=index < 0 or index in needed)
        self._made_by.clear()

    def _reads(self, step: Step, sources: list[int], reads: dict[int, range]) -> None:
        """Add to `reads` the positions that a step reads of what others made."""
        for source in sources:
            made = self.steps[source].reach if source >= 0 else None
            if made is None:
                continue
            asked = range(made.length)
            if step.reach is not None and step.read is not None:
                how = step.how
                asked = how.needs(step.read) if isinstance(how, Sliding) else step.read
            before = reads.get(source, asked)
            first, last = min(asked.start, before.start), max(asked.stop, before.stop)
            reads[source] = range(max(0, first), min(last, made.length))

    def _handle(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        n_steps = len(self.steps)
        output = self._called(func, args, kwargs)
        step = n_steps if len(self.steps) > n_steps else -1
        sources = list(tensors_in((args, kwargs)))
        for tensor in tensors_in(output):
            before = self._made_by.get(id(tensor), (tensor, -1, []))
            self._made_by[id(tensor)] = tensor, max(step, before[1]), [*before[2], *sources]
        return output

    def _called(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        name = call_name(func)
        inputs = _local_inputs(args, kwargs)
        if name in NUMBERS:
            raise _NotLocal
        if name in ABOUT or not inputs:
            output = func(*args, **kwargs)
            if name not in ABOUT:
                self._spent.append((-1, _work(name, (args, kwargs), output, self._n), None))
            return output
        func = _out_of_place(func, kwargs)
        output = func(*args, **kwargs)
        locals_ = [known(tensor) for tensor in inputs]
        sources = [self._made_by.get(id(tensor), (tensor, -1, []))[1] for tensor in inputs]
        call = Call(name, func, args, kwargs, inputs, locals_, output, self._n)
        rule = rule_for(call)
        self._sources.append(sources)
        if rule is None:
            self._add_end(name, inputs, output)
            work = _work(name, (args, kwargs), output, self._n)
            self._spent.append((len(self.steps) - 1, work, None))
            return output
        how, axis = rule
        reach = reach_of(how, call, axis)
        around = tuple(
            isinstance(how, (Sliding, Summary)) or reach is None or not each.reach.same(reach)
            for each in locals_
        )
        work = _work(name, (args, kwargs), output, self._n)
        self._spent.append((len(self.steps), work, reach))
        self.steps.append(Step(name, how, reach, axis, around, blank_of(output)))
        if reach is not None:
            for tensor in tensors_in(output):
                mark(tensor, Local(reach, axis))
                position = tensor[0].numel() // max(1, reach.length) * tensor.element_size()
                self.widest = max(self.widest, reach.width * position)
        return output

    def span(self, positions: np.ndarray) -> int:
        """Neighbouring positions whose mutants are made together; 0: each is made apart.

        With fewer, calls take longest, with more, what each makes beside what it reaches: the best
        number of these costs twice the root of the product, and pays where that is little.
        """
        each = max(1.0, self.work.each)
        calls = WORK_OF_CALLS / (len(positions) / (np.ptp(positions) + 1))
        pays = 2 * (calls * each) ** 0.5 < PAYS * (self.work.all - self.work.spared)
        return max(1, round((calls / each) ** 0.5)) if pays else 0

    def _add_end(self, name: str, inputs: list[Any], output: Any) -> None:
        self.steps.append(Step(name, None, None, 0, (True,) * len(inputs), blank_of(output)))
        for tensor in inputs:
            self.largest = max(self.largest, tensor[0].numel() * tensor.element_size())


def _work(name: str, given: Any, output: Any, n: int) -> float:
    """Roughly the multiplications of a call for one sequence: its weights at every position."""
    results = [each for each in tensors_in(output) if each.dim()]
    if not results:
        return 0.0
    size = results[0][0].numel()
    weights = [each for each in tensors_in(given) if each.dim() > 1 and len(each) != n]
    if not weights or name in MERGES:
        return float(size)
    return sum(each.numel() for each in weights) * max(1.0, size / len(weights[0]))


class LocalMutants:
    """Mutants predicted from the positions that they change."""

    is_shortcut = True

    def __init__(self, oracle: Any, plan: _Plan, channels: np.ndarray) -> None:
        self._oracle = oracle
        self._channels = channels
        self._plan = plan
        self.width = plan.reach.width
        self.batch = rows_in_memory(oracle, plan.reach.length, LARGEST_BATCH)
        fitting = min(mutants_at_a_time(plan.widest), WHOLE_BYTES // plan.largest)
        self.at_a_time = max(1, fitting)
        self._sequences = np.empty((0, plan.reach.length), dtype=np.int8)

    def start(self, sequences: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """Predictions of those of (n, L) `sequences` that are `wanted`; keeps the activations."""
        torch = import_torch()
        self._sequences = sequences
        inputs = self._channels[sequences]
        notes: list[list[Originals | None]] = []

        def handle(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            step, tensors, func = self._step(func, args, kwargs, len(notes))
            output = func(*args, **kwargs)
            if step is None:
                return output
            axes = [known(tensor).axis for tensor in tensors]
            notes.append(
                [
                    originals_of(tensor, axis, step.how) if around and step.needed else None
                    for tensor, axis, around in zip(tensors, axes, step.around, strict=True)
                ]
            )
            if step.reach is not None:
                for tensor in tensors_in(output):
                    mark(tensor, Local(step.reach, step.axis))
            if step.needed and isinstance(step.how, Sliding) and step.how.add is not None:
                notes[-1].append(originals_of(output, step.axis, None))
            return output

        with torch.no_grad():
            given = mark(self._oracle.tensor(inputs), Local(self._plan.reach, 1))
            with handing(handle):
                output = self._oracle.scalar(given)
        self._notes = notes
        return self._oracle.finite(output, "prediction")[wanted]

    def mutants(
        self, rows: np.ndarray, positions: np.ndarray, letters: np.ndarray, tick: Tick
    ) -> np.ndarray:
        """Predictions (m,) of `letters` put at `positions` of sequences `rows`."""
        torch = import_torch()
        letters = letters.reshape(len(rows), self.width)
        predictions = np.empty(len(rows), dtype=np.float32)
        done, span = 0, self._plan.span(positions)
        for part in neighbours(positions, self.at_a_time, span):
            tick(done / len(rows))
            done += len(part)
            make = Together if span else Apart
            mutants = make(self._oracle.device, rows[part], positions[part])
            with torch.no_grad(), one_thread() if span else nullcontext():
                values = self._part(mutants, rows[part], positions[part], letters[part])
            predictions[part] = self._oracle.finite(values, "prediction")
        return predictions

    def _part(
        self, mutants: Mutants, rows: np.ndarray, positions: np.ndarray, letters: np.ndarray
    ) -> Any:
        oracle = self._oracle
        first, width = mutants.reached(self._plan.reach)
        starts = np.broadcast_to(np.asarray(first), len(rows))[:, None]
        mutated = self._sequences[rows[:, None], starts + np.arange(width)]
        columns = positions[:, None] - starts + np.arange(self.width)
        np.put_along_axis(mutated, columns, letters, axis=1)
        window = oracle.as_tensor(self._channels[mutated])
        inputs = placeholder(window, self._plan.reach, 1, first)
        done = 0

        def handle(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            nonlocal done
            step, tensors, func = self._step(func, args, kwargs, done)
            if step is None:
                return func(*args, **kwargs)
            notes = self._notes[done]
            done += 1
            return mutants.result_of(step, func, args, kwargs, tensors, notes)

        with handing(handle):
            return oracle.scalar(inputs)

    def _step(
        self, func: Any, args: Any, kwargs: dict[str, Any], done: int
    ) -> tuple[Step | None, list[Any], Any]:
        """What was planned for this call, its local arguments, and the function out of place."""
        name = call_name(func)
        tensors = [] if name in ABOUT else _local_inputs(args, kwargs)
        if not tensors:
            return None, tensors, func
        steps = self._plan.steps
        if done >= len(steps) or steps[done].name != name:
            raise OracleError(f"{self._oracle.source}: a model that differs from call to call")
        return steps[done], tensors, _out_of_place(func, kwargs)
