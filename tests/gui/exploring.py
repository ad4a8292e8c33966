"""What a user does in Explore, for its tests."""

from __future__ import annotations

from PyQt5.QtCore import QPoint, QPointF, Qt
from PyQt5.QtGui import QMouseEvent
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QAbstractScrollArea, QApplication, QComboBox, QLabel, QLineEdit

from seam_core.selection import Clusters
from seam_gui.views.cluster_table import SIZE


def tab(explore):
    return explore.tab("Explore")


def text(explore, name):
    return explore.find(name, QLabel).text()


def mask(explore):
    return explore.state.selection.mask


def point_of(explore, index) -> QPoint:
    return tab(explore).scatter.view.position_of(index).toPoint()


def visible_point(explore, cluster=None) -> int:
    """A sequence that is on top where it is drawn."""
    view = tab(explore).scatter.view
    labels = tab(explore).scene.labels
    for index in range(len(labels)):
        wanted = cluster is None or labels[index] == cluster
        if wanted and view.point_at(QPointF(point_of(explore, index))) == index:
            return index
    raise AssertionError("no point of the cluster is on top")


def surface(view):
    """Where a view takes the mouse."""
    return view.viewport() if isinstance(view, QAbstractScrollArea) else view


def drag(widget, points, modifiers=Qt.NoModifier, button=Qt.LeftButton):
    widget = surface(widget)
    QTest.mousePress(widget, button, modifiers, points[0])
    for point in points[1:]:
        move = QMouseEvent(QMouseEvent.MouseMove, QPointF(point), Qt.NoButton, button, modifiers)
        QApplication.sendEvent(widget, move)
    QTest.mouseRelease(widget, button, modifiers, points[-1])


def row_of(explore, cluster) -> int:
    rows = tab(explore).clusters.table.clusters.clusters
    return [row.cluster_id for row in rows].index(cluster)


def cell(explore, cluster, column) -> str:
    model = tab(explore).clusters.table.clusters
    return model.index(row_of(explore, cluster), column).data()


def click_row(explore, cluster, modifiers=Qt.NoModifier):
    table = tab(explore).clusters.table
    index = table.clusters.index(row_of(explore, cluster), SIZE)
    table.scrollTo(index)
    QTest.mouseClick(table.viewport(), Qt.LeftButton, modifiers, table.visualRect(index).center())
    explore.settle()


def ask(explore, question, modifiers=Qt.NoModifier):
    edit = explore.find("query_edit", QLineEdit)
    edit.setText(question)
    QTest.keyClick(edit, Qt.Key_Return, modifiers)
    explore.settle()


def choose(explore, name, data):
    combo = explore.find(name, QComboBox)
    combo.setCurrentIndex(
        combo.findData(data) if combo.findData(data) >= 0 else combo.findText(data)
    )


def click_like(explore, cluster):
    """Select a cluster while the table of clusters is behind another panel."""
    tab(explore).select(Clusters((cluster,)))
    explore.settle()
