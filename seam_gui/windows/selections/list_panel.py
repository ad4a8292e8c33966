"""The kept selections as a list: named, ordered, dropped, taken up again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PyQt5.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QIcon, QPixmap
from PyQt5.QtWidgets import QListWidget, QListWidgetItem, QWidget

from seam_core.selection import Selection
from seam_gui.look.text import counted, plain
from seam_gui.look.theme import SPACING
from seam_gui.state.app_state import AppState
from seam_gui.widgets.basics import button, by_font, column, label, row

_SIDE = 12


class SelectionList(QWidget):
    """Each change is a step of the history; a name is edited in place.

    highlighted : place of the selection whose row is current, -1 for none
    """

    highlighted = pyqtSignal(int)

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._state = state
        self.list = QListWidget()
        self.list.setObjectName("selections_list")
        self.list.setAccessibleName("Kept selections")
        self.list.setToolTip("Double click or F2: another name; names are saved with the session")
        self.list.itemChanged.connect(self._renamed)
        self.list.currentRowChanged.connect(self.highlighted)
        self._hint = label(
            "Select sequences in Explore and press K to keep them here.", "muted", "selections_hint"
        )
        self.setMinimumWidth(by_font(200))
        self._up = button("↑", "selections_up", "One place up", lambda: self.shift(-1))
        self._down = button("↓", "selections_down", "One place down", lambda: self.shift(1))
        self._drop = button("Delete", "selections_delete", "Keep it no longer", self.drop)
        self._take = button(
            "Select", "selections_select", "Select these sequences in Explore", self.take_up
        )
        for push, words in ((self._up, "Move the selection up"), (self._down, "Move it down")):
            push.setAccessibleName(words)
            push.setFixedWidth(30)
            push.setStyleSheet("padding: 4px 0px")
        layout = column(label("Kept selections", "heading"), self._hint, self.list, margins=SPACING)
        layout.addLayout(row(self._take, self._drop, self._up, self._down, spacing=SPACING // 2))
        self.setLayout(layout)

    @property
    def kept(self) -> tuple[Selection, ...]:
        """The selections, in their order."""
        return self._state.kept

    def show_kept(self, colours: np.ndarray) -> None:
        """The selections as they are now, each with its (3,) colour."""
        at = self.list.currentRow()
        with QSignalBlocker(self.list):
            self.list.clear()
            for kept, colour in zip(self.kept, colours, strict=True):
                item = QListWidgetItem(_swatch(colour), kept.name)
                item.setFlags(item.flags() | Qt.ItemIsEditable)
                words = f"{counted(kept.count, 'sequence')}: {kept.describe() or 'a selection'}"
                item.setToolTip(plain(words))
                self.list.addItem(item)
            if self.kept:
                self.list.setCurrentRow(min(max(at, 0), len(self.kept) - 1))
        self._hint.setVisible(not self.kept)
        for push in (self._up, self._down, self._drop, self._take):
            push.setEnabled(bool(self.kept))

    def shift(self, by: int) -> None:
        """The current selection up or down."""
        at, kept = self.list.currentRow(), list(self.kept)
        to = at + by
        if 0 <= at < len(kept) and 0 <= to < len(kept):
            moved = kept.pop(at)
            kept.insert(to, moved)
            self._change(f"Move selection {moved.name}", kept)
            self.list.setCurrentRow(to)

    def drop(self) -> None:
        """The current selection is kept no longer."""
        at, kept = self.list.currentRow(), list(self.kept)
        if 0 <= at < len(kept):
            dropped = kept.pop(at)
            self._change(f"Drop selection {dropped.name}", kept)

    def take_up(self) -> None:
        """Select the sequences of the current one again."""
        at = self.list.currentRow()
        if 0 <= at < len(self.kept):
            selection = self.kept[at]
            text = f"Select {selection.name} again"
            self._state.change(text, selection=replace(selection, name=""))

    def rename(self, at: int, name: str) -> None:
        """Another name, which no other selection has."""
        kept, name = list(self.kept), name.strip()
        others = {each.name for place, each in enumerate(kept) if place != at}
        if not name or name in others or name == kept[at].name:
            if name in others:
                self._state.status_message.emit(f"There is a selection called {name} already")
            item = self.list.item(at)
            if item is not None:
                with QSignalBlocker(self.list):
                    item.setText(kept[at].name)
            return
        before = kept[at].name
        kept[at] = replace(kept[at], name=name)
        self._change(f"Rename selection {before} to {name}", kept)

    def _renamed(self, item: QListWidgetItem) -> None:
        self.rename(self.list.row(item), item.text())

    def _change(self, text: str, kept: Sequence[Selection]) -> None:
        self._state.change(text, kept=tuple(kept))


def _swatch(colour: np.ndarray) -> QIcon:
    pixmap = QPixmap(_SIDE, _SIDE)
    pixmap.fill(QColor(*(int(c) for c in colour)))
    return QIcon(pixmap)
