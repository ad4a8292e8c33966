"""TOML's parser: the standard library's, and before Python 3.11 the package it was made from."""

from __future__ import annotations

import sys
from typing import Any


def parse_toml(text: str) -> dict[str, Any]:
    """The text of a TOML file as plain values; raises `ValueError` with the line for other text.

    For files of others use `seam_core.readers.read_toml`.
    """
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(text)
