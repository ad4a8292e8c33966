"""Mechanism space: the embedding as a scatter."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from seam_core.colours import REFERENCE
from seam_core.figures.style import (
    new_figure,
    sequential_map,
    styled,
)
from seam_core.pictures import (
    DIM,
    HIDDEN,
    Arrow,
    Colouring,
    Legend,
    Names,
    by_cluster,
    by_column,
    density_levels,
    drawing_order,
    drawn_rows,
    faded,
    looks_of,
)
from seam_core.point_marks import (
    LETTER,
    NAMINGS,
    REFERENCE_NAME,
    STARS,
    Letter,
    NameMark,
    Sight,
    extent,
    name_marks,
    usual_size,
    with_room,
)
from seam_core.records import Clustering, Embedding
from seam_core.validate import InputError, check_choice, check_shape

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PAPER = (255, 255, 255)
_PIXELS_AN_INCH, _POINTS_A_PIXEL = 96, 0.75  # of a screen, whose sizes are kept
_SQUARES_AN_INCH = 25  # of a density; on the screen a square is 4 pixels


@styled
def embedding_scatter(
    embedding: Embedding,
    *,
    clustering: Clustering | None = None,
    values: np.ndarray | None = None,
    value_name: str = "Activity",
    limits: tuple[float, float] | None = None,
    density: bool = False,
    components: tuple[int, int] = (0, 1),
    order: str = "original",
    point_size: float | None = None,
    naming: str | None = None,
    sight: Sight | None = None,
    letter: Letter = LETTER,
    reference_row: int | None = None,
    star: str = "named",
    labels: dict[int, str] | None = None,
    selected: np.ndarray | None = None,
    hidden: Collection[int] = (),
    left_out: np.ndarray | None = None,
    colours: Mapping[int, str] | None = None,
    arrows: Sequence[Arrow] = (),
    title: str = "",
    size: tuple[float, float] = (4.6, 4.0),
    colour_blind: bool = False,
) -> Figure:
    """Every sequence a point, coloured by cluster, by a value, or by how many lie there.

    Points are rasterised above 2,000, so that an SVG or PDF stays small; text stays text.

    Raises `InputError` for components that the embedding does not have or values of another N.

    Parameters
    ----------
    clustering : colours by cluster where `values` is not given
    values : (N,) colours by value: numbers with a colour bar between the 0.5 % and 99.5 %
        quantiles, texts as categories
    value_name : what the values are, with their unit
    limits : values at the ends of the colours, in place of the quantiles
    density : colour by the number of sequences instead, in squares
    components : the two axes of the embedding
    order : which is drawn last: "original", "ascending" or "descending" by `values`, "random"
    point_size : diameter in pixels, 96 an inch, as on the screen; None: chosen from N
    naming : which clusters are named at their medians, one of `seam_core.point_marks.NAMINGS`;
        None: all where they are 40 or fewer and give the colours
    sight : the part that is shown, as lowest and highest x, and y; None: all
    letter : how large the letters of names are, for which of them there is room
    reference_row : row of the reference
    star : how it is marked, one of `seam_core.point_marks.STARS`
    labels : cluster id -> name to write instead of the id
    selected : (N,) bool; the others are drawn pale
    hidden : clusters whose points are not drawn
    left_out : (N,) bool, others that are not drawn
    colours : cluster id -> "#rrggbb" in place of its own
    arrows : from the reference to places of variants, see `seam_core.pictures.kept_arrows`
    """
    check_choice(star, "star", STARS)
    points = _two_components(embedding, components)
    figure = new_figure(size)
    axes = figure.add_subplot()
    pixels = point_size or usual_size(len(points), size[0] * size[1] * _PIXELS_AN_INCH**2)
    area = (pixels * _POINTS_A_PIXEL) ** 2
    ids = None if clustering is None else clustering.labels
    for name, given in (("values", values), ("clustering", ids)):
        if given is not None:
            check_shape(np.asarray(given), (len(points),), name)
    looks = looks_of(len(points), selected, ids, hidden, left_out)
    drawn = drawn_rows(looks, drawing_order(order, len(points), values))
    if density:
        _density(figure, axes, points[looks != HIDDEN], size, colour_blind)
    else:
        if values is not None:
            colouring = by_column(
                value_name, np.asarray(values), limits=limits, colour_blind=colour_blind
            )
        else:
            labelled = np.zeros(len(points), dtype=np.int64) if ids is None else ids
            colouring = by_cluster(labelled, colours, colour_blind=colour_blind)
        _points(axes, points[drawn], _colours(colouring, looks)[drawn], area)
        _explain(figure, axes, colouring.legend)
    if naming is None:
        naming = "off" if density or values is not None else NAMINGS[0]
    if ids is not None:
        gone = looks == HIDDEN
        marks = name_marks(points, ids, labels or {}, naming, hidden=hidden, left_out=gone)
        place = None if reference_row is None else tuple(points[reference_row].tolist())
        shown = with_room(marks, naming, sight or extent(*points.T), place, star, letter,
                          [arrow.end for arrow in arrows])  # fmt: skip
        _names(axes, shown, clipped=sight is not None)
    if reference_row is not None:
        _reference(axes, points[reference_row], star, arrows)
    _dress(axes, embedding, components, title)
    if sight is not None:
        axes.set(xlim=sight[0], ylim=sight[1])
    return figure


def _two_components(embedding: Embedding, components: tuple[int, int]) -> np.ndarray:
    available = embedding.coordinates.shape[1]
    for component in components:
        if not 0 <= component < available:
            raise InputError("components", component, f"axes from 0 to {available - 1}")
    return np.asarray(embedding.coordinates)[:, list(components)]


def _density(
    figure: Figure, axes: Axes, points: np.ndarray, size: tuple[float, float], colour_blind: bool
) -> None:
    """How many points lie in each square; white where none does."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import FuncNorm

    cells = [max(1, round(_SQUARES_AN_INCH * inches)) for inches in size]
    if not len(points):
        return
    counts, x, y = np.histogram2d(points[:, 0], points[:, 1], bins=cells)
    scale = sequential_map(colour_blind=colour_blind)
    image = scale(density_levels(counts.T))
    image[counts.T == 0] = 1.0
    axes.imshow(
        image,
        extent=(float(x[0]), float(x[-1]), float(y[0]), float(y[-1])),
        origin="lower",
        aspect="auto",
        interpolation="nearest",
    )
    most = FuncNorm((np.log1p, np.expm1), 0.0, max(float(counts.max()), 1.0))
    shown = ScalarMappable(most, scale)
    bar = figure.colorbar(shown, ax=axes, label="Sequences", shrink=0.6, aspect=22, pad=0.02)
    bar.outline.set_visible(False)  # type: ignore[operator]


