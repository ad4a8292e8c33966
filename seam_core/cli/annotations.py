"""`--track`: files of annotations, for the commands that draw them."""

from __future__ import annotations

import argparse
from dataclasses import replace

from seam_core.readers.tracks import FORMATS, check_track_file, state_with_tracks
from seam_core.session import Session
from seam_core.validate import InputError


def add_tracks(parser: argparse.ArgumentParser) -> None:
    """The option."""
    parser.add_argument(
        "--track",
        metavar="FILE",
        action="append",
        default=[],
        dest="tracks",
        help=f"annotations to draw below the logos: {FORMATS}, at the locus or in the sequence's "
        "own coordinates; may be given several times",
    )


def check_tracks(options: argparse.Namespace) -> None:
    """Raise `InputError` for a file that is not there, before anything is computed."""
    for path in options.tracks:
        check_track_file(path)


def with_tracks(session: Session, options: argparse.Namespace) -> Session:
    """The session with the annotations asked for; as it is without any.

    Raises `InputError` for a file that cannot be read, or a session without sequences.
    """
    if not options.tracks:
        return session
    if session.library is None:
        raise InputError("--track", "a session without sequences", "one with a library")
    length, locus = session.library.length, session.locus
    state = state_with_tracks(session.state, options.tracks, length, locus)
    return replace(session, state=state)
