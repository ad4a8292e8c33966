"""Small pieces that every tab is built from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt5.QtCore import QSize, Qt
from PyQt5.QtGui import QFontMetrics, QShowEvent, QStandardItemModel
from PyQt5.QtWidgets import (
    QApplication,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from seam_gui.look.text import PlainLabel
from seam_gui.look.theme import SPACING

if TYPE_CHECKING:
    from seam_gui.work.jobs import JobRunner

_PANEL_WIDTH = 392
_HINT_WIDTH = 520
_COMING = {  # by the key of the job
    "run": (
        "The analysis is under way",
        "What it makes is shown here as soon as it is there. The line below says how far it is, "
        "and stops it.",
    ),
    "open": ("A session is being read", "It is shown here as soon as it is read."),
}
_ARROW = 34  # pixels of a combo box beside its text: margins and the arrow
_LABEL_WIDTH, _FIELD_WIDTH = 128, 120
_USUAL_HEIGHT = 18  # pixels of a line of text


def label(text: str = "", role: str = "", name: str = "") -> QLabel:
    """A label that wraps; roles: title, heading, muted, error, warning, good."""
    words = PlainLabel(text)
    words.setWordWrap(True)
    if role:
        words.setProperty("role", role)
    if name:
        words.setObjectName(name)
    return words


def set_role(widget: QWidget, role: str) -> None:
    """Give a widget another role, and let the style sheet see its properties anew."""
    widget.setProperty("role", role)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def button(
    text: str, name: str, tip: str, pressed: Callable[[], object], *, primary: bool = False
) -> QPushButton:
    """A push button; one primary button a page at most."""
    push = QPushButton(text)
    push.setObjectName(name)
    push.setToolTip(tip)
    push.setProperty("primary", primary)
    push.setSizePolicy(QSizePolicy.Minimum, QSizePolicy.Fixed)
    push.clicked.connect(lambda _checked: pressed())
    return push


def enable_choice(combo: QComboBox, index: int, on: bool) -> None:
    """Let one entry of a list be chosen, or not."""
    model = combo.model()
    assert isinstance(model, QStandardItemModel)
    model.item(index).setEnabled(on)


def grow_to_fit(window: QWidget) -> None:
    """Make a window that is shown as high as what is in it now; it is never made lower.

    Qt does not count lines that wrap, and would take their room from the fields above.
    """
    layout = window.layout()
    if layout is None or not window.isVisible():
        return
    layout.activate()
    height = layout.totalHeightForWidth(window.width())
    if height < 0:  # nothing wraps
        height = layout.totalSizeHint().height()
    if height > window.height():
        window.resize(window.width(), height)


def discard(widget: QWidget) -> None:
    """Take a widget out of its window at once, and leave the rest to Qt."""
    widget.hide()
    widget.setParent(None)  # type: ignore[call-overload]  # the stubs leave this call out
    widget.deleteLater()


def separator() -> QFrame:
    """A thin horizontal line."""
    line = QFrame()
    line.setProperty("role", "separator")
    line.setFixedHeight(1)
    return line


def column(*widgets: QWidget | None, margins: int = 0, spacing: int = SPACING) -> QVBoxLayout:
    """Widgets under each other; None is a stretch."""
    layout = QVBoxLayout()
    layout.setContentsMargins(margins, margins, margins, margins)
    layout.setSpacing(spacing)
    for widget in widgets:
        if widget is None:
            layout.addStretch(1)
        else:
            layout.addWidget(widget)
    return layout


def row(*widgets: QWidget | None, spacing: int = SPACING) -> QHBoxLayout:
    """Widgets beside each other; None is a stretch."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for widget in widgets:
        if widget is None:
            layout.addStretch(1)
        else:
            layout.addWidget(widget)
    return layout


def scrolling(inside: QWidget, name: str) -> QVBoxLayout:
    """The layout of a page that scrolls where it is lower than what it holds."""
    scroll = QScrollArea()
    scroll.setObjectName(name)
    scroll.setWidgetResizable(True)
    scroll.setFocusPolicy(Qt.NoFocus)  # it follows the focus of what it holds
    scroll.setWidget(inside)
    inside.setAutoFillBackground(False)  # that of the page
    return column(scroll)


def by_font(pixels: int) -> int:
    """A width for text, wider where the user's font is larger than usual; half again at most."""
    larger = QFontMetrics(QApplication.font()).height() / _USUAL_HEIGHT
    return round(pixels * min(max(larger, 1.0), 1.5))


def form_row(text: QLabel, editor: QWidget) -> QWidget:
    """A label and an editor in the columns that all forms share."""
    text.setWordWrap(True)
    text.setFixedWidth(by_font(_LABEL_WIDTH))
    # fields take what the panel leaves, however long their unit or choices are
    editor.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Fixed)
    editor.setMinimumWidth(by_font(_FIELD_WIDTH))
    box = QWidget()
    layout = row(text, editor, spacing=SPACING * 2)
    layout.setStretch(1, 1)
    box.setLayout(layout)
    return box


