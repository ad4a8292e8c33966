"""Pictures, tables and sequences of the kept selections as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PyQt5.QtCore import QObject
from PyQt5.QtWidgets import QMenu, QWidget

from seam_core.progress import Progress
from seam_gui.dialogs import dialogs
from seam_gui.look.theme import theme

if TYPE_CHECKING:
    import numpy as np

    from seam_core.contrast import Contrast
    from seam_core.selection import Selection
    from seam_gui.state.app_state import AppState
    from seam_gui.windows.selections.material import Summed
    from seam_gui.work.jobs import JobRunner

_PICTURES = "Pictures (*.pdf *.svg *.png)"
_TABLES = "Tables (*.csv *.tsv)"


class Compared(Protocol):
    """What is on the screen, as far as it can be written.

    summed : selections that are shown; contrast : what distinguishes the two that are compared
    difference : title and matrix of the difference logo, where there is one
    marked : the selection that is marked in the list
    names : of the two that are compared
    same_heights : whether all logos have one scale
    """

    state: AppState
    jobs: JobRunner
    summed: list[Summed]
    contrast: Contrast | None

    @property
    def difference(self) -> tuple[str, np.ndarray] | None: ...

    @property
    def marked(self) -> Selection | None: ...

    @property
    def names(self) -> tuple[str, str]: ...

    @property
    def same_heights(self) -> bool: ...

    def logo_of(self, each: Summed) -> np.ndarray: ...

    def say(self, text: str) -> None: ...


class SelectionExports(QObject):
    """What the Export button of the window writes."""

    def __init__(self, window: Compared, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = window
        self._parent = parent

    def menu(self, parent: QWidget) -> QMenu:
        """Its menu."""
        menu = QMenu(parent)
        entries = (
            ("picture", "Picture of the logos…", self.picture),
            ("letters", "Letters that differ…", lambda: self.table("letters")),
            ("positions", "Positions that differ…", lambda: self.table("positions")),
            ("columns", "Columns that differ…", lambda: self.table("columns")),
            ("fasta", "Sequences of the selection (FASTA)…", lambda: self.rows("fasta")),
            ("indices", "Row numbers of the selection…", lambda: self.rows("indices")),
        )
        for name, text, run in entries:
            action = menu.addAction(text, run)
            action.setObjectName(f"selections_export_{name}")
        return menu

    def picture(self) -> None:
        """The logos as they are shown, as a figure."""
        window = self._window
        session = window.state.session
        if not window.summed or session.library is None or session.maps is None:
            window.say("Keep a selection first")
            return
        path = self._ask("Picture of the logos", "selections.pdf", _PICTURES)
        if path is None:
            return
        matrices = [window.logo_of(each) for each in window.summed]
        names = [f"{each.name}\nn = {each.selection.count:,}" for each in window.summed]
        extra = window.difference
        if extra is not None:
            names.append(extra[0])
            matrices.append(extra[1])
        alphabet, start = session.library.alphabet, session.maps.start
        same, safe = window.same_heights, theme().colour_blind

        def work(progress: Progress) -> None:
            from seam_core.figures import save_figure, selection_logos

            figure = selection_logos(
                matrices,
                names,
                alphabet=alphabet,
                start=start,
                same_heights=same,
                difference=extra is not None,
                colour_blind=safe,
            )
            save_figure(figure, path)

        self._submit(path, work)

    def table(self, slot: str) -> None:
        """One of the tables of what differs."""
        contrast = self._window.contrast
        if contrast is None:
            self._window.say("Choose two selections first")
            return
        first, second = self._window.names
        path = self._ask(f"{slot.capitalize()} that differ", f"{slot}.csv", _TABLES)
        if path is None:
            return
        frame = getattr(contrast, slot).assign(first=first, second=second)

        def work(progress: Progress) -> None:
            from seam_core.exports.tables import write_table

            write_table(frame, path)

        self._submit(path, work)

    def rows(self, name: str) -> None:
        """Sequences, or row numbers, of the selection that is marked in the list."""
        from seam_core.registry import EXPORTS

        window = self._window
        kept, one = window.marked, EXPORTS.get(name)
        if kept is None:
            window.say("Mark a selection in the list first")
            return
        path = self._ask(one.label, f"{kept.name}{one.suffixes[0]}", " ".join(one.suffixes))
        if path is None:
            return
        session, hand = window.state.session, window.state.hand_work

        def work(progress: Progress) -> None:
            from seam_core.exports import registry
            from seam_core.exports.material import material_of

            material = material_of(session, hand, rows=kept.name, progress=progress)
            registry.write(one, material, path)

        self._submit(path, work)

    def _ask(self, title: str, name: str, kinds: str) -> Path | None:
        return dialogs().save_file(self._parent, title, name, kinds)

    def _submit(self, path: Path, work: Callable[[Progress], None]) -> None:
        window = self._window
        window.jobs.submit(
            "export", f"Writing {path.name}", work, done=lambda _: window.say(f"Written: {path}")
        )
