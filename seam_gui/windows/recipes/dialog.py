"""The dialog that offers the recipes: what each answers, what it needs, what to look at."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import (
    QDialog,
    QListView,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from seam_core.registry import ATTRIBUTIONS, CLUSTERINGS
from seam_core.validate import InputError
from seam_gui.dialogs import dialogs
from seam_gui.look.theme import SPACING
from seam_gui.services import Services
from seam_gui.widgets.basics import button, label, row
from seam_gui.windows.recipes.form import words_for_model
from seam_gui.work.errors import explained
from seam_gui.work.jobs import Failure

if TYPE_CHECKING:
    from seam_core.progress import Progress
    from seam_core.recipes import Recipe


class RecipeDialog(QDialog):
    """chosen : the `Recipe` that the user wants to start from."""

    chosen = pyqtSignal(object)

    def __init__(self, services: Services, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("recipe_dialog")
        self.setWindowTitle("Start from a recipe")
        self.setAttribute(Qt.WA_DeleteOnClose)
        self.resize(960, 600)
        self._jobs, self._settings = services.jobs, services.settings
        self.list = QListWidget()
        self.list.setObjectName("recipe_list")
        self.list.setMinimumWidth(400)
        self.list.setWordWrap(True)
        self.list.setTextElideMode(Qt.ElideNone)
        self.list.setResizeMode(QListView.Adjust)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self.list.currentItemChanged.connect(lambda item, _: self._show(item))
        self.list.itemDoubleClicked.connect(lambda _: self._use())
        self.text = QTextBrowser()
        self.text.setObjectName("recipe_text")
        self.text.document().setDocumentMargin(SPACING * 2)
        splitter = QSplitter()
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.list)
        splitter.addWidget(self.text)
        splitter.setStretchFactor(1, 1)
        self._wrong = label("", "error", "recipe_wrong")
        self._wrong.hide()
        self._ok = button(
            "Use this recipe",
            "recipe_use",
            "Fill the forms of all tabs with its parameters; each can be changed",
            self._use,
            primary=True,
        )
        self._ok.setEnabled(False)
        self._ok.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING * 2, SPACING * 2, SPACING * 2, SPACING * 2)
        layout.setSpacing(SPACING * 2)
        layout.addWidget(splitter, 1)
        layout.addWidget(self._wrong)
        layout.addLayout(
            row(
                button("From a file…", "recipe_file", "A recipe's .toml file", self._open),
                None,
                button("Cancel", "recipe_cancel", "Leave the forms as they are", self.reject),
                self._ok,
            )
        )
        own = self._settings.recipes
        self._jobs.submit(
            "recipes", "Recipes", lambda p: all_recipes(own, p), done=self._list, quiet=True
        )
        self.finished.connect(lambda _: services.jobs.cancel("recipes"))

    def _list(self, recipes: list[Recipe]) -> None:
        for recipe in recipes:
            self._add(recipe)
        self.list.setCurrentRow(0)

    def _add(self, recipe: Recipe) -> None:
        text = f"{recipe.number}   {recipe.title}" if recipe.number else recipe.title
        item = QListWidgetItem(text)
        item.setData(Qt.UserRole, recipe)
        self.list.addItem(item)
        wide = min(self.fontMetrics().horizontalAdvance(text) + 40, 560)
        self.list.setMinimumWidth(max(self.list.minimumWidth(), wide))

    def _show(self, item: QListWidgetItem | None) -> None:
        self._ok.setEnabled(item is not None)
        if item is not None:
            self.text.setHtml(description(item.data(Qt.UserRole)))

    def _use(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            recipe = item.data(Qt.UserRole)
            self.accept()
            self.chosen.emit(recipe)

    def _open(self) -> None:
        path = dialogs().open_file(self, "Open a recipe", "Recipes (*.toml)")
        if path is None:
            return

        def opened(recipe: Recipe) -> None:
            self._settings.add_recipe(path)
            self._wrong.hide()
            self._add(recipe)
            self.list.setCurrentRow(self.list.count() - 1)

        self._jobs.submit(
            "recipes",
            "Recipe",
            lambda progress: load_recipe(path),
            done=opened,
            failed=self._complain,
            quiet=True,
        )

    def _complain(self, failure: Failure) -> None:
        self._wrong.setText(explained(failure)[0])
        self._wrong.show()


def all_recipes(own: list[Path], progress: Progress) -> list[Recipe]:
    """The shipped recipes, then those of the user's that can be read."""
    from seam_core import recipes

    offered = recipes.shipped()
    for path in own:
        progress.update(len(offered), len(offered) + len(own), path.name)
        try:
            offered.append(recipes.load(path))
        except (InputError, OSError):
            continue  # moved or changed since; it is offered again once it is mended
    return offered


def load_recipe(path: Path) -> Recipe:
    """One of the user's recipes. Raises `InputError`."""
    from seam_core import recipes

    return recipes.load(path)


def needs(recipe: Recipe) -> str:
    """What the user brings, in words."""
    words = {"model": words_for_model(recipe), "sequence": "a reference sequence"}
    return " and ".join(words[need] for need in recipe.needs) or "nothing"


def description(recipe: Recipe) -> str:
    """A recipe for people who choose one, as HTML."""
    rows = [
        ("Answers", recipe.question),
        ("Needs", needs(recipe)),
        ("Look at", recipe.look_at),
        ("The authors' settings", recipe.authors),
        ("Here", settings_of(recipe)),
    ]
    if recipe.variants:
        runs = ", ".join(variant.name for variant in recipe.variants)
        what = "one session, coloured by Task" if recipe.combine == "task" else "sessions, compared"
        rows.insert(2, ("Runs", f"{runs}: {what}"))
    parts = [f"<h3>{html.escape(recipe.title)}</h3>"]
    parts += [
        f"<p><b>{html.escape(name)}</b><br>{html.escape(text)}</p>" for name, text in rows if text
    ]
    return "".join(parts)


def settings_of(recipe: Recipe) -> str:
    """The settings that matter most, in words."""
    config = recipe.config
    library, clusterer = config.mutagenizer, config.clusterer
    words = [f"{library.library} library"]
    if library.library != "combinatorial":
        words.append(f"{library.n_sequences:,} sequences")
    if not any("attributer" in variant.changes for variant in recipe.variants):
        words.append(ATTRIBUTIONS.label(config.attributer.method))
    words.append(f"{CLUSTERINGS.label(clusterer.clustering)}, {clusterer.number_in_words}")
    return ", ".join(words)
