"""Code that a model names is run after the user's yes only."""

from __future__ import annotations

from dataclasses import replace

from PyQt5.QtWidgets import QLabel

# says in a file beside it that it was run
ORACLE = """
from pathlib import Path

Path(__file__).with_name("ran").touch()


def score(one_hot):
    return one_hot[:, 0, 0]
"""


def test_code_is_run_after_a_yes_and_asked_about_once(window, tmp_path):
    (tmp_path / "named.py").write_text(ORACLE)
    ran = tmp_path / "ran"
    config = window.state.config
    oracle = config.oracle.replace(model=f"{tmp_path / 'named.py'}:score")
    attributer = config.attributer.replace(method="ism")
    window.state.set_config(
        replace(config, oracle=oracle, attributer=attributer, sequence="ACGTTGCA")
    )
    window.show_tab("Attribution")
    found = window.find("attribution_found", QLabel)

    window.click("attribution_check")  # answered with no
    window.settle()
    assert window.door.asked == ["confirm"]
    assert not ran.exists()
    assert "The model loads" not in found.text()

    window.door.answers["confirm"] = True
    for _ in range(2):
        window.click("attribution_check")
        window.settle()
        assert ran.exists()
        assert "The model loads" in found.text()
    assert window.door.asked == ["confirm", "confirm"]
