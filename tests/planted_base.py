"""A planted kind as a record, and the random reference with sites that most start from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from seam_core.records import Site
from seam_core.sequences import DNA

Formula = Callable[[np.ndarray], np.ndarray]


LEAK = 0.05


RIPPLE = 0.01


@dataclass(frozen=True, eq=False)
class Kind:
    """One planted oracle.

    reference : (L,) int8
    sites : the truth; empty for the kinds without
    formula : (N, L) int8 -> (N,) activity
    link : the monotone scale on which the sites are additive ("identity", "log", "logit",
        "saturating"), or "" where there is none
    """

    name: str
    reference: np.ndarray
    sites: tuple[Site, ...]
    formula: Formula
    alphabet: str = DNA
    link: str = "identity"

    @property
    def length(self) -> int:
        return len(self.reference)

    @property
    def n_letters(self) -> int:
        return len(self.alphabet)

    def predict(self, one_hot: np.ndarray) -> np.ndarray:
        """What an oracle answers: (n, L, A) to (n,) float32."""
        return self.formula(one_hot.argmax(axis=2).astype(np.int8)).astype(np.float32)

    def masks(self, order: int | None = None) -> list[int]:
        """Subsets of the sites, the empty one first."""
        n = len(self.sites)
        sizes = range((n if order is None else min(order, n)) + 1)
        return [sum(1 << s for s in c) for size in sizes for c in combinations(range(n), size)]

    def configurations(self, n: int = 4_000, seed: int = 99) -> dict[int, np.ndarray]:
        """Mask of the sites kept -> (n,) activities, the others replaced (the same draws for all).

        A position that a kept site shares with one that is off stays.
        """
        rng = np.random.default_rng(seed)
        shift = rng.integers(1, self.n_letters, (n, self.length))
        other = ((self.reference + shift) % self.n_letters).astype(np.int8)
        found = {}
        for mask in self.masks():
            off = np.zeros(self.length, bool)
            for s, site in enumerate(self.sites):
                off[list(site.positions)] |= not mask >> s & 1
            for s, site in enumerate(self.sites):
                if mask >> s & 1:
                    off[list(site.positions)] = False
            rows = 1 if not off.any() else n
            sequences = np.where(off, other[:rows], self.reference).astype(np.int8)
            found[mask] = np.broadcast_to(self.formula(sequences), (n,))
        return found

    def interactions(self, n: int = 4_000, seed: int = 99) -> dict[int, tuple[float, float]]:
        """Mask -> (interaction, its standard error), by inclusion and exclusion as written."""
        activity = self.configurations(n, seed)
        found = {}
        for mask in activity:
            inside = [part for part in activity if part & mask == part]
            sign = {part: (-1) ** (mask.bit_count() - part.bit_count()) for part in inside}
            each = sum(sign[part] * activity[part] for part in inside)
            found[mask] = (float(np.mean(each)), float(np.std(each) / np.sqrt(n)))
        return found

    def knockouts(self, n: int = 4_000, seed: int = 98) -> list[float]:
        """What replacing each whole site takes away from the reference, the rest as it is."""
        rng = np.random.default_rng(seed)
        whole = float(self.formula(self.reference[None])[0])
        found = []
        for site in self.sites:
            sequences = np.tile(self.reference, (n, 1))
            columns = list(site.positions)
            shift = rng.integers(1, self.n_letters, (n, len(columns)))
            sequences[:, columns] = (sequences[:, columns] + shift) % self.n_letters
            found.append(whole - float(self.formula(sequences).mean()))
        return found


class Draft:
    """A random reference with sites at random places: what most kinds start from."""

    def __init__(
        self,
        rng: np.random.Generator,
        length: int,
        widths: tuple[int, ...],
        *,
        gap: int = 7,
        alphabet: str = DNA,
    ) -> None:
        self.rng, self.alphabet = rng, alphabet
        self.reference = rng.integers(0, len(alphabet), length).astype(np.int8)
        self.columns = self._places(length, widths, gap)
        ripple = rng.normal(0, RIPPLE, (length, len(alphabet)))
        self.ripple = ripple - ripple.mean(axis=1, keepdims=True)

    def _places(self, length: int, widths: tuple[int, ...], gap: int) -> list[np.ndarray]:
        spare = length - sum(widths) - gap * (len(widths) - 1)
        cuts = np.sort(self.rng.integers(0, spare + 1, len(widths)))
        starts = np.cumsum([0, *widths[:-1]]) + gap * np.arange(len(widths)) + cuts
        return [np.arange(a, a + w) for a, w in zip(starts, widths, strict=True)]

    @property
    def sites(self) -> tuple[Site, ...]:
        ordered = sorted(self.columns, key=lambda c: (c[0], c[-1]))
        names = "ABCDEFGHIJKLMNOP"
        return tuple(
            Site(n, tuple(int(i) for i in c)) for n, c in zip(names, ordered, strict=False)
        )

    def occupancy(self, site: int, leak: float = LEAK) -> Formula:
        """(N,) in 0..1: a factor `leak` for each letter that is not the site's."""
        columns = self.columns[site]
        wanted = self.reference[columns]
        return lambda x: leak ** (x[:, columns] != wanted).sum(axis=1)

    def score(self, site: int, total: float) -> Formula:
        """(N,): a sum over positions, `total` for the site's own letters and about 0 for others."""
        columns = self.columns[site]
        own = self.rng.uniform(0.7, 1.3, len(columns))
        matrix = self.rng.uniform(-0.2, 0.2, (len(columns), len(self.alphabet))) / len(columns)
        matrix[np.arange(len(columns)), self.reference[columns]] = own / own.sum()
        return lambda x: total * matrix[np.arange(len(columns)), x[:, columns]].sum(axis=1)

    def background(self) -> Formula:
        """(N,): the small effect that every position of a network has."""
        positions = np.arange(len(self.reference))
        return lambda x: self.ripple[positions, x].sum(axis=1)

    def kind(self, name: str, formula: Formula, link: str = "identity") -> Kind:
        return Kind(name, self.reference, self.sites, formula, self.alphabet, link)
