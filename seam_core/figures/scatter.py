"""Mechanism space: the embedding as a scatter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.figures.style import (
    REFERENCE,
    cluster_colors,
    cluster_name,
    new_figure,
    sequential_map,
    styled,
)
from seam_core.records import Clustering, Embedding
from seam_core.validate import InputError, check_choice, check_shape

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ORDERS = ("original", "ascending", "descending", "random")
_NAMED_CLUSTERS = 40


@styled
def embedding_scatter(
    embedding: Embedding,
    *,
    clustering: Clustering | None = None,
    values: np.ndarray | None = None,
    value_name: str = "Activity",
    density: bool = False,
    components: tuple[int, int] = (0, 1),
    order: str = "original",
    point_size: float | None = None,
    reference_row: int | None = None,
    labels: dict[int, str] | None = None,
    selected: np.ndarray | None = None,
    title: str = "",
    size: tuple[float, float] = (4.6, 4.0),
    colour_blind: bool = False,
) -> Figure:
    """Every sequence a point, coloured by cluster, by a value, or by how many lie there.

    Parameters
    ----------
    clustering : colours by cluster where `values` is not given; clusters are named at their
        medians (up to 40 of them)
    values : (N,) colours by value, with a colour bar between the 1 % and 99 % quantiles
    value_name : what the values are, with their unit
    density : colour by the number of sequences instead, in hexagons
    components : the two axes of the embedding
    order : which is drawn last: "original", "ascending" or "descending" by value, "random"
    point_size : area in points^2; None: chosen from N
    reference_row : row marked with a star
    labels : cluster id -> name to write instead of the id
    selected : (N,) bool; the others are drawn pale

    Points are rasterised above 2,000, so that an SVG or PDF stays small; text stays text.

    Raises `InputError` for components that the embedding does not have or values of another N.
    """
    check_choice(order, "order", ORDERS)
    points = _two_components(embedding, components)
    figure = new_figure(size)
    axes = figure.add_subplot()
    area = point_size or float(np.clip(12_000 / max(len(points), 1), 0.8, 14.0))
    if density:
        _density(figure, axes, points, colour_blind)
    elif values is not None:
        check_shape(np.asarray(values), (len(points),), "values")
        _by_value(
            figure, axes, points, np.asarray(values), value_name, order, area, selected,
            sequential_map(colour_blind=colour_blind),
        )  # fmt: skip
    else:
        _by_cluster(axes, points, clustering, area, selected, labels, colour_blind)
    if reference_row is not None:
        x, y = points[reference_row]
        axes.plot(
            x, y, "*", ms=11, mfc="white", mec=REFERENCE, mew=1.2, label="reference", zorder=6
        )
        axes.legend(loc="best", handletextpad=0.2)
    _dress(axes, embedding, components, title)
    return figure


def _two_components(embedding: Embedding, components: tuple[int, int]) -> np.ndarray:
    available = embedding.coordinates.shape[1]
    for component in components:
        if not 0 <= component < available:
            raise InputError("components", component, f"axes from 0 to {available - 1}")
    return np.asarray(embedding.coordinates)[:, list(components)]


def _density(figure: Figure, axes: Axes, points: np.ndarray, colour_blind: bool) -> None:
    cells = int(np.clip(np.sqrt(len(points)), 20, 70))
    shown = axes.hexbin(
        points[:, 0],
        points[:, 1],
        gridsize=cells,
        bins="log",
        mincnt=1,
        linewidths=0.1,
        cmap=sequential_map(colour_blind=colour_blind),
    )
    bar = figure.colorbar(shown, ax=axes, label="Sequences", shrink=0.6, aspect=22, pad=0.02)
    bar.outline.set_visible(False)  # type: ignore[operator]


def _by_value(
    figure: Figure,
    axes: Axes,
    points: np.ndarray,
    values: np.ndarray,
    name: str,
    order: str,
    area: float,
    selected: np.ndarray | None,
    scale: Any,
) -> None:
    drawn = np.arange(len(points))
    if order == "random":
        drawn = np.random.default_rng(0).permutation(len(points))
    elif order != "original":
        drawn = np.argsort(values, kind="stable")
        drawn = drawn if order == "ascending" else drawn[::-1]
    low, high = np.nanquantile(values, [0.01, 0.99])
    alpha = 0.85 if selected is None else np.where(selected, 0.9, 0.08)[drawn]
    shown = axes.scatter(
        points[drawn, 0],
        points[drawn, 1],
        c=values[drawn],
        s=area,
        alpha=alpha,  # type: ignore[arg-type]
        cmap=scale,
        vmin=low,
        vmax=high if high > low else low + 1.0,
        linewidths=0,
        rasterized=len(points) > 2_000,
    )
    bar = figure.colorbar(shown, ax=axes, label=name, shrink=0.6, aspect=22, pad=0.02)
    bar.solids.set_alpha(1.0)  # type: ignore[union-attr]
    bar.outline.set_visible(False)  # type: ignore[operator]


def _by_cluster(
    axes: Axes,
    points: np.ndarray,
    clustering: Clustering | None,
    area: float,
    selected: np.ndarray | None,
    labels: dict[int, str] | None,
    colour_blind: bool,
) -> None:
    ids = np.zeros(len(points), dtype=np.int64) if clustering is None else clustering.labels
    check_shape(ids, (len(points),), "clustering")
    colors = cluster_colors(ids, colour_blind=colour_blind)
    colors[:, 3] = 0.75 if selected is None else np.where(selected, 0.9, 0.08)
    axes.scatter(
        points[:, 0],
        points[:, 1],
        c=colors,
        s=area,
        linewidths=0,
        rasterized=len(points) > 2_000,
    )
    present = np.unique(ids)
    if clustering is None or len(present) > _NAMED_CLUSTERS:
        return
    from matplotlib.patheffects import withStroke

    outline = [withStroke(linewidth=2.0, foreground="white")]
    for cluster in present[present >= 0]:
        x, y = np.median(points[ids == cluster], axis=0)
        name = cluster_name(cluster, labels)
        axes.text(x, y, name, ha="center", va="center", fontsize=7, path_effects=outline)


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
