"""Sessions as folders, and analyses of other programs as sessions."""

from seam_core.store.encode import STEPS_PER_SD
from seam_core.store.folder import (
    FORMAT_VERSION,
    check_target,
    is_session,
    load,
    read_manifest,
    save,
    summary,
)
from seam_core.store.locks import Busy, Claim, claim, resolved
from seam_core.store.peer import import_peer_files

__all__ = [
    "FORMAT_VERSION",
    "STEPS_PER_SD",
    "Busy",
    "Claim",
    "check_target",
    "claim",
    "import_peer_files",
    "is_session",
    "load",
    "read_manifest",
    "resolved",
    "save",
    "summary",
]
