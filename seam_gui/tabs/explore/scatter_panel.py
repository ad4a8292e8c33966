"""The scatter with its controls: axes, colour, order, size, tools, the reference, a query."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from PyQt5.QtCore import QSignalBlocker, pyqtSignal
from PyQt5.QtWidgets import (
    QApplication,
    QComboBox,
    QVBoxLayout,
    QWidget,
)

from seam_core.manner import manner_of
from seam_core.pictures import ORDERS, Arrow, by_cluster, kept_arrows, rows_named
from seam_core.point_marks import STARS, Sight
from seam_core.selection import (
    Clusters,
    Everything,
    Gesture,
    Polygon,
    Query,
    Rectangle,
    Selection,
)
from seam_gui.look.text import PlainLabel
from seam_gui.look.theme import SPACING, theme
from seam_gui.pictures.scene import Scene
from seam_gui.tabs.explore.question import Question
from seam_gui.tabs.explore.scatter_tools import IconButton, ToolButtons
from seam_gui.views.gestures import mode_of
from seam_gui.views.scatter_view import ScatterView
from seam_gui.widgets.basics import row
from seam_gui.widgets.fields import ComboBox, DoubleSpinBox
from seam_gui.widgets.flow_row import FlowRow
from seam_gui.widgets.mode_box import ModeBox

_NO_REFERENCE = "The reference is none of these sequences"
TASK = "Task"  # column that tells the runs of a joined session apart


class ScatterPanel(QWidget):
    """Controls above, the scatter below.

    gesture_made : gesture, mode
    cleared : a click beside all points
    redrawn : other colours, order or selection
    """

    gesture_made = pyqtSignal(object, str)
    cleared = pyqtSignal()
    axes_changed = pyqtSignal()
    redrawn = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scatter_panel")
        self.view = ScatterView()
        self._scene: Scene | None = None
        self._selection: Selection | None = None
        self._left_out: Mapping[str, tuple[str, ...]] = {}
        self._wanted_axes = (0, 1)  # of the embedding to come
        self._limits: dict[str, tuple[float, float]] = {}  # of colours, as the user dragged them
        self._sight: Sight | None = None  # of the points to come
        self._wanted = "cluster"  # as chosen, also while a session without it is shown
        self._build_controls()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        bar, query = QWidget(), QWidget()
        bar.setLayout(self._top)
        query.setLayout(self._bottom)
        for part in (bar, query):
            part.layout().setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        layout.addWidget(bar)
        layout.addWidget(self.view, 1)
        layout.addWidget(query)
        self.view.clicked.connect(self._clicked)
        self.view.levels_chosen.connect(self._choose_levels)
        self.view.lassoed.connect(
            lambda points, mode: self.gesture_made.emit(Polygon(tuple(points), self.axes), mode)
        )
        self.view.boxed.connect(
            lambda low, high, mode: self.gesture_made.emit(Rectangle(low, high, self.axes), mode)
        )
        self._safe = theme().colour_blind
        theme().changed.connect(self._dress)

    def _build_controls(self) -> None:
        self._x = self._combo("scatter_x_axis", "Axis across", self._set_axes)
        self._y = self._combo("scatter_y_axis", "Axis up", self._set_axes)
        self._colour = self._combo(
            "scatter_colour", "What the colour of a point says", self._choose_colour
        )
        self._order = self._combo(
            "scatter_order",
            "Which points are drawn last, on top: by the value that colours them, or at random",
            self._reorder,
        )
        self._order.addItems(ORDERS)
        self._size = DoubleSpinBox()
        self._size.setObjectName("scatter_size")
        self._size.setToolTip("Diameter of a point, in pixels; auto: by the number of points")
        self._size.setRange(0.0, 20.0)
        self._size.setDecimals(0)
        self._size.setPrefix("size ")
        self._size.setSpecialValueText("size auto")
        self._size.valueChanged.connect(self._choose_size)
        self._go = IconButton(
            "reference", "scatter_reference", "Go to the reference sequence, the star (R)"
        )
        self._go.clicked.connect(self.go_to_reference)
        self._fit = IconButton("fit", "scatter_fit", "Show all points (F)")
        self._fit.clicked.connect(self.view.fit)
        history = self.view.history
        self._back = IconButton("back", "scatter_back", "What was shown before (Alt+Left)")
        self._back.clicked.connect(history.back)
        self._forward = IconButton("forward", "scatter_forward", "Forward again (Alt+Right)")
        self._forward.clicked.connect(history.forward)
        history.changed.connect(self._show_ways)
        self._tools = ToolButtons(self.view.set_tool, self)
        self._mode = ModeBox("scatter_mode")
        self._mode.chosen.connect(self.view.set_mode)
        self._axes_label = PlainLabel("axes")
        self._axes_label.setProperty("role", "muted")
        colour_label = PlainLabel("colour")
        colour_label.setProperty("role", "muted")
        self._top = FlowRow(
            *self._tools.all,
            self._mode,
            colour_label,
            self._colour,
            self._order,
        )
        self._question = Question()
        self._question.asked.connect(self._ask)
        self._bottom = row(
            self._question,
            self._question.reply,
            self._axes_label,
            self._x,
            self._y,
            self._back,
            self._forward,
            self._fit,
            self._go,
            self._size,
        )
        self._bottom.setStretch(0, 1)
        self._show_axes(False)
        self._show_ways()

    def _show_ways(self) -> None:
        """Whether there is a way back and forward."""
        for button, can in zip((self._back, self._forward), self.view.history.can_go, strict=True):
            button.setEnabled(can)

    def _combo(self, name: str, tip: str, changed: Callable[[], None]) -> QComboBox:
        box = ComboBox()
        box.setObjectName(name)
        box.setToolTip(tip)
        box.setSizeAdjustPolicy(QComboBox.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(5)
        box.currentIndexChanged.connect(lambda _: changed())
        return box

    def _arrows(self) -> list[Arrow]:
        """To the variants that are kept with the session."""
        session = None if self._scene is None else self._scene.session
        if session is None or session.embedding is None:
            return []
        return kept_arrows(session.embedding, session.experiments, self.axes)

    def _dress(self) -> None:
        """Another theme: points have other colours for colour-blind eyes alone, and as density."""
        if theme().colour_blind != self._safe or self.colour_by == "density":
            self._safe = theme().colour_blind
            self._recolour()

    # what is shown

    @property
    def axes(self) -> tuple[int, int]:
        """The two axes of the embedding that are shown."""
        return max(self._x.currentIndex(), 0), max(self._y.currentIndex(), 0)

    @property
    def colour_by(self) -> str:
        """ "cluster", "density" or the name of a column."""
        return self._colour.currentData() or "cluster"

    @property
    def limits(self) -> tuple[float, float] | None:
        """Values at the ends of the colours, where the user chose them."""
        return self._limits.get(self.colour_by)

    @property
    def order(self) -> str:
        """ "original", "ascending", "descending" or "random"."""
        return self._order.currentText()

    def set_scene(self, scene: Scene) -> None:
        """Show another session, or the same one with other clusters."""
        before, self._scene = self._scene, scene
        same = before is not None and before.session.embedding is scene.session.embedding
        another = before is None or before.session.library is not scene.session.library
        if another:
            self._limits.clear()
            self._question.forget()
            self._take_manner(scene)
        if another and has_tasks(scene):
            self._wanted = TASK  # several runs were joined to be seen so
            with QSignalBlocker(self._order):
                self._order.setCurrentText("random")  # that none hides another
        if not same:
            self._fill_axes(scene)
        self._fill_colours(scene)
        if not same:
            self._set_axes()
        self.view.set_reference(scene.reference)
        self._recolour()
        self.view.set_arrows(self._arrows())
        self._go.setEnabled(self._goal is not None)
        self.view.set_describer(scene.describe_point)

    def _take_manner(self, scene: Scene) -> None:
        """The colours, order and axes that were saved with the session."""
        if "pictures" in scene.session.state:
            saved = manner_of(scene.session.state)
            self._wanted, self._wanted_axes = saved.colour_by, saved.axes
            if saved.limits is not None:
                self._limits[saved.colour_by] = saved.limits
            self._size.setValue(saved.marker or 0)
            self._sight = saved.sight
            self.view.set_star(saved.star)
            with QSignalBlocker(self._order):
                self._order.setCurrentText(saved.order)

    def _fill_axes(self, scene: Scene) -> None:
        embedding = scene.session.embedding
        names = []
        if embedding is not None:
            names = [embedding.axis_name(i) for i in range(embedding.coordinates.shape[1])]
        wanted, self._wanted_axes = self._wanted_axes, (0, 1)
        for combo, default in zip((self._x, self._y), wanted, strict=True):
            with QSignalBlocker(combo):
                combo.clear()
                combo.addItems(names)
                combo.setCurrentIndex(min(default, len(names) - 1))
        self._show_axes(len(names) > 2)

    def _show_axes(self, shown: bool) -> None:
        for widget in (self._axes_label, self._x, self._y):
            widget.setVisible(shown)

    def _fill_colours(self, scene: Scene) -> None:
        before = self._wanted
        entries = []
        if scene.labels is not None:
            entries.append(("cluster", "cluster"))
        entries += [(name, name) for name in scene.columns]
        entries.append(("density", "density"))
        with QSignalBlocker(self._colour):
            self._colour.clear()
            for text, data in entries:
                self._colour.addItem(text, data)
            self._colour.setCurrentIndex(max(0, self._colour.findData(before)))

    def _set_axes(self) -> None:
        embedding = self._scene.session.embedding if self._scene is not None else None
        if embedding is None:
            empty = np.zeros(0, dtype=np.float32)
            self.view.set_points(empty, empty)
            return
        x, y = self.axes
        points = embedding.coordinates
        names = (self._x.itemText(x), self._y.itemText(y))
        self.view.set_points(points[:, x], points[:, y], names)
        self.view.set_arrows(self._arrows())
        sight, self._sight = self._sight, None
        if sight is not None:
            self.view.show_range(sight)
        self.axes_changed.emit()

    def _choose_colour(self) -> None:
        self._wanted = self.colour_by
        self._recolour()

    def _recolour(self) -> None:
        scene = self._scene
        if scene is None or scene.session.embedding is None:
            return
        by = self.colour_by
        self.view.set_density(by == "density")
        colouring = scene.coloured(by, self.limits)
        self.view.set_colours(colouring.codes, colouring.palette, colouring.legend)
        self._reorder()

    def _choose_levels(self, limits: tuple[float, float]) -> None:
        self._limits[self.colour_by] = limits
        self._recolour()

    def _choose_size(self, diameter: float) -> None:
        self.view.set_marker_size(diameter or None)
        self.redrawn.emit()

    def _reorder(self) -> None:
        if self._scene is not None:
            self.view.set_order(self._scene.drawn_in(self.order, self.colour_by))
            self.redrawn.emit()

    def leave_out(self, names: Mapping[str, tuple[str, ...]]) -> None:
        """Column of text -> names whose points are not drawn, beside those of hidden clusters."""
        if names != self._left_out:
            self._left_out = names
            self.set_selection(self._selection)

    def set_selection(self, selection: Selection | None) -> None:
        """Mark what is selected."""
        scene = self._scene
        if scene is not None and scene.session.embedding is not None:
            left_out = rows_named(scene.columns, self._left_out)
            self.view.set_states(scene.looks(selection, left_out))
            self.redrawn.emit()
        if selection is not self._selection:
            self._selection = selection
            self._question.show_for(selection)

    def preview(self, labels: np.ndarray | None) -> None:
        """Colour the points by a cut that is being tried; None: as before."""
        if labels is None or self._scene is None or self._scene.session.embedding is None:
            self._recolour()
            return
        self.view.set_density(False)
        tried = by_cluster(labels, colour_blind=theme().colour_blind)
        self.view.set_colours(tried.codes, tried.palette)
        self.redrawn.emit()

    @property
    def _goal(self) -> int | None:
        """The reference, where it has a point."""
        scene = self._scene
        return None if scene is None or scene.session.embedding is None else scene.reference

    def next_star(self) -> str:
        """The reference's star shown, with its name, hidden."""
        if self._goal is None:
            return _NO_REFERENCE
        at = STARS.index(self.view.star) + 1
        self.view.set_star(STARS[at % len(STARS)])
        self.redrawn.emit()
        return ""

    def go_to_reference(self) -> str:
        """Bring the reference to the middle."""
        if self._goal is None:
            return _NO_REFERENCE
        self.view.centre_on(self._goal)
        return ""

    # what the user asks for

    def focus_query(self) -> None:
        """Put the cursor into the question."""
        self._question.setFocus()
        self._question.selectAll()

    def answer(self, text: str, *, wrong: bool = False) -> None:
        """What the question found, or why it could not be answered."""
        self._question.answer(text, wrong=wrong)

    def choose_tool(self, tool: str) -> None:
        """As pressing the tool's button."""
        self._tools.choose(tool)

    def _clicked(self, index: int, mode: str) -> None:
        labels = None if self._scene is None else self._scene.labels
        if index >= 0 and labels is not None:
            self.gesture_made.emit(Clusters((int(labels[index]),)), mode)
        elif index < 0 and mode == "replace":
            self.cleared.emit()

    def _ask(self, text: str) -> None:
        if not text:
            self.cleared.emit()
            return
        gesture: Gesture = Everything() if text == "*" else Query(text)
        mode = mode_of(QApplication.keyboardModifiers(), self._mode.mode)
        self.gesture_made.emit(gesture, mode)


def has_tasks(scene: Scene) -> bool:
    """True where the sequences are of several tasks."""
    tasks = scene.columns.get(TASK)
    return tasks is not None and bool((tasks != tasks[:1]).any())
