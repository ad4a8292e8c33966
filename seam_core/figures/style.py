"""One look for every figure: fonts, sizes, colours, and how a figure is written to a file."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from seam_core.colours import cluster_rgb, diverging, letter_colours, sequential
from seam_core.exports.files import replacing
from seam_core.validate import check_choice, check_range

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = ("png", "svg", "pdf")
HAIRS_PER_INCH = 144  # half a point

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same on every machine
    "font.size": 8.0,
    "axes.titlesize": 9.0,
    "axes.titleweight": "normal",
    "axes.labelsize": 8.0,
    "axes.linewidth": 0.6,
    "axes.edgecolor": "#444c5a",
    "axes.labelcolor": "#1c2330",
    "axes.titlecolor": "#1c2330",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "text.color": "#1c2330",
    "xtick.color": "#444c5a",
    "ytick.color": "#444c5a",
    "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.0,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "legend.fontsize": 7.0,
    "legend.frameon": False,
    "lines.linewidth": 1.0,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "text.parse_math": False,  # a name with $ in it is a name
    "svg.fonttype": "none",  # text stays text
    "pdf.fonttype": 42,
    "svg.hashsalt": "seam",  # the same figure gives the same file
}

INK = "#1c2330"
MUTED = "#8a93a3"
FAINT = "#dfe3e9"
ACCENT = "#2f6fde"
HIGHLIGHT = "#f5c542"

FigureFunction = TypeVar("FigureFunction", bound=Callable[..., Any])


def styled(function: FigureFunction) -> FigureFunction:
    """Run a figure function with the house style in force."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        import matplotlib

        with matplotlib.rc_context(STYLE):  # type: ignore[arg-type]
            return function(*args, **kwargs)

    return cast(FigureFunction, wrapper)


def figure_of(artist: Artist) -> Figure:
    """The figure that axes, or what is drawn in them, are in."""
    figure = artist.get_figure(root=True)
    assert figure is not None
    return figure


def new_figure(size: tuple[float, float], *, laid_out: bool = True) -> Figure:
    """An empty figure of `size` inches that belongs to no window; `laid_out` when it is drawn."""
    from matplotlib.figure import Figure

    if not laid_out:
        return Figure(figsize=size)
    figure = Figure(figsize=size, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.04, h_pad=0.04)  # type: ignore[union-attr, call-arg]
    return figure


def save_figure(
    figure: Figure,
    path: Path | str,
    *,
    size: tuple[float, float] | None = None,
    dpi: float = 300.0,
) -> Path:
    """Write a figure; the ending of the file's name (.png, .svg, .pdf) chooses the format.

    Text stays text in SVG and PDF, and the same figure gives the same bytes.

    Raises `InputError` for another ending, a size or dpi out of range, or a path not writable.

    Parameters
    ----------
    size : width and height in inches; None keeps the figure's own
    dpi : dots an inch, of PNG and of what is rasterised inside the others
    """
    import matplotlib

    path = Path(path)
    kind = path.suffix.lower().lstrip(".")
    check_choice(kind, "format of the figure", FORMATS)
    check_range(dpi, "dpi", 30, 2400)
    if size is not None:
        for value in size:
            check_range(value, "size in inches", 0.5, 100)
        figure.set_size_inches(size)
    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}[kind]
    with replacing(path, what="figure") as partial, matplotlib.rc_context(STYLE):  # type: ignore[arg-type]
        figure.savefig(partial, dpi=dpi, format=kind, metadata=undated)
    return path


def figure_png(
    figure: Figure, *, size: tuple[float, float] | None = None, dpi: float = 100.0
) -> bytes:
    """A figure as the content of a PNG file, as `save_figure` writes it."""
    import io

    import matplotlib

    if size is not None:
        figure.set_size_inches(size)
    file = io.BytesIO()
    with matplotlib.rc_context(STYLE):  # type: ignore[arg-type]
        figure.savefig(file, dpi=dpi, format="png")
    return file.getvalue()


def letter_colors(alphabet: str, *, colour_blind: bool = False) -> dict[str, str]:
    """Colour of each letter: nucleotides as the field draws them, amino acids by chemistry."""
    return letter_colours(alphabet, colour_blind=colour_blind, unknown=MUTED, rest="#444c5a")


def cluster_colors(
    ids: np.ndarray | Sequence[int],
    given: Mapping[int, str] | None = None,
    *,
    colour_blind: bool = False,
) -> np.ndarray:
    """(K, 4) RGBA of `seam_core.colours.cluster_rgb`, as matplotlib takes them."""
    colors = np.ones((len(ids), 4))
    colors[:, :3] = cluster_rgb(np.asarray(ids), given, colour_blind=colour_blind) / 255.0
    return colors


def sequential_map(*, colour_blind: bool = False) -> Any:
    """The colour map for values, as matplotlib takes it."""
    from matplotlib.colors import ListedColormap

    return ListedColormap(sequential(colour_blind=colour_blind) / 255.0)


def diverging_map(*, colour_blind: bool = False) -> Any:
    """The colour map for values of either sign, as matplotlib takes it."""
    from matplotlib.colors import ListedColormap

    return ListedColormap(diverging(colour_blind=colour_blind) / 255.0)


def position_ticks(axes: Axes, start: int, stop: int) -> None:
    """Round-numbered ticks along positions start..stop (exclusive), half a position of margin."""
    from matplotlib.ticker import MaxNLocator

    axes.set_xlim(start - 0.5, stop - 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=12, integer=True, steps=[1, 2, 5, 10]))
