"""The dialog that takes files made elsewhere: table, maps, embedding, linkage; column names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from seam_gui.dialogs import dialogs
from seam_gui.look.theme import SPACING, fixed_font
from seam_gui.services import Services
from seam_gui.widgets.basics import button, grow_to_fit, label, row
from seam_gui.widgets.editors import PathEditor
from seam_gui.widgets.fields import ComboBox, SpinBox
from seam_gui.windows.import_clusters import ImportClusters
from seam_gui.work.documents import PeerFiles
from seam_gui.work.errors import explained
from seam_gui.work.jobs import Failure

_TABLES = "Tables (*.csv *.tsv *.txt *.csv.gz *.tsv.gz *.parquet);;All files (*)"
_ARRAYS = "Arrays (*.npy *.npz *.npy.gz *.h5 *.hdf5 *.h5ad);;All files (*)"
_REFERENCES = (
    ("The row with no mutations, if the table says", ""),
    ("The first row", "first"),
    ("None", "none"),
    ("These letters", "typed"),
)
_LAYOUTS = (
    ("Axes as in the file", "auto"),
    ("(N, L, letters)", "channels_last"),
    ("(N, letters, L)", "channels_first"),
)
_MOST_LINES = 6  # of files that are not taken; more are scrolled to
_ODD_LETTERS = (
    ("Refuse the table", "refuse"),
    ("Leave these rows out", "drop"),
    ("Take the letters as unknown", "mask"),
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
        self._seen: dict[str, tuple[str, list[str]]] = {}  # names by job: of which file, and which
        self._left = QPlainTextEdit()
        self._left.setObjectName("import_left")
        self._left.setAccessibleName("Files that are not taken, and why")
        self._left.setReadOnly(True)
        self._left.hide()
        self._made_table()
        self._made_others()
        self.clusters = ImportClusters()
        self.clusters.asked.toggled.connect(lambda _: grow_to_fit(self))
        for editor in (self.embedding, self.linkage):
            editor.edited.connect(self._suggest_grouping)
        self._wrong = label("", "error", "import_wrong")
        self._wrong.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING * 3, SPACING * 3, SPACING * 3, SPACING * 2)
        layout.setSpacing(SPACING * 2)
        hint = "A table and its maps are enough to start; everything else can be computed."
        layout.addWidget(label(hint, "muted"))
        layout.addLayout(self._form())
        layout.addWidget(self.clusters)
        layout.addWidget(self._left)
        layout.addWidget(self._wrong)
        self.ok = button("Import", "import_ok", "Read and check the files", self._go, primary=True)
        self.ok.setDefault(True)
        cancel = button("Cancel", "import_cancel", "Close without importing", self.reject)
        layout.addLayout(row(None, cancel, self.ok))
        self.finished.connect(lambda _: self._leave())

    def suggest(self, paths: list[Path]) -> None:
        """Put files where they seem to belong, by what is in them; name those that do not."""
        from seam_core.readers import role_of

        left = []
        for path in paths:
            role = role_of(path)
            editor = getattr(self, role.part) if role.part else None
            if editor is None:
                left.append(f"{path.name}: {role.what}.")
            elif editor.value():
                left.append(f"{path.name}: another file for the {role.part} is chosen already.")
            else:
                editor.set_value(str(path))
        if left:  # it stays to be read, whatever is said later
            self._left.setPlainText("\n".join(["Not taken:", *left]))
            lines = min(len(left) + 1, _MOST_LINES)
            self._left.setFixedHeight(lines * self._left.fontMetrics().lineSpacing() + 3 * SPACING)
            self._left.show()
        self._read_header()
        self._read_keys()
        self._suggest_grouping()

    def _suggest_grouping(self) -> None:
        from seam_core.store import grouping_of_files

        given = {"embedding": bool(self.embedding.value()), "linkage": bool(self.linkage.value())}
        self.clusters.suggest(grouping_of_files(**given))

    def complain(self, failure: Failure) -> None:
        """The files could not be read: say why, and let the user mend it."""
        from seam_core.readers import TransposedError

        text, _ = explained(failure)
        self._say(text)
        self.ok.setEnabled(True)
        if isinstance(failure.error, TransposedError):
            self._offer_transposed(failure.error.shape)

    def _offer_transposed(self, shape: tuple[int, ...]) -> None:
        """Show what the file has, and read it in the other order where the user says so."""
        n, letters, length = shape
        text = f"The maps have the shape ({n:,}, {letters}, {length:,}): {n:,} sequences, "
        text += f"then {letters} and {length:,}. They are needed as (sequence, position, letter).\n"
        text += f"Read them as {n:,} maps of {length:,} positions and {letters} letters?"
        if dialogs().confirm(self, "The maps seem to be transposed", text, "Read them so"):
            self.layout_of_maps.setCurrentIndex(self.layout_of_maps.findData("channels_first"))
            self._go()

    def _made_table(self) -> None:
        self.table = _path("import_table", "One row a sequence (.csv, .tsv)", _TABLES)
        self.table.edited.connect(self._read_header)
        self.sequence_column = _columns("import_sequence_column", "Column with the letters")
        self.activity_column = _columns("import_activity_column", "Column with the activity")
        self.odd_letters = _choice(
            "import_odd_letters",
            "Rows with letters that the alphabet lacks, as R or N in DNA",
            _ODD_LETTERS,
        )

    def _made_others(self) -> None:
        self.maps = _path("import_maps", "Attribution maps (N, L, A): .npy, .npz, .h5", _ARRAYS)
        self.maps.edited.connect(self._read_keys)
        self.key = _columns("import_maps_key", "Which array of a file of maps with several")
        self.key.setEditable(True)
        self.key.lineEdit().setPlaceholderText("the only one, or the usual one")
        self.layout_of_maps = _choice(
            "import_maps_layout", "The order of the axes of the maps", _LAYOUTS
        )
        self.embedding = _path(
            "import_embedding", "Coordinates (N, 2 or more): .npy, .h5ad", _ARRAYS
        )
        self.linkage = _path("import_linkage", "Tree in SciPy's format (N - 1, 4), .npy", _ARRAYS)
        self.reference = ComboBox()
        self.reference.setObjectName("import_reference")
        self.reference.setToolTip("Which sequence the others are mutants of")
        for text, value in _REFERENCES:
            self.reference.addItem(text, value)
        self.letters = _line(
            "import_reference_text",
            "The reference",
            "The reference's letters, as in a row of the table",
        )
        self.letters.setFont(fixed_font())
        self.letters.hide()
        self.reference.currentIndexChanged.connect(
            lambda _: self.letters.setVisible(self.reference.currentData() == "typed")
        )
        self.start = _position("import_start", "First position that the maps cover (0-based)")
        self.stop = _position("import_stop", "End of the positions that the maps cover (exclusive)")
        self.alphabet = _line(
            "import_alphabet", "Order of the maps' letters", "as in the table: DNA, RNA, ACGU, …"
        )
        self.name = _line("import_name", "Name of the session", "as the table's file")

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
        form.addRow("Odd letters", self.odd_letters)
        form.addRow("Maps", self.maps)
        array = QHBoxLayout()
        array.setSpacing(SPACING)
        array.addWidget(self.key, 1)
        array.addWidget(self.layout_of_maps)
        form.addRow("Array", array)
        form.addRow("Maps cover", window)
        form.addRow("Embedding", self.embedding)
        form.addRow("Linkage", self.linkage)
        form.addRow("Reference", self.reference)
        form.addRow("", self.letters)
        form.addRow("Alphabet", self.alphabet)
        form.addRow("Name", self.name)
        return form

    def _leave(self) -> None:
        """Closed: what files hold is not waited for any more."""
        for key in ("header", "keys"):
            self._jobs.cancel(key)
        self.deleteLater()

    def _read_header(self) -> None:
        self._read_names("header", "Header", self.table.value(), _header, self._show_columns)

    def _read_keys(self) -> None:
        self._read_names("keys", "Arrays", self.maps.value(), _keys, self._show_keys)

    def _read_names(
        self,
        key: str,
        title: str,
        path: str | None,
        read: Callable[[str], list[str]],
        show: Callable[[list[str]], None],
    ) -> None:
        """What a file has names for; a field left as it was changes no choice made since."""
        if not path:
            return

        def done(names: list[str]) -> None:
            if self._seen.get(key) != (path, names):
                self._seen[key] = (path, names)
                show(names)

        def failed(failure: Failure) -> None:
            self._seen.pop(key, None)
            self.complain(failure)

        self._jobs.submit(
            key, title, lambda progress: read(path), done=done, failed=failed, quiet=True
        )

    def _show_keys(self, names: list[str]) -> None:
        self.key.clear()
        self.key.addItems(["", *names] if len(names) > 1 else [])

    def _show_columns(self, names: list[str]) -> None:
        known = {"sequence": ("Sequence",), "activity": ("Activity", "DNN")}
        for box, wanted in (
            (self.sequence_column, known["sequence"]),
            (self.activity_column, known["activity"]),
        ):
            box.clear()
            box.addItems(names)
            column = next((name for name in wanted if name in names), None)
            box.setCurrentIndex(names.index(column) if column else -1)
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
            maps_key=self.key.currentText().strip(),
            maps_layout=self.layout_of_maps.currentData(),
            odd_letters=self.odd_letters.currentData(),
            alphabet=self.alphabet.text(),
            name=self.name.text().strip(),
            then=self.clusters.value(),
        )

    def _say(self, text: str) -> None:
        self._wrong.setText(text)
        self._wrong.setVisible(bool(text))
        grow_to_fit(self)


def _header(path: str) -> list[str]:
    from seam_core.readers import header_of

    return header_of(path)


def _keys(path: str) -> list[str]:
    from seam_core.readers import keys_of

    return keys_of(path, "maps")


def _path(name: str, tip: str, filters: str) -> PathEditor:
    editor = PathEditor(optional=True, filters=filters)
    editor.setObjectName(name)
    editor.setToolTip(tip)
    return editor


def _columns(name: str, tip: str) -> QComboBox:
    box = ComboBox()
    box.setObjectName(name)
    box.setToolTip(tip)
    return box


def _line(name: str, tip: str, empty: str) -> QLineEdit:
    line = QLineEdit()
    line.setObjectName(name)
    line.setToolTip(tip)
    line.setPlaceholderText(empty)
    return line


def _choice(name: str, tip: str, choices: tuple[tuple[str, str], ...]) -> QComboBox:
    box = _columns(name, tip)
    for text, value in choices:
        box.addItem(text, value)
    return box


def _position(name: str, tip: str) -> QSpinBox:
    box = SpinBox()
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
