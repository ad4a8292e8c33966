"""Which files of a folder are a session's own: the store alone replaces them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FORMAT = "seam-session"
MANIFEST, SUMMARY = "manifest.json", "summary.json"


def files_of(records: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """`slot.field` and what the manifest says of it, for each file of a session."""
    return [
        (f"{slot}.{name}", value)
        for slot, record in records.items()
        for name, value in record.items()
        if isinstance(value, dict) and "file" in value
    ]


def own_files(folder: Path | str) -> set[str]:
    """Names of the files that are the session's own, others in its folder are the user's; none
    where the folder is that of no session."""
    try:
        manifest = json.loads((Path(folder) / MANIFEST).read_bytes())
        if manifest["format"] != FORMAT:
            return set()
        named = {str(each["file"]) for _, each in files_of(manifest["records"])}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return set()
    return {MANIFEST, SUMMARY, *named}
