"""Random clicks, keys, drags and wheel turns on every widget hurt nothing."""

from __future__ import annotations

import os
import random

import numpy as np
import pytest
from PyQt5 import sip
from PyQt5.QtCore import QEvent, QPoint, Qt
from PyQt5.QtGui import QKeyEvent, QMouseEvent
from PyQt5.QtWidgets import (
    QAbstractButton,
    QAction,
    QApplication,
    QDialog,
    QMenu,
    QPushButton,
    QToolButton,
    QWidget,
)

from seam_core import store


class Monkey:
    """Random clicks, keys, drags and wheel turns on whatever widget is visible."""

    KEYS = (
        *range(Qt.Key_A, Qt.Key_Z),
        Qt.Key_Escape,
        Qt.Key_Return,
        Qt.Key_Tab,
        Qt.Key_Delete,
        Qt.Key_Up,
        Qt.Key_Down,
        Qt.Key_Left,
        Qt.Key_Right,
        Qt.Key_Plus,
        Qt.Key_Minus,
        Qt.Key_Home,
        Qt.Key_End,
    )
    MODIFIERS = (
        Qt.NoModifier,
        Qt.NoModifier,
        Qt.ShiftModifier,
        Qt.AltModifier,
        Qt.ControlModifier | Qt.ShiftModifier,
    )
    # what would leave the window or start minutes of work
    LEFT_OUT = ("run", "empty_demo", "job_cancel", "_check", "report")

    def __init__(self, window, seed):
        self.window, self.rng = window, random.Random(seed)
        self.found: list[QWidget] = []

    def widgets(self):
        tops = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
        found = [c for top in tops for c in (top, *top.findChildren(QWidget)) if c.isVisible()]
        return [w for w in found if not any(part in w.objectName() for part in self.LEFT_OUT)]

    def mouse(self, widget, kind, at, button, modifiers):
        buttons = Qt.NoButton if kind == QEvent.MouseButtonRelease else button
        event = QMouseEvent(kind, at, widget.mapToGlobal(at), button, buttons, modifiers)
        QApplication.sendEvent(widget, event)

    def point(self, widget):
        return QPoint(
            self.rng.randrange(max(1, widget.width())), self.rng.randrange(max(1, widget.height()))
        )

    def step(self):
        rng = self.rng
        widget = rng.choice(self.found)
        if sip.isdeleted(widget) or not widget.isVisible():
            return
        menu = widget.menu() if isinstance(widget, QPushButton | QToolButton) else None
        if menu is not None:  # Qt would wait in it until it is closed
            menu.popup(widget.mapToGlobal(QPoint(0, 0)))
            return
        kind = rng.random()
        modifiers = rng.choice(self.MODIFIERS)
        if kind < 0.3:
            key = rng.choice(self.KEYS)
            text = chr(key).lower() if key < 128 else ""
            for what in (QEvent.KeyPress, QEvent.KeyRelease):
                plain = Qt.ShiftModifier if modifiers == Qt.ShiftModifier else Qt.NoModifier
                QApplication.sendEvent(widget, QKeyEvent(what, key, plain, text))
            return
        button = rng.choice((Qt.LeftButton, Qt.LeftButton, Qt.MiddleButton))
        start = self.point(widget)
        self.mouse(widget, QEvent.MouseButtonPress, start, button, modifiers)
        if kind > 0.6 and not isinstance(widget, QAbstractButton):
            for _ in range(4):
                start = self.point(widget)
                self.mouse(widget, QEvent.MouseMove, start, button, modifiers)
        self.mouse(widget, QEvent.MouseButtonRelease, start, button, modifiers)

    def close_popups(self):
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
        for top in QApplication.topLevelWidgets():
            if isinstance(top, QDialog | QMenu) and top.isVisible():
                top.close()


# another seed, and more steps, look for what the usual ones do not find
SEED = int(os.environ.get("SEAM_MONKEY_SEED", "2"))
STEPS = int(os.environ.get("SEAM_MONKEY_STEPS", "2500"))


@pytest.mark.parametrize(("seed", "steps"), [(SEED, STEPS)])
def test_random_events(window, session_folder, seed, steps, monkeypatch):
    monkeypatch.setattr(QMenu, "exec_", lambda *a, **k: None)
    monkeypatch.setattr(QMenu, "exec", lambda *a, **k: None)
    window.open(session_folder)
    for action in window.window.findChildren(QAction):
        if action.objectName() in ("action_quit", "action_fullscreen"):
            action.setEnabled(False)
    monkey = Monkey(window.window, seed)
    saved = store.load(session_folder)
    for i in range(steps):
        if i % 20 == 0:
            QApplication.processEvents()
            monkey.close_popups()
            monkey.found = monkey.widgets()
        monkey.step()
        if i % 500 == 0:
            window.window.show_tab(window.tab_names[(i // 500) % 6])
    window.jobs.cancel_all()
    window.settle()
    assert window.window.isVisible()
    again = store.load(session_folder)
    assert np.array_equal(again.clustering.labels, saved.clustering.labels)
    assert np.array_equal(again.maps.maps, saved.maps.maps)
