"""Recurrent layers of PyTorch, written out step by step for the rescale rules.

Gates are functions of one number, what they let through is a product: each has its rule.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from seam_core.frameworks.torch.runtime import import_torch
from seam_core.validate import InputError

# (what comes from the input, from the state before, states) -> states; the first is the output
Cell = Callable[[Any, Any, tuple[Any, ...]], tuple[Any, ...]]


def _lstm(given: Any, kept: Any, states: tuple[Any, ...]) -> tuple[Any, ...]:
    torch = import_torch()
    enter, forget, new, leave = (given + kept).chunk(4, dim=-1)
    memory = torch.sigmoid(forget) * states[1] + torch.sigmoid(enter) * torch.tanh(new)
    return torch.sigmoid(leave) * torch.tanh(memory), memory


def _gru(given: Any, kept: Any, states: tuple[Any, ...]) -> tuple[Any, ...]:
    torch = import_torch()
    (reset, update, new), (reset_by, update_by, new_by) = given.chunk(3, -1), kept.chunk(3, -1)
    new = torch.tanh(new + torch.sigmoid(reset + reset_by) * new_by)
    return (new + torch.sigmoid(update + update_by) * (states[0] - new),)


def _plain(name: str, given: Any, kept: Any, states: tuple[Any, ...]) -> tuple[Any, ...]:
    return (getattr(import_torch(), name)(given + kept),)


CELLS: dict[str, Cell] = {
    "lstm": _lstm,
    "gru": _gru,
    "rnn_tanh": partial(_plain, "tanh"),
    "rnn_relu": partial(_plain, "relu"),
}


def _step(cell: Cell, args: Any, kwargs: Any) -> Any:
    """A cell by itself, of (n, F)."""
    linear = import_torch().nn.functional.linear
    values, states, kernel, recurrent, *biases = args
    if kwargs:
        return None
    bias, recurrent_bias = (*biases, None, None)[:2]
    states = states if isinstance(states, (tuple, list)) else (states,)
    given, kept = linear(values, kernel, bias), linear(states[0], recurrent, recurrent_bias)
    states = cell(given, kept, tuple(states))
    return states if cell is _lstm else states[0]


def _layers(name: str, args: Any, kwargs: Any) -> Any:
    """Layers of a cell in one or both directions; `InputError` for packed sequences."""
    torch = import_torch()
    if kwargs or len(args) != 9 or isinstance(args[2], torch.Tensor):
        got = f"deepshap, for a model with packed sequences in a recurrent layer ({name})"
        raise InputError("method", got, "sequences as one tensor there, or another method")
    cell = CELLS[name]
    values, before, weights, has_bias, n_layers, dropout, training, both, batch_first = args
    before = before if cell is _lstm else (before,)
    each = len(weights) // (n_layers * (1 + both))  # one more where states are projected
    if dropout and training:
        return None
    steps_of = 1 if batch_first else 0
    last: list[tuple[Any, ...]] = []
    for _ in range(n_layers):
        outputs = []
        for turned in (False, True)[: 1 + both]:
            at = len(last)
            states = tuple(state[at] for state in before)
            own = list(weights[each * at : each * (at + 1)])
            if not has_bias:
                own[2:2] = [None, None]
            steps, states = _direction(cell, values.unbind(steps_of), states, own, turned)
            outputs.append(torch.stack(steps, dim=steps_of))
            last.append(states)
        values = torch.cat(outputs, dim=-1)
    return values, *(torch.stack(states) for states in zip(*last, strict=True))


def _direction(
    cell: Cell, steps: Any, states: tuple[Any, ...], weights: list[Any], turned: bool
) -> tuple[list[Any], tuple[Any, ...]]:
    """Outputs (n, H) in the order of `steps`, and the states after the last."""
    linear = import_torch().nn.functional.linear
    kernel, recurrent, bias, recurrent_bias, *projection = weights
    outputs = []
    for step in reversed(steps) if turned else steps:
        given = linear(step, kernel, bias)
        states = cell(given, linear(states[0], recurrent, recurrent_bias), states)
        if projection:
            states = (linear(states[0], *projection), *states[1:])
        outputs.append(states[0])
    return outputs[::-1] if turned else outputs, states


# Name -> what it returns, as in `rescale_composites`.
RECURRENT: dict[str, Callable[[Any, Any], Any]] = {
    **{name: partial(_layers, name) for name in CELLS},
    **{f"{name}_cell": partial(_step, cell) for name, cell in CELLS.items()},
}
