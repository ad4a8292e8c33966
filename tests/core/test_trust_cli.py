"""Code that a file names needs the user's yes; what the user names on the command line has it."""

from __future__ import annotations

import pytest

from seam_core import trust
from seam_core.cli import main

CODE = """
from pathlib import Path

Path(__file__).with_name("was_here").write_text("")


def f(x):
    return x[:, :, 0].sum(axis=1)
"""


@pytest.fixture
def lab(tmp_path, monkeypatch):
    monkeypatch.setenv("SEAM_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(trust, "_now", set())
    (tmp_path / "lab.py").write_text(CODE)
    (tmp_path / "given.toml").write_text(f'[oracle]\nmodel = "{tmp_path / "lab.py"}:f"\n')
    return tmp_path


def check(lab, *given):
    return main(["check", "--length", "20", *given])


def test_code_of_a_configuration_asks_first(lab, capsys):
    configured = ["--config", str(lab / "given.toml")]
    assert check(lab, *configured) == 2
    said = capsys.readouterr().err
    assert "which you have not agreed to yet" in said
    assert "--trust-model" in said
    assert not (lab / "was_here").exists()
    assert check(lab, *configured, "--trust-model") == 0
    assert (lab / "was_here").exists()
    trust._now.clear()  # another process remembers it
    assert check(lab, *configured) == 0


def test_what_the_user_names_is_agreed_to(lab, capsys):
    assert check(lab, "--model", f"{lab / 'lab.py'}:f") == 0
    assert check(lab, "--config", str(lab / "given.toml")) == 0
