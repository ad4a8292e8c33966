"""Where the results of loci are: Parquet tables of many loci, a part of the batch each.

A worker leaves a finished locus as one file in `finished/`. Once all loci of a part came to an end,
who runs the batch packs them into `parts/NNNN/`, whole or not at all, and the files go. Parts are
runs of loci in the order of the batch, so that their bytes do not depend on who computed what when.
Batches of earlier versions have a folder a locus, `loci/NAME/`; they are read as they are.
"""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seam_core.exports.files import open_replacing
from seam_core.readers.door import reading
from seam_core.readers.loci import Locus
from seam_core.readers.settings import parse_json, read_object
from seam_core.readers.tables import read_parquet
from seam_core.store.swap import folder_written_whole
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

FINISHED, PARTS, LOCI = "finished", "parts", "loci"
TABLES_OF_LOCUS = ("clusters", "msm", "logos", "sites", "configurations", "epistasis")
MANIFEST, MANIFESTS = "manifest.json", "manifests.parquet"
# Parts of a batch at the most, up to a million loci.
MOST_PARTS = 1000
# Rows that are read at once for one locus.
_ROW_GROUP = 20_000


@dataclass(frozen=True, eq=False)
class Kept:
    """What is kept of a locus: how it was made and what was found, and its tables."""

    manifest: dict[str, Any]
    tables: dict[str, pa.Table]

    @property
    def name(self) -> str:
        return str(self.manifest["locus"]["name"])

    @property
    def fingerprint(self) -> str:
        return str(self.manifest["fingerprint"])


def loci_in_a_part(n: int) -> int:
    """How many loci each part of a batch of `n` has: 1, 10, 100, ..., so that it rarely changes."""
    size = 1
    while size * MOST_PARTS < n and size < 1000:
        size *= 10
    return size


def part_folder(out: Path, number: int) -> Path:
    """The folder of a part."""
    return out / PARTS / f"{number:04d}"


def parts_of(out: Path) -> dict[int, Path]:
    """The parts that are there, by number."""
    folders = sorted((out / PARTS).glob("[0-9]*"), key=lambda path: path.name)
    return {int(path.name): path for path in folders if (path / MANIFESTS).is_file()}


def finished_file(out: Path, locus: Locus) -> Path:
    """Where a worker leaves a locus, until its part is packed."""
    return out / FINISHED / f"{locus.folder}.zip"


def finished_files(out: Path) -> list[Path]:
    """The loci that are not packed yet."""
    return sorted((out / FINISHED).glob("[!.]*.zip"))


def old_folders(out: Path) -> list[Path]:
    """Loci as earlier versions kept them, a folder each."""
    return sorted(path.parent for path in (out / LOCI).glob(f"*/{MANIFEST}"))


def session_folder(out: Path, locus: Locus) -> Path:
    """Where the whole session of a locus is, if it was kept."""
    return out / LOCI / locus.folder / "session"


# one locus


def leave(kept: Kept, path: Path) -> None:
    """Write a locus to a file, whole or not at all; the same locus gives the same bytes.

    Raises `InputError` where it cannot be written.
    """
    import pyarrow as pa

    path.parent.mkdir(parents=True, exist_ok=True)
    with open_replacing(path, what="locus") as stream, zipfile.ZipFile(stream, "w") as packed:
        packed.writestr(zipfile.ZipInfo(MANIFEST), json.dumps(kept.manifest, sort_keys=True))
        for name, table in kept.tables.items():
            buffer = pa.BufferOutputStream()
            with pa.ipc.new_stream(buffer, table.schema) as writer:
                writer.write_table(table)
            packed.writestr(zipfile.ZipInfo(f"{name}.arrow"), buffer.getvalue().to_pybytes())


def keep(out: Path, locus: Locus, packed: bytes) -> None:
    """Write the bytes of a finished locus that came from a worker, whole or not at all.

    Raises `InputError` where they cannot be written.
    """
    path = finished_file(out, locus)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open_replacing(path, what="locus") as stream:
        stream.write(packed)


def read_finished(path: Path, tables: Sequence[str] = TABLES_OF_LOCUS) -> Kept:
    """A locus that a worker left. Raises `InputError` where it is damaged."""
    import pyarrow as pa

    with reading(path, "locus", "a finished locus"), zipfile.ZipFile(path) as packed:
        manifest = parse_json(packed.read(MANIFEST).decode("utf-8"), "locus", path)
        there = [name for name in tables if f"{name}.arrow" in packed.namelist()]
        streams = {name: io.BytesIO(packed.read(f"{name}.arrow")) for name in there}
        return Kept(manifest, {n: pa.ipc.open_stream(s).read_all() for n, s in streams.items()})


