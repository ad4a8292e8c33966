"""A user who may write next to nowhere: containers, services."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from seam_core import diagnostics, places


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"} | environment
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)


NOWHERE = """
import os
from pathlib import Path
may = os.access
os.access = lambda path, how: str(path).startswith({free!r}) and may(path, how)
import seam_core
os.access = may
import seam_core.clusterer.duplicates as module
folder = Path(os.environ["NUMBA_CACHE_DIR"])
kernel = next(each for each in vars(module).values() if hasattr(each, "py_func"))
print(folder, Path(kernel._cache._impl.locator.get_cache_path()).is_relative_to(folder))
"""


def test_kernels_are_kept_among_temporary_files_where_no_other_place_can_be_written(tmp_path):
    ended = run(NOWHERE.format(free=str(tmp_path)), TMPDIR=str(tmp_path))
    assert ended.returncode == 0, ended.stderr
    named, taken = ended.stdout.split()
    assert taken == "True"
    folder = Path(named)
    assert folder.parent == tmp_path
    assert not folder.exists()  # gone with its process


def test_a_place_that_is_named_and_belongs_to_another_user_is_not_taken(tmp_path, monkeypatch):
    other = tmp_path / "kernels"
    other.write_text("a file: nothing can be made below it")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(other))
    places.keep_kernels()
    assert os.environ["NUMBA_CACHE_DIR"] != str(other)
    assert places.writable(os.environ["NUMBA_CACHE_DIR"])


def test_a_place_that_is_named_and_can_be_made_is_left(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "made" / "later"))
    places.keep_kernels()
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path / "made" / "later")
    assert not (tmp_path / "made").exists()


def test_the_log_is_where_it_can_be_written(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    monkeypatch.setenv("XDG_STATE_HOME", str(blocked))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    file = diagnostics.log_file()
    assert file.parent == tmp_path
    diagnostics.start()
    assert diagnostics.unforeseen(ValueError("odd")) == file
    assert "ValueError: odd" in file.read_text()


@pytest.mark.parametrize(("name", "answer"), [("new/er", True), ("file/new", False)])
def test_what_could_be_made(tmp_path, name, answer):
    (tmp_path / "file").write_text("")
    assert places.writable(tmp_path / name) is answer
