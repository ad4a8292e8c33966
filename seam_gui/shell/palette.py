"""The command palette: every command of the application, found by typing some of its words."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt5.QtCore import QEvent, QModelIndex, QObject, QSize, Qt, QTimer
from PyQt5.QtGui import QKeyEvent
from PyQt5.QtWidgets import (
    QAction,
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from seam_gui.commands import MENUS, TAB_MENUS, Command, commands_of
from seam_gui.look.text import plain
from seam_gui.look.theme import SPACING, theme
from seam_gui.services import Services
from seam_gui.widgets.basics import column

_SIZE = (620, 420)
_NAME = "command_palette"
_ITSELF = "palette"


@dataclass(frozen=True)
class Found:
    """A command, the tab that it belongs to ("" the window) and the menu it stands in."""

    command: Command
    tab: str
    menu: str

    @property
    def words(self) -> str:
        """What is searched."""
        return f"{self.command.text} {self.menu} {self.tab} {self.command.tip}".lower()


def every_found() -> list[Found]:
    """All commands, the window's first."""
    entries = [
        Found(command, "", menu) for menu, items in MENUS.items() for command in commands_of(items)
    ]
    for tab, menus in TAB_MENUS.items():
        entries += [Found(c, tab, menu) for menu, items in menus.items() for c in items]
    return [each for each in entries if each.command.name != _ITSELF]


def matching(entries: list[Found], text: str) -> list[Found]:
    """Those that have every word; those whose own text has them first."""
    wanted = text.lower().split()
    kept = [each for each in entries if all(word in each.words for word in wanted)]

    def rank(each: Found) -> tuple[bool, bool, bool]:
        own = each.command.text.lower()
        begins = bool(wanted) and own.startswith(wanted[0])
        return own != text.lower(), not begins, not all(word in own for word in wanted)

    return sorted(kept, key=rank)


class _Elided(QStyledItemDelegate):
    """A line is as wide as the list; what does not fit ends in "…", the tooltip has the whole."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """As high as the text, and of no width of its own."""
        return QSize(1, super().sizeHint(option, index).height())


class CommandPalette(QDialog):
    """Type, arrow keys, Return; what cannot be done now says why."""

    def __init__(self, services: Services, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(_NAME)
        self.setWindowTitle("Commands – SEAM")
        self.setAttribute(Qt.WA_DeleteOnClose)
        self.resize(*_SIZE)
        self._services, self._window = services, parent
        self._all = every_found()
        self._actions = {action.objectName(): action for action in parent.findChildren(QAction)}
        self.edit = QLineEdit()
        self.edit.setObjectName("palette_edit")
        self.edit.setPlaceholderText("What would you like to do?")
        self.edit.setAccessibleName("Search the commands")
        self.edit.textChanged.connect(lambda _: self._show())
        self.edit.installEventFilter(self)
        self.list = QListWidget()
        self.list.setObjectName("palette_list")
        self.list.setAccessibleName("Commands")
        self.list.setItemDelegate(_Elided(self.list))
        self.list.itemActivated.connect(lambda _: self.run())
        self.list.itemClicked.connect(lambda _: self.run())
        self.setLayout(column(self.edit, self.list, margins=SPACING))
        self._show()

    @property
    def shown(self) -> list[Found]:
        """The commands listed."""
        return matching(self._all, self.edit.text())

    def _show(self) -> None:
        self.list.clear()
        for each in self.shown:
            needs = each.command.needs
            unmet = needs is not None and not needs.met(self._services.state)
            action = self._actions.get(f"action_{each.command.name}")
            keys = each.command.keys if action is None else action.shortcut().toString()
            place = f"{each.tab} › {each.menu}" if each.tab else each.menu
            why = needs.otherwise if unmet and needs is not None else ""
            parts = (each.command.text, keys, place, why)
            item = QListWidgetItem("   ·   ".join(part for part in parts if part))
            item.setToolTip(plain(why or each.command.tip))
            if unmet:
                item.setForeground(theme().color("muted"))
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def run(self) -> None:
        """Do the current command, in its tab."""
        shown, at = self.shown, self.list.currentRow()
        if not 0 <= at < len(shown):
            return
        entry, window, services = shown[at], self._window, self._services
        self.close()
        if entry.tab:
            services.navigator.show_tab(entry.tab)

        def trigger() -> None:
            action = window.findChild(QAction, f"action_{entry.command.name}")
            if action is not None:
                action.trigger()

        QTimer.singleShot(0, trigger)  # the palette is gone, the tab is there

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows and Return in the field are the list's."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.KeyPress:
            step = {Qt.Key_Down: 1, Qt.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None and self.list.count():
                self.list.setCurrentRow((self.list.currentRow() + step) % self.list.count())
                return True
            if event.key() in (Qt.Key_Return, Qt.Key_Enter):
                self.run()
                return True
        return super().eventFilter(watched, event)
