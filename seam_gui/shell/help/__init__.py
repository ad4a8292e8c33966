"""Help pages, one a tab, written in Markdown beside this file."""

from seam_gui.shell.help.window import PAGES, HelpWindow, shortcut_table

__all__ = ["PAGES", "HelpWindow", "shortcut_table"]
