"""Hand work carried from one result to the next: labels, colours, notes, hidden flags, selections.

The rule. A cluster *inherits* from a former one where more than half of the sequences of each are
the other's: no two clusters then inherit from one, nor one from two. Heirs take the label, colour,
note and hidden flag. A selection is evaluated again where its gestures still point at the same
thing (a question about columns; a lasso on the same embedding; clusters that have heirs, which take
their place); elsewhere it keeps its sequences. Whatever has no place in the new result is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from seam_core import curation as cur
from seam_core import selection as sel
from seam_core.curation import Curation
from seam_core.handwork import HandWork
from seam_core.records import Library
from seam_core.selection import Clusters, Landscape, Rows, Selection, Step
from seam_core.session import Session
from seam_core.validate import InputError

_MOST_NAMED = 8


@dataclass(frozen=True, eq=False)
class Carried:
    """Hand work in a new result.

    work : as it is now
    inherited, changed, lost : a line each of what went over, what is now another set of sequences
        or clusters than before, and what has no place in the new result
    """

    work: HandWork
    inherited: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """Everything that is to be said, what is lost first."""
        return (*(f"Lost: {line}" for line in self.lost), *self.changed, *self.inherited)

    def summary(self) -> str:
        """One line, "" where there was nothing to carry."""
        counts = (
            (len(self.inherited), "carried over"),
            (len(self.changed), "changed"),
            (len(self.lost), "lost"),
        )
        said = ", ".join(f"{n} {what}" for n, what in counts if n)
        return f"Labels and selections: {said}" if said else ""


def describe(work: HandWork, session: Session) -> tuple[str, ...]:
    """A line each of what would be missed of hand work on `session`, () where there is nothing."""
    lines = []
    if work.curation is not None:
        marked = [_marks(work.curation, i) for i in work.curation.order]
        lines += _listed("of clusters", [text for text in marked if text])
        lines += _by_hand(len(_made_by_hand(session, work.curation)))
    lines += _listed("kept selections", [_kept_name(kept) for kept in work.kept])
    return tuple(lines)


def find_rows(before: Library | None, after: Library | None) -> np.ndarray | None:
    """(N,) int64, row of each sequence of `after` in `before`, -1 where it is not there; None where
    both hold the same sequences in the same order.

    Of sequences that occur several times the first counts.
    """
    if before is None or after is None or before.sequences is after.sequences:
        return None
    old, new = before.sequences, after.sequences
    if old.shape == new.shape and np.array_equal(old, new):
        return None
    if old.shape[1] != new.shape[1] or before.alphabet != after.alphabet:
        return np.full(len(new), -1, dtype=np.int64)
    places = {row.tobytes(): i for i, row in reversed(list(enumerate(old)))}
    return np.array([places.get(row.tobytes(), -1) for row in new], dtype=np.int64)


def find_heirs(
    before: np.ndarray, after: np.ndarray, rows: np.ndarray | None = None
) -> dict[int, int]:
    """Former cluster id -> the id of the cluster that inherits from it.

    Parameters
    ----------
    before, after : (N,) and (M,) int cluster ids of each sequence
    rows : (M,) of `find_rows`
    """
    shared = np.ones(len(after), dtype=bool) if rows is None else rows >= 0
    former = before if rows is None else before[rows[shared]]
    pairs, counts = np.unique(np.stack([former, after[shared]]), axis=1, return_counts=True)
    old_sizes = dict(zip(*np.unique(before, return_counts=True), strict=True))
    new_sizes = dict(zip(*np.unique(after, return_counts=True), strict=True))
    return {
        int(old): int(new)
        for (old, new), n in zip(pairs.T, counts, strict=True)
        if 2 * n > old_sizes[old] and 2 * n > new_sizes[new]
    }


def carry(
    work: HandWork, before: Session, after: Session, rows: np.ndarray | None = None
) -> Carried:
    """Hand work on `before`, as it is in `after`.

    rows : of `find_rows`, where it is known already that the sequences differ
    """
    old = work.curation.labels if work.curation is not None else _labels(before)
    new = _labels(after)
    heirs = {} if old is None or new is None else find_heirs(old, new, rows)
    carrier = _Carrier(before, after, old, heirs, rows)
    curation = None
    if work.curation is not None:
        curation = carrier.curation(work.curation)
    kept = [carried for each in work.kept if (carried := carrier.selection(each)) is not None]
    selection = None if work.selection is None else carrier.selection(work.selection)
    return Carried(
        HandWork(selection, tuple(kept), curation),
        tuple(carrier.inherited),
        tuple(carrier.changed),
        tuple(carrier.lost),
    )


class _Carrier:
    """One crossing, and what there is to say about it."""

    def __init__(
        self,
        before: Session,
        after: Session,
        labels: np.ndarray | None,
        heirs: Mapping[int, int],
        rows: np.ndarray | None,
    ) -> None:
        self.before, self.after, self.heirs, self.rows = before, after, heirs, rows
        self.old = _landscape(before, labels)
        self.new = _landscape(after, _labels(after))
        self.inherited: list[str] = []
        self.changed: list[str] = []
        self.lost: list[str] = []

    def curation(self, old: Curation) -> Curation | None:
        """The new clusters with what they inherit."""
        for cluster_id in old.order:
            marks = _marks(old, cluster_id)
            if not marks:
                continue
            if cluster_id in self.heirs:
                self.inherited.append(f"{marks}: now cluster {self.heirs[cluster_id]}")
            else:
                self.lost.append(f"{marks}: no cluster is mostly the former one")
        gone = [i for i in _made_by_hand(self.before, old) if not self._still_whole(old, i)]
        self.lost += _by_hand(len(gone))
        if self._reordered(old):
            self.lost.append("the order of clusters set by hand")
        if self.after.clustering is None or not any(_marks(old, i) for i in self.heirs):
            return None
        hidden = frozenset(self.heirs[i] for i in old.hidden if i in self.heirs)
        return replace(
            cur.start(self.after.clustering, self.after.explanation),
            names=self._heirs_of(old.names),
            colours=self._heirs_of(old.colours),
            notes=self._heirs_of(old.notes),
            hidden=hidden,
        )

    def _still_whole(self, old: Curation, cluster_id: int) -> bool:
        """True where a cluster of the new result has the very same sequences."""
        if self.rows is not None or cluster_id not in self.heirs:
            return False
        assert self.new is not None
        members = self.new.need("labels") == self.heirs[cluster_id]
        return bool(np.array_equal(members, old.labels == cluster_id))

    def _reordered(self, old: Curation) -> bool:
        if self.before.clustering is None or old.stale:
            return False
        return old.order != cur.start(self.before.clustering, self.before.explanation).order

    def _heirs_of(self, texts: Mapping[int, str]) -> dict[int, str]:
        return {self.heirs[i]: text for i, text in texts.items() if i in self.heirs}

    def selection(self, old: Selection) -> Selection | None:
        """The selection evaluated again, or its sequences; None where none of them are left."""
        if self.new is None:
            self._gone(old)
            return None
        new = self._repeated(old, self.new)
        if new is None:
            new = self._sequences_of(old)
            if old.mask.any() and not new.mask.any():
                self._gone(old)
                return None
        self._tell(old, new)
        return replace(new, name=old.name, positions=self._positions(old.positions))

    def _repeated(self, old: Selection, on: Landscape) -> Selection | None:
        """None where a gesture would mean something else now than it did."""
        try:
            if self.old is None or not np.array_equal(
                sel.repeat(old.steps, self.old).mask, old.mask
            ):
                return None  # clusters were edited since
            unchanged = _unchanged(self.old, on)
            selected = sel.nothing(on.n)
            for step in old.steps:
                gesture = self._translated(step.gesture)
                landscape = on if isinstance(gesture, Clusters) else unchanged
                selected = sel.select(landscape, gesture, step.mode, selected)
            return selected
        except (InputError, KeyError):
            return None

    def _translated(self, gesture: sel.Gesture) -> sel.Gesture:
        if isinstance(gesture, Clusters):
            return Clusters(tuple(self.heirs[i] for i in gesture.ids))
        if isinstance(gesture, Rows) and self.rows is not None:
            raise InputError("selection", "other sequences", "the same")
        return gesture

    def _sequences_of(self, old: Selection) -> Selection:
        mask = old.mask.copy() if self.rows is None else (self.rows >= 0) & old.mask[self.rows]
        return Selection(mask, (Step(Rows(tuple(np.flatnonzero(mask).tolist()))),))

    def _positions(self, old: tuple[int, int] | None) -> tuple[int, int] | None:
        library = self.after.library
        return old if old is None or library is None or old[1] <= library.length else None

    def _tell(self, old: Selection, new: Selection) -> None:
        if not old.name:
            return  # the current one is seen
        said = f"kept selection {_kept_name(old)}"
        if self.rows is None and np.array_equal(old.mask, new.mask):
            self.inherited.append(said)
        else:
            self.changed.append(f"{said}: {new.count:,} sequences, {old.count:,} before")

    def _gone(self, old: Selection) -> None:
        if old.name:
            self.lost.append(f"kept selection {_kept_name(old)}: none of its sequences are there")


def _unchanged(old: Landscape, new: Landscape) -> Landscape:
    """The new landscape without what the same gesture would mean something else on."""
    return replace(
        new,
        labels=new.labels if _equal(old.labels, new.labels) else None,
        coordinates=new.coordinates if _equal(old.coordinates, new.coordinates) else None,
        linkage=new.linkage if _equal(old.linkage, new.linkage) else None,
    )


def _labels(session: Session) -> np.ndarray | None:
    return None if session.clustering is None else session.clustering.labels


def _landscape(session: Session, labels: np.ndarray | None) -> Landscape | None:
    records = (session.library, session.table, session.embedding)
    try:
        landscape = sel.landscape_of(*records, session.clustering, session.linkage)
    except InputError:
        return None
    return replace(landscape, labels=labels)


def _equal(old: np.ndarray | None, new: np.ndarray | None) -> bool:
    return old is new or (old is not None and new is not None and np.array_equal(old, new))


def _made_by_hand(session: Session, curation: Curation) -> list[int]:
    """Ids of clusters that no run made: merged, split, gathered."""
    clustering = session.clustering
    computed: Iterable[int] = ()
    if clustering is not None and clustering.method != cur.CURATED:
        computed = clustering.ids.tolist()
    return sorted(set(curation.order) - set(computed) - {cur.NOISE})


def _marks(curation: Curation, cluster_id: int) -> str:
    """What the user gave a cluster, in words; "" where nothing."""
    name, colour = curation.names.get(cluster_id), curation.colours.get(cluster_id)
    given = [
        f"label “{name}”" if name else "",
        f"colour {colour}" if colour else "",
        "note" if cluster_id in curation.notes else "",
        "hidden" if cluster_id in curation.hidden else "",
    ]
    words = ", ".join(word for word in given if word)
    return f"{words} of cluster {cluster_id}" if words else ""


def _kept_name(kept: Selection) -> str:
    return f"{kept.name} ({kept.describe()})" if kept.steps else kept.name


def _listed(what: str, items: Sequence[str]) -> list[str]:
    rest = len(items) - _MOST_NAMED
    more = [f"and {rest} more {what}"] if rest > 0 else []
    return [*items[:_MOST_NAMED], *more]


def _by_hand(n: int) -> list[str]:
    words = "cluster" if n == 1 else "clusters"
    return [f"{n} {words} made by hand (merged, split, gathered)"] if n else []
