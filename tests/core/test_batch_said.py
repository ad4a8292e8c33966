"""What the command of a batch answers: its exit status, and who else is at its folder."""

# ruff: noqa: F811  (fixtures of another file)

from __future__ import annotations

import pytest

from seam_core.batch import run as run_module
from seam_core.cli import main
from tests.core.batches import command, config  # noqa: F401  (a fixture)
from tests.core.processes import python

HOLD = """
    import sys
    from seam_core import store
    claim = store.claim(sys.argv[1], "a batch")
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def one_fails(monkeypatch):
    """No cluster: every locus ends at once, the second with an error."""

    def until_done(todo, take, tick, cluster):
        for job in list(todo.values()):
            error = "too short" if job.locus.name == "locus_1" else ""
            times = {"at": 0.0, "seconds": 1.0, "attribution_s": 0.5}
            result = {"name": job.locus.name, "error": error, "worker": "here", **times}
            take(iter([(job, result)]))

    monkeypatch.setattr(run_module, "until_done", until_done)


def test_one_locus_that_failed_is_a_failure_where_the_user_says_so(
    config, tmp_path, one_fails, capsys
):
    given = command(tmp_path, config, tmp_path / "out")
    assert main(given) == 0
    assert main([*given, "--fail-on=any"]) == 2
    said = capsys.readouterr()
    assert said.out.count("5 of 6 loci done; 1 failed\nlocus_1: too short") == 2
    assert "1 that failed; expected none (--fail-on any)" in said.err


def test_a_second_command_on_a_folder_is_told_who_is_at_it(config, tmp_path, one_fails, capsys):
    given = command(tmp_path, config, tmp_path / "out")
    holder = python(HOLD, tmp_path / "out")
    try:
        assert holder.stdout.readline() == "held\n"
        assert main(given) == 2
        assert f"in use by a batch (process {holder.pid} on " in capsys.readouterr().err
        assert not (tmp_path / "out").exists()
    finally:
        holder.kill()
        holder.communicate()
    assert main(given) == 0
