"""Files that another program cuts off or rewrites while they are mapped: a message, no signal."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from seam_core import disk, mapping, store
from tests.factories import make_session
from tests.waiting import LIMIT_S

ROOT = Path(__file__).resolve().parents[2]
SAID = "maps: got a file that changed on the disk while it was in use"


def python(code: str, *arguments: object) -> subprocess.CompletedProcess:
    """Another process of ours, since a fault that is not answered ends it."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A session whose maps are large enough to be mapped."""
    folder = tmp_path_factory.mktemp("made") / "s"
    store.save(make_session(n=1500, length=250, clusters=4, n_sites=2), folder)
    assert (folder / "maps.maps.npy").stat().st_size > 4 * mapping.WORTH_MAPPING
    return folder


@pytest.fixture
def session(saved, tmp_path):
    shutil.copytree(saved, tmp_path / "s")
    return tmp_path / "s"


# --- the map itself ------------------------------------------------------------------------------

CUT = """
    import os, sys
    import numpy as np
    from seam_core import disk, mapping
    path = sys.argv[1]
    disk.new_mapped(path, (2000, 250, 4))[:] = 1
    maps = mapping.mapped(path)
    part = np.asarray(maps[1000:]).reshape(1000, -1)
    os.truncate(path, 2_000_000)
    wanted = {
        "read": lambda: float(part.sum()),
        "product": lambda: float((part.T @ part).sum()),
        "written": lambda: open(path + ".out", "wb").write(part),
    }[sys.argv[2]]
    wanted()
    try:
        mapping.check(part, "maps")
    except mapping.ChangedFile as error:
        print(error)
"""


@pytest.mark.parametrize("how", ["read", "product", "written"])
def test_a_file_cut_off_while_it_is_mapped_is_told(tmp_path, how):
    done = python(CUT, tmp_path / "maps.npy", how)
    assert done.returncode == 0 or "Bad address" in done.stderr  # the system's own answer
    assert done.returncode != 0 or SAID in done.stdout


def test_a_loop_compiled_for_several_threads_goes_on_where_the_file_ends(tmp_path):
    code = """
        import os, sys
        from numba import njit, prange
        from seam_core import disk, mapping
        @njit(nogil=True, parallel=True)
        def total(values):
            found = 0.0
            for row in prange(len(values)):
                for value in values[row]:
                    found += value
            return found
        disk.new_mapped(sys.argv[1], (2000, 1000))[:] = 1
        maps = mapping.mapped(sys.argv[1])
        before = total(maps)
        os.truncate(sys.argv[1], 4_000_000)
        print(before, 0 < total(maps) < before, len(mapping.lost()))
    """
    assert python(code, tmp_path / "maps.npy").stdout.split() == ["2000000.0", "True", "1"]


def test_a_fault_elsewhere_is_still_the_end(tmp_path):
    code = """
        import mmap, os, sys
        from seam_core import disk
        kept = disk.new_mapped(sys.argv[1], (2000, 1000))
        file = open(sys.argv[1] + ".other", "wb+")
        file.truncate(1 << 20)
        other = mmap.mmap(file.fileno(), 0)
        file.truncate(1)
        other[1 << 19]
    """
    assert python(code, tmp_path / "maps.npy").returncode < 0


def test_a_file_that_was_rewritten_in_place_is_told_and_one_replaced_is_not(tmp_path):
    path = tmp_path / "maps.npy"
    disk.new_mapped(path, (2000, 250, 4))[:] = 1
    maps = mapping.mapped(path)
    mapping.check(maps, "maps")
    np.save(tmp_path / "new.npy", np.zeros((2, 2)))
    os.replace(tmp_path / "new.npy", path)
    mapping.check(maps, "maps")
    assert maps.min() == 1
    again = mapping.guarded(np.memmap(path, mode="r"))
    os.utime(path, ns=(1, 1))
    with pytest.raises(mapping.ChangedFile, match="changed on the disk"):
        mapping.check(again[3:], "maps")


def test_a_file_lost_before_is_not_held_against_later_work(tmp_path):
    path = tmp_path / "maps.npy"
    disk.new_mapped(path, (2000, 250, 4))[:] = 1
    maps = mapping.mapped(path)

    def cut():
        os.truncate(path, 5000)
        maps.sum()

    with pytest.raises(mapping.ChangedFile), mapping.watched():
        cut()
    with mapping.watched():
        pass
    with pytest.raises(KeyError), mapping.watched():
        raise KeyError


