"""What a picture shows: which rows, in which colours, in which order, on which scale.

The window and the figures of `seam_core.figures` both draw what is said here, so that a picture in
a paper is the picture that was on the screen.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from seam_core.colours import NOISE, VERDICTS, categorical, cluster_rgb, rgb, sequential
from seam_core.findings import Experiments, variant_places
from seam_core.records import Embedding, Explanation
from seam_core.validate import check_choice

if TYPE_CHECKING:
    import pandas as pd

HIDDEN, DIM, NORMAL, CHOSEN = 0, 1, 2, 3
"""What a point looks like; higher ones are drawn over lower ones."""

LETTERINGS = ("all", "mutants", "reference")
"""Letters of a logo in their colours: all, those that differ from the reference, or its own."""
SHADE = 0.5  # share of the colour that letters below zero lose, where they are shaded

ORDERS = ("original", "ascending", "descending", "random")
FADED = 0.78  # share of the paper in what is not selected
_MOST_CODES = 60_000  # categories that 16-bit codes can tell apart
NOT_GIVEN = "none given"
"""What a missing value of a column of text is called."""
_MOST_NAMES = 12  # in a legend
_MOST_ARROWS = 300


@dataclass(frozen=True)
class Legend:
    """A colour bar: what is shown, the values at its ends, its (C, 3) uint8 colours."""

    title: str
    low: float
    high: float
    colours: np.ndarray


@dataclass(frozen=True)
class Names:
    """A legend of names: what is shown, its values, and (C, 3) uint8 the colour of each."""

    title: str
    names: tuple[str, ...]
    colours: np.ndarray


@dataclass(frozen=True, eq=False)
class Colouring:
    """Colours of points.

    codes : (N,) uint16, entries of the palette
    palette : (C, 3) uint8
    legend : what the colours mean; None where the picture names them itself
    """

    codes: np.ndarray
    palette: np.ndarray
    legend: Legend | Names | None = None


def by_cluster(
    labels: np.ndarray, own: Mapping[int, str] | None = None, *, colour_blind: bool = False
) -> Colouring:
    """Points in the colours of their (N,) clusters; `own` are the user's, "#rrggbb" by id."""
    ids, codes, _ = groups_of(labels)
    palette = cluster_rgb(ids, own, colour_blind=colour_blind)
    return Colouring((codes % _MOST_CODES).astype(np.uint16), palette[:_MOST_CODES])


def by_column(
    name: str,
    values: np.ndarray,
    *,
    limits: tuple[float, float] | None = None,
    colour_blind: bool = False,
) -> Colouring:
    """Points in the colours of (N,) values: a scale for numbers, categories for text.

    The scale runs between `limits`, else from the 0.5 % to the 99.5 % quantile; what is no number
    is grey.
    """
    if values.dtype.kind not in "fiub":
        return _by_name(name, values, colour_blind)
    numbers = values.astype(np.float64)
    known = np.isfinite(numbers)
    if not known.any():
        grey = np.array([rgb(NOISE)], dtype=np.uint8)
        legend = Names(name, ("no values",), grey)
        return Colouring(np.zeros(len(numbers), dtype=np.uint16), grey, legend)
    low, high = np.percentile(numbers[known], (0.5, 99.5))
    low, high = (low, high) if limits is None else limits
    span = max(high - low, 1e-12)
    codes = np.full(len(numbers), 256, dtype=np.uint16)
    codes[known] = np.clip((numbers[known] - low) / span * 255, 0, 255).astype(np.uint16)
    scale = sequential(colour_blind=colour_blind)
    palette = np.concatenate([scale, np.array([rgb(NOISE)], dtype=np.uint8)])
    return Colouring(codes, palette, Legend(name, float(low), float(high), scale))


def _by_name(name: str, values: np.ndarray, colour_blind: bool) -> Colouring:
    codes, names = names_of(values)
    colours = categorical(len(names), colour_blind=colour_blind)
    legend = Names(name, names, colours) if len(names) <= _MOST_NAMES else None
    return Colouring(codes.astype(np.uint16), colours, legend)


def names_of(values: Any) -> tuple[np.ndarray, tuple[str, ...]]:
    """(N,) int64 place of each value of a column of text in its names, and the names, sorted; a
    missing value is `NOT_GIVEN`."""
    import pandas as pd

    codes, distinct = pd.factorize(values, use_na_sentinel=False)
    said = [NOT_GIVEN if pd.isna(value) else str(value) for value in distinct]
    names, place = np.unique(np.array(said, dtype=str), return_inverse=True)
    return place[codes], tuple(names.tolist())


def short_name(cluster: int) -> str:
    """A cluster where there is room for its id alone: this, or "noise"."""
    return "noise" if cluster < 0 else str(int(cluster))


