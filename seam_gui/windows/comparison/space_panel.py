"""The shared embedding: points of all sessions in one scatter."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import (
    QComboBox,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from seam_core.parameters import ClustererParameters, Parameters, describe, in_use
from seam_core.pictures import Legend
from seam_core.registry import EMBEDDINGS
from seam_gui.look.theme import SPACING, theme
from seam_gui.views import rasteriser
from seam_gui.views.scatter_parts import number
from seam_gui.views.scatter_view import ScatterView
from seam_gui.widgets.basics import label, row
from seam_gui.widgets.cluster_colours import colour_codes
from seam_gui.widgets.fields import ComboBox, SpinBox
from seam_gui.widgets.parameter_form import ParameterForm
from seam_gui.windows.comparison.compared import Compared

if TYPE_CHECKING:
    from seam_core.comparison import SharedEmbedding

COLOURS = {"session": "Session", "cluster": "Cluster", "activity": "Activity"}
_MOST, _FIRST_MOST = 200_000, 10_000
_FIRST_METHOD = "pca"  # the quickest


@dataclass(frozen=True, eq=False)
class Space:
    """What the scatter shows.

    shared : the embedding
    partners : for each session, its cluster id -> the id whose colour it takes (its partner's in
        the left session; -1 for none)
    """

    compared: tuple[Compared, ...]
    names: tuple[str, ...]
    shared: SharedEmbedding
    partners: tuple[dict[int, int], ...]

    def clusters(self) -> np.ndarray:
        """(n,) cluster ids of the points, each session's own."""
        parts = [
            each.cluster_labels[self.shared.row[self.shared.session == index]]
            for index, each in enumerate(self.compared)
        ]
        return np.concatenate(parts)

    def activities(self) -> np.ndarray:
        """(n,) activities of the points; NaN where a session has no table."""
        parts = []
        for index, each in enumerate(self.compared):
            rows = self.shared.row[self.shared.session == index]
            table = each.session.table
            parts.append(np.full(len(rows), np.nan) if table is None else table.activity[rows])
        return np.concatenate(parts)

    def describe(self, point: int) -> str:
        """What the card says about a point."""
        which, index = int(self.shared.session[point]), int(self.shared.row[point])
        each = self.compared[which]
        words = [self.names[which], f"#{index:,}"]
        if each.session.table is not None:
            words.append(f"Activity {number(float(each.session.table.activity[index]))}")
        cluster = int(each.cluster_labels[index])
        return "   ".join(words) + f"\n{'noise' if cluster < 0 else f'cluster {cluster}'}"


