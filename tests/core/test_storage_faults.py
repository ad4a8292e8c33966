"""The borders of a session's folder: links, other programs, full disks, rights."""

from __future__ import annotations

import dataclasses
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from seam_core import disk, store
from seam_core.cli.main import main
from seam_core.scratch import Scratch
from seam_core.store import encode, files, swap
from seam_core.validate import InputError
from tests.core.processes import python
from tests.factories import make_session


@pytest.fixture(scope="module")
def made():
    return make_session(n=300, length=60, clusters=4, n_sites=2)


# --- paths are resolved once ---------------------------------------------------------------------


def refused(out: Path, capsys) -> str:
    """What the command says that imports into `out`, with --overwrite."""
    mave, maps = out.parent / "m.csv", out.parent / "maps.npy"
    where = ["--mave", str(mave), "--maps", str(maps)]
    assert main(["import", *where, "--only", "--overwrite", "--quiet", "--out", str(out)]) == 2
    return capsys.readouterr().err


def test_a_folder_around_is_never_swapped_away(tmp_path, monkeypatch, made, capsys):
    home = tmp_path / "home"
    home.mkdir()
    (home / "thesis.txt").write_text("mine")
    monkeypatch.chdir(home)
    (home / "dangling").symlink_to(home / "gone")
    for out in ("NEW/..", "dangling/..", "."):
        assert "a folder with other files" in refused(home / out, capsys)
        with pytest.raises(InputError, match="a folder with other files"):
            store.save(made, out)
    assert sorted(entry.name for entry in home.iterdir()) == ["dangling", "thesis.txt"]


def test_the_folder_that_the_user_is_in_is_not_taken_away(tmp_path, made, monkeypatch, capsys):
    inside = tmp_path / "inside"
    inside.mkdir()
    monkeypatch.chdir(inside)
    rows = "Sequence,DNN\n" + "".join(f"ACGTAC{a}{b},1\n" for a in "ACGT" for b in "ACGT")
    (tmp_path / "m.csv").write_text(rows)
    np.save(tmp_path / "maps.npy", np.ones((16, 8, 4), np.float32))
    assert "the folder that you are in" in refused(Path("../inside"), capsys)
    store.save(made, ".")  # as the window does when it is asked to
    assert os.listdir(".") == os.listdir(inside)
    assert store.load(".").name == made.name


def test_a_session_saved_through_a_link_stays_where_the_link_points(tmp_path, made):
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk" / "s")
    for name in ("first", "second"):
        store.save(dataclasses.replace(made, name=name), tmp_path / "link")
        assert (tmp_path / "link").is_symlink()
        assert store.load(tmp_path / "disk" / "s").name == name
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["disk", "link"]


def test_a_link_into_a_session_does_not_let_a_part_of_it_be_replaced(tmp_path, made):
    store.save(made, tmp_path / "s")
    (tmp_path / "s" / "pictures").mkdir()
    (tmp_path / "s" / "pictures" / "a.png").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "s" / "pictures")
    with pytest.raises(InputError, match="a folder with other files"):
        store.save(made, tmp_path / "link")
    with pytest.raises(InputError, match="a folder with other files"):
        store.save(made, tmp_path / "s" / "pictures" / ".." / "pictures")


def test_a_manifest_of_something_else_is_no_session(tmp_path, made):
    (tmp_path / "extension").mkdir()
    (tmp_path / "extension" / "manifest.json").write_text('{"manifest_version": 3}')
    assert not store.is_session(tmp_path / "extension")
    with pytest.raises(InputError, match="a folder with other files"):
        store.save(made, tmp_path / "extension")


def test_what_comes_into_the_folder_while_it_is_saved_is_not_swapped_away(tmp_path):
    target = tmp_path / "s"
    target.mkdir()
    with pytest.raises(InputError, match="other files since"), written(target):
        (target / "notes.txt").write_text("mine")
    assert (target / "notes.txt").read_text() == "mine"


def test_what_is_put_into_a_session_while_it_is_saved_stays(tmp_path, made, monkeypatch):
    store.save(made, tmp_path / "s")
    (tmp_path / "s" / "notes.txt").write_text("before")
    real = swap.exchange

    def late(left, right):
        (right / "late.txt").write_text("late")
        (right / "notes.txt").write_text("changed at the last moment")
        return real(left, right)

    monkeypatch.setattr(swap, "exchange", late)
    store.save(made, tmp_path / "s")
    assert (tmp_path / "s" / "late.txt").read_text() == "late"
    assert (tmp_path / "s" / "notes.txt").read_text() == "changed at the last moment"


def written(folder):
    return swap.folder_written_whole(folder, replaceable=store.is_session)


# --- files that others can change ----------------------------------------------------------------


