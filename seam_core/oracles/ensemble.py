"""Several models as one: the mean of their answers, with how far they differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from seam_core.oracles.capabilities import (
    Capabilities,
    Gradient,
    Multipliers,
    MutantPredictor,
    PathSums,
    capabilities_of,
    mutants_of,
    reuses_memory,
)
from seam_core.oracles.of_models import OfModels
from seam_core.oracles.protocol import Oracle
from seam_core.oracles.reductions import ProfileComponent
from seam_core.progress import Tick
from seam_core.validate import InputError


class Ensemble(OfModels):
    """The mean of models that take the same sequences, such as the folds of a training.

    Parameters
    ----------
    members : two oracles or more
    names : what each is called; by default "fold 1", "fold 2", ...

    Attributes
    ----------
    length, n_letters : as of all members
    """

    def __init__(self, members: Sequence[Oracle], names: Sequence[str] = ()) -> None:
        self.models = tuple(members)
        self.names = tuple(names) or tuple(f"fold {k + 1}" for k in range(len(members)))
        lengths = {each.length for each in members} - {None}
        letters = {each.n_letters for each in members}
        if len(lengths) > 1 or len(letters) > 1:
            got = f"models of lengths {sorted(map(str, lengths))} and {sorted(letters)} letters"
            raise InputError("model", got, "models that take the same sequences")
        self.length: int | None = next(iter(lengths), None)
        self.n_letters = self.models[0].n_letters

    @property
    def capabilities(self) -> Capabilities:
        """What all members can do."""
        return EnsembleCapabilities(self)

    def predict(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, L, A) to (n,) means."""
        return self.predictions(one_hot).mean(axis=0)

    def predictions(self, one_hot: np.ndarray) -> np.ndarray:
        """(m, n) of each member."""
        return np.stack([each.predict(one_hot) for each in self.models]).astype(np.float32)

    def profiles(self, one_hot: np.ndarray) -> np.ndarray:
        """(n, B) of all members side by side."""
        parts: list[Any] = list(self.models)
        return np.concatenate([each.profiles(one_hot) for each in parts], axis=1)

    def set_component(self, component: ProfileComponent) -> None:
        """Each member's part of it; the mean of the projections is that on the whole over m."""
        parts: list[Any] = list(self.models)
        means = np.split(component.mean, len(parts))
        directions = np.split(component.direction, len(parts))
        for each, mean, direction in zip(parts, means, directions, strict=True):
            each.set_component(ProfileComponent(mean, direction))


class EnsembleCapabilities:
    """What every member can do, averaged; what one of them cannot is not offered."""

    batches_at_once = 1

    def __init__(self, oracle: Ensemble) -> None:
        self._oracle = oracle
        self._each = [capabilities_of(member) for member in oracle.models]
        self.largest_batch = self._each[0].largest_batch
        self.device = self._each[0].device
        self.reuses_memory = all(map(reuses_memory, self._each))

    def bytes_per_sequence(self, length: int) -> int | None:
        sizes = [each.bytes_per_sequence(length) for each in self._each]
        return max(size for size in sizes if size) if any(sizes) else None

    @property
    def gradient(self) -> Gradient | None:
        return _mean_gradient([each.gradient for each in self._each])

    def gradient_in(self, length: int, window: range) -> Gradient | None:
        return _mean_gradient([each.gradient_in(length, window) for each in self._each])

    def path_sums(self, length: int) -> PathSums | None:
        members = _all([each.path_sums(length) for each in self._each])
        if members is None:
            return None

        def sums(
            sequences: np.ndarray,
            baselines: np.ndarray,
            nodes: np.ndarray,
            weights: np.ndarray,
            tick: Tick,
        ) -> np.ndarray:
            parts = [each(sequences, baselines, nodes, weights, tick) for each in members]
            return _mean(parts)

        return sums

    def mutants(self, length: int, channels: np.ndarray, width: int = 1) -> MutantPredictor | None:
        predictors = _all([mutants_of(each, length, channels, width) for each in self._each])
        return None if predictors is None else EnsembleMutants(predictors, width)

    def multipliers(self) -> Multipliers | None:
        members = _all([each.multipliers() for each in self._each])
        if members is None:
            return None

        def multipliers(
            sequences: np.ndarray, references: np.ndarray
        ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
            parts = [each(sequences, references) for each in members]
            ours, theirs, by_letter = (_mean(list(each)) for each in zip(*parts, strict=True))
            return ours, theirs, by_letter

        return multipliers


class EnsembleMutants:
    """Mutants as every member predicts them, averaged."""

    def __init__(self, predictors: Sequence[MutantPredictor], width: int = 1) -> None:
        self._predictors = predictors
        self.batch = min(each.batch for each in predictors)
        self.at_a_time = max(each.at_a_time for each in predictors)
        self.is_shortcut = all(each.is_shortcut for each in predictors)
        self.width = width

    def start(self, sequences: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        return _mean([each.start(sequences, wanted) for each in self._predictors])

    def mutants(
        self, rows: np.ndarray, positions: np.ndarray, letters: np.ndarray, tick: Tick
    ) -> np.ndarray:
        size = len(self._predictors)
        predictions = []
        for number, each in enumerate(self._predictors):

            def part(share: float, number: int = number) -> None:
                tick((number + share) / size)

            predictions.append(each.mutants(rows, positions, letters, part))
        return _mean(predictions)


def _mean(parts: Sequence[np.ndarray]) -> np.ndarray:
    total = parts[0].astype(np.float32)
    for part in parts[1:]:
        total = total + part
    return total / np.float32(len(parts))


def _all(parts: Sequence[Any]) -> list[Any] | None:
    """What all members have; None where one has not."""
    return None if any(each is None for each in parts) else list(parts)


def _mean_gradient(parts: Sequence[Gradient | None]) -> Gradient | None:
    gradients: list[Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]] | None = _all(parts)
    if gradients is None:
        return None

    def gradient(inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        parts = [each(inputs) for each in gradients]
        return _mean([part[0] for part in parts]), _mean([part[1] for part in parts])

    return gradient
