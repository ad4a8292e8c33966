"""How the user has the pictures of a session, read from what is saved with it.

The window says it and draws so; reports and exports of pictures read the same from the session.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from seam_core.colours import is_code
from seam_core.pictures import LETTERINGS, ORDERS
from seam_core.point_marks import LETTER, NAMINGS, STARS, Letter, Sight, letter_of, sight_of

CLUSTER, DENSITY = "cluster", "density"
"""What colours points beside the columns of the table."""


class MapShown(NamedTuple):
    """A map of the sequences beside the scatter.

    source : "": the session's embedding, else a method of `seam_core.registry.EMBEDDINGS`
    axes : two of its axes
    """

    source: str = ""
    axes: tuple[int, int] = (0, 1)


@dataclass(frozen=True)
class Manner:
    """What holds for all pictures of a session.

    labels, colours : cluster id -> the user's name, and "#rrggbb" in place of its own
    hidden : clusters that are not drawn
    left_out : column of text -> names whose points are not drawn
    arranged : cluster ids from top to bottom; clusters that it lacks come after
    colour_by : what colours points: `CLUSTER`, `DENSITY` or a column of the table
    limits : values at the ends of the colours of points; None: as the values give
    order : which points are drawn last, one of `seam_core.pictures.ORDERS`
    axes : of the embedding
    star : how the reference is marked, one of `seam_core.point_marks.STARS`
    marker : diameter of a point in pixels (96 an inch); None: by the number of points
    naming : which clusters are named at their points, one of `seam_core.point_marks.NAMINGS`
    sight : the part of the embedding that is shown; None: all of it
    letter : how large the letters of names are in it, see `seam_core.point_marks.Letter`
    quantity : of the matrix, as in `seam_core.figures.msm.QUANTITIES`
    matrix_limits : values at the ends of its colours; None: as the values give
    letters : of logos that have their colours, one of `seam_core.pictures.LETTERINGS`
    shaded : letters of logos below zero are darker
    colour_blind : colours for colour-blind eyes
    """

    labels: Mapping[int, str] = field(default_factory=dict)
    colours: Mapping[int, str] = field(default_factory=dict)
    hidden: tuple[int, ...] = ()
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    arranged: tuple[int, ...] = ()
    colour_by: str = CLUSTER
    limits: tuple[float, float] | None = None
    order: str = ORDERS[0]
    axes: tuple[int, int] = (0, 1)
    star: str = STARS[0]
    marker: float | None = None
    naming: str = NAMINGS[0]
    sight: Sight | None = None
    letter: Letter = LETTER
    quantity: str = "entropy"
    matrix_limits: tuple[float, float] | None = None
    letters: str = LETTERINGS[0]
    shaded: bool = False
    colour_blind: bool = False

    def beside(self, ids: Iterable[int]) -> list[int]:
        """Which of `ids` stand beside each other, from the top; hidden ones are left out."""
        place = {cluster: rank for rank, cluster in enumerate(self.arranged)}
        shown = [int(cluster) for cluster in ids if int(cluster) not in self.hidden]
        return sorted(shown, key=lambda cluster: place.get(cluster, len(place)))

    def to_dict(self) -> dict[str, Any]:
        """What is saved beside the curation, which keeps labels, colours and hidden clusters."""
        return {
            "arranged": list(self.arranged),
            "left_out": {column: list(names) for column, names in self.left_out.items()},
            "colour_by": self.colour_by,
            "limits": None if self.limits is None else list(self.limits),
            "order": self.order,
            "axes": list(self.axes),
            "star": self.star,
            "marker": self.marker,
            "naming": self.naming,
            "letter": list(self.letter),
            "sight": None if self.sight is None else [list(ends) for ends in self.sight],
            "quantity": self.quantity,
            "matrix_limits": None if self.matrix_limits is None else list(self.matrix_limits),
            "letters": self.letters,
            "shaded": self.shaded,
            "colour_blind": self.colour_blind,
        }


def manner_of(state: Mapping[str, Any]) -> Manner:
    """The manner saved in a session's `state`; what is not there, or is no such value, is usual."""
    curated, saved = _mapping(state.get("curation")), _mapping(state.get("pictures"))
    arranged = _ids(saved.get("arranged")) or _ids(curated.get("order"))
    axes, order = _ids(saved.get("axes")), saved.get("order")
    letters, naming, marker = saved.get("letters"), saved.get("naming"), saved.get("marker")
    return Manner(
        labels={i: text for i, text in _by_id(curated.get("names")).items() if text},
        colours={i: text for i, text in _by_id(curated.get("colours")).items() if is_code(text)},
        hidden=_ids(curated.get("hidden")),
        left_out=_names(saved.get("left_out")),
        arranged=arranged,
        colour_by=str(saved.get("colour_by") or CLUSTER),
        limits=_limits(saved.get("limits")),
        order=order if order in ORDERS else ORDERS[0],
        axes=(axes[0], axes[1]) if len(axes) == 2 else (0, 1),
        star=_star(saved),
        marker=float(marker) if isinstance(marker, int | float) and 0 < marker <= 20 else None,
        naming=naming if naming in NAMINGS else NAMINGS[0],
        sight=sight_of(saved.get("sight")),
        letter=letter_of(saved.get("letter")),
        quantity=str(saved.get("quantity") or "entropy"),
        matrix_limits=_limits(saved.get("matrix_limits")),
        letters=letters if letters in LETTERINGS else LETTERINGS[0],
        shaded=saved.get("shaded") is True,
        colour_blind=saved.get("colour_blind") is True,
    )


def maps_beside(state: Mapping[str, Any]) -> tuple[MapShown, ...]:
    """The maps kept in a session's `state`; what is none is left out."""
    listed = state.get("maps_beside")
    shown = []
    for one in listed if isinstance(listed, list | tuple) else ():
        source, axes = one if isinstance(one, list | tuple) and len(one) == 2 else ("", ())
        places = _ids(axes)
        if isinstance(source, str) and len(places) == 2 and min(places) >= 0:
            shown.append(MapShown(source, (places[0], places[1])))
    return tuple(shown)


def _star(saved: Mapping[Any, Any]) -> str:
    """Sessions of before it could be named say "starred", yes or no."""
    usual = STARS[0] if saved.get("starred") is not False else "hidden"
    star = saved.get("star")
    return str(star) if star in STARS else usual


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _by_id(value: Any) -> dict[int, str]:
    return {int(i): str(text) for i, text in _mapping(value).items() if str(i).isdecimal()}


def _names(value: Any) -> dict[str, tuple[str, ...]]:
    return {
        str(column): tuple(str(name) for name in names)
        for column, names in _mapping(value).items()
        if isinstance(names, list | tuple) and names
    }


def _ids(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list | tuple):
        return ()
    return tuple(int(each) for each in value if isinstance(each, int))


def _limits(value: Any) -> tuple[float, float] | None:
    if not isinstance(value, list | tuple) or len(value) != 2:
        return None
    low, high = value
    numbers = isinstance(low, int | float) and isinstance(high, int | float)
    return (float(low), float(high)) if numbers and low < high else None
