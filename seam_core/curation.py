"""What the user makes of the clusters: merge, split, label, colour, hide, reorder, note.

Every edit is a plain function from one frozen `Curation` to the next and a `Change` that says what
happened, so undo is putting the former value back. Cluster ids are never reused: what is kept under
an id stays right through undo and redo. Sums of the new clusters follow from those of the old ones
(`seam_core.meta_explainer.updated_sums`), a merge reading no map at all.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from seam_core.colours import is_code
from seam_core.records import LARGEST_ID, Clustering, Explanation
from seam_core.validate import InputError, lacking_or_odd

NOISE = -1
CURATED = "curated"  # method of clusters that the user edited


@dataclass(frozen=True, eq=False)
class Curation:
    """The clusters as the user has them now.

    labels : (N,) int32 cluster ids
    next_id : the id that the next new cluster gets
    order : ids from top to bottom
    names, colours, notes : id -> text; colours are "#rrggbb"
    hidden : ids not drawn
    stale : True when the clusters differ from those that the session's records are about
    """

    labels: np.ndarray
    next_id: int
    order: tuple[int, ...]
    names: Mapping[int, str] = field(default_factory=dict)
    colours: Mapping[int, str] = field(default_factory=dict)
    notes: Mapping[int, str] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()
    stale: bool = False

    def members(self, cluster_id: int) -> np.ndarray:
        """(n,) int64: the sequences of a cluster."""
        return np.flatnonzero(self.labels == cluster_id)

    def name_of(self, cluster_id: int) -> str:
        """The label given by the user, or ""."""
        return self.names.get(cluster_id, "")

    def as_clustering(self) -> Clustering:
        """The clusters as a record, for the stages that come after."""
        return Clustering(labels=self.labels, method=CURATED, source="maps")


@dataclass(frozen=True)
class Change:
    """What an edit did.

    text : for the Edit menu, e.g. "Merge clusters 3 and 7"
    removed, added : ids of clusters that went and came
    """

    text: str
    removed: tuple[int, ...] = ()
    added: tuple[int, ...] = ()


def start(clustering: Clustering, explanation: Explanation | None = None) -> Curation:
    """The clusters as computed, in the explanation's order, before the user touched them."""
    ids = clustering.ids if explanation is None else explanation.ids
    order = tuple(int(i) for i in ids)
    return Curation(clustering.labels, _next_id(order), order)


def _next_id(ids: Sequence[int]) -> int:
    return max((*ids, NOISE)) + 1


def merge(curation: Curation, ids: Sequence[int]) -> tuple[Curation, Change]:
    """Two clusters or more as a new one: in the first one's place and colour, with all labels.

    Raises `InputError` for fewer than two clusters or an id that there is not.
    """
    ids = tuple(dict.fromkeys(int(i) for i in ids))
    if len(ids) < 2:
        raise InputError("clusters to merge", len(ids), "two or more")
    _check_ids(curation, ids)
    new = curation.next_id
    labels = curation.labels.copy()
    labels[np.isin(labels, ids)] = new
    order = tuple(new if i == ids[0] else i for i in curation.order if i == ids[0] or i not in ids)
    merged = replace(
        curation,
        labels=labels,
        next_id=new + 1,
        order=order,
        names=_joined(curation.names, ids, new, " + "),
        colours=_joined(curation.colours, ids, new),
        notes=_joined(curation.notes, ids, new, "\n"),
        hidden=curation.hidden - set(ids),
        stale=True,
    )
    text = "Merge clusters " + ", ".join(map(str, ids[:-1])) + f" and {ids[-1]}"
    return merged, Change(text, removed=ids, added=(new,))


def split(curation: Curation, cluster_id: int, parts: np.ndarray) -> tuple[Curation, Change]:
    """One cluster as several, each with its label, colour and note.

    parts : (n,) int, for each member of the cluster (ascending) the part it goes to

    Raises `InputError` where there would be fewer than two parts.
    """
    _check_ids(curation, (cluster_id,))
    members = curation.members(cluster_id)
    parts = np.asarray(parts)
    if parts.shape != members.shape:
        raise InputError("parts", f"shape {parts.shape}", f"({len(members)},), one a member")
    keys, codes = np.unique(parts, return_inverse=True)
    if len(keys) < 2:
        raise InputError("split", f"{len(keys)} part", f"two or more parts of cluster {cluster_id}")
    labels = curation.labels.copy()
    labels[members] = curation.next_id + codes
    added = tuple(range(curation.next_id, curation.next_id + len(keys)))
    at = curation.order.index(cluster_id)
    done = replace(
        curation,
        labels=labels,
        next_id=curation.next_id + len(keys),
        order=(*curation.order[:at], *added, *curation.order[at + 1 :]),
        names=_shared(curation.names, cluster_id, added),
        colours=_shared(curation.colours, cluster_id, added),
        notes=_shared(curation.notes, cluster_id, added),
        hidden=curation.hidden - {cluster_id},
        stale=True,
    )
    return done, Change(f"Split cluster {cluster_id}", removed=(cluster_id,), added=added)


