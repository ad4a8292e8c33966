"""The tables over all loci of a batch."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seam_core.batch import parts
from seam_core.batch.listing import is_batch, read_listing
from seam_core.batch.log import BatchProgress, LogReader, batch_progress, last_errors
from seam_core.batch.sources import (
    TABLES_OF_SOURCE,
    Rows,
    Source,
    facts_of,
    own_rows,
    places_of,
    sources_of,
)
from seam_core.exports.columns import TABLES as COLUMNS
from seam_core.exports.files import open_replacing
from seam_core.exports.tables import table_in_parts, write_parquet, write_table
from seam_core.progress import SILENT, Progress
from seam_core.readers.loci import Locus
from seam_core.readers.tables import read_parquet
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["Batch", "Reader", "collect_tables", "forget_tables", "is_batch", "open_batch"]

TABLES = ("loci", "sites", "epistasis")
PICTURE = "robust.png"
# Loci whose rows are in memory while these are written.
_LOCI_AT_ONCE = 10_000


@dataclass(frozen=True, eq=False)
class Batch:
    """The tables of a batch, as the application opens them.

    loci : one row a locus: place, `error`, number of sites and clusters, activities, quality
    sites : one row a site, `locus` first
    epistasis : one row an interaction, `locus` first
    unread : parts of the batch, or single loci, that were not looked at; see `Reader.read`
    """

    folder: Path
    loci: pd.DataFrame
    sites: pd.DataFrame
    epistasis: pd.DataFrame
    unread: int = 0

    @property
    def states(self) -> np.ndarray:
        """(n,) of "done", "failed" and "waiting", for each row of `loci`."""
        return states_of(self.loci)

    def locus(self, name: str) -> parts.Kept:
        """What is kept of a locus. Raises `InputError` where that is nothing, or damaged."""
        at = np.flatnonzero(self.loci["locus"].to_numpy() == name)
        number = int(at[0]) // parts.loci_in_a_part(len(self.loci)) if len(at) else None
        return parts.read_locus(self.folder, name, number)

    def session_folder(self, name: str) -> Path:
        """The folder of a locus's whole session, where it was kept."""
        return parts.session_folder(self.folder, Locus(name))


def states_of(loci: pd.DataFrame) -> np.ndarray:
    """(n,) of "done", "failed" and "waiting", for each row of the table over loci."""
    failed = loci["error"].to_numpy() != ""
    known = loci.get("n_clusters")
    done = np.zeros(len(loci), dtype=bool) if known is None else known.notna().to_numpy()
    return np.where(failed, "failed", np.where(done, "done", "waiting"))


