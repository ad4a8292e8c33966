"""Start of the application, and opening a large session in it.

The peer's window starts beside ours. It has no side in `gui_open`: it reads tables and maps instead
of sessions, asks for each file in a dialog, and with today's matplotlib its confirmation ends in an
exception before the pictures are there (20,000 sequences took it 37 s until then, window frozen).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.data import CACHE
from benchmarks.runner import Action, Benchmark

# the window is on the screen once the first turn of the event loop has painted it
_START = """
import os, sys
from PyQt5.QtWidgets import QApplication
import seam_gui.shell.start, seam_gui.__main__
def visible(self):
    QApplication.processEvents()
    os._exit(0)
seam_gui.shell.start.StartUp.begin = visible
seam_gui.__main__.main([])
"""

# what `python -m seam.seam_gui` does, as far as the first painted window
_PEER_START = """
import os
from PyQt5.QtWidgets import QApplication
application = QApplication([])
from seam import seam_gui
seam_gui.app = application
window = seam_gui.MainWindow()
window.show()
application.processEvents()
os._exit(0)
"""

_OPEN = """
import json, os, sys, time
from pathlib import Path
from PyQt5.QtCore import QTimer, Qt
from PyQt5.QtWidgets import QApplication
import seam_gui.__main__, seam_gui.shell.start
from seam_gui.work.memory import memory_mb

def begin(self):
    window = self._window
    for _ in range(20):
        QApplication.processEvents()
    last, worst = [time.perf_counter()], [0.0]
    def tick():
        now = time.perf_counter()
        worst[0] = max(worst[0], now - last[0])
        last[0] = now
    timer = QTimer(window, interval=5)
    timer.setTimerType(Qt.PreciseTimer)
    timer.timeout.connect(tick)
    timer.start()
    jobs = window.services.jobs
    def answer_until(over):
        while not over():
            QApplication.processEvents()
            time.sleep(0.001)
        for _ in range(5):
            QApplication.processEvents()
        return round(time.perf_counter() - began, 3)
    began, used = time.perf_counter(), time.process_time()
    window.services.documents.open(Path(sys.argv[1]))
    drawn = answer_until(lambda: all(job.key == "private" for job in jobs.running))
    used = time.process_time() - used
    copied = answer_until(lambda: not jobs.busy)
    print(json.dumps({"interactive_s": drawn, "processor_s": round(used, 3), "maps_copied_s":
        copied, "longest_stall_ms": round(worst[0] * 1000), "resident_mb":
        round(memory_mb(), 1)}), flush=True)
    os._exit(0)

seam_gui.shell.start.StartUp.begin = begin
seam_gui.__main__.main([])
"""


def environment(folder: str) -> dict[str, str]:
    """Of a window without a screen, with settings of its own in a folder."""
    own = {"SEAM_SETTINGS": f"{folder}/settings.ini", "SEAM_STATE": f"{folder}/state"}
    return {"QT_QPA_PLATFORM": "offscreen", **os.environ, **own}


def start(n: int) -> Action:
    """From the command to the painted window, interpreter and imports included."""
    return _started(_START)


def start_peer(n: int) -> Action:
    """The same of the peer's window."""
    return _started(_PEER_START)


def _started(script: str) -> Action:
    def action() -> None:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                [sys.executable, "-c", script],
                env=environment(folder),
                stderr=subprocess.DEVNULL,
                check=True,
            )

    action()
    return action


def session_folder(n: int, length: int = 249, clusters: int = 200) -> Path:
    """A made-up session of n sequences, kept between runs."""
    folder = CACHE / f"session_{n}_{length}_{clusters}"
    if not (folder / "manifest.json").is_file():
        from seam_core import store
        from tests.factories import make_session

        folder.parent.mkdir(parents=True, exist_ok=True)
        store.save(make_session(n, length, clusters, seed=1), folder)
    return folder


def open_session(n: int) -> Action:
    """From the order to open a session to the last picture drawn, the window being there.

    The maps are copied meanwhile, for the case that another program rewrites them: `maps_copied_s`.
    """
    folder = session_folder(n)

    def action() -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as scratch:
            done = subprocess.run(
                [sys.executable, "-c", _OPEN, str(folder)],
                env=environment(scratch),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                check=True,
            )
        return json.loads(done.stdout.strip().splitlines()[-1])

    action()
    return action


# ours_s of gui_open holds the start of the application too; interactive_s is the opening alone
BENCHMARKS = {
    "gui_start": Benchmark(ours=start, peer=start_peer, default_n=1, repeats=5),
    "gui_open": Benchmark(ours=open_session, default_n=100_000, repeats=3),
}
