"""Starting: what is on the screen, what is not imported, the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PyQt5.QtWidgets import QLabel, QTabWidget

from seam_core import store
from seam_gui.__main__ import parse
from seam_gui.shell import start
from seam_gui.state.settings import Settings
from tests.waiting import LIMIT_S


def run_python(*arguments, **kwargs):
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=LIMIT_S, **kwargs
    )


def test_a_tab_for_each_stage(window):
    tabs = window.find("tabs", QTabWidget)
    assert [tabs.tabText(i) for i in range(tabs.count())] == [
        "Library",
        "Table",
        "Attribution",
        "Clusters",
        "Explore",
        "Identify",
    ]


def test_an_empty_window_says_what_to_do_next(window):
    title = window.find("library_empty_title", QLabel)
    assert title.isVisible()
    assert title.text() == "Open a demo, drop files here, or start a new analysis"


def test_the_window_waits_for_no_slow_package():
    slow = ["tensorflow", "keras", "umap", "torch", "sklearn", "pandas", "matplotlib", "squid"]
    code = f"import sys, seam_gui.shell.main_window; print([m for m in {slow} if m in sys.modules])"
    done = run_python("-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_the_command_line_is_read_before_anything_is_imported():
    """`--help`, and processes that are made from this one, wait for neither Qt nor NumPy."""
    asked = "import sys, seam_gui.__main__; print({'numpy', 'PyQt5'} & set(sys.modules))"
    done = run_python("-c", asked)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "set()"


def test_screenshot_of_a_session_and_quit(tmp_path, session_folder):
    picture = tmp_path / "window.png"
    done = run_python("-m", "seam_gui", str(session_folder), "--screenshot", str(picture), "--quit")
    assert done.returncode == 0, done.stderr
    from PyQt5.QtGui import QImage

    image = QImage(str(picture))
    assert image.width() >= 1280
    assert image.height() >= 720


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--demo", "nonsense"], "demo"),
        (["/no/such/folder"], "manifest.json"),
    ],
)
def test_what_cannot_be_opened_is_told_and_the_exit_code_says_so(arguments, expected):
    done = run_python("-m", "seam_gui", *arguments, "--quit")
    assert done.returncode == 1
    assert expected in done.stderr


def test_a_size_that_is_none_is_one_message(capsys):
    with pytest.raises(SystemExit) as caught:
        parse(["--size", "large"])
    assert caught.value.code == 2
    assert "got large; expected pixels, as 1280x800" in capsys.readouterr().err
    assert parse(["--size", "1280X800"]).size == (1280, 800)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--tab", "nonsense"], "library, table, attribution, clusters, explore, identify)"),
        (["--screenshot", "picture"], "got picture; expected a name that ends in .png"),
        (["--screenshot", "nowhere/picture.png"], "in a folder that is there"),
    ],
)
def test_what_cannot_be_shown_or_kept_is_told_before_the_window_opens(words, said, capsys):
    with pytest.raises(SystemExit) as caught:
        parse(words)
    assert caught.value.code == 2
    # Python 3.13.2 and later write the choices without marks
    assert said in capsys.readouterr().err.replace("'", "")
    assert parse(["--tab", "Clusters"]).tab == "clusters"


def test_a_demonstration_needs_no_name():
    assert parse(["--demo"]).demo == "eve_hk"
    assert parse(["--demo", "intron_landscape", "--quit"]).demo == "intron_landscape"


def test_the_process_ends_at_once_and_tells_who_waits_for_its_end():
    code = """
import atexit, sys
atexit.register(print, "told")
sys.argv = ["seam-gui", "--quit"]
from seam_gui.__main__ import main
main()
print("taken apart by Python")
"""
    done = run_python("-c", code)
    assert (done.returncode, done.stdout) == (0, "told\n"), done.stderr


def test_the_end_of_the_process_leaves_qt_as_it_is():
    code = """