def test_places_of_maps_are_given_back(tmp_path):
    path = tmp_path / "maps.npy"
    disk.new_mapped(path, (2000, 250, 4))[:] = 1
    for _ in range(1200):
        assert mapping._known[mapping.mapped(path)._mmap].slot >= 0


def test_arrays_in_use_rest_on_a_copy_and_the_file_may_be_cut_off(tmp_path):
    path, copy = tmp_path / "maps.npy", tmp_path / "copy.npy"
    disk.new_mapped(path, (2000, 250, 4))[:] = np.arange(2000)[:, None, None]
    maps = mapping.mapped(path)
    part = maps[1000:]
    before = np.array(part)
    disk.copy_file(path, copy)
    assert mapping.can_rest(part)
    mapping.rest_on(part, copy, "maps")
    os.truncate(path, 5000)
    assert np.array_equal(part, before)
    assert mapping.path_of(maps) == copy
    mapping.check(part, "maps")
    os.truncate(copy, 1_000_000)
    assert part[-1].max() == 0
    with pytest.raises(mapping.ChangedFile, match=r"copy\.npy"):
        mapping.check(maps, "maps")


def test_no_array_rests_on_a_copy_of_a_file_that_changed(tmp_path):
    path, copy = tmp_path / "maps.npy", tmp_path / "copy.npy"
    disk.new_mapped(path, (2000, 250, 4))[:] = 1
    maps = mapping.mapped(path)
    with open(path, "r+b") as file:
        file.seek(-4, 2)
        file.write(bytes(4))
    os.utime(path, ns=(1, 1))  # within a tick of the clock the time may be the same
    disk.copy_file(path, copy)
    with pytest.raises(mapping.ChangedFile, match=r"maps\.npy"):
        mapping.rest_on(maps, copy, "maps")
    assert mapping.path_of(maps) == path


def test_arrays_in_memory_and_those_being_written_rest_on_no_copy(tmp_path):
    written = disk.new_mapped(tmp_path / "maps.npy", (2000, 250, 4))
    assert not mapping.can_rest(written)
    assert not mapping.can_rest(np.zeros(5))
    with pytest.raises(ValueError, match="cannot be moved"):
        mapping.rest_on(written, tmp_path / "maps.npy", "maps")


# --- commands ------------------------------------------------------------------------------------

UNDER_A_COMMAND = """
    import os, sys
    from seam_core.meta_explainer import MetaExplainer
    from seam_core.cli.main import main
    file = sys.argv[1]
    def cut_first(owner, name):
        real = getattr(owner, name)
        def late(*given, **options):
            os.truncate(file, 1_000_000)
            return real(*given, **options)
        setattr(owner, name, late)
    cut_first(MetaExplainer, "run")
    sys.exit(main(sys.argv[2:]))
"""


def test_maps_cut_off_under_a_running_command(session, tmp_path):
    where = ["--session", session, "--stages", "meta_explainer,identifier", "--quiet"]
    out = tmp_path / "out"
    done = python(UNDER_A_COMMAND, session / "maps.maps.npy", "run", *where, "--out", out)
    assert done.returncode == 2, done.stderr
    assert SAID in done.stderr
    assert "Traceback" not in done.stderr
    assert not out.exists()


def test_maps_cut_off_while_they_are_saved_leave_the_other_session(session, tmp_path):
    code = """
        import os, sys
        from seam_core import store
        session = store.load(sys.argv[1])
        os.truncate(sys.argv[1] + "/maps.maps.npy", 1_000_000)
        try:
            store.save(session, sys.argv[2])
        except store.ChangedFile as error:
            print(error)
    """
    store.save(make_session(n=100, length=40, clusters=4), tmp_path / "t")
    assert SAID in python(code, session, tmp_path / "t").stdout
    assert len(store.load(tmp_path / "t").library) == 100


def test_maps_being_written_are_cut_off(tmp_path):
    code = """
        import os, sys
        import numpy as np
        from pathlib import Path
        from seam_core.attributer.journal import MapsOnDisk
        from seam_core.validate import InputError
        maps = MapsOnDisk(Path(sys.argv[1]), (4000, 250, 4), "ab")
        maps.begin()
        rows = np.ones((1000, 250, 4), np.float32)
        maps.write(rows, np.ones(1000), None)
        os.truncate(sys.argv[1], 100_000)
        try:
            maps.write(rows, np.ones(1000), None)
        except InputError as error:
            print(maps.finished, error)
    """
    done = python(code, tmp_path / "maps.npy")
    assert done.stdout.startswith("1000 ")
    assert SAID in done.stdout
