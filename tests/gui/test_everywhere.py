"""What is everywhere: palette, keys, themes, names for screen readers, tour, welcome page."""

from __future__ import annotations

import pytest
from PyQt5.QtCore import QMimeData, Qt
from PyQt5.QtGui import QColor, QDrag, QKeySequence
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import (
    QAction,
    QApplication,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QTableWidget,
    QTextBrowser,
)

from seam_core.selection import Clusters
from seam_gui.look.palette import CONTRAST, DARK, LIGHT
from seam_gui.look.theme import theme
from seam_gui.shell.palette import every_found, matching
from seam_gui.shell.tour import STOPS
from seam_gui.state.settings import Settings
from seam_gui.widgets.accessible import controls_in
from tests.gui.exploring import tab


def keys_into(widget, text):
    QTest.keyClicks(widget, text)
    QApplication.processEvents()


def test_the_palette_finds_a_command_by_words_and_does_it(explore):
    explore.show_tab("Library")
    explore.trigger("palette")
    edit = explore.find("palette_edit", QLineEdit)
    keys_into(edit, "next cluster")
    listed = explore.find("palette_list", QListWidget)
    assert listed.item(0).text().startswith("Next cluster")
    assert "Ctrl+Down" in listed.item(0).text()
    QTest.keyClick(edit, Qt.Key_Return)
    explore.settle()
    assert tab(explore).isVisible(), "the command's tab is in front"
    assert explore.state.selection.clusters() == (int(tab(explore).scene.order[0]),)


def test_the_palette_steps_by_arrows_and_says_what_is_lacking(window):
    window.trigger("palette")
    edit = window.find("palette_edit", QLineEdit)
    keys_into(edit, "save")
    listed = window.find("palette_list", QListWidget)
    assert not listed.horizontalScrollBar().maximum(), "what does not fit is cut short"
    assert listed.item(0).toolTip().startswith("There is nothing to save yet")
    QTest.keyClick(edit, Qt.Key_Down)
    assert listed.currentRow() == 1
    window.find("command_palette").close()


def test_every_command_is_found_by_its_own_text():
    found = every_found()
    for each in found:
        first = matching(found, each.command.text)
        assert each in first[: max(3, len(first))]
        assert each.command.text in {one.command.text for one in first[:2]}


def test_keys_are_changed_remembered_and_reset(window, qtbot):
    window.trigger("edit_shortcuts")
    window.find("shortcuts_search", QLineEdit).setText("full screen")
    window.find("shortcuts_table", QTableWidget).selectRow(0)
    keys = window.find("shortcuts_keys", QKeySequenceEdit)
    keys.setKeySequence(QKeySequence("Ctrl+S"))
    window.click("shortcuts_set")
    assert "“Save”" in window.find("shortcuts_said", QLabel).text()
    keys.setKeySequence(QKeySequence("Ctrl+Alt+F"))
    window.click("shortcuts_set")
    action = window.find("action_fullscreen", QAction)
    assert action.shortcut().toString() == "Ctrl+Alt+F"
    assert Settings().shortcuts == {"fullscreen": "Ctrl+Alt+F"}
    from seam_gui.shell.help import shortcut_table

    assert "Ctrl+Alt+F" in shortcut_table()
    window.click("shortcuts_reset")
    assert action.shortcut().toString() == "F11"
    assert Settings().shortcuts == {}
    window.find("shortcuts_dialog").close()


def test_keys_of_ones_own_are_there_at_the_next_start(qtbot, door):
    from seam_gui.shell.main_window import MainWindow

    Settings().set_shortcut("fullscreen", "Ctrl+Alt+F", "F11")
    made = MainWindow(Settings())
    assert made.findChild(QAction, "action_fullscreen").shortcut().toString() == "Ctrl+Alt+F"
    made.files.leave()
    made.deleteLater()


