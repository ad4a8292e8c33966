"""`seam-gui [SESSION] [--demo NAME] [--screenshot FILE] [--quit]`"""

from __future__ import annotations

import argparse
import os
import sys

from seam_gui.state.display import has_display


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="seam-gui", description="SEAM: the mechanisms of genomic deep networks."
    )
    parser.add_argument("session", nargs="?", help="a session's folder to open")
    parser.add_argument("--demo", metavar="NAME", help="open a demo, for example eve_hk")
    parser.add_argument("--tab", metavar="NAME", help="show this tab, for example clusters")
    parser.add_argument(
        "--theme", choices=("system", "light", "dark", "contrast"), help="for this start only"
    )
    parser.add_argument("--size", metavar="WxH", help="size of the window, for example 1280x800")
    parser.add_argument("--screenshot", metavar="FILE", help="save a picture once all is loaded")
    parser.add_argument("--quit", action="store_true", help="close once all is loaded")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Start the application; returns the exit code."""
    options = parse(arguments)
    if not has_display():
        if not (options.screenshot or options.quit):
            print(
                "seam-gui: there is no display; `seam` does the same work on the command line",
                file=sys.stderr,
            )
            return 1
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from seam_core import diagnostics

    diagnostics.start()
    diagnostics.did("seam-gui started")
    from PyQt5.QtCore import QTimer

    from seam_gui.shell.start import StartUp, dress, make_application

    application = make_application(sys.argv)
    settings = dress(application, options.theme)
    from seam_gui.shell.main_window import MainWindow

    window = MainWindow(settings)
    if options.size:
        width, height = (int(part) for part in options.size.lower().split("x"))
        window.resize(width, height)
    window.show()
    start = StartUp(window, options)
    QTimer.singleShot(0, start.begin)
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
