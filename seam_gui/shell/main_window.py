"""The main window: assembles tabs, menus and the status bar."""

from __future__ import annotations

from pathlib import Path

from PyQt5.QtCore import QByteArray, QTimer
from PyQt5.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PyQt5.QtWidgets import QMainWindow, QSplitter, QWidget

from seam_gui.dialogs import dialogs
from seam_gui.look.theme import theme
from seam_gui.pictures.exports import Exports
from seam_gui.shell.file_actions import FileActions
from seam_gui.shell.menus import build_menus
from seam_gui.shell.tab_entries import TabEntries
from seam_gui.shell.tab_pages import TAB_NAMES, TabPages
from seam_gui.state.app_state import AppState
from seam_gui.state.settings import Settings
from seam_gui.state.working_folder import WorkingFolder
from seam_gui.widgets.model_answer import ModelAnswer
from seam_gui.widgets.model_check import ModelCheck
from seam_gui.widgets.stability_check import StabilityCheck
from seam_gui.widgets.status_bar import StatusBar
from seam_gui.windows.tool_window import close_all
from seam_gui.work.batches import Batches
from seam_gui.work.documents import Documents
from seam_gui.work.engine import Engine
from seam_gui.work.jobs import Failure, Job, JobRunner
from seam_gui.work.memory import memory_mb
from seam_gui.work.recipe_runs import RecipeRuns
from seam_gui.work.runs import Runs

_FIRST_SIZE = (1280, 800)
# tab -> packages that a run from it imports, the slow way
_WARM = {
    "Attribution": ("seam_core.pipeline", "seam_core.attributer"),
    "Clusters": ("seam_core.pipeline", "seam_core.clusterer"),
}
_MESSAGE_MS = 8_000


