"""Which picture, its size in inches, its resolution and format."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)


@dataclass(frozen=True)
class FigureChoice:
    """What the user chose; `size` None: the figure's own."""

    name: str
    format: str
    size: tuple[float, float] | None
    dpi: int


class FigureDialog(QDialog):
    """chosen : `FigureChoice`."""

    chosen = pyqtSignal(object)

    def __init__(self, titles: dict[str, str], current: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("figure_dialog")
        self.setWindowTitle("Export picture")
        self.setAttribute(Qt.WA_DeleteOnClose)
        self._picture = QComboBox()
        self._picture.setObjectName("figure_picture")
        for name, title in titles.items():
            self._picture.addItem(title, name)
        self._picture.setCurrentIndex(max(0, self._picture.findData(current)))
        self._format = QComboBox()
        self._format.setObjectName("figure_format")
        self._format.addItems(["pdf", "svg", "png"])
        self._own = QCheckBox("as the figure needs")
        self._own.setObjectName("figure_own_size")
        self._own.setChecked(True)
        self._own.toggled.connect(self._show_size)
        self._width, self._height = (
            self._inches("figure_width", 7.0),
            self._inches("figure_height", 3.0),
        )
        self._dpi = QSpinBox()
        self._dpi.setObjectName("figure_dpi")
        self._dpi.setRange(30, 2400)
        self._dpi.setValue(300)
        self._dpi.setToolTip("Dots an inch, of PNG and of what is rasterised in PDF and SVG")
        buttons = QDialogButtonBox(QDialogButtonBox.Save | QDialogButtonBox.Cancel)
        buttons.setObjectName("figure_buttons")
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.addRow("Picture", self._picture)
        form.addRow("Format", self._format)
        form.addRow("Size", self._own)
        form.addRow("Width", self._width)
        form.addRow("Height", self._height)
        form.addRow("Resolution (dpi)", self._dpi)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(buttons)
        self._show_size()

    def _inches(self, name: str, value: float) -> QDoubleSpinBox:
        made = QDoubleSpinBox()
        made.setObjectName(name)
        made.setRange(1.0, 40.0)
        made.setSingleStep(0.5)
        made.setSuffix(" in")
        made.setValue(value)
        return made

    def _show_size(self) -> None:
        for widget in (self._width, self._height):
            widget.setEnabled(not self._own.isChecked())

    def _accept(self) -> None:
        own = self._own.isChecked()
        size = None if own else (self._width.value(), self._height.value())
        choice = FigureChoice(
            self._picture.currentData(), self._format.currentText(), size, self._dpi.value()
        )
        self.accept()
        self.chosen.emit(choice)