class SpacePanel(QWidget):
    """Scatter and what it is made and coloured by.

    wanted : another embedding is asked for
    picked : session, cluster of the point clicked
    """

    wanted = pyqtSignal()
    picked = pyqtSignal(int, int)

    def __init__(self) -> None:
        super().__init__()
        self._space: Space | None = None
        self.method = _choice("comparison_embedding", "How all maps are laid out together")
        for name in EMBEDDINGS.names():
            self.method.addItem(EMBEDDINGS.label(name), name)
        self.method.setCurrentIndex(self.method.findData(_FIRST_METHOD))
        self._of_methods = [
            item.name
            for item in describe(ClustererParameters)
            if item.when is not None and item.when[0] == "embedding"
        ]
        self.form = ParameterForm(ClustererParameters, "comparison", only=self._of_methods)
        self.form_button = _popup(self.form)
        self.most = SpinBox()
        self.most.setObjectName("comparison_most")
        self.most.setRange(100, _MOST)
        self.most.setSingleStep(1000)
        self.most.setGroupSeparatorShown(True)
        self.most.setValue(_FIRST_MOST)
        self.most.setSuffix(" a session")
        self.most.setKeyboardTracking(False)
        self.most.setToolTip("Sequences of each session in the picture, drawn at random")
        self.colour = _choice("comparison_colour", "What the colours say")
        for name, text in COLOURS.items():
            self.colour.addItem(text, name)
        self.shown = _choice("comparison_shown", "Whose points stand out")
        self.view = ScatterView()
        self.view.setObjectName("comparison_scatter")
        self.view.set_empty_text("The shared embedding appears here")
        self.view.set_describer(
            lambda point: "" if self._space is None else self._space.describe(point)
        )
        self.view.clicked.connect(self._pick)
        self._names = label("", "", "comparison_legend")
        self._names.setTextFormat(Qt.RichText)
        self.method.activated.connect(lambda _: self._change_method())
        self.form.changed.connect(lambda _: self.wanted.emit())
        self.most.valueChanged.connect(lambda _: self.wanted.emit())
        self.colour.currentIndexChanged.connect(lambda _: self._recolour())
        self.shown.activated.connect(lambda _: self._emphasise())
        theme().changed.connect(self._recolour)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING * 2, SPACING, SPACING, SPACING)
        layout.setSpacing(SPACING)
        layout.addLayout(
            row(self.method, self.form_button, self.most, self.colour, self.shown, None)
        )
        layout.addWidget(self._names)
        layout.addWidget(self.view, 1)
        self._show_method()

    @property
    def parameters(self) -> Parameters:
        """Of the embedding wanted: the method and what it uses."""
        return self.form.value

    def _change_method(self) -> None:
        self._show_method()
        self.wanted.emit()

    def _show_method(self) -> None:
        """The form holds the rows of the method chosen."""
        self.form.set_value(self.form.value.replace(embedding=self.method.currentData()))
        used = in_use(self.form.value) & set(self._of_methods)
        self.form_button.setEnabled(bool(used))

    @property
    def space(self) -> Space | None:
        """What is shown."""
        return self._space

    def set_space(self, space: Space | None) -> None:
        """Show another embedding, or the same with other partners."""
        before, self._space = self._space, space
        if space is None:
            none = np.zeros(0, dtype=np.float32)
            self.view.set_points(none, none)
            self._names.setText("")
            return
        if before is None or before.shared is not space.shared:
            embedding = space.shared.embedding
            points = embedding.coordinates
            names = (embedding.axis_name(0), embedding.axis_name(1))
            self.view.set_points(points[:, 0], points[:, 1], names)
            # no session hides another
            self.view.set_order(np.random.default_rng(0).permutation(len(points)))
            place = self.shown.currentIndex()
            self.shown.clear()
            self.shown.addItems(["All sessions", *space.names])
            self.shown.setCurrentIndex(place if 0 <= place < self.shown.count() else 0)
        self._recolour()
        self._emphasise()

    def _recolour(self) -> None:
        space = self._space
        if space is None:
            return
        sessions = theme().categorical(len(space.compared))
        self._names.setText(
            "&nbsp;&nbsp;&nbsp;".join(
                f'<span style="color:{QColor(*colour.tolist()).name()}">●</span> {name}'
                for colour, name in zip(sessions, map(html.escape, space.names), strict=True)
            )
        )
        by = self.colour.currentData()
        self._names.setVisible(by == "session")
        if by == "session":
            self.view.set_colours(space.shared.session.astype(np.uint16), sessions)
        elif by == "cluster":
            self.view.set_colours(*_by_cluster(space))
        else:
            self.view.set_colours(*_by_activity(space))

    def _emphasise(self) -> None:
        space, place = self._space, self.shown.currentIndex()
        if space is None:
            return
        state = np.full(len(space.shared.session), rasteriser.NORMAL, dtype=np.uint8)
        if place > 0:
            state[space.shared.session != place - 1] = rasteriser.DIM
        self.view.set_states(state)

    def _pick(self, point: int, _mode: str) -> None:
        if point >= 0 and self._space is not None:
            which = int(self._space.shared.session[point])
            labels = self._space.compared[which].cluster_labels
            self.picked.emit(which, int(labels[self._space.shared.row[point]]))


def _by_cluster(space: Space) -> tuple[np.ndarray, np.ndarray]:
    """Matched clusters of all sessions have one colour; those without a partner are grey."""
    own = space.clusters()
    colour = np.full(len(own), -1, dtype=np.int64)
    for which, partners in enumerate(space.partners):
        mine = space.shared.session == which
        for cluster, partner in partners.items():
            colour[mine & (own == cluster)] = partner
    return colour_codes(colour)


def _by_activity(space: Space) -> tuple[np.ndarray, np.ndarray, Legend]:
    values = space.activities()
    known = values[np.isfinite(values)]
    low, high = np.quantile(known, (0.01, 0.99)) if len(known) else (0.0, 1.0)
    level = np.nan_to_num((values - low) / max(high - low, 1e-12) * 255)
    colours = theme().sequential()
    legend = Legend("Activity", float(low), float(high), colours)
    return np.clip(level, 0, 255).astype(np.uint16), colours, legend


def _popup(form: QWidget) -> QToolButton:
    """A button that shows a form."""
    button = QToolButton()
    button.setObjectName("comparison_parameters")
    button.setText("Parameters")
    button.setToolTip("Parameters of the embedding")
    button.setPopupMode(QToolButton.InstantPopup)
    menu = QMenu(button)
    action = QWidgetAction(menu)
    action.setDefaultWidget(form)
    menu.addAction(action)
    button.setMenu(menu)
    return button


def _choice(name: str, tip: str) -> QComboBox:
    box = ComboBox()
    box.setObjectName(name)
    box.setToolTip(tip)
    box.setSizeAdjustPolicy(QComboBox.AdjustToContents)
    return box