def groups_of(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(K,) ids in use of (N,) labels, (N,) the place of each label in them, (K,) sizes."""
    lowest = int(labels.min(initial=0))
    counts = np.bincount(labels - lowest)
    used = np.flatnonzero(counts)
    place = np.zeros(len(counts), dtype=np.int64)
    place[used] = np.arange(len(used))
    return used + lowest, place[labels - lowest], counts[used]


def greyed(lettering: str, matches: np.ndarray) -> np.ndarray:
    """(n,) bool: which letters are drawn grey; `matches`: those that are the reference's."""
    check_choice(lettering, "letters", LETTERINGS)
    if lettering == "all":
        return np.zeros_like(matches)
    return matches if lettering == "mutants" else ~matches


def drawing_order(order: str, n: int, values: np.ndarray | None = None) -> np.ndarray | None:
    """(N,) rows from the first drawn to the one on top; None: their own order.

    order : one of `ORDERS`; "ascending" and "descending" are by `values`, and need them
    """
    check_choice(order, "order", ORDERS)
    if order == "random":
        return np.random.default_rng(0).permutation(n)
    if order == "original" or values is None:
        return None
    texts = values.dtype.kind not in "fiub"
    ranks = np.argsort(values.astype(str) if texts else values, kind="stable")
    return ranks if order == "ascending" else ranks[::-1]


def looks_of(
    n: int,
    selected: np.ndarray | None = None,
    labels: np.ndarray | None = None,
    hidden: Collection[int] = (),
    left_out: np.ndarray | None = None,
) -> np.ndarray:
    """(N,) uint8 of `HIDDEN`, `DIM`, `NORMAL` or `CHOSEN`: what each point looks like.

    selected : (N,) bool; the others are dim, unless nothing is selected
    labels, hidden : (N,) clusters, and those of them that are not drawn
    left_out : (N,) bool, others that are not drawn, see `rows_named`
    """
    if selected is None or not selected.any():
        looks = np.full(n, NORMAL, dtype=np.uint8)
    else:
        looks = np.where(selected, CHOSEN, DIM).astype(np.uint8)
    if len(hidden) and labels is not None:
        looks[np.isin(labels, list(hidden))] = HIDDEN
    if left_out is not None:
        looks[left_out] = HIDDEN
    return looks


def rows_named(columns: Any, names: Mapping[str, Collection[str]]) -> np.ndarray | None:
    """(N,) bool: rows that have one of some names in a column of text; None: none is asked about.

    columns : a table, or column -> (N,) values
    names : column -> values as they are written; columns that are not there name nothing
    """
    masks = []
    for column, own in names.items():
        if own and column in columns:
            codes, said = names_of(columns[column])
            masks.append(np.array([each in own for each in said], bool)[codes])
    return np.logical_or.reduce(masks) if masks else None


def drawn_rows(looks: np.ndarray, order: np.ndarray | None) -> np.ndarray:
    """(M,) rows that are drawn, the one on top last: dim ones below, chosen ones above."""
    rows = np.arange(len(looks)) if order is None else np.asarray(order)
    rows = rows[looks[rows] != HIDDEN]
    return rows[np.argsort(looks[rows], kind="stable")]


def faded(colours: np.ndarray, paper: np.ndarray | Sequence[int]) -> np.ndarray:
    """(C, 3) uint8: the colours of what is not selected, on a paper of a colour."""
    blended = np.asarray(colours, dtype=np.float64) * (1 - FADED) + np.asarray(paper) * FADED
    return blended.round().astype(np.uint8)


class Arrow(NamedTuple):
    """From the reference's star to where a variant lies: (x, y), "#rrggbb" of its verdict."""

    end: tuple[float, float]
    colour: str


def colour_of_verdict(verdict: str) -> str:
    """ "#rrggbb" of what is said of a variant; "" for what was not answered."""
    return next((colour for word, colour in VERDICTS.items() if word in verdict), "")


def arrows_of(frame: pd.DataFrame, places: np.ndarray, rows: np.ndarray) -> list[Arrow]:
    """Arrows of some rows of a table of variants; of the largest effects where they are many,
    these on top.

    places : (M, 2) of the rows of the table, NaN where there is none
    """
    effects = np.abs(frame["effect"].to_numpy(dtype=float))
    known = rows[np.isfinite(places[rows]).all(axis=1)]
    known = known[np.argsort(-effects[known])][:_MOST_ARROWS]
    said = [colour_of_verdict(verdict) for verdict in frame["mechanism_verdict"]]
    return [
        Arrow((float(places[row, 0]), float(places[row, 1])), said[row])
        for row in known[::-1]
        if said[row]
    ]


def kept_arrows(
    embedding: Embedding, experiments: Experiments | None, axes: tuple[int, int]
) -> list[Arrow]:
    """Arrows of the variants that are kept with a session, on two axes of its embedding."""
    if experiments is None or experiments.variants is None:
        return []
    frame = experiments.variants
    places = variant_places(frame, [embedding.axis_name(axis) for axis in axes])
    return arrows_of(frame, places, np.arange(len(frame)))


@dataclass(frozen=True, eq=False)
class Outliers:
    """Values further than 1.5 times the middle half from it, after Tukey.

    whiskers : (K, 2) lowest and highest value of each cluster that is none
    rows, values : (n,) of the outliers: the place of their cluster, and the value
    """

    whiskers: np.ndarray
    rows: np.ndarray
    values: np.ndarray


def outliers_of(
    values: np.ndarray, labels: np.ndarray, ids: np.ndarray, quartiles: np.ndarray
) -> Outliers:
    """Outliers of (N,) values in the clusters `ids` (K,) of (N,) labels.

    quartiles : (K, 5) minimum, 25 %, median, 75 %, maximum
    """
    if not len(ids):
        none = np.zeros(0, dtype=np.int64)
        return Outliers(np.zeros((0, 2)), none, none.astype(np.float64))
    order = np.argsort(ids, kind="stable")
    place = np.searchsorted(ids[order], labels).clip(max=len(ids) - 1)
    rows = order[place]
    known = (ids[rows] == labels) & np.isfinite(values)
    rows, values = rows[known], values[known]
    reach = 1.5 * (quartiles[:, 3] - quartiles[:, 1])
    low, high = quartiles[:, 1] - reach, quartiles[:, 3] + reach
    beyond = (values < low[rows]) | (values > high[rows])
    whiskers = quartiles[:, [3, 1]].astype(np.float64)
    np.minimum.at(whiskers[:, 0], rows[~beyond], values[~beyond])
    np.maximum.at(whiskers[:, 1], rows[~beyond], values[~beyond])
    return Outliers(whiskers, rows[beyond], values[beyond])


@dataclass(frozen=True, eq=False)
class ClusterStatistics:
    """Clusters beside each other, in the order of drawing.

    ids : (K,); colours : (K, 3) uint8
    names, titles : (K,) what stands below each, and the cluster in words
    quartiles : (K, 5) minimum, 25 %, median, 75 %, maximum of the activity
    values : (K,) bars instead (occupancy, counts), or None
    y_label : with the unit
    reference : id of the reference's cluster, or None
    reference_value : the reference's own activity, where the line is; or None
    outliers : drawn beyond the whiskers of boxes, or None: whiskers end at the extremes
    """

    ids: np.ndarray
    colours: np.ndarray
    names: tuple[str, ...]
    titles: tuple[str, ...]
    quartiles: np.ndarray
    y_label: str
    values: np.ndarray | None = None
    reference: int | None = None
    reference_value: float | None = None
    outliers: Outliers | None = None

    @property
    def average_iqr(self) -> float:
        """Mean over clusters of the spread of the middle half."""
        spread = self.quartiles[:, 3] - self.quartiles[:, 1]
        known = spread[np.isfinite(spread)]
        return float(known.mean()) if len(known) else float("nan")


def shown_rows(explanation: Explanation, clusters: Sequence[int] | None) -> np.ndarray:
    """(K,) rows of the explanation of `clusters`, in their order; None: all as explained."""
    if clusters is None:
        return np.arange(explanation.n_clusters)
    return np.array([explanation.row_of(int(cluster)) for cluster in clusters], dtype=np.int64)


_ROWS_ASKED = 512  # of a covariance, for the ends of its colours


def covariance_limit(covariance: np.ndarray) -> float:
    """Both ends of the colour scale of (W, W) covariances, whatever part of them is in sight: the
    99.5 % quantile of their sizes, lest the sites' own blocks leave all else pale.

    Of thousands of positions, evenly spaced rows are asked: millions of values say the same.
    """
    if len(covariance) < 2:
        return 1.0
    rows = covariance[:: max(1, len(covariance) // _ROWS_ASKED)]
    return float(np.nanquantile(np.abs(rows), 0.995)) or 1.0


def density_levels(counts: np.ndarray) -> np.ndarray:
    """uint8 entries of the scale for counts of points in squares, logarithmic from none on."""
    most = max(int(counts.max(initial=0)), 1)
    levels: np.ndarray = (np.log1p(counts) / np.log1p(most) * 255).astype(np.uint8)
    return levels


def msm_limits(values: np.ndarray, quantity: str) -> tuple[float, float]:
    """Values at the ends of the colour scale of a matrix, whatever part of it is in sight.

    From 0 to the largest value, so that contrast is what the data give; a match to the consensus
    from the smallest to 100 %, a change in entropy ("entropy_change") as far below 0 as above.
    """
    known = values[np.isfinite(values)]
    most = float(np.abs(known).max()) if known.size else 1.0
    if quantity == "entropy_change":
        return -(most or 1.0), most or 1.0
    if quantity == "consensus":
        return min(float(known.min()) if known.size else 0.0, 99.0), 100.0
    return 0.0, most or 1.0
