"""Pictures of a tab as files, and the current one as lines of Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PyQt5.QtCore import QObject
from PyQt5.QtGui import QImage
from PyQt5.QtWidgets import QApplication, QWidget

from seam_core.progress import Progress
from seam_gui.dialogs import dialogs
from seam_gui.pictures.figure_call import FigureCall
from seam_gui.pictures.figure_dialog import PREVIEW, FigureChoice, FigureDialog, Preview
from seam_gui.state.app_state import AppState
from seam_gui.work.errors import explained
from seam_gui.work.jobs import JobRunner

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Drawing(Protocol):
    """A figure that can be drawn."""

    @property
    def title(self) -> str: ...

    @property
    def make(self) -> Callable[[], Figure]: ...


class PictureExports(QObject):
    """Asks where to, then draws in a worker thread; subclasses say what can be drawn."""

    def __init__(
        self, state: AppState, jobs: JobRunner, parent: QWidget, focus: dict[str, str], first: str
    ) -> None:
        """
        parent : of the dialogs
        focus : objectName of a widget -> the picture meant once it has had the keyboard
        first : the picture meant before
        """
        super().__init__(parent)
        self._state, self._jobs, self._parent = state, jobs, parent
        self._focus, self._current = focus, first
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._note_focus)

    def drawings(self) -> Mapping[str, Drawing]:
        """What can be drawn now, by name; in the order of a menu."""
        raise NotImplementedError

    def _note_focus(self, _old: object, new: object) -> None:
        name = getattr(new, "objectName", str)()
        self._current = self._focus.get(name, self._current)

    def current(self) -> Drawing | None:
        """The figure that was used last, or another that can be drawn."""
        drawings = self.drawings()
        return drawings.get(self._current) or next(iter(drawings.values()), None)

    def copy_python(self) -> None:
        """The lines that draw the current figure, to the clipboard."""
        drawing, state = self.current(), self._state
        if not isinstance(drawing, FigureCall):
            state.status_message.emit("There is no figure to copy yet")
            return
        folder = str(state.folder) if state.folder is not None else "SESSION_FOLDER"
        QApplication.clipboard().setText(drawing.script(folder))
        hint = "" if state.folder is not None else "; save the session first to fill in its folder"
        state.status_message.emit(f"Copied: {drawing.title} as Python{hint}")

    def ask(self) -> None:
        """Which picture, how large, in which file."""
        drawings = self.drawings()
        if not drawings:
            self._state.status_message.emit("There is no picture to export yet")
            return
        titles = {name: drawing.title for name, drawing in drawings.items()}
        dialog = FigureDialog(titles, self._current, self._parent)
        dialog.chosen.connect(lambda choice: self._save(drawings[choice.name], choice))
        dialog.preview_wanted.connect(lambda choice: self._preview(dialog, drawings, choice))
        dialog.finished.connect(lambda _: self._jobs.cancel("picture_preview"))
        dialog.open()

    def _preview(
        self, dialog: FigureDialog, drawings: Mapping[str, Drawing], choice: FigureChoice
    ) -> None:
        """Draw what would be written, as large as the dialog has room for."""

        def work(progress: Progress) -> Preview:
            return preview_of(drawings[choice.name], choice)

        self._jobs.submit(
            "picture_preview",
            "Preview",
            work,
            done=dialog.show_preview,
            failed=lambda failure: dialog.show_problem(explained(failure)[0]),
            quiet=True,
        )

    def _save(self, drawing: Drawing, choice: FigureChoice) -> None:
        state = self._state
        name = f"{state.session.name}.{choice.name}.{choice.format}"
        path = dialogs().save_file(self._parent, drawing.title, name, f"*.{choice.format}")
        if path is None:
            return

        def work(progress: Progress) -> Path:
            from seam_core.figures import save_figure

            return save_figure(drawing.make(), path, size=choice.size, dpi=choice.dpi)

        self._jobs.submit(
            "export",
            f"Drawing {path.name}",
            work,
            done=lambda _: state.status_message.emit(f"Written: {path}"),
        )


def preview_of(drawing: Drawing, choice: FigureChoice) -> Preview:
    """The figure as it is written, with as few dots an inch as fit into the dialog."""
    from seam_core.figures.style import figure_png

    figure = drawing.make()
    width, height = choice.size or tuple(float(inches) for inches in figure.get_size_inches())
    dpi = min(PREVIEW[0] / width, PREVIEW[1] / height)
    image = QImage.fromData(figure_png(figure, size=choice.size, dpi=dpi), "PNG")
    return Preview(choice, image, (width, height))
