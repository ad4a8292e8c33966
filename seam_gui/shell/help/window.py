"""The window that shows the help pages."""

from __future__ import annotations

from pathlib import Path

from PyQt5.QtCore import Qt, QUrl
from PyQt5.QtGui import QColor, QDesktopServices, QTextCursor, QTextTable
from PyQt5.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QSplitter,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from seam_gui.commands import every_command
from seam_gui.look.theme import SPACING, theme
from seam_gui.state.settings import Settings
from seam_gui.widgets.basics import by_font, column

_FOLDER = Path(__file__).resolve().parent
PAGES: dict[str, str] = {
    "start": "First steps",
    "library": "Library",
    "table": "Table",
    "attribution": "Attribution",
    "clusters": "Clusters",
    "explore": "Explore",
    "scatter": "   The scatter",
    "logos": "   Logos and positions",
    "msm": "   The matrix (MSM)",
    "tracks": "   Annotation tracks",
    "cluster_table": "   Table of clusters",
    "legend": "   Legend",
    "filters": "   Filters",
    "sequences": "   Sequences",
    "statistics": "   Selection statistics",
    "between": "   Between clusters",
    "tree": "   Tree",
    "candidates": "   Merge candidates",
    "identify": "Identify",
    "site_pictures": "   Pictures of sites",
    "design": "Designed sequences",
    "variants": "Variants",
    "selections": "Selections side by side",
    "comparison": "Comparison of sessions",
    "batches": "Batches",
    "files": "Files and export",
    "shortcuts": "Keyboard shortcuts",
}
_NAME = "help_window"
# below every page but that which says more of it, and left out of what is searched
_TROUBLE = (
    "\n\n*Something failed, or a message says too little?* **Help > Report a problem** has the "
    "versions, the last actions and the log ([First steps](start.md))."
)


class HelpWindow(QDialog):
    """A list of pages and the page chosen; stays open beside the main window."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.Window)
        self.setObjectName(_NAME)
        self.setWindowTitle("Help – SEAM")
        self.setAttribute(Qt.WA_DeleteOnClose)
        self.resize(880, 640)
        self.pages = QListWidget()
        self.pages.setObjectName("help_pages")
        self.pages.addItems(list(PAGES.values()))
        self.pages.setFocusPolicy(Qt.TabFocus)
        self.text = QTextBrowser()
        self.text.setObjectName("help_text")
        self.text.setOpenLinks(False)
        self.text.anchorClicked.connect(self._follow)
        self.text.document().setDocumentMargin(SPACING * 3)
        self.text.setSearchPaths([str(_FOLDER)])
        self.search = QLineEdit()
        self.search.setObjectName("help_search")
        self.search.setPlaceholderText("Search all pages")
        self.search.setAccessibleName("Search all pages")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda _: self._search())
        left = QWidget()
        left.setMaximumWidth(by_font(240))
        left.setLayout(column(self.search, self.pages, margins=SPACING))
        splitter = QSplitter()
        splitter.addWidget(left)
        splitter.setSizes([by_font(240), 640])
        splitter.addWidget(self.text)
        splitter.setStretchFactor(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)
        self.pages.currentRowChanged.connect(lambda row: self._show(list(PAGES)[row]))
        theme().changed.connect(self._show_again)

    @classmethod
    def show_page(cls, main: QWidget, page: str) -> HelpWindow:
        """Show a page, in the window that is open or in a new one."""
        window = main.findChild(cls, _NAME) or cls(main)
        window.pages.setCurrentRow(list(PAGES).index(page if page in PAGES else "start"))
        window.show()
        window.raise_()
        return window

    def _search(self) -> None:
        """Only pages that hold every word; the first of them is shown, the word marked."""
        wanted = self.search.text().lower().split()
        shown = []
        for row, page in enumerate(PAGES):
            text = f"{PAGES[page]} {_text_of(page)}".lower()
            keep = all(word in text for word in wanted)
            self.pages.setRowHidden(row, not keep)
            if keep:
                shown.append(row)
        if shown and self.pages.currentRow() not in shown:
            self.pages.setCurrentRow(shown[0])
        self._find()

    def _find(self) -> None:
        words = self.search.text().split()
        self.text.moveCursor(QTextCursor.Start)
        if words:
            self.text.find(words[0])

    def _show_again(self) -> None:
        self._show(list(PAGES)[max(0, self.pages.currentRow())])

    def _show(self, page: str) -> None:
        text = _text_of(page) + ("" if page == "start" else _TROUBLE)
        self.text.document().setDefaultStyleSheet(f"a {{ color: {theme().palette.accent}; }}")
        self.text.setMarkdown(text)
        for frame in self.text.document().rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                _tidy(frame)
        self._find()

    def _follow(self, url: QUrl) -> None:
        if url.scheme() in ("http", "https"):
            QDesktopServices.openUrl(url)
        elif url.path().removesuffix(".md") in PAGES:
            self.pages.setCurrentRow(list(PAGES).index(url.path().removesuffix(".md")))


def page_of(widget: QWidget | None, within: QWidget) -> str:
    """The page about a view or what it stands in, as its property `help_page` says; "" for none."""
    while widget is not None and within.isAncestorOf(widget):
        if widget.property("help_page"):
            return str(widget.property("help_page"))
        widget = widget.parentWidget()
    return ""


def _text_of(page: str) -> str:
    text = (_FOLDER / f"{page}.md").read_text(encoding="utf-8")
    return text + "\n" + shortcut_table() if page == "shortcuts" else text


def _tidy(table: QTextTable) -> None:
    """Thin lines and some air, in place of a border around every cell."""
    style = table.format()
    style.setCellSpacing(0)
    style.setCellPadding(SPACING * 0.75)
    style.setBorderCollapse(True)
    style.setBorder(1)
    style.setBorderBrush(QColor(theme().palette.separator))
    table.setFormat(style)


def shortcut_table() -> str:
    """Markdown: every command that has a shortcut."""
    own = Settings().shortcuts
    lines = ["| Keys | Does | Menu |", "| --- | --- | --- |"]
    for menu, command in every_command():
        keys = own.get(command.name, command.keys)
        if keys:
            lines.append(f"| {keys} | {command.text.rstrip('…')} | {menu} |")
    return "\n".join(lines) + "\n"
