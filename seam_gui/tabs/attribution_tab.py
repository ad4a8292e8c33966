"""Attribution: method and its parameters; the first maps as logos; how complete they are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PyQt5.QtCore import QSignalBlocker
from PyQt5.QtWidgets import QScrollArea, QSplitter, QVBoxLayout, QWidget

from seam_core.progress import Progress
from seam_core.registry import ATTRIBUTIONS
from seam_core.session import Session
from seam_core.stages import from_stage_on
from seam_gui.look.text import counted
from seam_gui.look.theme import SPACING
from seam_gui.tabs.tab import Tab
from seam_gui.views.curves import Histogram
from seam_gui.views.deferred import Deferred
from seam_gui.views.logo_painting import Logo
from seam_gui.views.logo_view import LogoView
from seam_gui.views.plot import Mark
from seam_gui.views.position_axis import PositionAxis
from seam_gui.widgets.basics import EmptyState, Page, SidePanel, button, label, row
from seam_gui.widgets.coming_maps import Coming, ComingMaps
from seam_gui.widgets.fields import SpinBox
from seam_gui.widgets.model_answer import ModelAnswer
from seam_gui.widgets.model_check import ModelCheck
from seam_gui.widgets.stage_form import RunButtons, StageForm

_SHOWN = 6


class AttributionTab(Tab):
    """Form on the left; logos of single maps and the completeness error on the right."""

    title = "Attribution"
    warm_up = ("seam_core.pipeline", "seam_core.attributer")

    def build(self) -> Iterator[None]:
        """Make the form and the pictures, a step each."""
        state = self.state
        splitter = QSplitter()
        splitter.setObjectName("attribution_splitter")
        splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)
        yield from self._make_panel(splitter)
        splitter.addWidget(self._make_page())
        splitter.setStretchFactor(1, 1)
        yield
        self._coming = ComingMaps(state, self.jobs, self, _SHOWN)
        self._coming.found.connect(self._show_coming)
        self._refresh = Deferred(self, self._show)
        self._coming.ended.connect(self._refresh)
        state.session_changed.connect(self._refresh)
        state.record_changed.connect(lambda slot: self._refresh() if slot == "maps" else None)
        self._refresh()

    def _make_panel(self, splitter: QSplitter) -> Iterator[None]:
        panel = SidePanel("attribution_panel")
        splitter.addWidget(panel)
        form = StageForm(self.state, "attributer")
        yield
        panel.add_section("Attribution maps", form)
        panel.add_section("Table of sequences", StageForm(self.state, "compiler"))
        self.model_answer = ModelAnswer(
            self.state,
            "attribution_found",
            lambda: (self.state.config.oracle, self.state.config.attributer),
        )
        self._check = ModelCheck(
            self.state, self.jobs, self.services.engine, self.model_answer, maps=True
        )
        check = button(
            "Check the model and the time",
            "attribution_check",
            "Load the model, make a few maps as chosen here, and say how long all of them take",
            self._check.check,
        )
        panel.add(check, self.model_answer)
        panel.finish()
        self.run_buttons = RunButtons(
            self.state,
            self.jobs,
            "attribution",
            "Compute the maps",
            "One map for each sequence of the library, and the model's predictions (Ctrl+Return)",
            lambda: ("attributer", "compiler"),
            [
                (
                    "attribution_onwards",
                    "Maps and all that follows",
                    "Maps, table, clusters, mechanisms, sites",
                    from_stage_on("attributer"),
                )
            ],
        )
        panel.buttons.addWidget(self.run_buttons)
        yield

    def _make_page(self) -> Page:
        empty = EmptyState(
            "attribution_empty",
            "No attribution maps yet",
            "A map says how much each letter of a sequence matters to the model. Choose a method "
            "on the left and compute them, or import maps made elsewhere (File > Import files).",
        )
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(SPACING * 3, SPACING * 2, SPACING * 3, SPACING * 2)
        layout.setSpacing(SPACING)
        self._facts = label("", "muted", "attribution_facts")
        self.first = SpinBox()
        self.first.setObjectName("attribution_first")
        self.first.setToolTip("Row of the library that the first logo shows (from 0)")
        self.first.setPrefix("from row ")
        self.first.setKeyboardTracking(False)
        self.first.valueChanged.connect(lambda _: self._preview())
        line = row(
            label("Single maps", "heading"),
            None,
            button("◂", "attribution_back", "The maps before", lambda: self._step(-_SHOWN)),
            self.first,
            button("▸", "attribution_next", "The maps after", lambda: self._step(_SHOWN)),
        )
        layout.addWidget(self._facts)
        layout.addLayout(line)
        layout.addWidget(self._make_logos(), 3)
        self.completeness = Histogram(
            "completeness_histogram",
            "Completeness error",
            "|sum of the map - difference explained| (model's unit)",
            "maps",
        )
        self.completeness.hide()
        layout.addWidget(self.completeness, 1)
        self._page = Page(content, empty)
        empty.follow(self.jobs)
        return self._page

    def _make_logos(self) -> QScrollArea:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        self._axis = PositionAxis(self)
        self._logos = []
        for i in range(_SHOWN):
            logo = LogoView(self._axis)
            logo.setObjectName(f"attribution_logo_{i}")
            logo.setMinimumHeight(SPACING * 13)
            column.addWidget(logo, 1)
            self._logos.append(logo)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        return scroll

    def _step(self, by: int) -> None:
        self.first.setValue(self.first.value() + by)

    def _show_coming(self, coming: Coming) -> None:
        """The first maps of a run that is still going."""
        config, library = self.state.config, self.state.session.library
        alphabet = config.oracle.alphabet if library is None else library.alphabet
        self._page.show_content(True)
        width = coming.maps.shape[1]
        if (self._axis.start, self._axis.stop) != (coming.start, coming.start + width):
            self._axis.set_extent(coming.start, coming.start + width)
        left = coming.n < coming.total
        self._facts.setText(
            f"{ATTRIBUTIONS.label(config.attributer.method)}   ·   "
            + (f"{coming.n:,} of {coming.total:,} maps so far" if left else "all maps are made")
            + "   ·   the run goes on"
        )
        with QSignalBlocker(self.first):
            self.first.setRange(0, coming.n - 1)
        first = self.first.value()
        names = [
            f"#{first + i}   ·   activity {value:.3g}" for i, value in enumerate(coming.activities)
        ]
        self._draw_maps(list(coming.maps), names, coming.start, alphabet)
        errors = coming.errors
        self._show_completeness(None if np.isnan(errors).all() else errors)

    def _show(self) -> None:
        if self._coming.active:
            return  # it shows what there is
        session = self.state.session
        maps = session.maps
        self._page.show_content(maps is not None)
        if maps is None:
            return
        n, _, letters = maps.maps.shape
        parts = [
            counted(n, "map"),
            f"positions {maps.start}-{maps.stop}",
            counted(letters, "letter"),
        ]
        if maps.parameters is not None:
            parts.insert(0, ATTRIBUTIONS.label(maps.parameters.method))
        self._facts.setText("   ·   ".join(parts))
        with QSignalBlocker(self.first):
            self.first.setRange(0, max(0, n - 1))
            self.first.setValue(0)
        self._axis.set_extent(maps.start, maps.stop)
        self._axis.set_locus(self.state.session.locus)
        self._show_completeness(maps.completeness_error)
        self._preview()

    def _show_completeness(self, errors: np.ndarray | None) -> None:
        self.completeness.setVisible(errors is not None)
        if errors is not None:
            middle = float(np.median(errors))
            self.completeness.set_values(
                np.asarray(errors), (Mark(middle, f"median {middle:.3g}"),)
            )
            self.completeness.note = f"largest {float(np.max(errors)):.3g}"

    def _preview(self) -> None:
        session, first = self.state.session, self.first.value()
        if self._coming.active:
            self._coming.show_from(first)
            return
        if session.maps is None:
            return
        self.jobs.submit(
            "map_preview",
            "Preview",
            lambda progress: _first_maps(session, first, progress),
            done=self._draw,
            quiet=True,
        )

    def _draw(self, logos: list[tuple[np.ndarray, str]]) -> None:
        session = self.state.session
        if session.maps is None or session.library is None or self._coming.active:
            return
        maps, names = [values for values, _ in logos], [name for _, name in logos]
        self._draw_maps(maps, names, session.maps.start, session.library.alphabet)

    def _draw_maps(
        self, maps: list[np.ndarray], names: list[str], start: int, alphabet: str
    ) -> None:
        for i, view in enumerate(self._logos):
            view.setVisible(i < len(maps))
            if i < len(maps):
                view.set_logo(Logo(maps[i], start, alphabet), names[i])


def _first_maps(session: Session, first: int, progress: Progress) -> list[tuple[np.ndarray, str]]:
    """Some maps, read from disk in a worker thread, as contributions of the present letters."""
    logos: list[tuple[np.ndarray, str]] = []
    library, maps = session.library, session.maps
    if library is None or maps is None:
        return logos
    for i in range(first, min(first + _SHOWN, len(maps))):
        progress.update(i - first, _SHOWN)
        values = np.array(maps.maps[i], dtype=np.float64)
        words = [f"#{i}"]
        if session.table is not None:
            words.append(f"activity {session.table.activity[i]:.3g}")
        if library.reference is not None:
            mutations = int((library.sequences[i] != library.reference).sum())
            words.append("the reference" if mutations == 0 else counted(mutations, "mutation"))
        logos.append((values, "   ·   ".join(words)))
    return logos