def test_imported_maps_are_no_link_to_the_users_file(tmp_path, made):
    theirs = tmp_path / "theirs.npy"
    np.save(theirs, made.maps.maps)
    mapped = np.load(theirs, mmap_mode="r")
    imported = dataclasses.replace(made, maps=dataclasses.replace(made.maps, maps=mapped))
    saved = store.save(imported, tmp_path / "s")
    np.save(theirs, np.zeros_like(made.maps.maps))
    np.testing.assert_array_equal(store.load(tmp_path / "s").maps.maps, made.maps.maps)
    np.testing.assert_array_equal(saved.maps.maps, made.maps.maps)


def test_save_as_shares_no_file(tmp_path, made):
    store.save(made, tmp_path / "s")
    store.save(store.load(tmp_path / "s"), tmp_path / "t")
    for file in (tmp_path / "s").iterdir():
        assert not file.samefile(tmp_path / "t" / file.name)
    np.save(tmp_path / "t" / "maps.maps.npy", np.zeros_like(made.maps.maps))
    np.testing.assert_array_equal(store.load(tmp_path / "s").maps.maps, made.maps.maps)


def test_maps_that_a_run_wrote_beside_the_session_are_not_copied(tmp_path, made):
    scratch = tmp_path / ".s.unfinished"
    scratch.mkdir()
    np.save(scratch / "maps.npy", made.maps.maps)
    mapped = np.load(scratch / "maps.npy", mmap_mode="r")
    ours = dataclasses.replace(made, maps=dataclasses.replace(made.maps, maps=mapped))
    store.save(ours, tmp_path / "s")
    assert (tmp_path / "s" / "maps.maps.npy").samefile(scratch / "maps.npy")
    assert not encode.is_our_own(tmp_path / ".other.unfinished" / "maps.npy", tmp_path / "s")


def test_the_sum_of_every_file_is_in_the_manifest(tmp_path, made):
    store.save(made, tmp_path / "s")
    records = store.read_manifest(tmp_path / "s")["records"]
    described = [v for r in records.values() for v in r.values() if isinstance(v, dict)]
    listed = {v["file"]: v["sha256"] for v in described if "file" in v}
    assert set(listed) == {f.name for f in (tmp_path / "s").iterdir() if f.suffix != ".json"}
    for name, digest in listed.items():
        assert files.sha256_of(tmp_path / "s" / name) == digest


def test_a_small_array_that_was_changed_is_named_on_opening(tmp_path, made):
    store.save(made, tmp_path / "s")
    labels = np.load(tmp_path / "s" / "clustering.labels.npy")
    np.save(tmp_path / "s" / "clustering.labels.npy", np.roll(labels, 1))
    with pytest.raises(InputError, match=r"clustering\.labels: got a damaged file"):
        store.load(tmp_path / "s")


def test_a_file_cut_off_while_it_is_shown_harms_only_maps(tmp_path, made):
    """All but maps is read, so that no other program can pull it away."""
    store.save(made, tmp_path / "s")
    opened = store.load(tmp_path / "s")
    for file in (tmp_path / "s").glob("*.npy"):
        if file.name != "maps.maps.npy":
            os.truncate(file, 0)
    np.testing.assert_array_equal(opened.clustering.labels, made.clustering.labels)
    np.testing.assert_array_equal(opened.library.sequences, made.library.sequences)
    assert not opened.library.sequences.flags.writeable


# --- a full disk ---------------------------------------------------------------------------------


def test_maps_that_do_not_fit_are_told_before_they_are_mapped(tmp_path):
    """The limit of a file's size stands for a full disk."""
    code = """
        import resource, sys
        from pathlib import Path
        from seam_core.attributer.journal import MapsOnDisk
        from seam_core.validate import InputError
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
        try:
            MapsOnDisk(Path(sys.argv[1]), (10_000, 50, 4), "ab").begin()
        except InputError as error:
            print(error)
    """
    process = python(code, tmp_path / "maps.npy")
    said, _ = process.communicate()
    assert process.returncode == 0
    assert "maps: got no space left on the disk; expected 8 MB that can be written" in said
    assert list(tmp_path.iterdir()) == []


def test_what_is_wrong_with_a_run_is_told_before_the_disk_is_full(tmp_path):
    code = """
        import resource, sys
        import numpy as np
        from pathlib import Path
        from seam_core.attributer import Attributer
        from seam_core.oracles.function import FunctionOracle
        from seam_core.parameters import AttributerParameters
        from seam_core.records import Library
        from seam_core.validate import InputError
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 10, 1 << 10))
        oracle = FunctionOracle(lambda x: x[:, :, 0].sum(axis=1), length=50)
        library = Library(np.zeros((100, 50), np.int8))
        for method in ("saliency", "ism"):
            try:
                Attributer(oracle, AttributerParameters(method=method)).run(
                    library, out=Path(sys.argv[1])
                )
            except (InputError, RuntimeError) as error:
                print(error)
    """
    said = python(code, tmp_path / "maps.npy").communicate()[0].splitlines()
    assert "an oracle that has no gradient" in said[0]
    assert "no space left on the disk" in said[1]
    assert len(said) == 2
    assert list(tmp_path.iterdir()) == []


