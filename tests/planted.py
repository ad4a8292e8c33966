"""Oracles whose sites and interactions are known, in plain numpy, with exact gradients and ISM.

A site's occupancy is a product over its positions: 1 for the motif's letter, `leak` for another.
Activity = bias + sum of weight x occupancy + sum over pairs of weight x occupancy x occupancy.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from seam_core.records import AttributionMaps, Clustering, Library, Site, Table


@dataclass(frozen=True)
class Planted:
    """A model with planted sites.

    reference : (L,) int8
    target : (L,) int8, the letters that sites want; the reference's own unless given
    starts, stops : of the sites
    weights : (S,) activity of each site alone
    pairs : (i, j) -> what both together have beyond the sum
    leak : occupancy that a mismatch leaves; 0 makes sites all or nothing
    """

    reference: np.ndarray
    starts: tuple[int, ...]
    stops: tuple[int, ...]
    weights: tuple[float, ...]
    pairs: dict[tuple[int, int], float] = field(default_factory=dict)
    leak: float = 0.05
    bias: float = 0.5
    target: np.ndarray | None = None

    @property
    def wanted(self) -> np.ndarray:
        return self.reference if self.target is None else self.target

    @property
    def n_sites(self) -> int:
        return len(self.starts)

    @property
    def sites(self) -> tuple[Site, ...]:
        spans = zip("ABCDEFGHIJKL", self.starts, self.stops, strict=False)
        return tuple(Site(name, tuple(range(start, stop))) for name, start, stop in spans)

    def states(self, sequences: np.ndarray) -> np.ndarray:
        """(N, S) bool: every letter of the site is the motif's."""
        same = sequences == self.wanted
        spans = zip(self.starts, self.stops, strict=True)
        return np.stack([same[:, a:b].all(axis=1) for a, b in spans], axis=1)

    def occupancy(self, sequences: np.ndarray) -> np.ndarray:
        """(N, S) in 0..1."""
        kept = np.where(sequences == self.wanted, 1.0, self.leak)
        spans = zip(self.starts, self.stops, strict=True)
        return np.stack([kept[:, a:b].prod(axis=1) for a, b in spans], axis=1)

    def activity(self, occupancy: np.ndarray) -> np.ndarray:
        total = self.bias + occupancy @ np.array(self.weights)
        for (i, j), weight in self.pairs.items():
            total = total + weight * occupancy[:, i] * occupancy[:, j]
        return total

    def predict(self, sequences: np.ndarray) -> np.ndarray:
        return self.activity(self.occupancy(sequences))

    def _site_effects(self, occupancy: np.ndarray) -> np.ndarray:
        """(N, S): d activity / d occupancy."""
        effects = np.tile(np.array(self.weights, dtype=float), (len(occupancy), 1))
        for (i, j), weight in self.pairs.items():
            effects[:, i] += weight * occupancy[:, j]
            effects[:, j] += weight * occupancy[:, i]
        return effects

    def gradients(self, sequences: np.ndarray) -> np.ndarray:
        """(N, L, 4) float32: d activity / d one-hot, exactly."""
        n, length = sequences.shape
        effects = self._site_effects(self.occupancy(sequences))
        kept = np.where(sequences == self.wanted, 1.0, self.leak)
        factor = np.full((length, 4), self.leak)
        factor[np.arange(length), self.wanted] = 1.0
        maps = np.zeros((n, length, 4), np.float32)
        for site, (start, stop) in enumerate(zip(self.starts, self.stops, strict=True)):
            for position in range(start, stop):
                others = [p for p in range(start, stop) if p != position]
                rest = kept[:, others].prod(axis=1) * effects[:, site]
                maps[:, position] += rest[:, None] * factor[position]
        return maps

    def ism(self, sequences: np.ndarray) -> np.ndarray:
        """(N, L, 4) float32: activity of each single mutant less that of the sequence."""
        n, length = sequences.shape
        now = self.predict(sequences)
        maps = np.zeros((n, length, 4), np.float32)
        inside = np.zeros(length, bool)
        for start, stop in zip(self.starts, self.stops, strict=True):
            inside[start:stop] = True
        for position in np.flatnonzero(inside):
            for letter in range(4):
                mutant = sequences.copy()
                mutant[:, position] = letter
                maps[:, position, letter] = self.predict(mutant) - now
        return maps


