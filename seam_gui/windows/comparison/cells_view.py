"""Clusters of one session against those of another, as a heat map."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QFontMetrics, QImage, QMouseEvent, QPainter, QPen
from PyQt5.QtWidgets import QToolTip, QWidget

from seam_core.comparison import Correspondence
from seam_gui.look.text import plain
from seam_gui.look.theme import theme
from seam_gui.views.painting import painted
from seam_gui.views.scatter_parts import number

QUANTITIES = {
    "jaccard": "Jaccard index",
    "shared": "Shared sequences",
    "likeness": "Likeness of mean maps",
}
_LIMITS = {"jaccard": (0.0, 1.0), "likeness": (-1.0, 1.0)}
_LEAST = 3.0  # pixels of a cell below which matched pairs are not outlined


class CellsView(QWidget):
    """Matched pairs stand on the diagonal, outlined.

    cell_clicked : cluster of the left session, cluster of the right one
    """

    cell_clicked = pyqtSignal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("comparison_cells")
        self.setMouseTracking(True)
        self.setMinimumSize(240, 200)
        self._shown: Correspondence | None = None
        self._names = ("", "")
        self._quantity = "jaccard"
        self._chosen: tuple[int, int] | None = None
        self._rows = self._columns = np.zeros(0, dtype=np.int64)
        self._image: QImage | None = None
        theme().changed.connect(self._recolour)

    def set_correspondence(
        self, correspondence: Correspondence | None, names: tuple[str, str]
    ) -> None:
        """Show which clusters of `names[0]` (rows) are which of `names[1]` (columns)."""
        self._shown, self._names, self._chosen = correspondence, names, None
        if correspondence is not None:
            self._rows, self._columns = correspondence.arranged()
        self._recolour()

    def set_quantity(self, quantity: str) -> None:
        """One of `QUANTITIES`."""
        self._quantity = quantity
        self._recolour()

    def set_chosen(self, left: int, right: int) -> None:
        """The pair whose cell is marked."""
        self._chosen = (left, right)
        self.update()

    @property
    def values(self) -> np.ndarray:
        """(K, M) of the quantity shown, in the order shown."""
        if self._shown is None:
            return np.zeros((0, 0))
        shown = getattr(self._shown, self._quantity)
        if shown is None:
            shown = np.full(self._shown.likeness.shape, np.nan)
        return np.asarray(shown, dtype=np.float64)[self._rows][:, self._columns]

    def limits(self) -> tuple[float, float]:
        """Values at the ends of the colour scale."""
        values = self.values
        most = float(np.nanmax(values)) if np.isfinite(values).any() else 1.0
        return _LIMITS.get(self._quantity, (0.0, max(most, 1.0)))

    def scale(self) -> np.ndarray:
        """(256, 3) uint8 colours of the values."""
        return theme().diverging() if self.limits()[0] < 0 else theme().sequential()

    def cell_text(self, row: int, column: int) -> str:
        """What a cell holds, in the order shown."""
        shown = self._shown
        if shown is None:
            return ""
        k, m = int(self._rows[row]), int(self._columns[column])
        lines = [
            f"{self._names[0]}: cluster {shown.left_ids[k]}",
            f"{self._names[1]}: cluster {shown.right_ids[m]}",
        ]
        if shown.shared is not None and shown.jaccard is not None:
            lines.append(
                f"{shown.shared[k, m]:,} sequences in both, Jaccard {number(shown.jaccard[k, m])}"
            )
        lines.append(f"likeness of mean maps {number(float(shown.likeness[k, m]))}")
        return "\n".join(lines)

    def _recolour(self) -> None:
        self._image = None
        values = self.values
        if values.size:
            low, high = self.limits()
            scale = self.scale()
            level = np.nan_to_num((values - low) / (high - low) * 255)
            rows, columns = values.shape
            wide = np.full((rows, columns, 4), 255, dtype=np.uint8)
            wide[..., :3] = scale[np.clip(level, 0, 255).astype(np.uint8)][..., ::-1]
            wide[np.isnan(values)] = 128
            self._image = QImage(
                wide.tobytes(), columns, rows, 4 * columns, QImage.Format_RGB32
            ).copy()
        self.update()

    # geometry

    def area(self) -> QRectF:
        """Where the cells are."""
        metrics = QFontMetrics(self.font())
        left = metrics.horizontalAdvance("8888") + metrics.height() + 16
        below = 2 * metrics.height() + 14
        return QRectF(left, 8, max(1, self.width() - left - 12), max(1, self.height() - below - 8))

    def cell_at(self, point: QPointF) -> tuple[int, int] | None:
        """Row and column, as shown, at a point of the widget."""
        area = self.area()
        if self._image is None or not area.contains(point):
            return None
        rows, columns = len(self._rows), len(self._columns)
        return (
            min(int((point.y() - area.top()) / area.height() * rows), rows - 1),
            min(int((point.x() - area.left()) / area.width() * columns), columns - 1),
        )

    def centre_of(self, row: int, column: int) -> QPointF:
        """The middle of a cell, in the widget."""
        return self._cell(row, column).center()

    def _cell(self, row: int, column: int) -> QRectF:
        area = self.area()
        width, height = area.width() / len(self._columns), area.height() / len(self._rows)
        return QRectF(area.left() + column * width, area.top() + row * height, width, height)

    # drawing

    @painted
    def paintEvent(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), theme().color("background"))
        if self._image is None or self._shown is None:
            painter.setPen(theme().color("muted"))
            painter.drawText(
                self.rect(), Qt.AlignCenter | Qt.TextWordWrap, "Which clusters are the same"
            )
            return
        area = self.area()
        smooth = area.width() < len(self._columns) or area.height() < len(self._rows)
        painter.setRenderHint(QPainter.SmoothPixmapTransform, smooth)
        painter.drawImage(area, self._image)
        self._paint_pairs(painter, self._shown)
        self._paint_names(painter, self._shown)

    def _paint_pairs(self, painter: QPainter, shown: Correspondence) -> None:
        place = {int(shown.left_ids[k]): row for row, k in enumerate(self._rows)}
        across = {int(shown.right_ids[m]): column for column, m in enumerate(self._columns)}
        first = self._cell(0, 0)
        painter.setBrush(Qt.NoBrush)
        if min(first.width(), first.height()) >= _LEAST:
            dark = self.limits()[0] >= 0 or theme().palette.dark  # what most cells are
            painter.setPen(QPen(QColor("white" if dark else "black"), 1))
            for left, right in zip(shown.pairs["left"], shown.pairs["right"], strict=True):
                painter.drawRect(self._cell(place[int(left)], across[int(right)]))
        if self._chosen is not None:
            painter.setPen(QPen(theme().color("accent"), 2.5))
            cell = self._cell(place[self._chosen[0]], across[self._chosen[1]])
            painter.drawRect(cell.adjusted(-1, -1, 1, 1))

    def _paint_names(self, painter: QPainter, shown: Correspondence) -> None:
        area, metrics = self.area(), QFontMetrics(painter.font())
        line = metrics.height()
        painter.setPen(theme().color("muted"))
        tall, wide = area.height() / len(self._rows), area.width() / len(self._columns)
        for row in range(0, len(self._rows), max(1, int(np.ceil(line / tall)))):
            middle = area.top() + (row + 0.5) * tall
            box = QRectF(0, middle - line / 2, area.left() - 6, line)
            text = str(shown.left_ids[self._rows[row]])
            painter.drawText(box, int(Qt.AlignRight | Qt.AlignVCenter), text)
        room = metrics.horizontalAdvance("8888") + 4
        for column in range(0, len(self._columns), max(1, int(np.ceil(room / wide)))):
            middle = area.left() + (column + 0.5) * wide
            box = QRectF(middle - room, area.bottom() + 4, 2 * room, line)
            text = str(shown.right_ids[self._columns[column]])
            painter.drawText(box, int(Qt.AlignHCenter | Qt.AlignTop), text)
        painter.setPen(theme().color("text"))
        below = QRectF(area.left(), area.bottom() + line + 6, area.width(), line)
        name = metrics.elidedText(self._names[1], Qt.ElideMiddle, int(area.width()))
        painter.drawText(below, Qt.AlignHCenter, name)
        painter.save()
        painter.translate(line, area.center().y())
        painter.rotate(-90)
        name = metrics.elidedText(self._names[0], Qt.ElideMiddle, int(area.height()))
        painter.drawText(QPointF(-metrics.horizontalAdvance(name) / 2, 0), name)
        painter.restore()

    # mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(QPointF(event.pos()))
        text = "" if cell is None else self.cell_text(*cell)
        self.setToolTip(plain(text))
        QToolTip.showText(event.globalPos(), text, self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        cell, shown = self.cell_at(QPointF(event.pos())), self._shown
        if cell is not None and shown is not None and event.button() == Qt.LeftButton:
            left = int(shown.left_ids[self._rows[cell[0]]])
            right = int(shown.right_ids[self._columns[cell[1]]])
            self.set_chosen(left, right)
            self.cell_clicked.emit(left, right)

    def sizeHint(self) -> QSize:
        return QSize(440, 360)
