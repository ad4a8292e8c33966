"""Everything without a mouse: commands, controls, and each gesture of the pictures."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
import pytest
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import (
    QAbstractButton,
    QAction,
    QApplication,
    QDialog,
    QDockWidget,
    QMenu,
    QTableView,
    QTabWidget,
)

from seam_core.selection import Clusters
from seam_gui.commands import TABS, every_command
from seam_gui.shell.palette import CommandPalette
from seam_gui.views.key_pointer import KeyPointer
from seam_gui.widgets.accessible import controls_in
from tests.gui.exploring import mask, tab, visible_point

ARROWS = {(1, 0): Qt.Key_Right, (-1, 0): Qt.Key_Left, (0, 1): Qt.Key_Down, (0, -1): Qt.Key_Up}


def pointer_of(view) -> KeyPointer:
    return view.findChild(KeyPointer)


def press(view, key, modifiers=Qt.NoModifier):
    QTest.keyClick(view, key, modifiers)
    QApplication.processEvents()


def go(view, place, modifiers=Qt.NoModifier):
    """Arrow keys until the cross is as near to a place of the viewport as it comes."""
    pointer = pointer_of(view)
    if pointer.place is None:
        press(view, Qt.Key_Space)
    for axis in (0, 1):
        while True:
            away = (place - pointer.place).x() if axis == 0 else (place - pointer.place).y()
            if abs(away) <= 3:
                break
            way = (int(np.sign(away)), 0) if axis == 0 else (0, int(np.sign(away)))
            QTest.keyClick(view, ARROWS[way], modifiers)
    QApplication.processEvents()


def test_every_command_is_done_from_the_palette_by_keys(explore):
    """Typed, and Return pressed; each stands in a menu, too, whose letter is underlined."""
    for title in TABS:
        explore.tab(title)
    done = []
    for _, command in every_command():
        action = explore.find(f"action_{command.name}", QAction)
        signal = action.toggled if command.checkable else action.triggered
        signal.disconnect()
        action.triggered.connect(lambda *_, name=command.name: done.append(name))
    for menu_name, command in every_command():
        assert "&" in explore.menus[menu_name].title()
        if command.name == "palette":
            continue
        palette = CommandPalette(explore.services, explore.window)
        palette.edit.setText(command.text)
        shown = [each.command.name for each in palette.shown]
        for _ in range(shown.index(command.name)):
            QTest.keyClick(palette.edit, Qt.Key_Down)
        QTest.keyClick(palette.edit, Qt.Key_Return)
        QApplication.processEvents()
        assert done[-1:] == [command.name]


def pictures_in(page):
    return [view for view in page.findChildren(pg.GraphicsView) if view.isVisible()]


def in_a_group(control):
    """A button of several that exclude each other: Tab goes to the pressed one, arrows on."""
    group = control.group() if isinstance(control, QAbstractButton) else None
    return group is not None and not control.isChecked()


def show_all_of(window, title):
    """Each state of a tab in turn: its docks and pages in front, one after another."""
    window.show_tab(title)
    window.settle()
    page = window.tab(title)
    yield page
    for dock in page.findChildren(QDockWidget):
        dock.raise_()
        window.settle()
        yield page
    for pages in page.findChildren(QTabWidget):
        for place in range(pages.count()) if pages.isVisible() else ():
            pages.setCurrentIndex(place)
            window.settle()
            yield page


def check_tab_key(page):
    """From one control on Tab comes to every other and to every picture; none keeps the keys."""
    wanted = {
        each
        for each in [*controls_in(page), *pictures_in(page)]
        if each.isVisible() and each.isEnabled() and not in_a_group(each)
    }
    start = next(iter(sorted(wanted, key=lambda each: each.objectName())))
    start.setFocus(Qt.TabFocusReason)
    reached = set()
    while (there := QApplication.focusWidget()) not in reached:
        reached.add(there)
        QTest.keyClick(there, Qt.Key_Tab)
    proxies = {each.focusProxy() or each for each in wanted}
    missing = proxies - reached
    assert not missing, sorted(each.objectName() or type(each).__name__ for each in missing)
    nameless = [p.objectName() for p in pictures_in(page) if not p.accessibleName()]
    assert not nameless, nameless


@pytest.mark.parametrize("title", TABS)
def test_the_tab_key_reaches_every_control_and_picture(explore, title):
    for page in show_all_of(explore, title):
        check_tab_key(page)


def check_tab_key_of_window(window, shown):
    """The same in a window beside the main one, and on each of its pages."""
    jobs = getattr(shown, "jobs", None)
    window.qtbot.waitUntil(lambda: shown.isActiveWindow() and not (jobs and jobs.busy))
    window.settle()
    check_tab_key(shown)
    for pages in shown.findChildren(QTabWidget):
        for place in range(pages.count()) if pages.isVisible() else ():
            pages.setCurrentIndex(place)
            window.settle()
            check_tab_key(shown)


WINDOWS = {
    "open_variants": "variants_window",
    "design": "design_window",
    "compare_kept": "selections_window",
    "compare": "comparison_window",
    "new_batch": "batch_dialog",
    "recipe": "recipe_dialog",
    "import": "import_dialog",
}


@pytest.mark.parametrize("command", WINDOWS)
def test_the_tab_key_reaches_every_control_of_a_window(explore, session_folder, command):
    if command == "compare_kept":
        for cluster in explore.state.session.clustering.ids[:2]:
            tab(explore).select(Clusters((int(cluster),)))
            explore.settle()
            explore.trigger("keep")
    explore.door.answers["open_folder"] = session_folder
    explore.trigger(command)
    explore.settle()
    check_tab_key_of_window(explore, explore.window.findChild(QDialog, WINDOWS[command]))


def test_a_picture_reached_by_tab_has_a_frame_and_one_that_was_clicked_has_none(explore):
    view = tab(explore).scatter.view
    view.setFocus(Qt.MouseFocusReason)
    assert not pointer_of(view).framed
    explore.find("scatter_size").setFocus()
    view.setFocus(Qt.TabFocusReason)
    assert pointer_of(view).framed
    explore.find("scatter_size").setFocus()
    assert not pointer_of(view).framed


def test_clusters_are_selected_added_and_removed(explore):
    view, scene = tab(explore).scatter.view, tab(explore).scene
    view.setFocus()
    first, second = (int(i) for i in scene.order[:2])
    for cluster, modifiers in ((first, Qt.NoModifier), (second, Qt.ShiftModifier)):
        go(view, view.position_of(visible_point(explore, cluster)).toPoint())
        at = pointer_of(view).place
        hit = scene.labels[view.point_at(at)]
        press(view, Qt.Key_Space, modifiers)
        explore.settle()
        assert mask(explore)[scene.labels == hit].all()
    there = scene.labels[view.point_at(pointer_of(view).place)]
    press(view, Qt.Key_Space, Qt.AltModifier)
    explore.settle()
    left = explore.state.selection
    assert left is None or not mask(explore)[scene.labels == there].any()
    press(view, Qt.Key_Escape)
    assert pointer_of(view).place is None


@pytest.mark.parametrize("tool", ["lasso", "rectangle"])
def test_points_are_surrounded(explore, tool):
    view = tab(explore).scatter.view
    view.setFocus()
    explore.trigger(f"tool_{tool}")
    view.setFocus()
    area = view.box_rect().toRect().adjusted(4, 4, -4, -4)
    go(view, area.topLeft())
    go(view, area.topRight(), Qt.ShiftModifier)
    go(view, area.bottomRight(), Qt.ShiftModifier)
    if tool == "lasso":
        go(view, area.bottomLeft(), Qt.ShiftModifier)
    assert explore.state.selection is None, "the button is still down"
    press(view, Qt.Key_Space)
    explore.settle()
    assert explore.state.selection.count == len(view.points)


def test_the_edge_of_a_site_is_moved(explore):
    view = tab(explore).msm.view
    view.setFocus()
    site = explore.state.session.sites.sites[1]
    box = next(box for box in view.matrix.boxes if box.site == site.name)
    area = view.cell_rect()
    y = area.top() + (box.first + 0.5) / len(view.matrix.ids) * area.height()
    place = QPoint(round(view.x_of(site.stop - 0.5)), round(y))
    go(view, place)
    go(view, place + QPoint(round(3 * view.pixels_per_position()), 0), Qt.ShiftModifier)
    press(view, Qt.Key_Space)
    explore.settle()
    now = next(each for each in explore.state.session.sites.sites if each.name == site.name)
    assert now.start == site.start
    assert now.stop > site.stop


def test_positions_are_brushed_and_cells_chosen(explore):
    view = tab(explore).msm.view
    view.setFocus()
    area = view.cell_rect().toRect()
    go(view, area.center())
    press(view, Qt.Key_Space)
    explore.settle()
    row = view.row_at(pointer_of(view).place.y())
    assert explore.state.selection.clusters() == (int(view.matrix.ids[row]),)
    go(view, area.center() + QPoint(60, 0), Qt.ShiftModifier)
    press(view, Qt.Key_Space)
    explore.settle()
    start, stop = tab(explore).axis.brush
    assert stop - start >= 2


def test_the_window_of_the_overview_is_moved(explore):
    strip, axis = explore.find("overview_strip"), tab(explore).axis
    axis.show_range(4.5, 24.5)
    strip.setFocus()
    middle = strip.box_rect().center().y()
    go(strip, QPoint(round(strip.to_widget(14.5, 0).x()), round(middle)))
    go(strip, QPoint(round(strip.to_widget(34.5, 0).x()), round(middle)), Qt.ShiftModifier)
    press(strip, Qt.Key_Space)
    assert axis.low > 15
    assert axis.high - axis.low == pytest.approx(20)


def front(window, name):
    window.find(f"dock_{name}", QDockWidget).raise_()
    window.settle()


def test_a_histogram_is_brushed(explore):
    front(explore, "filters")
    histogram = tab(explore).panels.filters.histograms["Activity"]
    view = histogram.canvas
    view.setFocus()
    box = histogram.plot.getViewBox()
    low, high = histogram.region.getRegion()

    def at(value):
        return box.mapViewToScene(pg.Point(value, box.viewRange()[1][1] / 2)).toPoint()

    go(view, at(low))
    go(view, at((low + high) / 2), Qt.ShiftModifier)
    press(view, Qt.Key_Space)
    explore.settle()
    start, stop = histogram.brush
    values = explore.state.session.table.frame["Activity"].to_numpy()
    assert start > low
    assert np.array_equal(mask(explore), (values >= start) & (values <= stop))


def test_names_of_the_legend_are_hidden_and_shown_alone(explore):
    front(explore, "legend")
    table = explore.find("legend_table", QTableView)
    table.setFocus()
    table.setCurrentIndex(table.model().index(1, 0))
    order = [int(i) for i in tab(explore).scene.order]
    press(table, Qt.Key_Space)
    explore.settle()
    assert tab(explore).scene.hidden == {order[1]}
    press(table, Qt.Key_Space)
    explore.settle()
    assert not tab(explore).scene.hidden
    press(table, Qt.Key_Down)
    press(table, Qt.Key_Space, Qt.ShiftModifier)
    explore.settle()
    assert tab(explore).scene.hidden == set(order) - {order[2]}


def test_the_line_of_a_tree_is_moved(explore):
    explore.show_tab("Clusters")
    explore.settle()
    tree = explore.find("cluster_dendrogram")
    tree.setFocus()
    before = tree.cut
    place = QPoint(tree.width() // 2, round(tree.y_of(before)))
    go(tree, place)
    go(tree, place + QPoint(0, 40), Qt.ShiftModifier)
    press(tree, Qt.Key_Space)
    assert tree.cut < before


def test_the_wheel_is_turned_where_the_cross_is(explore):
    view, axis = tab(explore).msm.view, tab(explore).axis
    view.setFocus()
    go(view, view.cell_rect().center().toPoint())
    span = axis.high - axis.low
    press(view, Qt.Key_Plus)
    assert axis.high - axis.low == pytest.approx(span / 1.25)
    rows = view._rows
    press(view, Qt.Key_Plus, Qt.ControlModifier)
    assert view._rows[1] - view._rows[0] < rows[1] - rows[0]


def test_the_menu_of_a_picture_is_asked_for(explore):
    for view in (tab(explore).scatter.view, tab(explore).msm.view):
        view.setFocus()
        press(view, Qt.Key_Menu)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        menu.close()
        QApplication.processEvents()
