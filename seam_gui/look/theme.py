"""Colours: one palette for light, one for dark, and the colour scales of the pictures.

Views ask `theme()` for the current `Palette` when they draw, and redraw on its `changed` signal.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PyQt5.QtCore import QObject, pyqtSignal
from PyQt5.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QGuiApplication, QPalette
from PyQt5.QtWidgets import QApplication

from seam_core.colours import categorical, diverging, letter_colours, sequential
from seam_gui.look.palette import CONTRAST, DARK, LIGHT, Palette
from seam_gui.look.stylesheet import style_application

SPACING = 8  # pixels; margins and gaps are multiples of it
MODES = ("system", "light", "dark", "contrast")

_SANS = ("Inter", "Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans", "Arial")
_FIXED = ("Menlo", "Consolas", "DejaVu Sans Mono", "Noto Sans Mono", "Liberation Mono", "Courier")


class Theme(QObject):
    """The mode in force; `changed` says that everything should be drawn again."""

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._mode = "system"
        self._colour_blind = False

    @property
    def mode(self) -> str:
        """One of `MODES`, as the user chose."""
        return self._mode

    @property
    def colour_blind(self) -> bool:
        """True when letters, clusters and scales avoid red beside green."""
        return self._colour_blind

    @property
    def palette(self) -> Palette:
        """The colours in force."""
        if self._mode == "contrast":
            return CONTRAST
        dark = self._mode == "dark" or (self._mode == "system" and _system_is_dark())
        return DARK if dark else LIGHT

    def set_mode(self, mode: str) -> None:
        """Choose one of `MODES`."""
        if mode not in MODES:
            raise ValueError(f"theme: got {mode!r}; expected one of {', '.join(MODES)}")
        if mode != self._mode:
            self._mode = mode
            self.apply()

    def set_colour_blind(self, on: bool) -> None:
        """Letters, clusters and scales without red beside green."""
        if on != self._colour_blind:
            self._colour_blind = on
            self.changed.emit()

    def apply(self) -> None:
        """Dress the whole application in the palette and say so."""
        application = QApplication.instance()
        if isinstance(application, QApplication):
            style_application(application, self.palette)
        self.changed.emit()

    def color(self, name: str) -> QColor:
        """A colour of the palette by its field name, e.g. "accent"."""
        return QColor(getattr(self.palette, name))

    def letter_colors(self, alphabet: str) -> dict[str, QColor]:
        """Colour of each letter of an alphabet; protein alphabets go by chemistry."""
        grey = "#7a8aa0"  # seen on white and on near-black
        colours = letter_colours(alphabet, colour_blind=self._colour_blind, unknown=grey, rest=grey)
        return {letter: QColor(colour) for letter, colour in colours.items()}

    def categorical(self, n: int) -> np.ndarray:
        """(n, 3) uint8: colours of n categories, as figures have them."""
        return categorical(n, colour_blind=self._colour_blind)

    def sequential(self) -> np.ndarray:
        """(256, 3) uint8: viridis, or cividis for colour-blind eyes."""
        return sequential(colour_blind=self._colour_blind)

    def diverging(self) -> np.ndarray:
        """(256, 3) uint8: blue, the background at the middle, red; orange for colour-blind eyes."""
        return diverging(
            paper=self.palette.background, dark=self.palette.dark, colour_blind=self._colour_blind
        )


@lru_cache(maxsize=1)
def theme() -> Theme:
    """The application's one theme."""
    return Theme()


def system_font() -> QFont:
    """The platform's own interface font; the best sans-serif there is where it names none."""
    font = QFontDatabase.systemFont(QFontDatabase.GeneralFont)
    families = set(QFontDatabase().families())
    if font.family() not in families:
        sans = [family for family in _SANS if family in families]
        if sans:
            font.setFamily(sans[0])
    if font.pointSizeF() <= 0:
        font.setPointSizeF(10.0)
    return font


def fixed_font() -> QFont:
    """A font whose letters are all of one width, for sequences."""
    font = QFontDatabase.systemFont(QFontDatabase.FixedFont)
    if not QFontInfo(font).fixedPitch():
        families = set(QFontDatabase().families())
        fixed = [family for family in _FIXED if family in families]
        font = QFont(fixed[0]) if fixed else font
    font.setStyleHint(QFont.Monospace)
    font.setPointSizeF(QGuiApplication.font().pointSizeF())
    return font


def _system_is_dark() -> bool:
    if QGuiApplication.instance() is None:
        return False
    return _startup_window_color().lightness() < 128


@lru_cache(maxsize=1)
def _startup_window_color() -> QColor:
    """Asked once, before the theme changes the application's own palette."""
    return QGuiApplication.palette().color(QPalette.Window)
