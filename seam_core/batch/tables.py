"""The tables over all loci of a batch."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.batch import parts
from seam_core.batch.listing import is_batch, read_listing
from seam_core.batch.log import BatchProgress, LogReader, batch_progress, last_errors
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
# What these tables are made from, of each locus's own.
_FROM = ("sites", "epistasis")
# Loci whose rows are in memory while these are written.
_LOCI_AT_ONCE = 10_000


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


@dataclass(frozen=True, eq=False)
class _Source:
    """Loci of one place: a part, or a single one.

    facts : what each locus gave, a row each
    files : those of `_FROM` that are not in memory
    tables : those that are, `locus` first
    """

    names: list[str]
    fingerprints: list[str]
    facts: pd.DataFrame
    files: dict[str, Path]
    tables: dict[str, pa.Table]

    def loaded(self) -> _Source:
        """The same with all tables in memory."""
        read = {name: parts.read_table(path) for name, path in self.files.items()}
        return replace(self, files={}, tables={**self.tables, **read})

    def table(self, name: str) -> pa.Table | None:
        """One of `_FROM`; None where the loci have none."""
        return parts.read_table(self.files[name]) if name in self.files else self.tables.get(name)

    def schema(self, name: str) -> pa.Schema | None:
        """The columns of it."""
        if name in self.files:
            return parts.read_schema(self.files[name])
        return self.tables[name].schema if name in self.tables else None


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
        loci, rows = _collected(self.folder, self._sources(progress), errors)
        return {"loci": loci, **{name: rows.whole(name).to_pandas() for name in _FROM}}

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
                known[path] = before if before and fresh else (stamp, read().loaded())
            except (OSError, InputError, KeyError, TypeError):
                continue  # packed or written anew meanwhile, or damaged: not there
        self._known = known
        return [source for _, source in known.values()]


def _there(folder: Path, progress: Progress) -> list[_Source]:
    """The sources of a batch in the order of `Reader._sources`, tables of parts not in memory."""
    sources = []
    places = list(_places(folder))
    for number, (_, read) in enumerate(places):
        progress.update(number, len(places), "Reading the loci")
        with contextlib.suppress(OSError, InputError, KeyError, TypeError):
            source = read()
            for name in source.files:
                source.schema(name)  # a damaged one is not there
            sources.append(source)
    return sources


def _collected(
    folder: Path, sources: list[_Source], errors: dict[str, str]
) -> tuple[pd.DataFrame, _Rows]:
    """The table over loci, and what the others are made from."""
    listing = read_listing(folder)
    names = listing["locus"].tolist()
    own = _own_rows(sources, names, listing.pop("fingerprint").tolist())
    facts = _facts(sources, own, len(listing))
    known = np.zeros(len(listing), dtype=bool)
    for rows in own:
        known[rows[rows >= 0]] = True
    said = [errors.get(name, "") for name in names]
    listing["error"] = listing["error"].where(known | (listing["error"] != ""), said)
    loci = listing.assign(**{name: facts[name] for name in facts})
    return loci, _Rows(sources, own, names)


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
    return _Source([kept.name], [kept.fingerprint], _frame([kept.manifest["found"]]), {}, tables)


def _packed(folder: Path) -> _Source:
    rows = parts.manifests_of(folder, ("locus", "fingerprint", "found"))
    names, made_from, texts = (rows[name].to_pylist() for name in ("locus", "fingerprint", "found"))
    files = {name: folder / f"{name}.parquet" for name in _FROM}
    files = {name: path for name, path in files.items() if path.is_file()}
    return _Source(names, made_from, _frame([json.loads(text) for text in texts]), files, {})


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows)


def _own_rows(sources: list[_Source], names: list[str], made_from: list[str]) -> list[np.ndarray]:
    """Of each source the rows of the batch that it answers for, -1 for what is not as it should be
    or stands in a later source."""
    place = {name: row for row, name in enumerate(names)}
    last = np.full(len(names), -1, dtype=np.int64)
    claims = []
    for at, source in enumerate(sources):
        rows = np.array([place.get(name, -1) for name in source.names], dtype=np.int64)
        for k, row in enumerate(rows.tolist()):
            if row >= 0 and made_from[row] != source.fingerprints[k]:
                rows[k] = -1
        last[rows[rows >= 0]] = at
        claims.append(rows)
    return [np.where(last[rows] == at, rows, -1) for at, rows in enumerate(claims)]


def _facts(sources: list[_Source], own: list[np.ndarray], n: int) -> pd.DataFrame:
    """What the loci gave, a row of the batch each; missing where nothing is known."""
    import pandas as pd

    pieces = [
        source.facts.set_index(rows)[rows >= 0] for source, rows in zip(sources, own, strict=True)
    ]
    pieces = sorted((piece for piece in pieces if len(piece)), key=lambda piece: piece.index[0])
    if not pieces:
        return pd.DataFrame(index=range(n))
    facts = pd.concat(pieces).reindex(range(n))
    for name in [name for name in facts if facts[name].dtype.kind == "O"]:
        # None in one part, numbers in another
        facts[name] = pd.Series(facts[name].tolist())
    return facts


@dataclass(frozen=True, eq=False)
class _Rows:
    """Tables over all loci, in the order of the batch, as many at a time as is asked for.

    own : of each source the rows of the batch that it answers for, or -1
    """

    sources: list[_Source]
    own: list[np.ndarray]
    names: list[str]

    def whole(self, table: str) -> pa.Table:
        """All rows of one of `_FROM`."""
        return next(self.blocks(table, max(len(self.names), 1)))

    def blocks(self, table: str, at_once: int) -> Iterator[pa.Table]:
        """The rows of so many loci each, all of the same columns; one block at the least."""
        import pyarrow as pa

        there = [
            source.schema(table)
            for source, rows in zip(self.sources, self.own, strict=True)
            if (rows >= 0).any()
        ]
        schemas = [schema for schema in there if schema is not None]
        schemas = schemas or [pa.schema([("locus", pa.string())])]
        schema = pa.unify_schemas(list(dict.fromkeys(schemas)), promote_options="permissive")
        for start in range(0, max(len(self.names), 1), at_once):
            yield self._block(table, schema, start, start + at_once)

    def _block(self, table: str, schema: pa.Schema, start: int, stop: int) -> pa.Table:
        """Those of the loci from `start` to before `stop`."""
        import pyarrow as pa
        import pyarrow.compute as pc

        pieces = [schema.empty_table()]
        for source, places in zip(self.sources, self.own, strict=True):
            inside = (places >= start) & (places < stop)
            rows = source.table(table) if inside.any() else None
            if rows is None:
                continue
            if not inside.all():
                names = pa.array(np.array(source.names, dtype=object)[inside], pa.string())
                rows = rows.filter(pc.is_in(rows["locus"], names))
            pieces.append(rows)
        whole = pa.concat_tables(pieces, promote_options="permissive")
        order = pa.array(self.names[start:stop], pa.string())
        places = pc.index_in(whole["locus"], order).to_numpy()
        return (
            whole.take(np.argsort(places, kind="stable")) if (np.diff(places) < 0).any() else whole
        )


def collect_tables(
    out: Path, errors: dict[str, str] | None = None, *, progress: Progress = SILENT
) -> pd.DataFrame:
    """Write loci, sites and epistasis over all loci, as Parquet and, for people, as CSV.

    errors : name -> error of the loci without a result; None: those of the batch's logs

    Returns
    -------
    The table over loci.

    Raises `InputError` where `out` is no batch, or they cannot be written.
    """
    errors = last_errors(out) if errors is None else errors
    loci, rows = _collected(out, _there(out, progress), errors)
    write_parquet(loci, out / "loci.parquet", index=False)
    write_table(loci, out / "loci.csv")
    for name in _FROM:
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
