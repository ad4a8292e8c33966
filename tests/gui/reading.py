"""All that can be read in a window, as a user reads it."""

from __future__ import annotations

import re

from PyQt5.QtCore import QAbstractTableModel, QModelIndex, Qt
from PyQt5.QtGui import QFontMetrics, QStandardItemModel
from PyQt5.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QAction,
    QComboBox,
    QGroupBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTabBar,
    QTabWidget,
    QTextBrowser,
    QWidget,
)

_ROWS = 40  # of a table
IDENTIFIER = re.compile(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b")
NUCLEOTIDES = re.compile(r"(?<![\w.])\d*\s?\bnt\b")
PYTHON = re.compile(r"\b(?:True|False|None|nan|NaN|inf)\b|np\.\w+")


def texts(root: QWidget, *, hidden: bool = False) -> dict[str, set[str]]:
    """Text -> names of the widgets that show it, or say it as a tip."""
    found: dict[str, set[str]] = {}

    def say(text, widget):
        if text and text.strip():
            found.setdefault(text.strip(), set()).add(name_of(widget))

    for widget in (root, *root.findChildren(QWidget)):
        if not (hidden or widget.isVisible()):
            continue
        say(widget.toolTip(), widget)
        say(widget.windowTitle(), widget)
        for text in _of(widget):
            say(text, widget)
    for action in root.findChildren(QAction):
        say(action.text().replace("&", ""), action)
        say(action.toolTip(), action)
    return found


def facts(table: QWidget) -> dict[str, str]:
    """What stands in the left and the right column of a table of labels, from its top."""
    shown = [
        (each.pos().y(), each.pos().x(), each.text())
        for each in table.findChildren(QLabel)
        if each.isVisible()
    ]
    read = [text for _, _, text in sorted(shown)]
    return dict(zip(read[::2], read[1::2], strict=True))


def name_of(widget) -> str:
    while widget is not None and not widget.objectName():
        widget = widget.parent()
    return "" if widget is None else widget.objectName()


def _of(widget):
    if isinstance(widget, QLabel | QAbstractButton):
        yield widget.text()
    elif isinstance(widget, QGroupBox):
        yield widget.title()
    elif isinstance(widget, QComboBox):
        yield from (widget.itemText(i) for i in range(widget.count()))
    elif isinstance(widget, QAbstractSpinBox):
        yield widget.text()
    elif isinstance(widget, QLineEdit):
        yield widget.placeholderText()
    elif isinstance(widget, QTabBar | QTabWidget):
        yield from (widget.tabText(i) for i in range(widget.count()))
    elif isinstance(widget, QHeaderView | QTextBrowser):
        return
    elif isinstance(widget, QAbstractItemView):
        yield from _of_model(widget.model())
    for attribute in ("_empty", "title", "note", "x_label", "y_label"):
        text = getattr(widget, attribute, None)
        if isinstance(text, str):
            yield text


def _of_model(model):
    if model is None:
        return
    table = isinstance(model, QAbstractTableModel | QStandardItemModel)
    columns = range(model.columnCount() if table else 1)
    for column in columns:
        for role in (Qt.DisplayRole, Qt.ToolTipRole):
            text = model.headerData(column, Qt.Horizontal, role)
            if isinstance(text, str):
                yield text
    for row in range(min(model.rowCount(), _ROWS)):
        for column in columns:
            text = model.index(row, column, QModelIndex()).data()
            if isinstance(text, str):
                yield text


def cut_texts(root: QWidget) -> list[str]:
    """Headers, buttons and tabs of which fewer than four letters are seen."""
    found = []
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or widget.visibleRegion().isEmpty():
            continue
        metrics = QFontMetrics(widget.font())
        if isinstance(widget, QHeaderView) and widget.orientation() == Qt.Horizontal:
            model = widget.model()
            for section in range(widget.count()):
                text = str(model.headerData(section, Qt.Horizontal) or "")
                room = widget.sectionSize(section) - 12
                seen = metrics.elidedText(text, Qt.ElideRight, room).rstrip("…")
                if not widget.isSectionHidden(section) and len(seen) < min(4, len(text)):
                    found.append(f"{name_of(widget)}: {text!r} is {seen!r}")
        elif isinstance(widget, QAbstractButton):
            text = widget.text().replace("&", "")
            if metrics.horizontalAdvance(text) > widget.width():
                found.append(f"{name_of(widget)}: {text!r} is wider than its button")
    return found
