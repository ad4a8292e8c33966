"""The tables over all loci of a batch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.batch.essentials import MANIFEST
from seam_core.batch.log import last_errors
from seam_core.exports.files import replacing
from seam_core.exports.tables import write_table
from seam_core.progress import SILENT, Progress
from seam_core.readers.loci import Locus
from seam_core.readers.settings import read_object
from seam_core.readers.tables import read_parquet
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd

BATCH = "batch.json"
TABLES = ("loci", "sites", "epistasis")
PICTURE = "robust.png"


@dataclass(frozen=True, eq=False)
class Batch:
    """The tables of a batch, as the application opens them.

    loci : one row a locus: place, `error`, number of sites and clusters, activities, quality
    sites : one row a site, `locus` first
    epistasis : one row an interaction, `locus` first
    """

    folder: Path
    loci: pd.DataFrame
    sites: pd.DataFrame
    epistasis: pd.DataFrame

    @property
    def states(self) -> np.ndarray:
        """(n,) of "done", "failed" and "waiting", for each row of `loci`."""
        failed = self.loci["error"].to_numpy() != ""
        done = self.loci["n_clusters"].notna().to_numpy()
        return np.where(failed, "failed", np.where(done, "done", "waiting"))

    def locus_folder(self, name: str) -> Path:
        """The folder of a locus; its session, where it was kept, is in `session` in it."""
        return self.folder / "loci" / Locus(name).folder


def _place(locus: Locus) -> dict[str, Any]:
    """Chromosome, start (0-based), stop (exclusive) and strand; "" and -1 where not known."""
    place = locus.interval
    if place is None:
        return {"chromosome": "", "start": -1, "stop": -1, "strand": ""}
    return {
        "chromosome": place.chromosome,
        "start": place.start,
        "stop": place.stop,
        "strand": place.strand,
    }


def described(locus: Locus, fingerprint: str) -> dict[str, Any]:
    """A locus as `batch.json` has it: all but its letters."""
    return {
        "locus": locus.name,
        **_place(locus),
        "error": locus.error,
        "fingerprint": fingerprint,
    }


def write_tables(out: Path, loci: list[Locus], failed: dict[str, str]) -> None:
    """Write loci, sites and epistasis over all loci, as Parquet and, for people, as CSV.

    Raises `InputError` where they cannot be written.
    """
    rows = [
        {"locus": locus.name, **_place(locus), "error": failed.get(locus.name, "")}
        for locus in loci
    ]
    _write_all(out, _collected(out, rows, SILENT))


def _write_all(out: Path, frames: dict[str, pd.DataFrame]) -> None:
    for name, frame in frames.items():
        with replacing(out / f"{name}.parquet", what="table") as partial:
            frame.to_parquet(partial, index=False)
        write_table(frame, out / f"{name}.csv")
    _draw_robustness(out, frames["loci"])


def _draw_robustness(out: Path, loci: pd.DataFrame) -> None:
    """Loci from reprogrammable to robust, where two or more have that number."""
    if "robust" not in loci or loci["robust"].notna().sum() < 2:
        return
    from seam_core.figures import robust_loci, save_figure

    save_figure(robust_loci(loci), out / PICTURE, dpi=150)


def collect_tables(out: Path, *, progress: Progress = SILENT) -> list[dict[str, Any]]:
    """Write the tables over what the folder of a batch holds; a row a locus, with `waiting`."""
    rows = [{"waiting": False, **row} for row in _rows_so_far(out)]
    _write_all(out, _collected(out, rows, progress))
    return rows


def forget_tables(out: Path) -> None:
    """Take away the tables of an earlier run: they are not those of the loci any more."""
    for name in TABLES:
        for suffix in ("parquet", "csv"):
            (out / f"{name}.{suffix}").unlink(missing_ok=True)
    (out / PICTURE).unlink(missing_ok=True)


def _collected(
    out: Path, rows: list[dict[str, Any]], progress: Progress
) -> dict[str, pd.DataFrame]:
    """The tables, from the loci's folders; a row with an error or "waiting" has none."""
    import pandas as pd

    parts: dict[str, list[pd.DataFrame]] = {"sites": [], "epistasis": []}
    filled = []
    for number, row in enumerate(rows):
        progress.update(number, len(rows), row["locus"])
        row = dict(row)
        waiting = row.pop("waiting", False)
        folder = out / "loci" / Locus(row["locus"]).folder
        if not row["error"] and not waiting:
            row.update(_found(folder / MANIFEST))
            for name, frames in parts.items():
                if (folder / f"{name}.parquet").is_file():
                    frame = read_parquet(folder / f"{name}.parquet", name)
                    frame.insert(0, "locus", row["locus"])
                    frames.append(frame)
        filled.append(row)
    tables = {"loci": pd.DataFrame(filled)}
    for name, frames in parts.items():
        kept = [frame for frame in frames if len(frame)] or frames[:1]
        tables[name] = pd.concat(kept, ignore_index=True) if kept else pd.DataFrame({"locus": []})
    return tables


def is_batch(folder: Path | str) -> bool:
    """True when `folder` is that of a batch, finished or not."""
    return (Path(folder) / BATCH).is_file()


def open_batch(folder: Path | str, *, progress: Progress = SILENT) -> Batch:
    """The tables of a batch; of one that is under way or was stopped, what there is so far.

    Raises `InputError` where the folder is not that of a batch.
    """

    folder = Path(folder)
    if all((folder / f"{name}.parquet").is_file() for name in TABLES):
        frames = {name: read_parquet(folder / f"{name}.parquet", name) for name in TABLES}
    else:
        frames = _collected(folder, _rows_so_far(folder), progress)
    loci = frames["loci"]
    if "n_clusters" not in loci:
        loci["n_clusters"] = np.nan
    return Batch(folder, loci, frames["sites"], frames["epistasis"])


def _found(manifest: Path) -> dict[str, Any]:
    found = read_object(manifest, "locus").get("found")
    if not isinstance(found, dict):
        raise InputError("found", repr(found)[:60], "what a locus gave", str(manifest))
    return found


def _loci_of(folder: Path) -> list[dict[str, Any]]:
    """What `batch.json` says of each locus."""
    expected = "the folder of a batch"
    try:
        loci = read_object(folder / BATCH, "batch").get("loci", [])
    except InputError as error:
        raise InputError("batch", f"no {BATCH} that can be read", expected, str(folder)) from error
    needed = {"locus", "fingerprint", "error"}
    if not (isinstance(loci, list) and all(isinstance(e, dict) and needed <= set(e) for e in loci)):
        raise InputError("batch", f"no loci in {BATCH}", expected, str(folder))
    return loci


def _rows_so_far(folder: Path) -> list[dict[str, Any]]:
    """A row a locus of a batch without tables: failed, "waiting" or done."""
    errors = last_errors(folder)
    rows = []
    for described in _loci_of(folder):
        row = dict(described)
        wanted = row.pop("fingerprint")
        made_from = _fingerprint(folder / "loci" / Locus(row["locus"]).folder)
        if made_from != wanted:
            row["error"] = row["error"] or errors.get(row["locus"], "")
            row["waiting"] = not row["error"]
        rows.append(row)
    return rows


def _fingerprint(folder: Path) -> str:
    try:
        return str(read_object(folder / MANIFEST, "locus").get("fingerprint", ""))
    except InputError:
        return ""
