"""Every command of the application, in one table.

Menus, context menus, buttons, the list of shortcuts in Help and tests are made from it. What a
command does is given by whoever can do it: `actions.Actions` binds the two by the command's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seam_gui.commands.record import Command, Item, Submenu
from seam_gui.commands.tabs import CANDIDATE_BUTTONS, CLUSTER_BUTTONS, SITE_BUTTONS, TAB_MENUS
from seam_gui.commands.views import VIEW_MENUS
from seam_gui.commands.window import MENUS, OTHERS
from seam_gui.state.tab_titles import TABS

__all__ = [
    "CANDIDATE_BUTTONS",
    "CLUSTER_BUTTONS",
    "MENUS",
    "OTHERS",
    "SITE_BUTTONS",
    "TABS",
    "TAB_MENUS",
    "VIEW_MENUS",
    "Command",
    "Item",
    "Submenu",
    "commands_of",
    "every_command",
]


def commands_of(items: Iterable[Item]) -> Iterator[Command]:
    """The commands among the items of a menu, those of its submenus too."""
    for item in items:
        if isinstance(item, Submenu):
            yield from item.commands
        elif item is not None:
            yield item


def every_command() -> Iterator[tuple[str, Command]]:
    """(menu, command) of all there are: the window's first, then the tabs'."""
    for menus in (MENUS, *TAB_MENUS.values()):
        for menu, items in menus.items():
            for command in commands_of(items):
                yield menu, command
