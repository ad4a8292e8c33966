"""Optimized libraries: an evolutionary search over what the oracle predicts."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from seam_core.mutagenizer.substitutions import mutation_counts, substitute
from seam_core.oracles import Oracle, predict_library
from seam_core.parameters import MutagenizerParameters
from seam_core.progress import SILENT, PartOfProgress, Progress
from seam_core.records import Library

if TYPE_CHECKING:
    import pandas as pd

# Parents of a search for an extreme: the best sequences so far, this share of a generation.
ELITE = 0.1
# Bins of equal width between the lowest and the highest activity: an even spread fills each alike.
BINS = 50
# Substitutions of a child besides the one it has at least, on average.
EXTRA_MUTATIONS = 0.5
# Share of children that take a stretch from a second parent.
CROSSOVER = 0.5


@dataclass(frozen=True, eq=False)
class SearchResult:
    """What a search came upon.

    sequences : (N, L) int8, the starting sequence first
    lineage, trajectory : as in `Library`
    """

    sequences: np.ndarray
    lineage: pd.DataFrame
    trajectory: pd.DataFrame


class Archive:
    """Every sequence asked about, in the order asked."""

    def __init__(self, capacity: int, length: int) -> None:
        self.sequences = np.empty((capacity, length), dtype=np.int8)
        self.activity = np.empty(capacity, dtype=np.float32)
        self.parent = np.full(capacity, -1, dtype=np.int32)
        self.generation = np.zeros(capacity, dtype=np.int32)
        self.size = 0
        self._known: set[bytes] = set()

    @property
    def room(self) -> int:
        """How many more fit."""
        return len(self.activity) - self.size

    def new_rows(self, sequences: np.ndarray) -> np.ndarray:
        """Rows of `sequences` that were never asked about, each once, as many as fit."""
        rows: list[int] = []
        for row, sequence in enumerate(sequences):
            # a digest, since the letters themselves would take several times the memory
            key = blake2b(sequence.tobytes(), digest_size=16).digest()
            if len(rows) < self.room and key not in self._known:
                self._known.add(key)
                rows.append(row)
        return np.array(rows, dtype=np.int64)

    def add(
        self, sequences: np.ndarray, activity: np.ndarray, parent: np.ndarray, generation: int
    ) -> None:
        """Put in what the oracle has answered."""
        here = slice(self.size, self.size + len(sequences))
        self.sequences[here] = sequences
        self.activity[here] = activity
        self.parent[here] = parent
        self.generation[here] = generation
        self.size += len(sequences)


def search_library(
    oracle: Oracle,
    start: np.ndarray,
    parameters: MutagenizerParameters,
    *,
    alphabet: str,
    window: tuple[int, int],
    rng: np.random.Generator,
    progress: Progress = SILENT,
) -> SearchResult:
    """Sequences that cover the oracle's range of activity, or reach for one end of it.

    The first generation is random substitutions of `start`. Each next one mutates, and partly
    recombines, parents chosen from all sequences so far: of the highest, of the lowest, and from
    evenly spread activities in turn (`search_goal` "range"), or of one end. Of all sequences
    asked about, `search_effort` times as many as wanted, those are kept that fill bins of equal
    width alike ("range"), or the highest or lowest.

    Parameters
    ----------
    start : (L,) int8
    window : positions that may mutate
    """
    n = parameters.n_sequences
    archive = Archive(n * parameters.search_effort, len(start))
    size = -(-len(archive.activity) // (parameters.generations + 1))
    for generation in range(parameters.generations + 1):
        if generation == 0:
            children, parents = _first_generation(start, size, parameters, alphabet, window, rng)
        else:
            parents, partners = choose_parents(
                archive.activity[: archive.size], size, parameters.search_goal, rng
            )
            children = _children(archive, parents, partners, len(alphabet), window, rng)
        rows = archive.new_rows(children)
        if len(rows) == 0:
            continue
        step = PartOfProgress(
            progress,
            generation / (parameters.generations + 1),
            (generation + 1) / (parameters.generations + 1),
            f"generation {generation} of {parameters.generations}",
        )
        library = Library(children[rows], alphabet)
        activity = predict_library(oracle, library, progress=step)
        archive.add(library.sequences, activity, parents[rows], generation)
    kept = choose_kept(archive.activity[: archive.size], n, parameters.search_goal, rng)
    return SearchResult(archive.sequences[kept], _lineage(archive, kept), _trajectory(archive))


def _first_generation(
    start: np.ndarray,
    size: int,
    parameters: MutagenizerParameters,
    alphabet: str,
    window: tuple[int, int],
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    children = np.tile(start, (max(size, 1), 1))
    counts = mutation_counts(
        len(children), parameters.mutation_rate, window[1] - window[0], uniform=False, rng=rng
    )
    counts[0] = 0
    _substitute_window(children, counts, window, len(alphabet), rng)
    return children, np.where(np.arange(len(children)) == 0, -1, 0)


def _children(
    archive: Archive,
    parents: np.ndarray,
    partners: np.ndarray,
    n_letters: int,
    window: tuple[int, int],
    rng: np.random.Generator,
) -> np.ndarray:
    """(n, L): each parent, in half of the cases with a stretch of its partner, and mutated."""
    children = archive.sequences[parents]
    length = window[1] - window[0]
    ends = np.sort(rng.integers(0, length + 1, (len(parents), 2)), axis=1) + window[0]
    ends[rng.random(len(parents)) >= CROSSOVER] = 0
    positions = np.arange(children.shape[1])
    taken = (positions >= ends[:, :1]) & (positions < ends[:, 1:])
    np.copyto(children, archive.sequences[partners], where=taken)
    counts = np.minimum(1 + rng.poisson(EXTRA_MUTATIONS, len(parents)), length)
    _substitute_window(children, counts, window, n_letters, rng)
    return children


def _substitute_window(
    sequences: np.ndarray,
    counts: np.ndarray,
    window: tuple[int, int],
    n_letters: int,
    rng: np.random.Generator,
) -> None:
    block = np.ascontiguousarray(sequences[:, window[0] : window[1]])
    substitute(block, counts, n_letters, rng)
    sequences[:, window[0] : window[1]] = block


def choose_parents(
    activity: np.ndarray, n: int, goal: str, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Rows to mutate next, and the rows that these may take a stretch from.

    Towards an end: any of the best n / 10. For a range: a third each of the highest, of the
    lowest, and of bins of equal width, each that is not empty as likely, without partners.

    Returns
    -------
    parents, partners : (n,)
    """
    order = np.argsort(activity, kind="stable")
    elite = min(len(order), max(2, int(n * ELITE)))
    highest, lowest = order[-elite:], order[:elite]
    if goal != "range":
        parents, partners = rng.choice(highest if goal == "high" else lowest, (2, n))
        return parents, partners
    third = n // 3
    high, low = rng.choice(highest, (2, third)), rng.choice(lowest, (2, third))
    spread = _evenly_spread(activity, n - 2 * third, rng)
    parents, partners = np.concatenate([high, low, [spread, spread]], axis=1)
    return parents, partners