def cut_out(curation: Curation, mask: np.ndarray, cluster_id: int) -> tuple[Curation, Change]:
    """Split a cluster at the selection, (N,) bool: members outside it, and inside."""
    return split(curation, cluster_id, np.asarray(mask)[curation.members(cluster_id)])


def gather(curation: Curation, mask: np.ndarray) -> tuple[Curation, Change]:
    """The selected sequences, (N,) bool, of whatever clusters, as a new cluster.

    What remains of a cluster that gave some is another cluster than before, with an id of its own
    and the old one's label, colour and note. The new one has the labels and notes of those that it
    holds whole.
    """
    mask = np.asarray(mask, dtype=bool)
    touched = [int(i) for i in np.unique(curation.labels[mask])]
    if not touched:
        raise InputError("selection", "no sequences", "one or more")
    new = curation.next_id
    labels = curation.labels.copy()
    labels[mask] = new
    remaining = set(np.unique(labels).tolist())
    renamed = {old: new + 1 + i for i, old in enumerate(i for i in touched if i in remaining)}
    for old, other in renamed.items():
        labels[labels == old] = other
    whole = [i for i in touched if i not in renamed]
    order = [renamed.get(i, i) for i in curation.order if i not in whole]
    done = replace(
        curation,
        labels=labels,
        next_id=new + 1 + len(renamed),
        order=(new, *order),
        names=_joined(_moved(curation.names, renamed), whole, new, " + "),
        colours=_joined(_moved(curation.colours, renamed), whole, new),
        notes=_joined(_moved(curation.notes, renamed), whole, new, "\n"),
        stale=True,
    )
    text = f"New cluster of {int(mask.sum()):,} sequences"
    return done, Change(text, removed=tuple(touched), added=(new, *renamed.values()))


def label(curation: Curation, cluster_id: int, text: str) -> tuple[Curation, Change]:
    """Give a cluster a name; an empty one takes it away."""
    _check_ids(curation, (cluster_id,))
    names = _with(curation.names, cluster_id, text.strip())
    return replace(curation, names=names), Change(f"Label cluster {cluster_id}")


def colour(curation: Curation, ids: Sequence[int], value: str) -> tuple[Curation, Change]:
    """Give clusters a colour, "#rrggbb"; an empty one gives them back their own."""
    _check_ids(curation, ids)
    if value and not is_code(value):
        raise InputError("colour", repr(value), "#rrggbb")
    colours = curation.colours
    for cluster_id in ids:
        colours = _with(colours, cluster_id, value.lower())
    return replace(curation, colours=colours), Change(f"Colour {_named(ids)}")


def note(curation: Curation, cluster_id: int, text: str) -> tuple[Curation, Change]:
    """Write a note to a cluster; an empty one takes it away."""
    _check_ids(curation, (cluster_id,))
    notes = _with(curation.notes, cluster_id, text)
    return replace(curation, notes=notes), Change(f"Note on cluster {cluster_id}")


def take_texts(
    curation: Curation,
    names: Mapping[int, str],
    notes: Mapping[int, str],
    colours: Mapping[int, str],
) -> tuple[Curation, Change]:
    """Labels, notes and colours by id, as a table has them; clusters without one keep their own.

    Raises `InputError` where none of the ids is a cluster's.
    """
    asked = {*names, *notes, *colours}
    there = asked & set(curation.order)
    if not there:
        known = ", ".join(map(str, sorted(curation.order)[:6]))
        got = ", ".join(map(str, sorted(asked)[:6])) or "none"
        raise InputError("clusters of the table", got, f"some of {known} …")

    def of(old: Mapping[int, str], new: Mapping[int, str]) -> dict[int, str]:
        return {**old, **{i: text for i, text in new.items() if i in there}}

    done = replace(
        curation,
        names=of(curation.names, names),
        notes=of(curation.notes, notes),
        colours=of(curation.colours, {i: value.lower() for i, value in colours.items()}),
    )
    left = len(asked) - len(there)
    more = f"; {left} that there are not were left" if left else ""
    return done, Change(f"Read labels of {len(there)} cluster{'s' * (len(there) != 1)}{more}")


def hide(curation: Curation, ids: Sequence[int]) -> tuple[Curation, Change]:
    """Leave clusters out of the pictures; nothing is lost."""
    _check_ids(curation, ids)
    return replace(curation, hidden=curation.hidden | set(ids)), Change(f"Hide {_named(ids)}")


def hide_only(curation: Curation, ids: Sequence[int]) -> tuple[Curation, Change]:
    """Hide these clusters and draw all others."""
    _check_ids(curation, ids)
    text = f"Hide {_named(ids)}" if len(ids) else "Show all clusters"
    return replace(curation, hidden=frozenset(ids)), Change(text)


def show(curation: Curation, ids: Sequence[int] | None = None) -> tuple[Curation, Change]:
    """Draw hidden clusters again; all of them where none are named."""
    ids = tuple(curation.hidden) if ids is None else tuple(ids)
    return replace(curation, hidden=curation.hidden - set(ids)), Change(f"Show {_named(ids)}")