def read_old(folder: Path, tables: Sequence[str] = TABLES_OF_LOCUS) -> Kept:
    """A locus as earlier versions kept it. Raises `InputError` where a file is damaged."""
    manifest = read_object(folder / MANIFEST, "locus")
    there = [name for name in tables if (folder / f"{name}.parquet").is_file()]
    frames = {name: read_parquet(folder / f"{name}.parquet", name) for name in there}
    return Kept(manifest, {name: table_of(frame) for name, frame in frames.items()})


def table_of(frame: pd.DataFrame) -> pa.Table:
    """A frame as it is kept: columns only."""
    import pyarrow as pa

    return pa.table({name: pa.array(frame[name], from_pandas=True) for name in frame})


def read_locus(out: Path, name: str, number: int | None = None) -> Kept:
    """What is kept of a locus.

    number : the part that it is in, where that is known

    Raises `InputError` where it is not there, or damaged.
    """
    locus = Locus(name)
    if finished_file(out, locus).is_file():
        return read_finished(finished_file(out, locus))
    parts = parts_of(out) if number is None else {number: part_folder(out, number)}
    for folder in parts.values():
        matches = read_part(folder, name)
        if matches:
            return matches[0]
    if number is not None:
        return read_locus(out, name)
    return read_old(out / LOCI / locus.folder)


# a part


def manifests_of(folder: Path, columns: Sequence[str]) -> pa.Table:
    """Columns of a part's manifests: locus, fingerprint, found, manifest, shapes (JSON texts)."""
    return read_table(folder / MANIFESTS, columns=list(columns))


def read_part(folder: Path, name: str | None = None) -> list[Kept]:
    """All loci of a part, or the one of a name. Raises `InputError` where a file is damaged."""
    wanted = None if name is None else [("locus", "=", name)]
    if not (folder / MANIFESTS).is_file():
        return []
    rows = read_table(folder / MANIFESTS, filters=wanted).to_pylist()
    if not rows:
        return []
    tables = {
        table: read_table(folder / f"{table}.parquet", filters=wanted)
        for table in TABLES_OF_LOCUS
        if (folder / f"{table}.parquet").is_file()
    }
    with reading(folder, "locus", "the tables of a part"):
        return list(_loci_of(rows, tables))


def _loci_of(rows: list[dict[str, Any]], tables: Mapping[str, pa.Table]) -> Iterator[Kept]:
    """Loci, one after the other; their rows lie in the same order in each table."""
    at = dict.fromkeys(tables, 0)
    for row in rows:
        manifest = {**json.loads(row["manifest"]), "found": json.loads(row["found"])}
        own = {}
        for name, (columns, n) in json.loads(row["shapes"]).items():
            own[name] = tables[name].slice(at[name], n).select(columns)
            at[name] += n
        yield Kept(manifest, own)


def read_table(path: Path, *, columns: list[str] | None = None, filters: Any = None) -> pa.Table:
    """A table of a part: some columns of it, or the rows that answer; `InputError` if damaged."""
    import pyarrow.parquet as pq

    with reading(path, "locus", "Parquet"):
        with open(path, "rb") as file:  # Arrow takes not every name of a file
            if filters is None:  # in half of the time
                table = pq.ParquetFile(file).read(columns)
            else:
                table = pq.read_table(file, partitioning=None, filters=filters)
        # always where there are lists: Arrow holds types equal whose items are called otherwise
        has_lists = any(hasattr(field.type, "value_field") for field in table.schema)
        return table.cast(_as_written(table.schema)) if has_lists else table


def read_schema(path: Path) -> pa.Schema:
    """The columns of such a table; `InputError` where it is damaged."""
    import pyarrow.parquet as pq

    with reading(path, "locus", "Parquet"), open(path, "rb") as file:
        return _as_written(pq.read_schema(file))


def _as_written(schema: pa.Schema) -> pa.Schema:
    """Parquet calls the items of a list "element", which would be written as another type."""
    import pyarrow as pa

    fields = [
        field.with_type(pa.list_(field.type.value_type)) if pa.types.is_list(field.type) else field
        for field in schema
    ]
    return pa.schema(fields)