import sys
sys.argv = ["seam-gui", "--quit"]
from seam_gui.__main__ import main
from PyQt5.QtCore import QTimer
kept = QTimer()
kept.destroyed.connect(lambda: print("taken apart by PyQt"))
main()
"""
    done = run_python("-c", code)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_a_folder_that_another_window_holds_is_shown_where_nobody_answers(session_folder, tmp_path):
    picture = tmp_path / "shown.png"
    with store.claim(session_folder, "seam-gui"):
        done = run_python(
            "-m", "seam_gui", str(session_folder), "--screenshot", str(picture), "--quit"
        )
    assert done.returncode == 0, done.stderr
    assert picture.is_file()


def test_what_all_tabs_need_is_imported_after_the_session_asked_for(
    window, session_folder, monkeypatch
):
    order = []
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # put back afterwards
    monkeypatch.setattr(start, "prepare_all", lambda progress: order.append("the rest"))
    monkeypatch.setattr(start.StartUp, "_go_on", lambda self: order.append("made soon"))
    window.services.state.session_changed.connect(lambda *_: order.append("the session"))
    start.StartUp(window.window, parse([str(session_folder)])).begin()
    window.qtbot.waitUntil(lambda: "made soon" in order)
    assert order == ["the session", "the rest", "made soon"]
    order.clear()
    start.StartUp(window.window, parse([])).begin()
    window.qtbot.waitUntil(lambda: order == ["the rest", "made soon"])


def test_opening_what_is_not_there_makes_nothing(window, tmp_path):
    window.files.open_path(tmp_path / "no" / "folder")
    window.settle()
    assert "manifest.json" in str(window.door.errors)
    assert list(tmp_path.glob("no*")) == []


def test_a_picture_that_cannot_be_written(session_folder, tmp_path):
    taken = tmp_path / "taken.png"
    taken.mkdir()
    done = run_python("-m", "seam_gui", str(session_folder), "--screenshot", str(taken), "--quit")
    assert done.returncode == 1
    assert "could not be written" in done.stderr


def test_the_command_line():
    options = parse(["folder", "--tab", "table", "--size", "2560x1440", "--quit"])
    assert (options.session, options.tab, options.size, options.quit) == (
        "folder",
        "table",
        (2560, 1440),
        True,
    )


def test_a_tab_is_the_same_whether_made_at_once_or_in_turns(window):
    made, told = [], []
    window.tabs.made.connect(made.append)
    window.tabs.make_soon("Explore", lambda: told.append("Explore"))
    window.tabs._make_next()  # begun, not finished
    assert made == []
    page = window.tab("Explore")  # somebody cannot wait
    window.qtbot.waitUntil(lambda: told == ["Explore"])
    assert made == ["Explore"]
    assert window.tab("Explore") is page
    window.tabs.make_others_soon()
    window.qtbot.waitUntil(lambda: len(made) == len(window.tab_names) - 1)
    assert len(set(made)) == len(made)


def test_pictures_are_exported_by_the_entries_of_the_tab_in_front(window, session_folder):
    window.open(session_folder)
    window.show_tab("Identify")

    def shown(menu):
        return [action.text() for action in window.menus[menu].actions() if action.isVisible()]

    assert "Export picture of sites…" in shown("File")
    assert "Export picture…" not in shown("File")
    assert "Fit the scatter" not in shown("View")
    window.show_tab("Explore")
    assert "Export picture of sites…" not in shown("File")
    assert "Export picture…" in shown("File")
    assert shown("File")[-1] == "Quit"
    assert "Fit the scatter" in shown("View")


KEYS = {
    "layout": ["library_splitter"],
    "session": ["recent", "last_folder"],
    "view": ["theme", "position_spacing"],
    "window": ["geometry"],
    "library": ["recipes"],
    "explore": ["labels"],
}


def test_damaged_settings_are_as_at_a_first_start(qtbot, tmp_path, monkeypatch, door):
    from seam_gui.shell.main_window import MainWindow

    for place, said in enumerate(("@Size(-5 -5)", "@Variant(\\0)", "²", "99999999999", "a, b")):
        path = tmp_path / f"{place}.ini"
        groups = (f"[{name}]\n" + "".join(f"{k}={said}\n" for k in KEYS[name]) for name in KEYS)
        path.write_text("\n".join(groups), encoding="utf-8")
        monkeypatch.setenv("SEAM_SETTINGS", str(path))
        settings = Settings()
        assert settings.theme_mode == "system"
        assert settings.position_spacing is None
        assert settings.geometry is settings.layout("library_splitter") is None
        assert all(isinstance(each, Path) for each in (*settings.recent, *settings.recipes))
    (tmp_path / "w.ini").write_text("[window]\ngeometry=x\n[layout]\nlibrary_splitter=x\n")
    monkeypatch.setenv("SEAM_SETTINGS", str(tmp_path / "w.ini"))
    window = MainWindow(Settings())
    qtbot.addWidget(window)
    window.files.leave()
