"""Buttons of the scatter: what the mouse does over the points; icons that follow the theme."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QObject, Qt
from PyQt5.QtWidgets import QButtonGroup, QToolButton, QWidget

from seam_gui.look.theme import theme
from seam_gui.views.tool_icons import tool_icon
from seam_gui.widgets.mode_box import KEYS

_TOOLS = {
    "lasso": "Draw around points to select them (L)",
    "polygon": "Click corners around points, double-click or Enter closes (P)",
    "rectangle": "Drag a box over points to select them (B)",
    "pan": "Drag moves the picture; the right button always does (H)",
    "zoom": "Drag a box to see it large (Z); Alt+Left goes back",
}


class IconButton(QToolButton):
    """A button whose icon is drawn in the colours of the theme."""

    def __init__(self, icon: str, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setObjectName(name)
        self.setToolTip(tip)
        self.setFocusPolicy(Qt.TabFocus)  # a click leaves the keys to the scatter
        theme().changed.connect(self.dress)
        self.dress()

    def dress(self) -> None:
        """The icon in the colours of the theme."""
        self.setIcon(tool_icon(self._icon))


class ToolButtons(QObject):
    """One button a tool of the scatter; one of them is pressed."""

    def __init__(self, chosen: Callable[[str], None], parent: QObject) -> None:
        super().__init__(parent)
        group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        for tool, tip in _TOOLS.items():
            button = IconButton(tool, f"scatter_tool_{tool}", f"{tip}\n{KEYS}")
            button.setCheckable(True)
            button.clicked.connect(lambda _checked, t=tool: chosen(t))
            group.addButton(button)
            self._buttons[tool] = button
        self.all[0].setChecked(True)

    @property
    def all(self) -> list[QToolButton]:
        """The buttons in their order."""
        return list(self._buttons.values())

    def choose(self, tool: str) -> None:
        """As pressing the tool's button."""
        self._buttons[tool].click()
