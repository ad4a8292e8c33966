"""Two sessions side by side: which clusters are which, a picture of both, and what agrees.

Sessions are comparable where they explain the same positions in the same alphabet: two heads, two
attribution methods or two libraries of one locus. Where the sequences are the same too, clusters
correspond by the sequences they share; otherwise by the likeness of their mean maps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seam_core.progress import SILENT, PartOfProgress, Progress
from seam_core.records import AttributionMaps, Clustering, Embedding, Explanation
from seam_core.session import Session
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd

    from seam_core.parameters import ClustererParameters

# Rows of a map matrix that are taken at a time.
BLOCK_ROWS = 8192


@dataclass(frozen=True, eq=False)
class Correspondence:
    """Which cluster of the right session is which of the left.

    left_ids : (K,) cluster ids; right_ids : (M,)
    shared : (K, M) int64, sequences in both; None where the sequences differ
    likeness : (K, M) float64 in -1..1, correlation of the mean maps over the common window
    jaccard : (K, M) float64 in 0..1, sequences in both over those in either; NaN where the
        sequences differ
    pairs : DataFrame, one row a matched pair, best first: `left`, `right`, `shared`, `jaccard`
        (NaN where the sequences differ), `likeness`
    adjusted_rand : agreement of the two partitions, 1 for the same, about 0 for chance; NaN where
        the sequences differ
    """

    left_ids: np.ndarray
    right_ids: np.ndarray
    shared: np.ndarray | None
    likeness: np.ndarray
    jaccard: np.ndarray
    pairs: pd.DataFrame
    adjusted_rand: float

    @property
    def score(self) -> np.ndarray:
        """(K, M): what clusters were matched by, Jaccard index or likeness."""
        return self.likeness if self.shared is None else self.jaccard

    def arranged(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns in an order that puts matched pairs on the diagonal.

        Rows are the left session's, in its order; columns follow their partners, those without
        one come last.
        """
        partner = dict(zip(self.pairs["right"], self.pairs["left"], strict=True))
        place = {left: row for row, left in enumerate(self.left_ids.tolist())}
        last = len(place)
        ranks = [place.get(partner.get(right), last) for right in self.right_ids.tolist()]
        return np.arange(len(self.left_ids)), np.argsort(ranks, kind="stable")

    def table(self) -> pd.DataFrame:
        """Every pair of clusters, one row each: `left`, `right`, `matched` and the figures."""
        import pandas as pd

        k, m = self.likeness.shape
        left, right = np.repeat(self.left_ids, m), np.tile(self.right_ids, k)
        matched = set(zip(self.pairs["left"], self.pairs["right"], strict=True))
        return pd.DataFrame(
            {
                "left": left,
                "right": right,
                "matched": [pair in matched for pair in zip(left, right, strict=True)],
                "shared": np.zeros(k * m, int) if self.shared is None else self.shared.ravel(),
                "jaccard": self.jaccard.ravel(),
                "likeness": self.likeness.ravel(),
            }
        )


def common_window(left: Session, right: Session) -> tuple[int, int]:
    """Positions (start, stop) that the maps of both cover.

    Raises `InputError` where sessions lack maps, or alphabet, length or windows do not meet.
    """
    for side, session in (("left", left), ("right", right)):
        if session.library is None or session.maps is None:
            raise InputError(f"{side} session", "no maps", "a session with maps")
    assert left.library is not None
    assert right.library is not None
    assert left.maps is not None
    assert right.maps is not None
    for what in ("alphabet", "length"):
        came, wanted = getattr(right.library, what), getattr(left.library, what)
        if came != wanted:
            raise InputError(what, f"{came} in {right.name}", f"{wanted}, as in {left.name}")
    start = max(left.maps.start, right.maps.start)
    stop = min(left.maps.stop, right.maps.stop)
    if start >= stop:
        raise InputError(
            "maps",
            f"positions {right.maps.start}-{right.maps.stop} in {right.name}",
            f"some of {left.maps.start} to {left.maps.stop}, as in {left.name}",
        )
    return start, stop


def correspond(left: Session, right: Session) -> Correspondence:
    """Match the clusters of two sessions, one to one, so that what they share is the most.

    The matching maximises the sum of Jaccard indices where both have the same sequences, of
    likeness otherwise (Hungarian algorithm). Clusters that share nothing are no pair.

    Raises `InputError`, see `common_window`; and where a session has no explanation.
    """
    import pandas as pd
    from scipy.optimize import linear_sum_assignment

    from seam_core.clusterer.comparison import adjusted_rand

    start, stop = common_window(left, right)
    first, second = _explained(left), _explained(right)
    likeness = _likeness(first, second, start, stop)
    shared, jaccard, rand = None, np.full(likeness.shape, np.nan), float("nan")
    if _same_sequences(left, right):
        assert left.clustering is not None
        assert right.clustering is not None
        shared = count_shared(left.clustering, right.clustering, first.ids, second.ids)
        union = first.sizes[:, None] + second.sizes[None, :] - shared
        jaccard = shared / np.maximum(union, 1)
        rand = adjusted_rand(left.clustering.labels, right.clustering.labels)
    score = likeness if shared is None else jaccard
    rows, columns = linear_sum_assignment(-score)
    alike = score[rows, columns] > 0
    rows, columns = rows[alike], columns[alike]
    order = np.argsort(-score[rows, columns], kind="stable")
    rows, columns = rows[order], columns[order]
    pairs = pd.DataFrame(
        {
            "left": first.ids[rows],
            "right": second.ids[columns],
            "shared": 0 if shared is None else shared[rows, columns],
            "jaccard": jaccard[rows, columns],
            "likeness": likeness[rows, columns],
        }
    )
    return Correspondence(first.ids, second.ids, shared, likeness, jaccard, pairs, rand)


