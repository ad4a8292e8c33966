"""The tables over all loci of a batch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seam_core.batch import parts
from seam_core.batch.listing import is_batch, read_listing
from seam_core.batch.log import BatchProgress, LogReader, batch_progress, last_errors
from seam_core.exports.files import replacing
from seam_core.exports.tables import write_table
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
# What these tables are made from, of each locus's own.
_FROM = ("sites", "epistasis")


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

    def locus(self, name: str) -> parts.Kept:
        """What is kept of a locus. Raises `InputError` where that is nothing, or damaged."""
        at = np.flatnonzero(self.loci["locus"].to_numpy() == name)
        number = int(at[0]) // parts.loci_in_a_part(len(self.loci)) if len(at) else None
        return parts.read_locus(self.folder, name, number)

    def session_folder(self, name: str) -> Path:
        """The folder of a locus's whole session, where it was kept."""
        return parts.session_folder(self.folder, Locus(name))


@dataclass(frozen=True, eq=False)
class _Source:
    """Loci of one place: a part, or a single one.

    facts : JSON of what each locus gave; tables : `_FROM`, `locus` first
    """

    names: list[str]
    fingerprints: list[str]
    facts: list[str]
    tables: dict[str, pa.Table]


class Reader:
    """What a batch's folder holds; what did not change is not read again."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._known: dict[Path, tuple[tuple[int, int], _Source]] = {}
        self._logs = LogReader(self.folder)

    def progress(self) -> BatchProgress | None:
        """How far the batch is; None where there is no log."""
        return batch_progress(self.folder, self._logs)

    def read(self, progress: Progress = SILENT) -> Batch:
        """The tables of a batch; of one that is under way or was stopped, what there is so far.

        Raises `InputError` where the folder is not that of a batch.
        """
        if all((self.folder / f"{name}.parquet").is_file() for name in TABLES):
            frames = {name: read_parquet(self.folder / f"{name}.parquet", name) for name in TABLES}
        else:
            frames = self.collected(last_errors(self.folder, self._logs), progress)
        return _batch_of(self.folder, frames)

    def collected(
        self, errors: dict[str, str], progress: Progress = SILENT
    ) -> dict[str, pd.DataFrame]:
        """The tables from what the loci left; `errors`: name -> why the others have nothing."""
        import pandas as pd

        listing = read_listing(self.folder)
        sources = self._sources(progress)
        wanted = dict(zip(listing["locus"], listing.pop("fingerprint"), strict=True))
        origin = _origins(sources, wanted)
        facts = {name: json.loads(sources[at].facts[row]) for name, (at, row) in origin.items()}
        rows = []
        for row in listing.to_dict("records"):
            name = row["locus"]
            if name not in facts:
                row["error"] = row["error"] or errors.get(name, "")
            rows.append({**row, **facts.get(name, {})})
        tables = {"loci": pd.DataFrame(rows, columns=None if rows else list(listing))}
        order = list(wanted)
        for table in _FROM:
            tables[table] = _joined(sources, origin, table, order)
        return tables

    def _sources(self, progress: Progress) -> list[_Source]:
        """Old folders, parts, then single loci, which are newer than what is packed of them."""
        known: dict[Path, tuple[tuple[int, int], _Source]] = {}
        places = list(_places(self.folder))
        for number, (path, read) in enumerate(places):
            progress.update(number, len(places), "Reading the loci")
            try:
                info = path.stat()
                stamp = (info.st_mtime_ns, info.st_ino)
                before = self._known.get(path)
                fresh = before is not None and before[0] == stamp
                known[path] = before if before and fresh else (stamp, read())
            except (OSError, InputError, KeyError, TypeError):
                continue  # packed or written anew meanwhile, or damaged: not there
        self._known = known
        return [source for _, source in known.values()]


def _batch_of(folder: Path, frames: dict[str, pd.DataFrame]) -> Batch:
    if "n_clusters" not in frames["loci"]:
        frames["loci"]["n_clusters"] = np.nan
    return Batch(folder, *(frames[name] for name in TABLES))


def _places(folder: Path) -> Iterator[tuple[Path, Callable[[], _Source]]]:
    """Files whose change says that loci changed, and how to read those."""
    for old in parts.old_folders(folder):
        yield old / parts.MANIFEST, partial(_old, old)
    for part in parts.parts_of(folder).values():
        yield part / parts.MANIFESTS, partial(_packed, part)
    for file in parts.finished_files(folder):
        yield file, partial(_finished, file)


def _old(folder: Path) -> _Source:
    return _single(parts.read_old(folder, _FROM))


def _finished(file: Path) -> _Source:
    return _single(parts.read_finished(file, _FROM))


def _single(kept: parts.Kept) -> _Source:
    tables = {name: parts.with_locus(table, kept.name) for name, table in kept.tables.items()}
    facts = json.dumps(kept.manifest["found"])
    return _Source([kept.name], [kept.fingerprint], [facts], tables)


def _packed(folder: Path) -> _Source:
    rows = parts.manifests_of(folder, ("locus", "fingerprint", "found"))
    names, made_from, facts = (rows[name].to_pylist() for name in ("locus", "fingerprint", "found"))
    files = {name: folder / f"{name}.parquet" for name in _FROM}
    tables = {name: parts.read_table(path) for name, path in files.items() if path.is_file()}
    return _Source(names, made_from, facts, tables)


def _origins(sources: list[_Source], wanted: dict[str, str]) -> dict[str, tuple[int, int]]:
    """Name -> source and row of the loci that are what they should be; the last one counts."""
    return {
        name: (at, row)
        for at, source in enumerate(sources)
        for row, (name, made_from) in enumerate(zip(source.names, source.fingerprints, strict=True))
        if wanted.get(name) == made_from
    }


def _joined(
    sources: list[_Source], origin: dict[str, tuple[int, int]], table: str, order: list[str]
) -> pd.DataFrame:
    """One table over all loci, in the order of the batch."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    pieces = []
    for at, source in enumerate(sources):
        if table not in source.tables:
            continue
        own = [name for name in source.names if origin.get(name, (-1, 0))[0] == at]
        rows = source.tables[table]
        if len(own) < len(source.names):
            rows = rows.filter(pc.is_in(rows["locus"], pa.array(own, pa.string())))
        pieces.append(rows)
    if not pieces:
        return pd.DataFrame({"locus": []})
    whole = pa.concat_tables(pieces, promote_options="permissive")
    places = pc.index_in(whole["locus"], pa.array(order, pa.string())).to_numpy()
    return whole.take(np.argsort(places, kind="stable")).to_pandas()


def collect_tables(
    out: Path, errors: dict[str, str] | None = None, *, progress: Progress = SILENT
) -> Batch:
    """Write loci, sites and epistasis over all loci, as Parquet and, for people, as CSV.

    errors : name -> error of the loci without a result; None: those of the batch's logs

    Raises `InputError` where `out` is no batch, or they cannot be written.
    """
    errors = last_errors(out) if errors is None else errors
    frames = Reader(out).collected(errors, progress)
    _write_all(out, frames)
    return _batch_of(out, frames)


def _write_all(out: Path, frames: dict[str, pd.DataFrame]) -> None:
    for name, frame in frames.items():
        with replacing(out / f"{name}.parquet", what="table") as new:
            frame.to_parquet(new, index=False)
        write_table(frame, out / f"{name}.csv")
    _draw_robustness(out, frames["loci"])


def _draw_robustness(out: Path, loci: pd.DataFrame) -> None:
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
