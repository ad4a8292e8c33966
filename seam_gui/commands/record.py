"""What a command is, and what a menu is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from seam_gui.state.app_state import AppState


@dataclass(frozen=True)
class Need:
    """What a command cannot do without; `otherwise` is said where it is lacking."""

    met: Callable[[AppState], bool]
    otherwise: str


@dataclass(frozen=True)
class Command:
    """One thing that a user can ask for; its `QAction` is called `action_<name>`.

    button : what a button says, where that is shorter than the menu's text
    """

    name: str
    text: str
    keys: str = ""
    tip: str = ""
    needs: Need | None = None
    button: str = ""
    checkable: bool = False

    @property
    def button_text(self) -> str:
        """What a button of it says."""
        return self.button or self.text

    @property
    def button_tip(self) -> str:
        """What a button of it says about itself."""
        return f"{self.tip} ({self.keys})" if self.keys else self.tip


@dataclass(frozen=True)
class Submenu:
    """A menu inside a menu, called `menu_<name>`; without commands it is filled when it opens."""

    name: str
    text: str
    commands: tuple[Command, ...] = ()


Item: TypeAlias = "Command | Submenu | None"  # None: a line between
