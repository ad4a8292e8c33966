"""Searches that ask the model, side by side: their questions go out together."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeAlias, TypeVar

import numpy as np

from seam_core.design.verified import Answers

Result = TypeVar("Result")
Search: TypeAlias = "Generator[np.ndarray, Answers, Result]"
"""Yields (n, L) sequences, is sent their answers, and returns what it found."""


def side_by_side(
    searches: list[Search[Result]], ask: Callable[[np.ndarray], Answers]
) -> list[Result]:
    """Run searches in lockstep: one question to the model a round, of all that still run."""
    results: dict[int, Result] = {}
    waiting: dict[int, np.ndarray] = {}

    def go_on(index: int, answers: Answers | None) -> None:
        try:
            search = searches[index]
            waiting[index] = next(search) if answers is None else search.send(answers)
        except StopIteration as over:
            results[index] = over.value

    for index in range(len(searches)):
        go_on(index, None)
    while waiting:
        asked, waiting = waiting, {}
        answers = ask(np.concatenate(list(asked.values())))
        first = 0
        for index, rows in asked.items():
            own = np.arange(first, first + len(rows))
            first += len(rows)
            go_on(index, answers.take(own))
    return [results[index] for index in range(len(searches))]
