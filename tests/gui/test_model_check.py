"""The check of a model, as a user reads it in the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt5.QtCore import QPoint
from PyQt5.QtWidgets import QLabel, QPlainTextEdit, QScrollArea

from seam_core.cli import main
from seam_core.registry import ATTRIBUTIONS
from seam_gui.look.words import in_words
from tests.gui.reading import facts
from tests.gui.responsiveness import Turns, Watch

COUNTS = """
import threading

asked = []

def count(x):
    asked.append(len(x))
    return x[:, :, 0].sum(axis=1)

def stuck(x):
    if len(asked) > 2:
        threading.Event().wait()
    return count(x)
"""


def choose(window, model: str) -> None:
    window.door.answers["confirm"] = True  # its code may run
    field = window.find("oracle_model")
    field.set_value(model)
    field.edited.emit()
    window.find("reference_text", QPlainTextEdit).setPlainText("ACGTT" * 12)


def read(window) -> dict[str, str]:
    return facts(window.find("oracle_found_table"))


def said(window) -> str:
    return window.find("oracle_found", QLabel).text()


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    path = tmp_path / "counts.py"
    path.write_text(COUNTS)
    return path


def test_the_window_shows_the_table_of_the_command(window, toy_model, capsys):
    model = str(toy_model / "toy.keras")
    choose(window, model)
    window.click("oracle_check")
    window.settle()
    assert said(window) == "The model loads."
    shown = read(window)
    assert shown["input"] == "60 positions x 4 letters"
    assert "; " in shown["saliency"]
    assert main(["check", "--model", model, "--sequence", "ACGTT" * 12]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == list(shown)
    told = dict(line.split(":", 1) for line in lines)
    for what in ("family", "input", "memory", "predictions", "other strand"):
        assert in_words(told[what].strip()) == shown[what]  # options by the fields' names
    for method in ATTRIBUTIONS.names():  # what a map takes in memory is told by each
        if method in shown:
            assert " at once" in shown[method]
    # it begins where the panel's sight begins, and is not cut at its side
    table = window.find("oracle_found")
    panel = table.parentWidget()
    while not isinstance(panel, QScrollArea):
        panel = panel.parentWidget()
    assert 0 <= table.mapTo(panel.viewport(), QPoint()).y() < panel.viewport().height()
    for each in window.find("oracle_found_table").findChildren(QLabel):
        assert each.mapTo(panel, QPoint(each.width(), 0)).x() <= panel.viewport().width()
        assert each.height() >= each.heightForWidth(each.width())


def test_rows_come_one_by_one_and_the_check_can_be_stopped(window, counts):
    choose(window, f"{counts}:stuck")
    with Turns() as turns:
        window.click("oracle_check")
        window.qtbot.waitUntil(lambda: "predictions" in read(window))
        assert "saliency" not in read(window)
        window.click("job_cancel")
        window.settle()
    assert max(turns.seconds) < Watch.LONGEST_TURN_S
    assert said(window) == "The check was stopped."
    assert "predictions" in read(window)


def test_an_answer_about_other_settings_is_not_shown(window, counts):
    choose(window, f"{counts}:stuck")
    window.click("oracle_check")
    window.qtbot.waitUntil(lambda: "predictions" in read(window))
    choose(window, f"{counts}:count")
    assert not window.find("oracle_found", QLabel).isVisible()
    window.click("oracle_check")  # in place of the other
    window.settle()
    assert said(window) == "The model loads."
    assert read(window)["saliency"] == "needs a gradient"


def test_what_is_lacking_is_told_by_the_fields_of_the_form(window, tmp_path):
    torch = pytest.importorskip("torch")
    weights = tmp_path / "weights.pt"
    torch.save(torch.nn.Linear(4, 1).state_dict(), weights)
    choose(window, str(weights))
    window.click("oracle_check")
    window.settle()
    assert "“Model” networks.py:MyNet “Weights” weights.pt" in said(window)
    assert "--" not in said(window)
