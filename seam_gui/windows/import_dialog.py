"""The dialog that takes files made elsewhere: table, maps, embedding, linkage; column names."""

from __future__ import annotations

from pathlib import Path

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from seam_gui.look.theme import SPACING, fixed_font
from seam_gui.services import Services
from seam_gui.widgets.basics import button, label, row
from seam_gui.widgets.editors import PathEditor
from seam_gui.work.documents import PeerFiles
from seam_gui.work.errors import explained
from seam_gui.work.jobs import Failure

_TABLES = "Tables (*.csv *.tsv *.txt *.csv.gz *.tsv.gz);;All files (*)"
_ARRAYS = "Arrays (*.npy *.npz);;All files (*)"
_REFERENCES = (
    ("The row with no mutations, if the table says", ""),
    ("The first row", "first"),
    ("None", "none"),
    ("These letters", "typed"),
)


class ImportDialog(QDialog):
    """Collects file names and how to read them; stays open until they were read."""

    accepted_files = pyqtSignal(object)  # PeerFiles

    def __init__(self, services: Services, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("import_dialog")
        self.setWindowTitle("Import files")
        self.setMinimumWidth(640)
        self._jobs = services.jobs
        self._made_table()
        self._made_others()
        self._wrong = label("", "error", "import_wrong")
        self._wrong.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING * 3, SPACING * 3, SPACING * 3, SPACING * 2)
        layout.setSpacing(SPACING * 2)
        hint = "A table and its maps are enough to start; everything else can be computed."
        layout.addWidget(label(hint, "muted"))
        layout.addLayout(self._form())
        layout.addWidget(self._wrong)
        self.ok = button("Import", "import_ok", "Read and check the files", self._go, primary=True)
        self.ok.setDefault(True)
        cancel = button("Cancel", "import_cancel", "Close without importing", self.reject)
        layout.addLayout(row(None, cancel, self.ok))
        self.finished.connect(lambda _: self.deleteLater())

    def suggest(self, paths: list[Path]) -> None:
        """Put files where they seem to belong, by their names and shapes."""
        for path in paths:
            role = role_of(path)
            if role:
                getattr(self, role).set_value(str(path))
        self._read_header()

    def complain(self, failure: Failure) -> None:
        """The files could not be read: say why, and let the user mend it."""
        text, _ = explained(failure)
        self._say(text)
        self.ok.setEnabled(True)

    def _made_table(self) -> None:
        self.table = _path("import_table", "One row a sequence (.csv, .tsv)", _TABLES)
        self.table.edited.connect(self._read_header)
        self.sequence_column = _columns("import_sequence_column", "Column with the letters")
        self.activity_column = _columns("import_activity_column", "Column with the activity")

    def _made_others(self) -> None:
        self.maps = _path("import_maps", "Attribution maps (N, L, A), .npy or .npz", _ARRAYS)
        self.embedding = _path("import_embedding", "Coordinates (N, 2 or more), .npy", _ARRAYS)
        self.linkage = _path("import_linkage", "Tree in SciPy's format (N - 1, 4), .npy", _ARRAYS)
        self.reference = QComboBox()
        self.reference.setObjectName("import_reference")
        self.reference.setToolTip("Which sequence the others are mutants of")
        for text, value in _REFERENCES:
            self.reference.addItem(text, value)
        self.letters = QLineEdit()
        self.letters.setObjectName("import_reference_text")
        self.letters.setPlaceholderText("The reference's letters, as in a row of the table")
        self.letters.setFont(fixed_font())
        self.letters.hide()
        self.reference.currentIndexChanged.connect(
            lambda _: self.letters.setVisible(self.reference.currentData() == "typed")
        )
        self.start = _position("import_start", "First position that the maps cover (0-based, nt)")
        self.stop = _position("import_stop", "End of the positions that the maps cover (nt)")

    def _form(self) -> QFormLayout:
        form = QFormLayout()
        form.setHorizontalSpacing(SPACING * 2)
        form.setVerticalSpacing(SPACING)
        columns = QHBoxLayout()
        columns.setSpacing(SPACING)
        for text, box in (("Sequence", self.sequence_column), ("Activity", self.activity_column)):
            columns.addWidget(label(text, "muted"))
            columns.addWidget(box, 1)
        window = QHBoxLayout()
        window.setSpacing(SPACING)
        window.addWidget(self.start)
        window.addWidget(label("to", "muted"))
        window.addWidget(self.stop)
        window.addStretch(1)
        form.addRow("Table", self.table)
        form.addRow("Columns", columns)
        form.addRow("Maps", self.maps)
        form.addRow("Maps cover", window)
        form.addRow("Embedding", self.embedding)
        form.addRow("Linkage", self.linkage)
        form.addRow("Reference", self.reference)
        form.addRow("", self.letters)
        return form

    def _read_header(self) -> None:
        path = self.table.value()
        if not path:
            return
        self._jobs.submit(
            "header",
            "Header",
            lambda progress: header_of(Path(path)),
            done=self._show_columns,
            failed=self.complain,
            quiet=True,
        )

    def _show_columns(self, names: list[str]) -> None:
        known = {"sequence": ("Sequence",), "activity": ("Activity", "DNN")}
        for box, wanted in (
            (self.sequence_column, known["sequence"]),
            (self.activity_column, known["activity"]),
        ):
            box.clear()
            box.addItems(names)
            found = next((name for name in wanted if name in names), None)
            box.setCurrentIndex(names.index(found) if found else -1)
        self._say("")

    def _go(self) -> None:
        table = self.table.value()
        if not table:
            self._say("Choose a table first.")
            return
        if self.sequence_column.count() and not self._columns_chosen():
            self._say("Say which columns hold the sequences and the activities.")
            return
        self._say("")
        self.ok.setEnabled(False)
        self.accepted_files.emit(self._files(Path(table)))

    def _columns_chosen(self) -> bool:
        return bool(self.sequence_column.currentText() and self.activity_column.currentText())

    def _files(self, table: Path) -> PeerFiles:
        columns = {
            "Sequence": self.sequence_column.currentText(),
            "Activity": self.activity_column.currentText(),
        }
        reference = self.reference.currentData()
        if reference == "typed":
            reference = self.letters.text().strip().upper()
        return PeerFiles(
            mave=table,
            maps=_path_or_none(self.maps),
            embedding=_path_or_none(self.embedding),
            linkage=_path_or_none(self.linkage),
            reference=reference,
            map_start=_value_or_none(self.start),
            map_stop=_value_or_none(self.stop),
            columns={ours: theirs for ours, theirs in columns.items() if theirs},
        )

    def _say(self, text: str) -> None:
        self._wrong.setText(text)
        self._wrong.setVisible(bool(text))


