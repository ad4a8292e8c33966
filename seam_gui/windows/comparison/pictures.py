"""Pictures and tables of a comparison as files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from PyQt5.QtWidgets import QWidget

from seam_gui.dialogs import dialogs
from seam_gui.look.theme import theme
from seam_gui.pictures.picture_exports import PictureExports
from seam_gui.state.app_state import AppState
from seam_gui.windows.comparison.cells_view import QUANTITIES
from seam_gui.windows.comparison.space_panel import Space
from seam_gui.work.jobs import JobRunner

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from seam_core.comparison import Correspondence
    from seam_core.progress import Progress
    from seam_core.records import Explanation

_MOST_PAIRS = 12


@dataclass(frozen=True)
class Picture:
    """A `Drawing` that no session alone can make again."""

    title: str
    make: Callable[[], Figure]


@dataclass(frozen=True)
class ComparisonShown:
    """What the window shows: all that a figure of it depends on.

    names : of the two sessions whose clusters are compared
    explanations : of their clusters
    pair : the clusters whose logos are shown
    quantity, values, limits : what the cells of the heat map say, and between which ends
    kind, centred, same_heights : of the logos
    """

    space: Space | None
    correspondence: Correspondence | None
    names: tuple[str, str] = ("", "")
    explanations: tuple[Explanation, Explanation] | None = None
    pair: tuple[int, int] | None = None
    quantity: str = ""
    values: np.ndarray | None = None
    limits: tuple[float, float] = (0.0, 1.0)
    kind: str = ""
    centred: bool = False
    same_heights: bool = False


class ComparisonExports(PictureExports):
    """The scatter, the heat map, the logos of the pair shown and of all matched pairs."""

    def __init__(
        self,
        state: AppState,
        jobs: JobRunner,
        parent: QWidget,
        shown: Callable[[], ComparisonShown],
        say: Callable[[str], None],
    ) -> None:
        """`state` names the files that are written; `say` tells what became of tables."""
        focus = {"comparison_scatter": "shared_embedding", "comparison_cells": "correspondence"}
        super().__init__(state, jobs, parent, focus, "correspondence")
        self._shown, self._say = shown, say

    def drawings(self) -> dict[str, Picture]:
        shown = self._shown()
        pictures: dict[str, Picture] = {}
        safe = {"colour_blind": theme().colour_blind}
        space = shown.space
        if space is not None:
            pictures["shared_embedding"] = Picture(
                "Shared embedding, by session",
                lambda: _figures().sessions_scatter(
                    space.shared.embedding, space.shared.session, space.names, **safe
                ),
            )
        if shown.correspondence is None or shown.explanations is None:
            return pictures
        matched = shown.correspondence
        pictures["correspondence"] = Picture(
            "Cluster correspondence", lambda: _heat_map(shown, matched, safe)
        )
        pairs = [
            (int(left), int(right))
            for left, right in zip(matched.pairs["left"], matched.pairs["right"], strict=True)
        ]
        left, right = shown.explanations
        options = {
            "kind": shown.kind,
            "names": shown.names,
            "centred": shown.centred,
            "same_heights": shown.same_heights,
            **safe,
        }
        pair = shown.pair
        if pair is not None:
            pictures["pair_logos"] = Picture(
                "Logos of the pair shown",
                lambda: _figures().matched_logos(left, right, [pair], **options),
            )
        if pairs:
            pictures["matched_logos"] = Picture(
                f"Logos of the best {min(len(pairs), _MOST_PAIRS)} matched pairs",
                lambda: _figures().matched_logos(left, right, pairs[:_MOST_PAIRS], **options),
            )
        return pictures

    def save_table(self, whole: bool) -> None:
        """Matched pairs, or every pair of clusters, as .csv or .tsv."""
        matched = self._shown().correspondence
        if matched is None:
            self._say("There is no table to export yet")
            return
        name = "every_pair.csv" if whole else "matched_pairs.csv"
        path = dialogs().save_file(self._parent, "Export the table", name, "Tables (*.csv *.tsv)")
        if path is None:
            return

        def write(progress: Progress) -> Path:
            from seam_core.exports.tables import write_table

            frame = matched.table() if whole else matched.pairs
            write_table(frame.assign(adjusted_rand=matched.adjusted_rand), path)
            return path

        self._jobs.submit(
            "export",
            f"Writing {path.name}",
            write,
            done=lambda written: self._say(f"Written: {written}"),
        )


def _figures() -> ModuleType:
    from seam_core import figures

    return figures


def _heat_map(shown: ComparisonShown, matched: Correspondence, safe: dict[str, bool]) -> Figure:
    rows, columns = matched.arranged()
    return _figures().correspondence_heatmap(
        shown.values,
        matched.left_ids[rows],
        matched.right_ids[columns],
        matched=list(zip(matched.pairs["left"], matched.pairs["right"], strict=True)),
        names=shown.names,
        quantity=QUANTITIES[shown.quantity],
        limits=shown.limits,
        **safe,
    )
