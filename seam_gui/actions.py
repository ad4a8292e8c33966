"""Commands as what Qt shows: actions that are bound to what they do, and menus of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from PyQt5.QtCore import QObject, QPoint, Qt
from PyQt5.QtWidgets import QAbstractScrollArea, QAction, QMenu, QWidget

from seam_core import diagnostics
from seam_gui.commands import Command
from seam_gui.state.app_state import AppState
from seam_gui.state.settings import Settings

Handlers: TypeAlias = Mapping[str, Callable[..., object]]


class Actions(QObject):
    """One `QAction` a command, by the command's name.

    A command whose need is not met says so when its key is pressed, and is grey in menus. A handler
    that could do nothing returns why, in words that are said, too.
    """

    def __init__(
        self,
        commands: Iterable[Command],
        handlers: Handlers,
        state: AppState,
        parent: QWidget,
        *,
        inside: bool = False,
        ready: Mapping[str, QAction] | None = None,
        checked: Mapping[str, bool] | None = None,
    ) -> None:
        """
        handlers : what each command does, by its name; a checkable one is told whether it is on
        inside : keys work while the keyboard is in `parent`, not in the whole window
        ready : actions of Qt's own that stand for commands
        checked : whether a checkable command is on now
        """
        super().__init__(parent)
        self._state, self._parent = state, parent
        self._commands: dict[str, Command] = {}
        self._actions: dict[str, QAction] = {}
        own = Settings().shortcuts
        for command in commands:
            action = (ready or {}).get(command.name) or QAction(command.text, parent)
            _dress(action, command, own.get(command.name, command.keys))
            action.setChecked(bool((checked or {}).get(command.name)))
            if command.name not in (ready or {}):
                self._bind(action, command, handlers[command.name])
            if inside:
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                parent.addAction(action)
            self._commands[command.name] = command
            self._actions[command.name] = action

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def of(self, commands: Iterable[Command]) -> list[QAction]:
        """The actions of some commands."""
        return [self._actions[command.name] for command in commands]

    def follow(self, menu: QMenu) -> None:
        """Grey what cannot be done while a menu is open; keys stay, for they say why not."""
        menu.aboutToShow.connect(self._grey)
        menu.aboutToHide.connect(self._wake)

    def offer(self, view: QWidget, names: Iterable[str]) -> None:
        """These commands as the context menu of a view."""
        names = tuple(names)
        inside = (view.viewport() if isinstance(view, QAbstractScrollArea) else None) or view

        def show(at: QPoint) -> None:
            view.setFocus()  # commands about "the picture" mean this one
            self.popup(names, inside.mapToGlobal(at))

        policy = Qt.ContextMenuPolicy
        if view.contextMenuPolicy() != policy.PreventContextMenu:  # it tells of clicks by itself
            view.setContextMenuPolicy(policy.CustomContextMenu)
        view.customContextMenuRequested.connect(show)

    def popup(self, names: Iterable[str], at: QPoint) -> None:
        """A context menu of these commands at a point of the screen."""
        menu = QMenu(self._parent)
        menu.setObjectName("context_menu")
        menu.setToolTipsVisible(True)
        for name in names:
            if name:
                menu.addAction(self._actions[name])
            else:
                menu.addSeparator()
        self.follow(menu)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    def _bind(self, action: QAction, command: Command, run: Callable[..., object]) -> None:
        needs = command.needs

        def triggered(on: bool) -> None:
            if needs is not None and not needs.met(self._state):
                self._state.status_message.emit(needs.otherwise)
                return
            diagnostics.did(command.text)
            said = run(on) if command.checkable else run()
            if isinstance(said, str) and said:
                self._state.status_message.emit(said)

        (action.toggled if command.checkable else action.triggered).connect(triggered)

    def _grey(self) -> None:
        for name, command in self._commands.items():
            if command.needs is not None:
                self._actions[name].setEnabled(command.needs.met(self._state))

    def _wake(self) -> None:
        for name, command in self._commands.items():
            if command.needs is not None:
                self._actions[name].setEnabled(True)


def _dress(action: QAction, command: Command, keys: str) -> None:
    action.setObjectName(f"action_{command.name}")
    if command.tip:
        action.setToolTip(command.tip)
        action.setStatusTip(command.tip)
    if keys:
        action.setShortcut(keys)
    action.setCheckable(command.checkable)
