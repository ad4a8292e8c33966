"""What the entries of the File menu ask before they act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, QTimer
from PyQt5.QtWidgets import QWidget

from seam_core.intervals import parse_interval
from seam_core.readers.tracks import SUFFIXES
from seam_core.session import Session
from seam_core.validate import InputError
from seam_gui.dialogs import dialogs
from seam_gui.look.text import listed
from seam_gui.pictures.exports import Exports
from seam_gui.services import Services
from seam_gui.work.documents import demos
from seam_gui.work.jobs import Failure

if TYPE_CHECKING:
    from seam_core.pipeline import RunConfig
    from seam_core.recipes import Recipe


class FileActions(QObject):
    """Asks for names, and about unsaved changes, then hands on to `Documents`.

    hands_back : what is shown goes back to the program that opened it: closing loses nothing
    """

    hands_back = False

    def __init__(self, services: Services, exports: Exports, parent: QWidget) -> None:
        super().__init__(parent)
        self._services, self._exports, self._parent = services, exports, parent
        self._closing = False

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What the commands of the File menu do, by name."""
        return {
            "first_demo": self.first_demo,
            "new": self.new,
            "recipe": self.choose_recipe,
            "open": self.open_session,
            "import": self.import_files,
            "new_batch": self.new_batch,
            "open_batch": self.open_batch,
            "save": self.save,
            "save_as": self.save_as,
            "save_recipe": self.save_recipe,
            "compare": self.compare,
            "design": self.design,
            "open_variants": self.open_variants,
            "report": self.report,
            "locus": self.locus,
            "quit": self._parent.close,
        }

    def new(self) -> None:
        """An empty session, at the Library."""
        self._after_saving(self._services.documents.new)

    def open_session(self) -> None:
        """Ask for a folder and open it."""
        folder = dialogs().open_folder(self._parent, "Open a session")
        if folder is not None:
            self.open_path(folder)

    def open_path(self, folder: Path, *, ask: bool = True) -> None:
        """Open a session's folder, or that of a batch; of a session its manifest, too.

        ask : False where nobody answers: one that another process writes is opened read-only
        """
        from seam_core.session_files import MANIFEST

        if folder.name == MANIFEST:
            folder = folder.absolute().parent
        if (folder / "batch.json").is_file():
            self.show_batch(folder)
            return
        self._after_saving(lambda: self._open_or_ask(folder, ask))

    def _open_or_ask(self, folder: Path, ask: bool) -> None:
        """Open a session; where another process writes it, read-only."""
        from seam_core.store import Busy

        try:
            self._services.documents.open(folder)
        except Busy as busy:
            by = busy.holder or "another process"
            text = f"It is in use by {by}. Save as… writes what you change under another name."
            if not ask or dialogs().confirm(
                self._parent, "Open it read-only?", text, "Open read-only"
            ):
                self._services.documents.open(folder, as_copy=True)

    def demo(self, name: str) -> None:
        """Open, or run, a demo."""
        try:
            self._after_saving(lambda: self._services.documents.open_demo(name))
        except InputError as error:
            self._services.notify.error("The demo did not open", Failure(error, ""))

    def first_demo(self) -> None:
        """The demo that a new user should see."""
        names = demos()
        if names:
            self.demo(names[0])
        else:
            self._services.notify.error(
                "There is no demo",
                Failure(
                    InputError(
                        "demo", "no demo_data folder", "the one of the source, or SEAM_DEMO_DATA"
                    ),
                    "",
                ),
            )

    def import_files(self, paths: list[Path] | None = None) -> None:
        """Show the dialog that takes files made elsewhere."""
        from seam_gui.windows.import_dialog import ImportDialog

        dialog = ImportDialog(self._services, self._parent)
        dialog.suggest(paths or [])
        dialog.accepted_files.connect(
            lambda files: self._after_saving(
                lambda: self._services.documents.import_files(
                    files, done=dialog.accept, failed=dialog.complain
                )
            )
        )
        dialog.open()

    def open_dropped(self, paths: list[Path]) -> None:
        """Folders of sessions and batches, and recipes, are opened; all else is to be imported."""
        folders = [path for path in paths if path.is_dir()]
        if folders:
            self.open_path(folders[0])
            self._name_left([path for path in paths if path != folders[0]])
        elif len(paths) == 1 and paths[0].name in ("manifest.json", "batch.json"):
            self.open_path(paths[0].parent)
        elif len(paths) == 1 and paths[0].suffix == ".toml":
            self.use_recipe(paths[0])
        elif paths and all(_is_track(path) for path in paths) and self._has_library():
            self._services.navigator.show_tracks(paths)
        elif paths:
            self.import_files(paths)

    def _has_library(self) -> bool:
        return self._services.state.session.library is not None

    def _name_left(self, paths: list[Path]) -> None:
        """What was dropped beside a folder is not opened: say so."""
        if paths:
            names = listed([path.name for path in paths])
            dialogs().message(self._parent, "One folder is opened at a time", f"Not:\n{names}")

    def use_recipe(self, path: Path) -> None:
        """Fill the forms from a recipe's file."""
        from seam_gui.windows.recipes.dialog import load_recipe
        from seam_gui.windows.recipes.form import use

        def opened(recipe: Recipe) -> None:
            self._services.settings.add_recipe(path)
            use(self._services.state, recipe)
            self._services.navigator.show_tab("Library")

        self._services.jobs.submit("recipes", "Recipe", lambda p: load_recipe(path), done=opened)

    def choose_recipe(self) -> None:
        """Offer the recipes; the one chosen fills all forms of a new analysis."""
        from seam_gui.windows.recipes.dialog import RecipeDialog
        from seam_gui.windows.recipes.form import use

        dialog = RecipeDialog(self._services, self._parent)
        dialog.chosen.connect(lambda recipe: use(self._services.state, recipe))
        dialog.chosen.connect(lambda _: self._services.navigator.show_tab("Library"))
        dialog.open()

    def save_recipe(self) -> None:
        """Ask for a title and a file, and write how the session was made as a recipe."""
        from seam_gui.windows.recipes.save import write_recipe

        state = self._services.state
        suggested = state.session.name if not state.session.is_empty else "My analysis"
        title = dialogs().ask_text(self._parent, "Save as recipe", "Title", suggested)
        if not title:
            return
        name = "".join(letter if letter.isalnum() else "_" for letter in title.lower())
        path = dialogs().save_file(
            self._parent, "Save as recipe", f"{name}.toml", "Recipes (*.toml)"
        )
        if path is None:
            return
        session, config = state.session, state.config

        def saved(written: Path) -> None:
            self._services.settings.add_recipe(written)
            state.status_message.emit(f"Recipe written: {written}")

        self._services.jobs.submit(
            "export",
            "Saving the recipe",
            lambda progress: write_recipe(session, config, title, path),
            done=saved,
        )

    def save(self, done: Callable[[], None] = lambda: None) -> None:
        """Save where the session lies; ask where it never was saved."""
        folder = self._services.state.folder
        if folder is None:
            self.save_as(done)
        elif self._may_replace(folder):
            self._services.documents.save(folder, done=done)

    def _may_replace(self, folder: Path) -> bool:
        """What another program wrote there since is the user's, too."""
        return not self._services.documents.watch.changed() or dialogs().confirm(
            self._parent,
            "Replace what another program wrote?",
            f"{folder} was changed or removed since it was opened here. Save as… keeps both.",
            "Replace",
        )

    def save_as(self, done: Callable[[], None] = lambda: None) -> None:
        """Ask for a folder and save there."""
        session = self._services.state.session
        folder = dialogs().save_file(self._parent, "Save the session as a folder", session.name)
        if folder is not None:
            self._services.documents.save(folder, done=done)

    def report(self) -> None:
        """Ask for a file and write the report."""
        state = self._services.state
        path = dialogs().save_file(
            self._parent, "Report", f"{state.session.name}.html", "HTML (*.html)"
        )
        if path is not None:
            self._exports.report(path)

    def locus(self) -> None:
        """Ask where the sequences lie in the genome; nothing: not known."""
        state = self._services.state
        session = state.session
        known = "" if session.locus is None else str(session.locus)
        text = dialogs().ask_text(
            self._parent, "Locus", "Where the sequence lies, as chr2R:5876534-5876782", known
        )
        if text is None:
            return
        try:
            placed = replace(session, locus=parse_interval(text) if text.strip() else None)
            placed.check()
        except InputError as error:
            self._services.notify.error("The locus was not set", Failure(error, ""))
            return
        state.change("Set the locus", session=placed)

    def open_batch(self) -> None:
        """Ask for the folder of a batch and show its results."""
        folder = dialogs().open_folder(self._parent, "Open batch results")
        if folder is not None:
            self.show_batch(folder)

    def show_batch(self, folder: Path) -> None:
        """The results of a batch, finished or not, in a window of their own."""
        from seam_gui.windows.loci.window import LociWindow

        folder = Path(folder).absolute()
        for window in self._parent.findChildren(LociWindow):
            if window.folder == folder:
                window.raise_()
                return
        window = LociWindow(self._services, folder, self._parent)
        window.show()
        self._services.settings.add_recent(folder)

    def new_batch(self) -> None:
        """Ask for loci and a folder, and run the settings of the tabs at every locus."""
        from seam_gui.windows.loci.dialog import BatchDialog

        dialog = BatchDialog(self._services, self._parent)
        dialog.started.connect(self._services.batches.start)
        # the process and the window each take their time; the event loop answers in between
        dialog.started.connect(lambda request: self._soon(lambda: self.show_batch(request.out)))
        dialog.open()

    @staticmethod
    def _soon(action: Callable[[], None]) -> None:
        QTimer.singleShot(0, action)

    def new_from(self, config: RunConfig, recipe: Recipe | None = None) -> None:
        """An empty session whose forms are filled, at the Library."""

        def fill() -> None:
            self._services.documents.new()
            self._services.state.set_config(config)
            self._services.state.set_recipe(recipe)
            self._services.navigator.show_tab("Library")

        self._after_saving(fill)

    def design(self) -> None:
        """Design sequences of a mechanism of the session that is open."""
        from seam_gui.windows.design.window import DesignWindow

        DesignWindow(self._services, self._parent).show()

    def open_variants(self) -> None:
        """What variants do at the locus of the session that is open."""
        from seam_gui.windows.variants.window import VariantsWindow

        VariantsWindow(self._services, self._parent).show()

    def compare(self) -> None:
        """Ask for another session and show it beside the one that is open."""
        state = self._services.state
        folder = dialogs().open_folder(self._parent, "Compare with a session")
        if folder is not None:
            self._compared([folder], state.session_to_save())

    def open_several(self, folders: list[Path]) -> None:
        """Sessions of one recipe: the first one here, all of them side by side."""
        self.open_path(folders[0])
        self._compared(folders)

    def _compared(self, folders: list[Path], current: Session | None = None) -> None:
        from seam_gui.windows.comparison.window import ComparisonWindow

        window = ComparisonWindow(self._services, self._parent)
        window.show()
        window.add(folders, current)

    def may_close(self) -> bool:
        """False when the window must stay open, for now or at all."""
        state = self._services.state
        if not self._closing and not (self._may_stop_batches() and self._may_stop_run()):
            return False
        if self._closing or self.hands_back or not state.dirty or state.session.is_empty:
            return True
        answer = dialogs().unsaved(self._parent, state.session.name)
        if answer == "save":
            self.save(done=self.leave)
        if answer == "discard":
            self._closing = True
        return answer == "discard"

    def _may_stop_batches(self) -> bool:
        return not self._services.batches.running or dialogs().confirm(
            self._parent,
            "A batch is running",
            "Closing stops it. What is finished stays, and the same batch goes on from there.",
            "Stop it and close",
        )

    def _may_stop_run(self) -> bool:
        runs = any(job.key == "run" for job in self._services.jobs.visible_jobs)
        return not runs or dialogs().confirm(
            self._parent,
            "An analysis is running",
            "Closing stops it, and what it has made so far is lost.",
            "Stop it and close",
        )

    def leave(self) -> None:
        """Close without asking."""
        self._closing = True
        self._parent.close()

    def _after_saving(self, action: Callable[[], None]) -> None:
        """Do something that replaces the session, after asking about unsaved changes."""
        state = self._services.state
        if not state.dirty or state.session.is_empty:
            action()
            return
        answer = dialogs().unsaved(self._parent, state.session.name)
        if answer == "save":
            self.save(done=action)
        elif answer == "discard":
            action()


def _is_track(path: Path) -> bool:
    endings = [suffix.lower() for suffix in path.suffixes if suffix.lower() not in (".gz", ".bgz")]
    return bool(endings) and endings[-1] in SUFFIXES
