"""What the user has selected: one value that every picture and table follows.

A selection is a list of steps, each a gesture (the polygon, the thresholds, the question asked) and
how it was combined with what was selected before, so that it can be kept in a file and repeated on
other data. Its result, which sequences are in, is a mask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar

import numpy as np

from seam_core.declared import check_types
from seam_core.geometry import inside_polygon, leaves_below
from seam_core.pictures import groups_of
from seam_core.query import evaluate
from seam_core.readers.columns import frame_apart
from seam_core.records import Clustering, Embedding, Library, Linkage, Table
from seam_core.sequences import DNA
from seam_core.validate import InputError, check_choice, lacking_or_odd

MODES = ("replace", "add", "remove", "intersect", "except")


@dataclass(frozen=True, eq=False)
class Landscape:
    """What gestures are resolved against; anything but `n` may be missing.

    n : sequences
    labels : (N,) cluster ids, and `names`, the user's labels of them
    coordinates : (N, Z) embedding
    columns : name -> (N,) column of the table
    sequences : (N, L) int8 letters, and `reference` (L,)
    linkage : (N - 1, 4) SciPy linkage
    """

    n: int
    labels: np.ndarray | None = None
    coordinates: np.ndarray | None = None
    columns: Mapping[str, np.ndarray] = field(default_factory=dict)
    sequences: np.ndarray | None = None
    reference: np.ndarray | None = None
    alphabet: str = DNA
    linkage: np.ndarray | None = None
    names: Mapping[int, str] = field(default_factory=dict)

    def need(self, name: str) -> np.ndarray:
        """An array by its field name, or `InputError` when the session has none."""
        value = getattr(self, name)
        if value is None:
            raise InputError("selection", f"no {name}", f"a session with {name}")
        return value


def landscape_of(
    library: Library | None,
    table: Table | None,
    embedding: Embedding | None,
    clustering: Clustering | None,
    linkage: Linkage | None,
    names: Mapping[int, str] | None = None,
) -> Landscape:
    """The landscape of a session's records; all that there are must be of the same N.

    names : the user's labels of clusters, by id

    Raises `InputError` where there is no record at all.
    """
    sizes = [len(r) for r in (library, table, embedding, clustering) if r is not None]
    if not sizes:
        raise InputError("session", "no records", "a library, a table or an embedding")
    columns = {} if table is None else frame_apart(table.frame)
    return Landscape(
        sizes[0],
        labels=None if clustering is None else clustering.labels,
        coordinates=None if embedding is None else embedding.coordinates,
        columns={str(name): columns[name].to_numpy() for name in columns},
        sequences=None if library is None else library.sequences,
        reference=None if library is None else library.reference,
        alphabet=DNA if library is None else library.alphabet,
        linkage=None if linkage is None else linkage.matrix,
        names=names or {},
    )


def label_of_each(labels: np.ndarray, names: Mapping[int, str]) -> np.ndarray:
    """(N,) object: the user's label of the cluster that each sequence is in, "" without one."""
    ids, place, _ = groups_of(labels)
    return np.array([names.get(int(i), "") for i in ids], dtype=object)[place]


class Gesture:
    """One thing that the user did; `mask` repeats it."""

    kind: ClassVar[str] = ""

    def mask(self, landscape: Landscape) -> np.ndarray:
        """(N,) bool: the sequences meant."""
        raise NotImplementedError

    def describe(self) -> str:
        """What was done, in a few words."""
        raise NotImplementedError


@dataclass(frozen=True)
class Clusters(Gesture):
    """Whole clusters: a click in the scatter, rows of the cluster table or of the MSM."""

    ids: tuple[int, ...]
    kind: ClassVar[str] = "clusters"

    def mask(self, landscape: Landscape) -> np.ndarray:
        labels = landscape.need("labels")
        if len(self.ids) == 1:
            return labels == self.ids[0]
        return np.isin(labels, np.asarray(self.ids, dtype=labels.dtype))

    def describe(self) -> str:
        if len(self.ids) == 1:
            return f"cluster {self.ids[0]}"
        names = ", ".join(str(i) for i in self.ids[:4])
        return f"clusters {names}" + (" ..." if len(self.ids) > 4 else "")


