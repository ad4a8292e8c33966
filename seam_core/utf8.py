"""Names of files are UTF-8 in both commands, whatever the locale says."""

from __future__ import annotations

import os
import sys


def start_in_utf8() -> None:
    """Start this process again in Python's UTF-8 mode where it took names of files otherwise.

    In the plainest locale (`LANG=C`) Python passes on letters beyond ASCII as halves of characters,
    which Arrow, htslib, Qt and JSON do not take. Where it is UTF-8 already, nothing is done.
    """
    encoding = sys.getfilesystemencoding()
    if encoding == "utf-8" or getattr(sys, "frozen", False):
        return
    environment = {**os.environ, "PYTHONUTF8": "1"}  # for the processes that this one starts
    if encoding == "ascii":
        # Qt and C libraries ask the locale, in which LC_ALL stands above the others
        environment["LC_ALL" if os.environ.get("LC_ALL") else "LC_CTYPE"] = "C.UTF-8"
    arguments = [sys.executable, "-X", "utf8", *sys.orig_argv[1:]]
    os.execve(sys.executable, arguments, environment)
