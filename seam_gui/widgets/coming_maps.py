"""Looks over the shoulder of a run that is making attribution maps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PyQt5.QtCore import QObject, QTimer, pyqtSignal
from PyQt5.QtWidgets import QWidget

from seam_gui.state.app_state import AppState
from seam_gui.work.jobs import JobRunner

if TYPE_CHECKING:
    from seam_core.progress import Progress

_EVERY_MS = 400


@dataclass(frozen=True)
class Coming:
    """Maps that are finished while others are still made.

    maps : (k, W, A) of the rows asked for; activities : (k,) what the model answered
    errors : (n,) completeness errors of all finished rows, NaN where there are none
    start : first position of the maps
    n, total : rows that are finished, and that there will be
    """

    maps: np.ndarray
    activities: np.ndarray
    errors: np.ndarray
    start: int
    n: int
    total: int


class ComingMaps(QObject):
    """Reads, in a worker thread and only while `widget` is seen, what a run has finished.

    found : `Coming`
    ended : the run is over, whatever its end
    """

    found = pyqtSignal(object)
    ended = pyqtSignal()

    def __init__(self, state: AppState, jobs: JobRunner, widget: QWidget, shown: int) -> None:
        super().__init__(widget)
        self._jobs, self._widget, self._shown = jobs, widget, shown
        self._file: Path | None = None
        self._first = 0
        self._last: Coming | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._look)
        state.maps_coming.connect(self._follow)
        self._follow(state.coming_maps)

    @property
    def active(self) -> bool:
        """True while a run makes maps."""
        return self._file is not None

    def show_from(self, first: int) -> None:
        """The first row wanted."""
        self._first = first
        self._look()

    def _follow(self, file: Path | None) -> None:
        was, self._file = self._file, file
        self._first, self._last = 0, None
        if file is not None:
            self._timer.start()
        elif was is not None:
            self._timer.stop()
            self._jobs.cancel("coming_maps")
            self.ended.emit()

    def _look(self) -> None:
        file, rows = self._file, slice(self._first, self._first + self._shown)
        if file is None or not self._widget.isVisible():
            return
        self._jobs.submit(
            "coming_maps",
            "Preview",
            lambda progress: _read(file, rows, progress),
            done=self._tell,
            failed=lambda failure: None,  # the run itself says what went wrong
            quiet=True,
        )

    def _tell(self, coming: Coming | None) -> None:
        if not self.active:
            return
        if coming is None and self._last is not None:  # the maps are made, other stages follow
            self._timer.stop()
            coming = replace(self._last, n=self._last.total)
        if coming is not None:
            self._last = coming
            self.found.emit(coming)


def _read(file: Path, rows: slice, progress: Progress) -> Coming | None:
    from seam_core.attributer import finished_maps

    progress.update(0, 1)
    finished = finished_maps(file)
    if finished is None or len(finished.maps) == 0:
        return None
    return Coming(
        np.array(finished.maps[rows], dtype=np.float64),
        np.array(finished.records["prediction"][rows]),
        finished.records["error"],
        finished.start,
        len(finished.maps),
        finished.total,
    )
