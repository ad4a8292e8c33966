"""Processes of ours run nothing of the working folder, and find the package that started them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import pytest

import seam_core
from seam_core.interpreter import avoid_working_folder, own_process

SHADOWS = ("random", "queue", "select", "csv", "socket", "numpy", "h5py", "yaml")
PACKAGE = Path(seam_core.__file__).parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder with the user's own scripts, named like libraries."""
    for name in SHADOWS:
        (tmp_path / f"{name}.py").write_text(f"open('ran', 'a').write('{name} ')\n")
    return tmp_path


def run(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    own = {**os.environ, **environment}
    return subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("module", "arguments", "said"),
    [
        ("seam_core", ["--version"], seam_core.__version__),
        ("seam_gui", ["--version"], seam_core.__version__),
        ("seam_gui.work.engine_process", [], ""),
    ],
)
def test_nothing_of_the_working_folder_runs(
    folder: Path, module: str, arguments: list[str], said: str
) -> None:
    program, first = own_process(module)
    done = run(folder, program, *first, *arguments, PYTHONSAFEPATH="")
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    assert not (folder / "ran").exists()


def test_a_file_is_read_where_only_the_path_knows_the_package(folder: Path) -> None:
    """A package that a script put on `sys.path`, in an interpreter without this installation."""
    shutil.copytree(PACKAGE, folder / "elsewhere" / "seam_core")
    with h5py.File(folder / "good.h5", "w") as file:
        file["letters"] = [1, 2]
    (folder / "bad.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(600))
    script = (
        "import sys; sys.path.insert(0, 'elsewhere'); del sys.path[1]\n"
        "from pathlib import Path; from seam_core.readers import apart\n"
        "assert apart.__file__.startswith(str(Path('elsewhere').resolve())), apart.__file__\n"
        "read = lambda name: apart.read_apart('hdf5', Path(name), field='file', expected='HDF5')\n"
        "assert read('good.h5') == b''\n"
        "try: read('bad.h5')\n"
        "except ValueError as error: print(error)\n"
    )
    done = run(folder, sys.executable, "-c", script)
    assert done.returncode == 0, done.stderr
    assert "damaged" in done.stdout
    assert "No module named" not in done.stdout
    assert not (folder / "ran").exists()


def test_every_python_of_ours_is_started_by_one_function() -> None:
    """But the one that takes this process's place, which was started by the user's own words."""
    sources = [*PACKAGE.rglob("*.py"), *(PACKAGE.parent / "seam_gui").rglob("*.py")]
    naming = {path.name for path in sources if '"-m", "seam' in path.read_text("utf-8")}
    assert naming == set()


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 has no safe path")
def test_workers_avoid_the_working_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    avoid_working_folder()
    script = "import multiprocessing.spawn, random, queue, socket"
    assert run(folder, sys.executable, "-c", script).returncode == 0
    assert not (folder / "ran").exists()
