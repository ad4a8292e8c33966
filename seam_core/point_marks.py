"""What stands on and beside points in a picture: size, names, the reference, what is in sight.

The window and `seam_core.figures` draw what is said here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from seam_core.pictures import short_name
from seam_core.validate import check_choice

Sight = tuple[tuple[float, float], tuple[float, float]]
"""Lowest and highest x, and y, that a picture shows."""

Letter = tuple[float, float]
"""The width of a letter, and the height of a line, as shares of a picture's."""
LETTER: Letter = (0.014, 0.045)
"""Of a figure, and of a usual screen."""

NAMINGS = ("few", "all", "labelled", "off")
"""Clusters named at their points: all where they are few (else those with a label), all, those
with a label, none."""
FEW = 40
STARS = ("star", "named", "hidden")
"""The reference: a star, one with its name beside it, none."""
REFERENCE_NAME = "reference"
_MOST, _LONGEST = 400, 24  # names, and letters of one; more would cover what they name


def cluster_name(cluster: int, labels: Mapping[int, str] | None = None) -> str:
    """The id of a cluster and what the user called it; "noise" for -1."""
    name = (labels or {}).get(int(cluster))
    known = short_name(cluster)
    return f"{known} {name}" if name else known


def shortened(name: str) -> str:
    """A name that leaves room for what it names: at points, and beside the rows of figures."""
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST].rstrip()}…"


def usual_size(n: int, area: float) -> float:
    """Diameter of `n` points in a picture of so many pixels."""
    if n > 25_000:
        return 3.0 if n <= 250_000 else 2.0
    large = np.sqrt(area) / 600  # few points may fill a large picture
    return round((5.0 if n <= 5_000 else 4.0) * float(np.clip(large, 1.0, 1.6)))


class NameMark(NamedTuple):
    """A name at the median (x, y) of a cluster's n points."""

    cluster: int
    text: str
    place: tuple[float, float]
    n: int


def name_marks(
    points: np.ndarray,
    ids: np.ndarray,
    labels: Mapping[int, str],
    naming: str,
    *,
    hidden: Collection[int] = (),
    left_out: np.ndarray | None = None,
) -> list[NameMark]:
    """Names of clusters at their points, in the order of ids.

    points, ids : (N, 2) places, and (N,) cluster of each; noise is named where it has a label
    naming : one of `NAMINGS`
    hidden, left_out : clusters, and (N,) bool points, that are not drawn
    """
    check_choice(naming, "names", NAMINGS)
    lowest = int(ids.min(initial=0))
    present = np.flatnonzero(np.bincount(ids - lowest)) + lowest
    shown = [cluster for cluster in present.tolist() if cluster not in hidden]
    whole = naming == "all" or (naming == "few" and len(shown) <= FEW)
    if naming == "off":
        return []
    wanted = [c for c in shown if labels.get(c) or (whole and c >= 0)][:_MOST]
    marks = []
    for cluster in wanted:
        own = ids == cluster if left_out is None else (ids == cluster) & ~left_out
        if own.any():
            x, y = np.median(points[own], axis=0).tolist()
            text = cluster_name(cluster, labels) if whole else labels[cluster]
            marks.append(NameMark(cluster, shortened(text), (x, y), int(own.sum())))
    return marks


def extent(x: np.ndarray, y: np.ndarray) -> Sight:
    """Lowest and highest of (N,) x, and y, of the points that have both."""
    known = np.isfinite(x) & np.isfinite(y)
    if not known.all():
        x, y = x[known], y[known]
    if len(x) == 0:
        return (0.0, 1.0), (0.0, 1.0)
    return (float(x.min()), float(x.max())), (float(y.min()), float(y.max()))


