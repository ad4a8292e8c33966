"""What the window of designs reads and writes, away from its thread."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from seam_core.design.panel import DESIGN
from seam_core.design.write import FASTA, TABLE, fasta
from seam_core.exports.files import open_replacing, write_text
from seam_core.exports.tables import write_table
from seam_core.progress import Progress
from seam_core.session import Session
from seam_gui.widgets.frame_table import Column

FILES = ("panel.fa", "panel.csv", "panel.parquet", "design.json")
_FIRST = ("name", "kind", "activity", "mechanism", "confidence", "expected")
_LETTERS = ("oligo", "sequence", "barcode")
TIPS = {
    "kind": "The design, or a control of it",
    "activity": "As the model answered",
    "mechanism": "The cluster that its map falls into",
    "confidence": "Share of the library's maps with such a margin that are in their own cluster",
    "expected": "What the model expects it to do",
    "outside": "Like no mechanism of the session",
    "nearest": "Positions at which it differs from the nearest other design",
    "substitutions": "Positions at which it differs from the reference",
    "oligo": "What is ordered: adapter, sequence, barcode, adapter",
}


@dataclass(frozen=True, eq=False)
class Made:
    """A panel that was designed: in a folder of the application's own, or kept with the session."""

    folder: Path | None
    frame: pd.DataFrame
    notes: tuple[str, ...]
    mechanism: int

    @property
    def session(self) -> Path | None:
        """The panel as a session; None for one that was kept as a table."""
        return None if self.folder is None else self.folder / "session"


def read(folder: Path, progress: Progress) -> Made:
    """A panel as the engine wrote it."""
    about = json.loads((folder / "design.json").read_text(encoding="utf-8"))
    frame = pd.read_parquet(folder / "panel.parquet")
    return Made(folder, frame, tuple(about["notes"]), about["mechanism"])


def kept_in(session: Session) -> Made | None:
    """The panel that is kept with a session."""
    experiments = session.experiments
    if experiments is None or experiments.panel is None:
        return None
    frame = experiments.panel
    mechanism = int(frame["mechanism"][frame["kind"] == DESIGN].mode()[0])
    return Made(None, frame, ("Kept with the session.",), mechanism)


def columns_of(frame: pd.DataFrame) -> list[Column]:
    """What matters most first, letters last."""
    others = [str(c) for c in frame if c not in _FIRST and c not in _LETTERS]
    columns = []
    for name in (*_FIRST, *others, *_LETTERS):
        values = frame[name]
        if str(values.dtype) == "Int64":
            array = values.astype("Float64").to_numpy(dtype=float, na_value=float("nan"))
            columns.append(Column(name, array, form=".0f", tip=TIPS.get(name, "")))
            continue
        array = values.to_numpy()
        array = array if array.dtype.kind in "fiu" else array.astype(object)
        tip, letters = TIPS.get(name, ""), name in _LETTERS
        columns.append(Column(name, array, tip=tip, fixed=letters, named=name == "kind"))
    return columns


def copy_files(panel: Made, target: Path, progress: Progress) -> Path:
    """The files to order from, in a folder of the user's."""
    target.mkdir(parents=True, exist_ok=True)
    if panel.folder is None:
        write_text(target / FASTA, fasta(panel.frame), what="panel")
        write_table(panel.frame, target / TABLE)
        return target
    for done, name in enumerate(FILES):
        progress.update(done, len(FILES), name)
        with open_replacing(target / name, what="panel") as out:
            out.write((panel.folder / name).read_bytes())
    return target


def copy_session(panel: Made, target: Path, progress: Progress) -> Path:
    """The panel's session in a folder of the user's."""
    from seam_core import store

    assert panel.session is not None
    store.save(store.load(panel.session), target, progress=progress)
    return target
