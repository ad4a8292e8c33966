"""Which array of a file with several is meant."""

from __future__ import annotations

from pathlib import Path

from seam_core.validate import InputError

# what to take of several arrays where the user named none
_USUAL = ("maps", "attributions", "shap/seq", "projected_shap/seq")


def chosen_key(names: list[str], key: str, field: str, path: Path) -> str:
    """The array that is meant: `key`, the only one, or the usual one of several."""
    if not key:
        key = names[0] if len(names) == 1 else ""
        key = key or next((name for name in (field, *_USUAL) if name in names), "")
    if key not in names:
        have = ", ".join(names[:20]) or "none"
        expected = key or "one array, or the name of one (FILE:KEY)"
        raise InputError(field, f"arrays {have}", expected, str(path))
    return key