@dataclass(frozen=True)
class Polygon(Gesture):
    """A lasso or a polygon over two axes of the embedding (odd-even rule)."""

    vertices: tuple[tuple[float, float], ...]
    axes: tuple[int, int] = (0, 1)
    kind: ClassVar[str] = "polygon"

    def mask(self, landscape: Landscape) -> np.ndarray:
        points = landscape.need("coordinates")
        return inside_polygon(
            points[:, self.axes[0]], points[:, self.axes[1]], np.asarray(self.vertices)
        )

    def describe(self) -> str:
        return "lasso"


@dataclass(frozen=True)
class Rectangle(Gesture):
    """A box over two axes of the embedding, edges included."""

    low: tuple[float, float]
    high: tuple[float, float]
    axes: tuple[int, int] = (0, 1)
    kind: ClassVar[str] = "rectangle"

    def mask(self, landscape: Landscape) -> np.ndarray:
        points = landscape.need("coordinates")
        x, y = points[:, self.axes[0]], points[:, self.axes[1]]
        return (x >= self.low[0]) & (x <= self.high[0]) & (y >= self.low[1]) & (y <= self.high[1])

    def describe(self) -> str:
        return "rectangle"


@dataclass(frozen=True)
class Query(Gesture):
    """A question in the query language, e.g. "Activity > 3 and Hamming <= 10"."""

    text: str
    kind: ClassVar[str] = "query"

    def mask(self, landscape: Landscape) -> np.ndarray:
        names: dict[str, np.ndarray] = {"Index": np.arange(landscape.n)}
        if landscape.labels is not None:
            names["Cluster"] = landscape.labels
            names["Label"] = label_of_each(landscape.labels, landscape.names)
        if landscape.coordinates is not None:
            names.update({f"Axis{i + 1}": axis for i, axis in enumerate(landscape.coordinates.T)})
        return evaluate(
            self.text,
            {**names, **landscape.columns},
            n=landscape.n,
            sequences=landscape.sequences,
            reference=landscape.reference,
            alphabet=landscape.alphabet,
        )

    def describe(self) -> str:
        return self.text


@dataclass(frozen=True)
class Rows(Gesture):
    """Sequences one by one: rows of a table, indices read from a file."""

    indices: tuple[int, ...]
    kind: ClassVar[str] = "rows"

    def mask(self, landscape: Landscape) -> np.ndarray:
        indices = np.asarray(self.indices, dtype=np.int64)
        if len(indices) and not (indices.min() >= 0 and indices.max() < landscape.n):
            raise InputError(
                "selection", f"sequence {indices.max()}", f"indices from 0 to {landscape.n - 1}"
            )
        mask = np.zeros(landscape.n, dtype=bool)
        mask[indices] = True
        return mask

    def describe(self) -> str:
        if len(self.indices) == 1:
            return f"sequence {self.indices[0]}"
        return f"{len(self.indices):,} sequences"


@dataclass(frozen=True)
class Branch(Gesture):
    """Everything below a node of the tree: node N + i is row i of the linkage."""

    node: int
    kind: ClassVar[str] = "branch"

    def mask(self, landscape: Landscape) -> np.ndarray:
        mask = np.zeros(landscape.n, dtype=bool)
        mask[leaves_below(landscape.need("linkage"), self.node)] = True
        return mask

    def describe(self) -> str:
        return f"branch {self.node}"


@dataclass(frozen=True)
class Everything(Gesture):
    """All sequences; removing a selection from it inverts that."""

    kind: ClassVar[str] = "everything"

    def mask(self, landscape: Landscape) -> np.ndarray:
        return np.ones(landscape.n, dtype=bool)

    def describe(self) -> str:
        return "everything"


GESTURES: dict[str, type[Gesture]] = {
    gesture.kind: gesture
    for gesture in (Clusters, Polygon, Rectangle, Query, Rows, Branch, Everything)
}


@dataclass(frozen=True)
class Step:
    """One gesture and how it was combined with what was selected before."""

    gesture: Gesture
    mode: str = "replace"


