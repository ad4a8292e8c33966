"""Help > Report a problem: what nobody foresaw is in the log, and the user can copy it."""

import logging
from pathlib import Path

import pyqtgraph as pg
import pytest
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtGui import QTextDocument
from PyQt5.QtWidgets import QApplication, QLabel, QMessageBox, QPlainTextEdit, QToolTip

import seam_gui
from seam_core import diagnostics, registry
from seam_gui.__main__ import parse
from seam_gui.dialogs import Dialogs
from seam_gui.look.text import plain, show_tip
from seam_gui.shell.start import StartUp
from seam_gui.views.axes import name_axis
from seam_gui.work.jobs import Failure
from tests.gui.exploring import click_row

FOREIGN = "<b>strong</b>"


@pytest.fixture
def log(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "log"))
    diagnostics.start()
    yield diagnostics.log_file()
    for name in ("seam_core", "seam_gui"):
        logger = logging.getLogger(name)
        logger.propagate = True
        for handler in list(logger.handlers):
            logger.removeHandler(handler)
            handler.close()


def test_a_failed_job_is_in_the_report_that_is_copied(window, log):
    window.trigger("tab_table")

    def fail(progress):
        raise ZeroDivisionError("nobody thought of this")

    window.jobs.submit("fault", "Fault", fail)
    window.qtbot.waitUntil(lambda: bool(window.door.errors))
    title, said, details = window.door.errors[-1]
    assert title == "Fault did not finish"
    assert str(log) in said
    assert "ZeroDivisionError" in details
    assert "in fail" in log.read_text()
    window.trigger("problem")
    text = window.find("problem_text", QPlainTextEdit).toPlainText()
    assert "ZeroDivisionError: nobody thought of this" in text
    assert "numpy" in text
    last_actions = text.split("last actions:")[1]
    assert "Table" in last_actions
    window.click("problem_copy")
    assert QApplication.clipboard().text() == text
    window.click("problem_close")


def test_what_a_user_can_mend_is_not_written_as_unforeseen(window, log):
    window.notify.error("It did not open", Failure(FileNotFoundError(2, "gone", "there"), ""))
    assert "unforeseen" not in log.read_text()


def test_a_plugin_left_out_is_told_once_and_in_the_report(window, log, monkeypatch):
    monkeypatch.setattr(registry.EMBEDDINGS, "problems", ["plug-in broken is left out: no module"])
    said = []
    window.state.status_message.connect(said.append)
    StartUp(window.window, parse([])).tell_of_plugins()
    assert [text for text in said if "plug-in broken" in text] == said[-1:]
    window.trigger("problem")
    assert "plug-in broken is left out" in window.find("problem_text").toPlainText()
    window.click("problem_close")


@pytest.mark.parametrize("name", ["<b>bold</b>.fa", FOREIGN, "a<br>b", "A & B"])
def test_text_from_elsewhere_is_shown_as_it_is(qtbot, monkeypatch, name):
    shown = []

    def read(box):
        label = box.findChild(QLabel, "qt_msgbox_informativelabel")
        shown.append((box.informativeText(), label.textFormat()))

    monkeypatch.setattr(QMessageBox, "exec", read)
    Dialogs().message(None, "Title", name)
    ((text, _format),) = shown
    assert text == plain(name)
    assert _read(plain(name)) == name


@pytest.mark.parametrize("name", ["<img src='x.png'>", "a <b>b</b> & c", "plain"])
def test_names_at_the_mouse_and_of_axes_are_shown_as_they_are(qtbot, name):
    widget, axis = QLabel(), pg.AxisItem("bottom")
    qtbot.addWidget(widget)
    show_tip(widget, QPoint(5, 5), name)
    assert _read(QToolTip.text()) == _read(widget.toolTip()) == name
    QToolTip.hideText()
    name_axis(axis, name, "#000000")
    assert axis.label.toPlainText().strip() == name


def test_nothing_else_shows_tips_at_the_mouse_or_names_axes():
    package = Path(seam_gui.__file__).parent
    found = {
        (path.name, word)
        for path in package.rglob("*.py")
        for word in ("QToolTip.showText(", "xis.setLabel(")
        if word in path.read_text(encoding="utf-8")
    }
    assert found == {("text.py", "QToolTip.showText("), ("axes.py", "xis.setLabel(")}


def _read(text):
    """What a person reads of a text that Qt may take for HTML."""
    document = QTextDocument()
    document.setHtml(text) if Qt.mightBeRichText(text) else document.setPlainText(text)
    return document.toPlainText()


def test_no_label_of_the_window_reads_its_text_as_html(window):
    for name in window.tab_names:
        window.tab(name)
    labels = [label for label in window.window.findChildren(QLabel) if label.text()]
    assert [each.text() for each in labels if each.textFormat() != Qt.PlainText] == []


def test_a_cluster_label_is_shown_as_it_is(explore):
    explore.door.answers["ask_text"] = FOREIGN
    click_row(explore, explore.tab("Explore").scene.order[0])
    explore.trigger("cluster_label")
    explore.settle()
    title = explore.find("selection_title", QLabel)
    assert FOREIGN in title.text()
    assert title.textFormat() == Qt.PlainText
