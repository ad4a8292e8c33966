"""Every question that the application asks goes through one replaceable door.

`dialogs()` is that door; tests put another `Dialogs` there with `use`.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

from PyQt5.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFileDialog,
    QInputDialog,
    QLayout,
    QMessageBox,
    QWidget,
)

from seam_gui.look.text import plain
from seam_gui.state.settings import Settings


class Dialogs:
    """Asks the user."""

    def open_file(self, parent: QWidget | None, title: str, filters: str = "") -> Path | None:
        """One existing file, or None."""
        name, _ = QFileDialog.getOpenFileName(parent, title, _last(), filters)
        return _remembered(name)

    def open_files(self, parent: QWidget | None, title: str, filters: str = "") -> list[Path]:
        """Existing files; [] when the user thought better of it."""
        names, _ = QFileDialog.getOpenFileNames(parent, title, _last(), filters)
        paths = [Path(name) for name in names]
        if paths:
            _remembered(names[0])
        return paths

    def open_folder(self, parent: QWidget | None, title: str) -> Path | None:
        """An existing folder, or None."""
        return _remembered(QFileDialog.getExistingDirectory(parent, title, _last()))

    def save_file(
        self, parent: QWidget | None, title: str, name: str, filters: str = ""
    ) -> Path | None:
        """A file to write; the user has agreed to overwrite it where it exists."""
        path, _ = QFileDialog.getSaveFileName(parent, title, str(Path(_last()) / name), filters)
        return _remembered(path)

    def ask_text(
        self,
        parent: QWidget | None,
        title: str,
        label: str,
        text: str = "",
        choices: Sequence[str] = (),
    ) -> str | None:
        """A line of text, or None; `choices` are offered, others can be typed."""
        box = QInputDialog(parent)
        box.setWindowTitle(title)
        box.setLabelText(plain(label))
        if choices:
            box.setComboBoxEditable(True)
            box.setComboBoxItems(choices)
        box.setTextValue(text)
        beside = box.fontMetrics().horizontalAdvance(title) + _BESIDE_TITLE
        box.sizeHint()  # makes the layout, whose own constraint takes no least width
        box.layout().setSizeConstraint(QLayout.SetDefaultConstraint)
        box.setMinimumWidth(max(beside, _NARROWEST))
        return box.textValue() if box.exec_() else None

    def confirm(self, parent: QWidget | None, title: str, text: str, agree: str = "OK") -> bool:
        """True when the user presses the button called `agree`."""
        box = _box(parent, QMessageBox.Icon.Question, title, text)
        yes = box.addButton(agree, QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        return _pressed(box) is yes

    def unsaved(self, parent: QWidget | None, name: str) -> str:
        """ "save", "discard" or "cancel" for a session with unsaved changes."""
        box = _box(
            parent,
            QMessageBox.Icon.Warning,
            f"Save the changes of “{name}”?",
            "Closing without saving loses them.",
        )
        answers: dict[QAbstractButton | None, str] = {
            box.addButton("Save", QMessageBox.ButtonRole.AcceptRole): "save",
            box.addButton(
                "Close without saving", QMessageBox.ButtonRole.DestructiveRole
            ): "discard",
            box.addButton(QMessageBox.StandardButton.Cancel): "cancel",
        }
        return answers.get(_pressed(box), "cancel")

    def recovery(self, parent: QWidget | None, name: str, when: str) -> str:
        """ "recover", "delete" or "later" (also Esc) for unsaved work that a crash left."""
        box = _box(
            parent,
            QMessageBox.Icon.Question,
            "Recover unsaved work?",
            f"SEAM ended unexpectedly. A copy of “{name}” of {when} is there. "
            "It stays until it is saved elsewhere or deleted.",
        )
        later = box.addButton("Not now", QMessageBox.ButtonRole.RejectRole)
        answers: dict[QAbstractButton | None, str] = {
            box.addButton("Recover", QMessageBox.ButtonRole.AcceptRole): "recover",
            box.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole): "delete",
        }
        box.setEscapeButton(later)
        return answers.get(_pressed(box), "later")

    def error(self, parent: QWidget | None, title: str, text: str, details: str = "") -> None:
        """Something went wrong: what, in the user's words; the traceback behind Details."""
        box = _box(parent, QMessageBox.Icon.Warning, title, text)
        box.setStandardButtons(QMessageBox.StandardButton.Ok)
        if details:
            box.setDetailedText(details)
        _pressed(box)

    def message(self, parent: QWidget | None, title: str, text: str) -> None:
        """Something to know."""
        box = _box(parent, QMessageBox.Icon.NoIcon, title, text)
        box.setStandardButtons(QMessageBox.StandardButton.Ok)
        _pressed(box)


_BESIDE_TITLE = 160  # pixels, for the buttons of a window and its icon
_NARROWEST = 320  # of a question for a line of text
_door: Dialogs = Dialogs()


def dialogs() -> Dialogs:
    """The door in use."""
    return _door


def use(door: Dialogs) -> Dialogs:
    """Put another door in place; returns the one before."""
    global _door
    _door, before = door, _door
    return before


def _box(parent: QWidget | None, icon: QMessageBox.Icon, title: str, text: str) -> QMessageBox:
    box = QMessageBox(parent)
    box.setWindowTitle(QApplication.applicationDisplayName())
    box.setIcon(icon)
    box.setText(f"<b>{html.escape(title)}</b>")
    box.setInformativeText(plain(text))
    return box


def _pressed(box: QMessageBox) -> QAbstractButton | None:
    """Show the box; the button that closed it."""
    box.exec()
    box.deleteLater()
    return box.clickedButton()


def _last() -> str:
    return str(Settings().last_folder)


def _remembered(name: str) -> Path | None:
    if not name:
        return None
    path = Path(name)
    Settings().last_folder = path if path.is_dir() else path.parent
    return path
