"""What is on the screen: nothing cut off, nothing outside, in both themes and sizes."""

from __future__ import annotations

import pytest
from PyQt5.QtWidgets import QAbstractButton, QAction, QLabel, QWidget

from seam_gui.look.theme import theme


@pytest.mark.parametrize("size", [(1280, 800), (2560, 1440)])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_tab_draws_something(window, session_folder, size, mode):
    theme().set_mode(mode)
    window.open(session_folder)
    window.window.resize(*size)
    for name in window.tab_names:
        window.show_tab(name)
        window.settle()
        image = window.window.grab().toImage()
        assert (image.width(), image.height()) == size
        step = max(1, size[0] // 160)
        seen = {image.pixel(x, y) for x in range(0, size[0], step) for y in range(0, size[1], step)}
        assert len(seen) > 8, f"{name} is nearly empty"


@pytest.mark.parametrize("name", ["Library", "Table", "Attribution", "Clusters"])
def test_the_window_fits_a_small_screen(window, session_folder, name):
    window.open(session_folder)
    window.show_tab(name)
    window.window.resize(1200, 760)
    window.settle()
    assert window.window.width() == 1200
    tab = window.tab(name)
    for button in tab.findChildren(QAbstractButton):
        if button.isVisible() and button.text() and button.objectName():
            needed = button.fontMetrics().horizontalAdvance(button.text())
            assert button.width() >= needed, f"{button.objectName()}: {button.text()}"
            right = button.mapTo(window.window, button.rect().bottomRight())
            assert right.x() <= window.window.width(), button.objectName()


def test_what_the_user_can_touch_has_a_name_and_a_tooltip(window, session_folder):
    window.open(session_folder)
    for name in ("Library", "Table", "Attribution", "Clusters"):
        tab = window.tab(name)
        for button in tab.findChildren(QAbstractButton):
            inner = button.objectName().startswith("qt_") or not button.text()
            if inner or button.parent().inherits("QTabBar"):
                continue
            assert button.objectName(), button.text()
            assert button.toolTip(), button.objectName()


def test_names_are_unique(window):
    for name in window.tab_names:
        window.tab(name)
    names = {}
    for widget in window.window.findChildren(QWidget):
        name = widget.objectName()
        parts = ("line", "browse", "scatter_hover_label")
        inner = not name or name.startswith(("qt_", "_")) or name in parts
        if inner or widget.metaObject().className().startswith("QT"):
            continue
        names.setdefault(name, []).append(widget)
    double = {name: found for name, found in names.items() if len(found) > 1}
    assert not double, sorted(double)


def test_help_has_a_page_for_each_tab_and_lists_all_shortcuts(window):
    window.show_tab("Table")
    window.trigger("help")
    text = window.find("help_text").toPlainText()
    assert text.startswith("Table")
    window.trigger("shortcuts")
    text = window.find("help_text").toPlainText()
    for action in window.window.findChildren(QAction):
        keys = action.shortcut().toString()
        if keys and action.text():
            assert keys in text, action.text()


def test_every_help_page_is_there(window):
    from seam_gui.shell.help import PAGES, HelpWindow

    for page in PAGES:
        help_window = HelpWindow.show_page(window.window, page)
        assert len(help_window.text.toPlainText()) > 80


def test_every_view_has_a_help_page_that_is_there(window):
    from seam_gui.shell.help import PAGES

    for name in window.tab_names:
        window.tab(name)
    named = {each.property("help_page") for each in window.window.findChildren(QWidget)} - {None}
    assert len(named) > 10
    assert named <= set(PAGES)


def test_about_names_versions_and_the_citation(window):
    window.trigger("about")
    assert "seamscope" in window.find("about_versions", QLabel).text()
    assert "10.1101/2025.10.07.681052" in window.find("about_citation", QLabel).text()
    window.click("about_close")


def test_a_shortcut_means_one_thing_in_each_tab(window):
    for name in window.tab_names:
        window.tab(name)
    for name in window.tab_names:
        window.show_tab(name)
        keys = {}
        for action in window.window.findChildren(QAction):
            if action.isVisible() and not action.shortcut().isEmpty():
                keys.setdefault(action.shortcut().toString(), set()).add(action.text())
        assert not {key: texts for key, texts in keys.items() if len(texts) > 1}
