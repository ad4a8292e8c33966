"""What an error says to the user."""

from __future__ import annotations

import errno

from seam_core import diagnostics
from seam_core.validate import SeamError
from seam_gui.look.words import in_words
from seam_gui.work.engine import EngineError
from seam_gui.work.jobs import Failure

_DISK = {
    errno.ENOSPC: "The disk is full.",
    errno.EDQUOT: "The disk quota is used up.",
    errno.EACCES: "There is no permission to write or read there.",
    errno.EPERM: "There is no permission to write or read there.",
    errno.EROFS: "The disk can only be read.",
    errno.ENOENT: "The file or folder is not there (any more).",
    errno.EIO: "The disk could not be read or written.",
    errno.ESTALE: "The folder is no longer reachable.",
}


def explained(failure: Failure) -> tuple[str, str]:
    """(what to tell, what to put behind Details); what nobody foresaw is written into the log."""
    error = failure.error
    if isinstance(error, EngineError):
        if error.expected:
            return in_words(error), failure.details
    elif isinstance(error, SeamError):
        return in_words(error), failure.details
    elif isinstance(error, OSError):
        words = _DISK.get(error.errno or 0, error.strerror or str(error))
        file = f"\n{error.filename}" if error.filename else ""
        return f"{words}{file}\nThe session is as it was.", failure.details
    elif isinstance(error, MemoryError):
        return "There is not enough memory. The session is as it was.", failure.details
    log = diagnostics.unforeseen(error, failure.details)
    text = f"Something went wrong that the application did not foresee: {error}"
    where = f"It is written in {log}; see Help > Report a problem."
    return f"{text}\nThe session is as it was. {where}", failure.details
