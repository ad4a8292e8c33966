"""Editors of single values, all of one face: `value`, `set_value`, `edited`."""

from __future__ import annotations

from typing import Any, Protocol

from PyQt5.QtCore import QLocale, pyqtSignal
from PyQt5.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from seam_core.parameters import Parameter
from seam_gui.dialogs import dialogs
from seam_gui.look.theme import SPACING
from seam_gui.look.words import empty_text, lowest_text
from seam_gui.widgets.fields import ComboBox, DoubleSpinBox, SpinBox

_INT_MAX = 2_147_483_647

# how a choice that is no method's name is shown where its own name says too little
_CHOICES = {
    "two_hot": "Two-hot",
    "none": "none",
    "cpu": "CPU",
    "gpu": "GPU",
    "pca": "PCA",
    "DNN": "DNN",
}


class Editor(Protocol):
    """What a form needs of the widget that edits one value."""

    edited: pyqtSignal

    def value(self) -> Any: ...

    def set_value(self, value: Any) -> None: ...


def choice_label(item: Parameter, choice: str) -> str:
    """How a choice is written in a list: as its method's record says."""
    if item.registry is not None and choice in item.registry:
        return item.registry.label(choice)
    return _CHOICES.get(choice) or choice[:1].upper() + choice[1:].replace("_", " ")


class ChoiceEditor(ComboBox):
    """One of a few named values."""

    edited = pyqtSignal()

    def __init__(self, item: Parameter) -> None:
        super().__init__()
        for choice in item.choices:
            self.addItem(choice_label(item, choice), choice)
        self.setMinimumContentsLength(8)
        self.setSizeAdjustPolicy(QComboBox.AdjustToMinimumContentsLengthWithIcon)
        self.currentIndexChanged.connect(lambda _: self.edited.emit())

    def value(self) -> str:
        return self.currentData()

    def set_value(self, value: str) -> None:
        self.setCurrentIndex(self.findData(value))


class FlagEditor(QCheckBox):
    """Yes or no."""

    edited = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.toggled.connect(lambda _: self.edited.emit())

    def value(self) -> bool:
        return self.isChecked()

    def set_value(self, value: bool) -> None:
        self.setChecked(value)


class IntEditor(SpinBox):
    """A whole number; an optional one has a text below its lowest value."""

    edited = pyqtSignal()

    def __init__(self, item: Parameter) -> None:
        super().__init__()
        low = int(item.low) if item.low is not None else -_INT_MAX
        high = int(item.high) if item.high is not None else _INT_MAX
        self._optional = item.optional
        self.setRange(low - 1 if item.optional else low, high)
        self.setSpecialValueText(lowest_text(item.name, optional=item.optional))
        if item.unit:
            self.setSuffix(f" {item.unit}")
        self.setGroupSeparatorShown(True)
        self.setKeyboardTracking(False)
        self.setStepType(QSpinBox.AdaptiveDecimalStepType)
        self.valueChanged.connect(lambda _: self.edited.emit())

    def value(self) -> Any:
        """A whole number, or None where it is optional and at its lowest."""
        number = super().value()
        return None if self._optional and number == self.minimum() else number

    def set_value(self, value: int | None) -> None:
        self.setValue(self.minimum() if value is None else value)


class FloatEditor(DoubleSpinBox):
    """A number; an optional one has a text below its lowest value."""

    edited = pyqtSignal()

    def __init__(self, item: Parameter) -> None:
        super().__init__()
        self._optional = item.optional
        step = 0.01 if item.high is not None and item.high <= 2 else 0.1
        low = item.low if item.low is not None else -1e12
        self.setDecimals(6)
        self.setRange(
            low - step if item.optional else low, 1e12 if item.high is None else item.high
        )
        self.setSingleStep(step)
        self.setSpecialValueText(lowest_text(item.name, optional=item.optional))
        if item.unit:
            self.setSuffix(f" {item.unit}")
        self.setKeyboardTracking(False)
        self.valueChanged.connect(lambda _: self.edited.emit())

    def textFromValue(self, value: float) -> str:
        """Without the trailing zeros."""
        text = QLocale().toString(value, "f", self.decimals())
        point = QLocale().decimalPoint()
        return text.rstrip("0").rstrip(point) if point in text else text

    def value(self) -> Any:
        """A number, or None where it is optional and at its lowest."""
        number = super().value()
        return None if self._optional and number == self.minimum() else number

    def set_value(self, value: float | None) -> None:
        self.setValue(self.minimum() if value is None else value)


