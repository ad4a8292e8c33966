"""What clusters are called, from a table: one that was exported here, or one of phy's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seam_core.colours import is_code
from seam_core.readers.tables import read_frame
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd

_IDS = ("cluster", "cluster_id")
_EMPTY = ("", "nan")
_EXPECTED = "a column Cluster (or cluster_id), and Label, Note or Colour"


@dataclass(frozen=True)
class ClusterTexts:
    """Cluster id -> its label, its note, its colour ("#rrggbb"); what a file leaves empty is not
    in it."""

    names: dict[int, str]
    notes: dict[int, str]
    colours: dict[int, str]


def read_cluster_texts(path: Path | str) -> ClusterTexts:
    """Labels, notes and colours of clusters.

    The table has a row a cluster: its id in a column `Cluster` or `cluster_id`, and any of `Label`,
    `Note` and `Colour` (or `Color`), in upper or lower case; other columns are left. A table of two
    columns whose first is `cluster_id` is one of phy's: the second is the label, whatever its name.

    Raises `InputError` for a file that is no such table, an id that is no whole number or that
    comes twice, and a colour that is not "#rrggbb".
    """
    frame = read_frame(path, field="labels", text=True)
    columns = {name.strip().lower(): name for name in frame}
    ids = next((columns[name] for name in _IDS if name in columns), None)
    names = columns.get("label")
    if names is None and len(columns) == 2 and next(iter(columns)) == "cluster_id":
        names = list(frame)[1]
    notes, colours = columns.get("note"), columns.get("colour", columns.get("color"))
    if ids is None or not (names or notes or colours):
        got = ", ".join(map(repr, list(frame)[:8]))
        raise InputError("labels", f"columns {got}", _EXPECTED, str(path))
    frame[ids] = list(_whole(frame[ids], path))
    twice = frame[ids][frame[ids].duplicated()]
    if len(twice):
        raise InputError(ids, f"cluster {twice.iloc[0]} twice", "a row a cluster", str(path))
    found = ClusterTexts(*(_texts(frame, ids, column) for column in (names, notes, colours)))
    odd = [value for value in found.colours.values() if not is_code(value)]
    if odd:
        raise InputError(str(colours), repr(odd[0]), "#rrggbb", str(path))
    return found


def _whole(values: pd.Series, path: Path | str) -> Iterator[int]:
    for value in values:
        try:
            yield int(str(value))
        except ValueError:
            raise InputError(str(values.name), repr(value), "whole numbers", str(path)) from None


def _texts(frame: pd.DataFrame, ids: str, column: str | None) -> dict[int, str]:
    if column is None:
        return {}
    texts = zip(frame[ids].tolist(), frame[column].astype(str).str.strip(), strict=True)
    return {i: text for i, text in texts if text.lower() not in _EMPTY}
