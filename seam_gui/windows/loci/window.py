"""The results of a batch: tables over the loci, one locus in detail, and how far the batch is."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QProgressBar, QSplitter, QTabWidget, QWidget

from seam_core.progress import duration
from seam_gui.look.text import plain
from seam_gui.look.theme import SPACING
from seam_gui.services import Services
from seam_gui.widgets.basics import button, row
from seam_gui.widgets.elided_label import ElidedLabel
from seam_gui.windows.loci.essentials import (
    LocusEssentials,
    again,
    joined_by,
    place_of,
    read_essentials,
)
from seam_gui.windows.loci.locus_panel import LocusPanel
from seam_gui.windows.loci.table_page import Rows, TablePage, rows_of
from seam_gui.windows.tool_window import ToolWindow
from seam_gui.work.jobs import Failure

if TYPE_CHECKING:
    from seam_core.batch import Batch, BatchProgress, Reader
    from seam_core.progress import Progress

_LOOK_MS = 1_500
# Reading the tables of a batch under way is at most every so many times what it takes.
_REST = 5
# What of a large batch was read by then is shown first.
_FIRST_S = 0.5
# what people look at first
_FIRST = ("locus", "state", "n_sites", "n_clusters", "reference_activity", "error", "chromosome")
_PAGES = {"loci": "Loci", "sites": "Sites", "epistasis": "Interactions"}


@dataclass(frozen=True, eq=False)
class _Tables:
    """A batch ready to be shown; `states` says of each locus whether it is done.

    Of one that is not read to its end, what was read.
    """

    batch: Batch
    states: dict[str, str]
    rows: dict[str, Rows]


def _tables_of(batch: Batch) -> _Tables:
    loci = batch.loci.assign(state=batch.states)
    if batch.unread:
        loci = loci[loci["state"] != "waiting"]
    states = dict(zip(loci["locus"], loci["state"], strict=True))
    first = [name for name in _FIRST if name in loci]
    loci = loci[[*first, *(name for name in loci if name not in first)]]
    frames = {"loci": loci, "sites": batch.sites, "epistasis": batch.epistasis}
    return _Tables(batch, states, {name: rows_of(frame) for name, frame in frames.items()})


class LociWindow(ToolWindow):
    """One batch's folder; follows it while it is under way, whoever runs it."""

    def __init__(self, services: Services, folder: Path, parent: QWidget) -> None:
        title = f"Batch {folder.name}"
        super().__init__(services, parent, name="loci", title=title, page="batches")
        self.folder = folder
        self.batch: Batch | None = None
        self._states: dict[str, str] = {}
        self._progress: BatchProgress | None = None
        self._reader: Reader | None = None  # made in a worker thread, as its import takes time
        self._read_s, self._read_until = 0.0, 0.0  # how long the tables took, and since when
        self._read_at: tuple[int, bool] | None = None  # how far it was when the tables were read
        self._wanted = ""
        self._how_far = ElidedLabel()
        self._how_far.setObjectName("loci_how_far")
        self._bar_of_batch = QProgressBar()
        self._bar_of_batch.setObjectName("loci_bar")
        self._bar_of_batch.setTextVisible(False)
        self._bar_of_batch.setFixedSize(160, 6)
        self._cancel = button(
            "Stop the batch",
            "loci_cancel",
            "What is finished stays; start it again to go on",
            lambda: services.batches.cancel(folder),
        )
        self._go_on = button(
            "Go on",
            "loci_go_on",
            "Do what is missing, failed loci included",
            lambda: services.batches.go_on(folder),
        )
        head = row(self._how_far, self._bar_of_batch, self._cancel, self._go_on)
        head.setStretch(0, 1)
        head.setContentsMargins(SPACING * 2, SPACING, SPACING * 2, SPACING)
        self.content.addLayout(head)
        self.pages: dict[str, TablePage] = {}
        self._tabs = QTabWidget()
        self._tabs.setObjectName("loci_tabs")
        self._tabs.setDocumentMode(True)
        self._tabs.tabBar().setDrawBase(False)
        self.locus = LocusPanel()
        self.locus.open_requested.connect(self._open_session)
        self.locus.again_requested.connect(self._take_to_library)
        splitter = QSplitter()
        splitter.setObjectName("loci_splitter")
        splitter.addWidget(self._tabs)
        splitter.addWidget(self.locus)
        splitter.setSizes([520, 680])
        splitter.setChildrenCollapsible(False)
        self.content.addWidget(splitter, 1)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._show_how_far(None)
        self._make_next()

    def _make_next(self) -> None:
        """One table a turn of the event loop; then the batch is looked at."""
        left = [name for name in _PAGES if name not in self.pages]
        if left:
            page = self.pages[left[0]] = TablePage(left[0], _PAGES[left[0]], self.jobs)
            page.locus_chosen.connect(self.show_locus)
            self._tabs.addTab(page, _PAGES[left[0]])
            QTimer.singleShot(0, self._make_next)
            return
        self.services.batches.changed.connect(self._look)
        self._look()
        self._timer.start()

    def done(self, result: int) -> None:
        """The window is closed; the batch goes on without it."""
        if self.services.batches.is_running(self.folder):
            self.services.notify.message(
                f"The batch {self.folder.name} goes on; File > Open batch results shows it again"
            )
        super().done(result)

    # how far it is

    def _look(self) -> None:
        """Look at the batch's log, and read the tables again when loci came to an end."""
        if any(job.key == "tables" for job in self.jobs.running):
            return

        def work(progress: Progress) -> BatchProgress | None:
            return self._made_reader().progress()

        self.jobs.submit("look", "Looking", work, done=self._take_progress, quiet=True)

    def _made_reader(self) -> Reader:
        from seam_core.batch import Reader

        if self._reader is None:
            self._reader = Reader(self.folder)
        return self._reader

    def _take_progress(self, progress: BatchProgress | None) -> None:
        self._show_how_far(progress)
        now = (0, False) if progress is None else (progress.done, progress.ended)
        ended = progress is None or not progress.running
        rested = time.monotonic() - self._read_until > _REST * self._read_s
        if self.batch is None or (now != self._read_at and (ended or rested)):
            self._read_at = now
            self._read_tables()

    def _show_how_far(self, progress: BatchProgress | None) -> None:
        self._progress = progress
        ours = self.services.batches.is_running(self.folder)
        running = ours or (progress is not None and progress.running)
        self._cancel.setVisible(ours)
        self._go_on.setVisible(not running and self.services.batches.knows(self.folder))
        self._bar_of_batch.setVisible(running)
        if progress is not None:
            self._bar_of_batch.setRange(0, max(progress.total, 1))
            self._bar_of_batch.setValue(progress.done)
        self._say_how_far(_words(progress, running))

    def _say_how_far(self, text: str) -> None:
        self._how_far.setText(text)
        self._how_far.setToolTip(plain(text))

    def _read_tables(self) -> None:
        folder, most_s = self.folder, _FIRST_S if self.batch is None else math.inf

        def work(progress: Progress) -> _Tables:
            began = time.monotonic()
            tables = _tables_of(self._made_reader().read(progress, most_s=most_s))
            self._read_until = time.monotonic()
            self._read_s = self._read_until - began
            return tables

        quiet = self.batch is not None and not self.batch.unread
        self.jobs.submit(
            "tables",
            "Reading the tables",
            work,
            done=self._take_tables,
            failed=self._not_yet if self.services.batches.is_running(folder) else None,
            quiet=quiet,
        )

    def _not_yet(self, failure: Failure) -> None:
        """A batch that was just started has nothing to read."""
        self._read_at = None

    def _take_tables(self, tables: _Tables) -> None:
        self.batch, self._states = tables.batch, tables.states
        for name, page in self.pages.items():
            page.set_rows(tables.rows[name])
        if tables.batch.unread:
            self._read_tables()
        elif self._progress is None:
            done = sum(state == "done" for state in self._states.values())
            self._say_how_far(f"{done:,} of {len(self._states):,} loci done")
        names = [*self._states]
        if self._wanted in self._states:
            self.show_locus(self._wanted)
        elif names:
            finished = (name for name, state in self._states.items() if state == "done")
            self.pages["loci"].select(next(finished, names[0]))

    # one locus

    def show_locus(self, name: str) -> None:
        """What was kept of a locus; why not, where it is not there."""
        self._wanted = name
        state = self._states.get(name)
        if state is None or self.batch is None:
            return
        loci = self.batch.loci
        row = loci[loci["locus"] == name].iloc[0]
        if state == "failed":
            self.jobs.cancel("locus")
            self.locus.show_nothing(f"{name} failed", str(row["error"]))
            return
        if state == "waiting":
            self.jobs.cancel("locus")
            self.locus.show_nothing(f"{name} is not done yet", "It appears here when it is.")
            return
        if self.locus.shown is not None and self.locus.shown.name == name:
            return
        batch, place = self.batch, place_of(row)
        self.jobs.submit(
            "locus",
            f"Reading {name}",
            lambda progress: read_essentials(batch, name, progress),
            done=lambda locus: self._show(locus, place),
            quiet=True,
        )

    def _show(self, locus: LocusEssentials, place: str) -> None:
        if locus.name == self._wanted:
            self.locus.show_locus(locus, place)

    def _open_session(self) -> None:
        shown = self.locus.shown
        if shown is not None and shown.session is not None:
            self.services.navigator.open_path(shown.session)

    def _take_to_library(self) -> None:
        shown = self.locus.shown
        if shown is None:
            return
        model = self.services.state.config.oracle.model or self.services.batches.model_of(
            self.folder
        )
        self.services.navigator.start_from(again(shown, model), joined_by(shown))


def _words(progress: BatchProgress | None, running: bool) -> str:
    """How far a batch is, for people."""
    if progress is None:
        return "Starting the workers" if running else ""
    text = f"{progress.done:,} of {progress.total:,} loci"
    if progress.failed:
        text += f", {progress.failed:,} failed"
    if progress.ended:
        return text
    if not running:
        return f"{text}; stopped before its end, the same batch started again goes on"
    if progress.word:
        text += f"; {progress.word}"
    if progress.seconds_left is None:
        starting = not progress.done and not progress.word
        return f"{text}; starting the workers" if starting else text
    return f"{text}; {duration(max(1, progress.seconds_left))} left"
