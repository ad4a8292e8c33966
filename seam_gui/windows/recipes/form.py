"""The recipe of the next run in the Library tab: what it is, and its runs where it has several."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QVBoxLayout, QWidget

from seam_core.parameters import OracleParameters, Parameters
from seam_core.stages import PARTS
from seam_core.validate import InputError
from seam_gui.look.theme import SPACING
from seam_gui.state.app_state import AppState
from seam_gui.widgets.basics import button, discard, label, row
from seam_gui.widgets.parameter_form import ParameterForm

if TYPE_CHECKING:
    from seam_core.pipeline import RunConfig
    from seam_core.recipes import Recipe, Variant

_LEAST_RUNS = 2


class RecipeForm(QWidget):
    """Says which recipe the forms were filled from.

    choose_requested : the user wants to see the recipes
    """

    choose_requested = pyqtSignal()

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self.setObjectName("recipe_form")
        self._state = state
        self._title = label("", "", "recipe_title")
        self._question = label("", "muted", "recipe_question")
        self._choose = button(
            "Start from a recipe…",
            "recipe_choose",
            "Nine published analyses, and yours: fills the forms of all tabs",
            self.choose_requested.emit,
        )
        self._forget = button(
            "Without a recipe",
            "recipe_forget",
            "Keep the parameters, as an analysis of your own of one run",
            lambda: state.set_recipe(None),
        )
        self._forget.setProperty("link", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        for widget in (self._title, self._question):
            layout.addWidget(widget)
        layout.addLayout(row(self._choose, None, self._forget))
        state.recipe_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        recipe = self._state.recipe
        for widget in (self._title, self._question, self._forget):
            widget.setVisible(recipe is not None)
        self._choose.setText("Another recipe…" if recipe else "Start from a recipe…")
        if recipe is not None:
            self._title.setText(recipe.title)
            self._question.setText(recipe.question)


class VariantForms(QWidget):
    """What differs between the runs of a recipe, each run with its own editors."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self.setObjectName("recipe_runs")
        self._state = state
        self._shown: Recipe | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(SPACING)
        state.recipe_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        recipe = self._state.recipe
        self.setVisible(bool(recipe and recipe.variants))
        before, self._shown = self._shown, recipe
        if _layout_of(before) == _layout_of(recipe):
            return
        while self._layout.count():
            discard(self._layout.takeAt(0).widget())
        if recipe is None:
            return
        for index, variant in enumerate(recipe.variants):
            self._layout.addWidget(self._make_run(recipe, index, variant))

    def _make_run(self, recipe: Recipe, index: int, variant: Variant) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        leave = button(
            "Leave out", f"run_{index}_leave_out", "Do not make this run", lambda: self._drop(index)
        )
        leave.setProperty("link", True)
        leave.setVisible(len(recipe.variants) > _LEAST_RUNS)
        heading = label(f"Run “{variant.name}”", "heading", f"run_{index}_name")
        line = row(heading, leave)
        line.setStretch(0, 1)
        layout.addLayout(line)
        for part, values in variant.changes.items():
            form = ParameterForm(PARTS[part], f"run_{index}_{part}", only=tuple(values))
            form.set_value(getattr(variant.applied(recipe.config), part))
            form.changed.connect(lambda value, p=part, i=index: self._take(i, p, value))
            layout.addWidget(form)
        return page

    def _take(self, index: int, part: str, value: Parameters) -> None:
        """A parameter of one run was changed."""
        recipe = self._state.recipe
        if recipe is None:
            return
        variant = recipe.variants[index]
        own = {name: getattr(value, name) for name in variant.changes[part]}
        changed = replace(variant, changes={**variant.changes, part: own})
        variants = (*recipe.variants[:index], changed, *recipe.variants[index + 1 :])
        self._state.set_recipe(replace(recipe, variants=variants))

    def _drop(self, index: int) -> None:
        recipe = self._state.recipe
        if recipe is None:
            return
        variants = (*recipe.variants[:index], *recipe.variants[index + 1 :])
        self._state.set_recipe(replace(recipe, variants=variants))


def _layout_of(recipe: Recipe | None) -> Any:
    """What makes other forms necessary: the runs, and which parameters differ in each."""
    if recipe is None:
        return None
    runs = [
        (variant.name, [(part, list(values)) for part, values in variant.changes.items()])
        for variant in recipe.variants
    ]
    return recipe.name, recipe.title, runs


def use(state: AppState, recipe: Recipe) -> None:
    """Fill all forms with a recipe's parameters; the model and the sequence stay the user's."""
    state.set_recipe(None)
    state.set_config(filled(state.config, recipe))
    state.set_recipe(recipe)


def filled(config: RunConfig, recipe: Recipe) -> RunConfig:
    """A recipe's parameters, with what the user said of the model unless the recipe says it."""
    standard = OracleParameters().to_dict()
    said = {
        name: value
        for name, value in recipe.config.oracle.to_dict().items()
        if value != standard[name]
    }
    return replace(
        recipe.config,
        oracle=config.oracle.replace(**said),
        sequence=config.sequence,
        record=config.record,
        name=config.name,
        locus=config.locus,
    )


def words_for_model(recipe: Recipe) -> str:
    """What takes the model's place: landscapes may be measured."""
    measured = recipe.config.attributer.method == "ism" and "sequence" not in recipe.needs
    return "a model or a table of measurements" if measured else "a model"


def lacking(state: AppState) -> str:
    """What the recipe cannot start without, in words; "" when it can."""
    recipe, config = state.recipe, state.config
    if recipe is None:
        return "a recipe"
    words = []
    if "model" in recipe.needs and not config.oracle.model:
        words.append(words_for_model(recipe))
    if "sequence" in recipe.needs and not config.sequence:
        words.append("a reference sequence")
    try:
        for variant in recipe.variants:
            variant.applied(config)
    except InputError as error:
        words.append(f"other parameters ({error})")
    return " and ".join(words)
