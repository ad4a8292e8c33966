"""What is slow the first time, done in a worker thread before the window needs it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from seam_core.importing import importing_for_good

if TYPE_CHECKING:
    from seam_core.progress import Progress

# what reading a session needs
_READERS = ("seam_core.store", "pandas", "pyarrow.parquet")


def prepare_reading(progress: Progress) -> None:
    """Import what reads a session."""
    import_for_good(_READERS, progress)


def import_for_good(names: Sequence[str], progress: Progress) -> None:
    """Import what is not there yet."""
    if all(name in sys.modules for name in names):
        return
    with importing_for_good():
        for name in names:
            progress.update(0, 1, name)
            importlib.import_module(name)