def with_room(
    marks: Sequence[NameMark],
    naming: str,
    sight: Sight,
    reference: tuple[float, float] | None = None,
    star: str = STARS[0],
    letter: Letter = LETTER,
    ends: Sequence[tuple[float, float]] = (),
) -> list[NameMark]:
    """The names that are drawn where a picture shows `sight`, none beyond its sides.

    Of "few", larger clusters come first; a name that would cover one of these is its id alone, or
    waits until the picture is magnified; one that would lie on the star of the `reference`, or on
    an arrow from there to one of `ends`, stands above or below. Other names are asked for, and all
    drawn.
    """
    (left, right), (low, high) = sight
    size = (letter[0] * (right - left), letter[1] * (high - low))
    if naming != "few":
        return [_inside(mark, sight, size) for mark in marks]
    taken = _of_reference(reference, star, size)
    lines = _along(reference, ends, size)
    kept: list[NameMark] = []
    for mark in sorted(marks, key=lambda mark: -mark.n):
        for tried in _tries(mark, taken, lines, sight, size):
            if not any(_covers(tried, other, size) for other in (*taken, *lines, *kept)):
                kept.append(tried)
                break
    return sorted(kept)


def _inside(mark: NameMark, sight: Sight, size: Letter) -> NameMark:
    """A name whose place is in sight, moved so that all of it is."""
    halves = size[0] * len(mark.text) / 2, size[1] / 2
    place = [
        at if 2 * half > high - low else min(max(at, low + half), high - half)
        for at, half, (low, high) in zip(mark.place, halves, sight, strict=True)
    ]
    seen = all(low <= at <= high for at, (low, high) in zip(mark.place, sight, strict=True))
    return mark._replace(place=(place[0], place[1])) if seen else mark


def _of_reference(
    place: tuple[float, float] | None, star: str, size: Letter
) -> tuple[NameMark, ...]:
    """The star, and the name right of it, as what names must not cover."""
    if place is None or star == "hidden":
        return ()
    beside = (place[0] + size[0] * (2.5 + len(REFERENCE_NAME) / 2), place[1])
    name = (NameMark(-1, f"{REFERENCE_NAME}*", beside, 0),) if star == "named" else ()
    return (NameMark(-1, "**", place, 0), *name)


def _along(
    start: tuple[float, float] | None, ends: Sequence[tuple[float, float]], size: Letter
) -> tuple[NameMark, ...]:
    """Places on the arrows, no letter or line apart, as what names must not cover."""
    if start is None:
        return ()
    marks: list[NameMark] = []
    for end in ends:
        way = np.subtract(end, start)
        steps = int(np.ceil(np.max(np.abs(way) / size))) + 1
        shares = np.linspace(0, 1, min(steps, 1_000))[:, None]
        marks += [NameMark(-1, "*", (x, y), 0) for x, y in (shares * way + start).tolist()]
    return tuple(marks)


def _tries(
    mark: NameMark,
    star: tuple[NameMark, ...],
    lines: tuple[NameMark, ...],
    sight: Sight,
    size: Letter,
) -> Iterator[NameMark]:
    """The name, then the id alone: each at its place, then beside the star and the arrows, in
    sight."""
    low, high = sight[1]
    for text in dict.fromkeys((mark.text, short_name(mark.cluster))):
        tried = _inside(mark._replace(text=text), sight, size)
        yield tried
        (x, y), beside = tried.place, list[float]()
        if any(_covers(tried, other, size) for other in star):
            middle = star[0].place[1]
            beside = [middle + (1.1 if y >= middle else -1.1) * size[1]]
        if any(_covers(tried, other, size) for other in lines):
            beside += [y + away * size[1] for away in (1.1, -1.1, 2.2, -2.2)]
        for up in beside:
            if low <= up <= high:
                yield _inside(tried._replace(place=(x, up)), sight, size)


def _covers(one: NameMark, two: NameMark, size: Letter) -> bool:
    wide = size[0] * (len(one.text) + len(two.text)) / 2
    (x, y), (u, v) = one.place, two.place
    return abs(x - u) <= wide and abs(y - v) <= size[1]


def letter_of(value: Any) -> Letter:
    """The shares of a letter, read from where they are saved; else `LETTER`."""
    try:
        wide, high = (float(each) for each in value)
    except (TypeError, ValueError):
        return LETTER
    return (wide, high) if 0 < wide < 1 and 0 < high < 1 else LETTER


def sight_of(value: Any) -> Sight | None:
    """What is in sight, read from where it is saved; None: all, or no such value."""
    try:
        (left, right), (low, high) = value
        sight = ((float(left), float(right)), (float(low), float(high)))
    except (TypeError, ValueError):
        return None
    return sight if np.isfinite(sight).all() and left < right and low < high else None
