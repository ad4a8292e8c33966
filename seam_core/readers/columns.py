"""Column names of the application's own; a file's columns of these names are kept apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# what questions, tables and exports call the clusters, the rows, the letters and the axes
RESERVED = ("Cluster", "Label", "Index", "Sequence", "Letter", "Reference")
_RESERVED = re.compile(rf"(?:{'|'.join(RESERVED)}|Axis\d+)", re.IGNORECASE)
OF_FILE = "file:"


def is_reserved(name: str) -> bool:
    """Is it a name of the application's own, in upper or lower case?"""
    return _RESERVED.fullmatch(name) is not None


def name_apart(name: str) -> str:
    """What a user's column is called beside the application's own."""
    return OF_FILE + name if is_reserved(name) else name


def kept_apart(names: list[str]) -> dict[str, str]:
    """Name -> `file:name` of those that are reserved; no two of the result are the same."""
    taken, renamed = {name.lower() for name in names}, {}
    for name in names:
        if is_reserved(name):
            new = name_apart(name)
            while new.lower() in taken:
                new = OF_FILE + new
            taken.add(new.lower())
            renamed[name] = new
    return renamed


def frame_apart(frame: pd.DataFrame) -> pd.DataFrame:
    """A table of the user's whose columns cannot be taken for the application's."""
    renamed = kept_apart([str(name) for name in frame])
    return frame.rename(columns=renamed) if renamed else frame
