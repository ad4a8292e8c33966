"""The window of variants: opened or typed, as a table, on the scatter and as logos."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import QLineEdit, QSplitter, QVBoxLayout, QWidget

from seam_core.pictures import colour_of_verdict
from seam_core.session import Session
from seam_core.validate import InputError
from seam_core.variants import typed
from seam_core.variants.notation import EXAMPLES
from seam_gui.dialogs import dialogs
from seam_gui.look.theme import SPACING
from seam_gui.look.words import in_words
from seam_gui.services import Services
from seam_gui.widgets.basics import button, label, row
from seam_gui.widgets.fields import ComboBox
from seam_gui.widgets.frame_table import FrameTable
from seam_gui.windows.tool_window import ToolWindow
from seam_gui.windows.variants.material import (
    Answered,
    columns_of,
    edits_named,
    findings_of,
    forget,
    kept_in,
    matching,
    read,
    save,
    with_first,
)
from seam_gui.windows.variants.picture import VariantPicture
from seam_gui.work.errors import explained

_numbers = itertools.count(1)
_VERDICTS = ("", "reprograms", "tunes", "silent", "disrupts", "creates", "preserves")
_TYPED_TIP = (
    f"Type a variant, or a name of the table, and press Enter: {EXAMPLES}. Positions of the "
    "sequence count from 0, those of a chromosome from 1"
)
_EMPTY = "Open a VCF or a table of variants, or type one: A85G, 85_87del, chr2R:5876619:A:G."


class VariantsWindow(ToolWindow):
    """Of the session as it is when the window opens."""

    def __init__(self, services: Services, parent: QWidget) -> None:
        super().__init__(services, parent, name="variants", title="Variants", page="variants")
        self.answered: Answered | None = None
        self._scratch = services.working.path / f"variants-{next(_numbers)}"
        self._runs = itertools.count(1)
        self._genome = ""
        self._session: Session = services.state.session_to_save()
        self._asked = services.state.session.clustering
        self._copy = services.ahead.copy()
        self.picture = self._picture()
        splitter = QSplitter()
        splitter.setObjectName("variants_splitter")
        splitter.addWidget(self._left())
        if self.picture is not None:
            splitter.addWidget(self.picture)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 1)
        self.content.addWidget(splitter, 1)
        self._show(kept_in(self._session))
        self._ask("Preparing for variants", {}, lambda answer: None)

    def _picture(self) -> VariantPicture | None:
        library = self._session.library
        known = library is not None and library.reference is not None
        return VariantPicture(self._session) if known and self._session.maps is not None else None

    def _left(self) -> QWidget:
        self.table = FrameTable("variants_table")
        self.table.empty = "Variants appear here"
        self.table.frame.set_row_colours(self._colour)
        self.table.rows_selected.connect(self._select)
        self._open = button(
            "Open file…", "variants_open", "VCF, BCF or a table of variants", self.open_file,
            primary=True,
        )  # fmt: skip
        self._choose_genome = button(
            "Genome…", "variants_genome", "FASTA file, for the flanks of deletions", self.genome
        )
        self._save = button("Save table…", "variants_save", "As CSV or Parquet", self.save)
        self._keep = button(
            "Keep", "variants_keep", "Keep the table, and the maps of the largest effects, in the "
            "session: its report shows them, Explore draws the arrows", self.keep,
        )  # fmt: skip
        self._typed = QLineEdit()
        self._typed.setObjectName("variants_typed")
        self._typed.setPlaceholderText("Type one: A85G")
        self._typed.setToolTip(_TYPED_TIP)
        self._typed.returnPressed.connect(self.answer_typed)
        self._filter = QLineEdit()
        self._filter.setObjectName("variants_filter")
        self._filter.setPlaceholderText("Search")
        self._filter.setClearButtonEnabled(True)
        self._filter.textChanged.connect(lambda _: self._refilter())
        self._verdict = ComboBox()
        self._verdict.setObjectName("variants_verdict")
        self._verdict.setToolTip("Show variants of one verdict")
        for name in _VERDICTS:
            self._verdict.addItem(name or "All verdicts", name)
        self._verdict.currentIndexChanged.connect(lambda _: self._refilter())
        self._facts = label("", "muted", "variants_facts")
        self._facts.setWordWrap(True)
        self._wrong = label("", "error", "variants_wrong")
        self._wrong.setWordWrap(True)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(SPACING, SPACING, SPACING, 0)
        layout.setSpacing(SPACING)
        layout.addLayout(row(self._open, self._choose_genome, self._typed, self._keep, self._save))
        layout.addLayout(row(self._filter, self._verdict))
        layout.addWidget(self._facts)
        layout.addWidget(self._wrong)
        layout.addWidget(self.table, 1)
        return page

    # what is asked

    def open_file(self) -> None:
        """Ask for a file of variants and answer them all."""
        kinds = "Variants (*.vcf *.vcf.gz *.vcf.bgz *.bcf *.csv *.tsv *.parquet);;All files (*)"
        path = dialogs().open_file(self, "Open variants", kinds)
        if path is not None:
            self._ask("Variants", {"file": str(path)}, self._read)

    def genome(self) -> None:
        """Ask for the genome that flanks are taken from."""
        kinds = "Genome (*.fa *.fasta *.fa.gz *.fasta.gz);;All files (*)"
        path = dialogs().open_file(self, "Genome", kinds)
        if path is not None:
            self._genome = str(path)
            self._choose_genome.setToolTip(f"Flanks come from {path}")
            self._ask("Preparing for variants", {}, lambda answer: None)

    def answer_typed(self) -> None:
        """Answer the variant that is typed, or named as in the table."""
        name = self._typed.text().strip()
        text = edits_named(self.answered, name) or name
        try:
            typed(text)
        except InputError as error:
            self._wrong.setText(in_words(error))
            return
        self._ask("Variant", {"typed": text, "name": name}, self._read_typed)

    def _ask(self, title: str, request: dict[str, Any], then: Any) -> None:
        job = self.jobs.register("variants", title, done=then, failed=self._failed)
        self._wrong.setText("")
        values = {**request, "genome": self._genome, "session": str(self._copy.folder)}
        values["out"] = str(self._scratch / str(next(self._runs)))
        self.jobs.in_thread(
            job, self._copy.write, lambda _: self.services.engine.drive(job, "variants", values)
        )

    def _read(self, answer: dict[str, Any]) -> None:
        self._submit(answer, self._show)

    def _read_typed(self, answer: dict[str, Any]) -> None:
        self._submit(answer, lambda one: self._show(with_first(one, self.answered), first=True))

    def _submit(self, answer: dict[str, Any], then: Any) -> None:
        folder, told = Path(answer["folder"]), tuple(answer["told"])
        self.jobs.submit(
            "variants_read", "Variants", lambda p: read(folder, told, p), done=then, quiet=True
        )

    def _failed(self, failure: Any) -> None:
        self._wrong.setText(explained(failure)[0])

    # what is shown

    def _show(self, answered: Answered | None, *, first: bool = False) -> None:
        self.answered = answered
        self._save.setEnabled(answered is not None)
        self._keep.setEnabled(answered is not None and self._session.experiments is not None)
        if answered is None:
            self._facts.setText(_EMPTY)
            self.table.set_columns([], 0)
            return
        self._facts.setText("   ".join(line.strip() for line in answered.told))
        self.table.set_columns(columns_of(answered.frame), len(answered.frame))
        self._refilter()
        if first and len(answered.frame):
            self.table.selectRow(0)

    def _refilter(self) -> None:
        if self.answered is None:
            return
        keep = matching(self.answered.frame, self._filter.text(), self._verdict.currentData())
        self.table.frame.set_filter(None if keep.all() else keep)
        if self.picture is not None:
            self.picture.show_answers(self.answered, np.flatnonzero(keep))
            self.picture.show_variant(None)

    def _select(self, rows: np.ndarray) -> None:
        if self.answered is None or self.picture is None:
            return
        shown = rows if len(rows) else np.asarray(self.table.frame.rows)
        self.picture.show_answers(self.answered, shown)
        self.picture.show_variant(int(rows[0]) if len(rows) == 1 else None)

    def _colour(self, row: int) -> Any:
        if self.answered is None:
            return None
        said = colour_of_verdict(str(self.answered.frame["mechanism_verdict"].iat[row]))
        return QColor(said) if said else None

    def save(self) -> None:
        """Ask for a file and write the table."""
        answered = self.answered
        target = dialogs().save_file(self, "Save variants", "variants.csv")
        if answered is not None and target is not None:
            self.jobs.submit(
                "variants_save", "Saving variants", lambda p: save(answered, Path(target), p),
                done=lambda path: self.say(f"Variants written: {path}"),
            )  # fmt: skip

    def keep(self) -> None:
        """Keep what is shown with the session, unless it is about other clusters by now."""
        answered, state = self.answered, self.services.state
        if answered is None:
            return
        if state.session.clustering is not self._asked or state.session.experiments is None:
            self._wrong.setText("The variants are of clusters that are not there any more")
            return
        session = state.session.with_findings(**findings_of(answered))
        state.change("Keep variants", session=session)
        self.say("Kept in the session")

    def keyPressEvent(self, event: Any) -> None:
        if event.key() in (Qt.Key_Return, Qt.Key_Enter) and self._typed.hasFocus():
            event.accept()  # the line answers itself; a dialog would press a button
            return
        super().keyPressEvent(event)

    def done(self, result: int) -> None:
        super().done(result)
        forget(self._scratch)
