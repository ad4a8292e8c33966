"""The log file, and what a user is told of an error that nothing was prepared for."""

import logging

import pytest

from seam_core import diagnostics
from seam_core.cli import commands, main


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    yield tmp_path
    for name in ("seam_core", "seam_gui"):
        logger = logging.getLogger(name)
        logger.propagate = True
        for handler in list(logger.handlers):
            logger.removeHandler(handler)
            handler.close()


@pytest.fixture
def fault(monkeypatch):
    def fail(options):
        raise ZeroDivisionError("nobody thought of this")

    monkeypatch.setattr(commands, "recipes", fail)


def test_an_unforeseen_error_is_one_line_and_the_rest_is_in_the_log(fault, capsys, state):
    assert main(["recipes"]) == 1
    said = capsys.readouterr().err
    assert "ZeroDivisionError: nobody thought of this" in said
    assert str(state) in said
    assert "Traceback" not in said
    logged = diagnostics.log_file().read_text()
    assert "Traceback" in logged
    assert "versions: python" in logged
    assert "numpy" in logged
    assert "seam recipes" in logged


def test_verbose_says_all_of_it(fault, capsys):
    assert main(["recipes", "--verbose"]) == 1
    assert "Traceback" in capsys.readouterr().err
    assert main(["--verbose", "recipes"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_log_that_cannot_be_written_stops_nothing(monkeypatch, tmp_path, capsys):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    monkeypatch.setenv("XDG_STATE_HOME", str(blocked))
    assert main(["recipes"]) == 0


def test_the_file_is_rotated_and_actions_are_few(monkeypatch, state):
    monkeypatch.setattr(diagnostics, "_BYTES", 2000)
    diagnostics.start()
    for number in range(200):
        diagnostics.did(f"action {number}")
    files = sorted(diagnostics.log_file().parent.iterdir())
    assert 2 <= len(files) <= 4
    assert all(file.stat().st_size <= 2000 for file in files)
    report = diagnostics.problem_report()
    assert "action 199" in report
    assert "action 100\n" not in report


def test_the_report_begins_with_a_whole_line_of_the_log(monkeypatch, state):
    monkeypatch.setattr(diagnostics, "_TAIL", 100)
    diagnostics.start()
    for number in range(20):
        diagnostics.did(f"action {number} of those that are written")
    file = diagnostics.log_file()
    text = diagnostics.problem_report().partition(f"{file}\n")[2]
    assert file.read_text().splitlines()[-len(text.splitlines()) :] == text.splitlines()
    assert len(text) <= 100
