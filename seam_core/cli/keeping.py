"""What a command found, kept with the session that it was asked about."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from seam_core import store
from seam_core.cli.terminal import say
from seam_core.session import Session
from seam_core.validate import SeamError


def add_keep(parser: argparse.ArgumentParser, what: str) -> None:
    """The option `--keep`."""
    parser.add_argument(
        "--keep-in-session",
        action="store_true",
        help=f"also keep {what} in the session: its report and the window show them",
    )


def keep(options: argparse.Namespace, change: Callable[[Session], Session]) -> None:
    """Change the session as it is on the disk, where that is wanted.

    Where it cannot be changed, the results are written all the same: that is said.
    """
    if not options.keep_in_session:
        return
    try:
        store.save(change(store.load(options.session)), options.session)
    except SeamError as error:
        say(f"not kept in the session: {error}")
        return
    print(f"kept in: {options.session}")