def _colours(colouring: Colouring, looks: np.ndarray) -> np.ndarray:
    """(N, 3) from 0 to 1, those of dim points mixed with the paper's."""
    pale = faded(colouring.palette, _PAPER)
    dim = (looks == DIM)[:, None]
    colours: np.ndarray = np.where(dim, pale[colouring.codes], colouring.palette[colouring.codes])
    return colours / 255.0


def _points(axes: Axes, points: np.ndarray, colors: np.ndarray, area: float) -> None:
    axes.scatter(
        points[:, 0],
        points[:, 1],
        c=colors,
        s=area,
        linewidths=0,
        rasterized=len(points) > 2_000,
    )


def _explain(figure: Figure, axes: Axes, legend: Legend | Names | None) -> None:
    """A colour bar, or names beside their colours."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import ListedColormap, Normalize

    if isinstance(legend, Names):
        for name, color in zip(legend.names, legend.colours / 255.0, strict=True):
            axes.scatter([], [], color=[color], s=14, label=name)
        axes.legend(loc="best", title=legend.title, handletextpad=0.2)
    elif legend is not None:
        high = legend.high if legend.high > legend.low else legend.low + 1.0
        scale = ListedColormap(legend.colours / 255.0)
        shown = ScalarMappable(Normalize(legend.low, high), scale)
        bar = figure.colorbar(shown, ax=axes, label=legend.title, shrink=0.6, aspect=22, pad=0.02)
        bar.outline.set_visible(False)  # type: ignore[operator]


def _reference(axes: Axes, place: np.ndarray, star: str, arrows: Sequence[Arrow]) -> None:
    """Its star, with its name where that is wanted, and the arrows from it."""
    x, y = place
    _arrows(axes, (x, y), arrows)
    if star != "hidden":
        axes.plot(x, y, "*", ms=11, mfc="white", mec=REFERENCE, mew=1.2, zorder=6)
    if star == "named":
        axes.annotate(
            REFERENCE_NAME, (x, y), (8, 0), textcoords="offset points", va="center", fontsize=7,
            annotation_clip=True,
        )  # fmt: skip


def _arrows(axes: Axes, start: tuple[float, float], arrows: Sequence[Arrow]) -> None:
    """On one scale with the axes, as far as they lie inside them."""
    if arrows:
        ways = np.array([arrow.end for arrow in arrows]) - np.array(start)
        axes.quiver(
            np.full(len(ways), start[0]), np.full(len(ways), start[1]), ways[:, 0], ways[:, 1],
            color=[arrow.colour for arrow in arrows], angles="xy", scale_units="xy", scale=1,
            units="inches", width=0.014, headwidth=4.5, headlength=5,
            edgecolor="white", linewidth=0.4, zorder=5,
        )  # fmt: skip


def _names(axes: Axes, marks: Sequence[NameMark], *, clipped: bool) -> None:
    """The names of clusters at their points; `clipped` with these, where a part is in sight."""
    from matplotlib.patheffects import withStroke

    outline = [withStroke(linewidth=2.0, foreground="white")]
    for mark in marks:
        axes.text(
            *mark.place, mark.text, ha="center", va="center", fontsize=7, path_effects=outline,
            clip_on=clipped,
        )  # fmt: skip


def _dress(axes: Axes, embedding: Embedding, components: tuple[int, int], title: str) -> None:
    texts = [embedding.axis_name(component) for component in components]
    ratio = embedding.variance_ratio
    if ratio is not None and embedding.method == "pca":
        texts = [
            f"{text} ({100 * ratio[component]:.1f} % of variance)"
            for text, component in zip(texts, components, strict=True)
        ]
    axes.set_xlabel(texts[0])
    axes.set_ylabel(texts[1])
    axes.set_xticks([])
    axes.set_yticks([])
    axes.margins(0.04)
    axes.set_title(title, loc="left")
