"""A form made from a stage's parameter dataclass: one row a parameter."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import QSignalBlocker, pyqtSignal
from PyQt5.QtWidgets import QWidget

from seam_core.parameters import Parameter, Parameters, describe, in_use
from seam_core.validate import InputError
from seam_gui.look.text import PlainLabel
from seam_gui.look.words import in_words, label_of
from seam_gui.widgets.basics import column, form_row
from seam_gui.widgets.editors import Editor, choice_label, make_editor


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
        self._rows: dict[str, QWidget] = {}
        layout = column()
        self.setLayout(layout)
        for item in self._declared:
            layout.addWidget(self._make_row(item, prefix))
        self._error = PlainLabel()
        self._error.setProperty("role", "error")
        self._error.setWordWrap(True)
        self._error.setObjectName(f"{prefix}_{self._declared[0].name}_error")
        self._error.hide()
        layout.addWidget(self._error)
        self.set_value(self._value)

    @property
    def value(self) -> Parameters:
        """The last valid parameters entered."""
        return self._value

    def set_value(self, value: Parameters) -> None:
        """Show other parameters; nothing is emitted."""
        self._value = value
        for name, editor in self._editors.items():
            assert isinstance(editor, QWidget)
            with QSignalBlocker(editor):
                editor.set_value(getattr(value, name))
        self._show_error("")
        self._show_rows()

    def editor(self, name: str) -> Editor:
        """The editor of one parameter."""
        return self._editors[name]

    def _make_row(self, item: Parameter, prefix: str) -> QWidget:
        """Label and editor, as one widget that is shown or hidden: nothing stays where it was."""
        editor = make_editor(item)
        editor.setObjectName(f"{prefix}_{item.name}")
        editor.setToolTip(tooltip_of(item))
        editor.edited.connect(self._take)
        self._editors[item.name] = editor
        if item.type is bool:
            editor.setText(label_of(item.name))
            line = editor
        else:
            label = PlainLabel(label_of(item.name))
            label.setToolTip(tooltip_of(item))
            label.setBuddy(editor)
            line = form_row(label, editor)
        self._rows[item.name] = line
        return line

    def _take(self) -> None:
        try:
            values = {name: editor.value() for name, editor in self._editors.items()}
            value = self._value.replace(**values)
        except InputError as error:
            self._show_error(in_words(error))
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
        shown = in_use(self._value)
        for name, row in self._rows.items():
            row.setVisible(name in shown)


def tooltip_of(item: Parameter) -> str:
    """What a control does, its unit, its range and its default."""
    lines = [in_words(item.help) + "."]
    if item.unit:
        lines.append(f"Unit: {item.unit}.")
    if item.low is not None and item.high is not None:
        lines.append(f"From {item.low:g} to {item.high:g}.")
    elif item.low is not None:
        lines.append(f"At least {item.low:g}.")
    elif item.high is not None:
        lines.append(f"At most {item.high:g}.")
    if item.default not in (None, ""):
        lines.append(f"Default: {_said(item)}.")
    return "\n".join(lines)


def _said(item: Parameter) -> str:
    """A default as the form shows it."""
    if item.type is bool:
        return "yes" if item.default else "no"
    return choice_label(item, item.default) if item.choices else str(item.default)
