"""TOML files: configurations and recipes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from seam_core.validate import InputError


def read_toml(path: Path | str) -> dict[str, Any]:
    """A TOML file as plain values; `InputError` with its line where it is not TOML."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    path = Path(path)
    if not path.is_file():
        raise InputError("config", "no such file", "a .toml file", str(path))
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError("config", f"text that is not TOML ({error})", "TOML", str(path)) from error
