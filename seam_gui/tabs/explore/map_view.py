"""One more map of the same sequences, in step with the scatter."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import QSignalBlocker, pyqtSignal
from PyQt5.QtWidgets import QComboBox, QToolButton, QVBoxLayout, QWidget

from seam_core.manner import MapShown
from seam_core.records import Embedding
from seam_core.selection import Clusters, Gesture, Polygon, Rectangle, Rows, inside_polygon
from seam_gui.look.theme import SPACING
from seam_gui.pictures.scene import Scene
from seam_gui.views.scatter_view import ScatterView
from seam_gui.widgets.fields import ComboBox
from seam_gui.widgets.flow_row import FlowRow


class MapView(QWidget):
    """Which embedding and which of its axes, above its points.

    changed : another embedding or axis was chosen
    dropped : it is no longer wanted
    gesture_made : gesture, mode
    """

    changed = pyqtSignal()
    dropped = pyqtSignal()
    gesture_made = pyqtSignal(object, str)
    cleared = pyqtSignal()

    def __init__(self, number: int) -> None:
        super().__init__()
        self.setObjectName(f"map_{number}")
        self.view = ScatterView()
        self.view.setObjectName(f"map_view_{number}")
        self.view.setAccessibleName("Another map of the sequences")
        self.view.setMinimumSize(160, 120)
        self._embedding: Embedding | None = None
        self._axes = (0, 1)
        self._own = True  # the embedding is the session's
        self._labels: np.ndarray | None = None
        self._source = self._box(f"map_source_{number}", "Which embedding this map shows")
        self._x = self._box(f"map_x_{number}", "Axis across")
        self._y = self._box(f"map_y_{number}", "Axis up")
        drop = QToolButton()
        drop.setObjectName(f"map_drop_{number}")
        drop.setText("×")
        drop.setToolTip("Show this map no longer")
        drop.setProperty("flat", True)
        drop.clicked.connect(self.dropped)
        bar = FlowRow(self._source, self._x, self._y, None, drop)
        bar.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self.view, 1)
        self.view.clicked.connect(self._clicked)
        self.view.lassoed.connect(self._lassoed)
        self.view.boxed.connect(self._boxed)

    def _box(self, name: str, tip: str) -> QComboBox:
        box = ComboBox()
        box.setObjectName(name)
        box.setToolTip(tip)
        box.setSizeAdjustPolicy(QComboBox.AdjustToContents)
        box.currentIndexChanged.connect(lambda _: self.changed.emit())
        return box

    @property
    def shown(self) -> MapShown:
        """Which embedding and axes are chosen."""
        axes = max(self._x.currentIndex(), 0), max(self._y.currentIndex(), 0)
        return MapShown(self._source.currentData() or "", axes)

    def offer(self, sources: dict[str, str], shown: MapShown) -> None:
        """Names of the embeddings in words, and which is chosen."""
        with QSignalBlocker(self._source):
            self._source.clear()
            for name, text in sources.items():
                self._source.addItem(text, name)
            self._source.setCurrentIndex(max(self._source.findData(shown.source), 0))

    def show_embedding(
        self, embedding: Embedding | None, shown: MapShown, scene: Scene, *, own: bool
    ) -> None:
        """The points of an embedding; None: it is on its way."""
        same = embedding is self._embedding and self.view.points.x.size == scene.n
        same = same and shown.axes == self._axes
        self._embedding, self._own, self._labels = embedding, own, scene.labels
        self._axes = shown.axes
        names = [] if embedding is None else embedding_axes(embedding)
        for box, axis in zip((self._x, self._y), shown.axes, strict=True):
            with QSignalBlocker(box):
                box.clear()
                box.addItems(names)
                box.setCurrentIndex(min(axis, len(names) - 1))
                box.setVisible(len(names) > 2)
        if same:
            return
        if embedding is None:
            empty = np.zeros(0, dtype=np.float32)
            self.view.set_points(empty, empty)
            self.view.set_empty_text("This map is being computed")
            return
        x, y = (min(axis, len(names) - 1) for axis in shown.axes)
        points = embedding.coordinates
        self.view.set_points(points[:, x], points[:, y], (names[x], names[y]))

    def follow(self, leader: ScatterView) -> None:
        """Colours, selection, order, sizes and star as the scatter has them."""
        if len(self.view.points) != len(leader.points) or not len(leader.points):
            return
        self.view.set_density(leader.is_density)
        self.view.set_colours(leader.points.codes, leader.colours)
        self.view.set_states(leader.points.state)
        self.view.set_order(leader.points.order)
        self.view.set_reference(leader.reference)
        self.view.set_star(leader.star)
        self.view.set_marker_size(leader.marker)

    def _clicked(self, index: int, mode: str) -> None:
        if index >= 0 and self._labels is not None:
            self.gesture_made.emit(Clusters((int(self._labels[index]),)), mode)
        elif index < 0 and mode == "replace":
            self.cleared.emit()

    def _lassoed(self, vertices: list[tuple[float, float]], mode: str) -> None:
        if self._own:
            self.gesture_made.emit(Polygon(tuple(vertices), self.shown.axes), mode)
            return
        points = self.view.points
        self._emit(inside_polygon(points.x, points.y, np.asarray(vertices)), mode)

    def _boxed(self, low: tuple[float, float], high: tuple[float, float], mode: str) -> None:
        if self._own:
            self.gesture_made.emit(Rectangle(low, high, self.shown.axes), mode)
            return
        x, y = self.view.points.x, self.view.points.y
        self._emit((x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1]), mode)

    def _emit(self, mask: np.ndarray, mode: str) -> None:
        """Places on a map that is not the session's say nothing later: the sequences do."""
        gesture: Gesture = Rows(tuple(np.flatnonzero(mask).tolist()))
        self.gesture_made.emit(gesture, mode)


def embedding_axes(embedding: Embedding) -> list[str]:
    """Names of the axes."""
    return [embedding.axis_name(i) for i in range(embedding.coordinates.shape[1])]
