"""Which picture, its size, resolution and format, beside a preview of what will be written."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt5.QtCore import Qt, QTimer, pyqtSignal
from PyQt5.QtGui import QImage, QPixmap
from PyQt5.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from seam_gui.look.theme import SPACING
from seam_gui.widgets.basics import label
from seam_gui.widgets.fields import ComboBox, DoubleSpinBox, SpinBox

PREVIEW = (520, 400)  # pixels that a preview may take
_UNITS = {"inches": ("in", 1.0, 2, 0.5), "millimetres": ("mm", 25.4, 1, 5.0)}
_PAUSE_MS = 200  # between the last change and the preview of it


@dataclass(frozen=True)
class FigureChoice:
    """What the user chose; `size` in inches, None: the figure's own."""

    name: str
    format: str
    size: tuple[float, float] | None
    dpi: int


@dataclass(frozen=True, eq=False)
class Preview:
    """A picture as it will be written, with the `size` in inches that it has."""

    choice: FigureChoice
    image: QImage
    size: tuple[float, float]


class FigureDialog(QDialog):
    """chosen : `FigureChoice`, to be written.

    preview_wanted : `FigureChoice`, to be drawn and given to `show_preview`
    """

    chosen = pyqtSignal(object)
    preview_wanted = pyqtSignal(object)

    def __init__(self, titles: dict[str, str], current: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("figure_dialog")
        self.setWindowTitle("Export picture")
        self.setAttribute(Qt.WA_DeleteOnClose)
        self._factor = 1.0  # of the unit, an inch
        self._make_fields(titles, current)
        self._image = QLabel()
        self._image.setObjectName("figure_preview")
        self._image.setAlignment(Qt.AlignCenter)
        self._image.setMinimumSize(*PREVIEW)
        self._image.setText("Drawing…")
        self._words = label("", "muted", "figure_preview_words")
        buttons = QDialogButtonBox(QDialogButtonBox.Save | QDialogButtonBox.Cancel)
        buttons.setObjectName("figure_buttons")
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        beside = QVBoxLayout()
        beside.addWidget(self._image, 1)
        beside.addWidget(self._words)
        above = QHBoxLayout()
        above.setSpacing(SPACING * 2)
        above.addLayout(self._form())
        above.addLayout(beside, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(above)
        layout.addWidget(buttons)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_PAUSE_MS)
        self._later.timeout.connect(lambda: self.preview_wanted.emit(self.choice))
        self._show_size()

    def _make_fields(self, titles: dict[str, str], current: str) -> None:
        from seam_core.figures.style import FORMATS

        self._picture = _choice("figure_picture", "What is drawn")
        for name, title in titles.items():
            self._picture.addItem(title, name)
        self._picture.setCurrentIndex(max(0, self._picture.findData(current)))
        self._format = _choice("figure_format", "PDF and SVG keep text and lines, PNG is pixels")
        for name in sorted(FORMATS, key=("pdf", "svg", "png").index):
            self._format.addItem(name.upper(), name)
        self._own = QCheckBox("as the figure needs")
        self._own.setObjectName("figure_own_size")
        self._own.setChecked(True)
        self._unit = _choice("figure_unit", "The unit of width and height")
        for name in _UNITS:
            self._unit.addItem(name)
        self._width, self._height = self._length("figure_width"), self._length("figure_height")
        self._set_size((7.0, 3.0))
        self._dpi = SpinBox()
        self._dpi.setObjectName("figure_dpi")
        self._dpi.setRange(30, 2400)
        self._dpi.setValue(300)
        self._dpi.setSuffix(" dpi")
        self._dpi.setToolTip("Dots an inch, of PNG and of what is rasterised in PDF and SVG")
        self._unit.currentTextChanged.connect(self._change_unit)
        self._own.toggled.connect(self._show_size)
        for signal in (
            self._picture.currentIndexChanged,
            self._format.currentIndexChanged,
            self._own.toggled,
            self._width.valueChanged,
            self._height.valueChanged,
            self._dpi.valueChanged,
        ):
            signal.connect(lambda _: self._later.start())

    def _form(self) -> QFormLayout:
        form = QFormLayout()
        form.addRow("Picture", self._picture)
        form.addRow("Format", self._format)
        form.addRow("Size", self._own)
        form.addRow("Unit", self._unit)
        form.addRow("Width", self._width)
        form.addRow("Height", self._height)
        form.addRow("Resolution", self._dpi)
        return form

    def _length(self, name: str) -> QDoubleSpinBox:
        box = DoubleSpinBox()
        box.setObjectName(name)
        box.setKeyboardTracking(False)
        return box

    @property
    def choice(self) -> FigureChoice:
        """What is entered."""
        size = (self._width.value() / self._factor, self._height.value() / self._factor)
        return FigureChoice(
            self._picture.currentData(),
            self._format.currentData(),
            None if self._own.isChecked() else size,
            self._dpi.value(),
        )

    def show_preview(self, preview: Preview) -> None:
        """What would be written; one of another choice is of no use any more."""
        if preview.choice != self.choice:
            return
        self._image.setPixmap(QPixmap.fromImage(preview.image))
        if preview.choice.size is None:
            self._set_size(preview.size)
        self._words.setText(_words(preview))

    def show_problem(self, text: str) -> None:
        """Why there is no preview."""
        self._image.clear()
        self._words.setText(text)

    def _set_size(self, inches: tuple[float, float]) -> None:
        unit, self._factor, decimals, step = _UNITS[self._unit.currentText()]
        for box, value in zip((self._width, self._height), inches, strict=True):
            box.blockSignals(True)
            box.setDecimals(decimals)
            box.setRange(1.0 * self._factor, 40.0 * self._factor)
            box.setSingleStep(step)
            box.setSuffix(f" {unit}")
            box.setValue(value * self._factor)
            box.blockSignals(False)

    def _change_unit(self) -> None:
        self._set_size((self._width.value() / self._factor, self._height.value() / self._factor))
        self._later.start()

    def _show_size(self) -> None:
        for widget in (self._width, self._height):
            widget.setEnabled(not self._own.isChecked())
        self._later.start()

    def done(self, result: int) -> None:
        """Closed either way: no preview any more."""
        self._later.stop()
        super().done(result)

    def _accept(self) -> None:
        choice = self.choice
        self.accept()
        self.chosen.emit(choice)


def _choice(name: str, tip: str) -> QComboBox:
    box = ComboBox()
    box.setObjectName(name)
    box.setToolTip(tip)
    return box


def _words(preview: Preview) -> str:
    """The size in both units, and in pixels where it is of pixels."""
    width, height = preview.size
    text = f"{width:.2f} x {height:.2f} in   ·   {25.4 * width:.0f} x {25.4 * height:.0f} mm"
    if preview.choice.format == "png":
        dpi = preview.choice.dpi
        text += f"   ·   {int(width * dpi):,} x {int(height * dpi):,} pixels"
    return text
