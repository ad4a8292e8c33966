"""What happened, for whoever has to find out: a log file, the last actions, a report.

The file lies in the user's state folder (`log_file`) and is rotated. Nothing of it leaves the
machine unless the user sends it.
"""

from __future__ import annotations

import collections
import datetime
import logging
import os
import platform
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

from seam_core import __version__, registry
from seam_core.places import writable
from seam_core.product import NAME, TITLE
from seam_core.validate import said_by

log = logging.getLogger("seam_core")

_FORMAT = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"
_BYTES, _OLD_FILES = 1_000_000, 3
_TAIL = 20_000
_actions: collections.deque[str] = collections.deque(maxlen=30)


def log_file() -> Path:
    """Where the log is: in the state folder of the platform (XDG_STATE_HOME on Linux).

    Where that cannot be written it is among the temporary files, one for each user.
    """
    import platformdirs

    folder = Path(platformdirs.user_state_dir(NAME, appauthor=False))
    if writable(folder):
        return folder / f"{NAME}.log"
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return Path(tempfile.gettempdir()) / f"{NAME}-{user}.log"


def start(*, verbose: bool = False) -> None:
    """Log to the file and, where `verbose`, to the terminal; a second call changes the latter.

    Where the file cannot be written the work goes on without it.
    """
    for name in ("seam_core", "seam_gui"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.DEBUG if verbose else logging.INFO)
        for handler in list(logger.handlers):
            logger.removeHandler(handler)
            handler.close()
        for handler in _handlers(verbose):
            handler.setFormatter(logging.Formatter(_FORMAT))
            logger.addHandler(handler)
        # the file has it; a terminal is for what the user is told
        logger.propagate = False


def _handlers(verbose: bool) -> list[logging.Handler]:
    handlers: list[logging.Handler] = [logging.NullHandler()]
    file = log_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(
            RotatingFileHandler(
                file,
                maxBytes=_BYTES,
                backupCount=_OLD_FILES,
                encoding="utf-8",
                errors="backslashreplace",
            )
        )
    except OSError:
        pass
    if verbose:
        handlers.append(logging.StreamHandler())
    return handlers


def did(action: str) -> None:
    """Remember what the user did, for the report of an error that follows."""
    _actions.append(f"{datetime.datetime.now():%H:%M:%S} {action}")
    log.info("%s", action)


def unforeseen(error: BaseException, details: str = "") -> Path:
    """Write an error that nothing was prepared for, with versions and the last actions.

    details : its traceback, where another process has it

    Returns the file that it is in.
    """
    said = details or "".join(traceback.format_exception(error))
    log.error("%s\n%s\n%s", "unforeseen error", about(), said)
    return log_file()


def about() -> str:
    """Versions, platform and the last actions, a line each."""
    from seam_core.provenance import package_versions

    versions = ", ".join(f"{name} {version}" for name, version in package_versions().items())
    lines = [
        f"{TITLE} {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"command: {' '.join(sys.argv)}",
        f"versions: {versions}",
        "last actions:",
        *(f"  {action}" for action in _actions),
        *(f"plug-in: {message}" for message in registry.problems()),
    ]
    return "\n".join(lines)


def problem_report() -> str:
    """What to send with a report of a problem: `about` and the end of the log."""
    file = log_file()
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
        if len(text) > _TAIL:  # from the beginning of a line
            text = text[-_TAIL:].partition("\n")[2]
    except OSError as error:
        text = f"(no log: {error})"
    return f"{about()}\n\n{file}\n{text}"


@contextmanager
def threads_told() -> Iterator[None]:
    """What threads of models raise is one line on standard error, once, in place of a traceback."""
    said: set[str] = set()

    def tell(failure: threading.ExceptHookArgs) -> None:
        if failure.exc_value is not None and (text := said_by(failure.exc_value)) not in said:
            said.add(text)
            print(f"seam: a thread raised {text}", file=sys.stderr)

    before, threading.excepthook = threading.excepthook, tell
    try:
        yield
    finally:
        threading.excepthook = before
