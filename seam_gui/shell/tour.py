"""A tour of one minute: what is where, pointed at in the window itself."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt5.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PyQt5.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPen
from PyQt5.QtWidgets import QFrame, QWidget

from seam_gui.look.theme import SPACING, theme
from seam_gui.services import Services
from seam_gui.widgets.basics import button, column, label, row

_WIDTH = 340
_ROUND = 6


@dataclass(frozen=True)
class Stop:
    """A widget by its name, the tab it is on ("" any), and what is said of it."""

    widget: str
    tab: str
    title: str
    text: str


STOPS = (
    Stop("tabs", "Library", "Six tabs, six steps", "From a model and a sequence to its binding "
         "sites. Each tab runs one step; results open in Explore."),
    Stop("library_panel", "Library", "Start here", "Choose a model and a reference sequence, or a "
         "recipe. “Run the whole analysis” at the bottom does all steps."),
    Stop("scatter_view", "Explore", "Every point is a sequence", "Points near each other have "
         "attribution maps that look alike. Click a group, or draw a lasso: all views follow. The "
         "star is the reference; arrows lead from it to variants kept with the session."),
    Stop("logo_panel", "Explore", "What the network sees in them", "The average attribution map of "
         "what is selected, and its letters. The wheel zooms; K keeps the selection."),
    Stop("msm_panel", "Explore", "Which positions matter", "A row a cluster. Dark: the letters "
         "there are kept, so the mechanism needs them. Click a cell to select its cluster."),
    Stop("dock_clusters", "Explore", "Tables and tools", "Clusters to merge, split and label, the "
         "legend, filters by histogram, candidates to merge, sequences. In the demo each has a "
         "label and a note, and two selections are kept."),
    Stop("identify_tab", "Identify", "The binding sites", "Sites found and tested on the model, "
         "which clusters show them, how they interact, how far each can be trusted; on the page "
         "Robustness, the ways to other mechanisms."),
    Stop("menubar", "", "Variants and designs", "File > Open variants says what each allele does "
         "to sites and mechanism; Clusters > Design sequences gives what to order. The demo has "
         "both."),
    Stop("menubar", "", "All else", "Ctrl+Shift+P finds every command by its words, F1 explains "
         "the tab in front, and everything can be undone."),
)  # fmt: skip


class Tour(QWidget):
    """Lies over the window; a hole shows what is meant, a card says what it is."""

    def __init__(self, services: Services, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("tour")
        self.setFocusPolicy(Qt.StrongFocus)
        self._services, self._window = services, window
        self.at = 0
        self._hole = QRect()
        self._title = label("", "heading", "tour_title")
        self._text = label("", "", "tour_text")
        self._place = label("", "muted", "tour_place")
        self._next = button("Next", "tour_next", "Go on", self.next, primary=True)
        self.card = QFrame(self)
        self.card.setObjectName("tour_card")
        self.card.setAutoFillBackground(True)
        self.card.setFixedWidth(_WIDTH)
        layout = column(self._title, self._text, margins=SPACING * 2)
        end = button("End", "tour_end", "Close the tour", self.close)
        layout.addLayout(row(self._place, None, end, self._next))
        self.card.setLayout(layout)
        window.installEventFilter(self)
        self.setAttribute(Qt.WA_DeleteOnClose)

    def begin(self) -> None:
        """From the first stop on."""
        self.show()
        self.raise_()
        self._go(0)

    def next(self) -> None:
        """The next stop; after the last one the tour is over."""
        if self.at + 1 < len(STOPS):
            self._go(self.at + 1)
        else:
            self.close()

    def _go(self, at: int) -> None:
        self.at, stop = at, STOPS[at]
        if stop.tab:
            self._services.navigator.show_tab(stop.tab)
        self._title.setText(stop.title)
        self._text.setText(stop.text)
        self._place.setText(f"{at + 1} of {len(STOPS)}")
        self._next.setText("Next" if at + 1 < len(STOPS) else "Done")
        self._fit()
        self._next.setFocus()

    @property
    def target(self) -> QWidget | None:
        """What the stop is about, where it can be seen."""
        name = STOPS[self.at].widget
        widget = self._menu_bar() if name == "menubar" else self._window.findChild(QWidget, name)
        return widget if widget is not None and widget.isVisible() else None

    def _menu_bar(self) -> QWidget | None:
        bars = [w for w in self._window.children() if w.inherits("QMenuBar")]
        return bars[0] if bars and isinstance(bars[0], QWidget) else None

    def _fit(self) -> None:
        self.setGeometry(self._window.rect())
        target = self.target
        self._hole = QRect()
        if target is not None:
            corner = target.mapTo(self._window, QPoint(0, 0))
            self._hole = QRect(corner, target.size()).intersected(self.rect())
        self._text.setMinimumHeight(self._text.heightForWidth(_WIDTH - SPACING * 4))
        self.card.adjustSize()
        self._place_card()
        self.update()

    def _place_card(self) -> None:
        """Beside the hole where there is room, else inside it."""
        card, hole, whole = self.card.size(), self._hole, self.rect()
        x = hole.right() + SPACING * 2
        if x + card.width() > whole.right():
            x = hole.left() - card.width() - SPACING * 2
        if x < 0:
            x = hole.center().x() - card.width() // 2
        y = hole.top() + min(SPACING * 6, max(hole.height() - card.height(), 0))
        x = min(max(x, SPACING), whole.width() - card.width() - SPACING)
        y = min(max(y, SPACING), whole.height() - card.height() - SPACING)
        self.card.move(x, y)

    def paintEvent(self, event: object) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        shade, hole = QPainterPath(), QPainterPath()
        shade.addRect(QRectF(self.rect()))
        hole.addRoundedRect(QRectF(self._hole), _ROUND, _ROUND)
        painter.fillPath(shade.subtracted(hole), QColor(10, 14, 22, 150))
        painter.setPen(QPen(theme().color("accent"), 2))
        painter.drawRoundedRect(QRectF(self._hole).adjusted(1, 1, -1, -1), _ROUND, _ROUND)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key_Escape:
            self.close()
        elif event.key() in (Qt.Key_Right, Qt.Key_Return, Qt.Key_Space):
            self.next()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Resize:
            self._fit()
        return super().eventFilter(watched, event)
