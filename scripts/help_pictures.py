"""Make the pictures of the Help pages from the demo: `python scripts/help_pictures.py`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "seam_gui" / "shell" / "help" / "images"
WIDTH = 560  # pixels of a picture, at most: a page of the Help window
_COLOURS = 128  # of a picture: they ship with the package

scratch = Path(tempfile.mkdtemp())
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["SEAM_SETTINGS"], os.environ["SEAM_STATE"] = str(scratch / "s.ini"), str(scratch)

import numpy as np  # noqa: E402
from PyQt5.QtCore import Qt  # noqa: E402
from PyQt5.QtTest import QTest  # noqa: E402
from PyQt5.QtWidgets import QWidget  # noqa: E402

from seam_core.readers.tracks import FEATURES, SIGNAL, Feature, Track  # noqa: E402
from seam_core.selection import Clusters  # noqa: E402
from seam_gui.shell.main_window import MainWindow  # noqa: E402
from seam_gui.shell.start import dress, make_application  # noqa: E402
from seam_gui.views import rasteriser  # noqa: E402


def settle(window: MainWindow) -> None:
    """Until no job runs and all is drawn."""
    quiet = 0
    while quiet < 8:
        QTest.qWait(20)
        quiet = 0 if window.services.jobs.running else quiet + 1


def save(widget: QWidget, name: str) -> None:
    """A widget as it is on the screen, with the colours that it has most of."""
    from PIL import Image

    image = widget.grab().toImage()
    if image.width() > WIDTH:
        image = image.scaledToWidth(WIDTH, Qt.SmoothTransformation)
    IMAGES.mkdir(exist_ok=True)
    path = IMAGES / f"{name}.png"
    image.save(str(path))
    few = Image.open(path).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def main() -> None:
    """Every picture, from the demo eve_hk."""
    make_application(["help"])
    rasteriser.warm_up(wait=True)
    window = MainWindow(dress(make_application(["help"]), "light"))
    window.resize(1280, 800)
    window.show()
    window.files.open_path(ROOT / "demo_data" / "eve_hk")
    settle(window)
    window.show_tab("Explore")
    settle(window)
    tab = window.tab("Explore")
    save(window, "explore")
    state, panels = window.services.state, tab.panels
    window.resize(1280, 1000)
    tab.select(Clusters(tuple(tab.scene.order[:3])), "replace")
    tab.equipment.maps.add()
    length = tab.scene.session.library.length
    wave = np.abs(np.sin(np.arange(length) / 15.0))
    peak = Track("peaks", FEATURES, (Feature(80, 140, "summit"), Feature(150, 190, "second")))
    state.change("Tracks", tracks=(peak, Track("conserved", SIGNAL, values=wave)))
    settle(window)
    save(panels.centre.left, "scatter")
    save(panels.logos, "logos")
    save(panels.msm, "msm")
    save(panels.tracks, "tracks")
    for dock in panels.docks:
        dock.raise_()
        settle(window)
        save(
            dock.widget(), dock.objectName().removeprefix("dock_").replace("comparison", "between")
        )
    window.resize(1280, 800)
    window.show_tab("Identify")
    settle(window)
    save(window, "identify")
    save(window.findChild(QWidget, "identify_above"), "covariance")
    window.files.leave()
    os._exit(0)  # the demo was edited: nobody is asked to save it


if __name__ == "__main__":
    main()
