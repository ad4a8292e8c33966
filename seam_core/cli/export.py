"""`seam export`: a session's contents in formats that other programs read."""

from __future__ import annotations

import argparse
from pathlib import Path

from seam_core import store
from seam_core.cli.annotations import add_tracks, with_tracks
from seam_core.exports.material import ALL, SELECTED
from seam_core.exports.registry import export, exports, find
from seam_core.session import Session
from seam_core.validate import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("session", metavar="SESSION")
    parser.add_argument("--what", metavar="NAME", help="which of those that --list says")
    parser.add_argument("--out", metavar="FILE", help="the file to write")
    parser.add_argument(
        "--rows",
        metavar="WHICH",
        help=f"sequences: {SELECTED} (as saved with the session; all where there is none), {ALL}, "
        f"or the name of a kept selection (default: {SELECTED})",
    )
    add_tracks(parser)
    parser.add_argument(
        "--list", action="store_true", help="say what the session can be written as"
    )
    parser.set_defaults(action=run)


def run(options: argparse.Namespace) -> None:
    """Write one export, or list them."""
    session = with_tracks(store.load(options.session), options)
    if options.list:
        _say(session)
        return
    for name in ("what", "out"):
        if not getattr(options, name):
            raise InputError(f"--{name}", "nothing", "--what NAME and --out FILE, or --list")
    if options.rows and not find(options.what).of_rows:
        got = f"{options.rows}, which does nothing with --what {options.what}"
        of_rows = " or ".join(name for name, one in exports().items() if one.of_rows)
        raise InputError("--rows", got, f"--what {of_rows}")
    written = export(session, options.what, Path(options.out), rows=options.rows or SELECTED)
    print(f"{options.what}: {written}")


def _say(session: Session) -> None:
    for name, one in exports().items():
        missing = one.missing(session)
        state = f"   (not now: {missing})" if missing else ""
        print(f"{name}  {one.label} ({' '.join(one.suffixes)}){state}")
        print(f"    {one.tip}")