class MainWindow(QMainWindow):
    """One session, a tab a stage."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self.settings = settings or Settings()
        self.state = AppState(self)
        self.jobs = JobRunner(self)
        self.engine = Engine(self)
        self.working = WorkingFolder()
        self.documents = Documents(self.state, self.jobs, self.settings, self.working, self)
        self.runs = Runs(self.state, self.jobs, self.engine, self.working, self)
        self.recipe_runs = RecipeRuns(self.state, self.jobs, self.engine, self.working, self)
        self.batches = Batches(self)
        self.files = FileActions(self)
        self.exports = Exports(self)
        self.tabs = TabPages(self.state, self.jobs)
        self.tabs.made.connect(self._take_tab)
        self.setCentralWidget(self.tabs)
        self.setStatusBar(StatusBar(self.jobs, lambda: memory_mb(self.engine.pid), self))
        self.menus = build_menus(self)
        self._entries = TabEntries(self.menus, self.tabs)
        self.setAcceptDrops(True)
        self._connect()
        self._first_layout: dict[str, QByteArray] = {}
        self.resize(*_FIRST_SIZE)
        if self.settings.geometry is not None:
            self.restoreGeometry(self.settings.geometry)
        self.tabs.make("Library")
        self._show_title()

    @property
    def tab_names(self) -> tuple[str, ...]:
        """The tabs, from left to right."""
        return TAB_NAMES

    def tab(self, name: str) -> QWidget:
        """A tab by its name."""
        return self.tabs.make(name)

    def show_tab(self, name: str) -> None:
        """Bring a tab to the front; any case of its name will do."""
        self.tabs.show_tab(name.capitalize())

    def run_tab(self) -> None:
        """What the primary button of the tab shown does."""
        buttons = getattr(self.tabs.current, "run_buttons", None)
        if buttons is not None and buttons.can_run:
            buttons.run()

    def run_all(self) -> None:
        """All stages, from the model and the reference on."""
        buttons = self.tab("Library").run_buttons
        if buttons.can_run:
            buttons.run()
        else:
            self.show_tab("Library")
            self.statusBar().showMessage(buttons.reason, _MESSAGE_MS)

    def set_theme(self, mode: str) -> None:
        """ "system", "light" or "dark", remembered."""
        self.settings.theme_mode = mode
        theme().set_mode(mode)

    def set_colour_blind(self, on: bool) -> None:
        """Colours without red beside green, remembered."""
        self.settings.colour_blind = on
        theme().set_colour_blind(on)

    def toggle_full_screen(self) -> None:
        """Full screen, or back."""
        self.showNormal() if self.isFullScreen() else self.showFullScreen()

    def reset_layout(self) -> None:
        """Sizes and places as at the first start."""
        self.settings.forget_layout()
        self.resize(*_FIRST_SIZE)
        parts = _layout_parts(self)
        for name, value in self._first_layout.items():
            parts[name].restoreState(value)

    def show_help(self) -> None:
        """The page about the tab shown."""
        from seam_gui.shell.help import HelpWindow

        HelpWindow.show_page(self, self.tab_names[self.tabs.currentIndex()].lower())

    def show_shortcuts(self) -> None:
        """Every shortcut there is."""
        from seam_gui.shell.help import HelpWindow

        HelpWindow.show_page(self, "shortcuts")

    def show_about(self) -> None:
        """Versions, licence, citation."""
        from seam_gui.shell.about import AboutDialog

        AboutDialog(self).open()

    def show_error(self, title: str, failure: Failure) -> None:
        """A failure in the user's words, its traceback behind Details."""
        from seam_gui.work.errors import explained

        text, details = explained(failure)
        dialogs().error(self, title, text, details)

    def _take_tab(self, name: str) -> None:
        """A tab was made: its entries go into the menus, its layout is put back."""
        tab = self.tab(name)
        self._entries.add(name, getattr(tab, "menu_actions", dict)())
        for part_name, part in _layout_parts(tab).items():
            self._first_layout[part_name] = part.saveState()
            saved = self.settings.layout(part_name)
            if saved is not None:
                part.restoreState(saved)
        if name == "Library":
            tab.demo_requested.connect(self.files.first_demo)
            tab.open_requested.connect(self.files.open_session)
            tab.import_requested.connect(self.files.import_files)
            tab.recipe_form.choose_requested.connect(self.files.choose_recipe)
            self._connect_check(tab, tab.model_form.answer)
        if name == "Attribution":
            self._connect_check(tab, tab.model_answer, maps=True)
        if name == "Clusters":
            page = tab.pictures.stability
            self._stability = StabilityCheck(self.state, self.jobs, self.engine, self.working, page)

    def _connect_check(self, tab: QWidget, answer: ModelAnswer, *, maps: bool = False) -> None:
        check = ModelCheck(self.state, self.jobs, self.engine, answer, maps=maps)
        tab.model_check_requested.connect(check.check)

    def _connect(self) -> None:
        state = self.state
        for signal in (state.session_changed, state.dirty_changed):
            signal.connect(lambda *_: self._show_title())
        state.record_changed.connect(lambda _slot: self._show_title())
        state.status_message.connect(lambda text: self.statusBar().showMessage(text, _MESSAGE_MS))
        state.tab_requested.connect(self.show_tab)
        state.session_changed.connect(self._show_result)
        self.jobs.job_failed.connect(self._explain)
        self.recipe_runs.several_made.connect(self.files.open_several)
        for source in (self.documents, self.recipe_runs):
            source.result_coming.connect(lambda then: self.tabs.make_soon("Explore", then))
        self.tabs.currentChanged.connect(self._warm_up)

    def _show_result(self) -> None:
        """An opened result is for exploring; an empty session starts at the Library."""
        session = self.state.session
        if session.clustering is not None or session.embedding is not None:
            self.show_tab("Explore")
        elif session.maps is not None:
            self.show_tab("Clusters")
        else:
            self.show_tab("Library")

    def _explain(self, job: Job, failure: Failure) -> None:
        # outside the signal: a box runs an event loop of its own
        QTimer.singleShot(0, lambda: self.show_error(f"{job.title} did not finish", failure))

    def _warm_up(self, index: int) -> None:
        modules = _WARM.get(self.tab_names[index])
        if modules and not self.state.session.is_empty:
            self.engine.warm_up(*modules)

    def _show_title(self) -> None:
        session = self.state.session
        name = "" if session.is_empty else session.name
        self.setWindowTitle(f"{name}[*] – SEAM" if name else "SEAM[*]")
        self.setWindowModified(self.state.dirty)

    def _save_layout(self) -> None:
        self.settings.geometry = self.saveGeometry()
        for name, part in _layout_parts(self).items():
            self.settings.set_layout(name, part.saveState())
        self.settings.sync()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        QTimer.singleShot(0, lambda: self.files.open_dropped(paths))

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.files.may_close():
            event.ignore()
            return
        self._save_layout()
        close_all(self)
        self.batches.shut_down()
        self.jobs.shut_down()
        self.engine.shut_down()
        self.documents.close()
        self.working.remove()
        super().closeEvent(event)


def _layout_parts(widget: QWidget) -> dict[str, QSplitter | QMainWindow]:
    """Splitters and dock areas inside a widget, by name."""
    kinds = (QSplitter, QMainWindow)
    parts = [part for kind in kinds for part in widget.findChildren(kind) if part.objectName()]
    return {part.objectName(): part for part in parts}