def pack(out: Path, number: int, wanted: Mapping[str, str]) -> None:
    """Bring the finished loci of a part into it, whole or not at all.

    wanted : name -> fingerprint of the part's loci, in the order of the batch; what was made from
        something else is not kept

    Raises `InputError` where it cannot be written.
    """
    left = {name: finished_file(out, Locus(name)) for name in wanted}
    left = {name: path for name, path in left.items() if path.is_file()}
    folder = part_folder(out, number)
    packed = _made_from(folder)
    fresh = {name: path for name, path in left.items() if packed.get(name) != wanted[name]}
    if fresh or set(packed.items()) - set(wanted.items()):
        _pack(folder, fresh, wanted)
    for path in left.values():
        path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        (out / FINISHED).rmdir()


def _pack(folder: Path, fresh: Mapping[str, Path], wanted: Mapping[str, str]) -> None:
    kept = {locus.name: locus for locus in _whole_part(folder)}
    kept.update({name: read_finished(path) for name, path in fresh.items()})
    right = [name for name in wanted if name in kept and kept[name].fingerprint == wanted[name]]
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder_written_whole(folder, replaceable=lambda old: (old / MANIFESTS).is_file()) as part:
        _write_part(part, [kept[name] for name in right])


def _made_from(folder: Path) -> dict[str, str]:
    """Name -> fingerprint of the loci of a part; of one that is damaged or not there, none."""
    with contextlib.suppress(InputError):
        table = manifests_of(folder, ("locus", "fingerprint"))
        return dict(zip(table["locus"].to_pylist(), table["fingerprint"].to_pylist(), strict=True))
    return {}


def _whole_part(folder: Path) -> list[Kept]:
    """A part; one whose manifests are damaged counts as empty, as it does in `fingerprints`."""
    return read_part(folder) if _made_from(folder) else []


def unpack(out: Path, number: int) -> None:
    """Make single files again of a part whose loci are not those that belong there any more."""
    folder = part_folder(out, number)
    for kept in read_part(folder):
        path = finished_file(out, Locus(kept.name))
        if not path.exists():
            leave(kept, path)
    (folder / MANIFESTS).unlink()
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


def _write_part(folder: Path, loci: list[Kept]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [_row_of(kept) for kept in loci]
    schema = pa.schema([(name, pa.string()) for name in _COLUMNS])
    frames = {"manifests": pa.Table.from_pylist(rows, schema=schema)}
    for name in TABLES_OF_LOCUS:
        own = [(kept.name, kept.tables[name]) for kept in loci if name in kept.tables]
        if own:
            frames[name] = pa.concat_tables(
                [with_locus(table, locus) for locus, table in own], promote_options="permissive"
            )
    for name, table in frames.items():
        # one chunk: pages would else begin where loci were read from different files
        with open(folder / f"{name}.parquet", "wb") as file:
            pq.write_table(
                table.combine_chunks(), file, row_group_size=_ROW_GROUP, compression="zstd"
            )


_COLUMNS = ("locus", "fingerprint", "found", "manifest", "shapes")


def _row_of(kept: Kept) -> dict[str, str]:
    """A row of a part's manifests."""
    manifest = dict(kept.manifest)
    facts = manifest.pop("found", {})
    shapes = {name: (table.column_names, len(table)) for name, table in kept.tables.items()}
    return {
        "locus": kept.name,
        "fingerprint": kept.fingerprint,
        "found": json.dumps(facts, sort_keys=True),
        "manifest": json.dumps(manifest, sort_keys=True),
        "shapes": json.dumps(shapes),
    }


def with_locus(table: pa.Table, name: str) -> pa.Table:
    """A locus's table with its name in the first column."""
    import pyarrow as pa

    column = pa.array([name] * len(table), pa.string())
    return table.add_column(0, "locus", column)


# all loci


def fingerprints(out: Path) -> dict[str, str]:
    """Name -> what it was made from, of every locus that is kept; damaged ones are left out."""
    prints: dict[str, str] = {}
    for folder in parts_of(out).values():
        prints.update(_made_from(folder))
    for path in finished_files(out):
        with contextlib.suppress(InputError, KeyError, TypeError):
            kept = read_finished(path, ())
            prints[kept.name] = kept.fingerprint
    return prints