def reorder(curation: Curation, order: Sequence[int]) -> tuple[Curation, Change]:
    """Put the clusters into another order; raises `InputError` unless it names each one once."""
    order = tuple(int(i) for i in order)
    if sorted(order) != sorted(curation.order):
        raise InputError("order", f"{len(order)} ids", "every cluster once")
    return replace(curation, order=order), Change("Reorder clusters")


def move(curation: Curation, cluster_id: int, by: int) -> tuple[Curation, Change]:
    """Move a cluster `by` rows down (negative: up), as far as there are rows."""
    _check_ids(curation, (cluster_id,))
    others = [i for i in curation.order if i != cluster_id]
    to = min(max(curation.order.index(cluster_id) + by, 0), len(others))
    others.insert(to, cluster_id)
    changed, _ = reorder(curation, others)
    return changed, Change(f"Move cluster {cluster_id}")


def to_dict(curation: Curation) -> dict[str, Any]:
    """Plain values for JSON, the labels compressed."""
    labels = np.ascontiguousarray(curation.labels, dtype="<i4")
    return {
        "labels": base64.b64encode(zlib.compress(labels.tobytes(), 1)).decode("ascii"),
        "next_id": curation.next_id,
        "order": list(curation.order),
        "names": {str(i): text for i, text in curation.names.items()},
        "colours": {str(i): text for i, text in curation.colours.items()},
        "notes": {str(i): text for i, text in curation.notes.items()},
        "hidden": sorted(curation.hidden),
        "stale": curation.stale,
    }


def from_dict(
    values: Mapping[str, Any],
    n: int,
    source: str = "",
) -> Curation:
    """The opposite of `to_dict`, for a session of `n` sequences.

    Raises `InputError` where something is missing, or ids and labels disagree.
    """
    try:
        # no more is unpacked than the labels can be
        unpacker = zlib.decompressobj()
        packed = unpacker.decompress(base64.b64decode(values["labels"], validate=True), 4 * n + 4)
        labels = np.frombuffer(packed, dtype="<i4").astype(np.int32)
        curation = Curation(
            labels=labels,
            next_id=int(values["next_id"]),
            order=tuple(int(i) for i in values["order"]),
            names={int(i): str(text) for i, text in values["names"].items()},
            colours={int(i): str(text) for i, text in values["colours"].items()},
            notes={int(i): str(text) for i, text in values["notes"].items()},
            hidden=frozenset(int(i) for i in values["hidden"]),
            stale=bool(values["stale"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, zlib.error) as error:
        raise InputError(
            "curation", lacking_or_odd(error), "labels, next_id, order ...", source
        ) from error
    if len(labels) != n:
        raise InputError("curation.labels", f"{len(labels)} sequences", str(n), source)
    if not all(is_code(colour) for colour in curation.colours.values()):
        raise InputError("curation.colours", "what is no colour", "#rrggbb", source)
    if curation.next_id > LARGEST_ID + 1:
        raise InputError(
            "curation.next_id", curation.next_id, f"{LARGEST_ID + 1:,} or less", source
        )
    present = {int(i) for i in np.unique(labels)}
    if present != set(curation.order) or curation.next_id <= max(curation.order, default=NOISE):
        raise InputError("curation.order", "other ids than the labels'", "every id once", source)
    return curation


def _check_ids(curation: Curation, ids: Sequence[int]) -> None:
    for cluster_id in ids:
        if cluster_id not in curation.order:
            raise InputError("cluster", cluster_id, "one of the clusters there are")


def _with(texts: Mapping[int, str], cluster_id: int, text: str) -> dict[int, str]:
    others = {i: value for i, value in texts.items() if i != cluster_id}
    return {**others, cluster_id: text} if text else others


def _joined(
    texts: Mapping[int, str], ids: Sequence[int], new: int, between: str = ""
) -> dict[int, str]:
    """The new cluster has every text of its parts, once; the first alone without `between`."""
    own = list(dict.fromkeys(texts[i] for i in ids if i in texts))
    others = {i: text for i, text in texts.items() if i not in ids}
    if not own:
        return others
    return {**others, new: between.join(own) if between else own[0]}


def _shared(texts: Mapping[int, str], cluster_id: int, added: Sequence[int]) -> dict[int, str]:
    """Every part of a cluster that was split has its text."""
    others = {i: text for i, text in texts.items() if i != cluster_id}
    if cluster_id not in texts:
        return others
    return {**others, **dict.fromkeys(added, texts[cluster_id])}


def _moved(texts: Mapping[int, str], renamed: Mapping[int, int]) -> dict[int, str]:
    """Clusters that have other ids keep their texts."""
    return {renamed.get(i, i): text for i, text in texts.items()}


def _named(ids: Sequence[int]) -> str:
    if len(ids) == 1:
        return f"cluster {ids[0]}"
    return f"{len(ids)} clusters"
