"""`seam-gui [SESSION] [--demo NAME] [--screenshot FILE] [--quit] [--install-desktop]`"""

from __future__ import annotations

import argparse
import faulthandler
import os
import re
import sys
from pathlib import Path

from seam_core import __version__
from seam_core.importing import importing_for_good
from seam_core.interpreter import avoid_working_folder
from seam_core.product import FIRST_DEMO, NAME
from seam_core.utf8 import start_in_utf8
from seam_gui.state.display import has_display
from seam_gui.state.tab_titles import TABS


def _size(text: str) -> tuple[int, int]:
    """Width and height in pixels of "1280x800"."""
    said = re.fullmatch(r"(\d{2,5})x(\d{2,5})", text.lower())
    if said is None:
        raise argparse.ArgumentTypeError(f"got {text}; expected pixels, as 1280x800")
    return int(said[1]), int(said[2])


def _picture(text: str) -> Path:
    """A file that Qt can write a picture to."""
    path = Path(text)
    if path.suffix.lower() not in (".png", ".jpg") or not path.parent.is_dir():
        said = "expected a name that ends in .png or .jpg, in a folder that is there"
        raise argparse.ArgumentTypeError(f"got {text}; {said}")
    return path


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="seam-gui", description="SEAM: the mechanisms of genomic deep networks."
    )
    parser.add_argument("--version", action="version", version=f"{NAME} {__version__}")
    parser.add_argument(
        "session", nargs="?", help="a session to open: its folder or its manifest.json"
    )
    parser.add_argument(
        "--demo",
        metavar="NAME",
        nargs="?",
        const=FIRST_DEMO,
        help=f"open a demonstration (default: {FIRST_DEMO})",
    )
    tabs = [title.lower() for title in TABS]
    parser.add_argument("--tab", type=str.lower, choices=tabs, help="show this tab")
    parser.add_argument(
        "--theme", choices=("system", "light", "dark", "contrast"), help="for this start only"
    )
    parser.add_argument(
        "--size", metavar="WxH", type=_size, help="size of the window, for example 1280x800"
    )
    parser.add_argument(
        "--screenshot", metavar="FILE", type=_picture, help="save a picture once all is loaded"
    )
    parser.add_argument("--quit", action="store_true", help="close once all is loaded")
    parser.add_argument(
        "--install-desktop",
        action="store_true",
        help="put the application into the menus of a Linux desktop, for this user, and end",
    )
    return parser.parse_args(arguments)


def install_desktop() -> int:
    """Put launcher, icons and MIME type into the user's folders; returns the exit code."""
    from seam_core.validate import InputError
    from seam_gui.shell import desktop
    from seam_gui.shell.start import make_application

    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    make_application(sys.argv)
    try:
        files = desktop.install()
    except InputError as error:
        print(f"seam-gui: {error}", file=sys.stderr)
        return 2
    print("Installed for this user (delete these files to undo it):", *files, sep="\n  ")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Start the application; returns the exit code."""
    if arguments is None:
        start_in_utf8()
        avoid_working_folder()
    options = parse(arguments)
    if options.install_desktop:
        return install_desktop()
    if not has_display():
        if not (options.screenshot or options.quit):
            print(
                "seam-gui: there is no display; `seam` does the same work on the command line",
                file=sys.stderr,
            )
            return 1
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from seam_core import diagnostics

    if sys.stderr is not None:  # a crash below Python says where
        faulthandler.enable()
    diagnostics.start()
    diagnostics.did("seam-gui started")
    with importing_for_good():
        from PyQt5.QtCore import QTimer

        from seam_gui.shell.start import StartUp, dress, end_process, make_application

        application = make_application(sys.argv)
        settings = dress(application, options.theme)
        from seam_gui.shell.main_window import MainWindow

        window = MainWindow(settings)
    if options.size:
        window.resize(*options.size)
    window.show()
    start = StartUp(window, options)
    QTimer.singleShot(0, start.begin)
    code = application.exec()
    if arguments is None:
        end_process(code)
    return code


if __name__ == "__main__":
    sys.exit(main())
