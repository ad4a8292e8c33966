"""Sessions in folders: what is saved comes back, whole or not at all."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from seam_core import mapping, store
from seam_core.parameters import MutagenizerParameters, OracleParameters
from seam_core.progress import Cancelled
from seam_core.records import Provenance
from seam_core.stages import SLOTS
from seam_core.store.swap import folder_written_whole
from seam_core.validate import InputError
from tests.factories import make_session
from tests.judged import experiments


@pytest.fixture(scope="module")
def made():
    session = make_session(n=200, length=40, clusters=6, n_sites=2)
    library = dataclasses.replace(session.library, parameters=MutagenizerParameters(seed=7))
    return dataclasses.replace(
        session,
        library=library,
        oracle=OracleParameters(model="/home/me/nets/m.keras", head="1"),
        provenance=Provenance(
            inputs={"model": {"path": "/home/me/nets/m.keras", "sha256": "ab"}},
            versions={"numpy": "2"},
            timings_s={"clusterer": 1.5},
            peak_mb=100.0,
        ),
        state={"labels": {"3": "TATA"}, "hidden": [1, 2]},
    )


def same(left, right) -> None:
    """Equal records, field by field; NaN equals NaN."""
    for field in dataclasses.fields(left):
        a, b = getattr(left, field.name), getattr(right, field.name)
        if isinstance(a, np.ndarray):
            assert a.dtype == b.dtype, field.name
            np.testing.assert_array_equal(a, b, err_msg=field.name)
        elif isinstance(a, pd.DataFrame):
            pd.testing.assert_frame_equal(a, b)
        else:
            assert a == b or (a != a and b != b), field.name


def test_every_record_comes_back(made, tmp_path):
    store.save(made, tmp_path / "s")
    opened = store.load(tmp_path / "s")
    for slot in SLOTS:
        same(getattr(made, slot), getattr(opened, slot))
    assert (opened.name, opened.oracle, opened.state) == (made.name, made.oracle, made.state)
    assert opened.provenance == made.provenance


def test_maps_are_mapped_read_only(made, tmp_path, monkeypatch):
    monkeypatch.setattr(mapping, "WORTH_MAPPING", 0)
    store.save(made, tmp_path / "s")
    maps = store.load(tmp_path / "s").maps.maps
    assert isinstance(maps, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        maps[0, 0, 0] = 1


def test_saving_again_links_the_maps_instead_of_copying_them(made, tmp_path):
    store.save(made, tmp_path / "s")
    opened = store.load(tmp_path / "s")
    before = os.stat(tmp_path / "s" / "maps.maps.npy").st_ino
    renamed = dataclasses.replace(opened, name="other")
    store.save(renamed, tmp_path / "s")
    assert os.stat(tmp_path / "s" / "maps.maps.npy").st_ino == before
    assert store.load(tmp_path / "s").name == "other"
    np.testing.assert_array_equal(opened.maps.maps, made.maps.maps)


def test_a_map_file_that_was_replaced_since_is_not_linked(made, tmp_path):
    store.save(made, tmp_path / "s")
    opened = store.load(tmp_path / "s")
    other = dataclasses.replace(made.maps, maps=made.maps.maps + 1)
    store.save(dataclasses.replace(made, maps=other), tmp_path / "s")
    store.save(opened, tmp_path / "t")
    np.testing.assert_array_equal(store.load(tmp_path / "t").maps.maps, made.maps.maps)


def test_a_slice_of_mapped_maps_is_saved_as_what_it_is(made, tmp_path):
    store.save(made, tmp_path / "s")
    maps = store.load(tmp_path / "s").maps
    part = dataclasses.replace(maps, maps=maps.maps[:, 3:20], start=3)
    store.save(made.with_record("maps", part), tmp_path / "t")
    opened = store.load(tmp_path / "t")
    np.testing.assert_array_equal(opened.maps.maps, made.maps.maps[:, 3:20])
    assert (opened.maps.start, opened.maps.stop) == (3, 20)


def test_compact_is_small_and_close(tmp_path):
    made = make_session(n=2000, length=60, clusters=6)
    store.save(made, tmp_path / "full")
    store.save(made, tmp_path / "compact", compact=True)
    maps, opened = made.maps.maps, store.load(tmp_path / "compact")
    assert opened.maps.maps.dtype == np.float32
    assert np.abs(opened.maps.maps - maps).max() <= maps.std() / store.STEPS_PER_SD
    np.testing.assert_array_equal(opened.library.sequences, made.library.sequences)
    np.testing.assert_array_equal(opened.linkage.matrix, made.linkage.matrix)

    def size(name):
        return sum(file.stat().st_size for file in (tmp_path / name).iterdir())

    assert size("compact") < size("full") / 2.5


def test_compact_names_no_folders_of_this_machine(made, tmp_path):
    store.save(made, tmp_path / "s", compact=True)
    assert "/home/me" not in (tmp_path / "s" / "manifest.json").read_text()
    assert store.load(tmp_path / "s").oracle.model == "m.keras"


class StopAt:
    """Cancels at the n-th report."""

    def __init__(self, n: int) -> None:
        self.left = n

    def update(self, done, total, message=""):
        self.left -= 1
        if self.left < 0:
            raise Cancelled


@pytest.mark.parametrize("reports", range(9))
def test_a_cancelled_save_leaves_the_old_session(made, tmp_path, reports):
    store.save(dataclasses.replace(made, name="old"), tmp_path / "s")
    with pytest.raises(Cancelled):
        store.save(made, tmp_path / "s", progress=StopAt(reports))
    assert store.load(tmp_path / "s").name == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["s"]


def test_a_crash_between_the_renames_is_repaired(made, tmp_path):
    store.save(made, tmp_path / "s")
    (tmp_path / "s").rename(tmp_path / ".s.previous")
    assert store.load(tmp_path / "s").name == made.name


def test_the_users_own_files_stay(made, tmp_path):
    store.save(made, tmp_path / "s")
    (tmp_path / "s" / "notes.txt").write_text("mine")
    (tmp_path / "s" / "pictures").mkdir()
    (tmp_path / "s" / "pictures" / "a.png").write_bytes(b"x")
    store.save(dataclasses.replace(made, embedding=None), tmp_path / "s")
    assert (tmp_path / "s" / "notes.txt").read_text() == "mine"
    assert (tmp_path / "s" / "pictures" / "a.png").exists()
    assert not (tmp_path / "s" / "embedding.coordinates.npy").exists()


def test_a_folder_with_other_files_is_not_touched(made, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="other files"):
        store.save(made, tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_a_path_that_cannot_be_written_is_named(made, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="a file where a folder should be") as caught:
        store.save(made, tmp_path / "file" / "s")
    assert str(tmp_path / "file" / "s") in str(caught.value)


def _written(folder):
    return folder_written_whole(folder, replaceable=store.is_session)


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path):
    with pytest.raises(InputError, match="no space left"), _written(tmp_path / "s"):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def edit_manifest(folder: Path, **changes) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_newer_version_is_refused(made, tmp_path):
    store.save(made, tmp_path / "s")
    edit_manifest(tmp_path / "s", format_version=99, written_by="seam-studio 9.0")
    with pytest.raises(InputError, match=r"99, written by seam-studio 9\.0.*update seamscope"):
        store.load(tmp_path / "s")


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda d: (d / "manifest.json").write_text("{"), "manifest.json"),
        (lambda d: (d / "manifest.json").write_text("[]"), "manifest.json"),
        (lambda d: (d / "maps.maps.npy").unlink(), "maps.maps.npy"),
        (lambda d: os.truncate(d / "maps.maps.npy", 1000), "maps.maps.npy"),
        (lambda d: os.truncate(d / "linkage.matrix.npy", 1000), "linkage.matrix.npy"),
        (lambda d: os.truncate(d / "table.frame.parquet", 100), "table.frame.parquet"),
        (lambda d: np.save(d / "clustering.labels.npy", np.zeros(3, np.int32)), "clustering"),
        (lambda d: edit_manifest(d, records={"library": {"colour": 1}}), "library.colour"),
        (lambda d: edit_manifest(d, records=None), "records"),
    ],
)
def test_a_damaged_file_is_named(made, tmp_path, spoil, named):
    store.save(made, tmp_path / "s")
    spoil(tmp_path / "s")
    with pytest.raises(InputError, match=named):
        store.load(tmp_path / "s")


def test_arrays_that_do_not_belong_together_are_refused(made, tmp_path):
    """Each file is well by itself, and as the manifest says; N disagrees."""
    store.save(made, tmp_path / "s")
    other = make_session(n=100, length=40, clusters=6, n_sites=2)
    store.save(other, tmp_path / "t")
    records = json.loads((tmp_path / "s" / "manifest.json").read_text())["records"]
    theirs = json.loads((tmp_path / "t" / "manifest.json").read_text())["records"]
    (tmp_path / "t" / "maps.maps.npy").replace(tmp_path / "s" / "maps.maps.npy")
    edit_manifest(tmp_path / "s", records={**records, "maps": theirs["maps"]})
    with pytest.raises(InputError, match="100 sequences"):
        store.load(tmp_path / "s")


def test_a_folder_that_is_no_session_is_said_so(tmp_path):
    with pytest.raises(InputError, match=r"no manifest\.json"):
        store.load(tmp_path)


def test_nothing_is_pickled(made, tmp_path):
    store.save(made, tmp_path / "s")
    for file in (tmp_path / "s").glob("*.npy"):
        np.load(file, allow_pickle=False)


def test_the_summary_says_what_was_found(made, tmp_path):
    store.save(made, tmp_path / "s")
    found = json.loads((tmp_path / "s" / "summary.json").read_text())
    assert found["n_sequences"] == 200
    assert found["length"] == 40
    assert found["n_clusters"] == len(made.clustering.ids)
    assert found["reference_activity"] == pytest.approx(float(made.table.activity[0]))
    assert found["timings_s"] == {"clusterer": 1.5}
    assert found["peak_mb"] == 100.0
    for said, site in zip(found["sites"], made.sites.sites, strict=True):
        where = {name: said[name] for name in ("name", "start", "stop", "positions")}
        assert where == {
            "name": site.name,
            "start": site.positions[0],
            "stop": site.positions[-1] + 1,
            "positions": list(site.positions),
        }


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.EROFS, "a read-only file system"),
        (errno.EACCES, "permission denied"),
        (errno.ENOENT, "a place where nothing can be written"),
    ],
)
def test_a_place_that_cannot_be_written_is_known_before_a_run(code, words, tmp_path, monkeypatch):
    def refuse(dir):
        raise OSError(code, "raw words")

    store.check_target(tmp_path / "new" / "session")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(InputError, match=f"folder: got {words}; expected a folder that can"):
        store.check_target(tmp_path / "session")


def test_a_place_in_a_file_is_known_before_a_run(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="folder: got a file where a folder should be"):
        store.check_target(tmp_path / "file" / "session")


def test_numbers_that_json_lacks_come_back_inside_of_tuples(made, tmp_path):
    asked = dataclasses.replace(experiments(made.sites.sites), unexplained=(np.nan, 0.5))
    store.save(dataclasses.replace(made, experiments=asked), tmp_path / "s")
    first, second = store.load(tmp_path / "s").experiments.unexplained
    assert np.isnan(first)
    assert second == 0.5
