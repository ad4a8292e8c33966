"""A picture out of the window: dragged as an image, or copied."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PyQt5.QtCore import QEvent, QMimeData, QObject, Qt, QUrl
from PyQt5.QtGui import QDrag, QMouseEvent
from PyQt5.QtWidgets import QAbstractScrollArea, QApplication, QWidget

_KEYS = Qt.ControlModifier | Qt.AltModifier
_WIDTH = 240  # of the picture under the mouse while it is dragged


class PictureDrag(QObject):
    """Ctrl+Alt and a drag with the left button take a view out as a picture."""

    def __init__(self, folder: Callable[[], Path], parent: QObject) -> None:
        """`folder` is where the file lies that programs which take files are given."""
        super().__init__(parent)
        self._folder = folder
        self._views: dict[QObject, QWidget] = {}

    def watch(self, views: Iterable[QWidget]) -> None:
        """Views whose pictures can be taken."""
        for view in views:
            inside = view.viewport() if isinstance(view, QAbstractScrollArea) else None
            source = inside or view
            self._views[source] = view
            source.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.MouseButtonPress:
            view = self._views.get(watched)
            left = event.button() == Qt.LeftButton
            if view is not None and left and event.modifiers() & _KEYS == _KEYS:
                self.drag(view)
                return True
        return super().eventFilter(watched, event)

    def picture(self, view: QWidget) -> QMimeData:
        """The view as an image, and as a file."""
        pixmap = view.grab()
        data = QMimeData()
        data.setImageData(pixmap.toImage())
        path = self._folder() / f"{view.objectName() or 'picture'}.png"
        if pixmap.save(str(path)):
            data.setUrls([QUrl.fromLocalFile(str(path))])
        return data

    def drag(self, view: QWidget) -> None:
        """Begin to drag the view's picture."""
        drag = QDrag(view)
        drag.setMimeData(self.picture(view))
        drag.setPixmap(view.grab().scaledToWidth(_WIDTH, Qt.SmoothTransformation))
        drag.exec(Qt.CopyAction)

    def copy(self) -> str:
        """The picture that has the keyboard, else the first one, to the clipboard; its name."""
        focus = QApplication.focusWidget()
        views = list(self._views.values())
        focused = (
            next((v for v in views if focus is v or v.isAncestorOf(focus)), None) if focus else None
        )
        view = focused or next((v for v in views if v.isVisible()), None)
        if view is None:
            return ""
        QApplication.clipboard().setPixmap(view.grab())
        return view.accessibleName() or view.objectName().replace("_", " ")
