"""The dialog that starts a batch: which loci, with the settings of the tabs, into which folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from seam_core.parameters import BatchParameters
from seam_core.readers.remote import is_remote
from seam_core.registry import ATTRIBUTIONS, CLUSTERINGS
from seam_core.validate import InputError
from seam_gui.dialogs import dialogs
from seam_gui.look.theme import SPACING
from seam_gui.look.words import in_words
from seam_gui.services import Services
from seam_gui.state.app_state import AppState
from seam_gui.widgets.basics import button, grow_to_fit, label, row
from seam_gui.widgets.editors import PathEditor
from seam_gui.widgets.fields import SpinBox
from seam_gui.widgets.parameter_form import ParameterForm
from seam_gui.work.batches import BatchRequest, recipe_text, settings_text
from seam_gui.work.errors import explained
from seam_gui.work.jobs import Failure

if TYPE_CHECKING:
    from seam_core.batch import Locus
    from seam_core.pipeline import RunConfig
    from seam_core.progress import Progress
    from seam_core.recipes import Recipe

_LOCI = (
    "Loci (*.bed *.narrowPeak *.fa *.fasta *.fna *.csv *.tsv *.txt *.parquet *.gz);;All files (*)"
)
# what is asked at once; the rest of a batch's parameters is behind "More"
_OFTEN = ("workers", "scheduler", "time_limit", "memory_limit")
_FASTA = "FASTA (*.fa *.fasta *.fna *.fa.gz *.fasta.gz *.fna.gz *.bgz);;All files (*)"


class BatchDialog(QDialog):
    """started : `BatchRequest`."""

    started = pyqtSignal(object)

    def __init__(self, services: Services, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("batch_dialog")
        self.setWindowTitle("New batch")
        self.setAttribute(Qt.WA_DeleteOnClose)
        self.setMinimumWidth(640)
        self._jobs, state = services.jobs, services.state
        self._config, self._recipe = state.config, state.recipe
        self._notes: list[str] = []
        self._ask_loci()
        self._ask_folder()
        self._ask_manner()
        self._found = label("", "muted", "batch_found")
        self._found.hide()
        self._wrong = label("", "error", "batch_wrong")
        self._wrong.hide()
        self._ok = button("Start", "batch_start", "Run the analysis at every locus", self._start)
        self._ok.setProperty("primary", True)
        self._ok.setDefault(True)
        self._lay_out()
        self._problem = _problem(state)
        self._complain(self._problem)
        self.finished.connect(lambda _: services.jobs.cancel("loci"))

    def _ask_loci(self) -> None:
        """The fields that say where to look."""
        self.loci = _path(
            "batch_loci", "BED, narrowPeak, FASTA, or a table with Name and Sequence", _LOCI
        )
        self.genome = _path("batch_genome", "The genome that BED intervals are of", _FASTA)
        for editor in (self.loci, self.genome):
            editor.edited.connect(self._look)
        self.width_of_loci = SpinBox()
        self.width_of_loci.setObjectName("batch_width")
        self.width_of_loci.setRange(0, 1_000_000)
        self.width_of_loci.setSpecialValueText("as in the file")
        self.width_of_loci.setSuffix(" nt")
        self.width_of_loci.setToolTip(
            "Letters of each locus of BED or narrowPeak, around its summit or its middle"
        )
        self.width_of_loci.editingFinished.connect(self._look)

    def _ask_folder(self) -> None:
        """The fields that say what is kept, and where."""
        self.out = QLineEdit()
        self.out.setObjectName("batch_out")
        self.out.setToolTip("A new folder, or that of a batch to go on with")
        self._choose = button("…", "batch_out_browse", "Choose a folder", self._choose_out)
        self._choose.setFixedWidth(SPACING * 4)
        self._choose.setStyleSheet("padding: 4px 0px;")
        self.full = QCheckBox("Keep the whole session of each locus")
        self.full.setObjectName("batch_full")
        self.full.setToolTip("To open it in the main window; takes much more disk")

    def _ask_manner(self) -> None:
        """The parameters of a batch: those asked often, and the rest behind a button."""
        self.how = ParameterForm(BatchParameters, "batch", only=_OFTEN)
        self.where = ParameterForm(BatchParameters, "batch", leave_out=_OFTEN)
        self.where.hide()
        self._more = button(
            "More", "batch_more", "Waiting, encryption, shards, failures", self._show_more
        )
        self._more.setCheckable(True)
        for each in (self.how, self.where):
            each.invalid.connect(self._complain)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(SPACING * 2)
        form.setVerticalSpacing(SPACING)
        what = QVBoxLayout()
        what.addWidget(self.loci)
        what.addWidget(self._found)
        form.addRow("Loci", what)
        form.addRow("Genome", self.genome)
        form.addRow("Width", self.width_of_loci)
        form.addRow("Results in", row(self.out, self._choose))
        form.addRow("", self.full)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING * 3, SPACING * 3, SPACING * 3, SPACING * 2)
        layout.setSpacing(SPACING * 2)
        words = settings_of(self._config, self._recipe)
        layout.addWidget(label(words, "muted", "batch_settings"))
        layout.addLayout(form)
        layout.addWidget(self.how)
        layout.addLayout(row(self._more, None))
        layout.addWidget(self.where)
        layout.addWidget(self._wrong)
        cancel = button("Cancel", "batch_close", "Close without starting", self.reject)
        layout.addLayout(row(None, cancel, self._ok))

    def _show_more(self) -> None:
        self.where.setVisible(self._more.isChecked())
        self.adjustSize()

    def _how(self) -> BatchParameters:
        """What both forms say together."""
        often, rare = self.how.value, self.where.value
        how = rare.replace(**{name: getattr(often, name) for name in _OFTEN})
        assert isinstance(how, BatchParameters)
        return how

    def _choose_out(self) -> None:
        path = dialogs().save_file(self, "A folder for the results", "batch")
        if path is not None:
            self.out.setText(str(path))

    def _look(self) -> None:
        """Read the loci, and say how many can be run."""
        loci = self.loci.value()
        if not loci:
            return
        self._say("Reading the loci…")
        self._jobs.submit(
            "loci",
            "Loci",
            self._reader(loci),
            done=self._say_found,
            failed=self._unreadable,
            quiet=True,
        )

    def _reader(self, loci: str) -> Callable[[Progress], list[Locus]]:
        genome = self.genome.value()
        width = self.width_of_loci.value() or None
        notes = self._notes = []

        def work(progress: Progress) -> list[Locus]:
            from seam_core.batch import read_loci

            return read_loci(loci, genome, width=width, say=notes.append)

        return work

    def _say_found(self, loci: list[Locus]) -> None:
        wrong = [locus for locus in loci if locus.error]
        text = f"{len(loci):,} loci"
        if wrong:
            text += f", {len(wrong):,} of which cannot be run; the first: {wrong[0].error}"
        self._say("\n".join([text, *self._notes]))
        self._complain(self._problem)

    def _say(self, text: str) -> None:
        self._found.setText(text)
        self._found.setVisible(bool(text))
        grow_to_fit(self)

    def _unreadable(self, failure: Failure) -> None:
        self._say("")
        self._complain(explained(failure)[0])

    def _start(self) -> None:
        loci, out, genome = self.loci.value(), self.out.text().strip(), self.genome.value()
        if not loci or not out:
            self._complain(f"Choose {'a folder' if loci else 'the loci'} first.")
            return
        if is_remote(out):
            self._complain("Results at an address are for the command seam batch; choose a folder.")
            return
        self._ok.setEnabled(False)

        read_loci, config, recipe = self._reader(loci), self._config, self._recipe
        several = recipe is not None and bool(recipe.variants)

        def work(progress: Progress) -> str:
            read_loci(progress)
            if recipe is not None and recipe.variants:
                return recipe_text(recipe, config)
            return settings_text(config)

        def read(settings: str) -> None:
            request = BatchRequest(
                Path(loci),
                Path(out).absolute(),
                settings,
                config.oracle.model,
                Path(genome) if genome else None,
                self.full.isChecked(),
                several,
                self.width_of_loci.value() or None,
                self._how(),
            )
            self.accept()
            self.started.emit(request)

        self._jobs.submit("loci", "Loci", work, done=read, failed=self._unreadable, quiet=True)

    def _complain(self, text: str) -> None:
        self._wrong.setText(text)
        self._wrong.setVisible(bool(text))
        self._ok.setEnabled(not self._problem)
        grow_to_fit(self)


def settings_of(config: RunConfig, recipe: Recipe | None = None) -> str:
    """What every locus will be analysed with, in words."""
    library, clusterer = config.mutagenizer, config.clusterer
    model = Path(config.oracle.model).name or "no model"
    how = ATTRIBUTIONS.label(config.attributer.method)
    if recipe is not None and recipe.variants:
        runs = ", ".join(variant.name for variant in recipe.variants)
        joined = recipe.combine == "task"
        how = f"one result of {runs} together" if joined else f"a result each of {runs}"
    return (
        f"With the settings of the tabs: {model}, head {config.oracle.head}; "
        f"{library.n_sequences:,} sequences ({library.library}); {how}; "
        f"{CLUSTERINGS.label(clusterer.clustering)}, {clusterer.number_in_words}. "
        "Each locus brings its sequence."
    )


def _problem(state: AppState) -> str:
    """Why the settings of the tabs cannot be batched; "" where they can."""
    if not state.config.oracle.model:
        return "Choose a model in the Library tab first."
    if state.recipe is not None:
        from seam_core import recipes

        try:
            recipes.check_batch(state.recipe)
        except InputError as error:
            return in_words(error)
    return ""


def _path(name: str, tip: str, filters: str) -> PathEditor:
    editor = PathEditor(optional=True, filters=filters)
    editor.setObjectName(name)
    editor.setToolTip(tip)
    return editor
