"""Help pages, one a tab and one a view, written in Markdown beside this file."""

from seam_gui.shell.help.window import PAGES, HelpWindow, page_of, shortcut_table

__all__ = ["PAGES", "HelpWindow", "page_of", "shortcut_table"]