def role_of(path: Path) -> str:
    """ "table", "maps", "embedding", "linkage", or "" where a file is none of them."""
    import numpy as np

    suffixes = {suffix.lower() for suffix in path.suffixes}
    if suffixes & {".csv", ".tsv", ".txt"}:
        return "table"
    if ".npz" in suffixes:
        return "maps"
    if ".npy" not in suffixes:
        return ""
    try:
        shape = np.load(path, mmap_mode="r", allow_pickle=False).shape
    except (OSError, ValueError):
        return "maps"
    if len(shape) == 2:
        named = "link" in path.name.lower()
        return "linkage" if shape[1] == 4 and (named or "embed" not in path.name) else "embedding"
    return "maps"


def header_of(path: Path) -> list[str]:
    """Names of a table's columns, from its first line that is no comment."""
    import pandas as pd

    from seam_core.validate import InputError

    separator = "\t" if {s.lower() for s in path.suffixes} & {".tsv", ".txt"} else ","
    try:
        names = pd.read_csv(path, sep=separator, nrows=0, comment="#").columns
    except (ValueError, OSError, UnicodeDecodeError) as error:
        expected = "a .csv or .tsv file with a header"
        raise InputError("table", f"an unreadable file ({error})", expected, str(path)) from error
    return [str(name) for name in names if not str(name).startswith("Unnamed: ")]


def _path(name: str, tip: str, filters: str) -> PathEditor:
    editor = PathEditor(optional=True, filters=filters)
    editor.setObjectName(name)
    editor.setToolTip(tip)
    return editor


def _columns(name: str, tip: str) -> QComboBox:
    box = QComboBox()
    box.setObjectName(name)
    box.setToolTip(tip)
    return box


def _position(name: str, tip: str) -> QSpinBox:
    box = QSpinBox()
    box.setObjectName(name)
    box.setToolTip(tip)
    box.setRange(-1, 10_000_000)
    box.setSpecialValueText("automatic")
    box.setValue(-1)
    return box


def _path_or_none(editor: PathEditor) -> Path | None:
    text = editor.value()
    return Path(text) if text else None


def _value_or_none(box: QSpinBox) -> int | None:
    return None if box.value() == box.minimum() else box.value()