class TextEditor(QLineEdit):
    """A line of text."""

    edited = pyqtSignal()

    def __init__(self, *, optional: bool = False, upper: bool = False) -> None:
        super().__init__()
        self._optional = optional
        self._upper = upper
        self.editingFinished.connect(self.edited)

    def value(self) -> str | None:
        text = self.text().strip()
        if self._upper:
            text = text.upper()
        return None if self._optional and not text else text

    def set_value(self, value: str | None) -> None:
        self.setText(value or "")


class SuggestingEditor(ComboBox):
    """A line of text, with some to choose from."""

    edited = pyqtSignal()

    def __init__(self, suggestions: tuple[str, ...], *, optional: bool = False) -> None:
        super().__init__()
        self._optional = optional
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.NoInsert)
        self.addItems(suggestions)
        self.setEditText("")
        self.setMinimumContentsLength(8)
        self.setSizeAdjustPolicy(QComboBox.AdjustToMinimumContentsLengthWithIcon)
        self.activated.connect(lambda _: self.edited.emit())
        self.lineEdit().editingFinished.connect(self.edited)

    def value(self) -> str | None:
        text = self.currentText().strip()
        return None if self._optional and not text else text

    def set_value(self, value: str | None) -> None:
        self.setEditText(value or "")


class PathEditor(QWidget):
    """A file's name, typed, dropped or browsed for."""

    edited = pyqtSignal()

    def __init__(self, *, optional: bool = False, filters: str = "") -> None:
        super().__init__()
        self._optional = optional
        self._filters = filters
        self.line = QLineEdit()
        self.line.setObjectName("line")
        self.line.editingFinished.connect(self.edited)
        self.browse = QPushButton("…")
        self.browse.setToolTip("Browse for a file")
        self.browse.setFixedWidth(SPACING * 4)
        self.browse.setStyleSheet("padding: 4px 0px;")
        self.browse.setObjectName("browse")
        self.browse.clicked.connect(self._browse)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self.line, 1)
        layout.addWidget(self.browse)
        self.setFocusProxy(self.line)
        self.setAcceptDrops(True)

    def value(self) -> str | None:
        text = self.line.text().strip()
        return None if self._optional and not text else text

    def set_value(self, value: str | None) -> None:
        self.line.setText(value or "")

    def dragEnterEvent(self, event: Any) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: Any) -> None:
        self.set_value(event.mimeData().urls()[0].toLocalFile())
        self.edited.emit()

    def _browse(self) -> None:
        path = dialogs().open_file(self, "Choose a file", self._filters)
        if path is not None:
            self.set_value(str(path))
            self.edited.emit()


def make_editor(item: Parameter) -> Any:
    """The editor that fits a declared parameter."""
    if item.choices:
        return ChoiceEditor(item)
    if item.type is bool:
        return FlagEditor()
    if item.type is int:
        return IntEditor(item)
    if item.type is float:
        return FloatEditor(item)
    if item.kind == "path":
        path = PathEditor(optional=item.optional)
        path.line.setPlaceholderText(empty_text(item))
        return path
    if item.suggest is not None:
        suggesting = SuggestingEditor(item.suggest(), optional=item.optional)
        suggesting.lineEdit().setPlaceholderText(empty_text(item))
        return suggesting
    editor = TextEditor(optional=item.optional, upper=item.kind == "sequence")
    editor.setPlaceholderText(empty_text(item))
    return editor
