"""The main window: assembles tabs, menus and the status bar, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt5.QtCore import QTimer, pyqtSignal
from PyQt5.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PyQt5.QtWidgets import QActionGroup, QMainWindow

from seam_gui.actions import Actions
from seam_gui.commands import MENUS, OTHERS, TABS, commands_of
from seam_gui.look.theme import MODES, theme
from seam_gui.pictures.exports import Exports
from seam_gui.services import make_services
from seam_gui.shell.file_actions import FileActions
from seam_gui.shell.layouts import Layouts
from seam_gui.shell.menus import build_menus, fill_demos, keep_recent
from seam_gui.shell.preparation import prepare_result
from seam_gui.shell.tab_entries import TabEntries
from seam_gui.shell.tab_pages import TabPages
from seam_gui.state.settings import Settings
from seam_gui.tabs.tab import Tab
from seam_gui.widgets.accessible import make_accessible
from seam_gui.widgets.status_bar import StatusBar
from seam_gui.windows.tool_window import close_all
from seam_gui.work.documents import demos
from seam_gui.work.jobs import Failure, Job
from seam_gui.work.memory import memory_mb

_FIRST_SIZE = (1280, 800)
_MESSAGE_MS = 8_000


class MainWindow(QMainWindow):
    """One session, a tab a stage.

    closed : for good, and nothing of it runs any more
    """

    closed = pyqtSignal()

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__()
        self.setObjectName("main_window")
        settings = settings or Settings()
        self.services = services = make_services(self, settings, prepare_result)
        self.exports = Exports(services, self)
        self.files = FileActions(services, self.exports, self)
        self.tabs = TabPages(services)
        self.setCentralWidget(self.tabs)
        self.setStatusBar(StatusBar(services.jobs, lambda: memory_mb(services.engine.pid), self))
        self.commands = self._make_actions()
        self.menus = build_menus(self.menuBar(), self.commands)
        fill_demos(self.menus["demo"], demos(), self.files.demo)
        keep_recent(self.menus["recent"], settings, self.files.open_path)
        self._entries = TabEntries(self.menus, self.tabs)
        self._layouts = Layouts(settings)
        self.setAcceptDrops(True)
        self._step = services.state.history.index()  # of the history, seen last
        self._connect()
        self.resize(*_FIRST_SIZE)
        if settings.geometry is not None:
            self.restoreGeometry(settings.geometry)
        self.tabs.make(TABS[0])
        self._show_title()

    def tab(self, title: str) -> Tab:
        """A tab by its title."""
        return self.tabs.make(title)

    def show_tab(self, title: str) -> None:
        """Bring a tab to the front; any case of its title will do."""
        self.tabs.show_tab(title.capitalize())

    def run_tab(self) -> str:
        """What the primary button of the tab shown does; why not, where it does nothing."""
        buttons = self.tabs.current.run_buttons
        if buttons is None:
            return f"{self.tabs.current.title} runs nothing: the other tabs do"
        return buttons.run_or_say()

    def run_all(self) -> str:
        """All stages, from the model and the reference on: what the first tab runs."""
        buttons = self.tabs.make(TABS[0]).run_buttons
        said = "" if buttons is None else buttons.run_or_say()
        if said:
            self.tabs.show_tab(TABS[0])
        return said

    def cancel(self) -> str:
        """Stop what runs."""
        running = bool(self.services.jobs.visible_jobs)
        self.services.jobs.cancel_all()
        return "" if running else "Nothing is running"

    def set_theme(self, mode: str) -> None:
        """One of `MODES`, remembered."""
        self.services.settings.theme_mode = mode
        theme().set_mode(mode)

    def set_colour_blind(self, on: bool) -> None:
        """Colours without red beside green, remembered."""
        self.services.settings.colour_blind = on
        theme().set_colour_blind(on)

    def toggle_full_screen(self) -> None:
        """Full screen, or back."""
        self.showNormal() if self.isFullScreen() else self.showFullScreen()

    def reset_layout(self) -> None:
        """Sizes and places as at the first start."""
        self.resize(*_FIRST_SIZE)
        self._layouts.reset(self.tabs.pages)

    def show_help(self, page: str = "") -> None:
        """A page of Help; without a name, the one about the view that has the keys, or the tab."""
        from seam_gui.shell.help import HelpWindow, page_of

        tab = self.tabs.current
        HelpWindow.show_page(self, page or page_of(self.focusWidget(), tab) or tab.help_page)

    def show_palette(self) -> None:
        """Every command, found by its words."""
        from seam_gui.shell.palette import CommandPalette

        palette = CommandPalette(self.services, self)
        palette.open()
        palette.edit.setFocus()

    def edit_shortcuts(self) -> None:
        """Other keys for commands."""
        from seam_gui.shell.shortcuts import ShortcutsDialog

        ShortcutsDialog(self.services.settings, self).open()

    def take_tour(self) -> None:
        """What is where; an empty window opens the demo first, to have something to point at."""
        from seam_gui.shell.tour import Tour

        state, begin = self.services.state, Tour(self.services, self).begin
        names = demos() if state.session.is_empty and not state.dirty else ()
        if names:
            self.services.documents.open_demo(names[0], done=begin)
        else:
            begin()

    def show_problem(self) -> None:
        """What to send with a report of a problem."""
        from seam_gui.shell.problem_report import ProblemDialog

        ProblemDialog(self).open()

    def show_about(self) -> None:
        """Versions, licence, citation."""
        from seam_gui.shell.about import AboutDialog

        AboutDialog(self).open()

    def _make_actions(self) -> Actions:
        """The window's commands, bound to what they do."""
        settings, history = self.services.settings, self.services.state.history
        own = {
            "undo": history.createUndoAction(self, "Undo"),
            "redo": history.createRedoAction(self, "Redo"),
        }
        checked = {f"theme_{theme().mode}": True}
        checked |= {"autosave": settings.autosave, "colour_blind": theme().colour_blind}
        commands = [*OTHERS, *(c for items in MENUS.values() for c in commands_of(items))]
        actions = Actions(
            commands, self._handlers(), self.services.state, self, ready=own, checked=checked
        )
        modes = QActionGroup(self)
        for mode in MODES:
            modes.addAction(actions[f"theme_{mode}"])
        return actions

    def _handlers(self) -> dict[str, Callable[..., object]]:
        settings = self.services.settings
        return {
            **self.files.handlers(),
            **self.exports.handlers(),
            "autosave": lambda on: setattr(settings, "autosave", on),
            "run_tab": self.run_tab,
            "run_all": self.run_all,
            "cancel": self.cancel,
            **{f"tab_{t.lower()}": lambda title=t: self.tabs.show_tab(title) for t in TABS},
            **{
                f"theme_{m}": lambda on, mode=m: self.set_theme(mode) if on else None for m in MODES
            },
            "colour_blind": self.set_colour_blind,
            "fullscreen": self.toggle_full_screen,
            "reset_layout": self.reset_layout,
            "help": self.show_help,
            "shortcuts": lambda: self.show_help("shortcuts"),
            "palette": self.show_palette,
            "edit_shortcuts": self.edit_shortcuts,
            "tour": self.take_tour,
            "problem": self.show_problem,
            "about": self.show_about,
        }

    def _hush(self, step: int) -> None:
        """What was said of a step that is undone holds no more."""
        if step < self._step:
            self.statusBar().clearMessage()
        self._step = step

    def _connect(self) -> None:
        services = self.services
        state, navigator = services.state, services.navigator
        for changed in (state.session_changed, state.dirty_changed, state.record_changed):
            changed.connect(lambda *_: self._show_title())
        state.status_message.connect(lambda text: self.statusBar().showMessage(text, _MESSAGE_MS))
        state.history.indexChanged.connect(self._hush)
        state.session_changed.connect(self._show_result)
        services.jobs.job_failed.connect(self._explain)
        services.recipe_runs.several_made.connect(self.files.open_several)
        for source in (services.documents, services.recipe_runs):
            source.result_coming.connect(lambda then: self.tabs.make_soon("Explore", then))
        self.tabs.made.connect(self._take_tab)
        navigator.tab_wanted.connect(self.show_tab)
        navigator.help_wanted.connect(self.show_help)
        navigator.command_wanted.connect(lambda name: self.commands[name].trigger())
        navigator.demo_wanted.connect(self.files.demo)
        for wanted, answer in (
            (navigator.path_wanted, self.files.open_path),
            (navigator.analysis_wanted, self.files.new_from),
        ):
            wanted.connect(answer)
            wanted.connect(lambda *_: self.raise_())

    def _take_tab(self, title: str) -> None:
        """A tab was made: its entries go into the menus, its layout is put back."""
        tab = self.tabs.make(title)
        self._entries.add(tab)
        make_accessible(tab)
        self._layouts.put_back(tab)

    def _show_result(self) -> None:
        """An opened result is for exploring; an empty session starts at the Library."""
        session = self.services.state.session
        if session.clustering is not None or session.embedding is not None:
            self.show_tab("Explore")
        elif session.maps is not None:
            self.show_tab("Clusters")
        else:
            self.show_tab("Library")

    def _explain(self, job: Job, failure: Failure) -> None:
        # outside the signal: a box runs an event loop of its own
        title = f"{job.title} did not finish"
        QTimer.singleShot(0, lambda: self.services.notify.error(title, failure))

    def _show_title(self) -> None:
        state = self.services.state
        name = "" if state.session.is_empty else state.session.name
        name += " (read-only)" if state.read_only else ""
        self.setWindowTitle(f"{name}[*] – SEAM" if name else "SEAM[*]")
        self.setWindowModified(state.dirty)

    def _save_layout(self) -> None:
        settings = self.services.settings
        settings.geometry = self.saveGeometry()
        self._layouts.save(self.tabs.pages)
        settings.sync()

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
        self.services.shut_down()
        super().closeEvent(event)
        self.closed.emit()
