"""The keys of commands, shown and changed; changes are remembered."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import (
    QAction,
    QDialog,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from seam_gui.look.theme import SPACING
from seam_gui.shell.palette import Found, every_found, matching
from seam_gui.state.settings import Settings
from seam_gui.widgets.basics import button, column, label, row

_SIZE = (680, 520)


class ShortcutsDialog(QDialog):
    """One row a command; the keys of the row that is marked are edited below."""

    def __init__(self, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("shortcuts_dialog")
        self.setWindowTitle("Keyboard shortcuts – SEAM")
        self.setAttribute(Qt.WA_DeleteOnClose)
        self.resize(*_SIZE)
        self._settings, self._window = settings, parent
        self._entries = every_found()
        self.search = QLineEdit()
        self.search.setObjectName("shortcuts_search")
        self.search.setPlaceholderText("Search")
        self.search.setAccessibleName("Search the commands")
        self.search.textChanged.connect(lambda _: self._show())
        self.table = QTableWidget(0, 3)
        self.table.setObjectName("shortcuts_table")
        self.table.setAccessibleName("Commands and their keys")
        self.table.setHorizontalHeaderLabels(["Command", "Keys", "Menu"])
        self.table.setSelectionBehavior(QTableWidget.SelectRows)
        self.table.setEditTriggers(QTableWidget.NoEditTriggers)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.Stretch)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignLeft | Qt.AlignVCenter)
        self.table.setShowGrid(False)
        self.table.itemSelectionChanged.connect(self._mark)
        self.keys = QKeySequenceEdit()
        self.keys.setObjectName("shortcuts_keys")
        self.keys.setAccessibleName("Press the new keys")
        self._said = label("", "error", "shortcuts_said")
        buttons = row(
            label("New keys", "muted"),
            self.keys,
            button("Set", "shortcuts_set", "Give the marked command these keys", self.set_keys),
            button("No keys", "shortcuts_none", "The marked command has no keys", self.take_away),
            button("Reset all", "shortcuts_reset", "The keys of a first start", self.reset),
        )
        layout = column(self.search, self.table, self._said, margins=SPACING * 2)
        layout.addLayout(buttons)
        self.setLayout(layout)
        self._show()

    @property
    def shown(self) -> list[Found]:
        """The commands listed."""
        return matching(self._entries, self.search.text())

    @property
    def current(self) -> Found | None:
        """The command whose row is marked."""
        at = self.table.currentRow()
        return self.shown[at] if 0 <= at < len(self.shown) else None

    def keys_of(self, entry: Found) -> str:
        """The keys in force."""
        return self._settings.shortcuts.get(entry.command.name, entry.command.keys)

    def _show(self) -> None:
        shown = self.shown
        self.table.setRowCount(len(shown))
        for place, each in enumerate(shown):
            menu = f"{each.tab} › {each.menu}" if each.tab else each.menu
            for at, text in enumerate((each.command.text, self.keys_of(each), menu)):
                self.table.setItem(place, at, QTableWidgetItem(text))
        self.table.resizeColumnToContents(0)

    def _mark(self) -> None:
        entry = self.current
        if entry is not None:
            self.keys.setKeySequence(QKeySequence(self.keys_of(entry)))
            self._said.setText("")

    def set_keys(self) -> None:
        """Give the marked command the keys typed, unless another one has them."""
        entry, keys = self.current, self.keys.keySequence().toString()
        if entry is None:
            self._said.setText("Mark a command first")
            return
        rival = next(
            (each for each in self._entries if keys and self._rivals(each, entry, keys)), None
        )
        if rival is not None:
            self._said.setText(f"{keys} is of “{rival.command.text}”; take it away there first")
            return
        self._set(entry, keys)

    def _rivals(self, other: Found, own: Found, keys: str) -> bool:
        together = not other.tab or not own.tab or other.tab == own.tab
        return other is not own and together and self.keys_of(other) == keys

    def take_away(self) -> None:
        """The marked command has no keys."""
        if self.current is not None:
            self._set(self.current, "")

    def reset(self) -> None:
        """All commands as at a first start."""
        for each in self._entries:
            if each.command.name in self._settings.shortcuts:
                self._apply(each, each.command.keys)
        self._settings.forget_shortcuts()
        self._show()

    def _set(self, entry: Found, keys: str) -> None:
        at = self.table.currentRow()
        self._settings.set_shortcut(entry.command.name, keys, entry.command.keys)
        self._apply(entry, keys)
        self._said.setText("")
        self._show()
        self.table.selectRow(at)

    def _apply(self, entry: Found, keys: str) -> None:
        action = self._window.findChild(QAction, f"action_{entry.command.name}")
        if action is not None:
            action.setShortcut(keys)
