"""The reference sequence: typed, a record of a FASTA file, or a genomic interval of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from PyQt5.QtWidgets import (
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from seam_core.pipeline import RunConfig, chosen_record, names_a_file
from seam_core.sequences import NAMED_ALPHABETS
from seam_gui.look.text import PlainLabel, counted
from seam_gui.look.theme import SPACING, fixed_font
from seam_gui.state.app_state import AppState
from seam_gui.widgets.basics import column, form_row, label, set_role
from seam_gui.widgets.editors import PathEditor
from seam_gui.widgets.fields import ComboBox
from seam_gui.work.jobs import Failure, JobRunner

_FASTA = "FASTA (*.fa *.fasta *.fna *.fa.gz *.fasta.gz *.fna.gz *.bgz);;All files (*)"
_SOURCES = ("Typed", "FASTA file", "Genomic interval")


class SequenceForm(QWidget):
    """Edits `state.config.sequence`, `record`, `locus` and `name`."""

    def __init__(self, state: AppState, jobs: JobRunner) -> None:
        super().__init__()
        self._state, self._jobs = state, jobs
        self._given: tuple[str, ...] = ()  # what these fields say: `_reference` of a configuration
        self._unread = ""  # why the file chosen gave no sequence
        self.source = ComboBox()
        self.source.setObjectName("reference_source")
        self.source.setToolTip("Where the reference sequence comes from")
        self.source.addItems(_SOURCES)
        self._pages = (self._typed_page(), self._fasta_page(), self._interval_page())
        self.source.currentIndexChanged.connect(self._show_page)
        self._named = ""  # by the user, whatever the sequence is
        self.name = QLineEdit()
        self.name.setObjectName("reference_name")
        self.name.setPlaceholderText("as the record")
        self.name.setToolTip("What to call the session")
        self.name.editingFinished.connect(self._take_name)
        self._about = label("", "muted", "reference_found")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self.source)
        for page in self._pages:
            layout.addWidget(page)
        self._show_page(0)
        layout.addWidget(_form(("Name", self.name)))
        layout.addWidget(self._about)
        state.config_changed.connect(self._show)
        state.session_changed.connect(self._start_over)
        self._show()

    def _typed_page(self) -> QWidget:
        self.text = QPlainTextEdit()
        self.text.setObjectName("reference_text")
        self.text.setPlaceholderText("Paste or type the letters")
        self.text.setToolTip("The reference's letters; blanks and line breaks do not matter")
        self.text.setFont(fixed_font())
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(SPACING * 10)
        self.text.textChanged.connect(self._take_typed)
        return self.text

    def _fasta_page(self) -> QWidget:
        self.fasta = PathEditor(filters=_FASTA)
        self.fasta.setObjectName("reference_fasta")
        self.fasta.setToolTip("A FASTA file")
        self.fasta.edited.connect(lambda: self._read_fasta())
        self.record = ComboBox()
        self.record.setObjectName("reference_record")
        self.record.setToolTip("Which record of the file is the reference")
        self.record.activated.connect(lambda _: self._take_record())
        return _form(("File", self.fasta), ("Record", self.record))

    def _interval_page(self) -> QWidget:
        self.genome = PathEditor(filters=_FASTA)
        self.genome.setObjectName("reference_genome")
        self.genome.setToolTip("A FASTA file of a genome or a chromosome, plain or packed (.gz)")
        self.interval = QLineEdit()
        self.interval.setObjectName("reference_interval")
        self.interval.setPlaceholderText("chr2R:5876534-5876782")
        self.interval.setToolTip(
            "chromosome:first-last, 1-based, both included; (-) behind it: reverse complement"
        )
        self.genome.edited.connect(self._read_interval)
        self.interval.editingFinished.connect(self._read_interval)
        return _form(("Genome", self.genome), ("Interval", self.interval))

    def _show_page(self, index: int) -> None:
        for i, page in enumerate(self._pages):
            page.setVisible(i == index)

    def _take_typed(self) -> None:
        letters = "".join(self.text.toPlainText().split()).upper()
        self._take("", letters)

    def _read_fasta(self, record: str = "", locus: str = "") -> None:
        """`record`: which is wanted ("": the first), at `locus` where its name does not say."""
        path = Path(self.fasta.value() or "")

        def read(progress: object) -> dict[str, str]:
            from seam_core.readers import read_fasta

            records = read_fasta(path)
            chosen_record(records, record, str(path))
            return records

        def show(records: dict[str, str]) -> None:
            self.record.clear()
            for name, letters in records.items():
                self.record.addItem(f"{name}  ({len(letters):,})", (name, letters))
            self.record.setCurrentIndex(list(records).index(record) if record else 0)
            self._take_record(locus)

        self._jobs.submit("fasta", "FASTA", read, done=show, failed=self._complain, quiet=True)

    def _take_record(self, locus: str = "") -> None:
        from seam_core.intervals import place_of_record

        name, letters = self.record.currentData()
        place = place_of_record(name, len(letters))
        self._take(name, letters, locus if place is None else str(place.interval))
        if place is not None:
            said = (
                f"{self._about.text()}\nThe locus {place.interval} is taken from the name of the "
            )
            self._say(f"{said}record, {place.form}.", "muted")

    def _read_interval(self) -> None:
        genome, text = self.genome.value(), self.interval.text().strip()
        if not genome or not text:
            return

        def read(progress: object) -> tuple[str, str]:
            from seam_core.intervals import parse_interval
            from seam_core.readers import genome_at

            interval = parse_interval(text)
            return str(interval), genome_at(genome).fetch(interval)

        def show(answer: tuple[str, str]) -> None:
            locus, letters = answer
            self._take(locus, letters, locus)

        self._say("Reading the interval…", "muted")
        self._jobs.submit("fasta", "Interval", read, done=show, failed=self._complain, quiet=True)

    def _take_name(self) -> None:
        self._named = self.name.text().strip()
        config = replace(self._state.config, name=self._named)
        self._given = _reference(config)
        self._state.set_config(config)

    def _take(self, name: str, letters: str, locus: str = "", *, unread: str = "") -> None:
        self._unread = unread
        config = self._state.config
        changed = replace(
            config, sequence=letters, record="", locus=locus, name=self._named or name
        )
        self._given = _reference(changed)
        self._state.set_config(changed)
        self._describe(letters)

    def _start_over(self) -> None:
        """Another session: the files that the last one's reference came from say nothing of it."""
        self._jobs.cancel("fasta")
        self._given = ()
        self._show()

    def _forget_files(self) -> None:
        self.source.setCurrentIndex(0)
        self.record.clear()
        self.fasta.set_value("")
        self.genome.set_value("")
        self.interval.clear()
        self._named = self._unread = ""
        self._given = _reference(self._state.config)

    def _show(self) -> None:
        config = self._state.config
        letters, another = config.sequence, _reference(config) != self._given
        if another:
            self._forget_files()
        self.name.setText(config.name)
        if another and names_a_file(letters, config.oracle.alphabet):
            self._open_file(letters)
        if letters and letters in (self.fasta.value(), self.genome.value()):
            return  # being read
        typed = "".join(self.text.toPlainText().split()).upper()
        if letters != typed:
            self.text.blockSignals(True)
            self.text.setPlainText(letters)
            self.text.blockSignals(False)
        self._describe(letters)

    def _open_file(self, path: str) -> None:
        """A configuration may name a file: its record is what runs, so it is what is shown."""
        config = self._state.config
        self._named = config.name
        if config.locus and not config.record:  # an interval of it, which the run fetches
            self.source.setCurrentIndex(2)
            self.genome.set_value(path)
            self.interval.setText(config.locus)
            self._read_interval()
        else:
            self.source.setCurrentIndex(1)
            self.fasta.set_value(path)
            self._read_fasta(config.record, config.locus)

    def _describe(self, letters: str) -> None:
        if not letters:
            self._say(self._unread, "error")
            return
        alphabet = self._state.config.oracle.alphabet
        counts = Counter(letters.upper())
        wrong = sorted(set(counts) - set(alphabet) - set("NX" if "N" in alphabet else "N"))
        if wrong:
            text = f"Letters {', '.join(wrong[:8])} are not of the alphabet {alphabet}."
            self._say(text + _other_alphabet(counts), "error")
            return
        known = counted(len(letters), "letter")
        unknown = "N" if "N" not in alphabet else "X"
        if counts[unknown]:
            first = letters.upper().index(unknown)
            text = f"{known}, of which {counts[unknown]:,} unknown ({unknown}, the first at "
            text += f"position {first}): a library needs to know them all."
            self._say(text, "error")
            return
        shares = "   ".join(
            f"{letter}\N{NO-BREAK SPACE}{counts[letter] / len(letters):.0%}" for letter in alphabet
        )
        self._say(f"{known}   ·   {shares}" if len(alphabet) <= 6 else known, "muted")

    def _complain(self, failure: Failure) -> None:
        """The sequence that was there before is not that of the file that the field names."""
        self.record.clear()
        self._take("", "", unread=str(failure.error))

    def _say(self, text: str, role: str) -> None:
        self._about.setText(text)
        self._about.setVisible(bool(text))
        set_role(self._about, role)


def _reference(config: RunConfig) -> tuple[str, str, str, str]:
    return config.sequence, config.record, config.locus, config.name


def _other_alphabet(letters: Iterable[str]) -> str:
    """Which alphabet has them all, and where it is chosen."""
    for name, alphabet in NAMED_ALPHABETS.items():
        if set(letters) <= set(alphabet):
            shown = name if len(name) == 3 else name.lower()
            return f" Those of {shown} are: “Alphabet” under “More about the model”."
    return ""


def _form(*rows: tuple[str, QWidget]) -> QWidget:
    page = QWidget()
    page.setLayout(column(*(form_row(PlainLabel(text), widget) for text, widget in rows)))
    return page
