"""A form made from a stage's parameter dataclass: one row a parameter."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt5.QtWidgets import QFormLayout, QLabel, QSizePolicy, QWidget

from seam_core.parameters import Parameter, Parameters, describe
from seam_core.validate import InputError
from seam_gui.theme import SPACING
from seam_gui.widgets.editors import Editor, make_editor

_FIELD_WIDTH, _LABEL_WIDTH = 136, 120

# words that a parameter's name writes small
_WORDS = {
    "umap": "UMAP",
    "pca": "PCA",
    "tsne": "t-SNE",
    "phate": "PHATE",
    "dbscan": "DBSCAN",
    "hdbscan": "HDBSCAN",
    "ism": "ISM",
    "snv": "SNV",
    "gia": "GIA",
    "gb": "(GB)",
    "intgrad": "integrated gradients",
    "n": "number of",
}


class ParameterForm(QWidget):
    """Edits the parameters of one stage.

    changed : the form holds other, valid parameters
    invalid : what is entered cannot be; the message says why ("" once it can)

    Editors carry the objectName `<prefix>_<parameter>`.
    """

    changed = pyqtSignal(object)
    invalid = pyqtSignal(str)

    def __init__(
        self,
        cls: type[Parameters],
        prefix: str,
        *,
        only: Sequence[str] = (),
        leave_out: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        """`only` or `leave_out` pick rows; the others keep the values last set."""
        super().__init__(parent)
        self._cls = cls
        self._value = cls()
        self._declared = [
            item
            for item in describe(cls)
            if (not only or item.name in only) and item.name not in leave_out
        ]
        self._editors: dict[str, Editor] = {}
        self._labels: dict[str, QLabel] = {}
        layout = QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(SPACING * 2)
        layout.setVerticalSpacing(SPACING)
        layout.setLabelAlignment(Qt.AlignLeft | Qt.AlignVCenter)
        layout.setFieldGrowthPolicy(QFormLayout.ExpandingFieldsGrow)
        for item in self._declared:
            self._add_row(layout, item, prefix)
        self._error = QLabel()
        self._error.setProperty("role", "error")
        self._error.setWordWrap(True)
        self._error.setObjectName(f"{prefix}_error")
        self._error.hide()
        layout.addRow(self._error)
        self.set_value(self._value)

    @property
    def value(self) -> Parameters:
        """The last valid parameters entered."""
        return self._value

    def set_value(self, value: Parameters) -> None:
        """Show other parameters; nothing is emitted."""
        self._value = value
        for name, editor in self._editors.items():
            with QSignalBlocker(editor):
                editor.set_value(getattr(value, name))
        self._show_error("")
        self._show_rows()

    def editor(self, name: str) -> Editor:
        """The editor of one parameter."""
        return self._editors[name]

    def _add_row(self, layout: QFormLayout, item: Parameter, prefix: str) -> None:
        editor = make_editor(item)
        editor.setObjectName(f"{prefix}_{item.name}")
        editor.setToolTip(tooltip_of(item))
        # fields take what the panel leaves, however long their unit or choices are
        editor.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Fixed)
        editor.setMinimumWidth(_FIELD_WIDTH)
        editor.edited.connect(self._take)
        label = QLabel(label_of(item.name))
        label.setToolTip(tooltip_of(item))
        label.setBuddy(editor)
        label.setWordWrap(True)
        label.setMinimumWidth(_LABEL_WIDTH)
        if item.type is bool:
            editor.setText(label.text())
            layout.addRow(editor)
        else:
            layout.addRow(label, editor)
            self._labels[item.name] = label
        self._editors[item.name] = editor

    def _take(self) -> None:
        try:
            values = {name: editor.value() for name, editor in self._editors.items()}
            value = self._value.replace(**values)
        except InputError as error:
            self._show_error(str(error))
            return
        self._show_error("")
        self._value = value
        self._show_rows()
        self.changed.emit(value)

    def _show_error(self, message: str) -> None:
        self._error.setText(message)
        self._error.setVisible(bool(message))
        self.invalid.emit(message)

    def _show_rows(self) -> None:
        shown = shown_parameters(self._value)
        for name, editor in self._editors.items():
            editor.setVisible(name in shown)
            if name in self._labels:
                self._labels[name].setVisible(name in shown)


def shown_parameters(value: Parameters) -> set[str]:
    """Names of the parameters that matter, given the others."""
    declared = {item.name: item for item in describe(type(value))}

    def matters(item: Parameter) -> bool:
        if item.when is None:
            return True
        other, values = item.when
        return getattr(value, other) in values and matters(declared[other])

    return {name for name, item in declared.items() if matters(item)}


def label_of(name: str) -> str:
    """A parameter's name as a person writes it: "n_clusters" to "Number of clusters"."""
    text = " ".join(_WORDS.get(word, word) for word in name.split("_"))
    return text[0].upper() + text[1:] if text[:2] != "t-" else text


def tooltip_of(item: Parameter) -> str:
    """What a control does, its unit, its range and its default."""
    lines = [item.help + "."]
    if item.unit:
        lines.append(f"Unit: {item.unit}.")
    if item.low is not None and item.high is not None:
        lines.append(f"From {item.low:g} to {item.high:g}.")
    elif item.low is not None:
        lines.append(f"At least {item.low:g}.")
    elif item.high is not None:
        lines.append(f"At most {item.high:g}.")
    if item.default not in (None, ""):
        lines.append(f"Default: {item.default}.")
    return "\n".join(lines)