def test_where_room_cannot_be_reserved_it_is_written(tmp_path, monkeypatch):
    def unknown(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "posix_fallocate", unknown)
    maps = disk.new_mapped(tmp_path / "maps.npy", (1000, 50, 4))
    maps[:] = 1
    blocks = os.stat(tmp_path / "maps.npy").st_blocks * 512
    assert blocks >= maps.nbytes
    maps.flush()
    with open(tmp_path / "maps.npy", "rb+") as file:
        disk.reserve(file.fileno(), 0, os.fstat(file.fileno()).st_size)
    assert np.load(tmp_path / "maps.npy").min() == 1


def test_a_save_on_a_full_disk_leaves_the_old_session(tmp_path):
    code = """
        import resource, sys
        from seam_core import store
        from seam_core.validate import InputError
        from tests.factories import make_session
        session = make_session(n=2000, length=60, clusters=4, seed=2)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
        try:
            store.save(session, sys.argv[1])
        except InputError as error:
            print(error)
    """
    store.save(make_session(n=200, length=40, clusters=4, seed=1), tmp_path / "s")
    said, _ = python(code, tmp_path / "s").communicate()
    assert "no space left on the disk" in said
    assert len(store.load(tmp_path / "s").library) == 200
    assert [entry.name for entry in tmp_path.iterdir()] == ["s"]


# --- names, rubbish, rights ----------------------------------------------------------------------


PLAINEST = {
    **os.environ,
    "LANG": "C",
    "LC_ALL": "C",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
}


def test_names_of_other_letters_in_the_plainest_locale(tmp_path, made):
    code = """
        import sys
        from seam_core import store
        from seam_core.exports import tables
        from seam_core.readers.tables import header_of
        session = store.load(sys.argv[1])
        store.save(session, sys.argv[2])
        print(ascii(store.load(sys.argv[2]).name))
        tables.write_parquet(session.table.frame, sys.argv[2] + ".parquet")
        print(len(header_of(sys.argv[2] + ".parquet")), len(session.table.frame.columns))
    """
    store.save(dataclasses.replace(made, name="Ångström Δ"), tmp_path / "Sitzung α")
    done = python(code, tmp_path / "Sitzung α", tmp_path / "Größe β", env=PLAINEST)
    columns = len(made.table.frame.columns)
    assert done.communicate()[0] == f"{'Ångström Δ'!a}\n{columns} {columns}\n"
    assert store.load(tmp_path / "Größe β").name == "Ångström Δ"


def test_commands_take_names_as_they_are_in_the_plainest_locale(tmp_path, made):
    """Arrow, htslib and the log take no halves of characters, which C would make of them."""
    store.save(made, tmp_path / "Sitzung α")
    code = """
        import sys
        from seam_core.cli import main
        status = main()
        sys.exit(status or sys.getfilesystemencoding() != "utf-8")
    """
    options = {"env": PLAINEST, "stderr": subprocess.PIPE}
    done = python(code, "info", tmp_path / "Sitzung α", **options)
    said, errors = done.communicate()
    assert done.returncode == 0
    assert "300 sequences" in said
    assert errors == ""


def test_what_killed_saves_left_goes_and_nothing_else(tmp_path, made):
    store.save(made, tmp_path / "s")
    (tmp_path / ".s.0123abcd.part").mkdir()
    for other in (".s.more.0123abcd.part", ".t.0123abcd.part", ".s.notes.part"):
        (tmp_path / other).mkdir()
    store.load(tmp_path / "s")
    left = sorted(entry.name for entry in tmp_path.iterdir())
    assert left == [".s.more.0123abcd.part", ".s.notes.part", ".t.0123abcd.part", "s"]


def test_scratch_of_killed_processes_is_removed_by_the_next(tmp_path, monkeypatch):
    code = """
        import sys
        from seam_core.scratch import Scratch
        scratch = Scratch("seam-test-")
        print(scratch.path, flush=True)
        sys.stdin.read()
    """
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    killed, lives = python(code, env=env), python(code, env=env)
    dead, living = (Path(each.stdout.readline().strip()) for each in (killed, lives))
    killed.kill()
    killed.communicate()
    try:
        assert dead.is_dir()
        with Scratch("seam-test-") as mine:
            assert mine.is_dir()
            assert living.is_dir()
            assert not dead.exists()
    finally:
        lives.communicate()
    assert list(tmp_path.iterdir()) == []


def test_folders_have_the_rights_that_the_user_wants(tmp_path, made):
    before = os.umask(0o027)
    try:
        store.save(made, tmp_path / "s")
    finally:
        os.umask(before)
    assert (tmp_path / "s").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "s" / "manifest.json").stat().st_mode & 0o777 == 0o640
    (tmp_path / "s").chmod(0o775)
    store.save(made, tmp_path / "s")
    assert (tmp_path / "s").stat().st_mode & 0o777 == 0o775
