"""Sessions as folders, and analyses of other programs as sessions."""

from seam_core.locks import Busy, Claim, claim, resolved
from seam_core.mapping import ChangedFile
from seam_core.store.encode import STEPS_PER_SD
from seam_core.store.folder import (
    FORMAT_VERSION,
    check_target,
    is_session,
    load,
    own_files,
    read_manifest,
    save,
    summary,
    verify,
)
from seam_core.store.peer import grouping_of_files, import_peer_files
from seam_core.store.private import can_wait, copy_behind, private_copy

__all__ = [
    "FORMAT_VERSION",
    "STEPS_PER_SD",
    "Busy",
    "ChangedFile",
    "Claim",
    "can_wait",
    "check_target",
    "claim",
    "copy_behind",
    "grouping_of_files",
    "import_peer_files",
    "is_session",
    "load",
    "own_files",
    "private_copy",
    "read_manifest",
    "resolved",
    "save",
    "summary",
    "verify",
]
