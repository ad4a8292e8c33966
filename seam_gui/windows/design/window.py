"""Designing sequences of a mechanism: what is asked for at the left, the panel at the right."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path
from typing import Any

from PyQt5.QtWidgets import QSplitter, QVBoxLayout, QWidget

from seam_core.design.panel import counted
from seam_core.parameters import DesignerParameters
from seam_core.progress import Progress
from seam_gui.dialogs import dialogs
from seam_gui.look.theme import SPACING
from seam_gui.services import Services
from seam_gui.widgets.basics import SidePanel, button, label, row
from seam_gui.widgets.frame_table import FrameTable
from seam_gui.widgets.parameter_form import ParameterForm
from seam_gui.windows.design.material import (
    Made,
    columns_of,
    copy_files,
    copy_session,
    kept_in,
    read,
)
from seam_gui.windows.tool_window import ToolWindow

_numbers = itertools.count(1)
_WHICH = ("mechanism", "n_designs", "activity", "min_distance", "keep")
_ORDERED = (
    "avoid",
    "longest_run",
    "left_adapter",
    "right_adapter",
    "barcode_length",
    "barcode_distance",
)
_HOW = ("source", "least_confidence", "search_effort_per_design", "n_controlled", "seed")


class DesignWindow(ToolWindow):
    """A form, a button, and the panel as a table to save or open."""

    def __init__(self, services: Services, parent: QWidget) -> None:
        super().__init__(services, parent, name="design", title="Designed sequences", page="design")
        self.panel: Made | None = None
        self._scratch = services.working.path / f"design-{next(_numbers)}"
        self._runs = itertools.count(1)
        self._forms: list[ParameterForm] = []
        splitter = QSplitter()
        splitter.setObjectName("design_splitter")
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._panel())
        splitter.addWidget(self._right())
        splitter.setStretchFactor(1, 1)
        self.content.addWidget(splitter, 1)
        self._asked: Any = None
        self._show(kept_in(services.state.session))
        selection = services.state.selection
        clusters = () if selection is None else selection.clusters()
        if len(clusters) == 1:
            self._forms[0].set_value(DesignerParameters(mechanism=int(clusters[0])))

    def _panel(self) -> QWidget:
        panel = SidePanel("design_panel")
        for title, names in (
            ("What to design", _WHICH),
            ("What is ordered", _ORDERED),
            ("How", _HOW),
        ):
            form = ParameterForm(DesignerParameters, "design", only=names)
            form.invalid.connect(lambda _text: self._check())
            form.changed.connect(lambda _value: self._check())
            self._forms.append(form)
            panel.add_section(title, form)
        panel.finish()
        self._wrong = label("", "error", "design_wrong")
        self._wrong.setWordWrap(True)
        self._run = button(
            "Design",
            "design_run",
            "Find sequences, and ask the model about each",
            self.run,
            primary=True,
        )
        panel.buttons.addWidget(self._wrong)
        panel.buttons.addWidget(self._run)
        return panel

    def _right(self) -> QWidget:
        self.table = FrameTable("design_table")
        self.table.empty = "Designed sequences appear here"
        self._facts = label("", "muted", "design_facts")
        self._facts.setWordWrap(True)
        self._save = button(
            "Save panel…",
            "design_save",
            "FASTA and CSV to order from, into a folder",
            self.save,
        )
        self._keep = button(
            "Keep",
            "design_keep_panel",
            "Keep the table in the session: its report shows it",
            self.keep,
        )
        self._open = button(
            "Open as session…",
            "design_open",
            "The panel's maps and places in the space that it was designed in",
            self.open_session,
        )
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(SPACING, SPACING, SPACING, 0)
        layout.setSpacing(SPACING)
        line = row(self._facts, self._keep, self._save, self._open)
        line.setStretch(0, 1)
        layout.addLayout(line)
        layout.addWidget(self.table, 1)
        return page

    @property
    def parameters(self) -> DesignerParameters:
        """What the forms hold. Raises `InputError`."""
        values: dict[str, Any] = {}
        for form, names in zip(self._forms, (_WHICH, _ORDERED, _HOW), strict=True):
            values |= {name: getattr(form.value, name) for name in names}
        return DesignerParameters().replace(**values)

    def run(self) -> None:
        """Design in the engine process, of the session as it is now."""
        session, out = self.services.state.session_to_save(), self._scratch / str(next(self._runs))
        parameters = self.parameters
        self._asked = self.services.state.session.clustering
        job = self.jobs.register("design", "Designing", done=self._read, failed=self._failed)
        self._wrong.setText("")

        def keep(progress: Progress) -> Path:
            from seam_core import store

            self._scratch.mkdir(exist_ok=True)
            store.save(session, self._scratch / "from", progress=progress)
            return self._scratch / "from"

        def ask(folder: Path) -> None:
            request = {
                "session": str(folder),
                "out": str(out),
                "parameters": parameters.to_dict(),
            }
            self.services.engine.drive(job, "design", request)

        self.jobs.in_thread(job, keep, ask)

    def _read(self, answer: dict[str, Any]) -> None:
        folder = Path(answer["folder"])
        self.jobs.submit(
            "design_read", "Panel", lambda p: read(folder, p), done=self._show, quiet=True
        )

    def _failed(self, failure: Any) -> None:
        from seam_gui.work.errors import explained

        self._wrong.setText(explained(failure)[0])

    def _check(self) -> None:
        self._wrong.setText("")

    def _show(self, panel: Made | None) -> None:
        self.panel = panel
        fresh = panel is not None and panel.folder is not None
        self._save.setEnabled(panel is not None)
        self._open.setEnabled(fresh)
        self._keep.setEnabled(fresh and self.services.state.session.experiments is not None)
        if panel is None:
            self._facts.setText(
                "Sequences that have the mechanism of a cluster, each verified by the model, with "
                "controls, ready to be ordered."
            )
            self.table.set_columns([], 0)
            return
        said = f"Mechanism {panel.mechanism}: {counted(panel.frame)}"
        self._facts.setText("\n".join([said, *panel.notes]))
        self.table.set_columns(columns_of(panel.frame), len(panel.frame))

    def save(self) -> None:
        """Ask for a folder and write the files to order from."""
        panel = self.panel
        if panel is None:
            return
        name = f"panel_m{panel.mechanism}"
        target = dialogs().save_file(self, "A folder for the panel", name)
        if target is not None:
            self.jobs.submit(
                "design_save",
                "Saving the panel",
                lambda p: copy_files(panel, Path(target), p),
                done=lambda path: self.say(f"Panel written: {path}"),
            )

    def keep(self) -> None:
        """Keep the table with the session, unless it is about other clusters by now."""
        panel, state = self.panel, self.services.state
        if panel is None:
            return
        if state.session.clustering is not self._asked or state.session.experiments is None:
            self._wrong.setText("The panel is of clusters that are not there any more")
            return
        state.change("Keep panel", session=state.session.with_findings(panel=panel.frame))
        self.say("Kept in the session")

    def open_session(self) -> None:
        """Ask for a folder, save the panel's session there and open it in the main window."""
        panel = self.panel
        if panel is None:
            return
        target = dialogs().save_file(
            self, "Save the panel's session as a folder", f"designs_m{panel.mechanism}"
        )
        if target is not None:
            self.jobs.submit(
                "design_save",
                "Saving the panel's session",
                lambda p: copy_session(panel, Path(target), p),
                done=self.services.navigator.open_path,
            )

    def done(self, result: int) -> None:
        super().done(result)
        shutil.rmtree(self._scratch, ignore_errors=True)
