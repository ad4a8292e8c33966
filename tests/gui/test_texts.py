"""Every text of the window, in several states, is written for a person."""

from __future__ import annotations

import pytest

from seam_core import store
from seam_gui.commands import TABS
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
    for name in ("library_empty", "attribution_empty", "cluster_empty", "table_empty"):
        if window.window.findChildren(type(window.window.centralWidget()), f"{name}_title"):
            assert window.find(f"{name}_title").text() == "The analysis is under way", name
    job.finish(None)
    window.settle()
    assert explore.scatter.view._empty_text.startswith("Open a demo")
    assert window.find("library_empty_title").text().startswith("Open a demo")
