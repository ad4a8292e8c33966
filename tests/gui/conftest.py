"""The real window, real clicks, and a watch over its thread."""

from __future__ import annotations

import gc
import os
import threading
from pathlib import Path

import pyqtgraph as pg
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PyQt5.QtCore import QEvent, QPoint, Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from seam_core import store
from seam_gui import dialogs
from seam_gui.commands import TABS
from seam_gui.look.theme import system_font, theme
from seam_gui.state.settings import Settings
from tests.factories import make_session
from tests.gui.responsiveness import Watch
from tests.waiting import LIMIT_MS


class PatientBot(QtBot):
    """Waits for events with the one limit of the project, and for nothing else."""

    def waitUntil(self, callback, *, timeout=LIMIT_MS):
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal, *, timeout=LIMIT_MS, **options):
        return super().waitSignal(signal, timeout=timeout, **options)

    def waitSignals(self, signals, *, timeout=LIMIT_MS, **options):
        return super().waitSignals(signals, timeout=timeout, **options)

    def waitExposed(self, widget, *, timeout=LIMIT_MS):
        return super().waitExposed(widget, timeout=timeout)


@pytest.fixture(scope="session", autouse=True)
def every_move_counts():
    """pyqtgraph passes over moves that come faster than a hand's: those of a test."""
    pg.setConfigOption("mouseRateLimit", -1)


@pytest.fixture(scope="session", autouse=True)
def dressed(qapp):
    """The application in the font and theme that a user sees, whichever test comes first."""
    application = QApplication.instance()
    application.setFont(system_font())
    theme().apply()


@pytest.fixture
def qtbot(qapp, request):
    """pytest-qt's, with more patience."""
    return PatientBot(request)


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in Path(item.path).parents:
            item.add_marker(pytest.mark.gui)


class ScriptedDialogs(dialogs.Dialogs):
    """Answers instead of the user, and remembers what was asked and said."""

    def __init__(self):
        self.answers: dict[str, object] = {}
        self.errors: list[tuple[str, str, str]] = []
        self.messages: list[tuple[str, str]] = []
        self.asked: list[str] = []

    def _answer(self, question, default=None):
        self.asked.append(question)
        return self.answers.get(question, default)

    def open_file(self, parent, title, filters=""):
        return self._answer("open_file")

    def open_files(self, parent, title, filters=""):
        return self._answer("open_files", [])

    def open_folder(self, parent, title):
        return self._answer("open_folder")

    def save_file(self, parent, title, name, filters=""):
        return self._answer("save_file")

    def ask_text(self, parent, title, label, text="", choices=()):
        self.offered = tuple(choices)
        return self._answer("ask_text")

    def confirm(self, parent, title, text, agree="OK"):
        return self._answer("confirm", False)

    def unsaved(self, parent, name):
        return self._answer("unsaved", "discard")

    def recovery(self, parent, name, when):
        return self._answer("recovery", "later")

    def error(self, parent, title, text, details=""):
        self.errors.append((title, text, details))

    def message(self, parent, title, text):
        self.messages.append((title, text))


@pytest.fixture(autouse=True)
def own_settings(tmp_path, monkeypatch):
    """Settings and working files of the test alone; the theme as at a first start."""
    monkeypatch.setenv("SEAM_SETTINGS", str(tmp_path / "settings.ini"))
    monkeypatch.setenv("SEAM_STATE", str(tmp_path / "state"))
    yield
    theme().set_mode("system")
    theme().set_colour_blind(False)


@pytest.fixture
def door():
    """The scripted user."""
    scripted = ScriptedDialogs()
    before = dialogs.use(scripted)
    yield scripted
    dialogs.use(before)


