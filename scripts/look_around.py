"""Pictures of every tab, dialog and tool window, and what can be told to be wrong with them.

python scripts/look_around.py SESSION FOLDER --theme dark --font 15 --size 1366x768

Writes a PNG of each into FOLDER, and prints texts that are cut, and names that only programs use.
Run it under Xvfb (QT_SCALE_FACTOR=2 for a fine screen) or with QT_QPA_PLATFORM=offscreen.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

# commands that show a dialog or a tool window; after these acts on a session
COMMANDS = (
    "recipe", "import", "new_batch", "open_variants", "save_recipe", "locus", "design",
    "compare_kept", "help", "palette", "shortcuts", "edit_shortcuts", "problem", "about",
    "export_picture", "report", "cluster_split", "cluster_label", "go_to", "tick_spacing", "tour",
    "export_sites_picture",
)  # fmt: skip


class Looker:
    """Shows things one after the other and keeps what they look like."""

    def __init__(self, window, folder: Path) -> None:
        from PyQt5.QtWidgets import QApplication

        self.window, self.folder = window, folder
        self.application = QApplication.instance()
        self.texts: set[str] = set()

    def settle(self) -> None:
        """Until no job runs."""
        from PyQt5.QtTest import QTest

        quiet = 0
        while quiet < 6:
            QTest.qWait(60)
            quiet = 0 if self.window.services.jobs.running else quiet + 1

    def keep(self, widget, name: str) -> None:
        """A picture of a widget, and what is wrong with its texts."""
        from tests.gui.reading import IDENTIFIER, PYTHON, cut_texts, texts

        widget.grab().save(str(self.folder / f"{name}.png"))
        wrong = [f"cut: {text}" for text in cut_texts(widget)]
        for text in texts(widget):
            if IDENTIFIER.search(text) or (PYTHON.search(text) and text != "None"):
                wrong.append(f"raw: {text[:120]!r}")
        for line in sorted(set(wrong) - self.texts):
            print(f"{name}: {line}")
        self.texts |= set(wrong)

    def others(self) -> list:
        """Windows beside the main one."""
        return [
            each
            for each in self.application.topLevelWidgets()
            if each.isVisible() and each is not self.window and each.isWindow()
            and type(each).__name__ not in ("QTipLabel", "QMenu")
        ]  # fmt: skip

    def command(self, name: str) -> None:
        """What a command shows, whether or not it waits for an answer."""
        from PyQt5.QtCore import QTimer
        from PyQt5.QtWidgets import QAction

        found = self.window.findChildren(QAction, f"action_{name}")
        if not found or not found[0].isEnabled():
            print(f"{name}: not to be had")
            return
        timer = QTimer()
        timer.setInterval(1500)
        timer.timeout.connect(lambda: self.seen(name))
        timer.start()
        found[0].trigger()
        self.settle()
        timer.stop()
        self.seen(name)

    def seen(self, name: str) -> None:
        """Keep and close what is shown."""
        for i, each in enumerate(self.others()):
            self.keep(each, f"command_{name}{i or ''}")
            each.close()
            each.hide()


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("session", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--theme", default="light")
    parser.add_argument("--font", type=int, default=0, help="points; 0: the system's")
    parser.add_argument("--size", default="1366x768")
    parser.add_argument("--only", nargs="*", default=(), help="commands; none: all")
    return parser.parse_args()


def main() -> None:
    """One round."""
    options = parse()
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as state:
        os.environ |= {"SEAM_STATE": state, "SEAM_SETTINGS": f"{state}/settings.ini"}
        look(options)
    os._exit(0)


def look(options: argparse.Namespace) -> None:
    """Every tab, then every command."""
    from seam_gui.shell import start
    from seam_gui.shell.start import dress, make_application

    application = make_application(sys.argv[:1])
    if options.font:
        larger = start.system_font()
        larger.setPointSize(options.font)
        start.system_font = lambda: larger
    settings = dress(application, options.theme)
    from seam_gui.commands import TABS
    from seam_gui.shell.main_window import MainWindow

    window = MainWindow(settings)
    window.resize(*(int(part) for part in options.size.split("x")))
    window.show()
    looker = Looker(window, options.folder)
    looker.settle()
    if not options.only:
        for title in TABS:
            window.show_tab(title)
            looker.settle()
            looker.keep(window, f"empty_{title}")
    window.files.open_path(options.session.resolve())
    looker.settle()
    for title in TABS:
        window.show_tab(title)
        looker.settle()
        if not options.only:
            looker.keep(window, f"tab_{title}")
            pages(looker, window.tab(title), title)
    window.show_tab("Explore")
    work(looker)
    for name in options.only or COMMANDS:
        window.show_tab("Identify" if "sites" in name else "Explore")
        looker.command(name)
    window.files.leave()


def pages(looker: Looker, tab, title: str) -> None:
    """Each page of what has pages."""
    from PyQt5.QtWidgets import QTabBar

    for bar in tab.findChildren(QTabBar):
        for page in range(bar.count()):
            if bar.isVisible() and page != bar.currentIndex():
                bar.setCurrentIndex(page)
                looker.settle()
                looker.keep(looker.window, f"page_{title}_{bar.tabText(page)}".replace("/", "-"))


def work(looker: Looker) -> None:
    """Two kept selections, a label, a note, a merge."""
    from PyQt5.QtWidgets import QAction

    from seam_core.selection import Clusters, Query

    explore = looker.window.tab("Explore")
    keep = looker.window.findChildren(QAction, "action_keep")[0]
    explore.select(Clusters((int(explore.scene.order[0]),)))
    keep.trigger()
    explore.curator.label(int(explore.scene.order[0]), "both sites, the first of them strong")
    explore.select(Query("Activity > 0.5"))
    keep.trigger()
    explore.select(Clusters((int(explore.scene.order[1]),)))
    looker.settle()
    looker.keep(looker.window, "worked_Explore")


if __name__ == "__main__":
    main()
