"""The library, the table and the spectrum: what goes into the clustering."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seam_core.colours import REFERENCE
from seam_core.figures.style import ACCENT, FAINT, INK, MUTED, new_figure, styled
from seam_core.records import Embedding, Library
from seam_core.sequences import hamming
from seam_core.validate import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BLOCK = 65_536


@styled
def mutation_histogram(
    library: Library,
    *,
    by_position: bool = False,
    title: str = "",
    size: tuple[float, float] | None = None,
) -> Figure:
    """How many substitutions the sequences carry; or, with `by_position`, where they fall.

    Raises `InputError` for a library without a reference.
    """
    if library.reference is None:
        raise InputError("reference", "none", "a reference, to count mutations from")
    figure = new_figure(size or ((7.0, 2.2) if by_position else (3.6, 2.6)))
    axes = figure.add_subplot()
    counts = np.zeros(library.length if by_position else library.length + 1, dtype=np.int64)
    for first in range(0, len(library), _BLOCK):
        block = library.sequences[first : first + _BLOCK]
        if by_position:
            counts += (block != library.reference).sum(axis=0)
        else:
            counts += np.bincount(hamming(block, library.reference), minlength=len(counts))
    if by_position:
        share = 100.0 * counts / len(library)
        axes.bar(np.arange(library.length), share, width=1.0, color=ACCENT, lw=0)
        axes.set(xlabel="Position", ylabel="Sequences mutated (%)")
        axes.set_xlim(-0.5, library.length - 0.5)
    else:
        last = int(np.flatnonzero(counts)[-1])
        axes.bar(np.arange(last + 1), counts[: last + 1], width=0.9, color=ACCENT, lw=0)
        mean = float((np.arange(len(counts)) * counts).sum() / len(library))
        axes.axvline(mean, color=INK, lw=0.9, ls=(0, (3, 2)), label=f"mean {mean:.1f}")
        axes.legend(loc="best")
        axes.set(xlabel="Substitutions from the reference", ylabel="Sequences")
    axes.set_title(title, loc="left")
    return figure


@styled
def activity_histogram(
    activity: np.ndarray,
    *,
    reference_row: int | None = None,
    selected: np.ndarray | None = None,
    activity_name: str = "Activity",
    title: str = "",
    size: tuple[float, float] = (3.6, 2.6),
) -> Figure:
    """Distribution of the activities; a selection over it on the same bins.

    Parameters
    ----------
    activity : (N,)
    reference_row : row whose activity is marked
    selected : (N,) bool or rows
    """
    figure = new_figure(size)
    axes = figure.add_subplot()
    finite = activity[np.isfinite(activity)]
    if len(finite) == 0:
        raise InputError("activity", "no finite values", "at least one activity")
    edges = np.histogram_bin_edges(finite, bins=int(np.clip(np.sqrt(len(finite)), 5, 60))).tolist()
    if selected is None:
        axes.hist(finite, bins=edges, color=ACCENT, lw=0)
    else:
        inside = activity[selected]
        axes.hist(finite, bins=edges, color=MUTED, alpha=0.45, lw=0, label="library")
        name = f"selection ({len(inside):,})"
        axes.hist(inside, bins=edges, color=ACCENT, alpha=0.85, lw=0, label=name)
    if reference_row is not None:
        value = activity[reference_row]
        axes.axvline(value, color=REFERENCE, lw=1.0, label=f"reference {value:.3g}")
    if selected is not None or reference_row is not None:
        axes.legend(loc="best")
    axes.set(xlabel=activity_name, ylabel="Sequences")
    axes.set_title(title, loc="left")
    return figure


@styled
def search_trajectory(
    library: Library,
    *,
    activity_name: str = "Activity",
    title: str = "",
    size: tuple[float, float] = (5.6, 2.8),
) -> Figure:
    """Activities that an evolutionary search came upon by generation, and those of its library.

    Raises `InputError` for a library that was not found by a search.
    """
    if library.trajectory is None or library.lineage is None:
        raise InputError("trajectory", "none", "an optimized library")
    frame, lineage = library.trajectory, library.lineage
    figure = new_figure(size)
    axes, beside = figure.subplots(1, 2, sharey=True, width_ratios=(3, 1))
    at = frame["generation"]
    axes.fill_between(
        at, frame["lowest"], frame["highest"], color=MUTED, alpha=0.25, lw=0, label="asked about"
    )
    axes.plot(at, frame["median"], color=INK, lw=1.0, label="their median")
    axes.scatter(
        lineage["generation"], lineage["activity"], s=4, color=ACCENT, lw=0, alpha=0.5,
        label="in the library", rasterized=True,
    )  # fmt: skip
    axes.axhline(lineage["activity"].iloc[0], color=REFERENCE, lw=0.8, label="start")
    axes.legend(loc="best", fontsize=6)
    axes.set(xlabel="Generation", ylabel=activity_name)
    axes.set_title(title, loc="left")
    bins = int(np.clip(np.sqrt(len(lineage)), 5, 60))
    beside.hist(lineage["activity"], bins=bins, orientation="horizontal", color=ACCENT, lw=0)
    beside.set(xlabel="Sequences")
    beside.tick_params(labelleft=False)
    return figure


@styled
def pca_spectrum(
    embedding: Embedding, *, title: str = "", size: tuple[float, float] = (3.8, 2.8)
) -> Figure:
    """Share of the variance by principal component, and how many make 80 % and 90 % of it.

    Raises `InputError` for an embedding that does not know its variances.
    """
    if embedding.variance_ratio is None:
        raise InputError("variance_ratio", "none", "an embedding by PCA")
    share = 100.0 * np.asarray(embedding.variance_ratio, dtype=np.float64)
    total = np.cumsum(share)
    at = np.arange(1, len(share) + 1)
    figure = new_figure(size)
    axes = figure.add_subplot()
    axes.bar(at, share, width=0.85, color=ACCENT, lw=0, label="component")
    axes.plot(at, total, "-", color=INK, lw=1.0, label="sum")
    for wanted in (80.0, 90.0):
        if total[-1] >= wanted:
            count = int(np.searchsorted(total, wanted)) + 1
            axes.axhline(wanted, color=FAINT, lw=0.8, zorder=0)
            axes.plot(count, total[count - 1], "o", color=REFERENCE, ms=4)
            axes.annotate(
                f"{count} for {wanted:.0f} %", (count, total[count - 1]), (6, -9),
                textcoords="offset points", fontsize=7,
            )  # fmt: skip
    if total[-1] >= 90.0:
        last = int(np.searchsorted(total, 90.0)) + 1
        axes.set_xlim(0.0, min(len(share), max(10.0, 1.4 * last)) + 0.6)
    axes.set_ylim(0.0, 103.0)
    axes.set(xlabel="Principal component", ylabel="Variance explained (%)")
    axes.legend(loc="center right")
    axes.set_title(title, loc="left")
    return figure


@styled
def cluster_numbers(
    numbers: np.ndarray,
    scores: dict[str, np.ndarray],
    *,
    suggested: int | None = None,
    title: str = "",
    size: tuple[float, float] | None = None,
) -> Figure:
    """How well each number of clusters does, one panel a score, and the number suggested.

    Parameters
    ----------
    numbers : (m,) numbers of clusters tried
    scores : name of a score -> (m,) values; NaN where it is not defined
    """
    if not scores:
        raise InputError("scores", "none", "at least one score")
    figure = new_figure(size or (4.2, 0.6 + 1.5 * len(scores)))
    grid = figure.subplots(len(scores), 1, sharex=True, squeeze=False)[:, 0]
    panels: list[Axes] = list(grid)
    for axes, (name, values) in zip(panels, scores.items(), strict=True):
        axes.plot(numbers, values, "o-", color=ACCENT, ms=3)
        axes.set_ylabel(name)
        axes.grid(axis="y", color=FAINT, lw=0.6)
        if suggested is not None:
            axes.axvline(suggested, color=REFERENCE, lw=0.9, ls=(0, (3, 2)))
    if suggested is not None:
        panels[0].text(
            suggested, 1.02, f"{suggested} suggested", color=REFERENCE, fontsize=7, ha="center",
            va="bottom", transform=panels[0].get_xaxis_transform(),
        )  # fmt: skip
    panels[-1].set_xlabel("Number of clusters")
    panels[0].set_title(title, loc="left", pad=12)
    return figure