class Reader:
    """What a batch's folder holds; what did not change is not read again."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._known: dict[Path, tuple[tuple[int, int], Source]] = {}
        self._logs = LogReader(self.folder)
        self._unread = 0

    def progress(self) -> BatchProgress | None:
        """How far the batch is; None where there is no log."""
        return batch_progress(self.folder, self._logs)

    def read(self, progress: Progress = SILENT, *, most_s: float = math.inf) -> Batch:
        """The tables of a batch; of one that is under way or was stopped, what there is so far.

        most_s : seconds after which no more is read of a batch without its final tables; loci of
            what is `unread` stand there as waiting, and the next call goes on

        Raises `InputError` where the folder is not that of a batch.
        """
        self._unread = 0
        if all((self.folder / f"{name}.parquet").is_file() for name in TABLES):
            frames = {name: read_parquet(self.folder / f"{name}.parquet", name) for name in TABLES}
        else:
            errors = last_errors(self.folder, self._logs)
            frames = self.collected(errors, progress, most_s)
        return _batch_of(self.folder, frames, self._unread)

    def collected(
        self, errors: dict[str, str], progress: Progress = SILENT, most_s: float = math.inf
    ) -> dict[str, pd.DataFrame]:
        """The tables from what the loci left; `errors`: name -> why the others have nothing."""
        loci, rows = _collected(self.folder, self._sources(progress, most_s), errors)
        return {"loci": loci, **{name: rows.whole(name).to_pandas() for name in TABLES_OF_SOURCE}}

    def _sources(self, progress: Progress, most_s: float) -> list[Source]:
        """Old folders, parts, then single loci, which are newer than what is packed of them."""
        known: dict[Path, tuple[tuple[int, int], Source]] = {}
        places = list(places_of(self.folder))
        end = time.monotonic() + most_s
        for number, (path, read) in enumerate(places):
            progress.update(number, len(places), "Reading the loci")
            try:
                info = path.stat()
                stamp = (info.st_mtime_ns, info.st_ino)
                before = self._known.get(path)
                if before is not None and before[0] == stamp:
                    known[path] = before
                elif time.monotonic() < end:
                    known[path] = stamp, read().loaded()
                else:
                    self._unread += 1
            except (OSError, InputError, KeyError, TypeError):
                continue  # packed or written anew meanwhile, or damaged: not there
        self._known = known
        return [source for _, source in known.values()]


def _collected(
    folder: Path, sources: list[Source], errors: dict[str, str]
) -> tuple[pd.DataFrame, Rows]:
    """The table over loci, and what the others are made from."""
    listing = read_listing(folder)
    names = listing["locus"].tolist()
    own = own_rows(sources, names, listing.pop("fingerprint").tolist())
    facts = facts_of(sources, own, len(listing))
    known = np.zeros(len(listing), dtype=bool)
    for rows in own:
        known[rows[rows >= 0]] = True
    said = [errors.get(name, "") for name in names]
    listing["error"] = listing["error"].where(known | (listing["error"] != ""), said)
    loci = listing.assign(**{name: facts[name] for name in facts})
    return loci, Rows(sources, own, names)


def _batch_of(folder: Path, frames: dict[str, pd.DataFrame], unread: int) -> Batch:
    if "n_clusters" not in frames["loci"]:
        frames["loci"]["n_clusters"] = np.nan
    return Batch(folder, frames["loci"], frames["sites"], frames["epistasis"], unread)


def collect_tables(
    out: Path, errors: dict[str, str] | None = None, *, progress: Progress = SILENT
) -> pd.DataFrame:
    """Write loci, sites and epistasis over all loci, as Parquet and, for people, as CSV.

    errors : name -> error of the loci without a result; None: those of the batch's logs

    Raises `InputError` where `out` is no batch, or they cannot be written.

    Returns
    -------
    The table over loci.
    """
    errors = last_errors(out) if errors is None else errors
    loci, rows = _collected(out, sources_of(out, progress), errors)
    documented = {name: at for at, name in enumerate(COLUMNS["batch loci"].columns)}
    loci = loci[sorted(loci, key=lambda name: documented.get(name, len(documented)))]
    write_parquet(loci, out / "loci.parquet", index=False)
    whole = [name for name in COLUMNS["batch loci"].whole if name in loci]
    write_table(loci.astype(dict.fromkeys(whole, "Int64")), out / "loci.csv")
    for name in TABLES_OF_SOURCE:
        _write_rows(out / name, rows.blocks(name, _LOCI_AT_ONCE))
    draw_robustness(out, loci)
    return loci


def _write_rows(path: Path, blocks: Iterator[pa.Table]) -> None:
    """A table as Parquet and CSV, a block at a time."""
    import pyarrow.parquet as pq

    first = next(blocks)
    with (
        open_replacing(path.with_name(f"{path.name}.parquet"), what="table") as packed,
        table_in_parts(path.with_name(f"{path.name}.csv")) as add,
        pq.ParquetWriter(packed, first.schema) as writer,
    ):
        for block in chain([first], blocks):
            writer.write_table(block.combine_chunks())
            add(_frame_of(block))


def _frame_of(block: pa.Table) -> pd.DataFrame:
    """A block as a frame; whole numbers stay whole where some are not known."""
    import pandas as pd
    import pyarrow as pa

    some = any(column.null_count for column in block.columns)
    return block.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get if some else None)


def draw_robustness(out: Path, loci: pd.DataFrame) -> None:
    """Loci from reprogrammable to robust, where two or more have that number."""
    if "robust" not in loci or loci["robust"].notna().sum() < 2:
        return
    from seam_core.figures import robust_loci, save_figure

    save_figure(robust_loci(loci), out / PICTURE, dpi=150)


def tables_there(out: Path) -> bool:
    """True when the tables over all loci were written."""
    return all((out / f"{n}.{suffix}").is_file() for n in TABLES for suffix in ("parquet", "csv"))


def forget_tables(out: Path) -> None:
    """Take away the tables of an earlier run: they are not those of the loci any more."""
    for name in TABLES:
        for suffix in ("parquet", "csv"):
            (out / f"{name}.{suffix}").unlink(missing_ok=True)
    (out / PICTURE).unlink(missing_ok=True)


def open_batch(folder: Path | str, *, progress: Progress = SILENT) -> Batch:
    """The tables of a batch, as `Reader.read` says."""
    return Reader(folder).read(progress)