def luminance(colour):
    parts = [c / 255 for c in QColor(colour).getRgb()[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("palette", "wanted"), [(LIGHT, 4.5), (DARK, 4.5), (CONTRAST, 7.0)])
def test_text_is_legible_as_wcag_asks(palette, wanted):
    for text in ("text", "muted", "error", "good"):
        if palette is LIGHT and text == "good":
            continue  # a word in green beside one in words
        for paper in ("background", "surface"):
            assert contrast(getattr(palette, text), getattr(palette, paper)) >= wanted - 0.1, text


def test_the_high_contrast_theme_is_chosen_and_remembered(window):
    window.trigger("theme_contrast")
    assert theme().palette is CONTRAST
    assert Settings().theme_mode == "contrast"
    window.trigger("theme_light")
    assert theme().palette is LIGHT


def test_every_control_has_a_name_for_screen_readers(explore):
    for title in explore.tab_names:
        page = explore.tab(title)
        found = controls_in(page)
        assert len(found) >= 5, title
        nameless = [c.objectName() or type(c).__name__ for c in found if not c.accessibleName()]
        assert nameless == [], title


def test_the_tour_points_at_what_is_there_and_ends(explore):
    explore.trigger("tour")
    tour = explore.find("tour")
    for place, stop in enumerate(STOPS):
        explore.settle()
        assert explore.find("tour_title", QLabel).text() == stop.title
        assert tour.target is not None, stop.widget
        assert explore.find("tour_place", QLabel).text() == f"{place + 1} of {len(STOPS)}"
        assert tour.rect().contains(tour.card.geometry()), "the card is whole in the window"
        explore.click("tour_next")
    QApplication.processEvents()
    assert not tour.isVisible()


def test_the_tour_of_an_empty_window_opens_the_demo(window):
    window.show_tab("Library")
    window.click("welcome_tour")
    window.settle()
    assert window.state.session.embedding is not None, "points to point at"
    assert window.find("tour").isVisible()
    assert window.find("tour_place", QLabel).text() == f"1 of {len(STOPS)}"
    window.click("tour_end")


def test_esc_ends_the_tour_and_clears_no_selection(explore):
    tab(explore).select(Clusters((2,)))
    explore.trigger("tour")
    tour = explore.find("tour")
    for _ in range(3):
        explore.click("tour_next")
    QTest.keyClick(explore.find("tour_next"), Qt.Key_Escape)
    QApplication.processEvents()
    assert not tour.isVisible()
    assert explore.state.selection.clusters() == (2,)


def test_the_welcome_page_has_recent_sessions(window, session_folder):
    window.open(session_folder)
    window.trigger("new")
    window.settle()
    window.show_tab("Library")
    link = window.find("welcome_recent_0", QPushButton)
    assert link.text() == session_folder.name
    assert link.isVisible()
    window.click("welcome_recent_0")
    window.settle()
    assert window.state.folder == session_folder


def test_help_is_searched(window):
    window.trigger("help")
    pages = window.find("help_pages", QListWidget)
    window.find("help_search", QLineEdit).setText("merge candidates")
    shown = [pages.item(i).text() for i in range(pages.count()) if not pages.isRowHidden(i)]
    assert "Explore" in shown
    assert "Table" not in shown
    text = window.find("help_text", QTextBrowser)
    assert text.textCursor().selectedText().lower() == "merge"
    window.find("help_window").close()


def test_a_picture_is_copied_and_dragged_out(explore, monkeypatch):
    view = tab(explore).scatter.view
    view.setFocus()
    explore.trigger("copy_picture")
    image = QApplication.clipboard().image()
    assert image.width() == view.width() * view.devicePixelRatio()
    dragged: list[QMimeData] = []
    monkeypatch.setattr(QDrag, "exec", lambda self, *_: dragged.append(self.mimeData()))
    keys = Qt.ControlModifier | Qt.AltModifier
    QTest.mousePress(view.viewport(), Qt.LeftButton, keys)
    assert dragged[0].hasImage()
    path = dragged[0].urls()[0].toLocalFile()
    assert path.endswith("scatter_view.png")
    assert explore.state.selection is None, "it is no gesture"
