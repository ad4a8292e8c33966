"""Writers and readers of one session: one writes at a time, and readers see the old or the new."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest

from seam_core import locks, store
from seam_core.cli.main import main
from tests.core.processes import python
from tests.factories import make_session


@pytest.fixture(scope="module")
def made():
    return make_session(n=300, length=60, clusters=4, n_sites=2)


HOLD = """
    import sys
    from seam_core import store
    claim = store.claim(sys.argv[1], "a long run")
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder():
    """Starts processes that hold a target until they are told to end."""
    begun = []

    def hold(target: Path) -> subprocess.Popen:
        process = python(HOLD, target)
        begun.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield hold
    for process in begun:
        process.kill()
        process.communicate()


# --- one writer a target -------------------------------------------------------------------------


def test_the_second_run_says_who_holds_the_folder(tmp_path, holder, toy_run, capsys):
    process = holder(tmp_path / "out")
    assert main([*toy_run, "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert f"in use by a long run (process {process.pid} on " in said
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / ".out.unfinished").exists()


@pytest.fixture
def toy_run():
    from seam_core.demos import toy_config

    config = toy_config()
    letters = ["--sequence", config.sequence, "--model", config.oracle.model, "--quiet"]
    return ["run", *letters, "--n-sequences", "60", "--method", "saliency", "--stages"] + [
        "mutagenizer,attributer"
    ]


def test_a_killed_process_holds_nothing(tmp_path, holder, made):
    process = holder(tmp_path / "s")
    assert not locks.free(tmp_path / "s")
    process.kill()
    process.wait()
    assert (tmp_path / ".s.lock").exists()
    store.save(made, tmp_path / "s")
    assert [entry.name for entry in tmp_path.iterdir()] == ["s"]


def test_a_process_may_claim_what_it_holds(tmp_path, made):
    with store.claim(tmp_path / "s"), store.claim(tmp_path / "x" / ".." / "s"):
        store.save(made, tmp_path / "s")
        assert (tmp_path / ".s.lock").exists()
    assert [entry.name for entry in tmp_path.iterdir()] == ["s"]


def test_a_claim_leaves_no_folders_that_it_made(tmp_path):
    store.claim(tmp_path / "a" / "b" / "s").release()
    assert list(tmp_path.iterdir()) == []


def test_a_child_does_not_keep_the_lock_of_its_parent(tmp_path, made):
    code = """
        import os, sys
        from seam_core import store
        claim = store.claim(sys.argv[1], "parent")
        if os.fork():
            os._exit(0)
        print("child", flush=True)
        sys.stdin.read()
    """
    child = python(code, tmp_path / "s")
    try:
        assert child.stdout.readline() == "child\n"
        child.wait()
        store.claim(tmp_path / "s", wait_s=5.0).release()
    finally:
        child.communicate()


def test_without_locks_of_the_file_system_a_file_made_in_one_step_is_one(
    tmp_path, monkeypatch, made
):
    monkeypatch.setattr(locks, "_lock", lambda fd: None)
    target, pid = tmp_path / "s", tmp_path / ".s.pid"
    with store.claim(target, "a run"):
        assert json.loads(pid.read_text())["pid"] == os.getpid()
    assert list(tmp_path.iterdir()) == []

    def left(**changes) -> None:
        values = {"host": locks.socket.gethostname(), "since": "2026-01-01 10:00", "what": "seam"}
        pid.write_text(json.dumps({**values, "pid": os.getpid(), "started": 0.0, **changes}))

    left()  # of a process whose number this one has now
    store.save(made, target)
    assert not pid.exists()
    left(host="elsewhere", pid=7)
    with pytest.raises(store.Busy, match=r"seam \(process 7 on elsewhere, since 2026-01-01 10:00"):
        store.claim(target)
    assert pid.exists()


# --- a reader sees the old or the new ------------------------------------------------------------

WRITE = """
    import sys
    from seam_core import store
    from seam_core.store import swap
    source, target, times, steps = sys.argv[1:]
    if steps == "two":
        swap.exchange = lambda *_: False
    session = store.load(source)
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(int(times)):
        store.save(session, target)
    print("done", flush=True)
"""


def writing(source: Path, target: Path, times: int, steps: str = "one") -> subprocess.Popen:
    """A process that is ready to save one session again and again."""
    process = python(WRITE, source, target, times, steps)
    assert process.stdout.readline() == "ready\n"
    return process


def begin(process: subprocess.Popen) -> None:
    process.stdin.write("\n")
    process.stdin.flush()


@pytest.mark.parametrize("steps", ["one", "two"])
def test_reading_during_saves_gives_one_whole_session_and_undoes_nothing(tmp_path, steps):
    """`two`: as where a system cannot let two folders change places in one step."""
    folder = tmp_path / "place"
    made = {str(seed): make_session(n=200, length=40, clusters=4, seed=seed) for seed in (1, 2)}
    for name, session in made.items():
        store.save(dataclasses.replace(session, name=name), tmp_path / name)
    store.save(dataclasses.replace(made["1"], name="1"), folder / "s")
    writers = [writing(tmp_path / name, folder / "s", 15, steps) for name in made]
    for writer in writers:
        begin(writer)
    reads = 0
    while any(writer.poll() is None for writer in writers):
        found = store.load(folder / "s")
        np.testing.assert_array_equal(found.maps.maps, made[found.name].maps.maps)
        np.testing.assert_array_equal(found.library.sequences, made[found.name].library.sequences)
        reads += 1
    assert all(writer.communicate()[0].endswith("done\n") for writer in writers)
    assert reads > 0
    assert [entry.name for entry in folder.iterdir()] == ["s"]


def test_reading_mends_nothing_while_a_writer_lives(tmp_path, made, holder):
    store.save(made, tmp_path / "s")
    process = holder(tmp_path / "s")
    (tmp_path / "s").rename(tmp_path / ".s.previous")  # half a swap of that process
    assert store.load(tmp_path / "s").name == made.name
    assert not (tmp_path / "s").exists()
    process.kill()
    process.wait()
    assert store.load(tmp_path / "s").name == made.name
    assert [entry.name for entry in tmp_path.iterdir()] == ["s"]


@pytest.mark.parametrize("reads", [0, 3])
def test_a_save_that_is_killed_leaves_a_session_and_no_rubbish(tmp_path, made, reads):
    store.save(made, tmp_path / "source")
    target = tmp_path / "place" / "s"
    store.save(made, target)
    writer = writing(tmp_path / "source", target, 10_000)
    begin(writer)
    for _ in range(reads):
        store.load(target)
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    assert len(store.load(target).library) == 300
    assert [entry.name for entry in target.parent.iterdir()] == ["s"]
