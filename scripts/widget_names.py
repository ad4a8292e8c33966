"""Writes docs/widgets.md: the objectNames of what a user touches, read from the real window.

QT_QPA_PLATFORM=offscreen python scripts/widget_names.py
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PyQt5.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QAction,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)

TOUCHED = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
)
INNER = ("qt_", "_", "line", "browse")
DOCS = Path(__file__).resolve().parent.parent / "docs" / "widgets.md"

HEAD = """# Names of the widgets

Every widget that a user touches carries a stable objectName, for tests and scripts:
`window.findChild(QWidget, "library_run")`. Fields made from a parameter are called
`<stage>_<parameter>`; entries of menus are QActions called `action_<name>`. A file field holds a
text field `line` and a button `browse`. This page is written by `scripts/widget_names.py`.
"""


def touched(widget: QWidget) -> bool:
    """True for what a user clicks, types into or draws on."""
    name = widget.objectName()
    if not name or name.startswith(INNER):
        return False
    ours = type(widget).__module__.startswith("seam_gui.views")
    return isinstance(widget, TOUCHED) or ours or type(widget).__name__ == "PathEditor"


def line_of(name: str, kind: str, tip: str) -> str:
    """One row of a table."""
    first = tip.split("\n")[0].replace("|", "\\|")
    return f"| `{name}` | {kind} | {first} |"


def main() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SEAM_SETTINGS"] = f"{folder}/settings.ini"
        os.environ["SEAM_STATE"] = f"{folder}/state"
        application = QApplication([])
        from seam_gui.commands import TABS
        from seam_gui.shell.main_window import MainWindow

        window = MainWindow()
        parts = [HEAD]
        for tab_name in TABS:
            tab = window.tab(tab_name)
            rows = {
                widget.objectName(): line_of(
                    widget.objectName(), type(widget).__name__, widget.toolTip()
                )
                for widget in tab.findChildren(QWidget)
                if touched(widget)
            }
            parts += [f"\n## {tab_name}\n", "| objectName | widget | what it does |"]
            parts += ["| --- | --- | --- |", *rows.values()]
        bar = window.statusBar().findChildren(QWidget)
        parts += [
            "\n## Status bar\n",
            "| objectName | widget | what it does |",
            "| --- | --- | --- |",
        ]
        parts += [
            line_of(widget.objectName(), type(widget).__name__, widget.toolTip())
            for widget in bar
            if widget.objectName() and not widget.objectName().startswith(INNER)
        ]
        parts += ["\n## Menus\n", "| objectName | entry | shortcut |", "| --- | --- | --- |"]
        actions = [a for a in window.findChildren(QAction) if a.objectName()]
        parts += [
            f"| `{a.objectName()}` | {a.text().replace('&', '')} | {a.shortcut().toString()} |"
            for a in actions
            if not a.objectName().startswith(INNER)
        ]
        DOCS.write_text("\n".join(parts) + "\n", encoding="utf-8")
        window.files.leave()
        application.processEvents()


if __name__ == "__main__":
    main()