def _evenly_spread(activity: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """(n,) rows: any of the bins that are not empty, and any row in it."""
    bins = activity_bins(activity)
    by_bin = np.argsort(bins, kind="stable")
    drawn = rng.choice(np.unique(bins), n)
    first = np.searchsorted(bins[by_bin], drawn)
    last = np.searchsorted(bins[by_bin], drawn, side="right")
    return by_bin[rng.integers(first, last)]


def activity_bins(activity: np.ndarray) -> np.ndarray:
    """(n,) bin of each activity, 0 to BINS - 1, of equal width from the lowest to the highest."""
    low, high = float(activity.min()), float(activity.max())
    width = (high - low) / BINS or 1.0
    return np.minimum(((activity - low) / width).astype(np.int64), BINS - 1)


def choose_kept(activity: np.ndarray, n: int, goal: str, rng: np.random.Generator) -> np.ndarray:
    """Rows of the library, row 0 (the starting sequence) always, sorted.

    For a range, bins are filled alike: each gives the same number, or all that it has.
    """
    if len(activity) <= n:
        return np.arange(len(activity))
    if goal in ("high", "low"):
        order = np.argsort(-activity if goal == "high" else activity, kind="stable")
    else:
        bins = activity_bins(activity)
        shuffled = rng.permutation(len(activity))
        # ends of the range first in their bins, so that they are kept
        shuffled = np.concatenate([[activity.argmin(), activity.argmax()], shuffled])
        _, first = np.unique(shuffled, return_index=True)
        shuffled = shuffled[np.sort(first)]
        by_bin = shuffled[np.argsort(bins[shuffled], kind="stable")]
        sizes = np.bincount(bins, minlength=BINS)
        rank = np.arange(len(activity)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        order = by_bin[np.argsort(rank, kind="stable")]
    order = np.concatenate([[0], order[order != 0]])
    return np.sort(order[:n])


def _lineage(archive: Archive, kept: np.ndarray) -> pd.DataFrame:
    import pandas as pd

    row_of = np.full(archive.size + 1, -1, dtype=np.int32)
    row_of[kept] = np.arange(len(kept))
    ancestor = archive.parent[kept].astype(np.int64)
    while True:
        gone = (ancestor >= 0) & (row_of[ancestor] < 0)
        if not gone.any():
            break
        ancestor[gone] = archive.parent[ancestor[gone]]
    return pd.DataFrame(
        {
            "generation": archive.generation[kept],
            "parent": np.where(ancestor >= 0, row_of[ancestor], -1).astype(np.int32),
            "activity": archive.activity[kept],
        }
    )


def _trajectory(archive: Archive) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(
        {
            "generation": archive.generation[: archive.size],
            "activity": archive.activity[: archive.size],
        }
    )
    by_generation = frame.groupby("generation")["activity"]
    names = {"count": "evaluated", "min": "lowest", "median": "median", "max": "highest"}
    return by_generation.agg(list(names)).rename(columns=names).reset_index()