def planted(
    seed: int,
    n_sites: int = 3,
    *,
    interactions: bool = True,
    overlapping: bool = False,
    width: int = 7,
    length: int | None = None,
    leak: float = 0.05,
) -> Planted:
    """A random member of the family: motifs of about `width` letters, apart or overlapping by 2."""
    rng = np.random.default_rng(seed)
    widths = rng.integers(width - 1, width + 2, n_sites)
    starts, at = [], int(rng.integers(4, 10))
    for index, one_width in enumerate(widths):
        starts.append(at)
        pair_overlaps = overlapping and index % 2 == 0 and index + 1 < n_sites
        at += int(one_width) + (-2 if pair_overlaps else int(rng.integers(5, 12)))
    stops = [start + int(w) for start, w in zip(starts, widths, strict=True)]
    length = length or stops[-1] + int(rng.integers(25, 45))
    weights = tuple(rng.uniform(0.8, 2.0, n_sites) * rng.choice([1, 1, 1, -1], n_sites))
    pairs = {}
    if interactions:
        pairs[(0, 1)] = float(rng.uniform(0.8, 1.5) * rng.choice([-1, 1]))
        if n_sites > 3:
            pairs[(2, 3)] = float(rng.uniform(0.8, 1.5) * rng.choice([-1, 1]))
    reference = rng.integers(0, 4, length).astype(np.int8)
    return Planted(reference, tuple(starts), tuple(stops), weights, pairs, leak)


def mutate(reference: np.ndarray, n: int, rate: float, rng: np.random.Generator) -> np.ndarray:
    """(n, L) int8, row 0 the reference; every position mutates with chance `rate`."""
    sequences = np.tile(reference, (n, 1))
    mutated = rng.random(sequences.shape) < rate
    mutated[0] = False
    shifted = (sequences + rng.integers(1, 4, sequences.shape)) % 4
    return np.where(mutated, shifted, sequences).astype(np.int8)


class Asked:
    """A planted model as an oracle."""

    def __init__(self, model: Planted) -> None:
        self.model, self.n_letters, self.length = model, 4, len(model.reference)

    def predict(self, one_hot: np.ndarray) -> np.ndarray:
        return self.model.predict(one_hot.argmax(axis=2)).astype(np.float32)


def analysis(
    model: Planted,
    n: int = 2_000,
    n_clusters: int = 30,
    *,
    seed: int = 0,
    rate: float = 0.1,
    maps: str = "gradients",
) -> tuple[Library, Table, AttributionMaps, Clustering]:
    """A local library of the model, its maps and their Ward clusters."""
    from scipy.cluster import hierarchy

    rng = np.random.default_rng(seed)
    sequences = mutate(model.reference, n, rate, rng)
    values = getattr(model, maps)(sequences)
    tree = hierarchy.linkage(values.reshape(n, -1), "ward")
    labels = hierarchy.fcluster(tree, n_clusters, "maxclust").astype(np.int32) - 1
    activity = model.predict(sequences)
    library = Library(sequences, reference=model.reference, predictions=activity)
    table = Table(pd.DataFrame({"Activity": activity}))
    return library, table, AttributionMaps(values), Clustering(labels, "ward", "maps")


def recall_and_precision(found: tuple[Site, ...], truth: tuple[Site, ...]) -> tuple[float, float]:
    """Shares of true sites that one found site covers by half, and of found sites half in one."""
    if not found:
        return 0.0, 0.0 if truth else 1.0
    shared = np.array([[len(set(t.positions) & set(f.positions)) for f in found] for t in truth])
    true_sizes = np.array([len(t.positions) for t in truth])
    found_sizes = np.array([len(f.positions) for f in found])
    recall = (shared.max(axis=1) * 2 >= true_sizes).mean()
    precision = (shared.max(axis=0) * 2 >= found_sizes).mean()
    return float(recall), float(precision)
