"""Every text of the window, in several states, is written for a person."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt5.QtCore import QEvent, QTimer
from PyQt5.QtWidgets import QApplication, QInputDialog, QLabel, QListWidget

from seam_core import store
from seam_core.selection import Clusters
from seam_gui.commands import TABS
from seam_gui.dialogs import Dialogs
from seam_gui.look.theme import theme
from seam_gui.work.found import found_in
from tests.factories import make_session
from tests.gui.reading import IDENTIFIER, NUCLEOTIDES, PYTHON, cut_texts, texts

PROTEIN = "ACDEFGHIKLMNPQRSTVWY"
# names that files give their content, or the user a session
OF_FILES = ("arr_0", "made_up", "eve_hk", "intron_landscape")


def complaints(window, root, *, protein=False):
    found = []
    for text, names in texts(root).items():
        named = [word for word in IDENTIFIER.findall(text) if word not in OF_FILES]
        if named and not any(word in text for word in OF_FILES):
            found.append(f"{sorted(names)} says {text!r}: {named}")
        demo = any(name.startswith("action_demo") for name in names)  # they are of DNA
        if protein and NUCLEOTIDES.search(text) and not demo:
            found.append(f"{sorted(names)} says {text!r} of a protein")
        if PYTHON.search(text) and text != "None":
            found.append(f"{sorted(names)} says {text!r}")
    found += cut_texts(root)
    width = root.minimumSizeHint().width()
    if width > 1366:
        found.append(f"{root.objectName()} is at least {width} pixels wide")
    return found


@pytest.fixture(params=["empty", "dna", "protein"])
def state(request, window, tmp_path):
    window.window.resize(1366, 768)
    if request.param == "dna":
        store.save(make_session(300, 60, 8, seed=3), tmp_path / "made_up")
        window.open(tmp_path / "made_up")
    if request.param == "protein":
        store.save(make_session(300, 60, 8, seed=3, alphabet=PROTEIN), tmp_path / "made_up")
        window.open(tmp_path / "made_up")
    window.settle()
    return window, request.param


def test_tabs(state):
    window, what = state
    found = []
    for title in TABS:
        window.show_tab(title)
        window.settle()
        found += [f"{title}: {line}" for line in complaints(window, window.window,
                  protein=what == "protein")]  # fmt: skip
    if what != "empty":
        pages = window.tab("Identify").results.pages
        for page in range(pages.count()):
            pages.setCurrentIndex(page)
            window.settle()
            name = pages.tabText(page)
            found += [f"{name}: {line}" for line in complaints(window, window.window,
                      protein=what == "protein")]  # fmt: skip
    assert not found, "\n".join(sorted(set(found)))


@pytest.mark.parametrize(
    ("command", "dialog"), [("import", "import_dialog"), ("recipe", "recipe_dialog")]
)
def test_dialogs(window, command, dialog):
    window.trigger(command)
    window.settle()
    root = window.find(dialog)
    found = complaints(window, root)
    assert not found, "\n".join(found)
    title = root.fontMetrics().horizontalAdvance(root.windowTitle())
    assert root.width() > title
    root.reject()


def test_nobody_says_open_a_demo_while_a_run_is_under_way(window, session_folder):
    window.show_tab("Explore")
    window.settle()
    explore = window.tab("Explore")
    assert explore.scatter.view._empty_text.startswith("Open a demo")
    job = window.jobs.register("run", "Analysis", done=lambda _: None)
    assert explore.scatter.view._empty_text.startswith("The analysis is under way")
    assert explore.logos.attribution._empty.startswith("The analysis is under way")
    assert explore.msm.view._empty.startswith("The analysis is under way")
    pages = {"Library": "library", "Table": "table", "Attribution": "attribution",
             "Clusters": "cluster", "Identify": "identify"}  # fmt: skip
    for tab, name in pages.items():
        window.show_tab(tab)  # most are made only now
        assert window.find(f"{name}_empty_title").text() == "The analysis is under way", name
        empty = window.find(f"{name}_empty")
        said = [each.text() for each in empty.findChildren(QLabel) if each.isVisible()]
        assert len(said) == 2, said  # nothing to begin with, and nothing that is lacking
    job.finish(None)
    window.settle()
    assert explore.scatter.view._empty_text.startswith("Open a demo")
    assert window.find("library_empty_title").text().startswith("Open a demo")


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_lists_show_what_is_selected(explore, mode):
    theme().set_mode(mode)
    explore.tab("Explore").select(Clusters((2,)))
    explore.trigger("keep")
    for command in ("help", "palette", "recipe", "compare_kept"):
        explore.trigger(command)
        explore.settle()
        window = QApplication.activeWindow() or explore.window
        found = [
            w for w in QApplication.allWidgets() if isinstance(w, QListWidget) and w.isVisible()
        ]
        assert len(found) == 1, command
        for focus in (True, False):
            (found[0] if focus else window).setFocus()
            assert_selection_is_seen(found[0], command)
        found[0].window().close()
        QApplication.sendPostedEvents(None, QEvent.DeferredDelete)


def assert_selection_is_seen(widget, what):
    row = widget.currentRow()
    assert row >= 0, what
    picture = widget.viewport().grab().toImage()
    for other in range(widget.count()):
        place = widget.visualItemRect(widget.item(other))
        if widget.viewport().rect().contains(place):
            colour = picture.pixelColor(place.right() - 4, place.top() + 3)
            assert (colour == theme().color("selection")) == (other == row), (what, other)


@pytest.mark.parametrize("title", ["Save as recipe", "A title that is longer than what is asked"])
def test_a_question_is_wide_enough_for_its_title(qtbot, title):
    seen = []

    def look():
        (box,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, QInputDialog)]
        seen.append((box.width(), box.fontMetrics().horizontalAdvance(box.windowTitle())))
        box.reject()

    QTimer.singleShot(0, look)
    assert Dialogs().ask_text(None, title, "Name", "x") is None
    ((width, words),) = seen
    assert width >= max(words + 100, 320)  # the window's own buttons stand beside it


def test_windows_are_wide_enough_for_their_titles(explore):
    for command in ("import", "recipe", "new_batch", "open_variants", "design", "help", "palette",
                    "edit_shortcuts", "problem", "about", "export_picture"):  # fmt: skip
        before = set(QApplication.topLevelWidgets())
        explore.trigger(command)
        explore.settle()
        shown = [w for w in QApplication.topLevelWidgets()
                 if w not in before and w.isVisible() and w.windowTitle()]  # fmt: skip
        assert shown or command == "palette", command
        for each in shown:
            words = each.fontMetrics().horizontalAdvance(each.windowTitle())
            assert each.width() >= words + 100, (command, each.windowTitle())
            each.close()


def test_a_run_says_what_it_found():
    session = make_session(300, 60, 8, seed=3)
    names = [site.name for site in session.sites.sites]
    said = found_in("Analysis", session)
    assert said.startswith("Analysis: 300 sequences, 300 attribution maps, 8 clusters, ")
    assert said.endswith(f"{len(names)} sites ({', '.join(names)})")
    none = replace(session, sites=replace(session.sites, sites=()))
    assert found_in("Sites", none, {"sites"}) == "Sites: no sites found"
    assert found_in("Test", session, {"experiments"}) == "Test: done"
