"""Controls by keys and for screen readers: names from what a control already says of itself."""

from __future__ import annotations

from PyQt5.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QGraphicsView,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QTableView,
    QWidget,
)

CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
)


def controls_in(widget: QWidget) -> list[QWidget]:
    """The controls that a user meets: not the pieces that Qt makes them of."""
    inside = widget.findChildren(QWidget)
    return [each for each in inside if isinstance(each, CONTROLS) and not _is_a_piece(each)]


def _is_a_piece(control: QWidget) -> bool:
    parent = control.parentWidget()
    inside = isinstance(parent, QAbstractSpinBox | QComboBox | QHeaderView | QLineEdit)
    return (
        inside
        or isinstance(control, QHeaderView)
        or control.objectName().startswith("qt_")
        or (parent is not None and parent.inherits("QComboBoxPrivateContainer"))
        or control.inherits("QTableCornerButton")
        or type(control).__name__ == "QAbstractButton"
        or (parent is not None and parent.inherits("QTabBar"))
    )


def said_of(control: QWidget) -> str:
    """What a control says: its accessible name, its text, its tip, or what stands in it."""
    texts = [control.accessibleName()]
    if isinstance(control, QAbstractButton):
        texts.append(control.text())
    texts.append(control.toolTip().splitlines()[0] if control.toolTip() else "")
    if isinstance(control, QLineEdit | QPlainTextEdit):
        texts.append(control.placeholderText())
    texts.append(control.objectName().replace("_", " "))
    return next((text for text in texts if text.strip()), "")


def make_accessible(widget: QWidget) -> None:
    """Give each control and picture inside a widget that has no accessible name the one it says
    itself; Tab leaves tables and texts, whose cells and lines the arrows reach."""
    for control in [*controls_in(widget), *widget.findChildren(QGraphicsView)]:
        if not control.accessibleName():
            control.setAccessibleName(said_of(control))
        if isinstance(control, QTableView):
            control.setTabKeyNavigation(False)
        elif isinstance(control, QPlainTextEdit):
            control.setTabChangesFocus(True)
