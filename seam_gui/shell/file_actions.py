"""What the entries of the File menu ask before they act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, QTimer

from seam_core.intervals import parse_interval
from seam_core.session import Session
from seam_core.validate import InputError
from seam_gui.dialogs import dialogs
from seam_gui.work.documents import demos
from seam_gui.work.jobs import Failure

if TYPE_CHECKING:
    from seam_core.pipeline import RunConfig
    from seam_core.recipes import Recipe
    from seam_gui.shell.main_window import MainWindow


class FileActions(QObject):
    """Asks for names, and about unsaved changes, then hands on to `Documents`."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._closing = False

    def new(self) -> None:
        """An empty session, at the Library."""
        self._after_saving(self._window.documents.new)

    def open_session(self) -> None:
        """Ask for a folder and open it."""
        folder = dialogs().open_folder(self._window, "Open a session")
        if folder is not None:
            self.open_path(folder)

    def open_path(self, folder: Path) -> None:
        """Open a session's folder, or that of a batch."""
        if (folder / "batch.json").is_file():
            self.show_batch(folder)
            return
        self._after_saving(lambda: self._window.documents.open(folder))

    def demo(self, name: str) -> None:
        """Open, or run, a demo."""
        try:
            self._after_saving(lambda: self._window.documents.open_demo(name))
        except InputError as error:
            self._window.show_error("The demo did not open", Failure(error, ""))

    def first_demo(self) -> None:
        """The demo that a new user should see."""
        names = demos()
        if names:
            self.demo(names[0])
        else:
            self._window.show_error(
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

        dialog = ImportDialog(self._window, self._window.documents, self._window.jobs)
        dialog.suggest(paths or [])
        dialog.accepted_files.connect(
            lambda files: self._after_saving(
                lambda: self._window.documents.import_files(
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
        elif paths:
            self.import_files(paths)

    def _name_left(self, paths: list[Path]) -> None:
        """What was dropped beside a folder is not opened: say so."""
        if paths:
            names = ", ".join(path.name for path in paths)
            self._window.state.status_message.emit(f"One folder is opened at a time; not: {names}")

    def use_recipe(self, path: Path) -> None:
        """Fill the forms from a recipe's file."""
        from seam_gui.windows.recipes.dialog import load_recipe
        from seam_gui.windows.recipes.form import use

        def opened(recipe: Recipe) -> None:
            self._window.settings.add_recipe(path)
            use(self._window.state, recipe)
            self._window.show_tab("Library")

        self._window.jobs.submit("recipes", "Recipe", lambda p: load_recipe(path), done=opened)

    def choose_recipe(self) -> None:
        """Offer the recipes; the one chosen fills all forms of a new analysis."""
        from seam_gui.windows.recipes.dialog import RecipeDialog
        from seam_gui.windows.recipes.form import use

        dialog = RecipeDialog(self._window, self._window.jobs)
        dialog.chosen.connect(lambda recipe: use(self._window.state, recipe))
        dialog.chosen.connect(lambda _: self._window.show_tab("Library"))
        dialog.open()

    def save_recipe(self) -> None:
        """Ask for a title and a file, and write how the session was made as a recipe."""
        from seam_gui.windows.recipes.save import write_recipe

        state = self._window.state
        suggested = state.session.name if not state.session.is_empty else "My analysis"
        title = dialogs().ask_text(self._window, "Save as recipe", "Title", suggested)
        if not title:
            return
        name = "".join(letter if letter.isalnum() else "_" for letter in title.lower())
        path = dialogs().save_file(
            self._window, "Save as recipe", f"{name}.toml", "Recipes (*.toml)"
        )
        if path is None:
            return
        session, config = state.session, state.config

        def saved(written: Path) -> None:
            self._window.settings.add_recipe(written)
            state.status_message.emit(f"Recipe written: {written}")

        self._window.jobs.submit(
            "export",
            "Saving the recipe",
            lambda progress: write_recipe(session, config, title, path),
            done=saved,
        )

    def save(self, done: Callable[[], None] = lambda: None) -> None:
        """Save where the session lies; ask where it never was saved."""
        folder = self._window.state.folder
        if folder is None:
            self.save_as(done)
        else:
            self._window.documents.save(folder, done=done)

    def save_as(self, done: Callable[[], None] = lambda: None) -> None:
        """Ask for a folder and save there."""
        session = self._window.state.session
        if session.is_empty:
            self._window.state.status_message.emit("There is nothing to save yet.")
            return
        folder = dialogs().save_file(self._window, "Save the session as a folder", session.name)
        if folder is not None:
            self._window.documents.save(folder, done=done)

    def report(self) -> None:
        """Ask for a file and write the report."""
        state = self._window.state
        if state.session.explanation is None:
            state.status_message.emit("A report needs clusters and their summary; run them first.")
            return
        path = dialogs().save_file(
            self._window, "Report", f"{state.session.name}.html", "HTML (*.html)"
        )
        if path is not None:
            self._window.exports.report(path)

    def locus(self) -> None:
        """Ask where the sequences lie in the genome; nothing: not known."""
        state = self._window.state
        session = state.session
        if session.is_empty:
            state.status_message.emit("Open a session first.")
            return
        known = "" if session.locus is None else str(session.locus)
        text = dialogs().ask_text(
            self._window, "Locus", "Where the sequence lies, as chr2R:5876534-5876782", known
        )
        if text is None:
            return
        try:
            placed = replace(session, locus=parse_interval(text) if text.strip() else None)
            placed.check()
        except InputError as error:
            self._window.show_error("The locus was not set", Failure(error, ""))
            return
        state.change("Set the locus", session=placed)

    def open_batch(self) -> None:
        """Ask for the folder of a batch and show its results."""
        folder = dialogs().open_folder(self._window, "Open batch results")
        if folder is not None:
            self.show_batch(folder)

    def show_batch(self, folder: Path) -> None:
        """The results of a batch, finished or not, in a window of their own."""
        from seam_gui.windows.loci.window import LociWindow

        folder = Path(folder).absolute()
        for window in self._window.findChildren(LociWindow):
            if window.folder == folder:
                window.raise_()
                return
        window = LociWindow(self._window, folder)
        window.show()
        self._window.settings.add_recent(folder)

    def new_batch(self) -> None:
        """Ask for loci and a folder, and run the settings of the tabs at every locus."""
        from seam_gui.windows.loci.dialog import BatchDialog

        dialog = BatchDialog(self._window)
        dialog.started.connect(self._window.batches.start)
        # the process and the window each take their time; the event loop answers in between
        dialog.started.connect(lambda request: self._soon(lambda: self.show_batch(request.out)))
        dialog.open()

    @staticmethod
    def _soon(action: Callable[[], None]) -> None:
        QTimer.singleShot(0, action)

    def new_from(self, config: RunConfig, recipe: Recipe | None = None) -> None:
        """An empty session whose forms are filled, at the Library."""

        def fill() -> None:
            self._window.documents.new()
            self._window.state.set_config(config)
            self._window.state.set_recipe(recipe)
            self._window.show_tab("Library")

        self._after_saving(fill)

    def compare(self) -> None:
        """Ask for another session and show it beside the one that is open."""
        state = self._window.state
        if state.session.explanation is None:
            state.status_message.emit("A comparison needs clusters; open or run an analysis first.")
            return
        folder = dialogs().open_folder(self._window, "Compare with a session")
        if folder is not None:
            self._compared([folder], state.session_to_save())

    def open_several(self, folders: list[Path]) -> None:
        """Sessions of one recipe: the first one here, all of them side by side."""
        self.open_path(folders[0])
        self._compared(folders)

    def _compared(self, folders: list[Path], current: Session | None = None) -> None:
        from seam_gui.windows.comparison.window import ComparisonWindow

        window = ComparisonWindow(self._window)
        window.show()
        window.add(folders, current)

    def may_close(self) -> bool:
        """False when the window must stay open, for now or at all."""
        state = self._window.state
        if not self._closing and not (self._may_stop_batches() and self._may_stop_run()):
            return False
        if self._closing or not state.dirty or state.session.is_empty:
            return True
        answer = dialogs().unsaved(self._window, state.session.name)
        if answer == "save":
            self.save(done=self.leave)
        if answer == "discard":
            self._closing = True
        return answer == "discard"

    def _may_stop_batches(self) -> bool:
        return not self._window.batches.running or dialogs().confirm(
            self._window,
            "A batch is running",
            "Closing stops it. What is finished stays, and the same batch goes on from there.",
            "Stop it and close",
        )

    def _may_stop_run(self) -> bool:
        runs = any(job.key == "run" for job in self._window.jobs.visible_jobs)
        return not runs or dialogs().confirm(
            self._window,
            "An analysis is running",
            "Closing stops it, and what it has made so far is lost.",
            "Stop it and close",
        )

    def leave(self) -> None:
        """Close without asking."""
        self._closing = True
        self._window.close()

    def _after_saving(self, action: Callable[[], None]) -> None:
        """Do something that replaces the session, after asking about unsaved changes."""
        state = self._window.state
        if not state.dirty or state.session.is_empty:
            action()
            return
        answer = dialogs().unsaved(self._window, state.session.name)
        if answer == "save":
            self.save(done=action)
        elif answer == "discard":
            action()
