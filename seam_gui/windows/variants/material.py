"""What the window of variants reads and writes, away from its thread."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from seam_core.logos import centre
from seam_core.progress import Progress
from seam_core.variants import COLUMNS
from seam_gui.widgets.frame_table import Column

FIRST = (
    "name", "position", "effect", "verdict", "mechanism_alt", "confidence", "sites_lost",
    "sites_weakened", "sites_strengthened", "sites_created", "library_low", "library_high",
)  # fmt: skip
HIDDEN = ("site_verdict", "mechanism_verdict", "row", "detail")
FILES = ("variants.parquet", "maps.npy", "letters.npy", "places.npy", "reference_map.npy")
_SMALL = 1 << 20
_HEADINGS = {"mechanism_alt": "mechanism"}


@dataclass(frozen=True, eq=False)
class Answered:
    """Variants and what became of them; row i of every array is row i of the table.

    maps : (M, W, A), mapped from disk; letters : (M, L); places : (M, 2), NaN where there is none
    """

    frame: pd.DataFrame
    maps: np.ndarray
    letters: np.ndarray
    places: np.ndarray
    reference: np.ndarray
    told: tuple[str, ...] = ()

    def logo(self, row: int | None, start: int, own: np.ndarray) -> np.ndarray:
        """(W, A) what the letters that are there contribute; None: of the reference."""
        matrix = self.reference if row is None else np.asarray(self.maps[row])
        letters = own if row is None else self.letters[row]
        window = letters[start : start + len(matrix)]
        present = np.zeros(matrix.shape)
        rows = np.arange(len(matrix))
        present[rows, window] = centre(matrix.astype(np.float64))[rows, window]
        return present


def read(folder: Path, told: tuple[str, ...], progress: Progress) -> Answered:
    """Answers as the engine wrote them."""
    return Answered(
        pd.read_parquet(folder / "variants.parquet"),
        _mapped(folder / "maps.npy"),
        _mapped(folder / "letters.npy"),
        np.load(folder / "places.npy"),
        np.load(folder / "reference_map.npy"),
        told,
    )


def _mapped(path: Path) -> np.ndarray:
    array = np.load(path, mmap_mode=None if path.stat().st_size < _SMALL else "r")
    return array  # type: ignore[no-any-return]


def with_first(one: Answered, others: Answered | None) -> Answered:
    """A typed variant above the table that is there; once, however often it is typed."""
    if others is None or not len(others.frame):
        return one
    kept = ~others.frame["name"].isin(one.frame["name"]).to_numpy()
    return Answered(
        pd.concat([one.frame, others.frame[kept]], ignore_index=True),
        _Stacked([one.maps, others.maps], [np.ones(len(one.frame), bool), kept]),  # type: ignore[arg-type]
        np.concatenate([one.letters, others.letters[kept]]),
        np.concatenate([one.places, others.places[kept]]),
        one.reference,
        others.told,
    )


class _Stacked:
    """Rows of several arrays one after another, none of them copied."""

    def __init__(self, parts: list[np.ndarray], kept: list[np.ndarray]) -> None:
        self._parts = parts
        self._where = [
            (which, int(row)) for which, keep in enumerate(kept) for row in np.flatnonzero(keep)
        ]

    def __len__(self) -> int:
        return len(self._where)

    def __getitem__(self, row: int) -> np.ndarray:
        which, index = self._where[row]
        return np.asarray(self._parts[which][index])


def columns_of(frame: pd.DataFrame) -> list[Column]:
    """What matters most first."""
    others = [str(c) for c in frame if c not in FIRST and c not in HIDDEN]
    columns = []
    for name in (*FIRST, *others):
        values = frame[name]
        if str(values.dtype) == "Int64":
            array = values.astype("Float64").to_numpy(dtype=float, na_value=float("nan"))
            form = ".0f"
        else:
            array, form = values.to_numpy(), ""
            array = array if array.dtype.kind in "fiu" else array.astype(object)
        tip, heading = COLUMNS.get(name, ""), _HEADINGS.get(name, "")
        columns.append(Column(name, array, form=form, tip=tip, heading=heading))
    return columns


def matching(frame: pd.DataFrame, text: str, verdict: str) -> np.ndarray:
    """(M,) bool: rows that hold a text anywhere, and a verdict."""
    keep = np.ones(len(frame), bool)
    if verdict:
        keep &= frame["verdict"].str.contains(verdict, regex=False).to_numpy(dtype=bool)
    for word in text.lower().split():
        columns = [
            frame[c].astype(str).str.lower() for c in frame if frame[c].dtype.kind not in "f"
        ]
        holds = np.zeros(len(frame), bool)
        for column in columns:
            holds |= column.str.contains(word, regex=False).to_numpy(dtype=bool)
        keep &= holds
    return keep


def save(answered: Answered, target: Path, progress: Progress) -> Path:
    """The table in a file of the user's: CSV, or Parquet where the name ends so."""
    from seam_core.exports.files import replacing
    from seam_core.exports.tables import write_table

    if target.suffix.lower() == ".parquet":
        with replacing(target, what="variants") as partial:
            answered.frame.to_parquet(partial)
        return target
    return write_table(answered.frame, target, what="variants")


def forget(folder: Path) -> None:
    """Remove what the window kept."""
    shutil.rmtree(folder, ignore_errors=True)
