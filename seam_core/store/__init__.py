"""Sessions as folders, and readers of other people's files."""

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
from seam_core.store.peer import import_peer_files
from seam_core.readers.tables import (
    MaveTable,
    read_embedding,
    read_fasta,
    read_linkage,
    read_maps,
    read_mave,
)

__all__ = [
    "FORMAT_VERSION",
    "STEPS_PER_SD",
    "MaveTable",
    "check_target",
    "import_peer_files",
    "is_session",
    "load",
    "read_embedding",
    "read_fasta",
    "read_linkage",
    "read_manifest",
    "read_maps",
    "read_mave",
    "save",
    "summary",
]