class WindowDriver:
    """The window, and what a user does with it by the names of its widgets."""

    def __init__(self, window, qtbot, door):
        self.window, self.qtbot, self.door = window, qtbot, door

    def __getattr__(self, name):
        services = self.window.services
        return getattr(services if hasattr(services, name) else self.window, name)

    tab_names = TABS

    def find(self, name, kind=QWidget):
        """The one widget (or action) of this objectName."""
        found = self.window.findChildren(kind, name)
        assert len(found) == 1, f"{len(found)} widgets are called {name!r}"
        return found[0]

    def click(self, name, button=Qt.LeftButton, modifiers=Qt.NoModifier, at=None):
        """A real click into the middle of a widget, or at a point of it."""
        widget = self.find(name)
        assert widget.isVisible(), f"{name} is not visible"
        assert widget.isEnabled(), f"{name} is not enabled"
        where = QPoint() if at is None else QPoint(int(at[0]), int(at[1]))
        QTest.mouseClick(widget, button, modifiers, where)

    def type(self, name, text):
        """Select all in a field, type, and leave it with Return."""
        widget = self.find(name)
        widget = widget.focusProxy() or widget
        widget.setFocus()
        widget.selectAll()
        QTest.keyClicks(widget, text)
        QTest.keyClick(widget, Qt.Key_Return)

    def trigger(self, action):
        """An entry of a menu."""
        self.trigger_named(f"action_{action}")

    def trigger_named(self, name):
        """An entry of a button's menu."""
        from PyQt5.QtWidgets import QAction

        self.find(name, QAction).trigger()

    def settle(self):
        """Until no job runs and everything is drawn."""
        for _ in range(2):  # what one job's result sets going is waited for, too
            QApplication.processEvents()
            self.qtbot.waitUntil(self._check_idle)
        QApplication.processEvents()

    def _check_idle(self):
        running = [(job.key, job.title, job.stopped) for job in self.window.services.jobs.running]
        assert running == []

    def open(self, folder):
        """A session's folder, as from the list of recent ones."""
        self.window.files.open_path(Path(folder))
        self.settle()
        assert not self.door.errors, self.door.errors

    def run(self, *stages):
        """Stages, as a tab asks for them."""
        self.window.services.state.run_requested.emit(stages)
        self.settle()


@pytest.fixture
def window(qtbot, door):
    """The main window, shown; closed afterwards without leaving threads or windows behind."""
    from seam_gui.shell.main_window import MainWindow

    threads = set(_threads())
    before = {id(w) for w in QApplication.topLevelWidgets()}
    made = MainWindow(Settings())
    made.show()
    qtbot.waitExposed(made)
    driver = WindowDriver(made, qtbot, door)
    yield driver
    pool = made.services.jobs._pool
    made.files.leave()
    assert pool.activeThreadCount() == 0
    assert made.services.engine.pid is None
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.DeferredDelete)
    QApplication.processEvents()
    gc.collect()
    left = [w for w in QApplication.topLevelWidgets() if id(w) not in before and w.isVisible()]
    assert not left, f"windows left open: {left}"
    new = [t for t in _threads() if t not in threads and "raster" not in t.name]
    assert not new, f"threads left running: {new}"


def _threads():
    """Python's own threads; those of Qt are counted by their pool."""
    return [t for t in threading.enumerate() if not isinstance(t, threading._DummyThread)]


@pytest.fixture
def explore(window, session_folder):
    """The window with a session opened and Explore in front."""
    from seam_gui.views import rasteriser

    rasteriser.warm_up(wait=True)
    window.resize(1280, 800)
    window.open(session_folder)
    window.show_tab("Explore")
    window.settle()
    window.tab("Explore").scatter.view.render_frame()
    return window


@pytest.fixture(scope="session")
def session_folder(tmp_path_factory):
    """A whole made-up session on disk."""
    folder = tmp_path_factory.mktemp("sessions") / "made_up"
    store.save(make_session(600, 60, 8, seed=3), folder)
    return folder


@pytest.fixture
def identify(window, session_folder):
    """The window with a session opened and Identify in front."""
    window.resize(1280, 800)
    window.open(session_folder)
    window.show_tab("Identify")
    window.settle()
    return window


@pytest.fixture(scope="session")
def toy_model():
    """The small network of the project."""
    folder = Path(__file__).resolve().parents[2] / "resources" / "models"
    assert (folder / "toy.keras").is_file()
    return folder


@pytest.fixture
def watch(qapp):
    """`with watch: ...`, then `watch.check()`: heavy work ran in workers, and turns were short."""
    return Watch()
