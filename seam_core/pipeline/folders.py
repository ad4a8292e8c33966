"""Where a run writes: its folder, held for this process, and its maps as they come."""

from __future__ import annotations

from pathlib import Path

from seam_core import store
from seam_core.store.files import not_writable

# A process that only looks at a folder holds it for a moment.
_WAIT_S = 1.0


def maps_file(folder: Path | str) -> Path:
    """Where a run into `folder` writes the maps as they come: beside it, on the same disk.

    The place is the same when a run is started again, so that one that was stopped goes on where
    it was.
    """
    folder = store.resolved(folder)
    return folder.with_name(f".{folder.name}.unfinished") / "maps.npy"


def claimed(folder: Path | str) -> store.Claim:
    """The folder of a run, and what lies beside it, for this process; see `store.claim`.

    Raises `InputError` where another process holds it, or it cannot be written.
    """
    try:
        return store.claim(folder, wait_s=_WAIT_S)
    except OSError as error:
        raise not_writable(Path(folder), error) from error
