"""The top of a tree with a cut that can be dragged, and branches that can be chosen."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import QLineF, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen, QWheelEvent
from PyQt5.QtWidgets import QWidget

from seam_core.tree_drawing import MOST_LEAVES, height_ticks, leg_of, rise
from seam_gui.look.text import counted, show_tip
from seam_gui.look.theme import theme
from seam_gui.views.axes import Axes
from seam_gui.views.canvas import Canvas
from seam_gui.views.gestures import mode_of
from seam_gui.views.position_view import PixelItem
from seam_gui.views.scatter_parts import number
from seam_gui.views.tree_layout import TreeTop, tree_top
from seam_gui.views.view_history import ViewHistory

_LEFT, _RIGHT, _TOP, _BOTTOM = 66, 12, 8, 10
_NEAR = 6  # pixels


class DendrogramView(Canvas):
    """Links below the cut take the colours of their clusters.

    cut_moved : height, while the line is dragged
    cut_released : height, when it is let go
    branch_clicked : node of the linkage (leaves 0..N-1, merge i is N + i), mode
    """

    cut_moved = pyqtSignal(float)
    cut_released = pyqtSignal(float)
    branch_clicked = pyqtSignal(int, str)

    def __init__(self, name: str = "dendrogram_view", parent: QWidget | None = None) -> None:
        super().__init__(Axes(), parent)
        self.setObjectName(name)
        self.setMinimumHeight(90)
        self._tree: TreeTop | None = None
        self._merge_heights = np.zeros(0)
        self._cut: float | None = None
        self._dragging = False
        self._colours: dict[int, tuple[int, int, int]] = {}
        self._words = ("cluster", "")
        self._low, self._high = 0.0, 1.0  # share of the leaves shown
        self._panning: float | None = None
        self._empty = "A hierarchical clustering draws its tree here"
        self.box.disableAutoRange()
        self.box.setYRange(0, 1, padding=0)
        self.plot.layout.setContentsMargins(0, _TOP, _RIGHT, _BOTTOM)
        self.plot.showAxis("bottom", False)
        self.plot.addItem(PixelItem(self._paint_tree))
        self.history = ViewHistory(lambda: (self._low, self._high), self)
        self.history.asked.connect(lambda shown: self._show(shown[0], shown[1] - shown[0]))
        theme().changed.connect(self.dress)
        self.dress()
        self._number_heights()

    # what is drawn

    def set_linkage(self, matrix: np.ndarray | None, group: str = "cluster") -> None:
        """Another tree in SciPy's format, or none; `groups` is what a cut gives."""
        self._tree = None
        self._merge_heights = np.zeros(0)
        if matrix is not None and len(matrix):
            self._tree = tree_top(np.asarray(matrix), MOST_LEAVES)
            self._merge_heights = np.sort(np.asarray(matrix[:, 2], dtype=np.float64))
        self._cut = None
        self._words = (group, "")
        self._number_heights()
        self._show(0.0, 1.0)
        self.history.restart()

    def set_cut(self, height: float | None) -> None:
        """Where the line is."""
        self._cut = height
        self.redraw()

    def set_branch_colours(self, colours: dict[int, tuple[int, int, int]]) -> None:
        """Colour of everything below a node, by the node's id; what is above stays grey."""
        self._colours = colours
        self.redraw()

    def set_empty_text(self, text: str) -> None:
        """What stands here without a tree."""
        self._empty = text
        self.redraw()

    @property
    def leaves(self) -> np.ndarray:
        """(m,) nodes at the bottom of the picture, from left to right."""
        return np.zeros(0, dtype=np.int64) if self._tree is None else self._tree.leaves

    @property
    def merges(self) -> list[tuple[int, int, int, float]]:
        """Every merge drawn: its node, its two children, its height; children before parents."""
        tree = self._tree
        if tree is None:
            return []
        parts = (tree.nodes, tree.child_left, tree.child_right, tree.heights)
        return list(zip(*(part.tolist() for part in parts), strict=True))

    @property
    def branch_colours(self) -> dict[int, tuple[int, int, int]]:
        """Colour of the nodes that have one."""
        return self._colours

    @property
    def cut(self) -> float | None:
        """Height of the line."""
        return self._cut

    def groups_at(self, height: float) -> int:
        """How many clusters a cut gives."""
        return int(np.count_nonzero(self._merge_heights > height)) + 1

    # geometry

    def _area(self) -> QRectF:
        return self.box_rect()

    def _number_heights(self) -> None:
        """Some heights beside the tree, where there is one."""
        axis, metrics = self.plot.getAxis("left"), QFontMetrics(self.font())
        heights = [] if self._tree is None else height_ticks(self._top_height() / 1.05)
        axis.setTicks([[(float(self._rise(np.asarray(h))), number(h)) for h in heights]])
        widest = max((metrics.horizontalAdvance(number(h)) for h in heights), default=0)
        axis.setWidth(max(_LEFT, widest + 12))

    def _top_height(self) -> float:
        return (0.0 if self._tree is None else float(self._tree.heights.max()) * 1.05) or 1.0

    def y_of(self, height: float) -> float:
        """Pixel of a height."""
        return float(self._ys(np.asarray(height)))

    def _ys(self, heights: np.ndarray) -> np.ndarray:
        """Pixels of heights."""
        area = self._area()
        return np.asarray(area.bottom() - self._rise(heights) * area.height())

    def _rise(self, height: np.ndarray) -> np.ndarray:
        """Share of the picture's height, 0..1."""
        return np.asarray(rise(height, self._top_height()))

    def _height_at(self, y: float) -> float:
        area = self._area()
        return min(max((area.bottom() - y) / area.height(), 0.0), 1.0) ** 2 * self._top_height()

    def _x(self, tree: TreeTop, place: np.ndarray) -> np.ndarray:
        area, m = self._area(), max(len(tree.leaves), 2)
        share = (place + 0.5) / m
        return area.left() + (share - self._low) / (self._high - self._low) * area.width()

    # drawing

    def _paint_tree(self, painter: QPainter) -> None:
        if self._tree is not None:
            self._paint_links(painter, self._tree)

    def paint_over(self, painter: QPainter) -> None:
        if self._tree is None:
            painter.setPen(theme().color("muted"))
            painter.drawText(self.rect(), Qt.AlignCenter | Qt.TextWordWrap, self._empty)
        else:
            self._paint_cut(painter)

    def _paint_links(self, painter: QPainter, tree: TreeTop) -> None:
        """All links of one colour in one call."""
        for colour, parts in self._link_parts(tree).items():
            x0, y0, x1, y1 = np.array(parts).T
            ends = (self._x(tree, x0), self._ys(y0), self._x(tree, x1), self._ys(y1))
            lines = zip(*(end.tolist() for end in ends), strict=True)
            painter.setPen(QPen(QColor(*colour), 1.2))
            painter.drawLines([QLineF(*line) for line in lines])

    def _link_parts(
        self, tree: TreeTop
    ) -> dict[tuple[int, int, int], list[tuple[float, float, float, float]]]:
        """Lines by colour: place among the leaves and height of one end, and of the other."""
        lines: dict[tuple[int, int, int], list[tuple[float, float, float, float]]] = {}
        colour_of = self._link_colours(tree)
        grey = theme().color("muted").getRgb()[:3]
        columns = (tree.nodes, tree.heights, tree.child_left, tree.left, tree.left_height)
        right = (tree.child_right, tree.right, tree.right_height)
        for node, height, *sides in zip(*(c.tolist() for c in (*columns, *right)), strict=True):
            own = colour_of.get(node)
            bar = (sides[1], height, sides[4], height)
            lines.setdefault(own or grey, []).append(bar)
            for child, x, end in (sides[:3], sides[3:]):
                for low, high, colour in leg_of(end, height, colour_of.get(child), own, self._cut):
                    lines.setdefault(colour or grey, []).append((x, low, x, high))
        return lines

    def _link_colours(self, tree: TreeTop) -> dict[int, tuple[int, int, int]]:
        """Every node at or below a coloured one, in its colour."""
        colours = dict(self._colours)
        for k in range(len(tree.nodes) - 1, -1, -1):
            colour = colours.get(int(tree.nodes[k]))
            if colour is not None:
                colours.setdefault(int(tree.child_left[k]), colour)
                colours.setdefault(int(tree.child_right[k]), colour)
        return colours

    def _paint_cut(self, painter: QPainter) -> None:
        if self._cut is None:
            return
        y, area = self.y_of(self._cut), self._area()
        painter.setPen(QPen(theme().color("accent"), 1.6, Qt.DashLine))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        groups = counted(self.groups_at(self._cut), self._words[0])
        text = f"{groups} at {number(self._cut)}"
        metrics = QFontMetrics(painter.font())
        width = metrics.horizontalAdvance(text) + 12
        above = y - metrics.height() - 4
        top = above if above > 0 else y + 4
        box = QRectF(area.right() - width, top, width, metrics.height() + 2)
        painter.setPen(Qt.NoPen)
        painter.setBrush(theme().color("accent"))
        painter.setRenderHint(QPainter.Antialiasing)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(theme().color("accent_text"))
        painter.drawText(box, Qt.AlignCenter, text)

    # mouse

    def node_at(self, position: QPointF) -> int:
        """The node whose link is at a point of the widget, -1 where there is none."""
        tree = self._tree
        if tree is None:
            return -1
        px, py = position.x(), position.y()
        x0, x1 = self._x(tree, tree.left), self._x(tree, tree.right)
        y = self._ys(tree.heights)
        bar = np.abs(y - py) + np.maximum(np.maximum(np.minimum(x0, x1) - px, 0), 0)
        bar += np.maximum(px - np.maximum(x0, x1), 0)
        best, node = float(bar.min()), int(tree.nodes[int(bar.argmin())])
        for x, height, child in (
            (x0, tree.left_height, tree.child_left),
            (x1, tree.right_height, tree.child_right),
        ):
            low = self._ys(height)
            leg = np.abs(x - px) + np.maximum(y - py, 0) + np.maximum(py - low, 0)
            if float(leg.min()) < best:
                best, node = float(leg.min()), int(child[int(leg.argmin())])
        return node if best <= _NEAR else -1

    def _on_cut(self, position: QPointF) -> bool:
        return self._cut is not None and abs(position.y() - self.y_of(self._cut)) <= _NEAR

    def _is_ours(self, event: QMouseEvent | QWheelEvent) -> bool:
        return True

    def press(self, event: QMouseEvent) -> None:
        position = QPointF(event.pos())
        if self._tree is None:
            return
        if event.button() != Qt.LeftButton:
            self._panning = position.x()
        elif self._on_cut(position):
            self._dragging = True
        else:
            node = self.node_at(position)
            if node >= 0:
                self.branch_clicked.emit(node, mode_of(event.modifiers()))

    def move(self, event: QMouseEvent) -> None:
        position = QPointF(event.pos())
        if self._tree is None:
            return
        if self._dragging:
            self._cut = self._height_at(position.y())
            self.redraw()
            self.cut_moved.emit(self._cut)
        elif self._panning is not None:
            moved = (self._panning - position.x()) / self._area().width()
            self._panning = position.x()
            self._show(self._low + moved * (self._high - self._low), self._high - self._low)
        else:
            on_cut, node = self._on_cut(position), self.node_at(position)
            self.viewport().setCursor(
                Qt.SplitVCursor
                if on_cut
                else Qt.PointingHandCursor
                if node >= 0
                else Qt.ArrowCursor
            )
            text = "Drag to cut elsewhere" if on_cut else self._node_text(node)
            show_tip(self, event.globalPos(), text)

    def _node_text(self, node: int) -> str:
        tree = self._tree
        if tree is None or node < 0:
            return ""
        (rows,) = np.nonzero(tree.nodes == node)
        if len(rows) == 0:
            return f"branch {node}: click to select its members"
        height = number(float(tree.heights[rows[0]]))
        return f"branch {node}, merged at {height}: click to select its members"

    def release(self, event: QMouseEvent) -> None:
        self._panning = None
        if self._dragging:
            self._dragging = False
            self.cut_released.emit(self._cut)

    def double_click(self, event: QMouseEvent) -> None:
        if self._tree is not None:
            self._show(0.0, 1.0)

    def wheel(self, event: QWheelEvent) -> None:
        if self._tree is None:
            return
        factor = 1.25 ** (event.angleDelta().y() / 120.0)
        area = self._area()
        span = self._high - self._low
        at = self._low + (event.pos().x() - area.left()) / area.width() * span
        new = min(max(span / factor, 0.005), 1.0)
        self._show(at - (at - self._low) / span * new, new)
        event.accept()

    def _show(self, low: float, span: float) -> None:
        self._low = min(max(low, 0.0), 1.0 - span)
        self._high = self._low + span
        self.box.setXRange(self._low, self._high, padding=0)
        self.history.moved()
        self.redraw()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key_Home:
            self._show(0.0, 1.0)
        elif not self.history_key(event):
            event.ignore()

    def dress(self) -> None:
        super().dress()
        self.redraw()

    def sizeHint(self) -> QSize:
        return QSize(640, 180)
