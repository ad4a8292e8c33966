"""Pictures and tables of a comparison as files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seam_gui.dialogs import dialogs
from seam_gui.look.theme import theme
from seam_gui.pictures.picture_exports import PictureExports
from seam_gui.windows.comparison.cells_view import QUANTITIES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from seam_core.progress import Progress
    from seam_gui.windows.comparison.window import ComparisonWindow

_MOST_PAIRS = 12


@dataclass(frozen=True)
class Picture:
    """A figure that can be drawn; see `PictureExports`."""

    title: str
    make: Callable[[], Figure]


class ComparisonExports(PictureExports):
    """The scatter, the heat map, the logos of the pair shown and of all matched pairs."""

    def __init__(self, window: ComparisonWindow) -> None:
        focus = {"comparison_scatter": "shared_embedding", "comparison_cells": "correspondence"}
        super().__init__(window, focus, "correspondence")
        self._window = window

    def recipes(self) -> dict[str, Picture]:
        window, found = self._window, {}
        safe = {"colour_blind": theme().colour_blind}
        space = window.space_panel.space
        if space is not None:
            found["shared_embedding"] = Picture(
                "Shared embedding, by session",
                lambda: _figures().sessions_scatter(
                    space.shared.embedding, space.shared.session, space.names, **safe
                ),
            )
        if window.found is None:
            return found
        names, quantity = window.pair_names, window.quantity.currentData()
        found["correspondence"] = Picture(
            "Cluster correspondence", lambda: _heat_map(window, names, quantity, safe)
        )
        pairs = [
            (int(left), int(right))
            for left, right in zip(
                window.found.pairs["left"], window.found.pairs["right"], strict=True
            )
        ]
        left, right = (each.explanation for each in window.pair)
        options = {
            "kind": window.logos.shown_kind,
            "names": names,
            "centred": window.logos.centred.isChecked(),
            "same_heights": window.logos.same.isChecked(),
            **safe,
        }
        shown = window.shown_pair
        if shown is not None:
            found["pair_logos"] = Picture(
                "Logos of the pair shown",
                lambda: _figures().matched_logos(left, right, [shown], **options),
            )
        if pairs:
            found["matched_logos"] = Picture(
                f"Logos of the best {min(len(pairs), _MOST_PAIRS)} matched pairs",
                lambda: _figures().matched_logos(left, right, pairs[:_MOST_PAIRS], **options),
            )
        return found

    def save_table(self, whole: bool) -> None:
        """Matched pairs, or every pair of clusters, as .csv or .tsv."""
        window = self._window
        if window.found is None:
            window.say("There is no table to export yet")
            return
        name = "every_pair.csv" if whole else "matched_pairs.csv"
        path = dialogs().save_file(window, "Export the table", name, "Tables (*.csv *.tsv)")
        if path is None:
            return
        found = window.found

        def write(progress: Progress) -> Path:
            from seam_core.store.files import write_text

            frame = found.table() if whole else found.pairs
            frame = frame.assign(adjusted_rand=found.adjusted_rand)
            tabs = path.suffix.lower() in (".tsv", ".txt")
            write_text(path, frame.to_csv(index=False, sep="\t" if tabs else ","))
            return path

        window.jobs.submit(
            "export",
            f"Writing {path.name}",
            write,
            done=lambda written: window.say(f"Written: {written}"),
        )


def _figures():
    from seam_core import figures

    return figures


def _heat_map(
    window: ComparisonWindow, names: tuple[str, str], quantity: str, safe: dict[str, bool]
) -> Figure:
    found, cells = window.found, window.cells
    rows, columns = found.arranged()
    return _figures().correspondence_heatmap(
        cells.values,
        found.left_ids[rows],
        found.right_ids[columns],
        matched=list(zip(found.pairs["left"], found.pairs["right"], strict=True)),
        names=names,
        quantity=QUANTITIES[quantity],
        limits=cells.limits(),
        **safe,
    )
