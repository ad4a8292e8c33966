"""Library: start an analysis, or look at the library of the one that is open."""

from __future__ import annotations

from PyQt5.QtWidgets import QSplitter, QVBoxLayout, QWidget

from seam_gui.look.text import counted
from seam_gui.look.theme import SPACING
from seam_gui.services import Services
from seam_gui.tabs.tab import Tab
from seam_gui.views.deferred import Deferred
from seam_gui.widgets.basics import Page, SidePanel, button, label
from seam_gui.widgets.library_form import LibraryForm
from seam_gui.widgets.library_pictures import LibraryPictures, numbers_of
from seam_gui.widgets.model_check import ModelCheck
from seam_gui.widgets.model_form import ModelForm
from seam_gui.widgets.sequence_form import SequenceForm
from seam_gui.widgets.welcome import Welcome
from seam_gui.windows.recipes.buttons import LibraryButtons
from seam_gui.windows.recipes.form import RecipeForm, VariantForms
from seam_gui.work.documents import demos


class LibraryTab(Tab):
    """Model, reference, mutagenesis on the left; what the library looks like on the right."""

    title = "Library"

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(services, parent)
        self._splitter = QSplitter()
        self._splitter.setObjectName("library_splitter")
        self._splitter.addWidget(self._make_panel())
        self._splitter.addWidget(self._make_page())
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._splitter)
        self._refresh = Deferred(self, self._show)
        state = self.state
        state.session_changed.connect(self._refresh)
        state.record_changed.connect(self._follow)
        self._refresh()

    def _make_panel(self) -> SidePanel:
        state, jobs = self.state, self.jobs
        panel = SidePanel("library_panel")
        self.recipe_form = RecipeForm(state)
        self.recipe_form.choose_requested.connect(lambda: self._ask("recipe"))
        panel.add_section("Recipe", self.recipe_form)
        self.model_form = ModelForm(state)
        self._check = ModelCheck(state, jobs, self.services.engine, self.model_form.answer)
        self.model_form.check_requested.connect(self._check.check)
        panel.add_section("Model", self.model_form)
        self.sequence_form = SequenceForm(state, jobs)
        panel.add_section("Reference sequence", self.sequence_form)
        panel.add(VariantForms(state))
        panel.add_section("Mutagenesis", LibraryForm(state))
        panel.finish()
        self.run_buttons = LibraryButtons(state, jobs)
        panel.buttons.addWidget(self.run_buttons)
        return panel

    def _make_page(self) -> Page:
        services = self.services
        empty = Welcome(
            services.settings,
            demos,
            services.navigator.open_path,
            services.navigator.open_demo,
            lambda: self._ask("tour"),
            button(
                "Open the demo",
                "empty_demo",
                "A precomputed result",
                lambda: self._ask("first_demo"),
            ),
            button(
                "Start from a recipe…",
                "empty_recipe",
                "Nine published analyses, and yours (Ctrl+Shift+N)",
                lambda: self._ask("recipe"),
            ),
            button("Open a session…", "empty_open", "A folder (Ctrl+O)", lambda: self._ask("open")),
            button(
                "Import files…",
                "empty_import",
                "Table, maps, embedding or linkage made elsewhere (Ctrl+I)",
                lambda: self._ask("import"),
            ),
        )
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(SPACING * 3, SPACING * 2, SPACING * 3, SPACING * 2)
        layout.setSpacing(SPACING * 2)
        self._name = label("", "title", "library_name")
        self._facts = label("", "muted", "library_facts")
        self._made_by = label("", "", "library_made_by")
        self.pictures = LibraryPictures()
        for widget in (self._name, self._facts, self._made_by):
            layout.addWidget(widget)
        layout.addWidget(self.pictures, 1)
        self.page = Page(content, empty)
        empty.follow(self.jobs)
        return self.page

    def _ask(self, command: str) -> None:
        """What an entry of the File menu does."""
        self.services.navigator.trigger(command)

    def _follow(self, slot: str) -> None:
        if slot in ("library", "table"):
            self._refresh()

    def _show(self) -> None:
        session = self.state.session
        library = session.library
        self.page.show_content(library is not None)
        if library is None:
            return
        self._name.setText(session.name)
        facts = [
            counted(len(library), "sequence"),
            counted(library.length, "position"),
            f"alphabet {library.alphabet}",
        ]
        if library.reference is None:
            facts.append("no reference")
        self._facts.setText("   ·   ".join(facts))
        from seam_core.recipes import of_session  # prepared in a thread, before there is a library

        made_by, words = of_session(session), []
        if made_by is not None and made_by.title != session.name:
            words.append(f"Recipe: {made_by.title}")
        if made_by is not None and made_by.look_at:
            words.append(f"Look at: {made_by.look_at}")
        self._made_by.setText("\n".join(words))
        self._made_by.setVisible(bool(words))
        self.jobs.submit(
            "library_pictures",
            "Histograms",
            lambda progress: numbers_of(session, progress),
            done=self.pictures.show_numbers,
            quiet=True,
        )
