"""What happens between the start of the application and the user's first click."""

from __future__ import annotations

import argparse
import atexit
import contextlib
import os
import sys
import traceback
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

from PyQt5.QtCore import QObject, Qt, QTimer
from PyQt5.QtGui import QImage
from PyQt5.QtWidgets import QApplication

from seam_core import registry
from seam_core.product import NAME
from seam_core.validate import SeamError
from seam_gui.dialogs import dialogs
from seam_gui.look.resources import application_icon
from seam_gui.look.theme import system_font, theme
from seam_gui.shell.preparation import prepare_all
from seam_gui.state.settings import Settings
from seam_gui.work.errors import explained
from seam_gui.work.jobs import Failure, Job

if TYPE_CHECKING:
    from seam_gui.shell.main_window import MainWindow

_MOST_LOOKS = 30  # a blinking cursor never ends
_QUIET_MS = 300  # nothing has run for so long: what was asked for is on the screen
_applications: list[QApplication] = []  # it ends with the last name that Python has for it


def make_application(arguments: list[str]) -> QApplication:
    """The application, made where the process has none."""
    application = QApplication.instance()
    if isinstance(application, QApplication):
        return application
    QApplication.setAttribute(Qt.AA_EnableHighDpiScaling)
    QApplication.setAttribute(Qt.AA_UseHighDpiPixmaps)
    QApplication.setAttribute(Qt.AA_DontShowIconsInMenus)
    application = QApplication(arguments[:1])
    _applications.append(application)
    return application


def dress(application: QApplication, mode: str | None = None) -> Settings:
    """Name, icon, font and theme of the application."""
    application.setApplicationName(NAME)
    application.setApplicationDisplayName("SEAM")
    application.setDesktopFileName(NAME)
    application.setOrganizationName("SEAM")
    application.setFont(system_font())
    application.setWindowIcon(application_icon())
    settings = Settings()
    theme().set_colour_blind(settings.colour_blind)
    theme().set_mode(mode or settings.theme_mode)
    theme().apply()
    return settings


class _TakesQtApart:
    """Equal to PyQt's own function for the end of a process, which has no public name.

    It deletes objects while it walks over the table that lists them, and reads some of them after:
    on a busy machine a few ends in a hundred were segmentation faults.
    """

    _NAME = "_qtcore_cleanup"

    def __eq__(self, function: object) -> bool:
        return getattr(function, "__name__", "") == self._NAME

    def __hash__(self) -> int:
        return hash(self._NAME)

    def __call__(self) -> None:
        """Never called: what `atexit` takes back is a function."""


def leave_qt_whole() -> None:
    """At the end of the process Qt's objects stay as they are, see `_TakesQtApart`."""
    atexit.unregister(_TakesQtApart())


def end_process(code: int) -> NoReturn:
    """End the process at once, after everything that asked to be told of its end was told.

    Python and PyQt would first take apart thousands of objects, in no order, of which Qt holds the
    other half: now and then that ends in a segmentation fault.
    """
    leave_qt_whole()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with contextlib.suppress(OSError):  # nobody reads it any more
                stream.flush()
    os._exit(code)


def survive_exceptions(window: MainWindow) -> None:
    """An error that nobody foresaw is shown and written down; Qt would end the process."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        details = "".join(traceback.format_exception(kind, error, trace))
        print(details, file=sys.stderr)
        if issubclass(kind, Exception):
            failure = Failure(error, details)
            QTimer.singleShot(
                0, lambda: window.services.notify.error("Something went wrong", failure)
            )

    sys.excepthook = hook


class StartUp(QObject):
    """Opens what the command line names, then takes the picture and closes where asked to."""

    def __init__(self, window: MainWindow, options: argparse.Namespace) -> None:
        super().__init__(window)
        self._window, self._options = window, options
        self._unattended = bool(options.quit or options.screenshot)
        self._failed = False
        self._picture, self._looks = QImage(), 0
        self._timer = QTimer(self)
        self._timer.setInterval(_QUIET_MS)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._settled)

    def begin(self) -> None:
        """After the window is shown."""
        window, options = self._window, self._options
        if not self._unattended:
            survive_exceptions(window)
        else:
            window.services.jobs.job_failed.disconnect()
            window.services.jobs.job_failed.connect(self._give_up)
            self._timer.start()
        try:
            if not self._unattended and self._offer_recovery():
                self._say_not_opened(options.session or options.demo)
            elif options.session:
                window.files.open_path(Path(options.session), ask=not self._unattended)
            elif options.demo:
                window.services.documents.open_demo(options.demo)
        except SeamError as error:
            self._report(Failure(error, ""))
        opening = window.services.jobs.visible_jobs
        if opening:  # reading and drawing would wait for imports that they do not need
            opening[0].ended.connect(lambda _: QTimer.singleShot(_QUIET_MS, self._prepare))
        else:
            self._prepare()

    def _prepare(self) -> None:
        self._window.services.jobs.submit(
            "prepare", "Prepare", prepare_all, done=lambda _: self._go_on(), quiet=True
        )

    def _go_on(self) -> None:
        self._window.tabs.make_others_soon()
        if not self._unattended:
            self._window.services.ahead.begin()
        self.tell_of_plugins()

    def tell_of_plugins(self) -> None:
        """A line about other packages' methods that cannot be used."""
        problems = registry.problems()
        if problems:
            more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            text = f"{problems[0]}{more}; see Help > Report a problem"
            self._window.services.notify.message(text)

    def _offer_recovery(self) -> bool:
        """Ask about what crashes left, newest first; True once the user takes one."""
        from seam_core.store import read_manifest
        from seam_gui.state.working_folder import discard, left_behind

        for folder in left_behind():
            when = datetime.fromtimestamp(folder.stat().st_mtime).strftime("%Y-%m-%d %H:%M")
            name = str(read_manifest(folder).get("name", ""))
            answer = dialogs().recovery(self._window, name, when)
            if answer == "recover":
                self._window.services.documents.recover(folder)
                return True
            if answer != "delete":
                break
            discard(folder)
        return False

    def _say_not_opened(self, asked: str | None) -> None:
        if asked:
            text = f"The unsaved work is shown; {asked} was not opened."
            self._window.services.state.status_message.emit(text)

    def _settled(self) -> None:
        if self._window.services.jobs.busy:
            self._timer.start()
            return
        options = self._options
        if options.tab:
            self._window.show_tab(options.tab)
            options.tab = None
            self._timer.start()
            return
        if options.screenshot and not self._failed:
            target: Path = options.screenshot
            picture = self._window.grab().toImage()
            if picture != self._picture and self._looks < _MOST_LOOKS:  # it still draws
                self._picture, self._looks = picture, self._looks + 1
                self._timer.start()
                return
            if not picture.save(str(target)):
                print(f"seam-gui: {target} could not be written", file=sys.stderr)
                self._failed = True
        if options.quit:
            self._window.files.leave()
            QApplication.exit(1 if self._failed else 0)

    def _give_up(self, job: Job, failure: Failure) -> None:
        self._report(failure)

    def _report(self, failure: Failure) -> None:
        self._failed = True
        if self._unattended:
            print(f"seam-gui: {explained(failure)[0]}", file=sys.stderr)
        else:
            self._window.services.notify.error("It did not open", failure)
