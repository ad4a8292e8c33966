"""Pictures and tables of Explore as files, and the current figure as lines of Python."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PyQt5.QtCore import QObject
from PyQt5.QtWidgets import QApplication

from seam_core.progress import Progress
from seam_gui.dialogs import dialogs
from seam_gui.tabs.explore.recipe import Recipe, Shown
from seam_gui.tabs.explore.recipes import recipes
from seam_gui.widgets.figure_dialog import FigureChoice, FigureDialog

if TYPE_CHECKING:
    from seam_gui.tabs.explore_tab import ExploreTab

_FOCUS = {
    "scatter_view": "scatter",
    "attribution_logo": "attribution_logo",
    "sequence_logo": "sequence_logo",
    "msm_view": "msm",
    "cluster_plot": "comparison",
    "selection_statistics": "members",
}


class ExploreExports(QObject):
    """Asks where to, then writes in a worker thread."""

    def __init__(self, tab: ExploreTab) -> None:
        super().__init__(tab)
        self._tab = tab
        self._current = "attribution_logo"
        QApplication.instance().focusChanged.connect(self._note_focus)

    def _note_focus(self, _old: object, new: object) -> None:
        name = getattr(new, "objectName", str)()
        self._current = _FOCUS.get(name, self._current)

    def shown(self) -> Shown:
        """What the tab shows."""
        tab = self._tab
        scatter = tab.scatter
        return Shown(
            tab.scene,
            tab.state.selection,
            tab.logos.options,
            tab.axis.window(),
            scatter.colour_by,
            scatter.order,
            scatter.axes,
            tab.msm.quantity,
            tab.comparison.kind,
        )

    def current(self) -> Recipe | None:
        """The figure that was used last, or another that can be drawn."""
        found = recipes(self.shown())
        return found.get(self._current) or next(iter(found.values()), None)

    def copy_python(self) -> None:
        """The lines that draw the current figure, to the clipboard."""
        recipe, state = self.current(), self._tab.state
        if recipe is None:
            state.status_message.emit("There is no figure to copy yet")
            return
        folder = str(state.folder) if state.folder is not None else "SESSION_FOLDER"
        QApplication.clipboard().setText(recipe.script(folder))
        hint = "" if state.folder is not None else "; save the session first to fill in its folder"
        state.status_message.emit(f"Copied: {recipe.title} as Python{hint}")

    def ask(self) -> None:
        """Which picture, how large, in which file."""
        found = recipes(self.shown())
        if not found:
            self._tab.state.status_message.emit("There is no picture to export yet")
            return
        titles = {name: recipe.title for name, recipe in found.items()}
        dialog = FigureDialog(titles, self._current, self._tab)
        dialog.chosen.connect(lambda choice: self._save(found[choice.name], choice))
        dialog.open()

    def _save(self, recipe: Recipe, choice: FigureChoice) -> None:
        tab = self._tab
        name = f"{tab.state.session.name}.{choice.name}.{choice.format}"
        path = dialogs().save_file(tab, recipe.title, name, f"*.{choice.format}")
        if path is None:
            return

        def work(progress: Progress) -> Path:
            from seam_core.figures import save_figure

            return save_figure(recipe.make(), path, size=choice.size, dpi=choice.dpi)

        tab.jobs.submit(
            "export",
            f"Drawing {path.name}",
            work,
            done=lambda _: tab.state.status_message.emit(f"Written: {path}"),
        )

    def write(self, what: str) -> None:
        """One of the tables: "fasta", "indices", "sequences", "comparison"."""
        from seam_gui import exports

        tab = self._tab
        scene, selection = tab.scene, tab.state.selection
        if scene.session.library is None:
            tab.state.status_message.emit("There are no sequences to write yet")
            return
        chosen = selection is not None and selection.count > 0
        rows = selection.indices if chosen else np.arange(scene.n)
        session = replace(scene.session, clustering=scene.clustering)
        endings = {"fasta": ".fa", "indices": ".indices.txt", "sequences": ".csv"}
        ending = endings.get(what, f".{what}.csv")
        path = dialogs().save_file(tab, "Export", session.name + ending, f"*{Path(ending).suffix}")
        if path is None:
            return
        text = tab.clusters.table.clusters.as_text() if what == "comparison" else ""

        def work(progress: Progress) -> None:
            if what == "fasta":
                exports.write_fasta(session, rows, path)
            elif what == "indices":
                exports.write_indices(session, rows, path)
            elif what == "sequences":
                exports.write_table(session, rows, path)
            else:
                path.write_text(text, encoding="utf-8")

        tab.jobs.submit(
            "export",
            f"Writing {path.name}",
            work,
            done=lambda _: tab.state.status_message.emit(f"Written: {path}"),
        )
