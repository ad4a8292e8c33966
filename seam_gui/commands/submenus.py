"""Menus inside menus whose entries are made: what can be exported, themes."""

from __future__ import annotations

from seam_core.exports.record import Export
from seam_core.registry import EXPORTS
from seam_gui.commands.record import Command, Need, Submenu


def _export(one: Export) -> Command:
    lacking = "There is nothing to export yet: the session has no " + " or ".join(one.needs)
    rows = ", of the selection or all" if one.of_rows else ""
    text, need = f"{one.label}{rows}…", Need(lambda s: not one.missing(s.session), f"{lacking}.")
    return Command(f"export_{one.name}", text, "", one.tip, need)


EXPORT = Submenu("export", "Export", tuple(_export(one) for one in EXPORTS))
THEME = Submenu(
    "theme",
    "Theme",
    tuple(
        Command(f"theme_{mode}", text, checkable=True)
        for mode, text in (
            ("system", "System"),
            ("light", "Light"),
            ("dark", "Dark"),
            ("contrast", "High contrast"),
        )
    ),
)
