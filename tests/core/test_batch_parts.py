"""Where results of loci are: parts, whole or not at all, the same bytes whatever the order."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from seam_core.batch import Locus, Reader, open_batch, parts, tables
from seam_core.batch import run as run_module
from seam_core.batch.listing import listing_of, write_listing
from seam_core.batch.parts import Kept, table_of
from seam_core.batch.worker import Job
from seam_core.pipeline import RunConfig
from seam_core.progress import SILENT
from seam_core.validate import InputError
from tests.core.batches import tree

SETTINGS = RunConfig().to_dict()


def jobs_of(names, out, seed=0):
    settings = {**SETTINGS, "name": f"seed {seed}"}
    settings["mutagenizer"] = {**settings["mutagenizer"], "seed": seed}
    return [Job(Locus(name, "ACGT" * 5), settings, str(out)) for name in names]


def kept_of(job: Job) -> Kept:
    """A locus with as many sites as its name has letters, each with a column of its own."""
    n = len(job.locus.name)
    rng = np.random.default_rng(n)
    clusters = pd.DataFrame({"cluster": range(3), "median": rng.random(3)})
    for site in "ABCDEFG"[:n]:
        clusters[f"site_{site}"] = rng.random(3)
    sites = pd.DataFrame({"site": list("ABCDEFG"[:n]), "positions": [[1, 2]] * n})
    manifest = {
        "fingerprint": job.fingerprint,
        "locus": {"name": job.locus.name, "sequence": job.locus.sequence},
        "found": {"n_clusters": 3, "n_sites": n},
    }
    return Kept(manifest, {"clusters": table_of(clusters), "sites": table_of(sites)})


def leave(jobs):
    for job in jobs:
        parts.leave(kept_of(job), parts.finished_file(run_module.Path(job.out), job.locus))


def wanted_of(jobs):
    return {job.locus.name: job.fingerprint for job in jobs}


def same(left: Kept, right: Kept) -> bool:
    tables = left.tables.keys() == right.tables.keys()
    return (
        tables
        and left.manifest == right.manifest
        and all(left.tables[name].equals(right.tables[name]) for name in left.tables)
    )


def test_a_part_has_the_same_bytes_whenever_its_loci_came(tmp_path):
    names = ["a", "bbb", "cc", "dddd"]
    made = []
    for out, order in (("once", [[0, 1, 2, 3]]), ("later", [[3], [1, 0], [2]])):
        jobs = jobs_of(names, tmp_path / out)
        for some in order:
            leave([jobs[i] for i in some])
            parts.pack(tmp_path / out, 0, wanted_of(jobs))
        made.append(tree(tmp_path / out))
    assert made[0] == made[1]
    assert all(name.startswith("parts/0000/") for name in made[0])
    for job in jobs:  # columns of one locus's sites are not another's
        assert same(parts.read_locus(tmp_path / "once", job.locus.name), kept_of(job))
    whole = pq.read_table(tmp_path / "once" / "parts" / "0000" / "clusters.parquet")
    assert whole["locus"].to_pylist() == [name for name in names for _ in range(3)]


def test_the_size_of_parts_rarely_changes():
    found = {n: parts.loci_in_a_part(n) for n in (1, 1000, 1001, 10_000, 10_001, 100_000)}
    assert list(found.values()) == [1, 1, 10, 10, 100, 100]


def test_what_was_made_from_something_else_is_not_kept(tmp_path):
    before, now = (jobs_of(["a", "bb"], tmp_path, seed) for seed in (0, 1))
    leave(before)
    parts.pack(tmp_path, 0, wanted_of(before))
    leave(now[:1])
    parts.pack(tmp_path, 0, wanted_of(now))
    assert parts.fingerprints(tmp_path) == {"a": now[0].fingerprint}


def test_a_part_that_cannot_be_written_is_as_it_was(tmp_path, monkeypatch):
    jobs = jobs_of(["a", "bb"], tmp_path)
    leave(jobs[:1])
    parts.pack(tmp_path, 0, wanted_of(jobs))
    leave(jobs[1:])
    before = tree(tmp_path)

    def full(table, path, **options):
        raise OSError("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(pq, "write_table", full)
        with pytest.raises(InputError, match=r"(?i)no space left"):
            parts.pack(tmp_path, 0, wanted_of(jobs))
    assert tree(tmp_path) == before
    parts.pack(tmp_path, 0, wanted_of(jobs))
    assert set(parts.fingerprints(tmp_path)) == {"a", "bb"}


def test_loci_that_move_to_another_part_are_kept(tmp_path):
    """The list of loci has another order: what is finished goes where it belongs now."""
    names = ["a", "bb", "ccc"]
    jobs = jobs_of(names, tmp_path)
    run_module._prepare(tmp_path, jobs)
    leave(jobs)
    run_module._run_missing(tmp_path, jobs, (1, 1), None, run_module.SILENT)
    turned = jobs[::-1]
    result = run_module._run_missing(tmp_path, turned, (1, 1), None, run_module.SILENT)
    assert result.skipped == 3
    assert list(open_batch(tmp_path).loci["locus"]) == names[::-1]
    fresh = tmp_path / "fresh"
    again = jobs_of(names[::-1], fresh)
    run_module._prepare(fresh, again)
    leave(again)
    run_module._run_missing(fresh, again, (1, 1), None, run_module.SILENT)
    fresh = fresh.rename(tmp_path.with_name(f"{tmp_path.name}-fresh"))
    assert tree(tmp_path) == tree(fresh)


def test_a_reader_reads_what_is_new(tmp_path, monkeypatch):
    jobs = jobs_of(["a", "bb", "ccc"], tmp_path)
    write_listing(tmp_path, listing_of(jobs))
    leave(jobs[:1])
    parts.pack(tmp_path, 0, wanted_of(jobs[:1]))
    leave(jobs[1:2])
    reader = Reader(tmp_path)
    assert list(reader.read().states) == ["done", "done", "waiting"]
    read = []
    for name in ("read_finished", "manifests_of"):
        ours = getattr(parts, name)
        monkeypatch.setattr(
            parts,
            name,
            lambda path, *more, ours=ours: (read.append(path.name), ours(path, *more))[1],
        )
    reader.read()
    assert read == []
    leave(jobs[2:])
    now = reader.read()
    assert read == ["ccc.zip"]
    assert list(now.states) == ["done"] * 3
    assert list(now.sites["locus"]) == ["a", "bb", "bb", "ccc", "ccc", "ccc"]
    assert list(now.loci["n_sites"]) == [1, 2, 3]


def test_tables_are_written_a_few_loci_at_a_time(tmp_path, monkeypatch):
    """As pandas has the whole, whatever is packed; no more loci in memory than were said."""
    names = ["a", "bb", "ccc", "dddd", "eeeee"]
    jobs = jobs_of(names, tmp_path)
    write_listing(tmp_path, listing_of(jobs))
    leave(jobs)
    parts.pack(tmp_path, 0, wanted_of(jobs[3:]))
    parts.pack(tmp_path, 1, wanted_of(jobs[:2]))
    whole = Reader(tmp_path).collected({})
    assert list(whole["sites"]["locus"]) == [name for name in names for _ in name]
    most = []
    ours = tables._frame_of
    monkeypatch.setattr(tables, "_LOCI_AT_ONCE", 2)
    monkeypatch.setattr(
        tables,
        "_frame_of",
        lambda block: (most.append(len(set(block["locus"].to_pylist()))), ours(block))[1],
    )
    tables.collect_tables(tmp_path)
    assert most[:3] == [2, 2, 1]
    for name in ("sites", "epistasis"):
        pd.testing.assert_frame_equal(
            pd.read_parquet(tmp_path / f"{name}.parquet"), whole[name], check_dtype=False
        )
    written = pd.read_csv(tmp_path / "sites.csv")
    assert list(written["locus"]) == list(whole["sites"]["locus"])
    assert set(written["positions"]) == {"1 2"}
    assert pq.ParquetFile(tmp_path / "sites.parquet").num_row_groups == 3


def test_a_batch_of_an_earlier_version_opens(tmp_path):
    """A folder a locus, and the loci in `batch.json`."""
    job = jobs_of(["a"], tmp_path)[0]
    kept = kept_of(job)
    folder = tmp_path / "loci" / "a"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps(kept.manifest))
    for name, table in kept.tables.items():
        table.to_pandas().to_parquet(folder / f"{name}.parquet", index=False)
    row = {"locus": "a", "chromosome": "", "start": -1, "stop": -1, "strand": "", "error": ""}
    about = {"format": "seam-batch", "format_version": 1}
    about["loci"] = [
        {**row, "fingerprint": job.fingerprint},
        {**row, "locus": "b", "fingerprint": ""},
    ]
    (tmp_path / "batch.json").write_text(json.dumps(about))
    batch = open_batch(tmp_path)
    assert list(batch.states) == ["done", "waiting"]
    assert list(batch.sites["site"]) == ["A"]
    assert batch.locus("a").tables["clusters"].equals(kept.tables["clusters"])
    with pytest.raises(InputError):
        batch.locus("b")


def test_a_damaged_part_is_made_again(tmp_path):
    jobs = jobs_of(["a"], tmp_path)
    leave(jobs)
    parts.pack(tmp_path, 0, wanted_of(jobs))
    before = tree(tmp_path)
    (tmp_path / "parts" / "0000" / "manifests.parquet").write_bytes(b"no Parquet")
    assert parts.fingerprints(tmp_path) == {}
    leave(jobs)
    parts.pack(tmp_path, 0, wanted_of(jobs))
    assert tree(tmp_path) == before
    shutil.rmtree(tmp_path / "parts")
    assert parts.fingerprints(tmp_path) == {}


@pytest.mark.parametrize("shard", [(1, 1), (1, 2)])
def test_what_a_killed_worker_was_writing_is_gone_at_the_end(tmp_path, monkeypatch, shard):
    """That of loci which another shard is at stays."""
    jobs, finished = jobs_of("ab", tmp_path / "out"), tmp_path / "out" / parts.FINISHED

    def run(todo, packing, *_):
        leave(todo)
        for name in "ab":
            (finished / f".{name}.zip.12-ab.part").write_bytes(b"half")
        for job in todo:
            packing.ended(job)
        return {}, None

    monkeypatch.setattr(run_module, "_run", run)
    run_module._run_missing(tmp_path / "out", jobs, shard, run_module.LOCAL, SILENT)
    left = sorted(path.name for path in finished.iterdir()) if finished.exists() else None
    assert left == (None if shard == (1, 1) else [".b.zip.12-ab.part"])
