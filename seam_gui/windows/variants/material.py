"""What the window of variants reads and writes, away from its thread."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from seam_core.figures.analysis import reference_row
from seam_core.findings import variant_places
from seam_core.logos import centre
from seam_core.progress import Progress
from seam_core.session import Session
from seam_core.variants import COLUMNS
from seam_core.variants.whole import MOST_SHOWN
from seam_gui.look.words import meaning_of
from seam_gui.widgets.frame_table import Column

FIRST = (
    "name", "position", "effect", "verdict", "mechanism_alt", "confidence", "sites_lost",
    "sites_weakened", "sites_strengthened", "sites_created", "library_low", "library_high",
)  # fmt: skip
HIDDEN = ("site_verdict", "mechanism_verdict", "row", "detail")
FILES = ("variants.parquet", "maps.npy", "letters.npy", "places.npy", "reference_map.npy")
_SMALL = 1 << 20


@dataclass(frozen=True, eq=False)
class Answered:
    """Variants and what became of them; row i of every array is row i of the table.

    maps : (M, W, A), mapped from disk; letters : (M, L); places : (M, 2), NaN where there is none
    has : (M,) bool, which have a map; None: all
    """

    frame: pd.DataFrame
    maps: np.ndarray
    letters: np.ndarray
    places: np.ndarray
    reference: np.ndarray
    told: tuple[str, ...] = ()
    has: np.ndarray | None = None

    def has_map(self, row: int) -> bool:
        """False where the map of a row was not kept with the session."""
        return self.has is None or bool(self.has[row])

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
        None if others.has is None else np.r_[np.ones(len(one.frame), bool), others.has[kept]],
    )


def edits_named(answered: Answered | None, name: str) -> str:
    """What the row of that name changes, as it is typed; "" where there is none."""
    if answered is None:
        return ""
    found = answered.frame["edits"][answered.frame["name"] == name]
    return str(found.iloc[0]) if len(found) else ""


def kept_in(session: Session) -> Answered | None:
    """The variants that are kept with a session."""
    experiments, library, maps = session.experiments, session.library, session.maps
    if experiments is None or experiments.variants is None or library is None or maps is None:
        return None
    frame, reference = experiments.variants, library.reference
    given, own = experiments.variant_maps, experiments.variant_letters
    row = reference_row(session)
    if reference is None or row is None or given is None or own is None:
        return None
    which = frame["map"].to_numpy()
    letters = np.repeat(reference[None], len(frame), axis=0)
    letters[which >= 0] = own[which[which >= 0]]
    return Answered(
        frame.drop(columns="map"),
        _Stacked([given], [], [(0, int(i)) for i in which]),  # type: ignore[arg-type]
        letters,
        _places(session, frame),
        np.asarray(maps.maps[row]),
        ("kept with the session",),
        which >= 0,
    )


def _places(session: Session, frame: pd.DataFrame) -> np.ndarray:
    embedding = session.embedding
    if embedding is None or embedding.coordinates.shape[1] < 2:
        return np.full((len(frame), 2), np.nan)
    return variant_places(frame, [embedding.axis_name(axis) for axis in (0, 1)])


def findings_of(answered: Answered) -> dict[str, Any]:
    """What of it is kept with a session: the table, and maps of the largest effects."""
    effects = np.abs(answered.frame["effect"].to_numpy(dtype=float))
    largest = [int(i) for i in np.argsort(-effects) if np.isfinite(effects[i])]
    shown = [i for i in largest if answered.has_map(i)][:MOST_SHOWN]
    which = np.full(len(answered.frame), -1)
    which[shown] = np.arange(len(shown))
    shape = answered.reference.shape
    maps = np.array([answered.maps[i] for i in shown], np.float32).reshape(-1, *shape)
    letters = np.array([answered.letters[i] for i in shown], np.int8)
    return {
        "variants": answered.frame.assign(map=which),
        "variant_maps": maps,
        "variant_letters": letters.reshape(len(shown), -1),
    }


class _Stacked:
    """Rows of several arrays one after another, none of them copied."""

    def __init__(
        self,
        parts: list[np.ndarray],
        kept: list[np.ndarray],
        where: list[tuple[int, int]] | None = None,
    ) -> None:
        self._parts = parts
        self._where = where or [
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
        if name == "position":  # of those answered: the others have none to show
            values = values.astype("Int64").mask(values < 0)
        if str(values.dtype) == "Int64":
            array = values.astype("Float64").to_numpy(dtype=float, na_value=float("nan"))
            form = ".0f"
        else:
            array, form = values.to_numpy(), ""
            array = array if array.dtype.kind in "fiu" else array.astype(object)
        tip = meaning_of(COLUMNS.get(name, ""), COLUMNS)
        columns.append(Column(name, array, form=form, tip=tip))
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