def _explained(session: Session) -> Explanation:
    if session.explanation is None:
        raise InputError("session", f"{session.name} without an explanation", "one with clusters")
    return session.explanation


def _same_sequences(left: Session, right: Session) -> bool:
    assert left.library is not None
    assert right.library is not None
    first, second = left.library.sequences, right.library.sequences
    clustered = left.clustering is not None and right.clustering is not None
    return clustered and first.shape == second.shape and np.array_equal(first, second)


def _likeness(left: Explanation, right: Explanation, start: int, stop: int) -> np.ndarray:
    """(K, M) Pearson correlation of mean maps over positions start to stop."""
    from seam_core.likeness import correlation

    flat = (
        record.mean_maps[:, start - record.start : stop - record.start].reshape(
            record.n_clusters, -1
        )
        for record in (left, right)
    )
    return correlation(*flat)


def count_shared(
    left: Clustering, right: Clustering, left_ids: np.ndarray, right_ids: np.ndarray
) -> np.ndarray:
    """(K, M) int64: sequences in cluster `left_ids[k]` of one and `right_ids[m]` of the other."""
    table = np.zeros((len(left_ids), len(right_ids)), dtype=np.int64)
    np.add.at(table, (_rows(left.labels, left_ids), _rows(right.labels, right_ids)), 1)
    return table


def _rows(labels: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Row of each label in `ids`, which are in any order."""
    order = np.argsort(ids)
    return order[np.searchsorted(ids, labels, sorter=order)]


@dataclass(frozen=True, eq=False)
class SharedEmbedding:
    """Several sessions in one picture.

    embedding : of all points, session after session
    session : (n,) int64, which session each point is of
    row : (n,) int64, which of that session's sequences it is
    """

    embedding: Embedding
    session: np.ndarray
    row: np.ndarray


def shared_embedding(
    sessions: Sequence[Session],
    *,
    parameters: ClustererParameters | None = None,
    scale: bool = True,
    most: int | None = None,
    seed: int = 0,
    progress: Progress = SILENT,
) -> SharedEmbedding:
    """The maps of several sessions, embedded together.

    Raises `InputError`, see `common_window`; every session must meet the first.

    Parameters
    ----------
    parameters : of the embedding; None: the first session's, else PCA
    scale : divide each session's maps by their root mean square first, since heads and methods
        differ in size
    most : sequences taken of each session, drawn at random with `seed`; None: all. Sessions of
        equally many sequences give the same rows.
    """
    from seam_core.clusterer import Clusterer
    from seam_core.parameters import ClustererParameters

    start, stop = zip(*(common_window(sessions[0], other) for other in sessions), strict=True)
    window = max(start), min(stop)
    if window[0] >= window[1]:
        raise InputError("maps", "windows that do not meet", "positions that all sessions have")
    if parameters is None:
        embedding = sessions[0].embedding
        parameters = (
            embedding.parameters if embedding is not None else None
        ) or ClustererParameters(embedding="pca")
    rows = []
    for session in sessions:
        n = 0 if session.maps is None else len(session.maps)
        picked = np.arange(n)
        if most is not None and n > most:
            picked = np.sort(np.random.default_rng(seed).choice(n, most, replace=False))
        rows.append(picked)
    joined = _joined(sessions, rows, window, scale, PartOfProgress(progress, 0.0, 0.1))
    together = Clusterer(parameters).embed(
        AttributionMaps(joined, window[0]), progress=PartOfProgress(progress, 0.1, 1.0)
    )
    which = np.repeat(np.arange(len(sessions)), [len(picked) for picked in rows])
    return SharedEmbedding(together, which, np.concatenate(rows))


def _joined(
    sessions: Sequence[Session],
    rows: list[np.ndarray],
    window: tuple[int, int],
    scale: bool,
    progress: Progress,
) -> np.ndarray:
    """(n, W, A) float32: the chosen rows of every session's maps over a window."""
    first = sessions[0].maps
    assert first is not None
    shape = (sum(len(picked) for picked in rows), window[1] - window[0], first.maps.shape[2])
    joined = np.empty(shape, dtype=np.float32)
    done = 0
    for number, (session, picked) in enumerate(zip(sessions, rows, strict=True)):
        progress.update(number, len(sessions), "Joining the maps")
        assert session.maps is not None
        _copy(session.maps, picked, joined[done : done + len(picked)], window, scale)
        done += len(picked)
    return joined


def _copy(
    maps: AttributionMaps,
    rows: np.ndarray,
    out: np.ndarray,
    window: tuple[int, int],
    scale: bool,
) -> None:
    squares = 0.0
    columns = slice(window[0] - maps.start, window[1] - maps.start)
    for first in range(0, len(out), BLOCK_ROWS):
        block = maps.maps[rows[first : first + BLOCK_ROWS]][:, columns]
        out[first : first + BLOCK_ROWS] = block
        squares += float(np.square(block, dtype=np.float64).sum())
    if scale and squares > 0:
        out /= np.float32(np.sqrt(squares / out.size))