@dataclass(frozen=True, eq=False)
class Selection:
    """The sequences selected, how that came about, and the positions brushed.

    mask : (N,) bool
    steps : the gestures, in order; `repeat` runs them again
    positions : brushed positions (start, stop) of the sequence, or None
    name : given when the selection is kept
    """

    mask: np.ndarray
    steps: tuple[Step, ...] = ()
    positions: tuple[int, int] | None = None
    name: str = ""

    @property
    def indices(self) -> np.ndarray:
        """(n,) int64, ascending."""
        return np.flatnonzero(self.mask)

    @property
    def count(self) -> int:
        """Number of sequences selected."""
        return int(np.count_nonzero(self.mask))

    def clusters(self) -> tuple[int, ...]:
        """The clusters selected when the selection is made of whole clusters only, else ()."""
        ids: list[int] = []
        for step in self.steps:
            if not isinstance(step.gesture, Clusters) or step.mode not in ("replace", "add"):
                return ()
            ids = [i for i in ids if step.mode == "add"]
            ids += [i for i in step.gesture.ids if i not in ids]
        return tuple(ids)

    def describe(self) -> str:
        """The steps in words: "lasso, without cluster 7"."""
        words = {"replace": "", "add": "with ", "remove": "without ", "intersect": "within "}
        words["except"] = "then the rest of "
        steps = self.steps if len(self.steps) <= 3 else (self.steps[0], *self.steps[-2:])
        return ", ".join(words[step.mode] + step.gesture.describe() for step in steps)


def nothing(n: int) -> Selection:
    """The empty selection of `n` sequences."""
    return Selection(np.zeros(n, dtype=bool))


def combine(old: np.ndarray, new: np.ndarray, mode: str) -> np.ndarray:
    """Two masks as one: "replace", "add", "remove", "intersect", or "except": what is new but the
    old (of everything, that inverts a selection)."""
    check_choice(mode, "mode", MODES)
    if mode == "replace":
        return new
    if mode == "add":
        return old | new
    if mode == "remove":
        return old & ~new
    return new & ~old if mode == "except" else old & new


def select(
    landscape: Landscape, gesture: Gesture, mode: str = "replace", old: Selection | None = None
) -> Selection:
    """The selection after `gesture`; the old one stays as it was, brushed positions are kept.

    Raises `InputError` where the gesture needs what the session does not have.
    """
    check_choice(mode, "mode", MODES)
    new = gesture.mask(landscape)
    if old is None:
        old = nothing(landscape.n)
    kept = () if mode == "replace" else old.steps
    return Selection(combine(old.mask, new, mode), (*kept, Step(gesture, mode)), old.positions)


def repeat(steps: tuple[Step, ...], landscape: Landscape) -> Selection:
    """Run recorded steps again, on the same data or on other."""
    selection = nothing(landscape.n)
    for step in steps:
        selection = select(landscape, step.gesture, step.mode, selection)
    return selection


def to_dict(selection: Selection) -> dict[str, Any]:
    """Plain values for JSON. The mask is kept as packed indices, since clusters may be curated
    after a selection was made of them."""
    return {
        "name": selection.name,
        "n": len(selection.mask),
        "indices": selection.indices.tolist(),
        "positions": list(selection.positions) if selection.positions else None,
        "steps": [
            {"kind": step.gesture.kind, "mode": step.mode, **asdict(step.gesture)}  # type: ignore[call-overload]
            for step in selection.steps
        ],
    }


def from_dict(values: Mapping[str, Any], n: int | None = None, source: str = "") -> Selection:
    """The opposite of `to_dict`; raises `InputError` naming what is wrong.

    n : sequences of the session, where they are known; no other number is believed
    """
    try:
        if n is not None and values["n"] != n:
            raise InputError("selection", f"{values['n']} sequences", str(n), source)
        mask = np.zeros(int(values["n"]), dtype=bool)
        indices = np.asarray(values["indices"], dtype=np.int64)
        if indices.size and indices.min() < 0:
            raise InputError("selection", f"row {indices.min()}", "0 or more", source)
        mask[indices] = True
        positions = values.get("positions")
        steps = tuple(_step(entry, source) for entry in values["steps"])
        return Selection(
            mask,
            steps,
            (int(positions[0]), int(positions[1])) if positions else None,
            str(values.get("name", "")),
        )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            "selection", lacking_or_odd(error), "name, n, indices and steps", source
        ) from error


def _step(entry: Mapping[str, Any], source: str) -> Step:
    check_choice(entry["kind"], "selection.kind", tuple(GESTURES))
    check_choice(entry["mode"], "selection.mode", MODES)
    kind = GESTURES[entry["kind"]]
    names = [f.name for f in fields(kind)]  # type: ignore[arg-type]
    gesture = kind(**{name: _as_tuple(entry[name]) for name in names})
    check_types(gesture, f"selection.{entry['kind']}")
    return Step(gesture, entry["mode"])


def _as_tuple(value: Any) -> Any:
    return tuple(_as_tuple(item) for item in value) if isinstance(value, list) else value