class SidePanel(QWidget):
    """The left column of a tab: forms that scroll above buttons that stay."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", "side")
        self.setMinimumWidth(by_font(_PANEL_WIDTH - 48))
        self._inside = QWidget()
        self.content = QVBoxLayout(self._inside)
        self.content.setContentsMargins(SPACING * 2, SPACING * 2, SPACING * 2, SPACING * 2)
        self.content.setSpacing(SPACING)
        scroll = _FormScroll()
        scroll.setWidget(self._inside)
        self.buttons = QVBoxLayout()
        self.buttons.setContentsMargins(SPACING * 2, SPACING, SPACING * 2, SPACING * 2)
        self.buttons.setSpacing(SPACING)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(scroll, 1)
        layout.addLayout(self.buttons)

    def sizeHint(self) -> QSize:
        return QSize(by_font(_PANEL_WIDTH), super().sizeHint().height())

    def add(self, *widgets: QWidget) -> None:
        """Append widgets to the scrolled part."""
        for widget in widgets:
            self.content.addWidget(widget)

    def add_section(self, title: str, *widgets: QWidget) -> None:
        """Append a heading and the widgets under it."""
        if self.content.count():
            self.content.addSpacing(SPACING * 2)
        self.add(label(title, "heading"), *widgets)

    def finish(self) -> None:
        """Push what was added to the top."""
        self.content.addStretch(1)


class _FormScroll(QScrollArea):
    """Scrolls up and down only: forms take the width there is."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.NoFrame)
        self.viewport().setAutoFillBackground(False)

    def setWidget(self, widget: QWidget) -> None:
        super().setWidget(widget)
        widget.setAutoFillBackground(False)


class EmptyState(QWidget):
    """What a page says while it has nothing to show: what is missing, and what to do next."""

    def __init__(self, name: str, title: str, hint: str, *buttons: QWidget) -> None:
        super().__init__()
        self.setObjectName(name)
        self._offers: list[QWidget] = list(buttons)  # what to do next
        self._title = label(title, "title", f"{name}_title")
        self._hint = label(hint, "muted", f"{name}_hint")
        for text in (self._title, self._hint):
            text.setAlignment(Qt.AlignHCenter)
        self._hint.setFixedWidth(_HINT_WIDTH)
        layout = QVBoxLayout(self)
        layout.setSpacing(SPACING)
        layout.addStretch(2)
        layout.addWidget(self._title)
        layout.addWidget(self._hint, 0, Qt.AlignHCenter)
        layout.addSpacing(SPACING)
        line = row(None, *buttons, None)
        layout.addLayout(line)
        layout.addStretch(3)

    def follow(self, jobs: JobRunner) -> None:
        """Other words while what belongs here is on its way."""
        own = (self._title.text(), self._hint.text())

        def show(_job: object = None) -> None:
            coming = [job for job in jobs.visible_jobs if job.key in _COMING]
            self.say(*(_COMING[coming[0].key] if coming else own))
            for offer in self._offers:
                offer.setVisible(not coming)

        jobs.job_started.connect(show)
        jobs.job_ended.connect(show)
        show()  # a page made while a run is under way says so, too

    def say(self, title: str, hint: str) -> None:
        """Other words."""
        self._title.setText(title)
        self._hint.setText(hint)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        """A centred label does not ask for the height that its wrapped text needs."""
        self._hint.setMinimumHeight(max(0, self._hint.heightForWidth(_HINT_WIDTH)))


class Page(QWidget):
    """Content, or an empty state in its place."""

    def __init__(self, content: QWidget, empty: EmptyState) -> None:
        super().__init__()
        self.setProperty("role", "page")
        self.setAttribute(Qt.WA_StyledBackground)
        self.empty = empty
        self._stack = QStackedLayout(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(content)

    def show_content(self, shown: bool) -> None:
        """The content when there is something to show."""
        self._stack.setCurrentIndex(1 if shown else 0)


def compact(combo: QComboBox) -> None:
    """As wide as the choice that it shows, its list as wide as all of them."""
    combo.setSizePolicy(QSizePolicy.Fixed, QSizePolicy.Fixed)
    words = QFontMetrics(combo.font())
    texts = [combo.itemText(i) for i in range(combo.count())]
    combo.view().setMinimumWidth(max(map(words.horizontalAdvance, texts)) + _ARROW)

    def fit(_index: int = 0) -> None:
        combo.setFixedWidth(words.horizontalAdvance(combo.currentText()) + _ARROW)

    combo.currentIndexChanged.connect(fit)
    fit()
