"""The table of commands, and the menus, context menus, buttons and help that are made from it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtGui import QContextMenuEvent
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QAction, QApplication, QMenu, QTextBrowser, QToolButton, QWidget

from seam_gui.commands import (
    CLUSTER_BUTTONS,
    MENUS,
    SITE_BUTTONS,
    TAB_MENUS,
    TABS,
    VIEW_MENUS,
    commands_of,
    every_command,
)
from tests.gui.exploring import drag


def test_names_are_told_apart():
    names = Counter(command.name for _, command in every_command())
    assert [name for name, n in names.items() if n > 1] == []


@pytest.mark.parametrize("tab", TAB_MENUS)
def test_a_key_means_one_thing(tab):
    own = [c for items in TAB_MENUS[tab].values() for c in items]
    window = [c for items in MENUS.values() for c in commands_of(items)]
    keys = Counter(command.keys for command in (*own, *window) if command.keys)
    assert [key for key, n in keys.items() if n > 1] == []


def test_every_command_is_in_its_menu_once(window):
    for name in window.tab_names:
        window.tab(name)
    for menu_name, command in every_command():
        action = window.find(f"action_{command.name}", QAction)
        assert action.shortcut().toString() == command.keys
        assert action.toolTip(), command.name
        menu = window.menus[menu_name]
        inside = [a for sub in menu.findChildren(QMenu) for a in sub.actions()]
        assert action in (*menu.actions(), *inside), command.name


def test_help_lists_every_key(window):
    window.trigger("shortcuts")
    text = window.find("help_text", QTextBrowser).toPlainText()
    for _, command in every_command():
        if command.keys:
            assert command.keys in text
            assert command.text.rstrip("…") in text
    window.find("help_window").close()


def test_what_pages_say_of_menus_and_keys_is_there():
    """`File > Open variants` on any page, `**Ctrl+K**` on those that say what we have for what."""
    root = Path(__file__).parents[2]
    menus: dict[str, set[str]] = {}
    for every in (MENUS, *TAB_MENUS.values()):
        for menu, items in every.items():
            menus.setdefault(menu, set()).update(item.text for item in items if item is not None)
    said = re.compile(rf"\b({'|'.join({*menus, *TABS})}) > ([A-Z]\w+(?: \w+)?)")
    wrong, found = [], 0
    pages = (*root.glob("docs/**/*.md"), *root.glob("seam_gui/shell/help/*.md"))
    for page in (*pages, root / "README.md"):
        for menu, text in said.findall(" ".join(page.read_text(encoding="utf-8").split())):
            found += 1
            if not any(item.startswith(text.split()[0]) for item in menus.get(menu, ())):
                wrong.append(f"{page.name}: {menu} > {text}")
    assert found > 40
    assert set(wrong) <= {"experiments.md: Identify > Test on"}  # a button
    keys = {command.keys for _, command in every_command()}
    for name in ("side_by_side.md", "coming_from_seam_nn.md", "tour.md"):
        page = (root / "docs" / name).read_text(encoding="utf-8")
        named = re.findall(r"\*\*((?:(?:Ctrl|Shift|Alt)\+)*(?:[A-Z0-9]|F\d+|\w+))\*\*", page)
        chords = {key for key in named if "+" in key or re.fullmatch(r"[A-Z0-9]|F\d+", key)}
        assert chords - keys == set(), name


def test_what_cannot_be_done_is_grey_in_the_menu_and_says_why_by_its_key(window):
    said = []
    window.state.status_message.connect(said.append)
    menu, save = window.menus["File"], window.find("action_save_as", QAction)
    menu.aboutToShow.emit()
    assert not save.isEnabled()
    assert window.find("action_open", QAction).isEnabled()
    menu.aboutToHide.emit()
    assert save.isEnabled()
    save.trigger()
    assert said == ["There is nothing to save yet."]


def test_it_is_not_grey_once_it_can_be_done(window, session_folder):
    window.open(session_folder)
    menu = window.menus["File"]
    menu.aboutToShow.emit()
    assert window.find("action_save_as", QAction).isEnabled()
    menu.aboutToHide.emit()


CHOICES = ("tool_", "tab_", "theme_")  # asked for once more they stay as they are
ELSEWHERE = {"quit", "new", "tour", "undo", "redo"}  # Qt greys the last two


def seen(window) -> tuple:
    """What a user could see of a command that did something, apart from the line that says so."""
    tops = [top.objectName() for top in QApplication.topLevelWidgets() if top.isVisible()]
    paper = QApplication.clipboard()
    return (
        [*window.door.asked, *window.door.errors, *window.door.messages],
        tops,
        window.state.history.index(),
        window.window.focusWidget(),
        (paper.text(), paper.image()),
        window.window.centralWidget().grab().toImage(),
        window.window.windowState(),
    )


def silent(window) -> list[str]:
    """Commands that did nothing and said nothing, each asked for in its tab."""
    told, quiet = [], []
    window.state.status_message.connect(told.append)
    groups = {"Explore": [c for items in MENUS.values() for c in commands_of(items)]}
    for tab, menus in TAB_MENUS.items():
        groups[tab] = [*groups.get(tab, ()), *(c for items in menus.values() for c in items)]
    for tab, commands in groups.items():
        for command in commands:
            if command.name in ELSEWHERE or command.checkable or command.name.startswith(CHOICES):
                continue
            window.show_tab(tab)
            window.settle()
            told.clear()
            before, step = seen(window), window.state.history.index()
            window.trigger(command.name)
            window.settle()
            if not told and seen(window) == before:
                quiet.append(command.name)
            for top in QApplication.topLevelWidgets():
                if top.isVisible() and top is not window.window:
                    top.close()
            while window.state.history.index() > step:
                window.state.history.undo()
    return quiet


def test_no_command_is_without_an_answer_in_an_empty_window(window):
    assert silent(window) == []


def test_nor_where_a_session_is_open_and_nothing_is_selected(explore):
    assert silent(explore) == []


def menu_of(view: QWidget) -> list[str]:
    """Names of the commands in the menu that a right click on a view opens; the menu is closed."""
    inside = view.viewport() if hasattr(view, "viewport") else view
    at = QPoint(inside.width() // 2, inside.height() // 2)
    if view.contextMenuPolicy() == Qt.PreventContextMenu:
        QTest.mouseClick(inside, Qt.RightButton, Qt.NoModifier, at)
    else:
        event = QContextMenuEvent(QContextMenuEvent.Mouse, at, inside.mapToGlobal(at))
        QApplication.sendEvent(inside, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    names = [action.objectName().removeprefix("action_") for action in menu.actions()]
    menu.close()
    QApplication.processEvents()
    return names


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("scatter", lambda tab: tab.scatter.view),
        ("logos", lambda tab: tab.logos.attribution),
        ("overview", lambda tab: tab.logos.overview),
        ("tracks", lambda tab: tab.panels.tracks),
        ("legend", lambda tab: tab.panels.legend.table),
        ("msm", lambda tab: tab.msm.view),
        ("clusters", lambda tab: tab.clusters.table),
        ("comparison", lambda tab: tab.comparison.plot),
        ("sequences", lambda tab: tab.sequences.table),
        ("tree", lambda tab: tab.tree.view),
    ],
)
def test_a_right_click_offers_what_the_menus_offer_for_that_view(explore, name, view):
    assert menu_of(view(explore.tab("Explore"))) == list(VIEW_MENUS[name])


def test_dragging_with_the_right_button_still_moves_the_scatter(explore):
    view = explore.tab("Explore").scatter.view
    before, middle = view.position_of(0), view.rect().center()
    drag(view, [middle, middle + QPoint(60, 30)], button=Qt.RightButton)
    assert QApplication.activePopupWidget() is None
    moved = view.position_of(0) - before
    assert (moved.x(), moved.y()) == pytest.approx((60, 30))


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("positions", lambda tab: tab.covariance),
        ("positions", lambda tab: tab.msm),
        ("positions", lambda tab: tab.tree),
        ("sites", lambda tab: tab.results.table),
        ("results", lambda tab: tab.results.configuration),
    ],
)
def test_so_it_does_in_identify(identify, name, view):
    assert menu_of(view(identify.tab("Identify"))) == list(VIEW_MENUS[name])


def test_buttons_say_what_their_commands_say(explore):
    explore.tab("Identify")
    for command in (*CLUSTER_BUTTONS, *SITE_BUTTONS):
        made = explore.find(command.name)
        assert made.text() == command.button_text
        assert made.toolTip().startswith(command.tip)
        assert (command.keys in made.toolTip()) or not command.keys
        assert isinstance(made, QToolButton) or made.inherits("QPushButton")


def test_the_delete_key_removes_the_site_that_is_marked(identify):
    tab = identify.tab("Identify")
    names = [site.name for site in identify.state.session.sites.sites]
    tab.results.table.setFocus()
    tab.results.table.selectRow(0)
    removed = tab.results.table.selected_names()
    QTest.keyClick(tab.results.table, Qt.Key_Delete)
    identify.settle()
    left = [site.name for site in identify.state.session.sites.sites]
    assert left == [name for name in names if name not in removed]
    identify.trigger("undo")
